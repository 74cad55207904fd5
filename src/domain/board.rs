//! The plan's eight criteria of success («Criterios de Éxito del Rollback») on one board: each with its value, its age
//! and since when, and every break of the calm.
//!
//! Never: a guess. A criterion without a sensor is a person's word or not known; neither looks like evidence.

use std::collections::BTreeMap;

use super::evidence::Verdict;
use super::moment::Moment;
use super::name::StepNo;

/// Breaks that are kept, the newest last.
const KEPT: usize = 20;

/// One of the eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criterion {
    /// All pods run, none restarting.
    Pods,
    /// Health checks answer UP.
    Health,
    /// The error rate is low.
    Errors,
    /// The P95 is low.
    P95,
    /// The critical functional tests pass.
    Tests,
    /// No alert of high severity rings.
    Alerts,
    /// No critical lines in the logs lately.
    Logs,
    /// The stakeholders say that users can work.
    Users,
}

impl Criterion {
    /// All, in the plan's order.
    pub const ALL: [Self; 8] =
        [Self::Pods, Self::Health, Self::Errors, Self::P95, Self::Tests, Self::Alerts, Self::Logs, Self::Users];

    /// Its name on the board, at most 20 columns.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pods => "pods, no restarts",
            Self::Health => "health checks UP",
            Self::Errors => "errors",
            Self::P95 => "P95",
            Self::Tests => "functional tests",
            Self::Alerts => "no critical alerts",
            Self::Logs => "logs clean",
            Self::Users => "users can work",
        }
    }

    /// The step of the plan's checklist at which a person vouches for it, while no sensor does.
    pub const fn attested_at(self) -> StepNo {
        match self {
            Self::Pods => StepNo(7),
            Self::Health => StepNo(8),
            Self::Errors => StepNo(9),
            Self::Tests => StepNo(10),
            Self::P95 | Self::Alerts | Self::Logs => StepNo(11),
            Self::Users => StepNo(12),
        }
    }
}

/// How a criterion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A sensor says so.
    Sensed(Verdict),
    /// A person has said that it is met.
    Attested,
    /// There is no sensor for it, and nobody has said anything.
    Unattested,
}

/// One line of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// How it stands.
    pub standing: Standing,
    /// The value in words.
    pub value: String,
    /// When that was measured, or said.
    pub at: Moment,
    /// Since when it stands like that.
    pub since: Moment,
}

/// A break of the calm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// What broke it: `errors 3.1 % (order-service)`.
    pub what: String,
    /// When.
    pub from: Moment,
    /// When all was well again; `None` = not yet.
    pub until: Option<Moment>,
}

/// The board.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    /// The criteria.
    pub rows: BTreeMap<Criterion, Row>,
    /// Breaks, the newest last.
    pub breaks: Vec<Break>,
}

impl Board {
    /// A criterion stands like that now.
    pub fn stand(&mut self, criterion: Criterion, standing: Standing, value: String, at: Moment, now: Moment) {
        let before = self.rows.get(&criterion).filter(|row| row.standing == standing);
        let since = before.map_or(now, |row| row.since.min(now));
        self.rows.insert(criterion, Row { standing, value, at, since });
    }

    /// The sensed criteria together: not met where one is not, unknown where one is, met where all are.
    pub fn sensed(&self) -> Verdict {
        let all = || self.rows.values().filter_map(Row::verdict);
        if all().any(|v| v == Verdict::NotMet) {
            Verdict::NotMet
        } else if all().next().is_none() || all().any(|v| v == Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Met
        }
    }

    /// The first sensed criterion that stands like that.
    pub fn first(&self, verdict: Verdict) -> Option<&Row> {
        self.rows.values().find(|row| row.verdict() == Some(verdict))
    }

    /// The calm was broken.
    pub fn broke(&mut self, what: String, from: Moment) {
        self.breaks.push(Break { what, from, until: None });
        let surplus = self.breaks.len().saturating_sub(KEPT);
        self.breaks.drain(..surplus);
    }

    /// All is well again.
    pub fn calm(&mut self, at: Moment) {
        if let Some(last) = self.breaks.last_mut() {
            last.until.get_or_insert(at);
        }
    }
}

impl Row {
    /// What a sensor says of it; `None` where there is no sensor.
    pub const fn verdict(&self) -> Option<Verdict> {
        match self.standing {
            Standing::Sensed(verdict) => Some(verdict),
            Standing::Attested | Standing::Unattested => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_no_evidence_and_one_unknown_keeps_the_whole_unknown() {
        let now = chrono::DateTime::from_timestamp(100, 0).unwrap();
        let (met, not, unknown) = (Verdict::Met, Verdict::NotMet, Verdict::Unknown);
        let cases: [(&[Standing], Verdict); 6] = [
            (&[], unknown),
            (&[Standing::Attested, Standing::Unattested], unknown),
            (&[Standing::Sensed(met), Standing::Unattested], met),
            (&[Standing::Sensed(met), Standing::Sensed(unknown)], unknown),
            (&[Standing::Sensed(unknown), Standing::Sensed(not)], not),
            (&[Standing::Sensed(met), Standing::Attested, Standing::Sensed(met)], met),
        ];
        for (standings, wanted) in cases {
            let mut board = Board::default();
            for (criterion, standing) in Criterion::ALL.into_iter().zip(standings) {
                board.stand(criterion, *standing, "x".into(), now, now);
            }
            assert_eq!(board.sensed(), wanted, "{standings:?}");
        }
    }

    #[test]
    fn a_row_knows_since_when_it_stands_as_it_does() {
        let at = |s| chrono::DateTime::from_timestamp(s, 0).unwrap();
        let mut board = Board::default();
        let steps =
            [(10, Verdict::Met, 10), (20, Verdict::Met, 10), (30, Verdict::Unknown, 30), (40, Verdict::Met, 40)];
        for (second, verdict, since) in steps {
            board.stand(Criterion::P95, Standing::Sensed(verdict), "180 ms".into(), at(second), at(second));
            assert_eq!(board.rows[&Criterion::P95].since, at(since));
        }
    }
}
