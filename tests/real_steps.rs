//! Kill -9 at every step that a rollback takes, on a real API server: what was on its way arrives or is lost, and then no
//! release has two deployed revisions, none is left pending in silence, the next start says what is not known, and the
//! rollback can be taken up again.
//!
//! Run by tests/real/test.sh, or inside a lab: `tests/real/in.sh cargo test --features real --test real_steps`; with
//! STEPS=all every step by client-side and by server-side apply.
#![cfg(feature = "real")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking, its fixtures too")]
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "real programs are run and waited for")]

#[path = "support/cockpit.rs"]
mod cockpit;
#[path = "support/floor.rs"]
mod floor;
#[path = "support/gate.rs"]
mod gate;

use std::fmt::Write;
use std::sync::Mutex;

use cockpit::Home;
use floor::{Helm, Shop, among_others};
use gate::{Fate, Gate, Hold, Side};
use serde_json::json;

/// Steps that are killed at once.
const LANES: usize = 4;

/// Where a rollback to revision 1 is killed, and what is left.
#[derive(Debug, Clone, Copy)]
struct Step {
    method: &'static str,
    path: &'static str,
    /// So many requests like it pass first.
    first: usize,
    side: Side,
    fate: Fate,
    left: Left,
    /// The ServiceAccount that stays behind of a hook. Client-side apply creates it, and so finds it in its way.
    stays: Option<&'static str>,
}

/// What real helm says of revisions 2 and 3 afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// 2 is deployed, and there is no 3.
    Nothing,
    /// 2 is deployed, 3 is pending.
    Pending,
    /// None is deployed, 3 is pending.
    Superseded,
    /// 3 is deployed.
    Done,
}

impl Left {
    fn statuses(self) -> Vec<(u64, String)> {
        let all: &[(u64, &str)] = match self {
            Self::Nothing => &[(1, "superseded"), (2, "deployed")],
            Self::Pending => &[(1, "superseded"), (2, "deployed"), (3, "pending-rollback")],
            Self::Superseded => &[(1, "superseded"), (2, "superseded"), (3, "pending-rollback")],
            Self::Done => &[(1, "superseded"), (2, "superseded"), (3, "deployed")],
        };
        all.iter().map(|(revision, status)| (*revision, (*status).to_owned())).collect()
    }

    /// How the next start begins to say where it stands.
    const fn told(self) -> &'static str {
        match self {
            Self::Nothing => "The rollback of ecommerce-app to 1 never began: revision 3 was not written",
            Self::Pending | Self::Superseded => {
                "The rollback of ecommerce-app to 1 stopped in the middle: revision 3 is pending"
            }
            Self::Done => "The rollback of ecommerce-app to 1 is recorded as deployed (revision 3)",
        }
    }
}

const fn step(method: &'static str, path: &'static str, side: Side, left: Left) -> Step {
    Step { method, path, first: 0, side, fate: Fate::Lost, left, stays: None }
}

const fn later(first: usize, step: Step) -> Step {
    Step { first, ..step }
}

const fn leaves(hook: &'static str, step: Step) -> Step {
    Step { stays: Some(hook), ..step }
}

const fn arrives(step: Step) -> Step {
    Step { fate: Fate::GoesOn, ..step }
}

use Left::{Done, Nothing, Pending, Superseded};
use Side::{Answered, Asked};

const SECOND: &str = "/secrets/sh.helm.release.v1.ecommerce-app.v2";
const THIRD: &str = "/secrets/sh.helm.release.v1.ecommerce-app.v3";

