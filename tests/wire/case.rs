//! One object of a release: in the newest revision, in the target, live; and what our engine would ask for it.
//!
//! Never: a server; where an object is served does not matter to its request.

use backout::helm::api::{Gvk, ObjectRef, PatchKind, Resource, Verb};
use backout::helm::choices::{Choices, Manner};
use backout::helm::draft::{self, Op};
use backout::helm::manifest;
use backout::helm::plan::{Change, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub const RELEASE: &str = "wire";
pub const NAMESPACE: &str = "wire";

/// The three versions of an object; each may be missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub original: Option<Value>,
    pub modified: Option<Value>,
    pub live: Option<Value>,
    /// How often the server answers its first request with a conflict.
    #[serde(default)]
    pub conflicts: usize,
}

/// A request without its address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// `PATCH application/merge-patch+json`
    pub how: String,
    pub body: Value,
}

/// A case that failed once, with what the real helm sends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// What it showed, in a sentence.
    pub about: String,
    /// `helm3`, `helm4 csa`, `helm4 ssa`
    pub way: String,
    #[serde(flatten)]
    pub case: Case,
    /// In order; empty where helm sends nothing.
    #[serde(default)]
    pub sent: Vec<Sent>,
}

impl Case {
    pub fn gvk(&self) -> Gvk {
        manifest::gvk(self.modified.as_ref().or(self.original.as_ref()).expect("an object in one of the revisions"))
    }

    /// The same under another name, so that many stand in one release.
    pub fn named(&self, name: &str) -> Self {
        let mut case = self.clone();
        for object in [&mut case.original, &mut case.modified, &mut case.live].into_iter().flatten() {
            object["metadata"]["name"] = name.into();
        }
        case
    }

    /// What we would ask, without asking anybody.
    pub fn decided(&self, method: Method, namespaced: bool) -> Result<Vec<Sent>, String> {
        let placed = |object: Option<&Value>| {
            object.cloned().map(|mut o| {
                manifest::place(&mut o, namespaced, &NAMESPACE.into());
                o
            })
        };
        let resource = Resource { gvk: self.gvk(), plural: "any".into(), namespaced };
        let at = ObjectRef { resource, namespace: namespaced.then(|| NAMESPACE.into()), name: "x".into() };
        let Some(mut modified) = placed(self.modified.as_ref()) else { return Ok(Vec::new()) };
        manifest::stamp(&mut modified, &RELEASE.into(), &NAMESPACE.into());
        let (live, original) = (self.live.clone(), placed(self.original.as_ref()));
        let mut op = Op { change: Change::Create, at, live, original, modified: Some(modified), verb: None };
        draft::decide(&mut op, (method, &Choices { manner: Manner::Exact, ..Choices::default() }))?;
        let before = op.verb.as_ref().and_then(|_| draft::migration(&op, method));
        let sent = |verb: Verb| {
            let (how, body) = match verb {
                Verb::Create(body) => ("POST application/json", body),
                Verb::Patch(PatchKind::Strategic, body) => ("PATCH application/strategic-merge-patch+json", body),
                Verb::Patch(PatchKind::Merge, body) => ("PATCH application/merge-patch+json", body),
                Verb::Patch(PatchKind::Json, body) => ("PATCH application/json-patch+json", body),
                Verb::Patch(PatchKind::Apply { .. }, body) => ("PATCH application/apply-patch+yaml", body),
                other => panic!("a rollback asks for no {other:?}"),
            };
            Sent { how: how.into(), body }
        };
        Ok(before.map(|b| Verb::Patch(PatchKind::Json, b)).into_iter().chain(op.verb).map(sent).collect())
    }
}
