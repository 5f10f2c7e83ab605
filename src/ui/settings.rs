//! What the next cluster is made of.
//!
//! Architecture invariant: changes nothing until *Start over*.

use std::rc::Rc;
use std::time::Duration;

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::dialog::DialogFrame;
use super::encryption_file::EncryptionFile;
use crate::cluster::Timing;
use crate::engine::{Config, EncryptionView, MEMBERS_MAX};
use crate::kube::setup::{APISERVERS_MAX, MANAGERS_MAX, Media, PREFIX, SPAN_MIN_S, is_prefix};
use crate::kube::{Conduct, Encryption};
use crate::raft::MemberId;
use crate::view::Intent;
use crate::view::words::{cells, scene as words};

#[derive(Clone, PartialEq, Properties)]
pub struct SettingsProps {
    pub config: Config,
    pub file: Option<Rc<EncryptionView>>,
    pub act: Callback<Intent>,
}

const TIMINGS: [Timing; 3] = [Timing::Classroom, Timing::Etcd, Timing::ThreeRegions];
const ENCRYPTIONS: [Encryption; 5] = [
    Encryption::Aesgcm,
    Encryption::Aescbc,
    Encryption::Secretbox,
    Encryption::Kms,
    Encryption::Identity,
];

const PLANES: [Conduct; 3] = [Conduct::Watching, Conduct::Acting, Conduct::Impatient];

const NODES: [u16; 5] = [2, 10, 100, 1_000, 2_500];

/// The dialog.
#[component]
pub fn Settings(props: &SettingsProps) -> Html {
    let config = use_state(|| props.config.clone());
    let seed =
        changing(&config, |config, value| config.seed = value.parse().unwrap_or(config.seed));
    let onsubmit = {
        let (act, config) = (props.act.clone(), config.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            act.emit(Intent::Boot((*config).clone()));
        })
    };
    html! {
        <DialogFrame title={words::SETTINGS} class="settings" act={props.act.clone()}>
            <form {onsubmit}>
                { number(words::SEED, config.seed, seed) }
                <h3 class="settings-head">{ words::ETCD }</h3>
                { members(&config) }
                <h3 class="settings-head">{ words::CLIENTS_OF_APISERVERS }</h3>
                { control_plane(&config) }
                <h3 class="settings-head">{ words::CLIENTS_OF_ETCD }</h3>
                { apiservers(&config) }
                { flags(&config) }
                <EncryptionFile apiservers={props.config.apiserver.apiservers}
                    file={props.file.clone()} act={props.act.clone()} />
                <footer class="settings-foot">
                    <small>{ words::START_OVER_NOTE }</small>
                    <button class="button button-main" type="submit">{ words::START_OVER }</button>
                </footer>
            </form>
        </DialogFrame>
    }
}

/// What changes the config by a text that is typed or chosen.
fn changing(config: &UseStateHandle<Config>, change: fn(&mut Config, &str)) -> Rc<dyn Fn(&str)> {
    let config = config.clone();
    Rc::new(move |value: &str| {
        let mut next = (*config).clone();
        change(&mut next, value);
        config.set(next);
    })
}

/// What etcd's members are like.
fn members(config: &UseStateHandle<Config>) -> Html {
    let members = changing(config, |config, value| {
        config.members = value.parse().unwrap_or(config.members).clamp(1, MEMBERS_MAX);
    });
    let timing = changing(config, |config, value| {
        let found = TIMINGS.into_iter().find(|timing| timing.to_string() == value);
        config.timing = found.unwrap_or(config.timing);
    });
    let fsync = changing(config, |config, _| {
        config.loop_waits_for_fsync = !config.loop_waits_for_fsync;
    });
    let counts: Vec<String> = (1..=MEMBERS_MAX).map(|count| count.to_string()).collect();
    let timings = TIMINGS.map(|timing| timing.to_string()).to_vec();
    html! {
        <>
            { choice(words::MEMBERS, counts, config.members.to_string(), members) }
            { choice(words::TIMING, timings, config.timing.to_string(), timing) }
            <label class="settings-row">
                <span>{ words::FSYNC.0 }<small>{ words::FSYNC.1 }</small></span>
                <input type="checkbox" checked={config.loop_waits_for_fsync}
                    onchange={move |_: Event| fsync("")} />
            </label>
        </>
    }
}

/// Who else there is.
fn control_plane(config: &UseStateHandle<Config>) -> Html {
    let plane = changing(config, |config, value| {
        let found = PLANES.into_iter().find(|it| it.to_string() == value);
        config.plane = found.unwrap_or(config.plane);
    });
    let nodes = changing(config, |config, value| {
        config.nodes = value.parse().unwrap_or(config.nodes);
    });
    let several = changing(config, |config, value| {
        config.apiserver.managers = value.parse().unwrap_or(1).clamp(1, MANAGERS_MAX);
    });
    let planes = PLANES.map(|plane| plane.to_string()).to_vec();
    let node_counts = node_counts(config.nodes);
    let counts = (1..=MANAGERS_MAX).map(|count| count.to_string()).collect();
    html! {
        <>
            { choice(words::PLANE, planes, config.plane.to_string(), plane) }
            { choice(cells::CHOICE, node_counts, config.nodes.to_string(), nodes) }
            { choice(words::MANAGERS, counts, config.apiserver.managers.to_string(), several) }
        </>
    }
}

/// The usual numbers of nodes, and the one there is.
fn node_counts(now: u16) -> Vec<String> {
    let other = Some(now).filter(|now| !NODES.contains(now));
    NODES.into_iter().chain(other).map(|count| count.to_string()).collect()
}

const EVENTS_IN: [&str; 2] = ["the same", "their own"];

