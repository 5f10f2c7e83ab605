//! Who watches whom, and what they were last told.
//!
//! Architecture invariant: a function of the frame.

use super::words::panes as words;
use crate::cluster::{Frame, Place, PlaceKind, Status};
use crate::kube::{self, NOT_RUNNING};
use crate::sorted::sort_by;

/// The tab: a chain of three.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WatchesTab {
    /// The members and how many watchers each serves.
    pub members: Vec<Watched>,
    /// The etcd of Events, if they have one: nobody watches it.
    pub event_etcd: Option<Watcher>,
    /// The apiservers.
    pub apiservers: Vec<Watcher>,
    /// Everyone who watches through it.
    pub others: Vec<Watcher>,
    /// etcd's own clients, who are nobody's watchers.
    pub note: &'static str,
}

/// A member that serves watchers.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Its name.
    pub name: String,
    /// `2 watchers`, or why none.
    pub text: String,
    /// Whether it serves any.
    pub serves: bool,
}

/// Someone who watches.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Watcher {
    /// Its name.
    pub name: String,
    /// What it waits for, what it was last told.
    pub notes: Vec<String>,
    /// What a button beside it does, and its word: its process is killed, or started again.
    pub button: Option<(kube::Action, &'static str)>,
}

impl WatchesTab {
    /// The tab for this frame.
    pub fn of(frame: &Frame) -> WatchesTab {
        let members = frame.members.iter().map(|m| Watched {
            name: m.id.to_string(),
            text: match m.status {
                Status::Crashed => words::member_state(m.status, m.role, false).into(),
                _ => words::watchers(m.watchers),
            },
            serves: m.watchers > 0 && m.status != Status::Crashed,
        });
        let apiservers = frame.places.iter().filter(|p| p.kind == PlaceKind::Apiserver);
        let mut apiservers: Vec<_> = apiservers.collect();
        // Their numbers are those of their names, not of their addresses.
        sort_by(&mut apiservers, |one, other| one.name.cmp(&other.name));
        let apiservers = apiservers.into_iter().zip(1..).map(|(place, number)| {
            let runs = runs(place);
            let action = kube::Action::Apiserver { number, runs: !runs };
            Watcher { button: Some((action, word(runs))), ..watcher(place) }
        });
        let event_etcd = frame.places.iter().find(|p| p.kind == PlaceKind::EventEtcd).map(|p| {
            let runs = runs(p);
            let action = kube::Action::EventEtcd { runs: !runs };
            Watcher { button: Some((action, word(runs))), ..watcher(p) }
        });
        let through = |p: &&std::rc::Rc<Place>| {
            use PlaceKind::*;
            matches!(p.kind, Scheduler | Controllers | Kubelet)
        };
        let mut others: Vec<_> =
            frame.places.iter().filter(through).map(|p| process(frame, p)).collect();
        // kubectl only while it watches.
        let come_and_go = frame.places.iter().filter(|place| !place.watches.is_empty());
        others.extend(come_and_go.map(|it| Watcher { notes: it.watches.clone(), ..watcher(it) }));
        WatchesTab {
            members: members.collect(),
            event_etcd,
            apiservers: apiservers.collect(),
            others,
            note: words::CHAIN,
        }
    }
}

fn runs(place: &Place) -> bool {
    !place.notes.iter().any(|note| NOT_RUNNING.contains(&note.as_str()))
}

fn word(runs: bool) -> &'static str {
    if runs { words::KILL } else { words::RESTART }
}

/// A scheduler, a controller manager, or a kubelet: those before can be killed.
fn process(frame: &Frame, place: &Place) -> Watcher {
    let component = match place.kind {
        PlaceKind::Scheduler => kube::Component::Scheduler,
        PlaceKind::Controllers => kube::Component::Controllers,
        _ => return watcher(place),
    };
    let mut alike = frame.places.iter().filter(|other| other.kind == place.kind);
    let at = alike.position(|other| other.address == place.address).unwrap_or(0);
    let runs = runs(place);
    let action = kube::Action::Process { component, number: at as u8 + 1, runs: !runs };
    Watcher { button: Some((action, word(runs))), ..watcher(place) }
}

