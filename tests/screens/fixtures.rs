//! Models as they are in the middle of an incident, built by hand: the plan's own shop at 04:3x.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backout::domain::alert::{Alert, AlertState, AlertWeight};
use backout::domain::checklist::Proof;
use backout::domain::criteria::Limits;
use backout::domain::event::{Act, Entry, Event};
use backout::domain::evidence::{Evidence, Sensor, Verdict as Says};
use backout::domain::fact::PodNews;
use backout::domain::fault::Fault;
use backout::domain::identity::{Environment, Identity, Pin, Realm};
use backout::domain::incident::Incident;
use backout::domain::metrics::Curves;
use backout::domain::moment::{Moment, Now};
use backout::domain::name::*;
use backout::domain::release::{Choice, Content, Lived, Release, RevisionFacts, Status, Verdict};
use backout::domain::runbook::{Block, Mode, Offer, Runbook, Step};
use backout::domain::series::Series;
use backout::domain::severity::Severity;
use backout::domain::workload::{
    ContainerRow, Exit, Pod, PodState, Restarts, Rollout, Warning, Workload, WorkloadKind,
};
use backout::helm::plan::*;
use backout::model::Model;
use backout::model::arm::Arm;
use backout::model::dialog::Dialog;
use backout::model::jobs::Job;
use backout::model::settings::{Palette, Settings};
use backout::model::situation::Situation;

pub const SERVICES: [&str; 10] = [
    "api-gateway",
    "order-service",
    "payment-service",
    "user-service",
    "product-service",
    "cart-service",
    "shipping-service",
    "inventory-service",
    "notification-service",
    "favourite-service",
];

/// 04:38:12 on the first of December, 2025.
pub fn wall() -> Moment {
    clock("04:38:12")
}

pub fn clock(time: &str) -> Moment {
    format!("2025-12-01T{time}Z").parse().unwrap()
}

pub fn now() -> Now {
    Now { wall: wall(), mono: Duration::from_secs(600) }
}

fn before(seconds: u64) -> Now {
    Now { wall: wall() - chrono::Duration::seconds(seconds as i64), mono: Duration::from_secs(600 - seconds) }
}

fn step(no: u8, title: &str, instruction: &str, minutes: u64, sensor: Option<Sensor>, offer: Option<Offer>) -> Step {
    Step {
        no: StepNo(no),
        title: title.into(),
        instruction: instruction.into(),
        time_box: Duration::from_secs(minutes * 60),
        sensor,
        offer,
        warns: match no {
            5 => "A bare `helm rollback` goes to revision 3, which failed. Always name the revision.".into(),
            10 => "These tests write orders to production: run them once.".into(),
            _ => String::new(),
        },
        commands: String::new(),
    }
}

