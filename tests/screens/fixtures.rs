//! Models as they are in the middle of an incident, built by hand: the plan's own shop at 04:38.

pub mod acts;
pub mod journal;
pub mod plan;
pub mod release;
pub mod runbook;
pub mod shop;

use std::collections::BTreeMap;
use std::time::Duration;

use backout::domain::checklist::Proof;
use backout::domain::criteria::Limits;
use backout::domain::event::Event;
use backout::domain::evidence::{Evidence, Verdict as Says};
use backout::domain::fact::PodNews;
use backout::domain::fault::Fault;
use backout::domain::health::Asking;
use backout::domain::identity::{Environment, Identity, Pin, Realm};
use backout::domain::incident::Incident;
use backout::domain::logs::LogRule;
use backout::domain::metrics::Curves;
use backout::domain::moment::{Moment, Now};
use backout::domain::name::{Context, Namespace, Person, ReleaseName, Revision, StepNo};
use backout::domain::release::{Choice, Status, Verdict};
use backout::domain::workload::{Pod, PodState};
use backout::model::arm::Arm;
use backout::model::dialog::Dialog;
use backout::model::headline::Headlines;
use backout::model::settings::{Asked, Palette, Settings};
use backout::model::situation::Situation;
use backout::model::{FrameNo, Keys, Model, Opened};

use journal::{entries, entry, tick};
use release::{choice, lived, release};
use runbook::runbook;
use shop::{
    DEPLOYED, QUERY, QUERY_TOGETHER, SERVICES, alerts, bad_errors, bad_p95, bad_pods, curves, pod, together, warnings,
    workloads,
};

/// 04:38:12 on the first of December, 2025.
pub fn wall() -> Moment {
    clock("04:38:12")
}

pub fn clock(time: &str) -> Moment {
    format!("2025-12-01T{time}Z").parse().unwrap()
}

pub fn now() -> Now {
    Now { wall: wall(), mono: Duration::from_mins(10) }
}

fn before(seconds: u64) -> Now {
    Now { wall: wall() - chrono::Duration::seconds(seconds.cast_signed()), mono: Duration::from_secs(600 - seconds) }
}

pub fn settings() -> Settings {
    Settings {
        realm: Realm::Live,
        drill: None,
        person: Person::new("ana"),
        namespace: Namespace::new("prod"),
        release: Some(ReleaseName::new("ecommerce-app")),
        runbook: runbook(),
        decisions: backout::config::decisions::built_in(backout::config::language::Language::English).unwrap(),
        limits: Limits::default(),
        rules: backout::config::rules::built_in().unwrap(),
        health: Asking::default(),
        tests: Vec::new(),
        dashboard: None,
        logs: LogRule::default(),
        asked: Asked::default(),
        read_only: false,
        arm_for: Duration::from_mins(10),
        history: Duration::from_mins(30),
        palette: Palette::OnDark,
        prometheus: None,
        log: "/home/ana/.local/state/backout/backout.log".into(),
    }
}

pub fn identity() -> Identity {
    Identity {
        realm: Realm::Live,
        environment: Environment::Production,
        context: Context::new("aks-prod-eu"),
        server: "https://aks-prod-eu.example:443".into(),
        ca: Some("9f86d081884c".into()),
        pin: Pin::Uid("5f1c2a70-3b1e-4a83-9b7e-0d5a7a6f9d11".into()),
        namespace: Namespace::new("prod"),
    }
}

/// Nothing has come in.
pub fn loading() -> Model {
    Model::new(settings(), now(), (80, 24))
}

/// All sources answer, and there is nothing.
pub fn empty() -> Model {
    let mut model = loading();
    model.identity.put(identity(), before(1));
    model.release = None;
    model.feeds.pods.fold(before(1), |t| {
        t.fold(PodNews::Listing);
        t.fold(PodNews::Complete);
    });
    model.feeds.workloads.put(BTreeMap::new(), before(1));
    model.feeds.warnings.put(Vec::new(), before(1));
    model.feeds.releases.put(Vec::new(), before(1));
    let none = Curves { services: BTreeMap::new(), query: QUERY.into(), window: Duration::from_mins(1) };
    model.feeds.errors.put(none.clone(), before(1));
    model.feeds.p95.put(none.clone(), before(1));
    model.feeds.errors_together.put(Curves { query: QUERY_TOGETHER.into(), ..none.clone() }, before(1));
    model.feeds.p95_together.put(Curves { query: QUERY_TOGETHER.into(), ..none.clone() }, before(1));
    model.feeds.traffic.put(none, before(1));
    model.feeds.alerts.put(Vec::new(), before(1));
    model.situation =
        Situation::Unknown("nothing can be measured: no pods, no traffic, no release in namespace prod".into());
    model.headlines = Headlines::of(&model);
    model
}

