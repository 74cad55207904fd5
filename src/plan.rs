//! What was planned, of whatever kind the act is: the one thing that a dialog shows, a permit names and the executor
//! runs.
//!
//! Never: changing after it was made; its hash is what a permit names.

use std::sync::Arc;

use crate::domain::event::Act;
use crate::domain::figure::count;
use crate::functional;
use crate::helm;
use crate::helm::plan::{Finding, PlanHash};
use crate::kubectl;
use crate::kubectl::change::Change;
use crate::maintenance;
use crate::maintenance::ask::Errand;
use crate::revert;
use crate::silence;

/// A plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// A Helm release back to a revision.
    RollBack(Arc<helm::plan::Plan>),
    /// A workload undone or restarted.
    Workload(Arc<kubectl::plan::Plan>),
    /// A release stopped for maintenance, or brought back.
    Maintenance(Arc<maintenance::plan::Plan>),
    /// A ConfigMap or Secret put back, its readers restarted.
    Revert(Arc<revert::plan::Plan>),
    /// An alert silenced for a while.
    Silence(Arc<silence::plan::Plan>),
    /// Functional tests of which some write.
    Tests(Arc<functional::plan::Plan>),
}

/// What a confirmation must type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datum {
    /// What kind of text it is.
    pub kind: DatumKind,
    /// The text.
    pub wanted: String,
    /// What it is, for the person who types it.
    pub what: &'static str,
    /// Why this is asked and nothing less; empty where that needs no word.
    pub why: &'static str,
}

/// What kind of text a datum is: beside a number, letters are keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatumKind {
    /// Digits.
    Number,
    /// A name.
    Name,
}

impl Plan {
    /// The plan's identity.
    pub fn hash(&self) -> &PlanHash {
        match self {
            Self::RollBack(plan) => &plan.hash,
            Self::Workload(plan) => &plan.hash,
            Self::Maintenance(plan) => &plan.hash,
            Self::Revert(plan) => &plan.hash,
            Self::Silence(plan) => &plan.hash,
            Self::Tests(plan) => &plan.hash,
        }
    }

    /// What has to be typed to confirm it (design §7 rule 6).
    pub fn datum(&self) -> Datum {
        match self {
            Self::RollBack(plan) => match plan.datum() {
                helm::plan::Datum::Revision(revision) => Datum {
                    kind: DatumKind::Number,
                    wanted: revision.to_string(),
                    what: "the target revision",
                    why: "",
                },
                helm::plan::Datum::Release(release) => Datum {
                    kind: DatumKind::Name,
                    wanted: release.to_string(),
                    what: "the release's name",
                    why: "data is deleted",
                },
            },
            Self::Workload(plan) => match &plan.change {
                Change::Undo { to, .. } => {
                    Datum { kind: DatumKind::Number, wanted: to.to_string(), what: "the revision", why: "" }
                }
                Change::Restart { .. } => Datum {
                    kind: DatumKind::Name,
                    wanted: plan.workload.name.to_string(),
                    what: "the workload's name",
                    why: "",
                },
            },
            Self::Maintenance(plan) => Datum {
                kind: DatumKind::Name,
                wanted: plan.release.to_string(),
                what: "the release's name",
                why: match plan.errand {
                    Errand::Stop | Errand::Finish => "production goes down",
                    Errand::BringBack(_) => "",
                },
            },
            Self::Revert(plan) => {
                Datum { kind: DatumKind::Name, wanted: plan.object.name.clone(), what: "the object's name", why: "" }
            }
            Self::Silence(plan) => {
                Datum { kind: DatumKind::Name, wanted: plan.alert.clone(), what: "the alert's name", why: "" }
            }
            Self::Tests(plan) => Datum {
                kind: DatumKind::Name,
                wanted: plan.namespace.to_string(),
                what: "the namespace",
                why: "they write there",
            },
        }
    }

