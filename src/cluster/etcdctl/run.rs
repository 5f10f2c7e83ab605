//! A line of etcdctl while it runs.
//!
//! * One thread; a line may ask several things of it, one after the other.
//! * Ctrl-C ends it wherever it is: what it waits for is given up, and a write may still happen.
//!
//! Caveats: endpoints are asked one after the other where etcdctl asks their health all at once.
//! The term in an answer's header is the member's when the answer has come.
//!
//! Architecture invariant: a client like any other; no way around the members.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::exit::{BAD_ARGS, BAD_CONNECTION, CTRL_C, ERROR};
use super::print::{self, About, OfEndpoint};
use super::{
    COMMAND_TIMEOUT, CommandRun, ETCDCTL, Etcdctl, Format, Refusal, Verb, help, read, request,
};
use crate::cluster::client::Client;
use crate::cluster::gateway::Header;
use crate::cluster::{Cluster, client_url};
use crate::raft::{MemberId, ThreadId};
use crate::sim::channel::mpsc;
use crate::sim::{self, Group};
use crate::store::{
    AlarmAction, AlarmMember, ClusterRequest, Error, MaintenanceRequest, MaintenanceResponse,
    Request, Response,
};

impl Cluster {
    /// Runs a line; what becomes of it is found among the commands, what it asks in the history
    /// of requests.
    pub(in crate::cluster) fn run_etcdctl(&self, etcdctl: Etcdctl) -> ThreadId {
        let thread = self.fresh_thread();
        self.commands().begin(CommandRun {
            thread,
            line: etcdctl.to_string(),
            started: self.world().now(),
            goes_on: etcdctl.goes_on(),
            ..CommandRun::default()
        });
        let (stop, mut stopped) = mpsc::unbounded();
        let (types, typed) = mpsc::unbounded();
        let hears = Rc::new(move |line: Option<&str>| match line {
            None => _ = stop.send(()),
            Some(line) => _ = types.send(line.to_string()),
        });
        self.0.listening.borrow_mut().insert(thread, hears);
        let cluster = self.clone();
        let session = Session::new(self.clone(), thread, etcdctl, typed);
        self.world().spawn_in(Group(ETCDCTL.0), async move {
            let code = match unless(stopped.recv(), session.run()).await {
                Some(Ok(())) => 0,
                Some(Err(refusal)) => {
                    if !refusal.text.is_empty() {
                        session.complain(&refusal.text);
                    }
                    refusal.code
                }
                None => {
                    session.client.abandon(thread);
                    CTRL_C
                }
            };
            cluster.0.listening.borrow_mut().remove(&thread);
            cluster.commands().end(thread, sim::now(), code);
        });
        thread
    }
}

impl Cluster {
    /// Runs a command that is not etcdctl's, until it ends or is interrupted; `interrupted` is
    /// called then.
    pub fn run_command(
        &self,
        group: Group,
        run: CommandRun,
        work: impl Future<Output = u8> + 'static,
        interrupted: impl FnOnce() + 'static,
    ) {
        let thread = run.thread;
        self.commands().begin(run);
        let (stop, mut stopped) = mpsc::unbounded();
        let hears = move |typed: Option<&str>| _ = typed.is_none().then(|| stop.send(()));
        self.0.listening.borrow_mut().insert(thread, Rc::new(hears));
        let cluster = self.clone();
        self.world().spawn_in(group, async move {
            let code = unless(stopped.recv(), work).await;
            if code.is_none() {
                interrupted();
            }
            cluster.0.listening.borrow_mut().remove(&thread);
            cluster.commands().end(thread, sim::now(), code.unwrap_or(CTRL_C));
        });
    }
}

/// What comes of the work, unless the other comes first.
async fn unless<T>(other: impl Future, work: impl Future<Output = T>) -> Option<T> {
    let (mut other, mut work) = (pin!(other), pin!(work));
    poll_fn(|context| match other.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(None),
        Poll::Pending => work.as_mut().poll(context).map(Some),
    })
    .await
}

pub(super) type Done = Result<(), Refusal>;

pub(super) type Typed = mpsc::Receiver<String>;

pub(super) struct Session {
    pub(super) cluster: Cluster,
    pub(super) thread: ThreadId,
    pub(super) it: Etcdctl,
    pub(super) client: Client,
    /// What is typed while it runs.
    pub(super) typed: Cell<Option<Typed>>,
}

impl Session {
    fn new(cluster: Cluster, thread: ThreadId, it: Etcdctl, typed: Typed) -> Session {
        let patience = it.flag("command-timeout").and_then(read::duration);
        let patience = patience.unwrap_or(COMMAND_TIMEOUT);
        let client = Client::new(cluster.clone(), ETCDCTL, patience).of(it.endpoints.clone());
        let typed = Cell::new(Some(typed));
        Session { cluster, thread, it, client, typed }
    }

    pub(super) fn print(&self, text: &str) {
        self.cluster.commands().print(self.thread, false, text);
    }

    pub(super) fn complain(&self, text: &str) {
        self.cluster.commands().print(self.thread, true, &(text.to_string() + "\n"));
    }

