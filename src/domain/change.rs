//! What was changed beside Helm's own revisions, by whom and when: what may have made it go wrong.
//!
//! Never: what was deleted; it leaves nothing behind that could tell.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::moment::{Moment, since};
use super::name::Service;

/// The kinds of objects that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// apps/v1
    Deployment,
    /// apps/v1
    StatefulSet,
    /// apps/v1
    DaemonSet,
    /// v1
    ConfigMap,
    /// v1, but for those in which Helm keeps its records.
    Secret,
    /// autoscaling/v2; what it did is told by its events.
    HorizontalPodAutoscaler,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 6] = [
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::ConfigMap,
        Self::Secret,
        Self::HorizontalPodAutoscaler,
    ];

    /// As Kubernetes spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
            Self::HorizontalPodAutoscaler => "HorizontalPodAutoscaler",
        }
    }

    /// API group and plural of what tells of it.
    pub const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Deployment => ("apps", "deployments"),
            Self::StatefulSet => ("apps", "statefulsets"),
            Self::DaemonSet => ("apps", "daemonsets"),
            Self::ConfigMap => ("", "configmaps"),
            Self::Secret => ("", "secrets"),
            Self::HorizontalPodAutoscaler => ("", "events"),
        }
    }

    /// It makes pods.
    pub const fn runs(self) -> bool {
        match self {
            Self::Deployment | Self::StatefulSet | Self::DaemonSet => true,
            Self::ConfigMap | Self::Secret | Self::HorizontalPodAutoscaler => false,
        }
    }

    /// It is read by pods and is none of their owners.
    pub const fn configures(self) -> bool {
        match self {
            Self::ConfigMap | Self::Secret => true,
            Self::Deployment | Self::StatefulSet | Self::DaemonSet | Self::HorizontalPodAutoscaler => false,
        }
    }
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.name)
    }
}

/// What was done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// It was written, for the first time or anew.
    Written,
    /// It set a number of pods.
    Scaled,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// When.
    pub at: Moment,
    /// Of what.
    pub object: Object,
    /// What was done.
    pub deed: Deed,
    /// Who, as its field manager (`kubectl-edit`); of an autoscaler, what it says: `New size: 5; reason: …`.
    pub by: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.deed {
            Deed::Written => write!(f, "{} was changed by {}", self.object, self.by),
            Deed::Scaled => write!(f, "{}: {}", self.object, self.by),
        }
    }
}

/// All that could be seen of changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The newest first.
    pub all: Vec<Change>,
    /// Kinds that cannot be seen, and why.
    pub unseen: BTreeMap<Kind, Fault>,
}

/// Who reads which ConfigMaps and Secrets.
pub type Uses = BTreeMap<Object, BTreeSet<Service>>;

/// Whom a change touches, as seen from the service that is worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touch {
    /// That very service.
    Itself,
    /// Nobody knows whom.
    Unknown,
    /// Others.
    Others,
}

impl Touch {
    /// How much farther away a change counts for what it touches: near in time is not all, nor is the name.
    pub const fn weight(self) -> u32 {
        match self {
            Self::Itself => 1,
            Self::Unknown => 2,
            Self::Others => 4,
        }
    }
}

impl Change {
    /// Whom it touches.
    pub fn touch(&self, service: &Service, uses: &Uses) -> Touch {
        if self.object.kind.configures() {
            return match uses.get(&self.object) {
                Some(by) if by.contains(service) => Touch::Itself,
                Some(_) => Touch::Others,
                None => Touch::Unknown,
            };
        }
        if self.object.name == service.as_str() { Touch::Itself } else { Touch::Others }
    }
}

/// A change may come to light so long before what it brings about, or seem to: curves are sampled.
pub const AFTER: Duration = Duration::from_secs(30);

/// Nearer than this to an onset is near: curves are sampled, so who came first cannot be told.
const NEAR: Duration = Duration::from_secs(15);

