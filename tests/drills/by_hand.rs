//! A ConfigMap that somebody edited past Helm, from the list of what was changed to what the cluster shows.

use backout::domain::change::{Kind, Object};
use backout::domain::event::Ending;
use backout::domain::name::{Revision, StepNo};
use backout::model::dialog::{Dialog, PlanState};
use backout::plan::Plan;
use backout::sim::drill;

use super::rehearsal::Rehearsal;
use super::solve::*;
use super::story::Story;

const NAME: &str = "payment-service-config";

fn planned(drill: &Rehearsal) -> backout::revert::plan::Plan {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Ready { plan: Plan::Revert(plan), .. } => (**plan).clone(),
            other => panic!("no such plan is on show: {other:?}"),
        },
        other => panic!("no plan is on show: {other:?}"),
    }
}

/// Steps 4 and 5: no release is rolled back.
fn left_out(drill: &mut Rehearsal) {
    for no in [4, 5] {
        drill.session.model.panes.step = StepNo(no);
        drill.keys("S").write("no release changed; a ConfigMap was put back");
    }
}

#[test]
fn a_configmap_edited_by_hand_is_named_put_back_and_its_reader_restarted() {
    let mut story = Story::open("by-hand");
    story.drill.wait(2);
    let told = story.drill.session.model.situation.sentence().to_owned();
    assert!(told.contains("payment-service was changed by kubectl-rollout"), "{told}");
    declare(&mut story.drill);
    story.drill.keys("w");
    story.moment("what was changed");
    let suspect = story.drill.session.model.suspect();
    assert_eq!(suspect, Some(Object { kind: Kind::ConfigMap, name: NAME.into() }));
    story.drill.keys("<Enter>");
    story.moment("the content of which revision");
    story.drill.keys("<Esc>aaw<Enter><Enter>");
    story.moment("the plan");
    let plan = planned(&story.drill);
    let fields: Vec<_> =
        plan.fields.iter().map(|f| (f.path.as_str(), f.live.as_deref(), f.target.as_deref())).collect();
    assert_eq!(
        fields,
        [(".data.PAYMENT_PROVIDER_URL", Some("https://sandbox.pay.example"), Some("https://api.pay.example"))]
    );
    assert_eq!(plan.to, Revision(2));
    read(&mut story.drill);
    story.drill.keys("payment-service<Enter>");
    assert!(story.drill.screen().contains("not confirmed"), "{}", story.drill.screen());
    story.drill.keys("-config<Enter>");
    story.moment("asked");
    ended(&mut story.drill);
    story.moment("the end");
    let model = &story.drill.session.model;
    let what =
        format!("ConfigMap {NAME} back to its content of revision 2, 1 workload restarted, every pod new and ready");
    assert_eq!(job(model).ending, Some(Ending::Seen { what }));
    // Written anew, it tells no more who wrote it before; that is not forgotten here.
    story.drill.wait(40).keys("<Esc>w");
    assert_eq!(story.drill.session.model.suspect(), suspect);
    story.drill.keys("<Esc>");
    left_out(&mut story.drill);
    verify(&mut story.drill);
    close(&mut story);
    let score = story.drill.session.model.score.clone().unwrap();
    assert_eq!((score.wrong_turns, score.skipped, score.word()), (0, 2, "well done"));
    assert_eq!(revisions(&story.drill), [1, 2]);
    story.end();
}

#[test]
fn put_back_once_there_is_nothing_more_to_do() {
    let mut drill = Rehearsal::open("by-hand");
    drill.wait(2).keys("aaB");
    let screen = drill.screen();
    assert!(screen.contains("ConfigMap payment-service-config  changed 04:29:40 by kubectl-edit"), "{screen}");
    drill.keys("<Enter><Enter>");
    read(&mut drill);
    drill.keys("payment-service-config<Enter>");
    ended(&mut drill);
    drill.keys("<Esc>aaB<Enter><Enter>");
    let screen = drill.screen_at(120, 40);
    assert!(screen.contains("has the content of revision 2, and nobody who reads it is to be"), "{screen}");
}

#[test]
fn a_release_with_a_wrong_line_is_put_back_to_the_revision_before_key_by_key() {
    let mut played = drill("wrong-config").unwrap();
    played.solution.object = None;
    let mut drill = Rehearsal::open_on(&played, |_| {}, (80, 24));
    drill.wait(40);
    drill.keys("aaB");
    let at = drill.session.model.configurations().iter().position(|(o, ..)| o.name == NAME).unwrap();
    drill.keys(&"<Down>".repeat(at)).keys("<Enter><Down><Enter>");
    let plan = planned(&drill);
    assert_eq!((plan.to, plan.live, plan.restarted().count()), (Revision(2), Some(Revision(3)), 1));
    assert!(plan.findings.iter().any(|f| f.sentence.starts_with("Helm will not know")), "{:#?}", plan.findings);
}