pub fn runbook() -> Runbook {
    let block = |title: &str, mode, steps| Block { title: title.into(), mode, steps };
    Runbook {
        title: "Quick rollback".into(),
        language: "en".into(),
        blocks: vec![
            block(
                "Declare",
                Mode::ReadDo,
                vec![
                    step(
                        1,
                        "Declare the incident",
                        "Say in the channel that there is an incident.",
                        1,
                        Some(Sensor::Declared),
                        Some(Offer::Declare),
                    ),
                    step(
                        2,
                        "Severity",
                        "Choose the severity; in doubt the higher one.",
                        1,
                        Some(Sensor::SeverityChosen),
                        Some(Offer::ChooseSeverity),
                    ),
                    step(3, "Tell the on-call lead", "Call the lead and say the severity.", 2, None, None),
                ],
            ),
            block(
                "Roll back",
                Mode::ReadDo,
                vec![
                    step(
                        4,
                        "Stable version",
                        "Choose the revision that was good, by its health while it was live.",
                        2,
                        Some(Sensor::TargetChosen),
                        Some(Offer::ChooseTarget),
                    ),
                    step(
                        5,
                        "Roll back",
                        "Read the plan, type the revision, confirm.",
                        3,
                        Some(Sensor::RolledBack),
                        Some(Offer::RollBack),
                    ),
                    step(
                        6,
                        "Rollouts done",
                        "Watch until every workload has its new pods.",
                        5,
                        Some(Sensor::RolloutsDone),
                        Some(Offer::ShowRollouts),
                    ),
                ],
            ),
            block(
                "Verify",
                Mode::DoConfirm,
                vec![
                    step(
                        7,
                        "Pods ready",
                        "Every pod is ready and none restarts.",
                        2,
                        Some(Sensor::PodsReady),
                        Some(Offer::ShowPods),
                    ),
                    step(8, "Health checks", "Ask each service itself.", 2, None, None),
                    step(
                        9,
                        "Error rate < 1 %",
                        "The worst service is below one percent.",
                        3,
                        Some(Sensor::ErrorsLow),
                        Some(Offer::ShowErrors),
                    ),
                    step(10, "Functional tests", "Log in, search, order, pay.", 5, None, None),
                    step(
                        11,
                        "15 min stable",
                        "Errors, P95 and pods stay well for 15 minutes.",
                        15,
                        Some(Sensor::Stable),
                        None,
                    ),
                ],
            ),
            block(
                "Close",
                Mode::DoConfirm,
                vec![
                    step(12, "Tell it is over", "Tell the channel and the stakeholders.", 5, None, None),
                    step(
                        13,
                        "Incident report",
                        "Write the report from the timeline.",
                        30,
                        None,
                        Some(Offer::ShowTimeline),
                    ),
                    step(14, "Plan the post-mortem", "Within 48 hours.", 5, None, None),
                    step(15, "Action items", "Each with an owner and a date.", 5, None, Some(Offer::WriteFollowUp)),
                ],
            ),
        ],
    }
}

pub fn settings() -> Settings {
    Settings {
        realm: Realm::Live,
        drill: None,
        person: Person::new("ana"),
        namespace: Namespace::new("prod"),
        release: Some(ReleaseName::new("ecommerce-app")),
        runbook: runbook(),
        limits: Limits::default(),
        read_only: false,
        arm_for: Duration::from_secs(600),
        history: Duration::from_secs(1_800),
        palette: Palette::Colour,
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
    let none = Curves { services: BTreeMap::new(), query: QUERY.into(), window: Duration::from_secs(60) };
    model.feeds.errors.put(none.clone(), before(1));
    model.feeds.p95.put(none.clone(), before(1));
    model.feeds.traffic.put(none, before(1));
    model.feeds.alerts.put(Vec::new(), before(1));
    model.situation =
        Situation::Unknown("nothing can be measured: no pods, no traffic, no release in namespace prod".into());
    model
}

const QUERY: &str = "sum by (service) (rate(http_server_requests_seconds_count{namespace=\"prod\",status=~\"5..\"}[1m])) / sum by (service) (rate(http_server_requests_seconds_count{namespace=\"prod\"}[1m]))";

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
    model
}

fn curves(of: impl Fn(&str, u64) -> Option<f64>, query: &str) -> Curves {
    let step = Duration::from_secs(15);
    let start = wall() - chrono::Duration::seconds(1_800);
    let services = SERVICES
        .iter()
        .map(|s| (Service::new(s), Series { start, step, values: (0..=120).map(|i| of(s, i * 15)).collect() }))
        .collect();
    Curves { services, query: query.into(), window: Duration::from_secs(60) }
}

/// Seconds from the left edge (04:08:12) to the deployment at 04:30:00.
const DEPLOYED: u64 = 1_308;

fn bad_errors(service: &str, t: u64) -> Option<f64> {
    if (500..560).contains(&t) {
        return None;
    }
    let quiet = 0.002 + (t % 45) as f64 / 45_000.0;
    let rise = t.saturating_sub(DEPLOYED + 60) as f64 / 600.0;
    match service {
        "order-service" => Some(quiet + rise.min(0.18)),
        "payment-service" => Some(quiet + (rise / 2.5).min(0.07)),
        "favourite-service" => None,
        _ => Some(quiet),
    }
}

