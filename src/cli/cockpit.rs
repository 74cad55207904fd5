//! Opening the cockpit: model, executor, ledger and screen put together, on either world.

use std::path::PathBuf;
use std::sync::Arc;

use futures::channel::mpsc::unbounded;

use crate::act::rollback::Terms;
use crate::app::cockpit::Cockpit;
use crate::app::executor::{Executor, Identify, Spawn};
use crate::app::ledger::Ledger;
use crate::app::log::Log;
use crate::app::session::{Advance, Arrival, Drill, Session};
use crate::app::terminal::Screen;
use crate::app::witness::Witness;
use crate::domain::identity::{Identity, Realm};
use crate::domain::name::Person;
use crate::domain::text::clean;
use crate::helm::holder::Holder;
use crate::live;
use crate::model::feed::Feed;
use crate::model::settings::Settings;
use crate::model::{Model, Tone};
use crate::ports::World;
use crate::update::follow::EVERY;
use crate::update::journal::notice;

use super::outcome::Outcome;
use super::{Globals, settings};

/// What a cockpit is opened with.
pub struct Opening {
    /// What was settled before.
    pub settings: Settings,
    /// Its world.
    pub world: World,
    /// Where its journals are.
    pub folder: PathBuf,
    /// The kube context for command lines on show.
    pub context: String,
    /// What is wrong with the team's runbook, so that the built-in one is used.
    pub complaint: Option<String>,
    /// What a rollback waits for.
    pub terms: Terms,
    /// Moves a drill on, and tells when its world is there.
    pub advance: Option<(Advance, Arrival)>,
    /// The identity with the name that the config gives the cluster.
    pub named: Box<dyn Fn(Identity) -> Identity + Send + Sync>,
    /// Whether an incident that was left open is taken up again by itself, and one that another cockpit holds followed.
    pub resumes: bool,
    /// backout's own log, while it is open.
    pub log: Option<Log>,
}

/// Opens the cockpit on the live world.
pub fn open(globals: &Globals) -> Outcome {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(outcome) => return outcome,
    };
    let outcome = opening(globals, &runtime).map_or_else(|outcome| outcome, |opening| fly(&runtime, opening));
    // Whatever still waits for the network, or a credential plugin, must not hold up the person who wants to leave.
    runtime.shutdown_background();
    outcome
}

/// The live world of that command line.
///
/// # Errors
/// A mistake in a file, no kubeconfig or no such context, as the command's end.
pub fn opening(globals: &Globals, runtime: &tokio::runtime::Runtime) -> Result<Opening, Outcome> {
    let given = settings::read(globals).map_err(|why| Outcome::failed(64, why))?;
    let begun = runtime.block_on(live::begin(given.options(globals)));
    let (context, namespace, world) = begun.map_err(|fault| Outcome::failed(2, fault.sentence()))?;
    let config = given.config.clone();
    let log = Log::start(&given.places.state);
    let mut settings = given.settings(Realm::Live, namespace, globals);
    settings.log.clone_from(&log.place);
    Ok(Opening {
        settings,
        world,
        folder: given.places.incidents(),
        context: context.to_string(),
        complaint: given.complaint,
        terms: Terms::default(),
        advance: None,
        named: Box::new(move |identity| config.named(identity)),
        resumes: true,
        log: Some(log),
    })
}

/// The runtime of everything async.
///
/// # Errors
/// The system's refusal, as the command's end.
pub fn runtime() -> Result<tokio::runtime::Runtime, Outcome> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Outcome::failed(1, format!("the runtime does not start: {e}")))
}

/// This process, as others are told of it.
fn holder(person: &Person) -> Holder {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Holder { person: clean(person.as_str()), host: clean(&host), pid: std::process::id() }
}

/// Runs the cockpit until the person leaves.
pub fn fly(runtime: &tokio::runtime::Runtime, opening: Opening) -> Outcome {
    match runtime.block_on(fly_on(opening)) {
        Ok(farewell) => Outcome::said(farewell),
        Err(e) => Outcome::failed(1, format!("the terminal: {e}")),
    }
}

async fn fly_on(mut opening: Opening) -> std::io::Result<String> {
    let _log = opening.log.take();
    let folder = opening.folder.clone();
    let screen = Screen::enter()?;
    let (session, _) = board(opening, screen.size());
    let mut cockpit = Cockpit::new(session, screen);
    cockpit.run().await?;
    Ok(cockpit.farewell(&folder))
}

/// The first mistake of a runbook in one line: what is wrong stands first, for a narrow screen cuts the end.
fn complaint(mistakes: &str) -> String {
    let mut lines = mistakes.lines();
    let first = lines.next().unwrap_or_default();
    let more = match lines.count() {
        0 => String::new(),
        n => format!(" ({n} more)"),
    };
    format!("{first}{more}. The built-in checklist is used; `backout runbook check` tells all")
}

/// The session, and the journal's thread; within a tokio runtime.
pub fn board(opening: Opening, size: (u16, u16)) -> (Session, Ledger) {
    let world = opening.world;
    let begin = if opening.settings.read_only { Ledger::looking } else { Ledger::start };
    let ledger = begin(opening.folder, opening.settings.person.clone());
    let (send, inbox) = unbounded();
    let handle = tokio::runtime::Handle::current();
    let (spawn, drill) = tasks(&handle, opening.advance);
    let identify = identify(&world, opening.named);
    let executor = Executor {
        identify,
        journal: Arc::new(ledger.clone()),
        namespace: opening.settings.namespace.clone(),
        context: opening.context,
        terms: Terms { holder: holder(&opening.settings.person), ..opening.terms },
        send,
        spawn,
        world: world.clone(),
    };
    tracing::info!(
        "backout {} opens on {} ({}), as {}",
        env!("CARGO_PKG_VERSION"),
        opening.settings.namespace,
        executor.context,
        opening.settings.person
    );
    let mut model = Model::new(opening.settings, world.clock.now(), size);
    if let Some(why) = opening.complaint {
        notice(&mut model, Tone::Alarm, complaint(&why));
    }
    if opening.resumes {
        model.others = Feed::polled(EVERY);
    }
    let facts = world.cluster.facts();
    (Session { model, executor, inbox, facts, drill, witness: Witness::default() }, ledger)
}

/// Asks that world who it is, under the name that the config gives it.
fn identify(world: &World, named: Box<dyn Fn(Identity) -> Identity + Send + Sync>) -> Identify {
    let cluster = world.cluster.clone();
    let named: Arc<dyn Fn(Identity) -> Identity + Send + Sync> = named.into();
    Arc::new(move || {
        let (cluster, named) = (cluster.clone(), named.clone());
        Box::pin(async move { cluster.identity().await.map(|identity| named(identity)) })
    })
}

/// Live tasks run beside the loop; a drill's run within it.
fn tasks(handle: &tokio::runtime::Handle, advance: Option<(Advance, Arrival)>) -> (Spawn, Option<Drill>) {
    if let Some((advance, arrival)) = advance {
        let (drill, spawn) = Drill::arriving(arrival, advance);
        return (spawn, Some(drill));
    }
    let handle = handle.clone();
    let spawn: Spawn = Arc::new(move |future| {
        handle.spawn(future);
    });
    (spawn, None)
}