/// Every source is forbidden, unreachable or absent, in words.
pub fn dark() -> Model {
    let mut model = loading();
    model.identity.put(Identity { pin: Pin::ServerAndCa, ..identity() }, before(30));
    let forbidden =
        |resource: &str| Fault::Forbidden { verb: "list".into(), resource: format!("{resource} in namespace prod") };
    let unreachable = || Fault::Unreachable { what: "connection refused (10.0.0.7:9090)".into() };
    model.feeds.pods.fail(forbidden("pods"), before(30));
    model.feeds.releases.fail(forbidden("secrets"), before(30));
    model.feeds.warnings.fail(forbidden("events"), before(30));
    model.feeds.errors.fail(unreachable(), before(30));
    model.feeds.p95.fail(unreachable(), before(30));
    model.feeds.traffic.fail(unreachable(), before(30));
    model.feeds.alerts.fail(
        Fault::Absent { what: "No Alertmanager was found: set alertmanager.url in backout.toml".into() },
        before(30),
    );
    model.situation = Situation::Unknown(
        "pods forbidden, Prometheus unreachable since 04:37: nothing can be judged from here".into(),
    );
    model.arm = Arm::ReadOnly;
    model.headlines = Headlines::of(&model);
    model
}

/// All is well, no incident.
pub fn fine() -> Model {
    let mut model = empty();
    model.release = Some(ReleaseName::new("ecommerce-app"));
    model.settings.limits = Limits::default();
    let pods: Vec<Pod> =
        SERVICES.iter().map(|s| pod(s, "5f6c7d8b9-abcde", "2.3.0", PodState::Running, true, 0)).collect();
    model.feeds.pods.fold(before(0), |t| {
        t.fold(PodNews::Listing);
        t.fold(PodNews::Page(pods));
        t.fold(PodNews::Complete);
    });
    let mut release = release();
    release.revisions.truncate(2);
    if let Some(last) = release.revisions.last_mut() {
        last.status = Status::Deployed;
    }
    model.feeds.releases.put(vec![release], before(0));
    model.feeds.workloads.put(workloads(), before(0));
    let quiet = |_: &str, t: u64| Some(0.002 + (t % 45) as f64 / 45_000.0);
    model.feeds.errors.put(curves(quiet, QUERY), before(3));
    model.feeds.p95.put(curves(|s, t| Some(bad_p95(s, t.min(DEPLOYED))), QUERY), before(3));
    model.feeds.errors_together.put(together(|t| quiet("all", t)), before(3));
    model.feeds.p95_together.put(together(|t| Some(bad_p95("all", t.min(DEPLOYED)))), before(3));
    model.feeds.traffic.put(curves(|_, _| Some(12.0), QUERY), before(3));
    model.choice = Some(Choice {
        verdicts: BTreeMap::from([
            (Revision(1), (Verdict::Possible, "9 d 14 h at 0.3 %, P95 190 ms".into())),
            (Revision(2), (Verdict::Current, "3 d 4 h at 0.2 %, P95 180 ms".into())),
        ]),
        target: Some(Revision(1)),
        bare: Some(Revision(1)),
        why: "Revision 1 is the one before.".into(),
    });
    model.situation =
        Situation::Well("all well: errors 0.3 %, P95 149 ms, 10 of 10 pods ready; last change rev 2, 3 d ago".into());
    model.headlines = Headlines::of(&model);
    model
}

/// The incident, in the middle of step 5.
pub fn bad() -> Model {
    let mut model = fine();
    model.feeds.pods.fold(before(0), |t| {
        t.fold(PodNews::Listing);
        t.fold(PodNews::Page(bad_pods()));
        t.fold(PodNews::Complete);
    });
    model.feeds.releases.put(vec![release()], before(0));
    model.feeds.errors.put(curves(bad_errors, QUERY), before(1));
    model.feeds.p95.put(curves(|s, t| Some(bad_p95(s, t)), QUERY), before(1));
    model.feeds.errors_together.put(together(|t| bad_errors("order-service", t).map(|v| v / 7.0)), before(1));
    model.feeds.p95_together.put(together(|t| Some(bad_p95("order-service", t) / 3.0)), before(1));
    model.feeds.alerts.put(alerts(), before(2));
    model.feeds.warnings.put(warnings(), before(0));
    model.lives.read = lived();
    model.choice = Some(choice());
    model.situation = Situation::Unwell(
        "errors 18.2 % (order-service) since 04:32, 2 min after rev 4 (order-service 2.3.2 -> 2.4.0, 1 more) · P95 3.1 s · 4 of 13 pods not ready".into(),
    );
    model.incident = Incident::fold(&entries());
    model.panes.step = StepNo(5);
    let saw = |verdict, value: &str| Evidence { verdict, value: value.into(), at: clock("04:38:11") };
    model.evidence = BTreeMap::from([
        (StepNo(5), saw(Says::NotMet, "rev 4 is live, target is 2")),
        (StepNo(6), saw(Says::NotMet, "9 of 10 rollouts done")),
        (StepNo(7), saw(Says::NotMet, "9 of 13 ready")),
        (StepNo(9), saw(Says::NotMet, "errors 18.2 %")),
        (StepNo(11), saw(Says::NotMet, "held 0 s of 15 min")),
    ]);
    model.arm = Arm::Armed { until: Duration::from_secs(600 + 581) };
    model.headlines = Headlines::of(&model);
    model
}