fn bad_p95(service: &str, t: u64) -> Option<f64> {
    let rise = t.saturating_sub(DEPLOYED + 60) as f64 / 60.0;
    match service {
        "order-service" => Some(0.18 + rise.min(2.92)),
        _ => Some(0.12 + (t % 60) as f64 / 2_000.0),
    }
}

fn images(order: &str, payment: &str) -> BTreeMap<Service, Vec<Image>> {
    SERVICES
        .iter()
        .map(|s| {
            let tag = match *s {
                "order-service" => order,
                "payment-service" => payment,
                _ => "2.3.0",
            };
            (Service::new(s), vec![Image::new(&format!("registry.example/shop/{s}:{tag}"))])
        })
        .collect()
}

fn facts(no: u32, status: Status, at: &str, description: &str, order: &str, payment: &str) -> RevisionFacts {
    RevisionFacts {
        revision: Revision(no),
        status,
        updated: format!("2025-{at}Z").parse().unwrap(),
        content: Some(Content {
            chart: "ecommerce-app-0.1.0".into(),
            app_version: "0.1.0".into(),
            description: description.into(),
            images: images(order, payment),
            digest: format!("{no:064}"),
            rollback_of: None,
        }),
        unreadable: None,
    }
}

pub fn release() -> Release {
    Release {
        name: ReleaseName::new("ecommerce-app"),
        namespace: Namespace::new("prod"),
        revisions: vec![
            facts(1, Status::Superseded, "11-18T10:02:00", "Install complete", "2.3.0", "2.3.0"),
            facts(2, Status::Superseded, "11-28T00:12:00", "Upgrade complete", "2.3.1", "2.3.0"),
            facts(
                3,
                Status::Failed,
                "12-01T03:58:00",
                "Upgrade \"ecommerce-app\" failed: timed out waiting for the condition",
                "2.3.2",
                "2.3.0",
            ),
            facts(4, Status::Deployed, "12-01T04:30:00", "Upgrade complete", "2.4.0", "2.4.0"),
        ],
    }
}

pub fn choice() -> Choice {
    let verdicts = [
        (1, Verdict::Possible, "9 d 14 h at 0.3 %, P95 190 ms"),
        (2, Verdict::Target, "3 d 3 h at 0.2 %, P95 180 ms"),
        (3, Verdict::Failed, "its upgrade failed: timed out waiting for the condition"),
        (4, Verdict::Current, "errors 18.2 % since 2 min after it"),
    ];
    Choice {
        verdicts: verdicts.into_iter().map(|(no, v, why)| (Revision(no), (v, why.into()))).collect(),
        target: Some(Revision(2)),
        bare: Some(Revision(3)),
        why: "Revision 2 is the last one that was healthy while live. Revision 3 is skipped because its upgrade failed; a bare helm rollback would go there.".into(),
    }
}

fn lived() -> BTreeMap<Revision, Lived> {
    let of = |from: &str, to: &str, errors, p95| Lived {
        from: format!("2025-{from}Z").parse().unwrap(),
        to: format!("2025-{to}Z").parse().unwrap(),
        errors,
        p95,
    };
    BTreeMap::from([
        (Revision(1), of("11-18T10:02:00", "11-28T00:12:00", Some(0.003), Some(0.19))),
        (Revision(2), of("11-28T00:12:00", "12-01T03:58:00", Some(0.002), Some(0.18))),
        (Revision(3), of("12-01T03:58:00", "12-01T04:30:00", None, None)),
        (Revision(4), of("12-01T04:30:00", "12-01T04:38:12", Some(0.182), Some(3.1))),
    ])
}

