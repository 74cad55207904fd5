//! From command line, files and environment to what the cockpit needs. The flag wins over the file, the file over what
//! is found.

use std::path::{Path, PathBuf};

use crate::app::places::Places;
use crate::config::language::language;
use crate::config::screen::Background;
use crate::config::source::{Preset as SourcePreset, Prometheus};
use crate::config::{Config, runbook};
use crate::domain::identity::Realm;
use crate::domain::metrics::{Scope, Signal};
use crate::domain::name::{Context, Namespace, Person};
use crate::domain::runbook::Runbook;
use crate::functional::test::Test;
use crate::live::{Login, Options};
use crate::model::settings::{Asked, Palette, Settings};
use crate::tools::prometheus::{Preset, Queries};

use super::Globals;
use super::unreadable::{reason, unreadable};

/// How much of the past the curves show.
const HISTORY: std::time::Duration = std::time::Duration::from_mins(30);

/// What was read before anything starts.
#[derive(Debug)]
pub struct Given {
    /// The configuration.
    pub config: Config,
    /// What rings: the built-in rules and the team's own.
    pub rules: Vec<crate::domain::detection::Rule>,
    /// The functional tests of the shop that drills are about.
    pub exercises: Vec<Test>,
    /// The decision tree in the language at work.
    pub decisions: crate::domain::decision::Tree,
    /// The checklist: the team's own, or the built-in one.
    pub runbook: Runbook,
    /// Why the team's own is not it: file, line, key, cure, of each mistake a line. Nobody is kept from a rollback by it.
    pub complaint: Option<String>,
    /// Who sits here.
    pub person: Person,
    /// Where backout keeps its things.
    pub places: Places,
}

impl Given {
    /// What the cockpit needs.
    pub fn settings(&self, realm: Realm, namespace: Namespace, globals: &Globals) -> Settings {
        Settings {
            realm,
            drill: None,
            person: self.person.clone(),
            namespace,
            release: self.config.release.clone(),
            runbook: self.runbook.clone(),
            decisions: self.decisions.clone(),
            limits: self.config.limits,
            rules: self.rules.clone(),
            health: self.config.health.clone(),
            tests: Vec::new(),
            dashboard: self.config.dashboard.clone(),
            logs: self.config.logs.clone(),
            asked: Asked::default(),
            read_only: globals.read_only || self.config.read_only,
            arm_for: self.config.arm_for,
            history: HISTORY,
            palette: palette(self.config.background),
            prometheus: self.prometheus(realm, globals),
            log: String::new(),
        }
        .with_tests(match realm {
            Realm::Live => self.config.tests.clone(),
            Realm::Drill => self.exercises.clone(),
        })
    }

    /// Prometheus' address, where it is named as a URL without a password.
    pub fn prometheus(&self, realm: Realm, globals: &Globals) -> Option<String> {
        let named = globals.prometheus.clone().or_else(|| self.config.prometheus.url.clone());
        let url = named.or_else(|| env("PROMETHEUS_URL"))?;
        let plain = url.starts_with("http") && !url.contains('@') && realm == Realm::Live;
        plain.then(|| url.trim_end_matches('/').to_owned())
    }

    /// What the live world is opened with.
    pub fn options(&self, globals: &Globals) -> Options {
        let of = |flag: &Option<String>, file: Option<&str>| flag.clone().or_else(|| file.map(str::to_owned));
        let config = &self.config;
        Options {
            kubeconfig: globals.kubeconfig.clone(),
            context: of(&globals.context, config.context.as_ref().map(Context::as_str)).map(Context::from),
            namespace: of(&globals.namespace, config.namespace.as_ref().map(Namespace::as_str)).map(Namespace::from),
            prometheus: of(&globals.prometheus, config.prometheus.url.as_deref()).or_else(|| env("PROMETHEUS_URL")),
            alertmanager: of(&globals.alertmanager, config.alertmanager.url.as_deref())
                .or_else(|| env("ALERTMANAGER_URL")),
            prometheus_login: login(config.prometheus.token_env.as_deref()),
            alertmanager_login: login(config.alertmanager.token_env.as_deref()),
            scrape_interval: config.prometheus.scrape_interval,
            queries: queries(&config.prometheus),
            limit: None,
        }
    }
}