/// In the order in which a rollback takes them. PUTs of revision 3: each hook's start is recorded in it, then its end.
const STEPS: [Step; 26] = [
    // The intent is on disk; the lock is looked at, taken, held.
    step("GET", "/leases/", Asked, Nothing),
    step("POST", "/leases", Asked, Nothing),
    arrives(step("POST", "/leases", Asked, Nothing)),
    step("POST", "/leases", Answered, Nothing),
    // History and objects are read again.
    step("GET", "/secrets?", Asked, Nothing),
    step("GET", "/configmaps", Asked, Nothing),
    // The new record.
    step("POST", "/secrets", Asked, Nothing),
    arrives(step("POST", "/secrets", Asked, Pending)),
    step("POST", "/secrets", Answered, Pending),
    // The hook before: its start is noted, it is created, deleted behind itself.
    step("PUT", THIRD, Answered, Pending),
    leaves("before", step("DELETE", "/serviceaccounts/before", Asked, Pending)),
    step("DELETE", "/serviceaccounts/before", Answered, Pending),
    // The objects, one kind after the other.
    step("PATCH", "/configmaps/c1", Asked, Pending),
    step("PATCH", "/configmaps/c1", Answered, Pending),
    step("PATCH", "/services/web", Answered, Pending),
    step("PATCH", "/deployments/web", Asked, Pending),
    step("PATCH", "/deployments/web", Answered, Pending),
    // What only the newer revision had.
    step("DELETE", "/configmaps/only-2", Asked, Pending),
    step("DELETE", "/configmaps/only-2", Answered, Pending),
    // The hook after.
    step("DELETE", "/serviceaccounts/after", Answered, Pending),
    // The records.
    step("PUT", SECOND, Asked, Pending),
    arrives(step("PUT", SECOND, Asked, Superseded)),
    later(2, step("PUT", THIRD, Asked, Superseded)),
    later(2, step("PUT", THIRD, Answered, Done)),
    // The pods are waited for; the lock is given back. What follows is the end in the journal.
    step("GET", "/replicasets?", Asked, Done),
    step("PUT", "/leases/", Answered, Done),
];

/// Client-side apply creates by POST, server-side apply by PATCH.
const CREATED_BY_HELM_3: [Step; 3] = [
    leaves("before", step("POST", "/serviceaccounts", Answered, Pending)),
    step("POST", "/configmaps", Answered, Pending),
    leaves("after", later(1, step("POST", "/serviceaccounts", Answered, Pending))),
];
const CREATED_BY_HELM_4: [Step; 3] = [
    step("PATCH", "/serviceaccounts/before", Answered, Pending),
    step("PATCH", "/configmaps/only-1", Answered, Pending),
    step("PATCH", "/serviceaccounts/after", Answered, Pending),
];

fn chart(version: u32) -> String {
    let mut all = String::new();
    for hook in ["before", "after"] {
        let event = if hook == "before" { "pre-rollback" } else { "post-rollback" };
        write!(
            all,
            "---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {hook}\n  annotations:\n    \
             helm.sh/hook: {event}\n    helm.sh/hook-delete-policy: hook-succeeded\n"
        )
        .unwrap();
    }
    let names = (1..=5).map(|n| format!("c{n}")).chain([format!("only-{version}")]);
    for name in names {
        write!(all, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{v: '{version}'}}\n")
            .unwrap();
    }
    write!(
        all,
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{{port: 808{version}}}]}}\n\
         ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 1\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
         spec: {{containers: [{{name: app, image: 'r/web:{version}'}}]}}\n"
    )
    .unwrap();
    all
}

/// Two revisions in a namespace of their own.
fn two_revisions(helm: Helm, number: usize) -> Shop {
    let shop = Shop { namespace: format!("step-{helm:?}-{number}-{}", std::process::id()).to_lowercase(), helm };
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("templates")).unwrap();
    std::fs::write(folder.path().join("Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n").unwrap();
    for (verb, version) in [("install", 1), ("upgrade", 2)] {
        std::fs::write(folder.path().join("templates/all.yaml"), chart(version)).unwrap();
        shop.helm(&[verb, "ecommerce-app", folder.path().to_str().unwrap(), "--create-namespace"]);
    }
    shop
}

/// At no time may a release have two revisions that are deployed.
fn one_deployed(shop: &Shop) -> Vec<(u64, String)> {
    let statuses = shop.statuses();
    assert!(statuses.iter().filter(|(_, s)| s == "deployed").count() <= 1, "{statuses:?}");
    statuses
}

const ROLLBACK: [&str; 4] = ["rollback", "ecommerce-app", "--to", "1"];