    async fn run(&self) -> Done {
        match self.it.verb {
            Verb::Help => {
                let (text, wrong) = help::help(&self.it);
                self.print(&text);
                self.cluster.commands().print(self.thread, true, &wrong);
                Ok(())
            }
            Verb::Version => {
                self.print(help::VERSION);
                Ok(())
            }
            Verb::Watch => self.watch().await,
            Verb::LeaseKeepAlive => self.keep_alive().await,
            Verb::EndpointStatus | Verb::EndpointHashKv | Verb::EndpointHealth => {
                self.endpoints().await
            }
            Verb::Defrag => self.defragment().await,
            Verb::MoveLeader => self.move_leader().await,
            Verb::AlarmDisarm => self.disarm().await,
            Verb::SnapshotSave | Verb::SnapshotStatus => self.snapshot().await,
            _ => self.ask_once().await,
        }
    }

    /// Sends a request; the header of its answer comes from who answered.
    pub(super) async fn ask(
        &self,
        request: Request,
        at: Option<MemberId>,
    ) -> Result<(Header, Response), Error> {
        let only;
        let client = match at {
            None => &self.client,
            Some(member) => {
                only = self.client.of(vec![member]);
                &only
            }
        };
        let answer = client.request(request, self.thread, None).await?;
        let member = self.cluster.requests().answered_by(self.thread).unwrap_or_default();
        Ok((self.header(member), answer))
    }

    pub(super) fn header(&self, member: MemberId) -> Header {
        let (cluster_id, member_id) = (self.cluster.id(), member.0);
        let raft_term = self.cluster.glance(member).map_or(0, |(_, term, _)| term.0);
        Header { cluster_id, member_id, raft_term }
    }

    /// Prints an answer, which is also what the history shows of it.
    pub(super) fn answer(&self, header: &Header, response: &Response) -> Done {
        let text = print::answer(&self.it, header, response)?;
        self.print(&text);
        self.cluster.requests().reprint(self.thread, text.trim_end_matches('\n').into());
        Ok(())
    }

    /// A line with one request.
    async fn ask_once(&self) -> Done {
        if self.it.verb == Verb::Txn && self.it.has("interactive") {
            super::PROMPTS.iter().for_each(|prompt| self.print(&format!("{prompt}\n")));
        }
        let Some(asked) = request(&self.it) else { return Ok(()) };
        let (code, why) = match self.it.verb {
            Verb::LeaseGrant => (ERROR, "failed to grant lease"),
            Verb::LeaseRevoke => (ERROR, "failed to revoke lease"),
            Verb::LeaseTimeToLive | Verb::LeaseList => (BAD_CONNECTION, ""),
            _ => (ERROR, ""),
        };
        let refused = |error: Error| match why {
            "" => Refusal::error(code, error),
            why => Refusal::error(code, format!("{why} ({error})")),
        };
        let (header, response) = self.ask(asked, None).await.map_err(refused)?;
        self.answer(&header, &response)
    }

    /// The endpoints a line is about, as it names them.
    async fn members(&self) -> Result<Vec<(MemberId, String)>, Refusal> {
        let plain = |id: MemberId| (id, client_url(id).trim_start_matches("http://").to_string());
        if !self.it.has("cluster") {
            let given = match self.it.endpoints.is_empty() {
                true => self.cluster.endpoints(),
                false => self.it.endpoints.clone(),
            };
            return Ok(given.into_iter().map(plain).collect());
        }
        let list = Request::Cluster(ClusterRequest::List { linearizable: true });
        let failed = |error: Error| {
            Refusal::error(
                ERROR,
                format!("failed to fetch endpoints from etcd cluster member list: {error}"),
            )
        };
        let (_, answer) = self.ask(list, None).await.map_err(failed)?;
        let Response::Cluster(members) = answer else { return Ok(Vec::new()) };
        let urls = members.members.into_iter().flat_map(|member| {
            let id = MemberId(member.id);
            member.client_urls.into_iter().map(move |url| (id, url))
        });
        Ok(urls.collect())
    }

    async fn endpoints(&self) -> Done {
        let Some(asked) = request(&self.it) else { return Ok(()) };
        let (mut found, mut last) = (Vec::new(), None);
        for (member, endpoint) in self.members().await? {
            let began = sim::now();
            let answer = self.ask(asked.clone(), Some(member)).await;
            let took = print::span((sim::now() - began).as_nanos() as u64);
            let what = match self.it.verb {
                Verb::EndpointStatus => "status",
                _ => "hash",
            };
            let simple = self.it.format() == Format::Simple;
            match answer {
                Ok((header, answer)) => {
                    let about = about(answer, took.clone());
                    if let (Some(About::Health { .. }), true) = (&about, simple) {
                        let done = "is healthy: successfully committed proposal";
                        self.complain(&format!("{endpoint} {done}: took = {took}"));
                    }
                    found.extend(about.map(|about| OfEndpoint { endpoint, header, about }));
                }
                Err(error) if self.it.verb == Verb::EndpointHealth => {
                    if simple {
                        let failed = "is unhealthy: failed to commit proposal";
                        self.complain(&format!("{endpoint} {failed}: {error}"));
                    }
                    let about = About::Health { took, error: error.to_string() };
                    found.push(OfEndpoint { endpoint, header: self.header(member), about });
                    last = Some("unhealthy cluster".to_string());
                }
                Err(error) => {
                    let failed = format!("Failed to get the {what} of endpoint {endpoint}");
                    self.complain(&format!("{failed} ({error})"));
                    last = Some(error.to_string());
                }
            }
        }
        self.print(&print::endpoints(&self.it, &found));
        match last {
            None => Ok(()),
            Some(_) if self.it.verb == Verb::EndpointStatus => Err(silent(ERROR)),
            Some(error) => Err(Refusal::error(ERROR, error)),
        }
    }

