//! Every drill of the box, from the page to the closed incident.

use backout::domain::checklist::{Proof, StepState};
use backout::domain::event::{Act, Ending, Event};
use backout::domain::evidence::Verdict;
use backout::domain::name::{Revision, StepNo};
use backout::domain::severity::Severity;
use backout::helm::plan::{Level, Plan};
use backout::model::Model;
use backout::model::dialog::{Dialog, PlanState};
use backout::model::situation::Situation;
use backout::sim::drills;

use super::rehearsal::Rehearsal;
use super::solve::*;
use super::story::Story;

/// The plan on show.
pub fn plan(drill: &Rehearsal) -> Plan {
    match drill.session.model.dialog.as_ref().map(|o| &o.dialog) {
        Some(Dialog::Plan(d)) => match &d.state {
            PlanState::Ready { plan, .. } => (**plan.rollback().unwrap()).clone(),
            other => panic!("no plan is on show: {other:?}"),
        },
        other => panic!("no plan is on show: {other:?}"),
    }
}

/// The newest error ratio of the worst service, and pods serving.
fn harm(model: &Model) -> (f64, usize) {
    let worst = model.feeds.errors.known().unwrap().worst(None, std::time::Duration::from_mins(1)).unwrap();
    (worst.value, model.feeds.pods.known().unwrap().serving().0)
}

/// Declare, roll back, verify, close, with nothing left out and nothing in vain.
fn solved(name: &str, to: u32) -> Story {
    let mut story = Story::open(name);
    declare(&mut story.drill);
    roll_back(&mut story, to);
    verify(&mut story.drill);
    close(&mut story);
    let score = story.drill.session.model.score.clone().unwrap();
    assert_eq!((score.wrong_turns, score.skipped, score.overridden, score.word()), (0, 0, 0, "well done"));
    story
}

#[test]
fn the_plans_own_incident_is_solved_from_the_page_to_closed() {
    solved("plan", 2).end();
}

#[test]
fn a_crash_loop_behind_good_curves_is_seen_and_solved() {
    let drill = Rehearsal::open("crash-loop");
    let sentence = drill.session.model.situation.sentence();
    assert!(sentence.contains("pods not ready, last change 04:30 rev 3"), "{sentence}");
    solved("crash-loop", 2).end();
}

#[test]
fn one_bad_service_of_ten_is_named_and_solved() {
    let mut drill = Rehearsal::open("one-service");
    assert!(drill.session.model.situation.sentence().contains("payment-service"));
    drill.keys("R");
    let autoscaled = plan(&drill).findings.iter().any(|f| f.sentence.contains("payment-service"));
    assert!(autoscaled, "{:#?}", plan(&drill).findings);
    solved("one-service", 2).end();
}

#[test]
fn a_wrong_line_of_configuration_is_found_though_no_image_changed() {
    let mut drill = Rehearsal::open("wrong-config");
    assert!(drill.session.model.situation.sentence().contains("no image changed"));
    drill.keys("R");
    let plan = plan(&drill);
    assert_eq!(plan.images, []);
    let config = plan.operations.iter().find(|o| o.kind == "ConfigMap" && !o.fields.is_empty()).unwrap();
    let fields: Vec<_> =
        config.fields.iter().map(|f| (f.path.as_str(), f.live.as_deref(), f.target.as_deref())).collect();
    assert_eq!(config.name, "payment-service-config");
    assert_eq!(
        fields,
        [(".data.PAYMENT_PROVIDER_URL", Some("https://sandbox.pay.example"), Some("https://api.pay.example"))]
    );
    solved("wrong-config", 2).end();
}

#[test]
fn a_release_that_gitops_owns_says_so_above_the_datum() {
    let mut drill = Rehearsal::open("gitops");
    drill.keys("R");
    let grave: Vec<_> = plan(&drill)
        .findings
        .into_iter()
        .filter(|f| f.level == Level::Confirm && f.sentence.contains("Argo CD"))
        .collect();
    assert_eq!(grave.len(), 1, "{grave:#?}");
    assert!(drill.screen().contains("Argo CD (ecommerce-app) manages these objects"), "{}", drill.screen());
    solved("gitops", 2).end();
}

