//! Where a maintenance stands: what was saved against the counts of now, in words.
//!
//! Never: "done" for what nobody sees; a workload that cannot be seen is not counted as stopped.

use super::saved::Saved;
use crate::domain::moment::Moment;
use crate::domain::workload::WorkloadRef;

/// Of the workloads that had pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Those at 0.
    pub stopped: usize,
    /// Those that have a count again, or still.
    pub running: usize,
    /// Those that are not there.
    pub gone: usize,
}

impl Tally {
    /// All of them.
    pub const fn all(self) -> usize {
        self.stopped + self.running + self.gone
    }

    /// `7 of 10 stopped`
    pub fn words(self) -> String {
        let gone = if self.gone == 0 { String::new() } else { format!(", {} gone", self.gone) };
        format!("{} of {} stopped{gone}", self.stopped, self.all())
    }
}

/// Counts. `now`: the count of a workload, `None` where it is not there.
pub fn tally(saved: &Saved, now: impl Fn(&WorkloadRef) -> Option<u32>) -> Tally {
    let mut tally = Tally::default();
    for kept in saved.workloads.iter().filter(|k| k.replicas > 0) {
        match now(&kept.workload) {
            Some(0) => tally.stopped += 1,
            Some(_) => tally.running += 1,
            None => tally.gone += 1,
        }
    }
    tally
}

/// `04:31`, with the day where it was another one: `30 Nov 04:31`
pub fn clock(since: Moment, now: Moment) -> String {
    let form = if since.date_naive() == now.date_naive() { "%H:%M" } else { "%d %b %H:%M" };
    since.format(form).to_string()
}

/// `ecommerce-app is in maintenance since 04:31 by ana: 7 of 10 stopped`; `tally`: where the counts are seen.
pub fn sentence(saved: &Saved, tally: Option<Tally>, now: Moment) -> String {
    let how = tally.map_or_else(|| "how much of it is stopped is not known".into(), Tally::words);
    format!("{} is in maintenance since {} by {}: {how}", saved.release, clock(saved.since, now), saved.who())
}
