//! What pods use of CPU and memory, held against what they may have: the plan's bands («CPU <70%, Memory <80%» after the
//! rollback, «CPU/Memory >95%» a high alarm).
//!
//! Never: a share of what is not bounded, nor a sample too old to say how it is now.

use std::ops::Add;

use serde::{Deserialize, Serialize};

use super::band::{Band, Bands};
use super::evidence::{Evidence, Verdict};
use super::moment::{Moment, since};
use super::name::{PodName, Service};

/// A sample older than this says nothing of now: metrics-server reads each minute, and hands on what it last read.
pub const OLDEST: std::time::Duration = std::time::Duration::from_mins(3);

/// What is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Cores.
    Cpu,
    /// Bytes.
    Memory,
}

impl Resource {
    /// Both, in the order in which they are told.
    pub const ALL: [Self; 2] = [Self::Cpu, Self::Memory];

    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }

    /// Its name at the head of a value.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "memory",
        }
    }

    /// The plan's bands, of the share 0..1.
    pub const fn bands(self) -> Bands {
        match self {
            Self::Cpu => Bands { well: 0.70, watch: 0.80, high: 0.95, critical: None },
            Self::Memory => Bands { well: 0.80, watch: 0.80, high: 0.95, critical: None },
        }
    }

    /// An amount in words: `0.42 cores`, `412 MiB`.
    pub fn written(self, amount: u64) -> String {
        match self {
            Self::Cpu => format!("{:.2} cores", amount as f64 / 1_000.0),
            Self::Memory => format!("{} MiB", amount.div_ceil(1_048_576)),
        }
    }
}

/// Thousandths of a core, and bytes; `None` where it is not told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Thousandths of a core.
    pub cpu: Option<u64>,
    /// Bytes.
    pub memory: Option<u64>,
}

impl Amounts {
    /// Nothing of both.
    pub const NOTHING: Self = Self { cpu: Some(0), memory: Some(0) };

    /// From cores and bytes, each rounded up.
    pub fn of_base(cpu: Option<f64>, memory: Option<f64>) -> Self {
        let whole = |value: f64| (value.is_finite() && value >= 0.0).then(|| value.ceil() as u64);
        // What a quantity in thousandths leaves over in the last bits is no further thousandth.
        Self { cpu: cpu.and_then(|c| whole((c * 1e6).round() / 1e3)), memory: memory.and_then(whole) }
    }

    /// Of one of them.
    pub const fn of(self, resource: Resource) -> Option<u64> {
        match resource {
            Resource::Cpu => self.cpu,
            Resource::Memory => self.memory,
        }
    }
}

impl Add for Amounts {
    type Output = Self;

    /// Together; not known where one of them is not.
    fn add(self, other: Self) -> Self {
        let both = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        Self { cpu: both(self.cpu, other.cpu), memory: both(self.memory, other.memory) }
    }
}

/// What the containers of a pod ask for and may have, all together; `None` where one of them does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// `resources.requests`
    pub requests: Amounts,
    /// `resources.limits`
    pub limits: Amounts,
}

impl Sizes {
    /// All containers of a pod together; nothing is known of a pod without one.
    pub fn together(containers: impl IntoIterator<Item = Self>) -> Self {
        let sum = |a: Self, b: Self| Self { requests: a.requests + b.requests, limits: a.limits + b.limits };
        containers.into_iter().reduce(sum).unwrap_or_default()
    }
}

/// What one pod uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The pod.
    pub pod: PodName,
    /// When it was measured.
    pub at: Moment,
    /// What all its containers use together.
    pub amounts: Amounts,
}

/// Who measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The metrics API of the cluster, metrics.k8s.io.
    MetricsApi,
    /// Prometheus, from the kubelets' own cAdvisor.
    Prometheus,
}

impl Origin {
    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::MetricsApi => "metrics.k8s.io",
            Self::Prometheus => "Prometheus",
        }
    }
}

/// What the pods of a namespace use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Who measured.
    pub origin: Origin,
    /// What each uses; one that is not measured is not in it.
    pub pods: Vec<Used>,
}

/// What a service's pods are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The sum of their limits.
    Limits(u64),
    /// The sum of their requests: some pod has no limit.
    Requests(u64),
    /// Neither is set for every pod.
    None,
}