pub fn pod(service: &str, hash: &str, tail: &str, tag: &str, state: PodState, ready: bool, restarts: u32) -> Pod {
    let word = state.word().to_string();
    Pod {
        name: PodName::new(&format!("{service}-{hash}-{tail}")),
        service: Some(Service::new(service)),
        containers: vec![ContainerRow {
            name: Container::new(service),
            image: Image::new(&format!("registry.example/shop/{service}:{tag}")),
            ready,
            restarts,
            state: word,
            last_exit: (restarts > 0).then(|| Exit { code: 1, reason: "Error".into(), at: clock("04:37:50") }),
        }],
        state,
        restarts: if restarts > 3 { Restarts::AtLeast(restarts) } else { Restarts::Exactly(restarts) },
        created: if tag == "2.4.0" { clock("04:30:10") } else { "2025-11-28T00:12:30Z".parse().unwrap() },
        node: "aks-nodepool1-31718369-vmss000002".into(),
        template: hash.into(),
    }
}

fn bad_pods() -> Vec<Pod> {
    let mut pods = vec![
        pod("order-service", "7d9f8c6b5d", "x2xab", "2.4.0", PodState::Failing("CrashLoopBackOff".into()), false, 4),
        pod("order-service", "7d9f8c6b5d", "k8pqz", "2.4.0", PodState::Failing("CrashLoopBackOff".into()), false, 3),
        pod("payment-service", "6c5d7f9b8", "9wlmn", "2.4.0", PodState::Running, false, 0),
        pod("payment-service", "6c5d7f9b8", "zz4rt", "2.4.0", PodState::Starting("ContainerCreating".into()), false, 0),
    ];
    pods.extend(
        SERVICES
            .iter()
            .filter(|s| !s.starts_with("order"))
            .map(|s| pod(s, "5f6c7d8b9", "abcde", "2.3.0", PodState::Running, true, 0)),
    );
    pods
}

pub fn workloads() -> BTreeMap<(WorkloadKind, Service), Workload> {
    SERVICES
        .iter()
        .map(|s| {
            let autoscaled = (*s == "order-service").then_some((2, 6));
            let workload = Workload {
                kind: WorkloadKind::Deployment,
                name: Service::new(s),
                desired: 2,
                updated: 2,
                ready: 2,
                available: 2,
                images: vec![Image::new(&format!("registry.example/shop/{s}:2.3.0"))],
                rollout: Rollout::Done,
                revision: 4,
                release: Some(ReleaseName::new("ecommerce-app")),
                autoscaled,
                gitops: None,
            };
            ((WorkloadKind::Deployment, Service::new(s)), workload)
        })
        .collect()
}

/// All is well, no incident.
pub fn fine() -> Model {
    let mut model = empty();
    model.release = Some(ReleaseName::new("ecommerce-app"));
    model.settings.limits = Limits::default();
    let pods: Vec<Pod> =
        SERVICES.iter().map(|s| pod(s, "5f6c7d8b9", "abcde", "2.3.0", PodState::Running, true, 0)).collect();
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
    model.feeds.p95.put(curves(|s, t| bad_p95(s, t.min(DEPLOYED)), QUERY), before(3));
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
    model.feeds.p95.put(curves(bad_p95, QUERY), before(1));
    model.feeds.alerts.put(alerts(), before(2));
    model.feeds.warnings.put(warnings(), before(0));
    model.lived = lived();
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
    model
}

fn alerts() -> Vec<Alert> {
    let of = |name: &str, weight, service: &str, since: &str, state, summary: &str| Alert {
        name: name.into(),
        weight,
        service: Some(Service::new(service)),
        since: clock(since),
        state,
        summary: summary.into(),
    };
    vec![
        of(
            "HighErrorRate",
            AlertWeight::Critical,
            "order-service",
            "04:33:00",
            AlertState::Firing,
            "more than 5 % of requests fail",
        ),
        of(
            "PodCrashLooping",
            AlertWeight::Warning,
            "order-service",
            "04:34:30",
            AlertState::Firing,
            "restarts more than twice in 5 min",
        ),
        of("SlowRequests", AlertWeight::Warning, "order-service", "04:36:00", AlertState::Pending, "P95 above 2 s"),
        of("NodeDiskAlmostFull", AlertWeight::Warning, "node", "03:00:00", AlertState::Silenced, "known"),
    ]
}

