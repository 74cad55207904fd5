//! From command line, files and environment to what the cockpit needs. The flag wins over the file, the file over what
//! is found.

use std::path::{Path, PathBuf};

use crate::app::places::Places;
use crate::config::language::language;
use crate::config::{Config, runbook};
use crate::domain::name::Person;
use crate::domain::runbook::Runbook;

use super::Globals;

/// What was read before anything starts.
#[derive(Debug)]
pub struct Given {
    /// The configuration.
    pub config: Config,
    /// The checklist.
    pub runbook: Runbook,
    /// Who sits here.
    pub person: Person,
    /// Where backout keeps its things.
    pub places: Places,
}

/// Reads configuration and runbook.
///
/// # Errors
/// The sentence: file, line, key, cure.
pub fn read(globals: &Globals) -> Result<Given, String> {
    let places = Places::find()?;
    let (config, file) = config(globals, &places)?;
    let tag = config.language.map(crate::config::language::Language::tag);
    let language = language(tag, env("LC_ALL").or_else(|| env("LANG")).as_deref());
    let runbook = match config.runbook_beside(&file) {
        None => runbook::built_in(language).map_err(|m| m.to_string())?,
        Some(path) => team_runbook(&path)?,
    };
    let person = config.person.clone().unwrap_or_else(|| Person::new(&whoami()));
    Ok(Given { config, runbook, person, places })
}

fn config(globals: &Globals, places: &Places) -> Result<(Config, PathBuf), String> {
    if let Some(named) = &globals.config {
        let text = text(named)?;
        return Config::read(&text, &named.display().to_string())
            .map(|c| (c, named.clone()))
            .map_err(|m| m.to_string());
    }
    let usual = places.config.join("backout.toml");
    match std::fs::read_to_string(&usual) {
        Ok(text) => {
            let config = Config::read(&text, &usual.display().to_string()).map_err(|m| m.to_string())?;
            Ok((config, usual))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok((Config::default(), usual)),
        Err(e) => Err(format!("{} cannot be read: {e}", usual.display())),
    }
}

fn team_runbook(path: &Path) -> Result<Runbook, String> {
    runbook::check(&text(path)?, &path.display().to_string()).map_err(|m| m.to_string())
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

fn whoami() -> String {
    let user = env("USER").or_else(|| env("LOGNAME")).unwrap_or_else(|| "on-call".into());
    match env("SUDO_USER") {
        Some(real) if user == "root" => real,
        Some(_) | None => user,
    }
}

/// Whether colours are wanted (no-color.org).
pub fn palette() -> crate::model::settings::Palette {
    if env("NO_COLOR").is_some() {
        crate::model::settings::Palette::Plain
    } else {
        crate::model::settings::Palette::Colour
    }
}
