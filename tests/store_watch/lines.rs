//! What a watcher is told, as text.

use raftarium::store::*;

/// `#watch @revision what…`, each change in brackets.
pub fn line(answer: &WatchResponse) -> String {
    let mut line = format!("#{} @{}", answer.watch_id, answer.revision);
    let mut word = |word: String| line.push_str(&format!(" {word}"));
    if answer.created {
        word("created".into());
    }
    if answer.canceled {
        word("canceled".into());
    }
    if answer.compact_revision.0 != 0 {
        word(format!("compacted {}", answer.compact_revision));
    }
    if !answer.cancel_reason.is_empty() {
        word(format!("({})", answer.cancel_reason));
    }
    for event in &answer.events {
        word(change(event));
    }
    line + "\n"
}

fn change(event: &WatchEvent) -> String {
    let WatchEvent { event_type, kv, prev_kv } = event;
    let was = prev_kv.as_ref().map_or(String::new(), |kv| format!(" was {}", kv.value.text()));
    let at = kv.mod_revision;
    match event_type {
        EventType::Put => format!("[{at} {}={}{was}]", kv.key.text(), kv.value.text()),
        EventType::Delete => {
            assert_eq!((kv.version, kv.create_revision.0), (0, 0), "only key and mod_revision");
            format!("[{at} {} deleted{was}]", kv.key.text())
        }
    }
}
