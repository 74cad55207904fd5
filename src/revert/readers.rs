//! Who reads a ConfigMap or Secret, by the pod templates that are live: how, and whether a restart makes it read anew.
//!
//! Files of a whole volume are renewed under a running pod after a while, but most programs read them once: everybody is
//! restarted. Variables and files by subPath never change under a running pod (Kubernetes, "ConfigMaps").
//!
//! Never: a pod that no workload here makes; it keeps what it read.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::change::Object;
use crate::domain::moment::Moment;
use crate::domain::name::Image;
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::rollout::text;
use crate::helm::{images, manifest, uses};
use crate::kubectl::{change, revisions, strategy};

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reader {
    /// Which.
    pub workload: WorkloadRef,
    /// How it reads.
    pub by: By,
    /// How its pods are replaced, in words.
    pub strategy: String,
    /// The images that it runs.
    pub runs: Vec<Image>,
    /// What becomes of it.
    pub fate: Fate,
    /// What its restart rests on ([`change::basis`]).
    pub basis: Value,
}

/// How a pod reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// As variables.
    Variables,
    /// As files that are mounted one by one.
    SubPath,
    /// As the files of a volume.
    Files,
}

impl By {
    /// `as variables`
    pub const fn word(self) -> &'static str {
        match self {
            Self::Variables => "as variables",
            Self::SubPath => "by subPath",
            Self::Files => "as files",
        }
    }
}

/// What becomes of a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// All its pods are replaced.
    Restart,
    /// It is left as it is, and why.
    Left(String),
}

impl Reader {
    /// The reader that a workload is; `None` where its pods do not read that object. `written`: when its content was
    /// written last, where this act does not write it.
    pub fn of(object: &Object, kind: WorkloadKind, live: &Value, written: Option<Moment>) -> Option<Self> {
        let spec = images::pod_spec(live)?;
        if !uses::read_by(spec).contains(object) {
            return None;
        }
        let fate = if strategy::pods(live) == 0 {
            Fate::Left("it wants no pods; the next ones read it".into())
        } else if revisions::is_paused(live) {
            Fate::Left("it is paused: its pods keep what they read until it is resumed and restarted".into())
        } else if written.is_some_and(|written| marked(live).is_some_and(|mark| mark >= written)) {
            Fate::Left("it was restarted since".into())
        } else {
            Fate::Restart
        };
        Some(Self {
            workload: WorkloadRef { kind, name: manifest::name(live).into() },
            by: by(spec, object),
            strategy: strategy::of(live).words(strategy::pods(live)),
            runs: images::of(live),
            fate,
            basis: change::basis(live),
        })
    }

    /// Whether it is restarted.
    pub fn is_restarted(&self) -> bool {
        self.fate == Fate::Restart
    }
}

/// When a workload was restarted last, by its mark.
pub fn marked(live: &Value) -> Option<Moment> {
    let mark = change::mark(live)?;
    chrono::DateTime::parse_from_rfc3339(mark).ok().map(|t| t.to_utc())
}

/// A member of a list, with the kind that some lists leave out.
pub fn typed(kind: WorkloadKind, mut workload: Value) -> Value {
    if let Some(map) = workload.as_object_mut() {
        map.entry("kind").or_insert_with(|| kind.kind().into());
    }
    workload
}

/// How the pods of that spec read the object.
fn by(spec: &Value, object: &Object) -> By {
    let volumes = spec.get("volumes").and_then(Value::as_array).into_iter().flatten();
    let own: Vec<&str> =
        volumes.filter(|v| reads(&json!({"volumes": [v]}), object)).map(|v| text(v, "/name")).collect();
    let mut rest = spec.clone();
    if let Some(map) = rest.as_object_mut() {
        map.shift_remove("volumes");
    }
    if reads(&rest, object) {
        return By::Variables;
    }
    let containers =
        ["containers", "initContainers"].into_iter().filter_map(|list| spec.get(list)?.as_array()).flatten();
    let mounts = containers.filter_map(|c| c.get("volumeMounts")?.as_array()).flatten();
    let single = |mount: &Value| own.contains(&text(mount, "/name")) && mount.get("subPath").is_some();
    if mounts.into_iter().any(single) { By::SubPath } else { By::Files }
}

fn reads(spec: &Value, object: &Object) -> bool {
    uses::read_by(spec).contains(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Kind;

    fn web(spec: &Value, mark: &str, more: &Value) -> Value {
        let mut workload = json!({"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 2, "template": {
            "metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": mark}}, "spec": spec}}});
        for (key, value) in more.as_object().unwrap() {
            workload["spec"][key] = value.clone();
        }
        workload
    }

    #[test]
    fn a_reader_is_restarted_unless_a_restart_helps_nothing() {
        let object = Object { kind: Kind::ConfigMap, name: "conf".into() };
        let at = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let written = Some(at("2025-12-01T04:30:00Z"));
        let env = json!({"containers": [{"envFrom": [{"configMapRef": {"name": "conf"}}]}]});
        let volume = |sub: Value| {
            json!({"volumes": [{"name": "v", "configMap": {"name": "conf"}}],
            "containers": [{"volumeMounts": [sub]}]})
        };
        let before = "2025-12-01T04:29:59Z";
        let cases = [
            (web(&env, before, &json!({})), None, Some((By::Variables, ""))),
            (web(&volume(json!({"name": "v"})), before, &json!({})), written, Some((By::Files, ""))),
            (web(&volume(json!({"name": "v", "subPath": "a"})), before, &json!({})), written, Some((By::SubPath, ""))),
            (web(&env, "2025-12-01T04:30:00Z", &json!({})), written, Some((By::Variables, "restarted since"))),
            (web(&env, "2025-12-01T04:30:00Z", &json!({})), None, Some((By::Variables, ""))),
            (web(&env, before, &json!({"replicas": 0})), None, Some((By::Variables, "wants no pods"))),
            (web(&env, before, &json!({"paused": true})), None, Some((By::Variables, "paused"))),
            (web(&json!({"containers": []}), before, &json!({})), None, None),
        ];
        for (live, written, wanted) in cases {
            let found = Reader::of(&object, WorkloadKind::Deployment, &live, written);
            let told = found.map(|r| match r.fate {
                Fate::Restart => (r.by, String::new()),
                Fate::Left(why) => (r.by, why),
            });
            match (&told, wanted) {
                (None, None) => {}
                (Some((by, why)), Some((wanted, part))) => {
                    assert_eq!((*by, why.is_empty(), why.contains(part)), (wanted, part.is_empty(), true), "{live}");
                }
                (found, wanted) => panic!("{found:?}, wanted {wanted:?}: {live}"),
            }
        }
    }
}
