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
use crate::kube::setup::{
    APISERVERS_MAX, MANAGERS_MAX, Media, PREFIX, SPAN_MIN_S, Setup, is_prefix,
};
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
    let change = |change: fn(&mut Config, &str)| {
        let config = config.clone();
        Rc::new(move |value: &str| {
            let mut next = (*config).clone();
            change(&mut next, value);
            config.set(next);
        })
    };
    let members = change(|config, value| {
        config.members = value.parse().unwrap_or(config.members).clamp(1, MEMBERS_MAX);
    });
    let timing = change(|config, value| {
        let found = TIMINGS.into_iter().find(|timing| timing.to_string() == value);
        config.timing = found.unwrap_or(config.timing);
    });
    let encryption = change(|config, value| {
        let found = ENCRYPTIONS.into_iter().find(|it| it.to_string() == value);
        config.encryption = found.unwrap_or(config.encryption);
    });
    let seed = change(|config, value| config.seed = value.parse().unwrap_or(config.seed));
    let plane = change(|config, value| {
        let found = PLANES.into_iter().find(|it| it.to_string() == value);
        config.plane = found.unwrap_or(config.plane);
    });
    let nodes = change(|config, value| config.nodes = value.parse().unwrap_or(config.nodes));
    let fsync = {
        let config = config.clone();
        Callback::from(move |_: Event| {
            let loop_waits_for_fsync = !config.loop_waits_for_fsync;
            config.set(Config { loop_waits_for_fsync, ..(*config).clone() });
        })
    };
    let onsubmit = {
        let (act, config) = (props.act.clone(), config.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            act.emit(Intent::Boot((*config).clone()));
        })
    };
    let counts: Vec<String> = (1..=MEMBERS_MAX).map(|count| count.to_string()).collect();
    let node_counts = node_counts(config.nodes);
    let timings = TIMINGS.map(|timing| timing.to_string()).to_vec();
    let planes = PLANES.map(|plane| plane.to_string()).to_vec();
    let ciphers = ENCRYPTIONS.map(|encryption| encryption.to_string()).to_vec();
    html! {
        <DialogFrame title={words::SETTINGS} class="settings" act={props.act.clone()}>
            <form {onsubmit}>
                { number(words::SEED, config.seed, seed) }
                <h3 class="settings-head">{ words::ETCD }</h3>
                { choice(words::MEMBERS, counts, config.members.to_string(), members) }
                { choice(words::TIMING, timings, config.timing.to_string(), timing) }
                <label class="settings-row">
                    <span>{ words::FSYNC.0 }<small>{ words::FSYNC.1 }</small></span>
                    <input type="checkbox" checked={config.loop_waits_for_fsync} onchange={fsync} />
                </label>
                <h3 class="settings-head">{ words::CLIENTS_OF_APISERVERS }</h3>
                { choice(words::PLANE, planes, config.plane.to_string(), plane) }
                { choice(cells::CHOICE, node_counts, config.nodes.to_string(), nodes) }
                { managers(&config) }
                <h3 class="settings-head">{ words::CLIENTS_OF_ETCD }</h3>
                { apiservers(&config) }
                { choice(words::ENCRYPTION, ciphers, config.encryption.to_string(), encryption) }
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

/// What changes the set-up by a text that is typed or chosen.
fn changing(config: &UseStateHandle<Config>, change: fn(&mut Setup, &str)) -> Rc<dyn Fn(&str)> {
    let config = config.clone();
    Rc::new(move |value: &str| {
        let mut next = (*config).clone();
        change(&mut next.apiserver, value);
        config.set(next);
    })
}

/// How many managers and schedulers.
fn managers(config: &UseStateHandle<Config>) -> Html {
    let several = changing(config, |setup, value| {
        setup.managers = value.parse().unwrap_or(1).clamp(1, MANAGERS_MAX);
    });
    let counts = (1..=MANAGERS_MAX).map(|count| count.to_string()).collect();
    choice(words::MANAGERS, counts, config.apiserver.managers.to_string(), several)
}

/// How the apiservers are set up.
fn apiservers(config: &UseStateHandle<Config>) -> Html {
    let change = |change| changing(config, change);
    let count = change(|setup, value| {
        setup.apiservers = value.parse().unwrap_or(1).clamp(1, APISERVERS_MAX);
    });
    let servers = change(|setup, value| setup.etcd_servers = endpoints(value).unwrap_or_default());
    let prefix = change(|setup, value| setup.etcd_prefix = value.into());
    let media = change(|setup, value| {
        setup.media = if value == MEDIA[1] { Media::Json } else { Media::Protobuf };
    });
    let event_ttl =
        change(|setup, value| setup.event_ttl = seconds(value, setup.event_ttl, SPAN_MIN_S));
    let own_events = change(|setup, value| setup.own_events = value == EVENTS_IN[1]);
    let compaction = change(|setup, value| {
        setup.compaction_interval = match value.trim() {
            "0" => Duration::ZERO,
            _ => seconds(value, setup.compaction_interval, SPAN_MIN_S),
        };
    });
    let counts = (1..=APISERVERS_MAX).map(|count| count.to_string()).collect();
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
