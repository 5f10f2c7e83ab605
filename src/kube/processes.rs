//! kube-scheduler and kube-controller-manager as processes: one to three of each, started, killed,
//! started again.
//!
//! Of one there is nothing to elect: it acts from its beginning. Of several one acts at a time, who
//! holds their Lease ([`super::election`]).
//!
//! * A scheduler that stands by watches already, and works on nothing; a controller manager begins
//!   to watch when it leads. So do upstream's.
//! * Nobody works before everything they watch has been listed (`WaitForCacheSync`).
//! * A leader that could not renew its Lease ends, and its kubelet starts it again.
//! * A process takes its caches and queues with it; its connections break. What it has sent may
//!   still happen.
//!
//! Caveats: while the control plane only watches nothing is elected. The kubelet that starts one
//! again is modelled: it needs a second, and does not wait longer each time.
//!
//! Architecture invariant: starts and ends processes; writes no object itself.

use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::control_plane::ControlPlane;
use super::election::Candidate;
use super::places::{self, CONTROLLERS, SCHEDULERS};
use super::prepare::Birth;
use super::reflector::Reflector;
use super::{Event, NOT_RUNNING, watchers};
use crate::sim::{Address, Group};

/// One that gave up is there again after so long.
const RESTART: Duration = Duration::from_secs(1);

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Component {
    Scheduler,
    Controllers,
}

impl Component {
    /// The verb of the language that is about it.
    pub fn verb(self) -> &'static str {
        match self {
            Component::Scheduler => "scheduler",
            Component::Controllers => "manager",
        }
    }

    /// Its name, which is that of its Lease.
    fn name(self) -> &'static str {
        match self {
            Component::Scheduler => "kube-scheduler",
            Component::Controllers => "kube-controller-manager",
        }
    }

    /// Which of them is at an address, and the how manieth.
    pub(super) fn at(place: Address) -> Option<(Component, usize)> {
        let of = |places: [Address; 3]| places.iter().position(|other| *other == place);
        let scheduler = of(SCHEDULERS).map(|at| (Component::Scheduler, at));
        scheduler.or_else(|| of(CONTROLLERS).map(|at| (Component::Controllers, at)))
    }
}

/// How it is with a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Runs,
    /// Its kubelet is about to start it again.
    Restarts,
    Killed,
}

/// A process at its place.
#[derive(Default)]
pub(super) struct Process {
    state: State,
    /// How often it was started.
    started: u64,
    reflectors: Vec<Rc<Reflector>>,
}

impl ControlPlane {
    /// Whether who acts is elected.
    pub(super) fn elects(&self) -> bool {
        self.acts() && self.0.setup.managers > 1
    }

    /// A process watches through these.
    pub(super) fn watches(&self, place: Address, reflectors: Vec<Rc<Reflector>>) {
        if Component::at(place).is_some() {
            self.0.processes.borrow_mut().or_default(place).reflectors = reflectors;
        }
    }

    /// Whether everything that a process watches has been listed.
    pub(super) fn is_synced(&self, place: Address) -> bool {
        let processes = self.0.processes.borrow();
        processes.get(&place).is_some_and(|it| it.reflectors.iter().all(|of| of.is_synced()))
    }

    fn process_name(&self, place: Address) -> String {
        self.0.places.borrow().get(&place).map(|it| it.name.clone()).unwrap_or_default()
    }

    /// A process stands for election, and acts if it is elected.
    pub(super) fn stands(&self, place: Address, component: Component) {
        let (world, plane) = (self.0.cluster.world(), self.clone());
        let started = self.0.processes.borrow_mut().or_default(place).started;
        let mut birth = Birth { uid: [0; 16], now: 0, suffix: [0; 5] };
        world.stream("identity", place.0.into(), started).fill(&mut birth.uid);
        let number = Component::at(place).map_or(0, |(_, at)| at + 1);
        let me = format!("control-plane-{number}_{}", birth.uid_text());
        let (name, lease) = (self.process_name(place), component.name());
        let mut candidate = Candidate::new(self, place, lease, me);
        world.spawn_in(places::group(place), async move {
            let transitions = candidate.acquire().await;
            let event = Event::Leads { name: name.clone(), lease: lease.into(), transitions };
            plane.note(event);
            plane.retell(place, |place| place.leads = true);
            watchers::lead(&plane, place);
            candidate.renew().await;
            plane.note(Event::GaveUp { name, lease: lease.into() });
            // Not from within itself.
            let world = plane.0.cluster.world().clone();
            world.at(world.now(), Group::WORLD, move || plane.gives_up(place, started));
        });
    }

    /// The process of that start is about to end of itself.
    fn gives_up(&self, place: Address, started: u64) {
        if !self.is_so(place, State::Runs, started) {
            return;
        }
        self.end_process(place, State::Restarts);
        let (plane, world) = (self.clone(), self.0.cluster.world());
        world.at(world.now() + RESTART, Group::WORLD, move || {
            if plane.is_so(place, State::Restarts, started) {
                plane.start_process(place);
            }
        });
    }

    fn is_so(&self, place: Address, state: State, started: u64) -> bool {
        let processes = self.0.processes.borrow();
        processes.get(&place).is_some_and(|it| it.state == state && it.started == started)
    }

    fn end_process(&self, place: Address, state: State) {
        let reflectors = {
            let mut processes = self.0.processes.borrow_mut();
            let process = processes.or_default(place);
            process.state = state;
            std::mem::take(&mut process.reflectors)
        };
        reflectors.iter().for_each(|reflector| reflector.end());
        if let Some(actor) = self.0.actors.borrow_mut().remove(&place) {
            actor.end();
        }
        self.0.cluster.world().kill(places::group(place));
        self.retell(place, |place| {
            place.leads = false;
            place.notes = vec![NOT_RUNNING[0].into()];
        });
    }

    fn start_process(&self, place: Address) {
        {
            let mut processes = self.0.processes.borrow_mut();
            let process = processes.or_default(place);
            process.state = State::Runs;
            process.started += 1;
        }
        self.retell(place, |place| place.notes.clear());
        self.note(Event::Process { name: self.process_name(place), runs: true });
        watchers::start_at(self, place);
    }

    /// The reader kills a process, or starts it again; by its number, from 1.
    pub(super) fn set_process(&self, component: Component, number: usize, runs: bool) {
        let all = match component {
            Component::Scheduler => SCHEDULERS,
            Component::Controllers => CONTROLLERS,
        };
        let here = &all[..usize::from(self.0.setup.managers).clamp(1, all.len())];
        let Some(place) = here.get(number.wrapping_sub(1)).copied() else { return };
        let state = self.0.processes.borrow_mut().or_default(place).state;
        if (state != State::Killed) == runs {
            return;
        }
        if runs {
            return self.start_process(place);
        }
        self.end_process(place, State::Killed);
        self.note(Event::Process { name: self.process_name(place), runs });
    }
}