const MEDIA: [&str; 2] = ["protobuf", "JSON"];

/// Whole seconds, as a hand writes them; what was there before if it is none.
fn seconds(value: &str, before: Duration, least: u64) -> Duration {
    value.trim().parse().map_or(before, |asked: u64| Duration::from_secs(asked.max(least)))
}

/// Members by number, `1,2`; none: all.
fn endpoints(text: &str) -> Option<Vec<MemberId>> {
    let id = |word: &str| {
        let id = word.trim().parse().ok().filter(|id| (1..=u64::from(MEMBERS_MAX)).contains(id));
        id.map(MemberId)
    };
    match text {
        "" | words::ALL => Some(Vec::new()),
        text => text.split(',').map(id).collect(),
    }
}

/// How the apiservers are set up.
fn apiservers(config: &UseStateHandle<Config>) -> Html {
    let change = |change| changing(config, change);
    let count = change(|config, value| {
        config.apiserver.apiservers = value.parse().unwrap_or(1).clamp(1, APISERVERS_MAX);
    });
    let servers = change(|config, value| {
        config.apiserver.etcd_servers = endpoints(value).unwrap_or_default()
    });
    let prefix = change(|config, value| config.apiserver.etcd_prefix = value.into());
    let media = change(|config, value| {
        config.apiserver.media = if value == MEDIA[1] { Media::Json } else { Media::Protobuf };
    });
    let event_ttl = change(|config, value| {
        config.apiserver.event_ttl = seconds(value, config.apiserver.event_ttl, SPAN_MIN_S)
    });
    let own_events = change(|config, value| config.apiserver.own_events = value == EVENTS_IN[1]);
    let compaction = change(|config, value| {
        config.apiserver.compaction_interval = match value.trim() {
            "0" => Duration::ZERO,
            _ => seconds(value, config.apiserver.compaction_interval, SPAN_MIN_S),
        };
    });
    let counts = (1..=APISERVERS_MAX).map(|count| count.to_string()).collect();
    let encryption = change(|config, value| {
        let found = ENCRYPTIONS.into_iter().find(|it| it.to_string() == value);
        config.encryption = found.unwrap_or(config.encryption);
    });
    let ciphers = ENCRYPTIONS.map(|encryption| encryption.to_string()).to_vec();
    let setup = &config.apiserver;
    let (stored, is_json) = (MEDIA.map(str::to_string).to_vec(), setup.media == Media::Json);
    let ids: Vec<String> = setup.etcd_servers.iter().map(|id| id.0.to_string()).collect();
    let servers_now = if ids.is_empty() { words::ALL.to_string() } else { ids.join(",") };
    let stored_now = MEDIA[usize::from(is_json)].to_string();
    html! {
        <>
            { choice(words::APISERVERS, counts, setup.apiservers.to_string(), count) }
            { line(words::SERVERS, servers_now, (|it| endpoints(it).is_some(), words::SERVERS_ARE),
                servers) }
            { line(words::PREFIX, setup.etcd_prefix.clone(), (is_prefix, PREFIX), prefix) }
            { choice(words::MEDIA, stored, stored_now, media) }
            { number(words::EVENT_TTL, setup.event_ttl.as_secs(), event_ttl) }
            { choice(words::EVENTS_IN, EVENTS_IN.map(str::to_string).to_vec(),
                EVENTS_IN[usize::from(setup.own_events)].to_string(), own_events) }
            { number(words::COMPACTION, setup.compaction_interval.as_secs(), compaction) }
            { choice(words::ENCRYPTION, ciphers, config.encryption.to_string(), encryption) }
        </>
    }
}

/// What the apiservers of such a cluster are started with.
fn flags(config: &Config) -> Html {
    let members: Vec<MemberId> = (1..=u64::from(config.members)).map(MemberId).collect();
    let flags = config.apiserver.flags(&members);
    let lines: Vec<String> = flags.iter().map(|(flag, value)| format!("{flag}={value}")).collect();
    html! {
        <details class="settings-flags">
            <summary>{ words::FLAGS }</summary>
            <p>{ words::FLAGS_NOTE }</p>
            <pre>{ format!("kube-apiserver \\\n  {}", lines.join(" \\\n  ")) }</pre>
        </details>
    }
}

fn choice(
    (word, note): (&'static str, &'static str),
    choices: Vec<String>,
    chosen: String,
    change: Rc<dyn Fn(&str)>,
) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            change(&select.value());
        }
    });
    let option = |choice: &String| {
        html! { <option value={choice.clone()} selected={*choice == chosen}>{ choice }</option> }
    };
    html! {
        <label class="settings-row">
            <span>{ word }<small>{ note }</small></span>
            <select {onchange}>{ for choices.iter().map(option) }</select>
        </label>
    }
}

fn number(
    (word, note): (&'static str, &'static str),
    value: u64,
    change: Rc<dyn Fn(&str)>,
) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            change(&input.value());
        }
    });
    html! {
        <label class="settings-row">
            <span>{ word }<small>{ note }</small></span>
            <input type="number" min="0" step="1" value={value.to_string()} {onchange} />
        </label>
    }
}

/// A text that has to be as `wanted` says, or the form is not sent.
fn line(
    (word, note): (&'static str, &'static str),
    value: String,
    (fits, wanted): (fn(&str) -> bool, &'static str),
    change: Rc<dyn Fn(&str)>,
) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            let typed = input.value();
            input.set_custom_validity(if fits(typed.trim()) { "" } else { wanted });
            if input.report_validity() {
                change(typed.trim());
            }
        }
    });
    html! {
        <label class="settings-row">
            <span>{ word }<small>{ note }</small></span>
            <input type="text" spellcheck="false" autocomplete="off" {value} {onchange} />
        </label>
    }
}
