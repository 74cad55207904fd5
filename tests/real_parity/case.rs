//! One case of the parity suite as data: what a release was, what it became, what people did to it meanwhile, how it is
//! rolled back, and in what the outcome may differ from helm's.
//!
//! Never: running anything. `{{ .Release.Namespace }}` in a manifest is helm's own; `NS` in a step is the namespace.

use backout::helm::choices::{Apply, Choices, Forced, Hooks, Manner, Replicas};
use backout::helm::rollback::Wait;
use serde_json::Value;

/// Which helm bore a release, upgraded it and rolls it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Path {
    /// Helm 3 throughout: client-side apply.
    Csa,
    /// Helm 4 throughout: server-side apply.
    Ssa,
    /// Born by helm 3, upgraded and rolled back by helm 4: client-side apply in helm 4's dialect.
    Mixed,
}

pub use Path::{Csa, Mixed, Ssa};

impl Path {
    pub const fn word(self) -> &'static str {
        match self {
            Csa => "csa",
            Ssa => "ssa",
            Mixed => "mixed",
        }
    }

    /// Who installs, and who upgrades and rolls back: the major versions.
    pub const fn helms(self) -> (u8, u8) {
        match self {
            Csa => (3, 3),
            Ssa => (4, 4),
            Mixed => (3, 4),
        }
    }
}

pub const BOTH: &[Path] = &[Csa, Ssa];
pub const ALL: &[Path] = &[Csa, Ssa, Mixed];

/// What somebody does to a release or its objects.
#[derive(Debug, Clone)]
pub enum Step {
    /// As `kubectl edit`: a merge patch by another field manager. Kind, name, patch.
    Edit(&'static str, &'static str, Value),
    /// As `kubectl scale`.
    Scale(&'static str, &'static str, u32),
    Delete(&'static str, &'static str),
    /// By another field manager.
    Create(Value),
    /// helm with these arguments, and whether it ends well.
    Helm(&'static [&'static str], bool),
    /// One more upgrade, to this manifest, and whether it ends well.
    Upgrade(&'static str, bool),
    /// From now on the API server admits only what fulfils this (CEL; `variables.name` and `variables.verb` are set). Dry
    /// runs always pass.
    Admit(&'static str),
    /// The newest record becomes one of another status, so many hours old; one of the future is fresh however long it
    /// takes.
    Seed(&'static str, i64),
    /// The record of a revision is no gzip any more.
    Corrupt(u32),
    /// What holds an object that is being deleted lets it go, once the record of the rollback is closed or some seconds
    /// have passed.
    LetGo(&'static str, &'static str),
    /// Waits until an object exists.
    Await(&'static str, &'static str),
}

/// What the comparison with helm has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Every object and record.
    Equal,
    /// Everything but what a deviation explains: line by line in `told.txt`.
    But(&'static str),
    /// Helm went ahead, well or not; we wrote nothing at all, by a deviation, and said this.
    Refused(&'static str, &'static str),
}

pub use Told::{But, Equal, Refused};

#[derive(Debug, Clone)]
pub struct Case {
    pub id: &'static str,
    pub name: &'static str,
    pub paths: &'static [Path],
    /// The template of revision 1, and of revision 2.
    pub old: &'static str,
    pub new: &'static str,
    /// Further files of the chart.
    pub files: Vec<(&'static str, String)>,
    pub install: &'static [&'static str],
    pub upgrade: &'static [&'static str],
    pub driver: &'static str,
    /// Before the installation, between installation and upgrade, between upgrade and rollback, during the rollback.
    pub before: Vec<Step>,
    pub between: Vec<Step>,
    pub after: Vec<Step>,
    pub meanwhile: Vec<Step>,
    /// Arguments of `helm rollback`; the same as choices of ours.
    pub flags: &'static [&'static str],
    pub choices: Choices,
    pub wait: Wait,
    told: Vec<(&'static [Path], Manner, Told)>,
}

impl Case {
    pub fn new(id: &'static str, name: &'static str, old: &'static str, new: &'static str) -> Self {
        Self {
            id,
            name,
            paths: BOTH,
            old,
            new,
            files: Vec::new(),
            install: &[],
            upgrade: &[],
            driver: "secret",
            before: Vec::new(),
            between: Vec::new(),
            after: Vec::new(),
            meanwhile: Vec::new(),
            flags: &["--history-max", "0"],
            choices: Choices::default(),
            wait: Wait::Not,
            told: Vec::new(),
        }
    }

    pub fn on(self, paths: &'static [Path]) -> Self {
        Self { paths, ..self }
    }

    pub fn file(mut self, name: &'static str, text: String) -> Self {
        self.files.push((name, text));
        self
    }

    /// Further arguments of install and upgrade.
    pub fn born(self, install: &'static [&'static str], upgrade: &'static [&'static str]) -> Self {
        Self { install, upgrade, ..self }
    }

    pub fn driver(self, driver: &'static str) -> Self {
        Self { driver, ..self }
    }

    pub fn before(self, before: Vec<Step>) -> Self {
        Self { before, ..self }
    }

    pub fn between(self, between: Vec<Step>) -> Self {
        Self { between, ..self }
    }

    pub fn after(self, after: Vec<Step>) -> Self {
        Self { after, ..self }
    }

    pub fn meanwhile(self, meanwhile: Vec<Step>) -> Self {
        Self { meanwhile, ..self }
    }

    /// All arguments of `helm rollback` behind the revision.
    pub fn flags(self, flags: &'static [&'static str]) -> Self {
        Self { flags, ..self }
    }

    pub fn forcing(mut self, objects: &[&str]) -> Self {
        self.choices.force = objects.iter().filter_map(|o| Forced::read(o)).collect();
        self
    }

    pub fn without_hooks(mut self) -> Self {
        self.choices.hooks = Hooks::Skip;
        self
    }

    pub fn keeping_replicas(mut self) -> Self {
        self.choices.replicas = Replicas::AsLive;
        self
    }

    pub fn server_side(mut self) -> Self {
        self.choices.apply = Apply::ServerSide;
        self
    }

    pub fn waiting(self) -> Self {
        Self { wait: Wait::ForReady, ..self }
    }

    /// What both manners show.
    pub fn told(self, paths: &'static [Path], told: Told) -> Self {
        self.exact(paths, told).mended(paths, told)
    }

    /// What `--helm-exact` shows, where it is not equal.
    pub fn exact(mut self, paths: &'static [Path], told: Told) -> Self {
        self.told.push((paths, Manner::Exact, told));
        self
    }

    /// What the default shows, where it is not equal.
    pub fn mended(mut self, paths: &'static [Path], told: Told) -> Self {
        self.told.push((paths, Manner::Mended, told));
        self
    }

    pub fn expected(&self, path: Path, manner: Manner) -> Told {
        let of = |(paths, m, _): &&(&[Path], Manner, Told)| *m == manner && paths.contains(&path);
        self.told.iter().find(of).map_or(Equal, |(_, _, told)| *told)
    }
}
