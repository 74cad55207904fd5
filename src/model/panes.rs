//! Where the eye is: focus, zoom, and what is selected in each pane. Selection is by name, never by row number, so that
//! a new row cannot move it.

use crate::domain::board::Criterion;
use crate::domain::change::Object;
use crate::domain::logbook::filter::LineFilter;
use crate::domain::name::{PodName, Revision, StepNo};

/// A pane, in the order of the digit keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// The spine.
    Checklist,
    /// Error ratio.
    Errors,
    /// P95.
    P95,
    /// Pods.
    Pods,
    /// Helm revisions.
    History,
    /// Alerts and warnings.
    Alerts,
    /// The timeline.
    Timeline,
    /// The criteria of success.
    Criteria,
}

impl Pane {
    /// All, in the order of the digit keys.
    pub const ALL: [Self; 8] = [
        Self::Checklist,
        Self::Errors,
        Self::P95,
        Self::Pods,
        Self::History,
        Self::Alerts,
        Self::Timeline,
        Self::Criteria,
    ];

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Checklist => "Checklist",
            Self::Errors => "Error rate",
            Self::P95 => "P95",
            Self::Pods => "Pods",
            Self::History => "Helm",
            Self::Alerts => "Alerts",
            Self::Timeline => "Timeline",
            Self::Criteria => "Criteria",
        }
    }

    /// The pane so many places on, around the end.
    pub fn step(self, by: isize) -> Self {
        let n = Self::ALL.len().cast_signed();
        let here = Self::ALL.iter().position(|p| *p == self).unwrap_or(0).cast_signed();
        let there = usize::try_from((here + by).rem_euclid(n)).unwrap_or(0);
        Self::ALL.get(there).copied().unwrap_or(self)
    }
}

/// The eye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panes {
    /// The pane that has the keys.
    pub focus: Pane,
    /// The pane that fills the screen, where one does.
    pub zoom: Option<Pane>,
    /// The step under the cursor.
    pub step: StepNo,
    /// The pod under the cursor.
    pub pod: Option<PodName>,
    /// Only pods whose name, service or state contain this; empty for all.
    pub filter: String,
    /// Which lines of the logs to show.
    pub lines: LineFilter,
    /// The ConfigMap or Secret under the cursor of the list of changes.
    pub suspect: Option<Object>,
    /// The revision under the cursor.
    pub revision: Option<Revision>,
    /// The criterion under the cursor.
    pub criterion: Option<Criterion>,
    /// Alerts and warnings skipped from the top.
    pub alerts_scroll: usize,
    /// Services and queries skipped from the top of a curve that fills the screen.
    pub curve_scroll: usize,
    /// Timeline entries skipped from the newest.
    pub timeline_scroll: usize,
}

impl Panes {
    /// The eye on the first step.
    pub fn new(step: StepNo) -> Self {
        Self {
            focus: Pane::Checklist,
            zoom: None,
            step,
            pod: None,
            filter: String::new(),
            lines: LineFilter::default(),
            suspect: None,
            revision: None,
            criterion: None,
            alerts_scroll: 0,
            curve_scroll: 0,
            timeline_scroll: 0,
        }
    }
}
