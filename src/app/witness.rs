//! What is worth a line in the log: every source that fails or answers again, every refusal, every act with each of its
//! facts. It looks at what the session hears and does, in a drill as live.
//!
//! Never: a value of the world; only sentences that may stand on the screen, too.

use crate::domain::event::Ending;
use crate::effect::Effect;
use crate::helm::progress::{HookState, Images, Progress};
use crate::model::Model;
use crate::msg::Msg;

/// Remembers which faults were told.
#[derive(Debug, Default)]
pub struct Witness {
    faults: Vec<(&'static str, Option<String>)>,
}

impl Witness {
    /// That is heard.
    pub fn heard(&self, msg: &Msg) {
        match msg {
            Msg::Identified(Ok(id)) => {
                tracing::info!("the cluster is {} ({:?}), namespace {}", id.context, id.pin, id.namespace);
            }
            Msg::Prepared(_, plan) => match plan.as_ref() {
                Ok(plan) => tracing::info!("planned: {} ({})", plan.title(), plan.hash()),
                Err(refusal) => tracing::warn!("not planned: {}", refusal.sentence),
            },
            Msg::PodRead(_, Err(fault)) => tracing::warn!("a pod was not read: {}", fault.sentence()),
            Msg::RevisionRead(_, Err(why)) => tracing::warn!("a revision was not read: {why}"),
            Msg::NotAppended(why) => tracing::error!("the journal is not written: {why}"),
            Msg::Held(who, _) => tracing::warn!("{who} holds the incident"),
            Msg::Progressed(job, progress) => tracing::info!("act {job}: {}", words(progress)),
            Msg::Ended(job, ending) => tracing::info!("act {job} ended: {}", end(ending)),
            Msg::StandingRead(job, sentence) => tracing::info!("act {job}, cut off before: {sentence}"),
            Msg::Signalled => tracing::info!("asked to end"),
            _ => {}
        }
    }

    /// That is to be done now, and what the model knows since.
    pub fn done(&mut self, model: &Model, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Run(job, plan, _) = effect {
                tracing::info!("act {job} runs: {}; it stands for: {}", plan.title(), plan.command());
            }
        }
        let present = faults(model);
        for (source, fault) in &present {
            let told = self.faults.iter().find(|(s, _)| s == source).and_then(|(_, f)| f.as_ref());
            match (told, fault) {
                (told, Some(fault)) if told != Some(fault) => tracing::warn!("{source}: {fault}"),
                (Some(_), None) => tracing::info!("{source}: answers again"),
                (_, _) => {}
            }
        }
        self.faults = present;
    }
}

/// How an act ended; what exactly failed may quote a server, so it is left to the journal.
const fn end(ending: &Ending) -> &'static str {
    match ending {
        Ending::Seen { .. } => "its result was seen",
        Ending::Unseen { .. } => "done, its result not seen",
        Ending::Failed { .. } => "failed; the journal says why",
        Ending::Void { .. } => "nothing was done",
        Ending::Unknown { .. } => "nobody knows",
    }
}

/// One fact of an act; a server's message and a pod's log may hold anything, so they are left to the screen.
fn words(progress: &Progress) -> String {
    match progress {
        Progress::Checked => "the history is as planned".into(),
        Progress::Recorded(revision) => format!("record of revision {revision} written"),
        Progress::Hook { name, state } => format!(
            "hook {name} {}",
            match state {
                HookState::Running => "runs",
                HookState::Succeeded => "succeeded",
                HookState::Failed(_) => "failed",
            }
        ),
        Progress::Object { index, change, error: None } => format!("object {index}: {}", change.word()),
        Progress::Object { index, change, error: Some(_) } => format!("object {index}: {} failed", change.word()),
        Progress::HelmDone(revision) => format!("revision {revision} is deployed, says Helm"),
        Progress::Rolling { service, ready, desired, .. } => format!("{service}: {ready} of {desired} ready"),
        Progress::Pods { service, pods } => format!("{service}: {} pods seen", pods.len()),
        Progress::Images { service, images: Images::Unseen } => format!("{service}: pods not seen yet"),
        Progress::Images { service, images: Images::Target } => {
            format!("{service}: every pod runs the target's images")
        }
        Progress::Images { service, images: Images::Mixed(n) } => format!("{service}: {n} pods run other images"),
        Progress::Ready => "every workload is ready".into(),
        Progress::Said(_) => "the program wrote a line".into(),
    }
}

/// Who gives nothing now, and why.
fn faults(model: &Model) -> Vec<(&'static str, Option<String>)> {
    use crate::domain::fact::Aside;
    let feeds = &model.feeds;
    let said = |fault: Option<&crate::domain::fault::Fault>| fault.map(crate::domain::fault::Fault::sentence);
    vec![
        ("the cluster's identity", said(model.identity.fault())),
        ("pods", said(feeds.pods.fault())),
        ("workloads", said(feeds.workloads.fault())),
        ("autoscalers", said(feeds.lacking.get(&Aside::Autoscalers))),
        ("Warning events", said(feeds.warnings.fault())),
        ("releases", said(feeds.releases.fault())),
        ("endpoints", said(feeds.endpoints.fault())),
        ("ingresses", said(feeds.ingresses.fault())),
        ("nodes", said(feeds.nodes.fault())),
        ("disruption budgets", said(feeds.budgets.fault())),
        ("error ratio", said(feeds.errors.fault())),
        ("P95", said(feeds.p95.fault())),
        ("traffic", said(feeds.traffic.fault())),
        ("alerts", said(feeds.alerts.fault())),
        ("one source of alerts", said(feeds.lacking.get(&Aside::Alerts))),
    ]
}
