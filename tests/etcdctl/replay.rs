//! Runs recorded sessions on a cluster of ours.

use std::time::Duration;

use raftarium::cluster::etcdctl::CommandRun;
use raftarium::cluster::{Action, Cluster, Etcdctl, Post, Setup, Timing};
use raftarium::raft::{MemberId, ThreadId};
use raftarium::script::etcdctl;

/// One line of a session, and what was printed.
#[derive(Debug, Default)]
pub struct Step {
    /// `$` runs it, `&` leaves it running until a step `^` (of the same line), `%` posts it, `#`
    /// waits.
    pub kind: char,
    pub line: String,
    pub input: Option<String>,
    /// `| ` before each line of stdout, `! ` before each of stderr, `[CODE]` when it is not 0.
    pub answer: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Session {
    pub title: String,
    pub members: u8,
    pub steps: Vec<Step>,
}

pub fn sessions(recorded: &str) -> Vec<Session> {
    let mut sessions: Vec<Session> = Vec::new();
    for line in here(recorded).lines() {
        if let Some(title) = line.strip_prefix("== ") {
            let members = title.split(' ').nth(1).map_or(1, |count| count.parse().unwrap());
            sessions.push(Session { title: title.into(), members, steps: Vec::new() });
            continue;
        }
        let steps = &mut sessions.last_mut().expect("a session").steps;
        let rest = line.get(2..).unwrap_or_default();
        match line.chars().next() {
            Some(kind @ ('$' | '&' | '^' | '%' | '#')) => {
                let mut step = Step { kind, line: rest.into(), ..Step::default() };
                if let ('^', Some(begun)) = (kind, steps.iter().rfind(|it| it.kind == '&')) {
                    (step.line, step.input) = (begun.line.clone(), begun.input.clone());
                }
                steps.push(step);
            }
            Some('<') => {
                let input = &mut steps.last_mut().expect("a step").input;
                *input.get_or_insert_default() += &format!("{rest}\n");
            }
            _ => steps.last_mut().expect("a step").answer.push(line.trim_end().into()),
        }
    }
    sessions
}

/// The recorded addresses as the members' names.
fn here(text: &str) -> String {
    let mut text = text.to_string();
    for id in 1..=9 {
        text = text.replace(&format!("127.0.0.1:2400{id}"), &format!("etcd-{id}:2379"));
        text = text.replace(&format!("127.0.0.1:2401{id}"), &format!("etcd-{id}:2380"));
    }
    text
}

/// What each step of a session prints here.
pub fn run(session: &Session) -> Vec<Vec<String>> {
    let members = session.members;
    let setup = Setup { seed: 1, members, timing: Timing::Etcd, loop_waits_for_fsync: true };
    let mut player = Player {
        cluster: Cluster::boot(setup),
        lease: 0,
        member: 0,
        running: None,
        refused: Vec::new(),
    };
    player.wait(Duration::from_secs(8));
    if members > 1 {
        player.answer("--endpoints=1,2,3 move-leader 1", None);
        player.wait(Duration::from_secs(2));
    }
    let answers = session.steps.iter().map(|step| player.step(step)).collect();
    player.cluster.end();
    answers
}

struct Player {
    cluster: Cluster,
    /// The lease granted last.
    lease: u64,
    /// The member added last.
    member: u64,
    running: Option<ThreadId>,
    /// What the line that was to run on said instead.
    refused: Vec<String>,
}

impl Player {
    fn wait(&self, span: Duration) {
        assert!(self.cluster.advance_to(self.cluster.world().now() + span, u64::MAX));
    }

