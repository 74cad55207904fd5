//! What the curves say now: the worst service of those that can be judged, and who cannot be. The age of a value is its
//! own sample's, not that of the answer that brought it.
//!
//! Never: a value that nobody vouches for any more.

use crate::domain::metrics::{Curves, FRESH, Headline, Lack, Signal};
use crate::domain::moment::{Moment, since};
use crate::domain::name::Service;

use super::Model;
use super::feed::{Feed, Reading};
use super::pods::Extent;

/// The headline of each signal, computed once an event.
#[derive(Debug, Default)]
pub struct Headlines {
    errors: Headline,
    p95: Headline,
    traffic: Headline,
}

impl Headlines {
    /// What the curves say now; nobody's word where a source does not answer.
    pub fn of(model: &Model) -> Self {
        let of = |signal| {
            let curves = model.feeds.curves(signal).fresh(model.now)?;
            Some(curves.headline(model.feeds.traffic.fresh(model.now), &model.busy, model.now.wall))
        };
        let [errors, p95, traffic] =
            [Signal::ErrorRatio, Signal::P95, Signal::Traffic].map(|signal| of(signal).unwrap_or_default());
        Self { errors, p95, traffic }
    }
}

impl Model {
    /// The headline of a signal.
    pub const fn headline(&self, signal: Signal) -> &Headline {
        match signal {
            Signal::ErrorRatio => &self.headlines.errors,
            Signal::P95 => &self.headlines.p95,
            Signal::Traffic => &self.headlines.traffic,
        }
    }

    /// Whether everything that a rule watches can be seen: only then is silence a good sign.
    pub fn sees_all(&self) -> bool {
        [Signal::ErrorRatio, Signal::P95].into_iter().all(|signal| self.headline(signal).whole().is_some())
            && self.feeds.pods.fresh(self.now).is_some_and(|table| table.extent == Extent::Whole)
    }

    /// The curves of a signal with the age of their newest sample (of that service, where one is named). What is older
    /// than a minute is stale, however lately somebody answered.
    pub fn measured(&self, signal: Signal, service: Option<&Service>) -> Reading<'_, Curves> {
        let feed = self.feeds.curves(signal);
        let newest = feed.known().and_then(|c| match service {
            Some(service) => c.services.get(service)?.last().map(|(at, _)| at),
            None => c.newest(),
        });
        self.aged(feed, newest)
    }

    /// What all services do together, with the age of its newest sample; `None` where nobody asks for it.
    pub fn together(&self, signal: Signal) -> Option<Reading<'_, Curves>> {
        let feed = self.feeds.together(signal)?;
        Some(self.aged(feed, feed.known().and_then(Curves::newest)))
    }

    fn aged<'a>(&self, feed: &'a Feed<Curves>, newest: Option<Moment>) -> Reading<'a, Curves> {
        let read = feed.read(self.now);
        let Some(age) = newest.map(|at| since(at, self.now.wall)) else { return read };
        match read {
            Reading::Fresh { value, .. } if age > FRESH => Reading::Stale { value, age, fault: None },
            Reading::Fresh { value, .. } => Reading::Fresh { value, age: Some(age) },
            Reading::Stale { value, fault, .. } => Reading::Stale { value, age, fault },
            Reading::Loading | Reading::Dark { .. } => read,
        }
    }
}

/// Why a service cannot be judged, in words: no traffic is one thing, no sample another.
pub fn lack(lack: Lack) -> String {
    match lack {
        Lack::Few(rps) if rps < 0.005 => "no traffic".into(),
        Lack::Few(rps) => format!("too few requests to judge ({rps:.2}/s)"),
        Lack::Silent(Some(last)) => format!("no fresh sample since {}", last.format("%H:%M:%S")),
        Lack::Silent(None) => "no sample".into(),
        Lack::Unweighed => "its traffic is not measured".into(),
    }
}

/// Who cannot be judged, in a few words; `None` where everybody can.
pub fn lacking(headline: &Headline) -> Option<String> {
    let mut all = headline.lacking.iter();
    let (service, first) = all.next()?;
    let why = lack(*first);
    let same =
        headline.lacking.values().filter(|l| std::mem::discriminant(*l) == std::mem::discriminant(first)).count();
    Some(match headline.lacking.len() {
        1 => format!("{service}: {why}"),
        n if n == same => format!("{service} and {} more: {why}", n - 1),
        n => format!("{service}: {why}; {} more cannot be judged", n - 1),
    })
}
