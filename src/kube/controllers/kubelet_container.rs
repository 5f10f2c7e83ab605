//! What becomes of containers after they were begun: they crash and are begun again, fail their
//! probes, or their image cannot be pulled.
//!
//! * The first time a container ends it is begun again at once; from then on after a pause that
//!   doubles from 10 seconds to 5 minutes: `CrashLoopBackOff`. After ten minutes of running the
//!   pause is the first one again.
//! * A probe is noticed after as many failures in a row as it has to have. A container without the
//!   probe does not notice.
//! * An image with the tag [`MISSING`] is not in the registry; it is asked for again after the same
//!   pauses.
//!
//! Caveats: all containers of a pod share one fate. The pause follows from the count of restarts.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/kubelet (kuberuntime_manager.go, images/image_manager.go, prober).

use serde_json::Value;

use super::kubelet::{conditions, containers, first_probe_ms, later, now, running};
use super::{Ask, Plan, holds, millis, patch};
use crate::kube::api::Part;
use crate::kube::filled::{at, filled, number, text};
use crate::kube::{Ailment, object};
use crate::sim::Rng;

/// The tag of images that the modelled registry does not have.
pub const MISSING: &str = "missing";

/// The first pause, and the longest.
const PAUSE_MS: i64 = 10_000;
const PAUSE_MAX_MS: i64 = 300_000;

/// Who ran for so long is as good as new.
const RAN_WELL_MS: i64 = 600_000;

/// From the end of a container to its first restart.
const AT_ONCE_MS: i64 = 1_000;

/// How long a pull that fails is called that before it is called a back-off.
const FAILED_MS: i64 = 3_000;

/// The pause after so many restarts or pulls.
pub fn pause_ms(count: i64) -> i64 {
    (PAUSE_MS << (count - 1).clamp(0, 5)).min(PAUSE_MAX_MS)
}

/// The state of the pod's containers: that of the first.
fn first(pod: &Value) -> &Value {
    at(pod, "status.containerStatuses.0")
}

/// A probe's failures in a row, in milliseconds; none: there is no such probe.
fn noticed_after_ms(pod: &Value, probe: &str, count: &str) -> Option<i64> {
    let of = |container: &Value| {
        let probe = at(container, probe);
        let times = number(probe, count).max(1) * number(probe, "periodSeconds").max(1);
        (!probe.is_null()).then_some(times * 1000)
    };
    containers(pod).iter().filter_map(of).min()
}

/// A pod whose containers were begun.
pub fn tend(ask: &Ask<'_>, pod: &Value) -> Plan {
    let status = first(pod);
    let (state, count) = (at(status, "state"), number(status, "restartCount"));
    let ended = at(state, "terminated");
    if !ended.is_null() {
        if count > 0 {
            return now(patch(Part::Status, pod, backing_off(pod)));
        }
        return due(ask, millis(at(ended, "finishedAt")), AT_ONCE_MS, || running(ask, pod), pod);
    }
    if text(state, "waiting.reason") == "CrashLoopBackOff" {
        let last = at(status, "lastState.terminated");
        let (from, to) = (millis(at(last, "startedAt")), millis(at(last, "finishedAt")));
        let ran_well = to.unwrap_or(0) - from.unwrap_or(0) >= RAN_WELL_MS;
        let pause = if ran_well { PAUSE_MS } else { pause_ms(count) };
        return due(ask, to, pause, || running(ask, pod), pod);
    }
    let started = millis(at(state, "running.startedAt")).unwrap_or(0);
    let (ailment, since) = ask.ails;
    let since = since.max(started);
    match ailment {
        Some(Ailment::Crash) => {
            let dice = &mut Rng::stream(ask.seed, object::uid(pod), 2, count as u64);
            let runs = dice.between(1_000..3_000) as i64;
            return due(ask, Some(since), runs, || ended_with(ask, pod, 1), pod);
        }
        Some(Ailment::Stuck) => {
            if let Some(ms) = noticed_after_ms(pod, "livenessProbe", "failureThreshold") {
                return due(ask, Some(since), ms, || ended_with(ask, pod, 137), pod);
            }
        }
        _ => {}
    }
    let ready = holds(pod, "Ready");
    let unwell = matches!(ailment, Some(Ailment::Unready | Ailment::Stuck));
    let noticed = |count| noticed_after_ms(pod, "readinessProbe", count);
    match (unwell, ready) {
        (true, true) => match noticed("failureThreshold") {
            Some(ms) => due(ask, Some(since), ms, || unready(ask, pod), pod),
            None => Plan::default(),
        },
        (true, false) if noticed("failureThreshold").is_some() => Plan::default(),
        (_, false) => {
            let again = if since > started { noticed("successThreshold").unwrap_or(0) } else { 0 };
            let at = (started + first_probe_ms(pod)).max(since + again);
            due(ask, Some(at), 0, || running(ask, pod), pod)
        }
        (false, true) => Plan::default(),
    }
}

/// A status once a time has come.
fn due(
    ask: &Ask<'_>,
    from: Option<i64>,
    after_ms: i64,
    status: impl FnOnce() -> Value,
    pod: &Value,
) -> Plan {
    match from.unwrap_or(0) + after_ms - ask.now_ms {
        left @ 1.. => later(left),
        _ => now(patch(Part::Status, pod, status())),
    }
}

/// Every container's status, changed: a list of them is written whole.
fn each(pod: &Value, change: impl Fn(&str, &mut Value)) -> Value {
    let all = at(pod, "status.containerStatuses").as_array().into_iter().flatten();
    let one = |status: &Value| {
        let mut status = status.clone();
        change(text(&status, "name").to_string().as_str(), &mut status);
        status
    };
    all.map(one).collect()
}

