//! What happens to a pod next: scheduling, pulling, starting, getting ready, crashing, backing off, leaving.
//!
//! Never: making or choosing pods; controllers do.

use std::time::Duration;

use super::chance::Chance;
use super::conduct::{Conduct, Fate};
use super::pod::{Life, Pod};
use crate::domain::moment::Moment;
use crate::domain::workload::Exit;

/// Nodes of the simulated cluster.
pub(super) const NODES: [&str; 3] = ["aks-pool1-vmss000000", "aks-pool1-vmss000001", "aks-pool1-vmss000002"];

/// How long this stage of a life lasts; `None`: until something else happens.
pub fn lasts(chance: Chance, pod: &Pod) -> Option<Duration> {
    let name = pod.name.as_str();
    let draw = |what: &str, low: u64, high: u64| {
        let key = format!("{what}/{name}");
        chance.between(&key, pod.epoch, Duration::from_millis(low), Duration::from_millis(high))
    };
    let main = &pod.conduct;
    match pod.life {
        Life::Scheduling => Some(draw("schedule", 150, 700)),
        Life::Creating => Some(draw("create", 1_800, 5_500)),
        Life::PullFailed(_) => Some(draw("pull", 1_000, 2_500)),
        Life::PullWaits(n) => Some(Pod::back_off(n as usize + 1)),
        Life::Booting => {
            let start = main.start.mul_f64(chance.unit(&format!("start/{name}"), pod.epoch).mul_add(0.3, 0.85));
            match &main.fate {
                Fate::Crashes { after, .. } => Some(start.min(*after)),
                Fate::Serves | Fate::NoSuchImage => Some(start),
                Fate::NeverReady => None,
            }
        }
        Life::Ready => match &main.fate {
            Fate::Crashes { after, .. } => Some(after.saturating_sub(main.start.min(*after))),
            Fate::Serves | Fate::NeverReady | Fate::NoSuchImage => None,
        },
        Life::Crashed => Some(Duration::from_secs(1)),
        Life::BackOff => Some(Pod::back_off(pod.restarts.len() + 1)),
        Life::Leaving => Some(draw("leave", 1_500, 5_000)),
        Life::Succeeded | Life::Failed => None,
    }
}

/// What a pod becomes when this stage has lasted; `None`: it is gone. `read` looks up how the container behaves by its
/// image and by the configuration that stands now.
pub fn next(chance: Chance, pod: &Pod, now: Moment, read: impl Fn(&Pod) -> Conduct) -> Option<Pod> {
    let mut next = pod.clone();
    next.epoch += 1;
    next.since = now;
    match pod.life {
        Life::Scheduling => {
            let node = chance.draw(&format!("node/{}", pod.name), 0) as usize % NODES.len();
            NODES.get(node).copied().unwrap_or_default().clone_into(&mut next.node);
            next.life = Life::Creating;
        }
        Life::Creating | Life::PullWaits(_) => {
            let failures = if let Life::PullWaits(n) = pod.life { n } else { 0 };
            let conduct = read(pod);
            if conduct.fate == Fate::NoSuchImage {
                next.life = Life::PullFailed(failures + 1);
            } else {
                start(&mut next, conduct, now);
            }
        }
        Life::PullFailed(n) => next.life = Life::PullWaits(n),
        Life::Booting => match &pod.conduct.fate {
            Fate::Crashes { after, .. } if *after <= pod.conduct.start => crash(&mut next, now),
            Fate::Serves | Fate::Crashes { .. } | Fate::NeverReady | Fate::NoSuchImage => {
                if pod.owner.kind == "Job" {
                    end(&mut next, now);
                } else {
                    next.life = Life::Ready;
                }
            }
        },
        Life::Ready => crash(&mut next, now),
        Life::Crashed if pod.owner.kind == "Job" => next.life = Life::Failed,
        Life::Crashed if pod.restarts.is_empty() => again(&mut next, read(pod), now),
        Life::Crashed => next.life = Life::BackOff,
        Life::BackOff => again(&mut next, read(pod), now),
        Life::Leaving => return None,
        Life::Succeeded | Life::Failed => {}
    }
    Some(next)
}

fn start(pod: &mut Pod, conduct: Conduct, now: Moment) {
    pod.life = Life::Booting;
    pod.started = Some(now);
    pod.conduct = conduct;
}

fn again(pod: &mut Pod, conduct: Conduct, now: Moment) {
    pod.restarts.push(now);
    start(pod, conduct, now);
}

fn crash(pod: &mut Pod, now: Moment) {
    if let Fate::Crashes { code, reason, .. } = &pod.conduct.fate {
        pod.last_exit = Some(Exit { code: *code, reason: reason.clone(), at: now });
    }
    pod.life = Life::Crashed;
}

fn end(pod: &mut Pod, now: Moment) {
    pod.last_exit = Some(Exit { code: 0, reason: "Completed".into(), at: now });
    pod.life = Life::Succeeded;
}