/// How far a change is from an onset, weighed by whom it touches; `None` where it came clearly after it, or longer
/// `before` it.
pub fn distance(at: Moment, onset: Moment, before: Duration, touch: Touch) -> Option<Duration> {
    if since(onset, at) > AFTER {
        return None;
    }
    let ago = since(at, onset);
    (ago <= before).then(|| ago.max(NEAR).saturating_mul(touch.weight()))
}

impl Changes {
    /// Nothing can be seen.
    pub fn dark(fault: &Fault) -> Self {
        Self { all: Vec::new(), unseen: Kind::ALL.map(|kind| (kind, fault.clone())).into() }
    }

    /// With those seen earlier since then: who writes an object anew wipes out when it was written before, above all who
    /// puts it back.
    #[must_use]
    pub fn remembering(self, earlier: &[Change], since: Moment) -> Self {
        let kept = earlier.iter().filter(|c| c.at >= since).cloned();
        let all: BTreeSet<Change> = self.all.into_iter().chain(kept).collect();
        Self { all: all.into_iter().rev().collect(), ..self }
    }

    /// The likeliest cause of what began at `onset` with that service, of the changes within `before` it; with its
    /// weighed distance.
    pub fn nearest(
        &self,
        onset: Moment,
        before: Duration,
        service: &Service,
        uses: &Uses,
    ) -> Option<(&Change, Duration)> {
        let far = |c: &Change| distance(c.at, onset, before, c.touch(service, uses));
        self.all.iter().filter_map(|c| Some((c, far(c)?))).min_by_key(|(_, far)| *far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Moment {
        chrono::DateTime::from_timestamp(10_000 + s, 0).unwrap()
    }

    fn change(s: i64, kind: Kind, name: &str) -> Change {
        Change { at: at(s), object: Object { kind, name: name.into() }, deed: Deed::Written, by: "kubectl-edit".into() }
    }

    #[test]
    fn what_was_seen_is_not_forgotten_where_it_was_written_anew() {
        let config = |s| change(s, Kind::ConfigMap, "web-config");
        let earlier = Changes { all: vec![config(-10), config(-90)], unseen: BTreeMap::new() };
        let dark = BTreeMap::from([(Kind::Secret, Fault::Bad { what: "w".into() })]);
        let now = Changes { all: vec![config(40), config(-10)], unseen: dark.clone() };
        let known = now.remembering(&earlier.all, at(-60));
        assert_eq!(known, Changes { all: vec![config(40), config(-10)], unseen: dark });
        let next = Changes { all: vec![config(50)], unseen: BTreeMap::new() }.remembering(&known.all, at(-60));
        assert_eq!(next.all, [config(50), config(40), config(-10)]);
    }

    #[test]
    fn the_likeliest_cause_is_near_in_time_and_touches_who_is_worst() {
        let web = Service::new("web");
        let uses: Uses = [("web-config", "web"), ("cart-config", "cart")]
            .map(|(name, by)| (Object { kind: Kind::ConfigMap, name: name.into() }, [Service::new(by)].into()))
            .into();
        let (own, others, nobody) = (
            |s| change(s, Kind::ConfigMap, "web-config"),
            |s| change(s, Kind::ConfigMap, "cart-config"),
            |s| change(s, Kind::Secret, "token"),
        );
        let cases = [
            (vec![], None),
            (vec![own(-60)], Some((own(-60), 60))),
            (vec![own(-60), others(-20)], Some((own(-60), 60))),
            (vec![own(-100), others(-20)], Some((others(-20), 80))),
            (vec![own(-100), nobody(-40)], Some((nobody(-40), 80))),
            (vec![own(20)], Some((own(20), 15))),
            (vec![others(-5), own(-50)], Some((own(-50), 50))),
            (vec![own(31)], None),
            (
                vec![own(-1_801), change(-700, Kind::Deployment, "web")],
                Some((change(-700, Kind::Deployment, "web"), 700)),
            ),
        ];
        for (all, wanted) in cases {
            let changes = Changes { all, unseen: BTreeMap::new() };
            let found = changes.nearest(at(0), Duration::from_mins(30), &web, &uses);
            assert_eq!(found.map(|(c, far)| (c.clone(), far.as_secs())), wanted, "{changes:?}");
        }
    }
}
