//! The lock that keeps two rollbacks of one release apart and tells the second one by whom: a Lease named for the release
//! (coordination.k8s.io/v1), taken before the first write, renewed while it runs, given back at the end.
//!
//! Best effort: the record itself is the last word (its POST fails for the second one). helm knows nothing of the lease.
//! A holder that died is passed over when its lease has expired; the clocks of the machines are taken to agree.
//!
//! Never: a reason to stop where leases may not be written; the plan says so.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use super::api::{Answer, Gvk, Mode, ObjectRef, Refused, Resource, Verb};
use super::desk::Desk;
use super::engine::{CallId, Engine, Input, Request};
use super::holder::Holder;
use super::{manifest, rollout};
use crate::domain::moment::{Moment, long, since};
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::text::clean;

/// A lease that nobody renewed for this long has no holder any more.
pub const LENGTH: Duration = Duration::from_mins(1);
/// It is renewed this often.
pub const RENEWED: Duration = Duration::from_secs(20);
/// How often taking is tried while others write the lease.
const TRIES: u32 = 5;
/// Which revision the holder writes.
const WRITES: &str = "backout/writes";
/// Who held it last, for the one that comes too late.
const LAST: &str = "backout/last-holder";

/// The kind.
pub fn leases() -> Resource {
    Resource { gvk: Gvk::new("coordination.k8s.io/v1", "Lease"), plural: "leases".into(), namespaced: true }
}

/// Where the lease of a release is.
pub fn place(namespace: &Namespace, release: &ReleaseName) -> ObjectRef {
    ObjectRef { resource: leases(), namespace: Some(namespace.clone()), name: format!("backout-{release}") }
}

/// What a lease says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Who holds it: `ana@bastion (pid 4711)`; none where it is free or has expired.
    pub holder: Option<String>,
    /// Since when.
    pub since: Moment,
    /// Which revision its holder, or the last one, writes.
    pub writes: Option<Revision>,
    /// Who held it last.
    pub last: Option<String>,
}

/// Reads a lease.
pub fn read(lease: &Value, now: Moment) -> Reading {
    let time = |path: &str| DateTime::parse_from_rfc3339(rollout::text(lease, path)).ok().map(|t| t.to_utc());
    let seconds = u64::try_from(rollout::number(lease, "/spec/leaseDurationSeconds")).unwrap_or_default();
    let renewed = time("/spec/renewTime").unwrap_or_default();
    let holder = rollout::text(lease, "/spec/holderIdentity");
    let held = !holder.is_empty() && since(renewed, now) < Duration::from_secs(seconds);
    Reading {
        holder: held.then(|| clean(holder)),
        since: time("/spec/acquireTime").unwrap_or(renewed),
        writes: manifest::annotation(lease, WRITES).and_then(|r| r.parse().ok()).map(Revision),
        last: manifest::annotation(lease, LAST).map(clean),
    }
}

impl Reading {
    /// Who is at work and since when; `None` where nobody is.
    pub fn sentence(&self, release: &ReleaseName, now: Moment) -> Option<String> {
        let holder = self.holder.as_ref()?;
        let (clock, age) = (self.since.format("%H:%M:%S"), long(since(self.since, now)));
        Some(format!("{holder} is rolling {release} back since {clock} UTC ({age})"))
    }
}

/// What is wanted of the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The release.
    pub release: ReleaseName,
    /// Where it is.
    pub namespace: Namespace,
    /// For whom.
    pub holder: Holder,
    /// Which revision will be written.
    pub writes: Revision,
    /// A dead holder whose lease has not expired yet, and whose place the plan takes.
    pub over: Option<String>,
}

/// How taking it ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// It is held.
    Held(Box<Held>),
    /// It cannot be had here; the record alone keeps rollbacks apart.
    Without(String),
    /// Somebody else is at work: who, and since when.
    Busy(String),
}

/// A lease that is held.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    at: ObjectRef,
    lease: Value,
    holder: String,
    /// Who held it before, and which revision they wrote.
    pub before: Option<(String, Revision)>,
}

/// Takes the lease.
#[derive(Debug, Clone)]
pub struct Taking {
    claim: Claim,
    at: ObjectRef,
    desk: Desk,
    stage: Stage,
    tries: u32,
    before: Option<(String, Revision)>,
    end: Option<Taken>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Idle,
    Looking(CallId),
    Writing(CallId),
}

impl Taking {
    /// For that claim.
    pub fn new(claim: Claim) -> Self {
        let at = place(&claim.namespace, &claim.release);
        Self { claim, at, desk: Desk::default(), stage: Stage::Idle, tries: 0, before: None, end: None }
    }

    fn look(&mut self) {
        self.tries += 1;
        if self.tries > TRIES {
            self.end = Some(Taken::Without("others keep writing its lease".into()));
            return;
        }
        self.stage = Stage::Looking(self.desk.object(&self.at, Verb::Get, Mode::Commit));
    }

    fn looked(&mut self, answer: Answer, now: Moment) {
        match answer {
            Answer::Object(lease) => {
                let reading = read(&lease, now);
                let over = reading.holder.is_some() && reading.holder == self.claim.over;
                if let (false, Some(why)) = (over, reading.sentence(&self.claim.release, now)) {
                    self.end = Some(Taken::Busy(why));
                    return;
                }
                self.before = reading.last.clone().zip(reading.writes);
                let version = rollout::text(&lease, "/metadata/resourceVersion");
                self.write(Some(version), now);
            }
            Answer::Refused(Refused::NotFound(_)) => self.write(None, now),
            Answer::Refused(refused) => self.end = Some(Taken::Without(clean(&refused.message()))),
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => self.odd(),
        }
    }

