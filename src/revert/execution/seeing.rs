//! What the cluster shows once all is written: every pod that reads the object new and ready.
//!
//! Never: well because the writes went well.

use super::{Execution, Stage};
use crate::domain::event::Ending;
use crate::domain::figure::count;
use crate::domain::moment::short;
use crate::helm::choices::Wait;
use crate::helm::progress::Progress;
use crate::helm::readiness::{Readiness, Seen, Wanted};
use crate::kubectl::ask::address;
use crate::revert::readers::Fate;

impl Execution {
    /// `ConfigMap web-conf back to its content of revision 2, 1 workload restarted`
    fn done(&self) -> String {
        let marked = count(self.restarting.marked().count(), "workload", "workloads");
        let paused =
            self.plan.readers.iter().filter(|r| matches!(&r.fate, Fate::Left(why) if why.contains("paused"))).count();
        let but = if paused == 0 { String::new() } else { format!(" ({paused} paused and not restarted)") };
        format!("{}, {marked} restarted{but}", self.plan.sentence())
    }

    pub(super) fn settle(&mut self) {
        let (refused, unknown) = self.restarting.amiss();
        if !refused.is_empty() || !unknown.is_empty() {
            let all = [refused, unknown.clone()].concat().join("; ");
            let why = format!(
                "{}, but {all}. Its pods go on with what they read: plan it again, which restarts the rest",
                self.done()
            );
            self.end = Some(if unknown.is_empty() { Ending::Failed { why } } else { Ending::Unknown { why } });
            return;
        }
        let wanted: Vec<Wanted> = self
            .restarting
            .marked()
            .map(|(reader, generation)| Wanted {
                at: address(&reader.workload, &self.plan.namespace),
                images: reader.runs.clone(),
                generation,
            })
            .collect();
        if wanted.is_empty() {
            self.end = Some(Ending::Seen { what: self.done() });
        } else if self.wait == Wait::Not {
            self.end = Some(Ending::Unseen { what: format!("{}; the pods were not waited for", self.done()) });
        } else {
            self.stage = Stage::Settling(Box::new(Readiness::start(wanted, &mut self.desk)));
            self.desk.deadline(self.timeout);
        }
    }

    pub(super) fn settled(&mut self, late: bool) {
        let Stage::Settling(readiness) = &self.stage else { return };
        let Some(seen) = readiness.end(late) else { return };
        readiness.stop(&mut self.desk);
        let done = self.done();
        self.end = Some(match seen {
            Seen::Ready => {
                self.desk.report(Progress::Ready);
                Ending::Seen { what: format!("{done}, every pod new and ready") }
            }
            Seen::Unready(why) => {
                let time = if late { format!(" after {}", short(self.timeout)) } else { String::new() };
                Ending::Unseen { what: format!("{done}; {why}{time}") }
            }
        });
    }
}
