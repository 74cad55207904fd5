//! What every command without a screen does first: open its world, and wait until it has told enough.
//!
//! Never: an act.

use std::time::Duration;

use crate::act::rollback::Terms;
use crate::app::headless::{Headless, Waited};
use crate::app::ledger::Ledger;
use crate::app::log::Log;
use crate::domain::fault::Fault;
use crate::domain::identity::{Environment, Identity, Realm};
use crate::domain::name::ReleaseName;
use crate::model::Model;
use crate::model::feed::Reading;
use crate::model::pods::Extent;
use crate::model::settings::Asked;
use crate::update::health::{asks, is_wanted};
use crate::update::logs::is_asked;

use super::cockpit::{Opening, board, runtime};
use super::outcome::{Outcome, REFUSED, UNKNOWN};
use super::{Globals, Place, cockpit, drill};

/// The world is given this long to tell: more than one question to it may take (10 s), so that a server which does not
/// answer is told by its own sentence.
pub const PATIENCE: Duration = Duration::from_secs(12);

/// Columns and rows that no screen has; nothing is drawn.
const NO_SCREEN: (u16, u16) = (80, 24);

/// A session that reads, and the journal's thread beside it.
pub struct Reader {
    /// The session.
    pub headless: Headless,
    /// The journal's thread.
    pub ledger: Ledger,
    /// Where its journals are.
    pub folder: std::path::PathBuf,
    /// backout's own log, while it is open.
    pub log: Option<Log>,
}

/// Opens the world of that command line for a release (or whichever is found) and runs the command in it.
pub fn within<F: AsyncFnOnce(Reader) -> Outcome>(
    globals: &Globals,
    release: Option<ReleaseName>,
    terms: Terms,
    command: F,
) -> Outcome {
    let begun = runtime().and_then(|runtime| {
        let opening = match &globals.world {
            Some(Place::Drill(name)) => drill::opening(Some(name), globals),
            None => cockpit::opening(globals, &runtime),
        };
        Ok((runtime, opening?))
    });
    let (runtime, mut opening) = match begun {
        Ok(begun) => begun,
        Err(outcome) => return outcome,
    };
    opening.settings.release = release.or(opening.settings.release);
    opening.terms = terms;
    let ended = runtime.block_on(async {
        let reader = reader(opening).map_err(|e| Outcome::failed(1, format!("no signal can be heard: {e}")))?;
        Ok(command(reader).await)
    });
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    ended.unwrap_or_else(|outcome: Outcome| outcome)
}

fn reader(mut opening: Opening) -> std::io::Result<Reader> {
    // Which incident is taken up is the command's to say.
    opening.resumes = false;
    let folder = opening.folder.clone();
    let log = opening.log.take();
    let (mut session, ledger) = board(opening, NO_SCREEN);
    session.model.settings.asked = Asked::Never;
    Ok(Reader { headless: Headless::new(session)?, ledger, folder, log })
}

impl Reader {
    /// The state.
    pub fn model(&self) -> &Model {
        &self.headless.session.model
    }

    /// Waits until that much is known, or its time is over; the outcome where the process is asked to end.
    ///
    /// # Errors
    /// A signal.
    pub async fn read(&mut self, enough: impl Fn(&Model) -> bool) -> Result<(), Outcome> {
        match self.headless.until(PATIENCE, enough, |_, _| {}).await {
            Waited::Come | Waited::OutOfTime => Ok(()),
            Waited::Signalled => Err(Outcome::failed(UNKNOWN, "asked to end before everything was read")),
        }
    }
}