    fn step(&mut self, step: &Step) -> Vec<String> {
        let line = self.filled(&step.line);
        match step.kind {
            '$' => self.answer(&line, step.input.clone()),
            '&' => {
                let answer = match self.act(&line, step.input.clone()) {
                    Ok(thread) => {
                        self.running = Some(thread);
                        Vec::new()
                    }
                    // What it says is written down when it is interrupted.
                    Err(answer) => {
                        self.refused = answer;
                        Vec::new()
                    }
                };
                self.wait(Duration::from_millis(1500));
                answer
            }
            '^' => {
                self.wait(Duration::from_millis(500));
                let Some(thread) = self.running.take() else {
                    return std::mem::take(&mut self.refused);
                };
                self.cluster.act(&Action::Interrupt(thread));
                self.ended(thread)
            }
            '%' => {
                let (path, body) = line.split_once(' ').expect("a path and a body");
                let post = Post::new(MemberId(1), path, body);
                self.cluster.post(post, Duration::from_secs(5));
                Vec::new()
            }
            _ => {
                self.wait(Duration::from_secs(6));
                Vec::new()
            }
        }
    }

    fn filled(&self, line: &str) -> String {
        let line = line.replace("{lease}", &format!("{:x}", self.lease));
        let line = line.replace("{member}", &format!("{:x}", self.member));
        line.replace("{first}", "1").replace("{first-decimal}", "1")
    }

    fn act(&self, line: &str, input: Option<String>) -> Result<ThreadId, Vec<String>> {
        let said = |refused: raftarium::cluster::etcdctl::Refusal| {
            let lines = refused.text.lines().map(|line| format!("! {line}"));
            lines.chain([format!("[{}]", refused.code)]).collect::<Vec<_>>()
        };
        let read = etcdctl::parse(line, input).map_err(said)?;
        Ok(self.run(read))
    }

    fn run(&self, mut etcdctl: Etcdctl) -> ThreadId {
        // The recorded lines know one endpoint.
        if etcdctl.endpoints.is_empty() {
            etcdctl.endpoints.push(MemberId(1));
        }
        self.cluster.act(&Action::Etcdctl(etcdctl)).expect("a thread")
    }

    fn answer(&mut self, line: &str, input: Option<String>) -> Vec<String> {
        match self.act(line, input) {
            Ok(thread) => self.ended(thread),
            Err(answer) => answer,
        }
    }

    fn ended(&mut self, thread: ThreadId) -> Vec<String> {
        let end = self.cluster.world().now() + Duration::from_secs(60);
        let exit = || self.cluster.commands().of(thread).and_then(|run| run.exit);
        while exit().is_none() && self.cluster.step_until(end).is_some() {}
        let run = self.cluster.commands().of(thread).expect("a run");
        self.learn(&run.said(false));
        written(&run)
    }

    /// Who was granted or added.
    fn learn(&mut self, text: &str) {
        let behind = |before: &str| text.find(before).map(|at| &text[at + before.len()..]);
        let number = |text: &str, radix| {
            let digits: String = text.chars().take_while(|c| c.is_digit(radix)).collect();
            u64::from_str_radix(&digits, radix).ok()
        };
        if let (Some(rest), true) = (behind("lease "), text.contains(" granted with TTL")) {
            self.lease = number(rest, 16).unwrap_or(self.lease);
        }
        if let Some(rest) =
            behind("\"ID\":").or(behind("\"ID\" : ")).filter(|_| text.contains("TTL"))
        {
            self.lease = number(rest, 10).unwrap_or(self.lease);
        }
        if let (Some(rest), true) = (behind("Member "), text.contains(" added to ")) {
            self.member = number(rest.trim_start(), 16).unwrap_or(self.member);
        }
    }
}

fn written(run: &CommandRun) -> Vec<String> {
    let lines = |before: &str, text: String| {
        text.lines()
            .map(|line| format!("{before}{line}").trim_end().to_string())
            .collect::<Vec<_>>()
    };
    let mut answer = lines("| ", run.said(false));
    answer.extend(lines("! ", run.said(true)));
    answer.extend(run.exit.filter(|code| *code != 0).map(|code| format!("[{code}]")));
    answer.extend(run.exit.is_none().then(|| "runs on".to_string()));
    answer
}