#[test]
fn the_naive_trap_is_solved_by_the_revision_before_the_failed_one_and_the_cockpit_says_why() {
    let drill = Rehearsal::open("naive-trap");
    let choice = drill.session.model.choice.clone().unwrap();
    assert_eq!((choice.target, choice.bare), (Some(Revision(2)), Some(Revision(3))));
    assert!(choice.why.contains("A bare helm rollback would take 3: upgrade failed."), "{}", choice.why);
    solved("naive-trap", 2).end();
}

#[test]
fn the_bare_default_of_the_naive_trap_makes_it_worse() {
    let mut story = Story::open("naive-trap").named("naive-trap-by-default");
    let before = harm(&story.drill.session.model);
    story.drill.keys("aav<Up><Enter>");
    assert_eq!(plan(&story.drill).to, Revision(3));
    story.moment("the plan to N-1, chosen by hand");
    read(&mut story.drill);
    story.drill.keys("3<Enter>");
    ended(&mut story.drill);
    story.moment("the end of the rollback to N-1");
    let after = harm(&story.drill.session.model);
    assert!(after.0 > before.0 && after.1 < before.1, "errors and pods serving: {before:?} before, {after:?} after");
    assert!(!matches!(job(&story.drill.session.model).ending, Some(Ending::Seen { .. })));
    assert!([7, 9, 11].iter().all(|no| !met(&story.drill.session.model, *no)), "{}", story.drill.screen());
    // The way back from there is the same: the proposal still is 2, and it ends the incident.
    story.drill.keys("<Esc>v");
    assert_eq!(story.drill.session.model.choice.as_ref().unwrap().target, Some(Revision(2)));
    story.end();
}

#[test]
fn an_innocent_release_is_not_blamed_and_waiting_it_out_closes_the_incident() {
    let mut story = Story::open("innocent-release");
    let sentence = story.drill.session.model.situation.sentence().to_owned();
    assert!(sentence.contains("no release changed just before: rev 3"), "{sentence}");
    let why = story.drill.session.model.choice.clone().unwrap().why;
    assert!(why.contains("going back may not help"), "{why}");
    declare(&mut story.drill);
    story.drill.keys("v");
    story.moment("the chooser doubts");
    story.drill.keys("<Esc>");
    for no in [4, 5] {
        story.drill.keys("S").write("no release changed just before; the DBA moves the storage");
        assert!(matches!(step(&story.drill.session.model, no), StepState::Skipped { .. }));
    }
    verify(&mut story.drill);
    close(&mut story);
    let model = &story.drill.session.model;
    assert_eq!(revisions(&story.drill), [1, 2, 3]);
    let score = model.score.clone().unwrap();
    assert_eq!((score.wrong_turns, score.skipped, score.word()), (0, 2, "well done"));
    assert!(story.drill.timeline().contains("nothing was rolled back; 2 steps skipped"));
    story.end();
}

#[test]
fn a_node_under_pressure_is_called_the_ground_and_no_revision_is_touched() {
    let mut story = Story::open("node-pressure");
    declare(&mut story.drill);
    story.drill.keys("d");
    story.moment("the tree says who owns it");
    let screen = story.drill.screen();
    assert!(screen.contains("Call who owns the ground (infrastructure)"), "{screen}");
    assert!(screen.contains("aks-pool1-vmss000001 has DiskPressure"), "{screen}");
    story.drill.keys("<Esc>");
    for no in [4, 5] {
        story.drill.keys("S").write("a node is under disk pressure; the platform's on-call empties it");
        assert!(matches!(step(&story.drill.session.model, no), StepState::Skipped { .. }));
    }
    verify(&mut story.drill);
    close(&mut story);
    let score = story.drill.session.model.score.clone().unwrap();
    assert_eq!((revisions(&story.drill), score.wrong_turns, score.skipped), (vec![1, 2], 0, 2));
    story.end();
}

