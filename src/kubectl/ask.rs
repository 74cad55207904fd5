//! What an operator asks for: this workload, undone to that revision or restarted, in this cluster.
//!
//! Never: an undo without a revision in what is run; "the one before" is made a number before anything is planned.

use serde_json::Value;

use crate::domain::name::{Namespace, Service};
use crate::domain::text::{clean, shell_quoted};
use crate::domain::workload::{WorkloadKind, WorkloadRef};
use crate::helm::api::{Call, Gvk, Mode, ObjectRef, PatchKind, Refused, Resource, Verb};
use crate::helm::plan::{Instead, Refusal};

/// What is to be done with the workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// Its pod template back to that of a kept revision; 0 = the one before the newest, as kubectl has it.
    Undo {
        /// The number.
        to: u64,
    },
    /// All its pods replaced by new ones of the same template.
    Restart,
}

/// An act on one workload that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Which.
    pub workload: WorkloadRef,
    /// Where.
    pub namespace: Namespace,
    /// The kubeconfig context, for the command line that a person could type instead.
    pub context: String,
    /// What.
    pub errand: Errand,
}

/// The resource that serves a kind of workload.
pub fn resource(kind: WorkloadKind) -> Resource {
    let plural = match kind {
        WorkloadKind::Deployment => "deployments",
        WorkloadKind::StatefulSet => "statefulsets",
        WorkloadKind::DaemonSet => "daemonsets",
    };
    Resource { gvk: Gvk::new("apps/v1", kind.kind()), plural: plural.into(), namespaced: true }
}

/// The resource that keeps the revisions of a kind of workload.
pub fn keeper(kind: WorkloadKind) -> Resource {
    let (kind, plural) = match kind {
        WorkloadKind::Deployment => ("ReplicaSet", "replicasets"),
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => ("ControllerRevision", "controllerrevisions"),
    };
    Resource { gvk: Gvk::new("apps/v1", kind), plural: plural.into(), namespaced: true }
}

/// The resource of disruption budgets.
pub fn budgets() -> Resource {
    Resource {
        gvk: Gvk::new("policy/v1", "PodDisruptionBudget"),
        plural: "poddisruptionbudgets".into(),
        namespaced: true,
    }
}

/// The address of a workload.
pub fn address(workload: &WorkloadRef, namespace: &Namespace) -> ObjectRef {
    ObjectRef {
        resource: resource(workload.kind),
        namespace: Some(namespace.clone()),
        name: workload.name.as_str().into(),
    }
}

/// A patch as a dry run, for a plan. Without the resource version that guards the real one: in an incident the status of a
/// workload moves all the time, and what moved between reading and trying is no fault of the plan. Execution compares.
pub fn trial(target: ObjectRef, mut patch: Verb) -> Call {
    match &mut patch {
        Verb::Patch(kind, body) | Verb::PatchAs(_, kind, body) => unguard(*kind, body),
        Verb::Get | Verb::Create(_) | Verb::Replace(_) | Verb::Delete => {}
    }
    Call::Object { target, verb: patch, mode: Mode::DryRun }
}

fn unguard(kind: PatchKind, body: &mut Value) {
    match kind {
        PatchKind::Json => {
            if let Some(operations) = body.as_array_mut() {
                operations.retain(|o| o["path"] != "/metadata/resourceVersion");
            }
        }
        PatchKind::Strategic | PatchKind::Merge | PatchKind::Apply { .. } => {
            if let Some(meta) = body.pointer_mut("/metadata").and_then(Value::as_object_mut) {
                meta.remove("resourceVersion");
            }
        }
    }
}

/// `deployment/order-service`
pub fn typed(kind: WorkloadKind, name: &Service) -> String {
    format!("{}/{}", kind.kind().to_lowercase(), shell_quoted(name.as_str()))
}

impl Ask {
    /// The kubectl command line that does the same, every target named.
    pub fn command(&self) -> String {
        match self.errand {
            Errand::Undo { to } => self.rollout("undo", &format!(" --to-revision={to}")),
            Errand::Restart => self.rollout("restart", ""),
        }
    }

    /// `kubectl rollout VERB deployment/order-service …`
    pub fn rollout(&self, verb: &str, more: &str) -> String {
        let WorkloadRef { kind, name } = &self.workload;
        let namespace = shell_quoted(self.namespace.as_str());
        let line = format!("kubectl rollout {verb} {}{more} -n {namespace}", typed(*kind, name));
        if self.context.is_empty() { line } else { format!("{line} --context {}", shell_quoted(&self.context)) }
    }

    /// No plan can be made; the sentence says so, the cure what to do, the command what helps.
    pub fn refuse(&self, sentence: impl Into<String>, cure: impl Into<String>, command: String) -> Refusal {
        Refusal { sentence: sentence.into(), cure: cure.into(), command, instead: Instead::Nobody }
    }

    /// Something that must be known cannot be read.
    pub fn unread(&self, what: &str, refused: &Refused) -> Refusal {
        let sentence = match refused {
            Refused::NotFound(_) => format!("{what} is not there (namespace {})", self.namespace),
            Refused::AlreadyExists(_)
            | Refused::Conflict { .. }
            | Refused::Invalid(_)
            | Refused::Busy { .. }
            | Refused::Fault { .. } => {
                format!("{what} cannot be read: {}", clean(&refused.message()))
            }
        };
        self.refuse(sentence, "Nothing was written. Try again, or run the command by hand.", self.command())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_cluster_namespace_object_and_revision() {
        let ask = |errand, context: &str| Ask {
            workload: WorkloadRef { kind: WorkloadKind::Deployment, name: "order-service".into() },
            namespace: "prod".into(),
            context: context.into(),
            errand,
        };
        let cases = [
            (
                ask(Errand::Undo { to: 3 }, "aks prod's"),
                r"kubectl rollout undo deployment/order-service --to-revision=3 -n prod --context 'aks prod'\''s'",
            ),
            (ask(Errand::Restart, ""), "kubectl rollout restart deployment/order-service -n prod"),
        ];
        for (ask, wanted) in cases {
            assert_eq!(ask.command(), wanted);
        }
    }
}
