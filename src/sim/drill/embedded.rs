//! The drills that come with the program.
//!
//! Never: a file of the operator's disk.

use super::{Drill, DrillFault};

/// The drill that `backout drill` plays when none is named: the plan's own incident.
pub const DEFAULT: &str = "plan";

const FILES: [(&str, &str); 10] = [
    ("plan", include_str!("../../../assets/drills/plan.toml")),
    ("crash-loop", include_str!("../../../assets/drills/crash-loop.toml")),
    ("naive-trap", include_str!("../../../assets/drills/naive-trap.toml")),
    ("one-service", include_str!("../../../assets/drills/one-service.toml")),
    ("wrong-config", include_str!("../../../assets/drills/wrong-config.toml")),
    ("by-hand", include_str!("../../../assets/drills/by-hand.toml")),
    ("innocent-release", include_str!("../../../assets/drills/innocent-release.toml")),
    ("node-pressure", include_str!("../../../assets/drills/node-pressure.toml")),
    ("blind", include_str!("../../../assets/drills/blind.toml")),
    ("gitops", include_str!("../../../assets/drills/gitops.toml")),
];

/// The drills by name, in the order in which one learns by them; a file that cannot be played is an error in its place.
pub fn drills() -> Vec<(&'static str, Result<Drill, DrillFault>)> {
    FILES.iter().map(|(name, toml)| (*name, Drill::parse(name, &file(name), toml))).collect()
}

/// The drill of that name.
///
/// # Errors
/// There is none (the sentence lists those there are), or its file has a mistake.
pub fn drill(name: &str) -> Result<Drill, DrillFault> {
    let Some((name, toml)) = FILES.iter().find(|(n, _)| *n == name) else {
        let names: Vec<&str> = FILES.iter().map(|(n, _)| *n).collect();
        return Err(DrillFault(format!("There is no drill {name}. There are: {}.", names.join(", "))));
    };
    Drill::parse(name, &file(name), toml)
}

fn file(name: &str) -> String {
    format!("assets/drills/{name}.toml")
}