fn warnings() -> Vec<Warning> {
    vec![
        Warning {
            kind: "Pod".into(),
            object: "order-service-7d9f8c6b5d-x2xab".into(),
            reason: "BackOff".into(),
            message: "Back-off restarting failed container order-service".into(),
            count: 14,
            at: clock("04:38:00"),
        },
        Warning {
            kind: "Pod".into(),
            object: "payment-service-6c5d7f9b8-9wlmn".into(),
            reason: "Unhealthy".into(),
            message: "Readiness probe failed: HTTP probe failed with statuscode: 503".into(),
            count: 3,
            at: clock("04:37:40"),
        },
    ]
}

pub fn entry(seq: u64, at: &str, event: Event) -> Entry {
    Entry { seq, at: clock(at), by: Person::new("ana"), event }
}

pub fn tick(no: u8, value: &str, proof: Proof) -> Event {
    Event::StepTicked { step: StepNo(no), value: value.into(), proof }
}

pub fn entries() -> Vec<Entry> {
    let events = [
        (
            "04:32:00",
            Event::Opened {
                incident: IncidentId::new("PROD-2025-12-01-001"),
                severity: Severity::Sev2,
                identity: identity(),
                release: Some(ReleaseName::new("ecommerce-app")),
                symptom: "errors 18.2 % on order-service".into(),
                by_rollback: false,
            },
        ),
        ("04:32:05", Event::Seen { when: clock("04:31:45"), what: "errors over 5 % (order-service 6.1 %)".into() }),
        ("04:32:10", tick(1, "PROD-2025-12-01-001 open", Proof::Sensed)),
        ("04:32:30", Event::SeveritySet { severity: Severity::Sev1, why: String::new() }),
        ("04:32:31", tick(2, "SEV-1", Proof::Sensed)),
        ("04:34:10", tick(3, "Eva answered, joins the call", Proof::Attested)),
        (
            "04:36:00",
            Event::TargetChosen {
                release: ReleaseName::new("ecommerce-app"),
                revision: Revision(2),
                why: "3 d 3 h at 0.2 %".into(),
            },
        ),
        ("04:36:02", tick(4, "rev 2, 0.2 % while live", Proof::Sensed)),
        ("04:36:03", Event::StepBegan { step: StepNo(5) }),
        ("04:37:00", Event::Note { text: "no migration in 2.4.0, asked Marta".into() }),
    ];
    events.into_iter().enumerate().map(|(i, (at, event))| entry(i as u64 + 1, at, event)).collect()
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
    model
}