/// What the pods of one service use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The service.
    pub service: Service,
    /// What the pods that were measured use together.
    pub used: u64,
    /// What those may have together.
    pub bound: Bound,
    /// Pods that run.
    pub pods: usize,
    /// Those of them that were measured lately.
    pub measured: usize,
}

impl Share {
    /// Of the pods of a service that run: each with its sizes and what was measured of it.
    pub fn of(service: Service, resource: Resource, pods: &[(Sizes, Option<&Used>)], now: Moment) -> Self {
        let fresh = |used: &&Used| since(used.at, now) <= OLDEST;
        let lately = |(sizes, used): &(Sizes, Option<&Used>)| {
            used.filter(fresh).and_then(|u| u.amounts.of(resource)).map(|amount| (*sizes, amount))
        };
        let measured: Vec<(Sizes, u64)> = pods.iter().filter_map(lately).collect();
        let sum = |of: fn(&Sizes) -> Amounts| -> Option<u64> {
            measured.iter().map(|(sizes, _)| of(sizes).of(resource)).sum::<Option<u64>>().filter(|sum| *sum > 0)
        };
        let bound = match (sum(|s| s.limits), sum(|s| s.requests)) {
            (Some(limits), _) => Bound::Limits(limits),
            (None, Some(requests)) => Bound::Requests(requests),
            (None, None) => Bound::None,
        };
        let used = measured.iter().fold(0, |sum: u64, (_, amount)| sum.saturating_add(*amount));
        Self { service, used, bound, pods: pods.len(), measured: measured.len() }
    }

    /// The share 0..1 and above; `None` where nothing is measured or bounded.
    pub fn ratio(&self) -> Option<f64> {
        match self.bound {
            Bound::Limits(most) | Bound::Requests(most) if self.measured > 0 => Some(self.used as f64 / most as f64),
            Bound::Limits(_) | Bound::Requests(_) | Bound::None => None,
        }
    }

    /// Its band.
    pub fn band(&self, resource: Resource) -> Option<Band> {
        resource.bands().of(self.ratio()?)
    }

    /// Whether it is below the limit of success. What some pods use says that it is not, never alone that it is.
    pub fn verdict(&self, resource: Resource) -> Verdict {
        match self.band(resource) {
            None => Verdict::Unknown,
            Some(Band::Well) if self.measured < self.pods => Verdict::Unknown,
            Some(Band::Well) => Verdict::Met,
            Some(Band::Raised | Band::Watch | Band::High | Band::Critical) => Verdict::NotMet,
        }
    }

    /// `84 % of the request (order-service)`
    pub fn short(&self) -> String {
        let of = match self.bound {
            Bound::Limits(_) => " of the limit",
            Bound::Requests(_) => " of the request",
            Bound::None => "",
        };
        let much = self.ratio().map_or_else(|| "unknown".to_owned(), percent);
        format!("{much}{of} ({})", self.service)
    }

    /// `order-service: 84 %, 0.21 cores of the request of 0.25 cores, no limit set`
    pub fn words(&self, resource: Resource) -> String {
        let Self { service, pods, measured, .. } = self;
        let some = if measured < pods { format!(", {measured} of {pods} pods measured") } else { String::new() };
        let percent = self.ratio().map(percent).unwrap_or_default();
        let used = resource.written(self.used);
        match self.bound {
            _ if *pods == 0 => format!("{service}: no pod runs"),
            _ if *measured == 0 => format!("{service}: none of {pods} pods measured"),
            Bound::Limits(most) => {
                format!("{service}: {percent}, {used} of the limit of {}{some}", resource.written(most))
            }
            Bound::Requests(most) => {
                format!("{service}: {percent}, {used} of the request of {}, no limit set{some}", resource.written(most))
            }
            Bound::None => format!("{service}: {used}, neither limit nor request set{some}"),
        }
    }
}

/// What is known of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// All services together.
    pub evidence: Evidence,
    /// Each, the fullest first; empty while nothing is known.
    pub shares: Vec<Share>,
}

