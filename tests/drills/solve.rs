//! What a practised hand does, step by step, each with its proof checked.

use backout::domain::checklist::{Proof, StepState};
use backout::domain::evidence::{Evidence, Verdict};
use backout::domain::name::{Revision, StepNo};
use backout::model::Model;
use backout::model::dialog::{Dialog, PlanState, Read};
use backout::model::jobs::Job;

use super::rehearsal::Rehearsal;
use super::story::Story;

/// The evidence of a step.
pub fn evidence(model: &Model, no: u8) -> &Evidence {
    &model.evidence[&StepNo(no)]
}

/// Whether a sensor proves a step.
pub fn met(model: &Model, no: u8) -> bool {
    evidence(model, no).verdict == Verdict::Met
}

/// Where a step stands.
pub fn step(model: &Model, no: u8) -> StepState {
    model.incident.as_ref().unwrap().step(StepNo(no)).clone()
}

/// The value and the proof of a ticked step.
pub fn ticked(model: &Model, no: u8) -> (String, Proof) {
    match step(model, no) {
        StepState::Done { value, proof, .. } => (value, proof),
        other => panic!("step {no} is not done: {other:?}"),
    }
}

/// The newest act.
pub fn job(model: &Model) -> &Job {
    model.jobs.newest().expect("nothing was run").1
}

/// What the dialog, or else the notice line, says.
pub fn said(drill: &Rehearsal) -> String {
    drill.session.model.notice.as_ref().map(|n| n.text.clone()).unwrap_or_default()
}

/// The revisions of the release as the cluster has them.
pub fn revisions(drill: &Rehearsal) -> Vec<u32> {
    drill.session.model.release().unwrap().revisions.iter().map(|r| r.revision.0).collect()
}

/// Steps 1 to 3: declared, severity taken as proposed, somebody called.
pub fn declare(drill: &mut Rehearsal) {
    drill.keys("<Enter><Enter>");
    for no in 1..=2 {
        assert_eq!(ticked(&drill.session.model, no).1, Proof::Sensed);
    }
    attest(drill, 3, "called Marta, she takes the phone");
}

/// Steps 4 and 5: the proposed target taken in the chooser, the plan confirmed with its datum, the act seen to its end.
pub fn roll_back(story: &mut Story, to: u32) {
    story.drill.keys("<Enter>");
    story.moment("the chooser");
    story.drill.keys("<Enter>");
    assert_eq!(ticked(&story.drill.session.model, 4).1, Proof::Sensed);
    assert_eq!(story.drill.session.model.target(), Some(Revision(to)));
    story.drill.keys("aaR");
    story.moment("the plan");
    read(&mut story.drill);
    story.drill.keys(&format!("{to}<Enter>"));
    story.drill.skip_until("helm is done", |m| job(m).lights.helm_done.is_some());
    story.moment("helm done, pods not yet");
    ended(&mut story.drill);
    story.moment("the end of the rollback");
    story.drill.keys("<Esc>");
    tick(&mut story.drill, 5);
}

/// Pages through the plan on show until all of it has been on screen.
pub fn read(drill: &mut Rehearsal) {
    for _ in 0..9 {
        match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
            Some(Dialog::Plan(d)) if matches!(d.state, PlanState::Ready { read: Read::To { .. }, .. }) => {
                drill.keys("<PgDn>");
            }
            Some(_) | None => return,
        }
    }
}

/// Until the running act has ended.
pub fn ended(drill: &mut Rehearsal) {
    drill.skip_until("the act ended", |m| job(m).ending.is_some());
}

/// Steps 6 to 11: each ticked with its evidence where there is a sensor, attested where there is none.
pub fn verify(drill: &mut Rehearsal) {
    tick(drill, 6);
    tick(drill, 7);
    tick(drill, 8);
    tick(drill, 9);
    test(drill);
    tick(drill, 11);
}

/// Step 10: what only reads is run, then by a plan what writes, each once; and the step is ticked with what they said.
pub fn test(drill: &mut Rehearsal) {
    drill.keys("<Enter><Enter>");
    drill.skip_until("the tests that only read", |m| m.tests.asked.is_none());
    drill.keys("<Esc>aaT<Enter>");
    read(drill);
    let namespace = drill.session.model.settings.namespace.clone();
    drill.keys(&format!("{namespace}<Enter>"));
    ended(drill);
    drill.keys("<Esc>");
    tick(drill, 10);
}

/// Steps 12 to 15, then Enter: closed, and the score on screen.
pub fn close(story: &mut Story) {
    let drill = &mut story.drill;
    attest(drill, 12, "told #incidents and support");
    attest(drill, 13, "report written from the timeline");
    attest(drill, 14, "Wednesday 10:00");
    drill.keys("<Enter>").write("Luis: hold releases on a failed canary, until Friday");
    attest(drill, 15, "one item, owner named");
    assert!(drill.session.model.open_incident().is_some());
    drill.keys("<Enter>");
    let incident = drill.session.model.incident.as_ref().unwrap();
    assert!(incident.closed.is_some(), "{}", drill.timeline());
    assert!((1..=15).all(|no| incident.step(StepNo(no)).is_settled()));
    assert_eq!(incident.follow_ups.len(), 1);
    story.moment("closed, the score");
}

/// Waits for a step's evidence, then ticks it with Space.
pub fn tick(drill: &mut Rehearsal, no: u8) {
    drill.skip_until(&format!("the evidence of step {no}"), |m| met(m, no));
    assert_eq!(drill.session.model.panes.step, StepNo(no), "the cursor is elsewhere\n{}", drill.screen());
    let value = evidence(&drill.session.model, no).value.clone();
    drill.keys("<Space>");
    assert_eq!(ticked(&drill.session.model, no), (value, Proof::Sensed));
}

/// Ticks a step without a sensor by word.
pub fn attest(drill: &mut Rehearsal, no: u8, what: &str) {
    assert_eq!(drill.session.model.panes.step, StepNo(no), "the cursor is elsewhere\n{}", drill.screen());
    drill.keys("<Space>").write(what);
    assert_eq!(ticked(&drill.session.model, no), (what.to_owned(), Proof::Attested));
}
