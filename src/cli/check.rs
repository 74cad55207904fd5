//! `backout check`: one read of everything, judged by the cockpit's own sensors.
//!
//! Never: unknown taken for well.

use serde::Serialize;
use serde_json::Value;

use crate::act::rollback::Terms;
use crate::domain::identity::Identity;
use crate::domain::moment::{Moment, short};
use crate::domain::text::clean;
use crate::domain::usage::Resource;
use crate::model::Model;
use crate::model::settings::Asked;
use crate::ui::theme::glyph;

use super::Globals;
use super::check_parts::parts;
use super::outcome::{FAILED, Outcome, UNKNOWN};
use super::reading::{Reader, answered, place, within};

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// It is well.
    Well,
    /// Nobody can know.
    Unknown,
    /// It is over the limit of success, though not bad yet: to be watched.
    Raised,
    /// It is not.
    Unwell,
}

impl Health {
    const fn sign(self) -> &'static str {
        match self {
            Self::Well => glyph::OK,
            Self::Raised => glyph::WARN,
            Self::Unwell => glyph::BAD,
            Self::Unknown => glyph::UNKNOWN,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Raised => "raised",
            Self::Unwell => "unwell",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing that was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// `cluster`, `release`, `rollouts`, `pods`, `endpoints`, `ingresses` and `budgets` (where the release has some),
    /// `nodes`, `health`, `logs`, `cpu`, `memory`, `errors`, `p95`, `alerts`, `rules`
    pub part: &'static str,
    /// How it is.
    pub health: Health,
    /// The value in words.
    pub value: String,
    /// The age of the value in seconds, from its own sample; 0 where it is watched, null where there is none.
    pub age_seconds: Option<u64>,
    /// What else there is to know, line by line.
    pub details: Vec<String>,
    /// The value in numbers: `ratio` and `service` of errors, `seconds` and `service` of p95, of both also `overall` (all
    /// services together), `ready` and `wanted` of pods, `reached` and `services` of endpoints, `ready` and `nodes` of nodes,
    /// `up`, `asked` and `services` (each with `health` and `ms`) of health, `errors` and `services` (each with `errors` and
    /// whether all of it was `read`) of logs, `source` and `services` of cpu and memory (each service with what its pods
    /// have `used`, the `most` that they may, thousandths of a core or bytes, `of` limits or requests, the `ratio`, and its
    /// running `pods` and those `measured`), `firing` of alerts, `name`, `revision` and `status` of
    /// the release, `alarms` of rules (each with its rule, of whom, the severity and its samples as time and value); empty
    /// where it is not known.
    pub figures: serde_json::Map<String, Value>,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Sheet<'a> {
    /// The worst of the parts: unwell, else raised, else unknown, else well.
    health: Health,
    /// The exit code.
    exit: u8,
    /// When it was read, UTC.
    at: Moment,
    /// What is wrong, since when, and what changed just before: the cockpit's situation line.
    situation: &'a str,
    /// Which cluster; null where it does not say.
    identity: Option<&'a Identity>,
    /// What was read.
    parts: &'a [Part],
}

/// Reads and judges.
pub fn run(globals: &Globals, json: bool) -> Outcome {
    within(globals, None, Terms::default(), async |mut reader: Reader| {
        reader.headless.session.model.settings.asked = Asked::Always;
        match reader.read(answered).await {
            Ok(()) => told(reader.model(), json),
            Err(outcome) => outcome,
        }
    })
}

fn told(model: &Model, json: bool) -> Outcome {
    let parts = parts(model);
    let health = parts.iter().filter(|p| weighs(p)).map(|p| p.health).max().unwrap_or(Health::Unknown);
    let exit = match health {
        Health::Well => 0,
        Health::Raised | Health::Unwell => FAILED,
        Health::Unknown => UNKNOWN,
    };
    let situation = model.situation.sentence();
    let identity = model.identity.known();
    let out = if json {
        let sheet = Sheet { health, exit, at: model.now.wall, situation, identity, parts: &parts };
        serde_json::to_string_pretty(&sheet).unwrap_or_default()
    } else {
        page(model, health, &parts)
    };
    Outcome { out, err: String::new(), code: exit }
}

/// Many a cluster measures no CPU and no memory, and many a chart bounds neither: not to know them is no alarm, and
/// leaves the whole as it is. What is full counts.
fn weighs(part: &Part) -> bool {
    part.health != Health::Unknown || Resource::ALL.iter().all(|resource| resource.word() != part.part)
}

fn page(model: &Model, health: Health, parts: &[Part]) -> String {
    let place = model.identity.known().map_or_else(|| "cluster unknown".to_owned(), place);
    let at = model.now.wall.format("%Y-%m-%d %H:%M:%S UTC");
    let mut lines = vec![
        format!("{place} · {at}"),
        format!("{} {}: {}", health.sign(), health.word(), model.situation.sentence()),
        String::new(),
    ];
    for part in parts {
        let age = match part.age_seconds {
            None => String::new(),
            Some(0) => "  (now)".into(),
            Some(s) => format!("  ({} old)", short(std::time::Duration::from_secs(s))),
        };
        lines.push(format!("{} {:<9} {:<8} {}{age}", part.health.sign(), part.part, part.health.word(), part.value));
        lines.extend(part.details.iter().map(|d| format!("{:21}{d}", "")));
    }
    lines.iter().map(|l| clean(l)).collect::<Vec<_>>().join("\n")
}
