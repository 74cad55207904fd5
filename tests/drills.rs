//! Whole incidents, each solved by a script of keys on its drill to the closed incident; and what the cockpit refuses,
//! keeps and says on the way. The very session, engine and world of `backout drill`; no process, no clock, no sleep.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its fixtures too")]

#[path = "drills/acts.rs"]
mod acts;
#[path = "drills/afterwards.rs"]
mod afterwards;
#[path = "drills/arrival.rs"]
mod arrival;
#[path = "drills/bench.rs"]
mod bench;
#[path = "drills/by_hand.rs"]
mod by_hand;
#[path = "drills/changes.rs"]
mod changes;
#[path = "drills/clock.rs"]
mod clock;
#[path = "drills/command.rs"]
mod command;
#[path = "drills/dark.rs"]
mod dark;
#[path = "drills/decisions.rs"]
mod decisions;
#[path = "drills/detection.rs"]
mod detection;
#[path = "drills/dialogs.rs"]
mod dialogs;
#[path = "drills/elsewhere.rs"]
mod elsewhere;
#[path = "drills/functional.rs"]
mod functional;
#[path = "drills/incidents.rs"]
mod incidents;
#[path = "drills/logs.rs"]
mod logs;
#[path = "drills/maintenance.rs"]
mod maintenance;
#[path = "drills/newcomer.rs"]
mod newcomer;
#[path = "drills/notices.rs"]
mod notices;
#[path = "drills/proof.rs"]
mod proof;
#[path = "drills/records.rs"]
mod records;
#[path = "support/rehearsal.rs"]
mod rehearsal;
#[path = "drills/revisions.rs"]
mod revisions;
#[path = "drills/silence.rs"]
mod silence;
#[path = "drills/solve.rs"]
mod solve;
#[path = "drills/story.rs"]
mod story;
#[path = "drills/suspend.rs"]
mod suspend;
#[path = "drills/targets.rs"]
mod targets;
#[path = "drills/truths.rs"]
mod truths;
#[path = "drills/ways.rs"]
mod ways;
#[path = "drills/with_helm.rs"]
mod with_helm;
