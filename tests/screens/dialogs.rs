//! Every dialog in every state it can be in.

use std::sync::Arc;
use std::time::Duration;

use backout::domain::detail::{LogTail, PodDetail};
use backout::domain::event::Ending;
use backout::domain::fault::Fault;
use backout::domain::name::{Container, Image, JobId, PodName, ReleaseName, Revision, Service, StepNo};
use backout::domain::score::Score;
use backout::domain::severity::Severity;
use backout::domain::workload::{ContainerRow, Exit, Warning};
use backout::helm::choices::Choices;
use backout::helm::plan::{Change, Finding, Instead, Level, Operation, Refusal};
use backout::helm::progress::{HookState, Images, Lot, PodStep, Progress, Stage};
use backout::model::Model;
use backout::model::arm::Arm;
use backout::model::dialog::{AskDialog, Deed, Dialog, PlanDialog, PlanState, Purpose, Read, Sheet, Wish};
use backout::model::feed::{Feed, Generation};
use backout::model::jobs::LastLine;
use backout::model::settings::DrillCard;
use backout::plan::Plan;

use super::fixtures::acts;
use super::fixtures::plan::{job, plan};
use super::fixtures::{self, bad, clock, fine, with};

fn rollback(state: PlanState) -> Dialog {
    Dialog::Plan(PlanDialog { generation: Generation(1), wish: Wish::RollBack(Revision(2), Choices::default()), state })
}

fn ready(plan: backout::helm::plan::Plan, typed: &str, sheet: Sheet, complaint: Option<&str>) -> Dialog {
    rollback(PlanState::Ready {
        plan: Plan::RollBack(Arc::new(plan)),
        typed: typed.into(),
        sheet,
        scroll: 0,
        read: Read::Whole,
        complaint: complaint.map(Into::into),
    })
}

fn progress(facts: Vec<Progress>, ending: Option<Ending>) -> Model {
    let mut model = bad();
    model.jobs.all.insert(JobId(1), job(facts, ending));
    with(model, Dialog::Progress { job: JobId(1), scroll: 0 })
}

fn rolling(service: &str, ready: u32, trouble: Option<&str>) -> Progress {
    Progress::Rolling { service: Service::new(service), ready, desired: 2, trouble: trouble.map(Into::into) }
}

fn pods(service: &str, rows: &[(Lot, &str, Stage)]) -> Progress {
    let step = |(lot, end, stage): &(Lot, &str, Stage)| {
        let set = if *lot == Lot::New { "7d9f8" } else { "6c5bd" };
        PodStep { pod: format!("{service}-{set}-{end}").as_str().into(), lot: *lot, stage: stage.clone() }
    };
    Progress::Pods { service: Service::new(service), pods: rows.iter().map(step).collect() }
}

fn images(service: &str, images: Images) -> Progress {
    Progress::Images { service: Service::new(service), images }
}

fn begun() -> Vec<Progress> {
    let mut facts = vec![Progress::Checked, Progress::Recorded(Revision(5))];
    facts.extend((0..4).map(|index| Progress::Object { index, change: Change::Update, error: None }));
    facts
}

fn rolled() -> Vec<Progress> {
    let mut facts = begun();
    facts.push(Progress::Hook { name: "warm-cache".into(), state: HookState::Succeeded });
    facts.push(Progress::HelmDone(Revision(5)));
    facts
}

fn ask(purpose: Purpose, text: &str) -> Dialog {
    let mut area = tui_textarea::TextArea::default();
    area.insert_str(text);
    Dialog::Ask(Box::new(AskDialog { purpose, text: area }))
}

fn unarmed(mut model: Model) -> Model {
    model.arm = Arm::Safe;
    model
}

fn grave() -> backout::helm::plan::Plan {
    let mut plan = plan();
    plan.operations.push(Operation {
        change: Change::Delete,
        kind: "PersistentVolumeClaim".into(),
        namespace: Some("prod".into()),
        name: "order-journal".into(),
        fields: Vec::new(),
    });
    plan.findings.push(Finding {
        level: Level::Confirm,
        sentence: "PersistentVolumeClaim order-journal is deleted with its data.".into(),
        cure: "Snapshot it first.".into(),
    });
    plan
}

fn blocked() -> backout::helm::plan::Plan {
    let mut plan = plan();
    plan.findings.push(Finding {
        level: Level::Block,
        sentence: "Argo CD app shop owns this release with auto-sync on: it would undo the rollback within minutes."
            .into(),
        cure: "Turn auto-sync off (argocd app set shop --sync-policy none), then R again.".into(),
    });
    plan
}

