//! The whole page as a value: what an intent leads to, what time leads to, what the engine's
//! answers lead to.
//!
//! * Intents that concern the world go to the player, those that concern the reader's eye change
//!   the focus.
//! * The right-hand panes get a frame of their own that is replaced only when something a table
//!   shows has changed, so that passing time alone paints nothing there.
//!
//! Architecture invariant: pure; the browser is told what to paint, and never asked.

use std::rc::Rc;

#[cfg(any(test, debug_assertions))]
use super::fixture;
use super::search::Quest;
use super::sentence::{Cause, Hold, Sentence, causes, sentence};
use super::terminal::Terminal;
use super::words::time as words;
use super::{Dialog, Focus, Intent, SeenBook, Tab, Theme};
use crate::cluster::{self, Role};
use crate::engine::{Action, BranchId, Config, Frame, Look, Request, Seen, Stop, Update};
use crate::kube::keys::Registry;
use crate::kube::kinds::Kind;
use crate::player::{Lanes, Moment, Player, same_but_for_time};
use crate::raft::MemberId;
use crate::sim::Instant;

/// A screen reader is told of a new sentence at most so often, in wall microseconds.
const SPOKEN_MICROS: u64 = 2_500_000;

/// Tables and the timeline change at most so often while time passes, in wall microseconds: nobody
/// reads faster, and painting them is what costs most under load.
const TABLES_MICROS: u64 = 100_000;
const TIMELINE_MICROS: u64 = 45_000;

/// With reduced motion a picture stands at least so long, in wall microseconds.
const STILL_MICROS: u64 = 400_000;

/// What is said when the engine's module died and was started again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// Its last words.
    pub message: String,
    /// Requests whose effect is gone; none: the engine is gone altogether.
    pub requests_lost: Option<u32>,
    /// The seed and the inputs, to be copied.
    pub replay: String,
}

/// What the timeline is painted from.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Everything that happened.
    pub lanes: Rc<Lanes>,
    /// The instant of the newest frame.
    pub newest: Instant,
    /// The playhead.
    pub at: Instant,
}

/// Everything the page is painted from.
#[derive(Debug, Clone)]
pub struct Page {
    /// Frames, playhead, queue.
    pub player: Player,
    /// What the reader looks at.
    pub focus: Rc<Focus>,
    /// Answers to looks.
    pub seen: Rc<SeenBook>,
    /// What lies over the page.
    pub dialog: Option<Dialog>,
    /// The engine's module died.
    pub trap: Option<Trap>,
    /// The engine's words on the last request that it refused.
    pub error: Option<String>,
    /// Whose colours the page has.
    pub theme: Theme,
    /// Whether the reader wants nothing to glide: the picture then changes in steps.
    pub reduced_motion: bool,
    /// Whether the system's are dark.
    pub system_is_dark: bool,
    /// The command line.
    pub terminal: Rc<Terminal>,
    /// The causes of the sentence, when they are asked for.
    pub why: Option<Rc<Vec<Cause>>>,
    /// What one jumps to.
    pub jump: Stop,
    /// The branch beside the one looked at.
    pub compare: Option<BranchId>,
    /// The search for a run, beside this one.
    pub quest: Rc<Quest>,
    /// Whether a link to this moment was just copied.
    pub shared: bool,
    to_share: Option<String>,
    /// What a screen reader is told: the sentence, but not too often.
    pub spoken: Rc<str>,
    said: Hold,
    spoken_at: u64,
    panes: Rc<Frame>,
    panes_at: u64,
    run: Run,
    run_at: u64,
    dirty: bool,
    /// The reader did something: paint it at once, whatever else is held back.
    asked: bool,
    painted_at: u64,
    wall_micros: Option<u64>,
}

impl Page {
    /// A page that will first make the world of `config`.
    pub fn new(config: Config) -> Page {
        Page {
            player: Player::new(config),
            focus: Rc::default(),
            seen: Rc::default(),
            dialog: None,
            trap: None,
            error: None,
            theme: Theme::default(),
            reduced_motion: false,
            system_is_dark: false,
            terminal: Rc::default(),
            why: None,
            jump: Stop::Leader,
            compare: None,
            quest: Rc::default(),
            shared: false,
            to_share: None,
            spoken: Rc::from(""),
            said: Hold::default(),
            spoken_at: 0,
            panes: Rc::default(),
            panes_at: 0,
            run: Run::default(),
            run_at: 0,
            dirty: true,
            asked: true,
            painted_at: 0,
            wall_micros: None,
        }
    }