#[test]
fn rolling_an_innocent_release_back_helps_nothing_and_counts_as_a_wrong_turn() {
    let mut story = Story::open("innocent-release");
    let drill = &mut story.drill;
    drill.keys("aaR2<Enter>");
    ended(drill);
    drill.keys("<Esc>").wait(300);
    let model = &drill.session.model;
    assert!(matches!(job(model).ending, Some(Ending::Seen { .. })));
    assert!(matches!(&model.situation, Situation::Unwell(s) if s.starts_with("P95 ")), "{:?}", model.situation);
    assert_eq!((evidence(model, 9).verdict, evidence(model, 11).verdict), (Verdict::NotMet, Verdict::NotMet));
    // An incident that a confirmed rollback opened is still to be declared: step 1 by its evidence, 2 by a choice.
    tick(drill, 1);
    drill.keys("<Enter><Enter>");
    attest(drill, 3, "called Marta");
    tick(drill, 5);
    verify(drill);
    close(&mut story);
    let score = story.drill.session.model.score.clone().unwrap();
    assert_eq!((score.wrong_turns, score.skipped, score.word()), (1, 0, "recovered after a wrong turn"));
}

#[test]
fn without_metrics_nothing_is_green_until_they_come_back() {
    let mut story = Story::open("blind");
    assert!(matches!(story.drill.session.model.situation, Situation::Unknown(_)));
    declare(&mut story.drill);
    roll_back(&mut story, 2);
    tick(&mut story.drill, 6);
    tick(&mut story.drill, 7);
    tick(&mut story.drill, 8);
    let back = chrono::DateTime::parse_from_rfc3339("2025-12-01T04:49:00Z").unwrap();
    let mut looked = 0;
    while story.drill.session.model.now.wall < back {
        let model = &story.drill.session.model;
        assert_eq!((evidence(model, 9).verdict, met(model, 11)), (Verdict::Unknown, false));
        looked += 1;
        story.drill.wait(20);
    }
    assert!(looked > 10);
    story.moment("rolled back, still blind");
    tick(&mut story.drill, 9);
    test(&mut story.drill);
    tick(&mut story.drill, 11);
    close(&mut story);
    story.end();
}

#[test]
fn a_tick_without_metrics_is_an_override_with_a_reason_and_says_so() {
    let mut drill = Rehearsal::open("blind");
    drill.keys("<Enter><Enter>");
    drill.keys("<Down><Down><Down><Down><Down><Down>");
    assert_eq!(drill.session.model.panes.step, StepNo(9));
    drill.keys("<Space>");
    assert!(!step(&drill.session.model, 9).is_settled());
    assert!(drill.screen().contains("Step 9 is not proved. Why tick it all the same?"), "{}", drill.screen());
    drill.keys("<Enter>");
    assert!(!step(&drill.session.model, 9).is_settled(), "without a reason nothing is ticked");
    drill.keys("<Space>").write("the gateway's own log shows no 5xx");
    let wanted = "errors: unreachable; the gateway's own log shows no 5xx".to_owned();
    assert_eq!(ticked(&drill.session.model, 9), (wanted, Proof::Overridden));
}

#[test]
fn from_launch_to_a_confirmed_rollback_it_takes_six_keys_at_most_and_the_datum() {
    for (name, drill) in drills() {
        let Some(to) = drill.unwrap().solution.revision else { continue };
        let mut drill = Rehearsal::open(name);
        let datum = to.to_string();
        drill.keys("aaR");
        read(&mut drill);
        drill.keys(&datum).keys("<Enter>");
        assert!(drill.session.model.keys <= 6, "{name}");
        let incident = drill.session.model.open_incident().expect(name);
        assert!(incident.severity >= Severity::Sev2, "{name}");
        let (_, record) = incident.last_rollback().expect(name);
        assert!(matches!(&record.act, Act::RollBack { to: asked, .. } if *asked == to), "{name}");
        let order: Vec<_> = incident
            .entries
            .iter()
            .filter_map(|e| match &e.event {
                Event::Opened { by_rollback, .. } => Some(format!("opened by rollback: {by_rollback}")),
                Event::TargetChosen { revision, .. } => Some(format!("target {revision}")),
                Event::ActAsked { .. } => Some("asked".into()),
                _ => None,
            })
            .collect();
        assert_eq!(order, ["opened by rollback: true".to_owned(), format!("target {to}"), "asked".into()], "{name}");
    }
}