/// What was known is old: Prometheus does not answer, the watch is broken.
pub fn stale() -> Model {
    let mut model = bad();
    let unreachable = || Fault::Unreachable { what: "connection refused (10.0.0.7:9090)".into() };
    model.feeds.errors.fail(unreachable(), now());
    model.feeds.pods.fail(Fault::Unreachable { what: "no route to host (10.0.0.1:6443)".into() }, now());
    model
        .feeds
        .releases
        .fail(Fault::Forbidden { verb: "watch".into(), resource: "secrets in namespace prod".into() }, now());
    model.now = Now { wall: wall() + chrono::Duration::seconds(75), mono: Duration::from_secs(675) };
    model.situation = Situation::Unknown("errors were 18.2 % 76 s ago; Prometheus is unreachable since".into());
    model.headlines = Headlines::of(&model);
    model
}

/// Every kind of step: sensed, attested, overridden, skipped, reopened, failed, waiting, proposed.
pub fn verify() -> Model {
    let mut model = bad();
    let mut entries = entries();
    let more = [
        ("04:37:30", tick(5, "rev 2 as rev 5", Proof::Sensed)),
        ("04:37:40", tick(6, "10 of 10 rollouts done", Proof::Sensed)),
        ("04:37:50", tick(7, "13/13 ready", Proof::Sensed)),
        ("04:37:52", Event::StepSkipped { step: StepNo(8), why: "no health endpoint reachable from here".into() }),
        ("04:37:55", tick(9, "errors 0.4 %", Proof::Sensed)),
        ("04:38:00", tick(10, "checkout works in my browser; newman not run", Proof::Overridden)),
        ("04:38:05", Event::StepReopened { step: StepNo(9), now: "errors 7.1 %".into() }),
        ("04:38:06", Event::StepBegan { step: StepNo(11) }),
    ];
    for (at, event) in more {
        entries.push(entry(entries.len() as u64 + 1, at, event));
    }
    model.incident = Incident::fold(&entries);
    model.panes.step = StepNo(9);
    let saw = |verdict, value: &str| Evidence { verdict, value: value.into(), at: clock("04:38:11") };
    model.evidence.insert(StepNo(7), saw(Says::Met, "13/13 ready"));
    model.evidence.insert(StepNo(11), saw(Says::Unknown, "no P95 for 40 s"));
    model.headlines = Headlines::of(&model);
    model
}

/// A model with a dialog over it.
pub fn with(mut model: Model, dialog: Dialog) -> Model {
    model.dialog = Some(Opened { dialog, from: FrameNo(1), keys: Keys::Hidden });
    model
}

/// After the rollback: revision 2 runs again as revision 5, everything is green, 15 minutes are being counted.
pub fn recovered() -> Model {
    let mut model = verify();
    let mut release = release();
    let again = release.revisions.get(1).cloned().map(|mut r| {
        r.revision = Revision(5);
        r.status = Status::Deployed;
        r.updated = clock("04:37:02");
        r
    });
    if let Some(last) = release.revisions.last_mut() {
        last.status = Status::Superseded;
    }
    release.revisions.extend(again);
    model.feeds.releases.put(vec![release], before(0));
    let quiet = |_: &str, t: u64| Some(0.002 + (t % 45) as f64 / 45_000.0);
    model.feeds.errors.put(curves(quiet, QUERY), before(1));
    model.feeds.p95.put(curves(|s, t| Some(bad_p95(s, t.min(DEPLOYED))), QUERY), before(1));
    let pods = SERVICES.iter().map(|s| pod(s, "5f6c7d8b9-abcde", "2.3.0", PodState::Running, true, 0)).collect();
    model.feeds.pods.fold(before(0), |t| {
        t.fold(PodNews::Listing);
        t.fold(PodNews::Page(pods));
        t.fold(PodNews::Complete);
    });
    if let Some(incident) = &mut model.incident {
        incident.apply(&entry(99, "04:38:10", tick(9, "errors 0.2 %", Proof::Sensed)));
    }
    if let Some(choice) = &mut model.choice {
        choice.verdicts.insert(Revision(4), (Verdict::Failed, "only lived at 18 %, P95 3.1 s".into()));
        choice.verdicts.insert(Revision(5), (Verdict::Current, "0.2 %, P95 180 ms since it is live".into()));
    }
    model.situation = Situation::Well("errors 0.2 % (order-service) · P95 180 ms · 10 of 10 pods ready".into());
    model.evidence.insert(
        StepNo(11),
        Evidence {
            verdict: Says::NotMet,
            value: "stable 02:30 of 15:00 without a break".into(),
            at: clock("04:38:11"),
        },
    );
    model.panes.step = StepNo(11);
    model.headlines = Headlines::of(&model);
    model
}