    /// The hand-made moment, without an engine.
    #[cfg(any(test, debug_assertions))]
    pub fn fixture() -> Page {
        let mut page = Page::new(Config::default());
        page.next_request();
        page.player.play_pause();
        for (events, frame) in fixture::film() {
            page.take(Update { frame: Some(frame), events, reached: true, ..Update::default() });
        }
        page.settle();
        page
    }

    /// What is seen at the playhead.
    pub fn moment(&self) -> Moment {
        self.player.moment()
    }

    /// The frame for the panes on the right.
    pub fn panes(&self) -> &Rc<Frame> {
        &self.panes
    }

    /// The run so far, for the timeline.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// What is happening.
    pub fn sentence(&self) -> &Sentence {
        self.said.shown()
    }

    /// Whom Kill and Pause concern: the member selected, or else the leader.
    pub fn target(&self) -> Option<MemberId> {
        self.focus.member.or_else(|| leader(&self.moment().frame))
    }

    /// Does what a reader's hand asks for.
    pub fn on(&mut self, intent: Intent) {
        (self.dirty, self.asked) = (true, true);
        self.shared &= matches!(intent, Intent::Look(_));
        match &intent {
            Intent::Act(action) => self.act(action),
            Intent::Boot(config) => self.boot(config.clone()),
            Intent::Line { text, entered } => self.line(text, *entered),
            Intent::Draft(line) => Rc::make_mut(&mut self.terminal).begin(line),
            Intent::Abandon => Rc::make_mut(&mut self.terminal).abandon(),
            Intent::Terminal(open) => Rc::make_mut(&mut self.terminal).open = *open,
            Intent::PlayPause => self.player.play_pause(),
            Intent::Step(by) => self.player.step(*by),
            Intent::Seek(to) => self.player.seek(*to),
            Intent::Back(stop) => self.player.back(stop.clone()),
            Intent::Forward(stop) => self.player.forward(stop.clone()),
            Intent::JumpBy(stop) => self.jump = stop.clone(),
            Intent::StopAt(stop) => self.player.toggle_stop(stop.clone()),
            Intent::Switch(branch) => self.switch(*branch),
            Intent::Forget(branch) => self.forget(*branch),
            Intent::Rename(branch, name) => self.player.rename(*branch, name.clone()),
            Intent::Search(sought) => self.search(*sought),
            Intent::OpenFound => self.open_found(),
            Intent::Compare(branch) => self.compare = *branch,
            Intent::Share => self.to_share = Some(self.player.replay_text()),
            Intent::Speed(speed) => self.player.pace(*speed),
            Intent::Look(look) => self.player.look(look.clone()),
            Intent::Dialog(dialog) => self.dialog = *dialog,
            Intent::Theme => self.theme = self.theme.other(self.system_is_dark),
            Intent::Why => self.why = self.why.is_none().then(Rc::default),
            Intent::DismissTrap => (self.trap, self.error) = (None, None),
            Intent::ShowNode(name) => self.show_node(name),
            _ => self.refocus(&intent),
        }
        self.settle();
    }

    /// Opens a node's object.
    fn show_node(&mut self, name: &str) {
        let registry = Registry::new(&self.player.config().apiserver.etcd_prefix);
        let key = Kind::built_in("Node").and_then(|node| registry.key(node, "", name).ok());
        self.refocus(&Intent::ShowTab(Tab::Objects));
        self.refocus(&Intent::ShowKey(key));
    }

    /// Something outside changed: paint again.
    pub fn touch(&mut self) {
        self.dirty = true;
    }

    /// Lets wall time pass: `now` counts microseconds from any beginning. Whether to paint.
    pub fn tick(&mut self, now: u64) -> bool {
        let passed = now.saturating_sub(self.wall_micros.unwrap_or(now));
        self.wall_micros = Some(now);
        if self.player.tick(passed) {
            self.dirty = true;
            self.settle();
        }
        self.say(now);
        let waits = self.reduced_motion
            && self.player.playing()
            && now.saturating_sub(self.painted_at) < STILL_MICROS;
        if waits && !self.asked {
            return false;
        }
        self.asked = false;
        self.painted_at = now;
        std::mem::take(&mut self.dirty)
    }

    /// The next thing to ask the engine, if it is free.
    pub fn next_request(&mut self) -> Option<Request> {
        self.player.next_request()
    }