/// The token that the environment holds under that name.
fn login(variable: Option<&str>) -> Login {
    match variable.map(|name| (name.to_owned(), env(name))) {
        None => Login::Nobody,
        Some((variable, Some(token))) => Login::Bearer { variable, token },
        Some((variable, None)) => Login::Missing { variable },
    }
}

/// The preset's queries with the config's own in their places.
fn queries(prometheus: &Prometheus) -> Queries {
    let name =
        SourcePreset::WORDS.iter().find(|(_, p)| *p == prometheus.preset).map_or("spring-boot", |(word, _)| word);
    let mut queries = Preset::named(name).map(|p| p.queries()).unwrap_or_default();
    let own_only = |signal| prometheus.queries.contains_key(&(signal, Scope::Each));
    if own_only(Signal::ErrorRatio) {
        queries.errors_together = None;
    }
    if own_only(Signal::P95) {
        queries.p95_together = None;
    }
    for ((signal, scope), own) in &prometheus.queries {
        let own = own.replace("{namespace}", "$namespace").replace("{window}", "$window");
        match (signal, scope) {
            (Signal::ErrorRatio, Scope::Each) => queries.errors = own,
            (Signal::P95, Scope::Each) => queries.p95 = own,
            (Signal::Traffic, Scope::Each | Scope::Together) => queries.traffic = own,
            (Signal::ErrorRatio, Scope::Together) => queries.errors_together = Some(own),
            (Signal::P95, Scope::Together) => queries.p95_together = Some(own),
        }
    }
    queries
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
    let own = config.runbook_beside(&file).map(|path| team_runbook(&path));
    let (own, complaint) = match own {
        Some(Ok(own)) => (Some(own), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let runbook = own.map_or_else(|| runbook::built_in(language).map_err(|m| m.to_string()), Ok)?;
    let person = config.person.clone().unwrap_or_else(|| Person::new(&whoami()));
    let rules = crate::config::rules::all(&config.rules).map_err(|m| m.to_string())?;
    let decisions = crate::config::decisions::built_in(language).map_err(|m| m.to_string())?;
    let exercises = crate::config::functional::of_drills().map_err(|m| m.to_string())?;
    Ok(Given { config, rules, exercises, decisions, runbook, complaint, person, places })
}

fn config(globals: &Globals, places: &Places) -> Result<(Config, PathBuf), String> {
    if let Some(named) = &globals.config {
        let then = "Nothing was opened or changed. Check the path, or leave --config out: none is needed.";
        let text = std::fs::read_to_string(named).map_err(|why| unreadable("The configuration", named, &why, then))?;
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
        Err(why) => {
            let then = "Nothing was opened or changed. Mend the file or move it away (none is needed), or name another \
                        one with --config.";
            Err(unreadable("The configuration", &usual, &why, then))
        }
    }
}

fn team_runbook(path: &Path) -> Result<Runbook, String> {
    // By its own name: a narrow screen cuts the end of a line, and the folder is the config's.
    let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.display().to_string());
    let text = std::fs::read_to_string(path)
        .map_err(|why| format!("{name} cannot be read: {}; `runbook` in the configuration names it", reason(&why)))?;
    runbook::check(&text, &name).map_err(|m| m.to_string())
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

/// Whether colours are wanted (no-color.org), and which: by the file, else by what the terminal says of its background.
fn palette(file: Option<Background>) -> Palette {
    if env("NO_COLOR").is_some() {
        return Palette::Plain;
    }
    match file.or_else(|| Background::told(&env("COLORFGBG")?)) {
        Some(Background::Light) => Palette::OnLight,
        Some(Background::Dark) | None => Palette::OnDark,
    }
}