pub fn plan() -> Plan {
    let ns = || Some(Namespace::new("prod"));
    let field = |path: &str, live: Option<&str>, target: Option<&str>, drift: Option<&str>| FieldChange {
        path: path.into(),
        live: live.map(Into::into),
        target: target.map(Into::into),
        drift: drift.map(Into::into),
    };
    let op = |change, kind: &str, name: &str, fields| Operation {
        change,
        kind: kind.into(),
        namespace: ns(),
        name: name.into(),
        fields,
    };
    let image = |s: &str, from: &str, to: &str| ImageChange {
        service: Service::new(s),
        from: Image::new(&format!("registry.example/shop/{s}:{from}")),
        to: Image::new(&format!("registry.example/shop/{s}:{to}")),
    };
    let mut operations = vec![
        op(
            Change::Update,
            "ConfigMap",
            "ecommerce-config",
            vec![field(".data.ORDER_TIMEOUT", Some("2s"), Some("5s"), Some("kubectl-edit"))],
        ),
        op(
            Change::Update,
            "Secret",
            "payment-keys",
            vec![field(".data.API_KEY", Some("(masked 9f86)"), Some("(masked 60c4)"), None)],
        ),
        op(
            Change::Update,
            "Deployment",
            "order-service",
            vec![
                field(".spec.replicas", Some("4"), Some("2"), None),
                field(
                    ".spec.template.spec.containers[order-service].image",
                    Some("registry.example/shop/order-service:2.4.0"),
                    Some("registry.example/shop/order-service:2.3.1"),
                    None,
                ),
                field(".spec.template.spec.containers[order-service].env[FEATURE_SPLIT].value", Some("on"), None, None),
            ],
        ),
        op(
            Change::Update,
            "Deployment",
            "payment-service",
            vec![field(
                ".spec.template.spec.containers[payment-service].image",
                Some("registry.example/shop/payment-service:2.4.0"),
                Some("registry.example/shop/payment-service:2.3.0"),
                None,
            )],
        ),
        op(Change::Delete, "ServiceAccount", "split-runner", Vec::new()),
        op(Change::Keep, "PersistentVolumeClaim", "order-cache", Vec::new()),
    ];
    operations.extend(SERVICES.iter().skip(3).map(|s| op(Change::Same, "Deployment", s, Vec::new())));
    Plan {
        release: ReleaseName::new("ecommerce-app"),
        namespace: Namespace::new("prod"),
        from: Revision(4),
        to: Revision(2),
        writes: Revision(5),
        method: Method::Csa,
        operations,
        hooks: vec![
            HookPlan { kind: "Job".into(), name: "warm-cache".into(), event: "post-rollback".into(), runs: true },
            HookPlan { kind: "Job".into(), name: "migrate-db".into(), event: "pre-upgrade".into(), runs: false },
        ],
        images: vec![image("order-service", "2.4.0", "2.3.1"), image("payment-service", "2.4.0", "2.3.0")],
        findings: vec![
            Finding { level: Level::Confirm, sentence: "ServiceAccount split-runner is deleted: revision 2 does not have it.".into(), cure: "Nothing else in the namespace uses it.".into() },
            Finding { level: Level::Warn, sentence: "order-service goes from 4 to 2 replicas while an HPA scales it between 2 and 6.".into(), cure: "The HPA will scale it up again.".into() },
            Finding { level: Level::Warn, sentence: "ORDER_TIMEOUT in ConfigMap ecommerce-config was changed by hand (kubectl-edit) and will be overwritten.".into(), cure: String::new() },
            Finding { level: Level::Info, sentence: "migrate-db is an upgrade hook: a rollback does not run it, the schema stays as it is.".into(), cure: String::new() },
        ],
        command: "helm rollback ecommerce-app 2 --namespace prod --kube-context aks-prod-eu --wait --timeout 5m".into(),
        depends_on: Vec::new(),
        hash: PlanHash("3f786850e387550fdab836ed7e6dc881de23001b".into()),
    }
}

pub fn act() -> Act {
    Act::RollBack {
        release: ReleaseName::new("ecommerce-app"),
        namespace: Namespace::new("prod"),
        from: Revision(4),
        to: Revision(2),
        writes: Revision(5),
    }
}

pub fn job(facts: Vec<backout::helm::progress::Progress>, ending: Option<backout::domain::event::Ending>) -> Job {
    let mut job = Job {
        plan: Arc::new(plan()),
        asked: clock("04:37:00"),
        lights: backout::model::jobs::Lights::default(),
        ending,
    };
    facts.into_iter().for_each(|f| job.lights.fold(f));
    job
}

/// A model with a dialog over it.
pub fn with(mut model: Model, dialog: Dialog) -> Model {
    model.dialog = Some(backout::model::Opened { dialog, from: backout::model::FrameNo(1) });
    model
}