fn pod_detail() -> PodDetail {
    PodDetail {
        init: vec![ContainerRow {
            name: Container::new("db-migrate"),
            image: Image::new("registry.example/shop/flyway:10.4"),
            ready: true,
            restarts: 0,
            state: "Completed".into(),
            last_exit: Some(Exit { code: 0, reason: "Completed".into(), at: clock("04:31:00") }),
        }],
        events: vec![Warning {
            kind: "Pod".into(),
            object: "order-service-7d9f8c6b5d-x2xab".into(),
            reason: "BackOff".into(),
            message: "Back-off restarting failed container order-service".into(),
            count: 14,
            at: clock("04:38:00"),
        }],
        logs: vec![
            LogTail {
                container: Container::new("order-service"),
                previous: true,
                lines: Ok(vec![
                    "04:37:49.120 INFO  starting OrderServiceApplication 2.4.0".into(),
                    "04:37:50.001 ERROR org.postgresql.util.PSQLException: ERROR: column \"oauth_provider\" of relation \"users\" does not exist".into(),
                    "04:37:50.003 ERROR Application run failed".into(),
                ]),
            },
            LogTail {
                container: Container::new("istio-proxy"),
                previous: false,
                lines: Err("Forbidden: you may not get pods/log in namespace prod".into()),
            },
        ],
    }
}