/// Every source has answered once, well or badly.
pub fn answered(model: &Model) -> bool {
    let (feeds, now) = (&model.feeds, model.now);
    let pods = match feeds.pods.read(now) {
        Reading::Loading => false,
        Reading::Fresh { value, .. } => value.extent == Extent::Whole,
        Reading::Stale { .. } | Reading::Dark { .. } => true,
    };
    let told = |loading: bool| !loading;
    pods && history(model)
        && told(matches!(feeds.workloads.read(now), Reading::Loading))
        && told(matches!(feeds.errors.read(now), Reading::Loading))
        && told(matches!(feeds.p95.read(now), Reading::Loading))
        && told(matches!(feeds.traffic.read(now), Reading::Loading))
        && told(matches!(feeds.errors_together.read(now), Reading::Loading))
        && told(matches!(feeds.p95_together.read(now), Reading::Loading))
        && told(matches!(feeds.alerts.read(now), Reading::Loading))
        && told(matches!(feeds.endpoints.read(now), Reading::Loading))
        && told(matches!(feeds.ingresses.read(now), Reading::Loading))
        && told(matches!(feeds.nodes.read(now), Reading::Loading))
        && told(matches!(feeds.budgets.read(now), Reading::Loading))
        && told(matches!(feeds.maintenance.read(now), Reading::Loading))
        && (!is_wanted(model) || asks(model).is_empty() || told(matches!(feeds.health.read(now), Reading::Loading)))
        && (!is_wanted(model) || told(matches!(feeds.usage.read(now), Reading::Loading)))
        && (!is_asked(model) || (told(matches!(feeds.logs.read(now), Reading::Loading)) && !model.logs.lacks()))
}

/// The cluster has said who it is, and the Helm history is read, payloads too.
pub fn history(model: &Model) -> bool {
    let read = match model.feeds.releases.read(model.now) {
        Reading::Loading => false,
        Reading::Dark { .. } => true,
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            value.iter().flat_map(|r| &r.revisions).all(|r| r.content.is_some() || r.unreadable.is_some())
        }
    };
    read && !matches!(model.identity.read(model.now), Reading::Loading)
}

/// The history is read, and how its revisions did while they were live.
pub fn proposal(model: &Model) -> bool {
    let metrics = |loading: bool| !loading;
    history(model)
        && model.release().is_none_or(|release| model.lives.complete(release, model.now))
        && metrics(matches!(model.feeds.errors.read(model.now), Reading::Loading))
        && metrics(matches!(model.feeds.traffic.read(model.now), Reading::Loading))
}

/// The release is there, and the cluster is known; else why nothing can be planned.
///
/// # Errors
/// Refused where it is not there or may not be read, unknown where nobody answers.
pub fn found(model: &Model, release: &ReleaseName) -> Result<Identity, Outcome> {
    let dark = |fault: &Fault, what: &str| Outcome::failed(code(fault), unknown(fault, what));
    let late = |what: &str| {
        Outcome::failed(UNKNOWN, format!("{what} did not answer within {} s: nothing was changed", PATIENCE.as_secs()))
    };
    let identity = match model.identity.read(model.now) {
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => value.clone(),
        Reading::Dark { fault, .. } => return Err(dark(fault, "The cluster does not say who it is")),
        Reading::Loading => return Err(late("the cluster")),
    };
    let releases = match model.feeds.releases.read(model.now) {
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => value,
        Reading::Dark { fault, .. } => return Err(dark(fault, "The Helm history cannot be read")),
        Reading::Loading => return Err(late("the Helm history")),
    };
    if releases.iter().any(|r| r.name == *release) {
        return Ok(identity);
    }
    let names: Vec<&str> = releases.iter().map(|r| r.name.as_str()).collect();
    let there = if names.is_empty() { "it has none at all".into() } else { format!("there are: {}", names.join(", ")) };
    let namespace = &model.settings.namespace;
    Err(Outcome::failed(REFUSED, format!("There is no Helm release {release} in namespace {namespace}; {there}")))
}

/// What is not known because of a fault, what that means, and what to do now.
pub fn unknown(fault: &Fault, what: &str) -> String {
    format!("{what}: {}. Nothing was changed.{}", fault.sentence().trim_end_matches('.'), fault.cure())
}

/// The exit code that a fault means: what is forbidden is refused, all else is not known.
pub const fn code(fault: &Fault) -> u8 {
    match fault {
        Fault::Forbidden { .. } => REFUSED,
        Fault::Unreachable { .. } | Fault::Unauthorized { .. } | Fault::Bad { .. } | Fault::Absent { .. } => UNKNOWN,
    }
}

/// `PROD aks-prod-eu/prod`, `DRILL aks-prod-eu/prod`
pub fn place(identity: &Identity) -> String {
    let what = match (&identity.realm, &identity.environment) {
        (Realm::Drill, _) => "DRILL",
        (Realm::Live, Environment::Production) => "PROD",
        (Realm::Live, Environment::Other(name)) => name,
    };
    format!("{what} {}/{}", identity.context, identity.namespace)
}
