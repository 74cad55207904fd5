//! Workloads that an undo took back behind Helm's back: the release's record still says what they ran before.
//!
//! Never: one that Helm has written since, by an upgrade or a rollback; one whose undo nobody saw written.

use crate::domain::event::{Act, Ending};
use crate::domain::moment::Moment;
use crate::domain::name::{JobId, Revision, Service};
use crate::domain::release::RevisionFacts;
use crate::domain::workload::WorkloadRef;

use super::Model;

/// A workload that runs an earlier template than its release's record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// By which act.
    pub job: JobId,
    /// Which.
    pub workload: WorkloadRef,
    /// To which of its revisions.
    pub to: u64,
    /// When it was asked for.
    pub at: Moment,
}

impl Model {
    /// What stands undone now, in the order in which it was.
    pub fn undone(&self) -> Vec<Undone> {
        let Some((release, record)) = self.release().and_then(|r| Some((r, r.live()?))) else { return Vec::new() };
        let services = release.services();
        let mut all: Vec<Undone> = Vec::new();
        for (job, record_of) in self.incident.iter().flat_map(|i| &i.jobs) {
            let Act::Undo { workload, namespace, to, .. } = &record_of.act else { continue };
            let written = matches!(record_of.ending, Some(Ending::Seen { .. } | Ending::Unseen { .. }));
            let here = *namespace == release.namespace && services.contains(&workload.name);
            if written && here && record_of.asked > record.updated {
                all.retain(|u| u.workload != *workload);
                all.push(Undone { job: *job, workload: workload.clone(), to: *to, at: record_of.asked });
            }
        }
        all
    }

    /// Whether that revision holds of a workload what runs of it now, image by image; `None` where either is not known.
    pub fn runs(&self, facts: &RevisionFacts, service: &Service) -> Option<bool> {
        let wanted = facts.content.as_ref()?.images.get(service)?;
        let live = self.feeds.workloads.fresh(self.now)?.values().find(|w| w.name == *service)?;
        Some(live.images == *wanted)
    }

    /// The workloads whose images are other in that revision than in the record that Helm takes for live.
    pub fn differing(&self, facts: &RevisionFacts) -> Option<Vec<Service>> {
        let record = self.release()?.live()?.content.as_ref()?;
        let wanted = facts.content.as_ref()?;
        Some(
            wanted
                .images
                .iter()
                .filter(|(s, images)| record.images.get(*s) != Some(*images))
                .map(|(s, _)| s.clone())
                .collect(),
        )
    }
}

/// `order-service undone to its revision 1 at 04:41; helm's record does not know`
pub fn sentence(undone: &[Undone]) -> Option<String> {
    let (newest, others) = undone.split_last()?;
    let time = newest.at.format("%H:%M");
    let name = &newest.workload.name;
    let who = match others.len() {
        0 => format!("{name} undone to its revision {} at {time}", newest.to),
        n => format!("{name} and {n} more undone, the last at {time}"),
    };
    Some(format!("{who}; helm's record does not know"))
}

/// What happens to it at the next upgrade, while the record is that one.
pub fn reminder(undone: &[Undone], record: Revision) -> Option<String> {
    let (newest, others) = undone.split_last()?;
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    Some(format!(
        "The next helm upgrade overwrites the undo of {}{more}: helm's record is still revision {record}. Mend the chart \
         first, or roll the release back.",
        newest.workload.name
    ))
}
