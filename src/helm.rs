//! Helm's own rules, pure: records, manifests, patches, the choice of a target, the plan and its execution as state
//! machines. `act/` carries their [`api::Call`]s to a cluster; live and drill run the very same code.
//!
//! Never: async, I/O, the clock. The rules' sources are Helm's files (named beside each rule) and what the real helm 3
//! and helm 4 do; where the two disagree, the binaries are right.

pub mod api;
pub mod apply;
pub mod around;
pub mod ask;
pub mod baseline;
pub mod batch;
pub mod birth;
pub mod choices;
pub mod closing;
pub mod desk;
pub mod diff;
pub mod digest;
pub mod draft;
pub mod engine;
pub mod exchange;
pub mod external;
pub mod fields;
pub mod findings;
pub mod gitops;
pub mod history;
pub mod holder;
pub mod hook;
pub mod hookrun;
pub mod images;
pub mod known;
pub mod ledger;
pub mod lock;
pub mod look;
pub mod manifest;
pub mod mask;
pub mod needed;
pub mod needs;
pub mod opening;
pub mod ownership;
pub mod past;
pub mod payload;
pub mod plan;
pub mod planner;
pub mod pod_facts;
pub mod progress;
pub mod quota;
pub mod raw;
pub mod readiness;
pub mod record;
pub mod recover;
pub mod risks;
pub mod rollback;
pub mod rollout;
mod run;
pub mod scalar;
pub mod schema;
pub mod sealing;
pub mod services;
pub mod settling;
pub mod strategic;
pub mod survey;
pub mod target;
pub mod threeway;
pub mod uses;
pub mod webhooks;
pub mod written;
pub mod yaml;
