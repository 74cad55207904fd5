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

use super::api::{Answer, Gvk, ObjectRef, Refused, Resource, Verb};
use super::exchange::{Errand, Exchange, Next};
use super::holder::Holder;
use super::{manifest, rollout};
use crate::domain::moment::{Moment, long, since};
use crate::domain::name::{Namespace, ReleaseName, Revision};
use crate::domain::text::clean;

/// A lease that nobody renewed for this long has no holder any more.
pub const LENGTH: Duration = Duration::from_mins(1);
/// It is renewed this often.
pub const RENEWED: Duration = Duration::from_secs(20);
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
    /// Who is at work and since when, told to `reader`; `None` where nobody is.
    pub fn sentence(&self, release: &ReleaseName, reader: &Holder, now: Moment) -> Option<String> {
        let holder = reader.told_of(self.holder.as_ref()?);
        let (clock, age) = (self.since.format("%H:%M:%S"), long(since(self.since, now)));
        Some(format!("{holder} rolling {release} back since {clock} UTC ({age})"))
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

/// What became of a held lease.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// It is still held.
    Held(Box<Held>),
    /// It is free, or another's.
    Gone,
}

/// Takes the lease.
pub type Taking = Exchange<Take>;

/// Writes a held lease once more: to renew it, or to give it back.
pub type Keeping = Exchange<Keep>;

/// To take it.
#[derive(Debug, Clone)]
pub struct Take {
    claim: Claim,
    at: ObjectRef,
    before: Option<(String, Revision)>,
}

impl Taking {
    /// For that claim.
    pub fn new(claim: Claim) -> Self {
        let at = place(&claim.namespace, &claim.release);
        Self::of(Take { claim, at, before: None })
    }
}

impl Take {
    fn write(&self, version: Option<&str>, now: Moment) -> Next<Taken> {
        let body = lease(&self.at, &self.claim, version, now);
        Next::Write(if version.is_some() { Verb::Replace(body) } else { Verb::Create(body) })
    }
}

const fn without(why: String) -> Next<Taken> {
    Next::End(Taken::Without(why))
}

impl Errand for Take {
    type End = Taken;

    fn at(&self) -> &ObjectRef {
        &self.at
    }

    fn begin(&mut self, _: Moment) -> Next<Taken> {
        Next::Look
    }

    fn looked(&mut self, answer: Answer, now: Moment) -> Next<Taken> {
        match answer {
            Answer::Object(lease) => {
                let reading = read(&lease, now);
                let over = reading.holder.is_some() && reading.holder == self.claim.over;
                let busy = reading.sentence(&self.claim.release, &self.claim.holder, now);
                if let (false, Some(why)) = (over, busy) {
                    return Next::End(Taken::Busy(why));
                }
                self.before = reading.last.clone().zip(reading.writes);
                self.write(Some(rollout::text(&lease, "/metadata/resourceVersion")), now)
            }
            Answer::Refused(Refused::NotFound(_)) => self.write(None, now),
            Answer::Refused(refused) => without(clean(&refused.message())),
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => without(ODD.into()),
        }
    }

    fn wrote(&mut self, answer: Answer) -> Next<Taken> {
        match answer {
            Answer::Object(lease) => {
                let (at, before) = (self.at.clone(), self.before.clone());
                let holder = self.claim.holder.to_string();
                Next::End(Taken::Held(Box::new(Held { at, lease, holder, before })))
            }
            Answer::Refused(Refused::AlreadyExists(_) | Refused::Conflict { .. }) => Next::Again,
            Answer::Refused(refused) => without(clean(&refused.message())),
            Answer::Resource(_) | Answer::List(_) | Answer::Gone | Answer::Allowed(_) => without(ODD.into()),
        }
    }

    fn worn(&self) -> Taken {
        Taken::Without("others keep writing its lease".into())
    }
}

const ODD: &str = "the server gave an answer of another kind";

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

/// To write a held one once more.
#[derive(Debug, Clone)]
pub struct Keep {
    held: Box<Held>,
    purpose: Purpose,
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
        Self::of(Keep { held, purpose })
    }
}

impl Keep {
    /// Whether that answer is the lease as we hold it; then it is the one known from now on.
    fn is_ours(&mut self, answer: &Answer) -> bool {
        let Answer::Object(lease) = answer else { return false };
        let ours = rollout::text(lease, "/spec/holderIdentity") == self.held.holder;
        if ours {
            self.held.lease = lease.clone();
        }
        ours
    }
}

impl Errand for Keep {
    type End = Kept;

    fn at(&self) -> &ObjectRef {
        &self.held.at
    }

    fn begin(&mut self, now: Moment) -> Next<Kept> {
        let spec = manifest::member(&mut self.held.lease, "spec");
        *manifest::member(spec, "renewTime") = micro(now).into();
        if self.purpose == Purpose::GiveBack {
            // Free is a lease without a holder, as client-go's leader election leaves it.
            *manifest::member(spec, "holderIdentity") = Value::Null;
        }
        Next::Write(Verb::Replace(self.held.lease.clone()))
    }

    fn looked(&mut self, answer: Answer, now: Moment) -> Next<Kept> {
        if self.is_ours(&answer) { self.begin(now) } else { Next::End(Kept::Gone) }
    }

    fn wrote(&mut self, answer: Answer) -> Next<Kept> {
        match &answer {
            // A write of ours whose answer got lost has moved the version on.
            Answer::Refused(Refused::Conflict { .. }) => Next::Again,
            Answer::Refused(Refused::Fault { .. } | Refused::Busy { .. }) => Next::End(Kept::Held(self.held.clone())),
            _ if self.is_ours(&answer) => Next::End(Kept::Held(self.held.clone())),
            Answer::Object(_)
            | Answer::Refused(_)
            | Answer::Resource(_)
            | Answer::List(_)
            | Answer::Gone
            | Answer::Allowed(_) => Next::End(Kept::Gone),
        }
    }

    fn worn(&self) -> Kept {
        Kept::Gone
    }
}