    /// Takes the engine's answer.
    pub fn take(&mut self, mut update: Update) {
        self.dirty = true;
        self.error = update.error.take().or_else(|| self.error.take());
        let recorded = update.recorded.take();
        let strayed = self.player.has_strayed();
        let seen = self.player.take(update);
        if self.player.has_strayed() && !strayed {
            self.error = Some(words::STRAYED.into());
        }
        if let Some((Look::Line { entered: true, .. }, Seen::Line(line))) = seen {
            self.obey(line);
        } else if let Some((look, seen)) = seen {
            let book = Rc::unwrap_or_clone(std::mem::take(&mut self.seen));
            self.seen = Rc::new(book.with(&look, seen));
        }
        if let Some(recorded) = recorded {
            self.boot(recorded.config.clone());
            self.player.open(*recorded);
        }
        self.settle();
    }

    /// The engine died on a request. It goes on from before it, or (`requests_lost` none) is gone.
    pub fn trapped(&mut self, message: String, requests_lost: Option<u32>) {
        let replay = self.player.replay_text();
        self.dirty = true;
        self.trap = Some(Trap { message, requests_lost, replay });
        if requests_lost.is_some() {
            self.player.give_up_request();
        }
    }

    /// Whom the reader kills is selected, so that the next key is about it.
    fn act(&mut self, action: &Action) {
        if let Action::Cluster(cluster::Action::Kill(member)) = action {
            self.refocus(&Intent::SelectMember(Some(*member)));
        }
        Rc::make_mut(&mut self.terminal).done(&action.to_string());
        let fetch = match action {
            Action::Kube(kubectl) => super::deeds::fetches(kubectl),
            _ => None,
        };
        if let Some(fetch) = &fetch {
            let focus = Rc::make_mut(&mut self.focus);
            (focus.tab, focus.edits) = (Tab::Submit, Some(fetch.to_string()));
        }
        let action = fetch.map_or_else(|| action.clone(), Action::Kube);
        if !self.player.act(action) {
            self.error = Some(words::branches_full());
        }
    }

    fn boot(&mut self, config: Config) {
        let tab = self.focus.tab;
        self.player.boot(config);
        self.focus = Rc::new(Focus { tab, ..Focus::default() });
        self.seen = Rc::default();
        self.panes = Rc::default();
        (self.dialog, self.trap, self.error) = (None, None, None);
        self.compare = None;
    }

    fn refocus(&mut self, intent: &Intent) {
        let focus = (*self.focus).clone().after(intent);
        if focus != *self.focus {
            self.focus = Rc::new(focus);
        }
    }

    /// Finds the sentence of the moment, and whether it is time to speak it.
    fn say(&mut self, now: u64) {
        if self.dirty && self.player.has_seen() {
            let frame = self.moment().frame;
            let sentence = sentence(&frame, self.player.events());
            self.said.next(sentence, now, self.player.playing());
            if self.why.is_some() {
                let causes = Rc::new(causes(self.player.events()));
                self.why = self.why.take().map(|old| if old == causes { old } else { causes });
            }
        }
        let text = self.said.shown().text();
        if *self.spoken != *text && now.saturating_sub(self.spoken_at) >= SPOKEN_MICROS {
            self.spoken = Rc::from(text);
            self.spoken_at = now;
            self.dirty = true;
        }
    }

    /// Brings tables and timeline up to the moment; while time passes, not for every frame.
    fn settle(&mut self) {
        let news = self.terminal.news(&self.moment().frame.cluster.commands);
        if !news.is_empty() {
            Rc::make_mut(&mut self.terminal).follow(news);
        }
        let now = self.wall_micros.unwrap_or(0);
        let calm = self.player.playing() && !self.asked;
        let waits = |since: u64, least: u64| calm && now.saturating_sub(since) < least;
        if !waits(self.run_at, TIMELINE_MICROS) {
            let (lanes, at) = (self.player.lanes().clone(), self.player.at());
            self.run = Run { lanes, newest: self.player.newest_at().max(at), at };
            self.run_at = now;
        }
        if !waits(self.panes_at, TABLES_MICROS) {
            let frame = self.moment().frame;
            if !Rc::ptr_eq(&frame, &self.panes) && !same_but_for_time(&frame, &self.panes) {
                self.panes = frame;
                self.panes_at = now;
            }
        }
    }
}

/// The leader of the newest term that runs.
pub fn leader(frame: &Frame) -> Option<MemberId> {
    let members = frame.cluster.members.iter();
    let leaders = members.filter(|member| member.role == Role::Leader && super::runs(member));
    leaders.max_by_key(|member| member.term).map(|member| member.id)
}

mod lines;
mod search;
mod time;

#[cfg(test)]
#[path = "page_test.rs"]
mod tests;