/// `84 %`
pub fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        chrono::DateTime::from_timestamp(second, 0).unwrap()
    }

    fn memory(bytes: u64) -> Amounts {
        Amounts { cpu: None, memory: Some(bytes) }
    }

    fn used(bytes: u64, second: i64) -> Used {
        Used { pod: "p".into(), at: at(second), amounts: memory(bytes) }
    }

    const MIB: u64 = 1_048_576;

    #[test]
    fn a_share_is_of_the_limits_else_of_the_requests_and_of_nothing_else() {
        let limited = Sizes { requests: memory(50 * MIB), limits: memory(100 * MIB) };
        let asked = Sizes { requests: memory(50 * MIB), limits: Amounts::default() };
        let free = Sizes::default();
        let (low, good, high) = (used(40 * MIB, 1000), used(79 * MIB, 1000), used(80 * MIB, 1000));
        let old = used(99 * MIB, 1000 - 181);
        type Case<'a> = (&'a [(Sizes, Option<&'a Used>)], Verdict, &'a str);
        let cases: [Case<'_>; 9] = [
            (&[(limited, Some(&good))], Verdict::Met, "a: 79 %, 79 MiB of the limit of 100 MiB"),
            (&[(limited, Some(&high))], Verdict::NotMet, "a: 80 %, 80 MiB of the limit of 100 MiB"),
            (
                &[(limited, Some(&low)), (limited, Some(&high))],
                Verdict::Met,
                "a: 60 %, 120 MiB of the limit of 200 MiB",
            ),
            (
                &[(limited, Some(&low)), (asked, Some(&low))],
                Verdict::NotMet,
                "a: 80 %, 80 MiB of the request of 100 MiB, no limit set",
            ),
            (
                &[(limited, Some(&low)), (free, Some(&low))],
                Verdict::Unknown,
                "a: 80 MiB, neither limit nor request set",
            ),
            (
                &[(limited, Some(&low)), (limited, None)],
                Verdict::Unknown,
                "a: 40 %, 40 MiB of the limit of 100 MiB, 1 of 2 pods measured",
            ),
            (
                &[(limited, Some(&high)), (limited, None)],
                Verdict::NotMet,
                "a: 80 %, 80 MiB of the limit of 100 MiB, 1 of 2 pods measured",
            ),
            (&[(limited, Some(&old))], Verdict::Unknown, "a: none of 1 pods measured"),
            (&[], Verdict::Unknown, "a: no pod runs"),
        ];
        for (pods, verdict, words) in cases {
            let share = Share::of("a".into(), Resource::Memory, pods, at(1000));
            assert_eq!((share.verdict(Resource::Memory), share.words(Resource::Memory).as_str()), (verdict, words));
        }
    }

    #[test]
    fn the_bands_are_the_plans() {
        let cases = [
            (Resource::Cpu, 0.69, Band::Well),
            (Resource::Cpu, 0.70, Band::Raised),
            (Resource::Cpu, 0.81, Band::Watch),
            (Resource::Cpu, 0.96, Band::High),
            (Resource::Memory, 0.79, Band::Well),
            (Resource::Memory, 0.81, Band::Watch),
            (Resource::Memory, 0.96, Band::High),
        ];
        for (resource, ratio, band) in cases {
            assert_eq!(resource.bands().of(ratio), Some(band), "{} {ratio}", resource.word());
        }
    }

    #[test]
    fn a_container_that_sets_no_limit_leaves_its_pod_without_one() {
        let one = Sizes { requests: memory(1), limits: memory(2) };
        let open = Sizes { requests: memory(3), limits: Amounts::default() };
        assert_eq!(Sizes::together([one, open]), Sizes { requests: memory(4), limits: Amounts::default() });
        assert_eq!(Sizes::together([]), Sizes::default());
    }

    #[test]
    fn cores_and_bytes_are_rounded_up() {
        let amounts = Amounts::of_base(Some(0.25), Some(1.5));
        assert_eq!(amounts, Amounts { cpu: Some(250), memory: Some(2) });
        assert_eq!(Amounts::of_base(Some(1.1e-6), None), Amounts { cpu: Some(1), memory: None });
        assert_eq!(Amounts::of_base(Some(f64::NAN), Some(-1.0)), Amounts::default());
    }
}
