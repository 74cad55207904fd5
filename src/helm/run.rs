//! A rollback under way: what was found to hold, the record that is being written, what came of the objects.
//!
//! Never: the next step; that is [`super::rollback`]'s.

use super::batch::Done;
use super::draft::{Draft, Item, Op};
use super::plan::Change;
use super::readiness::{self, Wanted};
use super::record::Record;
use super::{hook, images};

/// What is known once the plan was found to hold.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// The operations, as they were found to be those of the plan.
    pub draft: Draft,
    /// The record that is being written.
    pub record: Record,
    /// What came of the objects of the target.
    pub done: Done,
    /// What is amiss with older records; empty as a rule.
    pub stale: String,
}

/// Hooks of an event with their objects, in the order in which they run.
pub(super) fn hooks_at(run: &Run, event: &str) -> Vec<(usize, Vec<Item>)> {
    let objects = |place: usize| run.draft.hooks.iter().find(|(at, _)| *at == place).map(|(_, items)| items.clone());
    let placed = |(place, _): (usize, &hook::Hook)| Some((place, objects(place)?));
    hook::at(&run.draft.target.hooks, event).into_iter().filter_map(placed).collect()
}

/// The workloads that are waited for.
pub(super) fn wanted(run: &Run) -> Vec<Wanted> {
    let one = |(index, op): (usize, &Op)| {
        let modified = op.modified.as_ref().filter(|_| readiness::is_waited_for(&op.at.resource.gvk, op.change))?;
        let generation = run.done.generations.get(&index).copied().unwrap_or_default();
        Some(Wanted { at: op.at.clone(), images: images::of(modified), generation })
    };
    run.draft.ops.iter().enumerate().filter_map(one).collect()
}

/// Operations with their places in the plan, each with the change that was confirmed.
pub(super) fn numbered(run: &Run, which: impl Fn(&Op) -> bool) -> Vec<(usize, Op)> {
    let kept = |(_, op): &(usize, &Op)| which(op) && op.change != Change::Keep;
    run.draft.ops.iter().enumerate().filter(kept).map(|(at, op)| (at, op.clone())).collect()
}
