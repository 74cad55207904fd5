//! Opening the cockpit: model, executor, ledger and screen put together, on either world.

use std::path::PathBuf;
use std::sync::Arc;

use futures::channel::mpsc::unbounded;

use crate::app::cockpit::Cockpit;
use crate::app::executor::{Executor, Spawn};
use crate::app::ledger::{Earlier, Ledger};
use crate::app::session::{Advance, Drill, Session};
use crate::app::terminal::Screen;
use crate::domain::identity::{Identity, Realm};
use crate::live;
use crate::model::Model;
use crate::model::settings::Settings;
use crate::msg::Msg;
use crate::ports::World;

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
    /// Moves a drill on.
    pub advance: Option<Advance>,
    /// The identity with the name that the config gives the cluster.
    pub named: Box<dyn Fn(Identity) -> Identity + Send>,
    /// Whether an incident that was left open is taken up again.
    pub resumes: bool,
}

/// Opens the cockpit on the live world.
pub fn open(globals: &Globals) -> Outcome {
    let given = match settings::read(globals) {
        Ok(given) => given,
        Err(why) => return Outcome::failed(64, why),
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(outcome) => return outcome,
    };
    let begun = runtime.block_on(live::begin(given.options(globals)));
    let (context, namespace, world) = match begun {
        Ok(begun) => begun,
        Err(fault) => return Outcome::failed(2, fault.sentence()),
    };
    let config = given.config.clone();
    fly(
        &runtime,
        Opening {
            settings: given.settings(Realm::Live, namespace, globals),
            world,
            folder: given.places.incidents(),
            context: context.to_string(),
            advance: None,
            named: Box::new(move |identity| config.named(identity)),
            resumes: true,
        },
    )
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

/// Runs the cockpit until the person leaves.
pub fn fly(runtime: &tokio::runtime::Runtime, opening: Opening) -> Outcome {
    match runtime.block_on(fly_on(opening)) {
        Ok(()) => Outcome::quiet(),
        Err(e) => Outcome::failed(1, format!("the terminal: {e}")),
    }
}

async fn fly_on(opening: Opening) -> std::io::Result<()> {
    let screen = Screen::enter()?;
    let world = opening.world;
    let ledger = Ledger::start(opening.folder, opening.settings.person.clone());
    let (send, inbox) = unbounded();
    let handle = tokio::runtime::Handle::current();
    let (spawn, drill) = tasks(&handle, opening.advance);
    let executor = Executor {
        journal: Arc::new(ledger.clone()),
        namespace: opening.settings.namespace.clone(),
        context: opening.context,
        send: send.clone(),
        spawn: spawn.clone(),
        world: world.clone(),
    };
    let resumes = opening.resumes;
    let identified = world.cluster.clone();
    spawn(Box::pin(async move {
        let identity = identified.identity().await.map(opening.named);
        let known = identity.clone().ok();
        let _ = send.unbounded_send(Msg::Identified(identity));
        if let Some(identity) = known.filter(|_| resumes) {
            let _ = match ledger.resume(identity).await {
                Earlier::Nothing => Ok(()),
                Earlier::Ours(entries) => send.unbounded_send(Msg::Found(entries)),
                Earlier::Held(who, entries) => send.unbounded_send(Msg::Held(who, entries)),
                Earlier::Unusable(why) => send.unbounded_send(Msg::NotAppended(why)),
            };
        }
    }));
    let model = Model::new(opening.settings, world.clock.now(), screen.size());
    let facts = world.cluster.facts();
    let session = Session { model, executor, inbox, facts, drill };
    Cockpit::new(session, screen).run().await
}

/// Live tasks run beside the loop; a drill's run within it.
fn tasks(handle: &tokio::runtime::Handle, advance: Option<Advance>) -> (Spawn, Option<Drill>) {
    if let Some(advance) = advance {
        let (drill, spawn) = Drill::new(advance);
        return (spawn, Some(drill));
    }
    let handle = handle.clone();
    let spawn: Spawn = Arc::new(move |future| {
        handle.spawn(future);
    });
    (spawn, None)
}