fn watcher(place: &Place) -> Watcher {
    Watcher { name: place.name.clone(), notes: place.notes.clone(), button: None }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::cluster::Member;
    use crate::raft::MemberId;

    #[test]
    fn the_apiserver_stands_between_etcd_and_everyone_else() {
        let member = |id, watchers, status| {
            Rc::new(Member { id: MemberId(id), watchers, status, ..Member::default() })
        };
        let place = |kind, name: &str| {
            let notes = vec![format!("{name} notes")];
            Rc::new(Place { kind, name: name.into(), notes, ..Place::default() })
        };
        let frame = Frame {
            members: vec![
                member(1, 9, Status::Running),
                member(2, 0, Status::Running),
                member(3, 1, Status::Crashed),
            ],
            places: vec![
                place(PlaceKind::Etcdctl, "etcdctl"),
                place(PlaceKind::Apiserver, "kube-apiserver"),
                place(PlaceKind::Scheduler, "scheduler"),
                place(PlaceKind::Kubelet, "kubelet node-a"),
                place(PlaceKind::EventEtcd, "etcd-events"),
            ],
            ..Frame::default()
        };
        let tab = WatchesTab::of(&frame);
        let members: Vec<_> = tab.members.iter().map(|m| (m.text.as_str(), m.serves)).collect();
        assert_eq!(members, [("9 watchers", true), ("no watcher", false), ("crashed", false)]);
        assert_eq!(tab.apiservers[0].name, "kube-apiserver");
        let (action, word) = tab.apiservers[0].button.clone().unwrap();
        assert_eq!((action.to_string().as_str(), word), ("apiserver 1 kill", "Kill"));
        let (action, word) = tab.others[0].button.clone().unwrap();
        assert_eq!((action.to_string().as_str(), word), ("scheduler 1 kill", "Kill"));
        assert_eq!(tab.others[1].button, None);
        let (action, word) = tab.event_etcd.clone().unwrap().button.unwrap();
        assert_eq!((action.to_string().as_str(), word), ("events-etcd kill", "Kill"));
        let others: Vec<_> = tab.others.iter().map(|w| w.name.as_str()).collect();
        assert_eq!(others, ["scheduler", "kubelet node-a"], "clients of etcd are not among them");
    }

    #[test]
    fn kubectl_is_there_while_it_watches() {
        let place = |watches: &[&str]| {
            let watches = watches.iter().map(|it| it.to_string()).collect();
            let notes = vec!["pod/web created".to_string()];
            let name = "kubectl".to_string();
            let kind = PlaceKind::Kubectl;
            Rc::new(Place { kind, name, notes, watches, ..Place::default() })
        };
        let others =
            |place| WatchesTab::of(&Frame { places: vec![place], ..Frame::default() }).others;
        assert_eq!(others(place(&[])), []);
        let watching = others(place(&["watches pods"]));
        assert_eq!((&*watching[0].name, &*watching[0].notes[0]), ("kubectl", "watches pods"));
        assert_eq!(watching[0].button, None, "it is interrupted where it was begun");
    }

    #[test]
    fn the_apiserver_that_is_named_is_killed() {
        let place = |name: &str| {
            let kind = PlaceKind::Apiserver;
            Rc::new(Place { kind, name: name.into(), ..Place::default() })
        };
        let places = [2, 3, 1].map(|number| place(&format!("kube-apiserver-{number}")));
        let tab = WatchesTab::of(&Frame { places: places.to_vec(), ..Frame::default() });
        let kills = tab.apiservers.iter().map(|it| {
            let (action, _) = it.button.clone().unwrap();
            format!("{}: {action}", it.name)
        });
        let expected = [1, 2, 3].map(|n| format!("kube-apiserver-{n}: apiserver {n} kill"));
        assert_eq!(kills.collect::<Vec<_>>(), expected);
    }
}
