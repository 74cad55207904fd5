//! backout: the cockpit for rolling production back. One screen for one person at 3 a.m.: what is wrong, which version
//! was good, put it back without making it worse, prove that it is back, leave a record.
//!
//! The same cockpit opens on two worlds: the cluster of a kube context, or a drill, which is a simulated production with
//! an incident in progress. A process has exactly one of them.
//!
//! # The flow
//!
//! ```text
//!   keys, paste, size ──┐                      ┌────────────> view(&Model) -> frame              ui
//!   tick ───────────────┤                      │
//!   facts of the world ─┼──> Msg ──> update(&mut Model, Msg) -> Vec<Effect> ──> executor          app
//!   answers ────────────┘            pure, total, fast                             │
//!         ^                                                                        ├── journal: fsynced first
//!         │                                                                        └── act ──> ports ──> live | sim
//!         └────────────────────────────────── Msg <────────────────────────────────────┘
//! ```
//!
//! A key becomes an [`intent::Intent`] by the one table of [`keymap`], from which help, footer and palette are drawn,
//! too. An intent that would change the world asks for a [`plan::Plan`]; its dialog asks for a datum; only that
//! makes a [`permit::Permit`], and only a permit makes [`effect::Effect::Run`]. The executor fsyncs the intent, then
//! [`act`] carries the requests of Helm's engine over the [`ports`]. Whether it worked is what the cluster then shows.
//!
//! # The rooms
//!
//! | room | what lives there |
//! |---|---|
//! | [`domain`] | the words of an incident: severity, checklist, evidence, criteria, curves, workloads, journal events |
//! | [`helm`] | Helm's own rules: records, manifests, three-way patches, target, plan, and the rollback as a state machine |
//! | [`kubectl`] | kubectl's rules for one workload: its kept revisions, undo and restart as plans and state machines |
//! | [`maintenance`] | a release stopped, its counts saved in the cluster, and brought back: plans and state machines |
//! | [`functional`] | what a release is asked to prove that it does its business: tests, what their answers mean, plans |
//! | [`silence`] | one alert silenced for a while, with a reason: what is asked and its plan |
//! | [`revert`] | a ConfigMap or Secret back to a revision's content, its readers restarted: plan and state machine |
//! | [`tools`] | one query language or program a file: an intention becomes a query, its reply becomes our words |
//! | [`config`] | files become settings and runbooks; a mistake is told with file, line, key and remedy |
//! | [`model`] | the whole state, plain data; every outside value in a [`model::feed::Feed`] |
//! | [`msg`] [`intent`] [`keymap`] [`effect`] [`plan`] [`permit`] | what happened, what was meant, on which key, what is to be done, what was planned, what was allowed |
//! | [`update`](mod@update) | how the state changes: the root routes, each concern has its file |
//! | [`ui`] | how it looks: layout, panes, dialogs, widgets; colours and glyphs in [`ui::theme`] |
//! | [`ports`] | the narrow door to the world, in our words |
//! | [`act`] | runs plans over the ports: the one place for cockpit, headless commands and drill |
//! | [`live`] | the ports to a cluster, its Prometheus, its Alertmanager |
//! | [`sim`] | the ports to the simulated production on its virtual clock; its drills are `assets/drills/` |
//! | [`app`] | the impure middle: the loop, the executor, the terminal, the journal's file |
//! | [`cli`] | the commands |
//!
//! From the domain to the screen nothing knows the clock, a file, a socket, a task or kube. `tests/tidy.rs` holds every
//! room to what it may use, and every file to its head and its size.
//!
//! # Where to begin
//!
//! A new pane: [`ui::panes`]. A key: [`keymap`]. What a key does: [`update::keys`](mod@update::keys), then the concern
//! beside it. A fact of the cluster: [`domain::fact`], then its source in [`live`] and in [`sim`]. A rule of Helm's:
//! [`helm`], with its test. A step of the runbook: `assets/runbooks/`, no code. A drill: `assets/drills/`.
//!
//! # What always holds
//!
//! 1. [`update`](fn@update::update) is deterministic and total: time enters by [`msg::Msg::Tick`] alone, the incident is
//!    the fold of its journal ([`domain::incident::Incident::fold`]), and the same messages give the same screen.
//! 2. Nothing runs without a permit for that very plan; the engine reads the history again before it begins, and a plan
//!    whose target has moved is void.
//! 3. The journal is written before an act and after its result. Where it cannot be written, nothing runs. An act
//!    without a result is unknown after a crash, and is never repeated by itself.
//! 4. Every call names its object and namespace, on the one cluster of its world; a rollback always names its revision.
//! 5. One dangerous job at a time for each target: one in the model, one writer an incident by the journal's lock, and
//!    the name of the new revision's record as the last lock in the cluster.
//! 6. Nothing from outside is drawn without its age; unknown is never green; loading, empty, forbidden and unreachable
//!    have four texts ([`model::feed::Reading`], [`domain::fault::Fault`]).
//! 7. A drill cannot reach the world: [`sim`] has no socket, no file, no process, no clock.
//! 8. The core never panics; the terminal is restored on panic, error and signal ([`app::terminal`]).
//! 9. Text from outside loses its control sequences ([`domain::text::clean`]) before it is drawn or written.
//! 10. Secret values are never drawn, logged, journaled or reported ([`helm::mask`]).

pub mod act;
pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod effect;
pub mod functional;
pub mod helm;
pub mod intent;
pub mod keymap;
pub mod kubectl;
pub mod live;
pub mod maintenance;
pub mod model;
pub mod msg;
pub mod permit;
pub mod plan;
pub mod ports;
pub mod revert;
pub mod silence;
pub mod sim;
pub mod tools;
pub mod ui;
pub mod update;
