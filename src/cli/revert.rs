//! `backout revert`: one ConfigMap or Secret of a release back to the content that a revision of Helm's gave it, and its
//! readers restarted, without a screen.
//!
//! Never: an object of its own choice; more than one.

use std::io::IsTerminal;
use std::time::Duration;

use crate::act::rollback::{TIMEOUT, Terms};
use crate::domain::change::{Kind, Object};
use crate::domain::identity::Identity;
use crate::domain::name::{ReleaseName, Revision};
use crate::domain::text::clean;
use crate::helm::choices::Wait;
use crate::model::Model;
use crate::msg::Msg;
use crate::plan::Plan;
use crate::revert::plan::Plan as OfObject;
use crate::revert::readers::Fate;

use super::fire::{NOBODY, confirm, take_up, watch};
use super::outcome::{Outcome, USAGE};
use super::plan::{Planned, asked_for};
use super::progress::tell;
use super::reading::{Reader, answered, found, place, within};
use super::result::{Asked, Ended, of};
use super::{Globals, length, plan_page, revision};

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct Wish {
    /// The Helm release.
    pub release: String,
    /// The object, as in configmap/web-config or secret/web-keys.
    #[arg(value_name = "KIND/NAME", value_parser = object)]
    pub object: Object,
    /// The Helm revision whose content it gets; else the one that is live, which undoes what was written past Helm.
    #[arg(long, value_name = "REVISION", value_parser = revision, allow_negative_numbers = true)]
    pub to: Option<Revision>,
    /// Confirm without being asked. What is blocked stays blocked.
    #[arg(long)]
    pub yes: bool,
    /// Do not wait for the pods: the end is then that it was written, which proves no pod.
    #[arg(long)]
    pub no_wait: bool,
    /// How long the pods are waited for.
    #[arg(long, value_name = "LENGTH", default_value = "5m", value_parser = length)]
    pub timeout: Duration,
    /// The result as JSON on stdout: `outcome` (seen-ready, not-seen-ready, failed, unknown, refused), `exit`,
    /// `sentence`, `release`, `object` (kind and name), `to` (the revision), `restarts` (workloads), `namespace`, `plan`
    /// (its hash), `command`, `next` (null), `incident`, `journal` (the file), `seconds`.
    #[arg(long)]
    pub json: bool,
}

/// `configmap/web`, `secret/web`: the kinds as kubectl takes them.
fn object(text: &str) -> Result<Object, String> {
    let wanted = || "an object is named KIND/NAME, as in configmap/web-config or secret/web-keys".to_owned();
    let (kind, name) = text.split_once('/').filter(|(_, name)| !name.is_empty()).ok_or_else(wanted)?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "configmap" | "configmaps" | "cm" => Kind::ConfigMap,
        "secret" | "secrets" => Kind::Secret,
        _ => return Err(wanted()),
    };
    Ok(Object { kind, name: name.to_owned() })
}

impl Wish {
    fn terms(&self) -> Terms {
        let wait = if self.no_wait { Wait::Not } else { Wait::ForReady };
        Terms { timeout: if self.timeout.is_zero() { TIMEOUT } else { self.timeout }, wait, ..Terms::default() }
    }
}

/// Puts it back.
pub fn run(globals: &Globals, wish: &Wish) -> Outcome {
    if !wish.yes && !std::io::stdin().is_terminal() {
        return Outcome::failed(USAGE, format!("{NOBODY}: confirm with --yes"));
    }
    let release = ReleaseName::new(&wish.release);
    within(globals, Some(release.clone()), wish.terms(), async |mut reader| {
        let ended = match acted(&mut reader, wish, &release).await {
            Ok(ended) | Err(ended) => ended,
        };
        of(&reader, asked(reader.model(), wish, release), (wish.no_wait, wish.json), &ended)
    })
}

async fn acted(reader: &mut Reader, wish: &Wish, release: &ReleaseName) -> Result<Ended, Ended> {
    reader.read(answered).await?;
    let identity = found(reader.model(), release)?;
    take_up(reader, identity.clone()).await?;
    let wanted = Msg::RevertWanted(release.clone(), wish.object.clone(), wish.to);
    let plan = match asked_for(reader, wanted).await? {
        Planned::Ready(plan) => plan,
        Planned::Refused(refusal, code) => return Err(Ended::early(code, plan_page::refusal(&refusal))),
    };
    if let Plan::Revert(plan) = &plan {
        tell(&summary(&identity, plan));
    }
    if let Some(finding) = plan.blocked() {
        let said = format!("Blocked, and nothing was changed: {}. {}", finding.sentence, finding.cure);
        return Err(Ended::refused(said.trim_end()));
    }
    confirm(reader, wish.yes.then_some(""), &plan).await?;
    watch(reader, &identity, plan.noun()).await
}

fn asked(model: &Model, wish: &Wish, release: ReleaseName) -> Asked {
    let plan = model.jobs.newest().and_then(|(_, job)| match &job.plan {
        Plan::Revert(plan) => Some(plan),
        Plan::RollBack(_) | Plan::Workload(_) | Plan::Maintenance(_) | Plan::Silence(_) | Plan::Tests(_) => None,
    });
    let restarts = plan.map(|p| p.restarted().map(|(_, r)| r.workload.clone()).collect()).unwrap_or_default();
    Asked::Object { release, object: wish.object.clone(), to: plan.map(|p| p.to).or(wish.to), restarts }
}

/// What to know before it is confirmed.
fn summary(identity: &Identity, plan: &OfObject) -> String {
    let mut lines = vec![format!("{} · {} · put {}", place(identity), identity.server, plan.sentence())];
    lines.extend(plan.fields.iter().map(plan_page::field));
    lines.extend(plan.readers.iter().map(|reader| match &reader.fate {
        Fate::Restart => format!("{} reads it {} and restarts: {}", reader.workload, reader.by.word(), reader.strategy),
        Fate::Left(why) => format!("{} reads it {} and is not restarted: {why}", reader.workload, reader.by.word()),
    }));
    lines.extend(plan_page::findings(&plan.findings));
    lines.iter().map(|l| clean(l)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_named_as_kubectl_names_it() {
        let named = |kind, name: &str| Some(Object { kind, name: name.into() });
        let cases = [
            ("configmap/web", named(Kind::ConfigMap, "web")),
            ("cm/web", named(Kind::ConfigMap, "web")),
            ("Secrets/keys", named(Kind::Secret, "keys")),
            ("web", None),
            ("deployment/web", None),
            ("secret/", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(object(text).ok(), wanted, "{text}");
        }
    }
}
