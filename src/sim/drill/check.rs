//! What a drill file's words mean, and every mistake in it by key.
//!
//! Never: a default that hides a mistake.

use std::collections::BTreeMap;
use std::time::Duration;

use super::text::{DeployText, DrillText, RuleText, TroubleKind, TroubleText};
use super::{Deploy, Drill, WayOut};
use crate::domain::name::Service;
use crate::sim::conduct::{Conduct, Fate, Rule};
use crate::sim::shop;
use crate::sim::trouble::{Trouble, What};

/// A key and what is wrong with it.
type Mistake = (String, String);

fn mistake<T>(key: impl Into<String>, what: impl Into<String>) -> Result<T, Mistake> {
    Err((key.into(), what.into()))
}

impl DrillText {
    pub(super) fn validated(self, name: &str) -> Result<Drill, Mistake> {
        if self.start < self.incident_at {
            return mistake("start", "is before incident-at; the operator is paged after it went wrong");
        }
        let revisions = deploys(self.revision, &self.release.app_version)?;
        let Some(last) = revisions.last() else {
            return mistake("revision", "there is none; write at least one [[revision]]");
        };
        if last.at > self.start {
            return mistake("revision.at", format!("revision {} is after start", last.revision));
        }
        for service in self.release.autoscaled.keys() {
            known(service, "release.autoscaled")?;
        }
        if (self.solution.by == WayOut::Revert) != self.solution.object.is_some() {
            return mistake("solution.object", "names what is put back, where that is the way out, and nowhere else");
        }
        match (self.solution.by, self.solution.revision) {
            (WayOut::Rollback, None) => return mistake("solution.revision", "is missing; a rollback needs its target"),
            (WayOut::Wait | WayOut::Revert, Some(_)) => {
                return mistake("solution.revision", "means nothing where the way out is no rollback");
            }
            (WayOut::Rollback, Some(to)) if !revisions.iter().any(|d| d.revision == to) => {
                return mistake("solution.revision", format!("there is no revision {to}"));
            }
            (WayOut::Rollback, Some(_)) | (WayOut::Wait | WayOut::Revert, None) => {}
        }
        let rules = self.behaviour.into_iter().enumerate().map(|(i, r)| rule(i, r)).collect::<Result<_, _>>()?;
        let troubles = self.fault.into_iter().enumerate().map(|(i, t)| trouble(i, t)).collect::<Result<_, _>>()?;
        Ok(Drill {
            name: name.into(),
            title: self.title,
            teaches: self.teaches,
            start: self.start,
            incident_at: self.incident_at,
            seed: self.seed,
            solution: self.solution,
            par: self.par,
            context: self.context,
            namespace: self.namespace,
            release: self.release,
            revisions,
            rules,
            troubles,
            hands: self.hand,
        })
    }
}

fn known(service: &Service, key: &str) -> Result<(), Mistake> {
    if shop::find(service.as_str()).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = shop::SHOP.iter().map(|t| t.name).collect();
    mistake(key, format!("there is no service {service}; the shop has {}", names.join(", ")))
}

fn deploys(texts: Vec<DeployText>, app_version: &str) -> Result<Vec<Deploy>, Mistake> {
    let mut deploys: Vec<Deploy> = Vec::new();
    for (index, text) in texts.into_iter().enumerate() {
        let key = format!("revision[{}]", index + 1);
        if deploys.last().is_some_and(|d| d.revision >= text.number || d.at >= text.at) {
            return mistake(key, "number and at must rise from one revision to the next");
        }
        let mut next = match deploys.last() {
            Some(before) => before.clone(),
            None => first(&text, app_version),
        };
        for (service, tag) in &text.versions {
            if service == "all" {
                for t in &shop::SHOP {
                    next.versions.insert(t.service(), tag.clone());
                }
            }
        }
        for (service, tag) in text.versions.into_iter().filter(|(s, _)| s != "all") {
            let service = Service::new(&service);
            known(&service, &format!("{key}.versions"))?;
            next.versions.insert(service, tag);
        }
        for (service, keys) in text.config {
            known(&service, &format!("{key}.config"))?;
            next.config.entry(service).or_default().extend(keys);
        }
        for (service, pods) in text.replicas {
            known(&service, &format!("{key}.replicas"))?;
            next.replicas.insert(service, pods);
        }
        if next.versions.len() < shop::SHOP.len() {
            return mistake(format!("{key}.versions"), "every service needs a tag; `all = \"…\"` gives one to all");
        }
        next.revision = text.number;
        next.at = text.at;
        next.ended = text.status;
        next.description = text.description;
        next.health = text.health;
        next.app_version = text.app_version.unwrap_or(next.app_version);
        deploys.push(next);
    }
    Ok(deploys)
}