fn ended_with(ask: &Ask<'_>, pod: &Value, code: i64) -> Value {
    const ENDED: &str = r#"{"terminated": {"exitCode": "$0", "reason": "Error", "startedAt": "$1",
        "finishedAt": "$2", "containerID": "$3"}}"#;
    const STATUS: &str = r#"{"status": {"phase": "$0", "conditions": "$1",
        "containerStatuses": "$2"}}"#;
    let ended = each(pod, |_, status| {
        let started = at(status, "state.running.startedAt").clone();
        let id = at(status, "containerID").clone();
        status["state"] = filled(ENDED, &[code.into(), started, ask.now().into(), id]);
        status["ready"] = false.into();
        status["started"] = false.into();
    });
    let never = at(pod, "spec.restartPolicy") == "Never";
    let phase = if never { "Failed" } else { "Running" };
    filled(STATUS, &[phase.into(), conditions(ask, pod, true, false).into(), ended])
}

fn backing_off(pod: &Value) -> Value {
    const WAITS: &str = r#"{"waiting": {"reason": "CrashLoopBackOff", "message": "$0"}}"#;
    let pause = pause_ms(number(first(pod), "restartCount")) / 1000;
    let pause = match (pause / 60, pause % 60) {
        (0, seconds) => format!("{seconds}s"),
        (minutes, seconds) => format!("{minutes}m{seconds}s"),
    };
    let whose = whose(pod);
    let waits = each(pod, |name, status| {
        let said = format!("back-off {pause} restarting failed container={name} pod={whose}");
        status["lastState"] = status["state"].take();
        status["state"] = filled(WAITS, &[said.into()]);
    });
    filled(r#"{"status": {"containerStatuses": "$0"}}"#, &[waits])
}

/// `web_default(uid)`
pub fn whose(pod: &Value) -> String {
    let (name, namespace) = (object::name(pod), object::namespace(pod));
    format!("{name}_{namespace}({})", object::uid(pod))
}

fn unready(ask: &Ask<'_>, pod: &Value) -> Value {
    let still = each(pod, |_, status| status["ready"] = false.into());
    let conditions = conditions(ask, pod, true, false).into();
    filled(r#"{"status": {"conditions": "$0", "containerStatuses": "$1"}}"#, &[conditions, still])
}

/// Whether one of the pod's images is not to be had.
pub fn lacks_image(pod: &Value) -> bool {
    containers(pod).iter().any(is_missing)
}

fn is_missing(container: &Value) -> bool {
    text(container, "image").rsplit(':').next() == Some(MISSING)
}

/// A pod whose image cannot be pulled, so long after the first try.
pub fn pulls_in_vain(pod: &Value, elapsed_ms: i64) -> Plan {
    let (mut tried, mut tries) = (0, 1);
    while elapsed_ms >= tried + pause_ms(tries) {
        tried += pause_ms(tries);
        tries += 1;
    }
    let (reason, left) = match tried + FAILED_MS - elapsed_ms {
        left @ 1.. => ("ErrImagePull", left),
        _ => ("ImagePullBackOff", tried + pause_ms(tries) - elapsed_ms),
    };
    if text(first(pod), "state.waiting.reason") == reason {
        return later(left);
    }
    const WAITS: &str = r#"{"waiting": {"reason": "$0", "message": "$1"}}"#;
    let waits = each(pod, |_, status| {
        let image = text(status, "image").to_string();
        let said = match (is_missing(status), reason) {
            (false, _) => return,
            (_, "ErrImagePull") => not_found(&image),
            _ => format!("Back-off pulling image {image:?}: ErrImagePull: {}", not_found(&image)),
        };
        status["state"] = filled(WAITS, &[reason.into(), said.into()]);
    });
    let again = Some(std::time::Duration::from_millis(left as u64));
    let status = filled(r#"{"status": {"containerStatuses": "$0"}}"#, &[waits]);
    Plan { again, ..now(patch(Part::Status, pod, status)) }
}

/// What a registry says of an image it does not have.
pub fn not_found(image: &str) -> String {
    let whole = format!("docker.io/library/{image}");
    format!(
        "failed to pull and unpack image {whole:?}: failed to resolve reference {whole:?}: \
         {whole}: not found"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pauses: Vec<i64> = (1..=8).map(|count| pause_ms(count) / 1000).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn pulls_are_tried_again() {
        let pod = serde_json::json!({
            "kind": "Pod", "metadata": {"name": "a", "namespace": "b", "uid": "c"},
            "spec": {"containers": [{"name": "web", "image": "web:missing"}]},
            "status": {"containerStatuses": [{"name": "web", "image": "web:missing"}]},
        });
        assert!(lacks_image(&pod));
        let reason = |ms: i64| {
            let plan = pulls_in_vain(&pod, ms);
            let text = plan.writes[0].body_text();
            let reason =
                ["ImagePullBackOff", "\"ErrImagePull\""].into_iter().find(|it| text.contains(it));
            (reason.unwrap().trim_matches('"').to_string(), plan.again.unwrap().as_millis())
        };
        assert_eq!(reason(0), ("ErrImagePull".into(), 3_000));
        assert_eq!(reason(3_000), ("ImagePullBackOff".into(), 7_000));
        assert_eq!(reason(10_000), ("ErrImagePull".into(), 3_000));
        assert_eq!(reason(14_000), ("ImagePullBackOff".into(), 16_000));
    }
}
