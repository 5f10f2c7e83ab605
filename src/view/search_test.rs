//! A search from its first question to the run it opens.
//!
//! Architecture invariant: tests only.

use super::*;
use crate::engine::door;
use crate::view::{Dialog, Intent, Page};

fn progress(progress: Progress) -> Result<Update, String> {
    Ok(Update { seen: Some(Seen::Search(Box::new(progress))), ..Update::default() })
}

#[test]
fn one_search_at_a_time_and_late_answers_are_nobodys() {
    let (mut quest, config) = (Quest::default(), Config::default());
    quest.begin(&config, Sought::SplitVote);
    let (first, request) = quest.next_request().unwrap();
    assert_eq!(request, Request::Search(config.clone(), Sought::SplitVote));
    assert_eq!(quest.next_request(), None, "one question at a time");
    assert!(!quest.take(first, progress(Progress { seeds: 3, ..Progress::default() })));
    assert_eq!(quest.next_request(), Some((first, Request::SearchOn(SLICE_STEPS))));
    quest.end();
    assert!(quest.is_over() && !quest.is_over(), "its engine is let go, once");
    assert!(!quest.take(first, progress(Progress { seeds: 9, ..Progress::default() })));
    assert_eq!((quest.sought, quest.progress.seeds, quest.next_request()), (None, 0, None));
    quest.begin(&config, Sought::UnknownWrite);
    let (second, _) = quest.next_request().unwrap();
    quest.take(second, Err("no memory".into()));
    assert_eq!((quest.sought, quest.wrong.as_deref()), (None, Some("no memory")));
}

#[test]
fn what_is_nowhere_is_given_up() {
    let mut quest = Quest::default();
    quest.begin(&Config::default(), Sought::WatchCompacted);
    let (number, _) = quest.next_request().unwrap();
    quest.take(number, progress(Progress { seeds: 2000, gave_up: true, ..Progress::default() }));
    assert_eq!((quest.sought, quest.missed), (None, Some(Sought::WatchCompacted)));
}

// A door is a thread's own.
#[allow(clippy::disallowed_methods)]
/// Lets a page search, with a door of its own for each of its engines.
fn search(page: &mut Page) {
    let serve = |request: &Request| {
        let request = postcard::to_allocvec(request).unwrap();
        let answer = std::thread::spawn(move || door::serve(&request)).join().unwrap();
        postcard::from_bytes::<Update>(&answer).unwrap()
    };
    let (number, mut request) = page.next_search().unwrap();
    // Each thread has a door, and each is asked once: the whole search in one slice.
    let Request::Search(config, sought) = request else { panic!("{request:?}") };
    let mut whole = crate::engine::search::Search::new(config, sought).unwrap();
    let found = whole.slice(u64::MAX);
    page.take_search(number, progress(found));
    while let Some(next) = page.next_request() {
        request = next;
        let is_boot = matches!(request, Request::Boot(_));
        page.take(if is_boot { serve(&request) } else { Update::default() });
        if !is_boot {
            break;
        }
    }
}

#[test]
fn what_is_found_is_opened_where_the_reader_waits_and_offered_where_not() {
    let mut page = Page::fixture();
    page.on(Intent::Dialog(Some(Dialog::Search)));
    page.on(Intent::Search(Some(Sought::UnknownWrite)));
    search(&mut page);
    let (_, found) = page.quest.found.clone().unwrap();
    assert_eq!((page.dialog, page.player.config()), (None, &found.config), "it is opened");
    // The same again is another run; this time nobody waits for it.
    page.on(Intent::Search(Some(Sought::UnknownWrite)));
    search(&mut page);
    let (_, other) = page.quest.found.clone().unwrap();
    assert!(other.config.seed > found.config.seed);
    assert_eq!(page.player.config(), &found.config, "the run looked at is left alone");
    page.on(Intent::OpenFound);
    assert_eq!(page.player.config(), &other.config);
    page.on(Intent::Search(None));
    assert_eq!(page.quest.found, None);
}
