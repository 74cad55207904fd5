//! What the cluster shows once every count is written: every count back and then every pod, or no pod left.
//!
//! Never: what was saved deleted before every count was read back.

use super::{Execution, Stage, odd};
use crate::domain::event::Ending;
use crate::domain::moment::short;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::api::{Answer, Mode, Refused, Verb};
use crate::helm::choices::Wait;
use crate::helm::plan::Change;
use crate::helm::progress::Progress;
use crate::helm::readiness::{Readiness, Seen, Wanted};
use crate::helm::{images, rollout};
use crate::kubectl::ask::address;
use crate::maintenance::ask::Errand;
use crate::maintenance::emptying::{self, Emptying};
use crate::maintenance::plan::{Fate, Row};
use crate::maintenance::{saved, scale, standing};

impl Execution {
    pub(super) fn seen_back(&mut self, kind: WorkloadKind, answer: Answer, done: bool) {
        let Answer::List(all) = answer else {
            let why = format!(
                "every count was written, but cannot be read back: {}. What was saved stays; M brings it back again",
                odd(&answer)
            );
            self.end = Some(Ending::Unseen { what: why });
            return;
        };
        self.live.retain(|workload, _| workload.kind != kind);
        self.learn(kind, all);
        if !done {
            return;
        }
        let other = |row: &&Row| {
            let live = self.live.get(&row.workload).map(scale::count);
            let scaled = row.scaler.is_some() && live.is_some_and(|n| n > 0);
            matches!(row.fate, Fate::To(count) if live != Some(count) && !scaled)
        };
        if let Some(row) = self.plan.rows.iter().find(other) {
            let why = format!(
                "{} does not show the count that was written: somebody set another. What was saved stays; look at it, then M again",
                row.workload
            );
            self.end = Some(Ending::Failed { why });
            return;
        }
        let place = self.place();
        self.stage = Stage::Forgetting(self.desk.object(&place, Verb::Delete, Mode::Commit));
    }

    pub(super) fn forgotten(&mut self, answer: Answer) {
        let index = self.plan.place_of_saved();
        match answer {
            Answer::Gone | Answer::Object(_) | Answer::Refused(Refused::NotFound(_)) => {
                self.desk.report(Progress::Object { index, change: Change::Delete, error: None });
                self.settle();
            }
            answer => {
                let error = odd(&answer);
                self.desk.report(Progress::Object { index, change: Change::Delete, error: Some(error.clone()) });
                let what = format!(
                    "every count is as it was saved, but ConfigMap {} could not be deleted: {error}. M once more ends it",
                    saved::name(&self.plan.release)
                );
                self.end = Some(Ending::Unseen { what });
            }
        }
    }

    pub(super) fn empty(&mut self) {
        if self.wait == Wait::Not {
            self.end = Some(Ending::Unseen { what: format!("{}; its pods were not waited for", self.done()) });
            return;
        }
        // Those that were at 0 before, too: what somebody else stopped a moment ago may still have pods.
        let rows = self.plan.rows.iter().enumerate().filter(|(_, row)| !matches!(row.fate, Fate::Left(_)));
        let stopped = rows.filter_map(|(at, row)| {
            let before = || Some(rollout::number(self.live.get(&row.workload)?, "/metadata/generation"));
            Some((row, self.writing.generation(at).or_else(before)?))
        });
        let emptying = Emptying::start(stopped, &self.plan.namespace, &mut self.desk);
        self.stage = Stage::Emptying(Box::new(emptying));
        self.desk.deadline(self.timeout);
    }

    pub(super) fn settle(&mut self) {
        let back = self.plan.rows.iter().filter(|r| !matches!(r.fate, Fate::Left(_)));
        let wanted = |row: &Row| {
            let live = self.live.get(&row.workload).filter(|live| scale::count(live) > 0)?;
            Some(Wanted {
                at: address(&row.workload, &self.plan.namespace),
                images: images::of(live),
                generation: rollout::number(live, "/metadata/generation"),
            })
        };
        let wanted: Vec<Wanted> = back.filter_map(wanted).collect();
        if self.wait == Wait::Not {
            self.end = Some(Ending::Unseen { what: format!("{}; its pods were not waited for", self.done()) });
        } else if wanted.is_empty() {
            self.end = Some(Ending::Seen { what: self.done() });
        } else {
            self.stage = Stage::Settling(Box::new(Readiness::start(wanted, &mut self.desk)));
            self.desk.deadline(self.timeout);
        }
    }

    /// `ecommerce-app in maintenance, 7 of 7 stopped`
    pub(super) fn done(&self) -> String {
        let release = &self.plan.release;
        match (self.plan.errand, &self.saved) {
            (Errand::Stop | Errand::Finish, Some(saved)) => {
                let stopped = |workload: &WorkloadRef| {
                    let written = self.plan.written().any(|r| r.workload == *workload);
                    if written { Some(0) } else { self.live.get(workload).map(scale::count) }
                };
                format!("{release} in maintenance, {}", standing::tally(saved, stopped).words())
            }
            (Errand::Stop | Errand::Finish, None) => format!("{release} in maintenance"),
            (Errand::BringBack(_), _) => {
                let left = self.plan.rows.iter().filter(|r| matches!(r.fate, Fate::Left(_))).count();
                let but = if left == 0 { String::new() } else { format!(" but for {left} left as they are") };
                format!("{release} back from maintenance, every count as it was saved{but}")
            }
        }
    }

    pub(super) fn emptied(&mut self, late: bool) {
        let Stage::Emptying(emptying) = &self.stage else { return };
        let Some(seen) = emptying.end(late) else { return };
        emptying.stop(&mut self.desk);
        let done = self.done();
        self.end = Some(match seen {
            emptying::Seen::Empty => {
                self.desk.report(Progress::Ready);
                Ending::Seen { what: format!("{done}, no pod of them is left") }
            }
            emptying::Seen::Left(why) => {
                Ending::Unseen { what: format!("{done}, but {why} after {}", short(self.timeout)) }
            }
            emptying::Seen::Risen(which) => Ending::Failed {
                why: format!(
                    "{which}: somebody or something starts it (GitOps, an operator, an autoscaler). Stop that first, then M \
                     stops the rest or brings it back"
                ),
            },
        });
    }

    pub(super) fn settled(&mut self, late: bool) {
        let Stage::Settling(readiness) = &self.stage else { return };
        let Some(seen) = readiness.end(late) else { return };
        readiness.stop(&mut self.desk);
        let done = self.done();
        self.end = Some(match seen {
            Seen::Ready => {
                self.desk.report(Progress::Ready);
                Ending::Seen { what: format!("{done}, every pod ready") }
            }
            Seen::Unready(why) => {
                let time = if late { format!(" after {}", short(self.timeout)) } else { String::new() };
                Ending::Unseen { what: format!("{done}; {why}{time}") }
            }
        });
    }
}
