//! Every record that the real helms wrote in this suite, read and written again: the JSON must be the very same bytes,
//! whatever a chart holds, in Secrets and in ConfigMaps. What somebody spoilt is told, not passed over.
//!
//! Never: a record that we wrote ourselves.

use backout::helm::payload;
use backout::helm::record::Record;
use serde_json::Value;

use crate::state::Namespaces;

pub struct Rewritten {
    /// So many came out as they went in, and the largest had so many bytes.
    pub equal: usize,
    pub largest: usize,
    /// So many could not be read, and said why.
    pub spoilt: usize,
    pub wrong: Vec<String>,
}

pub fn rewritten(all: &Namespaces) -> Rewritten {
    let mut told = Rewritten { equal: 0, largest: 0, spoilt: 0, wrong: Vec::new() };
    for (namespace, objects) in all {
        for (called, object) in objects.iter().filter(|(_, o)| o["metadata"]["labels"]["owner"] == "helm") {
            let json = |o: &Value| payload::inflate(&payload::text(o)?);
            match (json(object), Record::decode(object).and_then(|r| r.encode(None)).and_then(|o| json(&o))) {
                (Ok(theirs), Ok(ours)) if theirs == ours => {
                    told.equal += 1;
                    told.largest = told.largest.max(theirs.len());
                }
                (_, Err(why)) if why.contains("broken") || why.contains("is not a release") => told.spoilt += 1,
                (_, ours) => {
                    let what = ours.map_or_else(|why| why, |_| "written again it is another".into());
                    told.wrong.push(format!("{namespace} {called}: {what}"));
                }
            }
        }
    }
    told
}
