//! Makes a case that failed small: takes a member or an element away as long as it still fails. One run of helm tries
//! forty candidates at once.
//!
//! Never: another failure's cause than a difference of requests.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::Case;
use super::oracle::{Oracle, Way};

/// From the root to a member or an element.
type Path = Vec<String>;

const KEPT: [&str; 6] =
    ["apiVersion", "kind", "metadata", "metadata/name", "metadata/namespace", "metadata/resourceVersion"];

/// How many candidates stand in one release.
const TOGETHER: usize = 40;

/// The smallest case found, by at most so many runs of helm.
pub fn shrink(oracle: &Oracle, way: Way, case: &Case, runs: u64) -> Case {
    // What we refuse stays refused, what we ask for is asked for still: else it were another failure.
    let refused = |c: &Case| c.decided(way.patches(), oracle.kind(&c.gvk()).namespaced).is_err();
    let is_refused = refused(case);
    let (mut case, mut left) = (case.clone(), runs);
    'smaller: loop {
        let mut candidates = candidates(&case).filter(|c| refused(c) == is_refused);
        while left > 0 {
            let together: Vec<Case> = candidates.by_ref().take(TOGETHER).collect();
            if together.is_empty() {
                return case;
            }
            left -= 1;
            let ran = oracle.run(&together, way);
            if ran.ours.is_err() != is_refused {
                continue;
            }
            if let Some(at) = ran.cases.iter().position(|(theirs, ours)| theirs != ours) {
                drop(candidates);
                case = together[at].clone();
                continue 'smaller;
            }
        }
        drop(candidates);
        return case;
    }
}

/// Everything that is one step smaller, the largest steps first: in all three versions, then in each by itself.
fn candidates(case: &Case) -> impl Iterator<Item = Case> + use<> {
    let case = case.clone();
    let all = [&case.original, &case.modified, &case.live];
    let paths: BTreeSet<(usize, Path)> =
        all.iter().filter_map(|o| o.as_ref()).flat_map(paths).map(|p| (p.len(), p)).collect();
    paths.into_iter().flat_map(move |(_, path)| {
        let case = case.clone();
        let less = move |which: [bool; 3]| {
            let mut less = case.clone();
            let objects = [&mut less.original, &mut less.modified, &mut less.live];
            for object in objects.into_iter().zip(which).filter(|(_, w)| *w).filter_map(|(o, _)| o.as_mut()) {
                remove(object, &path);
            }
            (less != case).then_some(less)
        };
        [[true; 3], [true, false, false], [false, true, false], [false, false, true]].into_iter().filter_map(less)
    })
}

fn paths(object: &Value) -> Vec<Path> {
    fn walk(value: &Value, at: &[String], found: &mut Vec<Path>) {
        let mut below = |step: String, value: &Value| {
            let mut path = at.to_vec();
            path.push(step);
            // Without these it is no object, or none of that place.
            let member = path.len() == 4 && path[1] == "managedFields";
            if !KEPT.contains(&path.join("/").as_str()) && !member {
                found.push(path.clone());
            }
            walk(value, &path, found);
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(k, v)| below(k.clone(), v)),
            Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| below(i.to_string(), v)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    walk(object, &[], &mut found);
    found
}

fn remove(object: &mut Value, path: &[String]) {
    let Some((last, above)) = path.split_last() else { return };
    let mut at = object;
    for step in above {
        let next = match at {
            Value::Object(map) => map.get_mut(step),
            Value::Array(items) => step.parse::<usize>().ok().and_then(|i| items.get_mut(i)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    match at {
        Value::Object(map) => drop(map.remove(last)),
        Value::Array(items) => {
            if let Some(i) = last.parse::<usize>().ok().filter(|i| *i < items.len()) {
                items.remove(i);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
