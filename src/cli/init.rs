//! `backout init`: writes a commented `backout.toml`, with this cluster pinned in it where it answers.
//!
//! Never: over a file that is there.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::app::places::Places;
use crate::config::starter::{COMMENTED, starter};
use crate::domain::fault::Fault;
use crate::domain::identity::{Identity, Pin};
use crate::domain::name::{Context, Namespace};
use crate::live::{self, Options};
use crate::sim::{Handle, Production, drill};

use super::cockpit::runtime;
use super::outcome::{FAILED, Outcome, REFUSED, USAGE};
use super::reading::PATIENCE;
use super::{Globals, Place};

/// Writes it.
pub fn run(globals: &Globals) -> Outcome {
    let file = match &globals.config {
        Some(named) => named.clone(),
        None => match Places::find() {
            Ok(places) => places.config.join("backout.toml"),
            Err(why) => return Outcome::failed(USAGE, why),
        },
    };
    if file.exists() {
        return there(&file);
    }
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(outcome) => return outcome,
    };
    let identity = runtime.block_on(identity(globals));
    runtime.shutdown_background();
    let (text, pinned) = match identity {
        Ok(identity) => (starter(&identity), pinned(&identity)),
        Err(why) => (COMMENTED.to_owned(), format!("No cluster is pinned in it: {why}")),
    };
    match write(&file, &text) {
        Ok(()) => Outcome::said(format!("{} is written. {pinned}", file.display())),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => there(&file),
        Err(e) => Outcome::failed(FAILED, format!("{} cannot be written: {e}", file.display())),
    }
}

fn there(file: &Path) -> Outcome {
    let told = format!("{} is there already and was left as it is; move it away, or edit it", file.display());
    Outcome::failed(REFUSED, told)
}

fn pinned(identity: &Identity) -> String {
    let how = match &identity.pin {
        Pin::Uid(uid) => format!("the uid of its namespace kube-system, {uid}"),
        Pin::ServerAndCa => "its server and CA, as the uid of kube-system may not be read".into(),
    };
    format!("{} is pinned in it as production, by {how}; change `environment` if it is another.", identity.context)
}

fn write(file: &PathBuf, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(file)?.write_all(text.as_bytes())
}

/// The cluster's own word on who it is.
async fn identity(globals: &Globals) -> Result<Identity, String> {
    let world = match &globals.world {
        Some(Place::Drill(name)) => {
            let drill = drill(name).map_err(|why| why.to_string())?;
            Handle::new(Production::load(&drill)).world()
        }
        None => {
            let options = Options {
                kubeconfig: globals.kubeconfig.clone(),
                context: globals.context.as_deref().map(Context::new),
                namespace: globals.namespace.as_deref().map(Namespace::new),
                ..Options::default()
            };
            live::open(options).await.map_err(|fault| fault.sentence())?.1
        }
    };
    match tokio::time::timeout(PATIENCE, world.cluster.identity()).await {
        Ok(said) => said.map_err(|fault: Fault| fault.sentence()),
        Err(_) => Err(format!("it did not answer within {} s", PATIENCE.as_secs())),
    }
}
