//! Whatever the server answers: the engine ends, never panics, and keeps its promises about records and deletions.

#[path = "helm/world.rs"]
mod world;

use std::time::Duration;

use backout::domain::name::Revision;
use backout::domain::release::Status::{self, Deployed, Superseded};
use backout::helm::api::{Answer, Refused};
use backout::helm::engine::{CallId, Engine, Input, WatchId};
use backout::helm::plan::Method;
use backout::helm::planner::Planner;
use backout::helm::progress::Outcome;
use backout::helm::rollback::{Rollback, Wait};
use proptest::prelude::*;
use serde_json::json;
use world::{Row, World, ask, now, shop};

fn manifest(tag: &str, extra: bool) -> String {
    let mut text = format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{k: '{tag}'}}\n---\napiVersion: apps/v1\nkind: \
         Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 1\n  template: {{spec: {{containers: [{{name: a, image: \
         'i:{tag}'}}]}}}}\n"
    );
    if extra {
        text += "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {k: v}\n";
    }
    text
}

fn incident(method: Method, hooks: bool) -> World {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\nspec: {a: 1}\n";
    let hook = |event: &str| {
        json!({"name": "migrate", "kind": "Job", "manifest": job, "events": [event],
        "delete_policies": ["before-hook-creation", "hook-succeeded", "hook-failed"]})
    };
    let hooks = if hooks { vec![hook("pre-rollback"), hook("post-rollback")] } else { vec![] };
    let rows: [Row<'_>; 2] = [
        (Superseded, "Install complete", &manifest("1", false), hooks),
        (Deployed, "Upgrade complete", &manifest("2", true), vec![]),
    ];
    shop(&rows, Some(method))
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![Just(Method::Csa), Just(Method::Ssa)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_faulty_server_breaks_no_promise(
        method in method(),
        hooks in any::<bool>(),
        chaos in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut world = incident(method, hooks);
        let Ok(plan) = world.plan(1) else { return Err(TestCaseError::fail("a plan without faults")) };
        let target = world.get("secrets", "sh.helm.release.v1.shop.v1").cloned();
        world.chaos = chaos.into();
        let outcome = world.execute(plan);
        world.chaos.clear();

        prop_assert_eq!(world.get("secrets", "sh.helm.release.v1.shop.v1").cloned(), target, "the target's record is untouched");
        let (statuses, description) = world.statuses();
        let new = statuses.iter().find(|(r, _)| *r == 3).map(|(_, s)| *s);
        // A write whose answer is lost leaves a version behind that only a read can tell.
        let ours = ["refused PUT secrets sh.helm.release.v1.shop.v3", "refused GET secrets sh.helm.release.v1.shop.v3"];
        let ours_refused = world.log.iter().any(|l| ours.contains(&l.as_str()));
        match &outcome {
            Outcome::SeenReady { revision } | Outcome::Applied { revision, .. } => {
                prop_assert_eq!((*revision, new), (Revision(3), Some(Status::Deployed)));
                let deployed = statuses.iter().filter(|(_, s)| *s == Status::Deployed).count();
                let second_refused = world.log.iter().any(|l| l == "refused PUT secrets sh.helm.release.v1.shop.v2");
                prop_assert!(deployed == 1 || second_refused, "{:?}", statuses);
                prop_assert_eq!(description, "Rollback to 1");
                let lied = world.log.iter().any(|l| l == "refused DELETE configmaps extra");
                prop_assert!(world.get("configmaps", "extra").is_none() || lied);
            }
            Outcome::Failed { revision: Some(_), .. } => {
                prop_assert!(new == Some(Status::Failed) || ours_refused || new == Some(Status::Deployed), "{:?} {:?}", new, world.log);
            }
            Outcome::Failed { revision: None, .. } | Outcome::Void { .. } => {
                let touched = world.log.iter().any(|l| l.contains("deployments") && l.starts_with("PATCH"));
                prop_assert!(!touched, "{:?}", world.log);
            }
            Outcome::Unknown { .. } => {}
        }
        let failed = world.log.iter().position(|l| {
            l.starts_with("refused P") && (l.contains("configmaps") || l.contains("deployments"))
        });
        let deleted = world.log.iter().position(|l| l == "DELETE configmaps extra");
        if let (Some(failed), Some(deleted)) = (failed, deleted) {
            let retried_migration = method == Method::Ssa;
            prop_assert!(deleted < failed || retried_migration, "nothing is deleted after an error: {:?}", world.log);
        }
    }

    #[test]
    fn a_faulty_server_never_makes_the_planner_write(
        method in method(),
        chaos in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut world = incident(method, true);
        world.chaos = chaos.into();
        let _ = world.plan(1);
        prop_assert!(world.log.iter().all(|l| l.starts_with("refused")), "{:?}", world.log);
    }

    #[test]
    fn answers_that_fit_no_question_never_panic(
        seeds in proptest::collection::vec((any::<u8>(), 0_u32..20), 0..80),
    ) {
        let mut world = incident(Method::Csa, true);
        let plan = world.plan(1).expect("a plan");
        let mut rollback = Rollback::new(plan, "lab", Duration::from_mins(5), Wait::ForReady);
        let mut planner = Planner::new(ask(1));
        for (kind, id) in seeds {
            let input = odd(kind, id);
            rollback.step(now(), input.clone());
            planner.step(now(), input);
        }
        if let Some(Outcome::SeenReady { .. }) = rollback.end() {
            return Err(TestCaseError::fail("noise is no success"));
        }
    }
}

fn odd(kind: u8, id: u32) -> Input {
    let object = json!({"kind": "Secret", "metadata": {"name": "x", "labels": 3}, "data": {"release": "%"}});
    match kind % 12 {
        0 => Input::Start,
        1 => Input::Answer(CallId(id), Answer::List(vec![object])),
        2 => Input::Answer(CallId(id), Answer::List(vec![])),
        3 => Input::Answer(CallId(id), Answer::Object(object)),
        4 => Input::Answer(CallId(id), Answer::Gone),
        5 => Input::Answer(CallId(id), Answer::Allowed(true)),
        6 => Input::Answer(CallId(id), Answer::Resource(None)),
        7 => Input::Answer(CallId(id), Answer::Refused(Refused::Invalid("x".into()))),
        8 => Input::Observed(WatchId(id), object),
        9 => Input::Gone(WatchId(id), object),
        10 => Input::Lost(WatchId(id), "x".into()),
        _ => Input::TimedOut,
    }
}