    fn write(&mut self, version: Option<&str>, now: Moment) {
        let body = lease(&self.at, &self.claim, version, now);
        let verb = if version.is_some() { Verb::Replace(body) } else { Verb::Create(body) };
        self.stage = Stage::Writing(self.desk.object(&self.at, verb, Mode::Commit));
    }

    fn wrote(&mut self, answer: Answer) {
        match answer {
            Answer::Object(lease) => {
                let (at, before) = (self.at.clone(), self.before.clone());
                self.end =
                    Some(Taken::Held(Box::new(Held { at, lease, holder: self.claim.holder.to_string(), before })));
            }
            Answer::Refused(Refused::AlreadyExists(_) | Refused::Conflict { .. }) => self.look(),
            Answer::Refused(refused) => self.end = Some(Taken::Without(clean(&refused.message()))),
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => self.odd(),
        }
    }

    fn odd(&mut self) {
        self.end = Some(Taken::Without("the server gave an answer of another kind".into()));
    }
}

impl Engine for Taking {
    type End = Taken;

    fn step(&mut self, now: Moment, input: Input) -> Vec<Request> {
        if self.end.is_some() {
            return Vec::new();
        }
        match (self.stage, input) {
            (Stage::Idle, Input::Start) => self.look(),
            (Stage::Looking(id), Input::Answer(of, answer)) if id == of => self.looked(answer, now),
            (Stage::Writing(id), Input::Answer(of, answer)) if id == of => self.wrote(answer),
            (Stage::Idle | Stage::Looking(_) | Stage::Writing(_), _) => {}
        }
        self.desk.take()
    }

    fn end(&self) -> Option<&Taken> {
        self.end.as_ref()
    }
}

fn micro(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn lease(at: &ObjectRef, claim: &Claim, version: Option<&str>, now: Moment) -> Value {
    let holder = claim.holder.to_string();
    let mut lease = json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": at.name,
            "namespace": claim.namespace.as_str(),
            "annotations": {WRITES: claim.writes.to_string(), LAST: holder},
        },
        "spec": {
            "holderIdentity": holder,
            "acquireTime": micro(now),
            "renewTime": micro(now),
            "leaseDurationSeconds": LENGTH.as_secs(),
        },
    });
    if let Some(version) = version {
        *manifest::member(manifest::member(&mut lease, "metadata"), "resourceVersion") = version.into();
    }
    lease
}

/// What became of a held lease.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// It is still held.
    Held(Box<Held>),
    /// It is free, or another's.
    Gone,
}

/// Writes a held lease once more: to renew it, or to give it back.
#[derive(Debug, Clone)]
pub struct Keeping {
    held: Box<Held>,
    purpose: Purpose,
    desk: Desk,
    stage: Stage,
    tries: u32,
    end: Option<Kept>,
}

/// Why a held lease is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It goes on.
    Renew,
    /// It is over.
    GiveBack,
}

impl Keeping {
    /// Renews it, or gives it back.
    pub fn new(held: Box<Held>, purpose: Purpose) -> Self {
        Self { held, purpose, desk: Desk::default(), stage: Stage::Idle, tries: 0, end: None }
    }

    fn write(&mut self, now: Moment) {
        self.tries += 1;
        let spec = manifest::member(&mut self.held.lease, "spec");
        *manifest::member(spec, "renewTime") = micro(now).into();
        if self.purpose == Purpose::GiveBack {
            // Free is a lease without a holder, as client-go's leader election leaves it.
            *manifest::member(spec, "holderIdentity") = Value::Null;
        }
        let verb = Verb::Replace(self.held.lease.clone());
        self.stage = Stage::Writing(self.desk.object(&self.held.at, verb, Mode::Commit));
    }

    fn wrote(&mut self, answer: Answer) {
        match answer {
            Answer::Object(lease) if rollout::text(&lease, "/spec/holderIdentity") == self.held.holder => {
                self.held.lease = lease;
                self.end = Some(Kept::Held(self.held.clone()));
            }
            // A write of ours whose answer got lost has moved the version on.
            Answer::Refused(Refused::Conflict { .. }) if self.tries < TRIES => {
                self.stage = Stage::Looking(self.desk.object(&self.held.at, Verb::Get, Mode::Commit));
            }
            Answer::Refused(Refused::Fault { .. } | Refused::Busy(_)) => self.end = Some(Kept::Held(self.held.clone())),
            Answer::Object(_)
            | Answer::Refused(_)
            | Answer::Resource(_)
            | Answer::List(_)
            | Answer::Gone
            | Answer::Allowed(_) => self.end = Some(Kept::Gone),
        }
    }

    fn looked(&mut self, answer: Answer, now: Moment) {
        match answer {
            Answer::Object(lease) if rollout::text(&lease, "/spec/holderIdentity") == self.held.holder => {
                self.held.lease = lease;
                self.write(now);
            }
            Answer::Object(_)
            | Answer::Refused(_)
            | Answer::Resource(_)
            | Answer::List(_)
            | Answer::Gone
            | Answer::Allowed(_) => self.end = Some(Kept::Gone),
        }
    }
}

impl Engine for Keeping {
    type End = Kept;

    fn step(&mut self, now: Moment, input: Input) -> Vec<Request> {
        if self.end.is_some() {
            return Vec::new();
        }
        match (self.stage, input) {
            (Stage::Idle, Input::Start) => self.write(now),
            (Stage::Looking(id), Input::Answer(of, answer)) if id == of => self.looked(answer, now),
            (Stage::Writing(id), Input::Answer(of, answer)) if id == of => self.wrote(answer),
            (Stage::Idle | Stage::Looking(_) | Stage::Writing(_), _) => {}
        }
        self.desk.take()
    }

    fn end(&self) -> Option<&Kept> {
        self.end.as_ref()
    }
}
