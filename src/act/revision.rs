//! A revision, closely: its values and manifest against the current one, secrets masked.

use crate::domain::name::{ReleaseName, Revision};
use crate::helm::diff::{Line, manifests, values};
use crate::helm::record::Record;
use crate::ports::World;

/// Lines shown around a change.
const AROUND: usize = 4;

/// The lines of the difference (first character ` `, `-`, `+`), from the current revision to that one.
///
/// # Errors
/// Why it cannot be had, in a sentence.
pub async fn against_current(world: &World, release: ReleaseName, revision: Revision) -> Result<Vec<String>, String> {
    let objects = world.cluster.records(release.clone()).await.map_err(|fault| fault.sentence())?;
    let records: Vec<Record> = objects.iter().filter_map(|o| Record::decode(o).ok()).collect();
    let wanted = records
        .iter()
        .find(|r| r.revision == revision)
        .ok_or_else(|| format!("the record of revision {revision} of {release} cannot be read"))?;
    let current =
        records.iter().max_by_key(|r| r.revision).ok_or_else(|| format!("no record of {release} can be read"))?;
    let mut lines = vec![format!("  values: revision {} against {revision}", current.revision)];
    lines.extend(near_changes(&values(current, wanted)));
    lines.push(String::new());
    lines.push(format!("  manifest: revision {} against {revision}", current.revision));
    lines.extend(near_changes(&manifests(current, wanted)));
    Ok(lines)
}

/// Changed lines with some lines around them; what lies between is left out, and said so.
fn near_changes(lines: &[Line]) -> Vec<String> {
    let changed: Vec<usize> =
        lines.iter().enumerate().filter(|(_, l)| !matches!(l, Line::Same(_))).map(|(i, _)| i).collect();
    if changed.is_empty() {
        return vec!["  the same".into()];
    }
    let near = |i: usize| {
        let after = changed.partition_point(|c| *c < i);
        let distance = |at: Option<&usize>| at.map_or(usize::MAX, |c| c.abs_diff(i));
        distance(changed.get(after)).min(distance(after.checked_sub(1).and_then(|b| changed.get(b)))) <= AROUND
    };
    let mut shown = Vec::new();
    let mut gap = false;
    for (i, line) in lines.iter().enumerate() {
        if near(i) {
            shown.push(match line {
                Line::Same(text) => format!("  {text}"),
                Line::Removed(text) => format!("- {text}"),
                Line::Added(text) => format!("+ {text}"),
            });
            gap = false;
        } else if !gap {
            shown.push("  …".into());
            gap = true;
        }
    }
    shown
}
