//! From what was read to what is to be done: whose content, what is written, who is restarted; or why nothing can be.
//!
//! Never: content that is not in one of Helm's records.

use chrono::SecondsFormat;
use serde_json::Value;

use super::{Draft, Planner};
use crate::domain::moment::Moment;
use crate::domain::name::Revision;
use crate::domain::release::Status;
use crate::domain::workload::WorkloadRef;
use crate::helm::ownership;
use crate::helm::plan::{Method, Refusal};
use crate::helm::record::Record;
use crate::revert::plan::Write;
use crate::revert::readers::Reader;
use crate::revert::{content, findings};

impl Planner {
    /// The record that is meant: that number, else the one that is live.
    fn meant(&self) -> Result<(&Record, Option<Revision>), Refusal> {
        let release = &self.ask.release;
        let newest_of = |status: Option<Status>| {
            let fits = |r: &&Record| status.as_ref().is_none_or(|s| r.status == *s);
            self.records.iter().filter(fits).max_by_key(|r| r.revision)
        };
        let live = newest_of(Some(Status::Deployed));
        if self.records.is_empty() && self.unreadable.is_empty() {
            let sentence = format!("There is no Helm release {release} in namespace {}", self.ask.namespace);
            return Err(self.ask.refuse(sentence, "Name the release that the object is of."));
        }
        let Some(to) = self.ask.to else {
            return live.map(|record| (record, Some(record.revision))).ok_or_else(|| {
                let sentence = format!("No revision of {release} is deployed, so none is live");
                self.ask.refuse(sentence, "Choose the revision whose content is wanted (--to).")
            });
        };
        if let Some(record) = self.records.iter().find(|r| r.revision == to) {
            return Ok((record, live.map(|r| r.revision)));
        }
        let unreadable = self.unreadable.iter().find(|(revision, _)| *revision == to);
        let sentence = unreadable.map_or_else(
            || {
                let kept: Vec<String> = self.records.iter().map(|r| r.revision.to_string()).collect();
                format!("{release} has no revision {to} (kept: {})", kept.join(", "))
            },
            |(_, why)| format!("Revision {to} cannot be read: {why}"),
        );
        Err(self.ask.refuse(sentence, "Choose another revision."))
    }

    pub(super) fn in_record(&self, record: &Record) -> Result<Option<Value>, String> {
        content::in_manifest(&record.manifest, &self.ask.object, &self.ask.release, &record.namespace)
    }

    pub(super) fn drafted(&self, now: Moment) -> Result<Draft, Refusal> {
        let (record, live_revision) = self.meant()?;
        let (object, to) = (&self.ask.object, record.revision);
        let unread = |why: String| {
            self.ask.refuse(format!("The manifest of revision {to} cannot be read: {why}"), "Choose another revision.")
        };
        let Some(whole) = self.in_record(record).map_err(unread)? else {
            let has = |r: &&Record| self.in_record(r).is_ok_and(|found| found.is_some());
            let have: Vec<String> = self.records.iter().filter(has).map(|r| r.revision.to_string()).collect();
            let cure = if have.is_empty() {
                "It is not Helm's: put it back from wherever it comes from.".to_owned()
            } else {
                format!("These revisions have it: {}", have.join(", "))
            };
            return Err(self.ask.refuse(format!("Revision {to} of {} has no {object}", self.ask.release), cure));
        };
        if let Some(other) = self.live.as_ref().and_then(|live| findings::elsewhere(&self.ask, live)) {
            let sentence = format!("{object} is of another release: {other}");
            return Err(self.ask.refuse(sentence, "Put it back from a revision of that one."));
        }
        let content = content::of(&whole);
        let same = self.live.as_ref().map(|live| content::differing(live, &content).is_empty());
        let write = match same {
            None => Write::Whole(whole),
            Some(true) => Write::Nothing,
            Some(false) => Write::Content,
        };
        if write == Write::Content && self.live.as_ref().is_some_and(content::is_immutable) {
            return Err(self.immutable(to));
        }
        let written = self.live.as_ref().filter(|_| write == Write::Nothing).and_then(ownership::last_written);
        let read = |(workload, live): (&WorkloadRef, &Value)| Reader::of(object, workload.kind, live, written);
        let readers: Vec<Reader> = self.workloads.iter().filter_map(read).collect();
        let newest = self.records.iter().max_by_key(|r| r.revision);
        let method = newest.and_then(|r| r.method).unwrap_or(Method::Csa);
        let hands = self.live.as_ref().is_some_and(|live| content::handover(live, method).is_some());
        if write == Write::Nothing && !hands && !readers.iter().any(Reader::is_restarted) {
            let sentence = format!(
                "{object} has the content of revision {to}, and nobody who reads it is to be restarted: nothing would change"
            );
            return Err(self
                .ask
                .refuse(sentence, "P restarts a workload all the same; another revision may be chosen."));
        }
        let mark = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        Ok(Draft { to, live: live_revision, method, content, write, readers, mark })
    }

    /// What never changes must be made anew; whoever reads it meanwhile does not start.
    fn immutable(&self, to: Revision) -> Refusal {
        let sentence =
            format!("{} is immutable: its content cannot be changed, only deleted and made anew", self.ask.object);
        let cure = format!(
            "Its running pods go on meanwhile; new ones wait for it. Delete it with the line below, then, at once: {}",
            self.ask.command(Some(to))
        );
        let command = format!("kubectl delete {} {}", self.ask.typed(), self.ask.whereabouts());
        Refusal { command, ..self.ask.refuse(sentence, cure) }
    }
}