fn killed(helm: Helm, number: usize, step: &Step) {
    let shop = two_revisions(helm, number);
    let gate = Gate::open();
    let home = Home::new(gate.kubeconfig(), &shop.namespace);
    let mut first = home.command(&ROLLBACK);
    first.shows(30, &["Type 1 (the target revision) to roll back"]);
    gate.hold_after(step.first, Hold { method: step.method, path: step.path, side: step.side });
    first.datum("1\n");
    gate.held(30);
    first.kill();
    gate.let_go(step.fate);
    floor::until("what was on its way has arrived", 10, || one_deployed(&shop) == step.left.statuses());
    gate.changes();

    let mut second = home.command(&ROLLBACK);
    second.shows(30, &["outcome UNKNOWN: Roll back ecommerce-app to revision 1", step.left.told()]);
    if let Some(hook) = step.stays.filter(|_| helm == Helm::Three) {
        let account = format!("ServiceAccount {}/{hook} of a hook is still there", shop.namespace);
        let cure = format!("kubectl delete ServiceAccount {hook} -n {}", shop.namespace);
        second.shows(30, &[&account, &cure]);
        assert_eq!(second.terminal.wait_exit().unwrap().code(), Some(3));
        floor::run("kubectl", &cure.split(' ').skip(1).collect::<Vec<_>>());
        second = home.command(&ROLLBACK);
        second.shows(30, &["left by the rollback that was cut off here"]);
    }
    if step.left == Done {
        second.shows(30, &["What revision 1 had already runs, as revision 3"]);
        assert_eq!(second.terminal.wait_exit().unwrap().code(), Some(3));
        assert_eq!(gate.changes(), Vec::<String>::new(), "an act was repeated by itself");
        assert_eq!(one_deployed(&shop), Done.statuses());
    } else {
        second.shows(30, &["Type 1 (the target revision) to roll back"]);
        assert_eq!(gate.changes(), Vec::<String>::new(), "an act was repeated by itself");
        assert_eq!(one_deployed(&shop), step.left.statuses());
        second.datum("1\n");
        second.ends(60);
        let statuses = one_deployed(&shop);
        let (newest, status) = statuses.last().unwrap();
        assert_eq!((status.as_str(), shop.manifest(*newest)), ("deployed", shop.manifest(1)));
        // Done again, the notes about what was cut off are in the way of nobody.
        let ended: Vec<_> = home.entries_with("act-ended").into_iter().filter(|e| e["event"] == "act-ended").collect();
        let seen = ended.iter().map(|e| (&e["job"], &e["ending"]["ending"])).collect::<Vec<_>>();
        assert_eq!(seen, [(&json!(2), &json!("seen"))]);
    }
    let resumed: Vec<_> = home.entries_with("resumed").into_iter().filter(|e| e["event"] == "resumed").collect();
    let in_flight: Vec<_> = resumed.iter().map(|e| &e["in_flight"]).filter(|jobs| **jobs != json!([])).collect();
    assert_eq!(in_flight, [&json!([1])]);
    let live: Vec<_> = (1..=5).map(|n| shop.config(&format!("c{n}"))["v"].clone()).collect();
    assert_eq!((live, shop.images()), (vec![json!("1"); 5], vec!["r/web:1".into()]));
    let names: Vec<_> = shop.versions().into_iter().map(|(name, _)| name).collect();
    let is_there = |name: &str| names.iter().any(|n| n.contains(name));
    assert_eq!((is_there("only-1"), is_there("only-2")), (true, false), "{names:?}");
}

/// STEPS=all is every step by both ways of applying; other words are looked for in the step's text. Else the two share out
/// what they ask alike.
fn is_wanted(helm: Helm, (number, step): (usize, &Step)) -> bool {
    let wanted = std::env::var("STEPS").unwrap_or_default();
    let differs = step.method == "PATCH" || step.stays.is_some() || number >= STEPS.len();
    match wanted.as_str() {
        "all" => true,
        "" => differs || (number % 2 == 0) == (helm == Helm::Three),
        words => format!("{step:?}").contains(words),
    }
}

fn every_step(helm: Helm, own: &[Step]) {
    let _quiet = among_others();
    let steps: Vec<&Step> =
        STEPS.iter().chain(own).enumerate().filter(|s| is_wanted(helm, *s)).map(|(_, s)| s).collect();
    let next = Mutex::new(steps.iter().enumerate());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let Some((number, step)) = next.lock().unwrap().next() else { return };
                    if std::panic::catch_unwind(|| killed(helm, number, step)).is_err() {
                        failed.lock().unwrap().push(format!("{step:?}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{helm:?}, killed at:\n{}", failed.join("\n"));
    println!("{helm:?}: killed at {} steps", steps.len());
}

#[test]
fn killed_at_any_step_of_a_rollback_by_client_side_apply_the_next_start_explains_and_goes_on() {
    every_step(Helm::Three, &CREATED_BY_HELM_3);
}

#[test]
fn killed_at_any_step_of_a_rollback_by_server_side_apply_the_next_start_explains_and_goes_on() {
    every_step(Helm::Four, &CREATED_BY_HELM_4);
}