/// Name, model.
pub fn all() -> Vec<(&'static str, Model)> {
    let pod = || PodName::new("order-service-7d9f8c6b5d-x2xab");
    let look = |read: Option<Result<PodDetail, Fault>>| {
        let mut detail = Feed::polled(Duration::from_secs(5));
        match read {
            None => {}
            Some(Ok(read)) => detail.put(read, bad().now),
            Some(Err(fault)) => detail.fail(fault, bad().now),
        }
        Dialog::Pod { pod: pod(), detail: Box::new(detail), scroll: 0 }
    };
    let refusal = Refusal {
        sentence: "revision 3 is pending-upgrade since 04:36: somebody's helm is at work, or died.".into(),
        cure: "Wait for it, or, if it died, set its status to failed; then press R again.".into(),
        command: "helm rollback ecommerce-app 2 --namespace prod --kube-context aks-prod-eu --wait --timeout 5m".into(),
        instead: Instead::Nobody,
    };
    let mut drilled = fine();
    drilled.settings.drill = Some(DrillCard {
        name: "plan".into(),
        title: "The plan's own incident".into(),
        par_minutes: 28,
        par_keys: 60,
        solution: "Revision 4 expects a column whose migration never ran; revision 2 does not.".into(),
        back_to: None,
        put_back: None,
    });
    drilled.score = Some(Score {
        recovery: Some(Duration::from_secs(612)),
        total: Duration::from_secs(1_702),
        keys: 41,
        wrong_turns: 0,
        skipped: 1,
        overridden: 1,
        par_minutes: 28,
    });
    let diff: Vec<String> = [
        "  values, from revision 4 to 2",
        "  orderService:",
        "    image:",
        "-     tag: 2.4.0",
        "+     tag: 2.3.1",
        "",
        "  manifest, from revision 4 to 2",
        "  --- Deployment order-service",
        "  …",
        "              name: FEATURE_SPLIT",
        "-             value: on",
        "+             value: off",
        "  --- Secret payment-keys",
        "  …",
        "-   API_KEY: (hidden)",
        "+   API_KEY: (hidden, another)",
    ]
    .map(String::from)
    .to_vec();
    let mut failed = begun();
    failed.push(Progress::Object {
        index: 4,
        change: Change::Delete,
        error: Some("serviceaccounts \"split-runner\" is forbidden: User \"ana\" cannot delete resource".into()),
    });
    let failing = Stage::Failing { container: Some("order-service".into()), why: "CrashLoopBackOff, exit 1".into() };
    let mut going = rolled();
    going.extend([
        pods("order-service", &[(Lot::New, "x2x4k", failing), (Lot::Old, "abcde", Stage::Ready)]),
        images("order-service", Images::Mixed(1)),
        rolling("order-service", 0, Some("CrashLoopBackOff, exit 1")),
        pods("payment-service", &[(Lot::New, "k8p2z", Stage::Ready), (Lot::New, "q7q9d", Stage::Starting)]),
        images("payment-service", Images::Target),
        rolling("payment-service", 1, None),
        images("cart-service", Images::Target),
        rolling("cart-service", 2, None),
    ]);
    let mut going = progress(going, None);
    let said = Some("ERROR: column u1_0.oauth_provider does not exist".to_owned());
    let last = LastLine { pod: "order-service-7d9f8-x2x4k".into(), why: "CrashLoopBackOff, exit 1".into(), line: said };
    going.jobs.all.get_mut(&JobId(1)).unwrap().lights.last_lines.insert("order-service".into(), last);
    let mut done = rolled();
    for service in ["order-service", "payment-service"] {
        done.extend([images(service, Images::Target), rolling(service, 2, None)]);
    }
    done.push(Progress::Ready);
    vec![
        ("workloads", with(bad(), Dialog::Workloads { deed: Deed::Undo, cursor: acts::order_service() })),
        ("kept", with(bad(), acts::kept(Some(Ok(acts::history()))))),
        ("kept-loading", with(bad(), acts::kept(None))),
        ("kept-unread", with(bad(), acts::kept(Some(Err("the revisions of Deployment order-service cannot be read: Forbidden: you may not list replicasets in namespace prod".into()))))),
        ("undo", with(bad(), acts::ready(acts::undo(), "3", Sheet::Summary))),
        ("undo-changes", with(bad(), acts::ready(acts::undo(), "", Sheet::Changes))),
        ("restart-unarmed", with(unarmed(bad()), acts::ready(acts::restart(), "order", Sheet::Summary))),
        ("progress-undo-failed", {
            let mut model = bad();
            model.jobs.all.insert(JobId(1), acts::failed());
            with(model, Dialog::Progress { job: JobId(1), scroll: 0 })
        }),
        ("declare", with(fine(), Dialog::Declare { severity: Severity::Sev2 })),
        ("severity", with(bad(), Dialog::Declare { severity: Severity::Sev1 })),
        ("targets", with(bad(), Dialog::Targets { revision: Revision(2) })),
        ("planning", with(bad(), rollback(PlanState::Planning { since: Duration::from_secs(597) }))),
        ("refused", with(bad(), rollback(PlanState::Refused(refusal)))),
        ("plan", with(bad(), ready(plan(), "2", Sheet::Summary, None))),
        ("plan-unarmed", with(unarmed(bad()), ready(plan(), "", Sheet::Summary, Some("not armed: press a twice to arm for a while")))),
        ("plan-grave", with(unarmed(bad()), ready(grave(), "ecomm", Sheet::Summary, None))),
        ("plan-blocked", with(bad(), ready(blocked(), "", Sheet::Summary, None))),
        ("changes", with(bad(), ready(plan(), "", Sheet::Changes, None))),
        ("confirmed", with(bad(), rollback(PlanState::Confirmed { plan: Plan::RollBack(Arc::new(plan())) }))),
        ("progress-begun", progress(begun(), None)),
        ("progress-rolling", going),
        ("progress-failed", progress(failed, Some(Ending::Failed { why: "revision 5 failed: deleting ServiceAccount split-runner is forbidden. Live now: revision 2's Deployments, revision 4's ServiceAccount. Ask for the right to delete serviceaccounts, then R again.".into() }))),
        ("progress-done", progress(done, Some(Ending::Seen { what: "rev 2 as rev 5, 10 workloads ready".into() }))),
        ("progress-unknown", progress(begun(), Some(Ending::Unknown { why: "contact with the API server was lost after 4 objects".into() }))),
        ("skip", with(bad(), ask(Purpose::Skip(StepNo(5)), "no health endpoint"))),
        ("override", with(bad(), ask(Purpose::Override(StepNo(9)), ""))),
        ("note", with(bad(), ask(Purpose::Note, "asked Marta: no migration in 2.4.0"))),
        ("pod", with(bad(), look(Some(Ok(pod_detail()))))),
        ("pod-loading", with(bad(), look(None))),
        ("pod-forbidden", with(bad(), look(Some(Err(Fault::Forbidden { verb: "get".into(), resource: "pods/log in namespace prod".into() }))))),
        ("revision", with(bad(), Dialog::Revision { revision: Revision(2), generation: Generation(1), lines: Some(Ok(diff)), scroll: 0 })),
        ("help", with(bad(), Dialog::Help { scroll: 0 })),
        ("palette", with(fine(), Dialog::Palette { typed: String::new(), cursor: 1 })),
        ("palette-typed", with(bad(), Dialog::Palette { typed: "roll".into(), cursor: 0 })),
        ("score", with(drilled, Dialog::Score)),
        ("leave", {
            let mut model = progress(begun(), None);
            model.dialog = None;
            with(model, Dialog::Leave)
        }),
        ("no-release", {
            let mut model = fixtures::empty();
            model.release = Some(ReleaseName::new("ecommerce-app"));
            with(model, Dialog::Targets { revision: Revision(2) })
        }),
    ]
}
