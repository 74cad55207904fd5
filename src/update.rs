//! How the model changes: `update(&mut Model, Msg) -> Vec<Effect>`, pure, total and fast. The root only routes; each
//! concern has its own file.
//!
//! Never: the clock, I/O, tokio, kube, drawing.

pub mod act;
pub mod changes;
pub mod checklist;
pub mod cockpit;
pub mod criteria;
pub mod cursor;
pub mod decision;
pub mod derive;
pub mod detection;
pub mod dialogs;
pub mod evidence;
pub mod facts;
pub mod follow;
pub mod functional;
pub mod health;
pub mod incident;
pub mod jobs;
pub mod journal;
pub mod keys;
pub mod logs;
pub mod maintenance;
pub mod polls;
pub mod revert;
pub mod rollback;
pub mod score;
pub mod silence;
pub mod situation;
pub mod targets;
pub mod tell;
pub mod text;
pub mod traffic;
pub mod usage;
pub mod ways;
pub mod workload;

use crate::effect::Effect;
use crate::keymap::Scope;
use crate::model::Model;
use crate::model::dialog::Dialog;
use crate::msg::Msg;

/// Hears one message: changes the model, says what is to be done.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let effects = route(model, msg);
    journal::retract(model);
    effects
}

fn route(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Tick(now) => polls::tick(model, now),
        Msg::Key(key, frame) => keys::pressed(model, key, frame),
        Msg::Burst(keys, frame) => keys::burst(model, &keys, frame),
        Msg::Meant(intent) => keys::meant(model, Scope::of(model), intent),
        Msg::Wanted(release, to, choices) => rollback::wanted(model, release, to, choices),
        Msg::WorkloadWanted(workload, errand) => workload::wanted(model, workload, errand),
        Msg::MaintenanceWanted(release, errand) => maintenance::wanted(model, release, errand),
        Msg::RevertWanted(release, object, to) => revert::wanted(model, release, object, to),
        Msg::Pasted(raw) => text::pasted(model, &raw),
        Msg::Resized(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Msg::Drawn(frame, extent) => dialogs::drawn(model, frame, extent),
        Msg::Identified(identity) => facts::identified(model, identity),
        Msg::Fact(fact) => facts::fact(model, fact),
        Msg::Measured(what, generation, curves) => polls::measured(model, what, generation, curves),
        Msg::AlertsRead(generation, alerts) => polls::alerts(model, generation, alerts),
        Msg::ChangesRead(generation, changes) => changes::read(model, generation, changes),
        Msg::HealthRead(generation, answers) => health::read(model, generation, answers),
        Msg::TestRan(generation, ran) => functional::ran(model, generation, ran),
        Msg::Tested(job, place, ran) => functional::tested(model, job, place, ran),
        Msg::UsageRead(generation, usage) => usage::read(model, generation, usage),
        Msg::LogsRead(generation, heard) => logs::read(model, generation, heard),
        Msg::MaintenanceRead(generation, found) => maintenance::read(model, generation, found),
        Msg::LivedRead(release, lived) => targets::lived(model, &release, lived),
        Msg::Prepared(generation, plan) => act::prepared(model, generation, *plan),
        Msg::PodRead(generation, detail) => dialogs::pod_read(model, generation, detail),
        Msg::RevisionRead(generation, lines) => dialogs::revision_read(model, generation, lines),
        Msg::HistoryRead(generation, history) => workload::history_read(model, generation, history),
        Msg::Appended(entries) => journal::appended(model, &entries),
        Msg::NotAppended(why) => journal::not_appended(model, why),
        Msg::StandingRead(job, sentence) => journal::standing(model, job, &sentence),
        Msg::Looked(generation, earlier) => follow::looked(model, generation, earlier),
        Msg::Held(who, entries) => follow::held(model, who, &entries),
        Msg::Progressed(job, progress) => jobs::progressed(model, job, progress),
        Msg::LastLineRead(job, pod, line) => {
            jobs::last_line(model, job, &pod, line);
            Vec::new()
        }
        Msg::Ended(job, ending) => jobs::ended(model, job, ending),
        Msg::SkippedInVain(length) => {
            let told = format!("{} passed and nothing happened", crate::domain::moment::short(length));
            journal::notice(model, crate::model::Tone::Info, told);
            Vec::new()
        }
        Msg::Signalled => {
            model.leaving = true;
            vec![Effect::Quit]
        }
    }
}

/// Opens a dialog: from the next frame on it takes the keys.
pub(crate) fn open(model: &mut Model, dialog: Dialog) {
    let from = crate::model::FrameNo(model.frame.0.saturating_add(1));
    model.dialog = Some(crate::model::Opened { dialog, from, keys: crate::model::Keys::Hidden });
}
