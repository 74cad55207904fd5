//! The vocabulary of an incident: plain values and pure rules, in the operator's words.
//!
//! Never: the clock, I/O, tokio, kube, drawing. Time comes in as a [`moment::Moment`]; text from outside is made
//! harmless when a name is built ([`text::clean`]).

pub mod alert;
pub mod band;
pub mod board;
pub mod change;
pub mod checklist;
pub mod criteria;
pub mod dashboard;
pub mod decision;
pub mod detail;
pub mod detection;
pub mod earlier;
pub mod event;
pub mod evidence;
pub mod fact;
pub mod fault;
pub mod figure;
pub mod health;
pub mod identity;
pub mod incident;
pub mod logbook;
pub mod logs;
pub mod metrics;
pub mod moment;
pub mod name;
pub mod release;
pub mod runbook;
pub mod score;
pub mod series;
pub mod severity;
pub mod text;
pub mod usage;
pub mod ways;
pub mod workload;
pub mod writer;
