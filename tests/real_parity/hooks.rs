//! P24-P26, P37: hooks of a rollback, and a rollback that another one overtakes while its hook runs.
//!
//! Never: the pods of a Job; kwok makes them run and end.

use serde_json::json;

use crate::case::{ALL, BOTH, But, Case, Mixed, Ssa, Step};
use crate::objects::CONFIG_2;

const HOOKED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: after
  annotations: {helm.sh/hook: post-rollback, helm.sh/hook-weight: '1'}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/migrate:1'}]}}}\n---
apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: {helm.sh/hook: 'pre-rollback,pre-upgrade', helm.sh/hook-weight: '-1'}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/migrate:1'}]}}}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: middle\n  annotations: {helm.sh/hook: 'pre-rollback,post-rollback'}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: another\n  annotations: {helm.sh/hook: pre-rollback}\n";
const FAILING: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: first
  annotations: {helm.sh/hook: pre-rollback, helm.sh/hook-weight: '-2', helm.sh/hook-delete-policy: hook-succeeded}\n---
apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: {helm.sh/hook: pre-rollback}
spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/migrate:1-fail'}]}}}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: never\n  annotations: {helm.sh/hook: pre-rollback, helm.sh/hook-weight: '5'}\n";
const FAILING_LATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: after
  annotations: {helm.sh/hook: post-rollback, helm.sh/hook-delete-policy: 'before-hook-creation,hook-failed'}
spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/migrate:1-fail'}]}}}\n";
const POLICIES: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gone
  annotations: {helm.sh/hook: pre-rollback, helm.sh/hook-delete-policy: 'before-hook-creation,hook-succeeded'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: left
  annotations: {helm.sh/hook: 'pre-rollback,post-rollback'}\ndata: {a: chart}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: only-failed
  annotations: {helm.sh/hook: post-rollback, helm.sh/hook-delete-policy: hook-failed}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: upgrade\n  annotations: {helm.sh/hook: post-upgrade}\n";
const HELD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: held\n  annotations: {helm.sh/hook: pre-rollback}\ndata: {a: chart}\n";
/// Its hook waits until somebody lets it go.
const WAITING: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1'}\n---
apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: {helm.sh/hook: pre-rollback}
spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: m, image: 'r/migrate:1'}]}}}\n";

pub fn cases() -> Vec<Case> {
    let case = Case::new;
    let map = |name: &str| {
        Step::Create(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "old"}}))
    };
    let overtaken = vec![
        Step::Await("Job", "before"),
        Step::Helm(&["rollback", "par", "1", "--no-hooks", "--history-max", "0"], true),
        Step::Edit("Job", "before", json!({"spec": {"suspend": false}})),
    ];
    vec![
        case("P24", "hooks before and after, by weight", HOOKED, CONFIG_2).on(ALL),
        case("P25", "a hook before fails", FAILING, CONFIG_2)
            .on(ALL)
            .flags(&["--history-max", "0", "--timeout", "60s"])
            .mended(ALL, But("D2")),
        case("P25b", "a hook after fails", FAILING_LATE, CONFIG_2).on(ALL).mended(ALL, But("D2")),
        case("P26", "delete policies, objects left over", POLICIES, CONFIG_2)
            .on(ALL)
            .after(vec![map("gone"), map("left")]),
        case("P26c", "an old hook object is held", HELD, CONFIG_2)
            .on(ALL)
            .after(vec![Step::Create(json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "old"},
                "metadata": {"name": "held", "finalizers": ["example.com/hold"]}}))])
            .meanwhile(vec![Step::LetGo("ConfigMap", "held")])
            .mended(&[Ssa, Mixed], But("D10")),
        case("P26b", "no hooks", POLICIES, CONFIG_2)
            .on(BOTH)
            .flags(&["--history-max", "0", "--no-hooks"])
            .without_hooks(),
        case("P37", "overtaken by another rollback", WAITING, CONFIG_2)
            .on(ALL)
            .meanwhile(overtaken)
            .mended(ALL, But("D4")),
    ]
}