    /// What to know before saying yes, the gravest first.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::RollBack(plan) => &plan.findings,
            Self::Workload(plan) => &plan.findings,
            Self::Maintenance(plan) => &plan.findings,
            Self::Revert(plan) => &plan.findings,
            Self::Silence(plan) => &plan.findings,
            Self::Tests(plan) => &plan.findings,
        }
    }

    /// The first reason why it cannot run at all.
    pub fn blocked(&self) -> Option<&Finding> {
        match self {
            Self::RollBack(plan) => plan.blocked(),
            Self::Workload(plan) => plan.blocked(),
            Self::Maintenance(plan) => plan.blocked(),
            Self::Revert(plan) => plan.blocked(),
            Self::Silence(plan) => plan.blocked(),
            Self::Tests(_) => None,
        }
    }

    /// The command line that it stands for; copyable. Empty where none does the same.
    pub fn command(&self) -> &str {
        match self {
            Self::RollBack(plan) => &plan.command,
            Self::Workload(plan) => &plan.command,
            Self::Maintenance(plan) => &plan.command,
            Self::Revert(plan) => &plan.command,
            Self::Silence(plan) => &plan.command,
            Self::Tests(_) => "",
        }
    }

    /// What it is, as the journal records it.
    pub fn act(&self) -> Act {
        match self {
            Self::RollBack(plan) => Act::RollBack {
                release: plan.release.clone(),
                namespace: plan.namespace.clone(),
                from: plan.from,
                to: plan.to,
                writes: plan.writes,
            },
            Self::Workload(plan) => {
                let (workload, namespace) = (plan.workload.clone(), plan.namespace.clone());
                match &plan.change {
                    Change::Undo { to, keeper, .. } => {
                        Act::Undo { workload, namespace, to: *to, keeper: keeper.clone() }
                    }
                    Change::Restart { at } => Act::Restart { workload, namespace, mark: at.clone() },
                }
            }
            Self::Maintenance(plan) => plan.errand.act(plan.release.clone(), plan.namespace.clone()),
            Self::Revert(plan) => Act::PutBack {
                object: plan.object.clone(),
                release: plan.release.clone(),
                namespace: plan.namespace.clone(),
                to: plan.to,
            },
            Self::Silence(plan) => {
                Act::Silence { alert: plan.called.clone(), labels: plan.labels.clone(), silence: plan.silence.clone() }
            }
            Self::Tests(plan) => Act::Test {
                namespace: plan.namespace.clone(),
                tests: plan.tests.iter().map(|test| test.name.clone()).collect(),
                creates: plan.creates(),
            },
        }
    }

    /// `roll back ecommerce-app to revision 2`
    pub fn title(&self) -> String {
        match self {
            Self::RollBack(plan) => format!("roll back {} to revision {}", plan.release, plan.to),
            Self::Workload(plan) => format!("{} {}", self.noun(), plan.object()),
            Self::Maintenance(plan) => plan.errand.sentence(&plan.release),
            Self::Revert(plan) => format!("put {} back to revision {}", plan.object, plan.to),
            Self::Silence(plan) => format!("silence {}", plan.called),
            Self::Tests(plan) => {
                format!("run {} in {}", count(plan.tests.len(), "functional test", "functional tests"), plan.namespace)
            }
        }
    }

    /// `rollback`
    pub fn noun(&self) -> &'static str {
        match self {
            Self::RollBack(_) => "rollback",
            Self::Workload(plan) => match plan.change {
                Change::Undo { .. } => "undo",
                Change::Restart { .. } => "restart",
            },
            Self::Maintenance(plan) => match plan.errand {
                Errand::Stop | Errand::Finish => "stop",
                Errand::BringBack(_) => "return",
            },
            Self::Revert(_) => "revert",
            Self::Silence(_) => "silence",
            Self::Tests(_) => "test run",
        }
    }

    /// `rolling back ecommerce-app to revision 2`
    pub fn doing(&self) -> String {
        match self {
            Self::RollBack(plan) => format!("rolling back {} to revision {}", plan.release, plan.to),
            Self::Workload(plan) => match plan.change {
                Change::Undo { .. } => format!("undoing {}", plan.object()),
                Change::Restart { .. } => format!("restarting {}", plan.object()),
            },
            Self::Maintenance(plan) => match plan.errand {
                Errand::Stop => format!("stopping {} for maintenance", plan.release),
                Errand::Finish => format!("stopping the rest of {} for maintenance", plan.release),
                Errand::BringBack(_) => format!("bringing {} back from maintenance", plan.release),
            },
            Self::Revert(plan) => format!("putting {} back to revision {}", plan.object, plan.to),
            Self::Silence(plan) => format!("silencing {}", plan.called),
            Self::Tests(plan) => {
                format!(
                    "running {} in {}",
                    count(plan.tests.len(), "functional test", "functional tests"),
                    plan.namespace
                )
            }
        }
    }

    /// The plan of a Helm rollback, where it is one.
    pub fn rollback(&self) -> Option<&Arc<helm::plan::Plan>> {
        match self {
            Self::RollBack(plan) => Some(plan),
            Self::Workload(_) | Self::Maintenance(_) | Self::Revert(_) | Self::Silence(_) | Self::Tests(_) => None,
        }
    }
}