    async fn defragment(&self) -> Done {
        let mut failed = false;
        for (member, endpoint) in self.members().await? {
            let asked = Request::Maintenance(MaintenanceRequest::Defragment);
            match self.ask(asked, Some(member)).await {
                Ok(_) => self.print(&format!("Finished defragmenting etcd member[{endpoint}]\n")),
                Err(error) => {
                    self.complain(&format!(
                        "Failed to defragment etcd member[{endpoint}] ({error})"
                    ));
                    failed = true;
                }
            }
        }
        if failed { Err(silent(ERROR)) } else { Ok(()) }
    }

    /// etcdctl itself looks for the leader, at the endpoints it was given.
    async fn move_leader(&self) -> Done {
        let Some(asked) = request(&self.it) else { return Ok(()) };
        let (mut leader, mut endpoints) = (None, Vec::new());
        for (member, endpoint) in self.members().await? {
            let status = Request::Maintenance(MaintenanceRequest::Status);
            let answer = self.ask(status, Some(member)).await;
            if let (_, Response::Maintenance(MaintenanceResponse::Status(status))) =
                answer.map_err(|error| Refusal::error(ERROR, error))?
                && status.leader == member.0
            {
                leader = Some(member);
            }
            endpoints.push(endpoint);
        }
        let none = || {
            let text = format!("no leader endpoint given at [{}]", endpoints.join(" "));
            Refusal::error(BAD_ARGS, text)
        };
        let leader = leader.ok_or_else(none)?;
        let answer = self.ask(asked, Some(leader)).await;
        let (header, response) = answer.map_err(|error| Refusal::error(ERROR, error))?;
        self.answer(&header, &response)
    }

    /// The client lists the alarms and lowers each.
    async fn disarm(&self) -> Done {
        let alarm =
            |action, member| Request::Maintenance(MaintenanceRequest::Alarm { action, member });
        let refused = |error| Refusal::error(ERROR, error);
        let listed = self.ask(alarm(AlarmAction::Get, AlarmMember::default()), None).await;
        let (header, mut answer) = listed.map_err(refused)?;
        let raised = match &mut answer {
            Response::Maintenance(MaintenanceResponse::Alarm { alarms, .. }) => {
                std::mem::take(alarms)
            }
            _ => Vec::new(),
        };
        for member in raised {
            let lowered = self.ask(alarm(AlarmAction::Deactivate, member), None).await;
            if let (
                Response::Maintenance(MaintenanceResponse::Alarm { alarms: all, .. }),
                (_, Response::Maintenance(MaintenanceResponse::Alarm { alarms, .. })),
            ) = (&mut answer, lowered.map_err(refused)?)
            {
                all.extend(alarms);
            }
        }
        self.answer(&header, &answer)
    }

    /// Saves a member's database to a file on etcdctl's own machine, or looks at such a file.
    async fn snapshot(&self) -> Done {
        let (Some(file), Some(asked)) = (self.it.arguments.first(), request(&self.it)) else {
            return Ok(());
        };
        if self.it.verb == Verb::SnapshotStatus {
            let saved = self.cluster.commands().file(file);
            let missing = || format!("stat {file}: no such file or directory");
            let bytes = saved.ok_or_else(|| Refusal::error(ERROR, missing()))?;
            self.print(&print::snapshot(&self.it, &bytes));
            return Ok(());
        }
        let answer = self.ask(asked, None).await.map_err(|error| Refusal::error(ERROR, error))?;
        if let (_, Response::Maintenance(MaintenanceResponse::Snapshot { blob, .. })) = answer {
            self.cluster.commands().save(file, blob);
            self.print(&format!("Snapshot saved at {file}\n"));
        }
        Ok(())
    }
}

/// Ends without a word.
fn silent(code: u8) -> Refusal {
    Refusal { word: None, code, text: String::new() }
}

fn about(answer: Response, took: String) -> Option<About> {
    Some(match answer {
        Response::Maintenance(MaintenanceResponse::Status(status)) => About::Status(status),
        Response::Maintenance(MaintenanceResponse::HashKv {
            revision,
            hash,
            compact_revision,
            ..
        }) => {
            let (revision, compact_revision) = (revision.0, compact_revision.0);
            About::HashKv { revision, hash, compact_revision }
        }
        Response::Range(_) => About::Health { took, error: String::new() },
        _ => return None,
    })
}
