//! A revision, closely: its values and manifest against the current one, secrets masked. The current one itself is shown
//! against the one before it: what it brought.

use serde_json::Value;

use crate::domain::name::{ReleaseName, Revision};
use crate::domain::release::Status;
use crate::helm::diff::{Line, manifests, values};
use crate::helm::record::Record;
use crate::ports::World;

/// Lines shown around a change.
const AROUND: usize = 4;

/// The lines of the difference (first character ` `, `-`, `+`), towards that revision.
///
/// # Errors
/// Why it cannot be had, in a sentence.
pub async fn against_current(world: &World, release: ReleaseName, revision: Revision) -> Result<Vec<String>, String> {
    let objects = world.cluster.records(release.clone()).await.map_err(|fault| fault.sentence())?;
    compared(&release, &objects, revision)
}

fn compared(release: &ReleaseName, objects: &[Value], revision: Revision) -> Result<Vec<String>, String> {
    let unread = |which: Revision| format!("the record of revision {which} of {release} cannot be read");
    let mut records: Vec<Record> = objects.iter().filter_map(|o| Record::decode(o).ok()).collect();
    records.sort_by_key(|r| r.revision);
    let wanted = records.iter().find(|r| r.revision == revision).ok_or_else(|| unread(revision))?;
    // As the labels tell it, which are there even where the payload is no use.
    let deployed = objects.iter().filter_map(labelled).filter(|(_, s)| *s == Status::Deployed).map(|(r, _)| r).max();
    let current = deployed.or_else(|| records.last().map(|r| r.revision)).unwrap_or(revision);
    let against = if current == revision {
        records.iter().rfind(|r| r.revision < revision)
    } else {
        Some(records.iter().find(|r| r.revision == current).ok_or_else(|| unread(current))?)
    };
    let Some(against) = against else {
        return Ok(vec![format!("  Revision {revision} is the oldest one kept: there is nothing to compare it with.")]);
    };
    let mut lines = Vec::new();
    for (what, diff) in [("values", values(against, wanted)), ("manifest", manifests(against, wanted))] {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("  {what}, from revision {} to {revision}", against.revision));
        lines.extend(near_changes(&diff));
    }
    Ok(lines)
}

/// Revision and status by a record's labels (helm `pkg/storage/driver/secrets.go`, `newSecretsObject`).
fn labelled(object: &Value) -> Option<(Revision, Status)> {
    let label = |name: &str| object.pointer("/metadata/labels")?.get(name)?.as_str();
    Some((Revision(label("version")?.parse().ok()?), Status::from_word(label("status")?)))
}

const fn told(line: &Line) -> (&'static str, &String) {
    match line {
        Line::Same(text) => ("  ", text),
        Line::Removed(text) => ("- ", text),
        Line::Added(text) => ("+ ", text),
    }
}

/// Changed lines with some lines around them and the object that they are of; what lies between is left out, and said so.
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
    let shown = |line: &Line| {
        let (sign, text) = told(line);
        format!("{sign}{text}")
    };
    let mut out = Vec::new();
    let mut head: Option<&Line> = None;
    let mut gap = false;
    for (i, line) in lines.iter().enumerate() {
        let is_head = told(line).1.starts_with("--- ");
        if !near(i) {
            if is_head {
                head = Some(line);
            }
            gap = true;
            continue;
        }
        if let Some(head) = head.take_if(|_| !is_head) {
            out.push(shown(head));
        }
        if std::mem::take(&mut gap) {
            out.push("  …".into());
        }
        head = None;
        out.push(shown(line));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_the_object_that_it_is_of() {
        let same = |text: &str| Line::Same(text.into());
        let mut lines = vec![same("--- ConfigMap a"), same("x: 1"), same("--- Deployment b")];
        lines.extend((0..9).map(|n| same(&format!("l{n}"))));
        lines.extend([Line::Removed("image: 2".into()), Line::Added("image: 1".into())]);
        lines.extend((0..9).map(|n| same(&format!("m{n}"))));
        let told = near_changes(&lines);
        let wanted = [
            "  --- Deployment b",
            "  …",
            "  l5",
            "  l6",
            "  l7",
            "  l8",
            "- image: 2",
            "+ image: 1",
            "  m0",
            "  m1",
            "  m2",
            "  m3",
        ];
        assert_eq!(told, wanted);
        assert_eq!(near_changes(&[same("a")]), ["  the same"]);
    }
}