fn first(text: &DeployText, app_version: &str) -> Deploy {
    Deploy {
        revision: text.number,
        at: text.at,
        ended: text.status,
        description: String::new(),
        app_version: app_version.into(),
        versions: BTreeMap::new(),
        config: BTreeMap::new(),
        replicas: shop::SHOP.iter().map(|t| (t.service(), t.replicas)).collect(),
        health: text.health,
    }
}

fn seconds(key: &str, value: f64) -> Result<Duration, Mistake> {
    Duration::try_from_secs_f64(value).map_err(|_| (key.to_owned(), format!("{value} is no length in seconds")))
}

fn ratio(key: &str, value: f64) -> Result<f64, Mistake> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    mistake(key, format!("{value} is no ratio; write 0.18 for 18 %"))
}

fn rule(index: usize, text: RuleText) -> Result<Rule, Mistake> {
    let key = format!("behaviour[{}]", index + 1);
    known(&text.service, &format!("{key}.service"))?;
    let Some(trade) = shop::find(text.service.as_str()) else { return mistake(key, "no such service") };
    if text.tag.is_none() && text.config.is_empty() {
        return mistake(key, "fits everything; name the tag or the config it belongs to");
    }
    let fate = match (text.no_such_image, text.never_ready, text.crash_after) {
        (true, false, None) => Fate::NoSuchImage,
        (false, true, None) => Fate::NeverReady,
        (false, false, Some(after)) => Fate::Crashes {
            after: seconds(&format!("{key}.crash-after"), after)?,
            code: text.exit_code.unwrap_or(1),
            reason: text.reason.unwrap_or_else(|| "Error".into()),
        },
        (false, false, None) => Fate::Serves,
        (_, _, _) => return mistake(key, "write one of no-such-image, never-ready, crash-after"),
    };
    let well = Conduct::well(trade);
    let conduct = Conduct {
        fate,
        start: text.start.map_or(Ok(well.start), |s| seconds(&format!("{key}.start"), s))?,
        errors: text.errors.map_or(Ok(well.errors), |e| ratio(&format!("{key}.errors"), e))?,
        p95: text.p95.unwrap_or(well.p95),
        log: text.log,
        db_down: text.db_down,
    };
    Ok(Rule { service: text.service, tag: text.tag, config: text.config, conduct })
}

fn trouble(index: usize, text: TroubleText) -> Result<Trouble, Mistake> {
    let key = format!("fault[{}]", index + 1);
    if text.until.is_some_and(|u| u <= text.from) {
        return mistake(format!("{key}.until"), "is not after from");
    }
    for service in &text.services {
        known(service, &format!("{key}.services"))?;
    }
    let wanted = |field: &str, value: Option<String>| {
        value.ok_or_else(|| (format!("{key}.{field}"), "is missing; this kind of fault needs it".to_owned()))
    };
    let lasting = |value: Option<f64>| match value {
        Some(s) => seconds(&format!("{key}.seconds"), s),
        None => mistake(format!("{key}.seconds"), "is missing; this kind of fault needs it"),
    };
    let what = match text.kind {
        TroubleKind::MetricsDown => What::MetricsDown,
        TroubleKind::AlertsDown => What::AlertsDown,
        TroubleKind::ApiDown => What::ApiDown,
        TroubleKind::SlowApi => What::SlowApi(lasting(text.seconds)?),
        TroubleKind::Forbidden => {
            What::Forbidden { verb: wanted("verb", text.verb)?, resource: wanted("resource", text.resource)? }
        }
        TroubleKind::Conflict => What::Conflict { object: wanted("object", text.object)? },
        TroubleKind::Node => {
            What::Node { name: wanted("node", text.node)?, condition: wanted("condition", text.condition)? }
        }
        TroubleKind::NoAddress => What::NoAddress { ingress: wanted("ingress", text.ingress)? },
        TroubleKind::Latency => {
            if text.services.is_empty() {
                return mistake(format!("{key}.services"), "is missing; name those that wait");
            }
            What::Latency {
                services: text.services,
                seconds: lasting(text.seconds)?.as_secs_f64(),
                errors: ratio(&format!("{key}.errors"), text.errors.unwrap_or(0.0))?,
                log: text.log,
                db_down: text.db_down,
            }
        }
    };
    Ok(Trouble { from: text.from, until: text.until, what })
}
