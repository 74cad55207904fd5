//! `[[rule]]`: what rings. The built-in rules are assets/rules.toml; the team's own stand in `backout.toml`, and one with
//! the name of a built-in rule replaces it.
//!
//! Never: judging; that is `domain/detection`.

use std::time::Duration;

use super::mistake::{Mistakes, Sheet};
use super::section::{Section, document};
use crate::domain::detection::{Rule, Tier, Watched};
use crate::domain::severity::Severity;

pub(super) const KEYS: &[&str] = &["name", "watches", "above", "lasting", "tier", "severity"];

const BUILT_IN: &str = include_str!("../../assets/rules.toml");

const WATCHED: [(&str, Watched); 5] = [
    ("restarts", Watched::Restarts),
    ("failing-pods", Watched::FailingPods),
    ("pods-down", Watched::PodsDown),
    ("errors", Watched::Errors),
    ("p95", Watched::P95),
];
const TIERS: [(&str, Tier); 3] = [("medium", Tier::Medium), ("high", Tier::High), ("critical", Tier::Critical)];
const SEVERITIES: [(&str, Severity); 4] =
    [("SEV-1", Severity::Sev1), ("SEV-2", Severity::Sev2), ("SEV-3", Severity::Sev3), ("SEV-4", Severity::Sev4)];

/// The built-in rules.
///
/// # Errors
/// A mistake in the asset; a test holds it to none.
pub fn built_in() -> Result<Vec<Rule>, Mistakes> {
    let mut sheet = Sheet::new(BUILT_IN, "rules.toml");
    let table = document(&mut sheet, BUILT_IN);
    let rules = table.map(|table| read(&mut sheet, &Section::top(&table))).unwrap_or_default();
    sheet.verdict(rules)
}

/// The built-in rules with the team's own in their places.
///
/// # Errors
/// As [`built_in`].
pub fn all(own: &[Rule]) -> Result<Vec<Rule>, Mistakes> {
    let mut rules = built_in()?;
    rules.retain(|rule| own.iter().all(|o| o.name != rule.name));
    rules.extend(own.iter().cloned());
    Ok(rules)
}

pub(super) fn read(sheet: &mut Sheet<'_>, top: &Section<'_>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for section in top.sections(sheet, "rule") {
        section.only(sheet, KEYS, |key| super::belongs(key, "rule"));
        let Some(rule) = one(sheet, &section) else { continue };
        if rules.iter().any(|r| r.name == rule.name) {
            section.wrong(sheet, "name", "is there twice", "give each rule a name of its own");
        }
        rules.push(rule);
    }
    rules
}

fn one(sheet: &mut Sheet<'_>, section: &Section<'_>) -> Option<Rule> {
    let name = section.needed(sheet, "name").map(crate::domain::text::clean);
    section.required(sheet, "watches");
    let watches = section.choice(sheet, "watches", &WATCHED);
    let above = match watches {
        Some(Watched::Errors | Watched::PodsDown) => section.ratio(sheet, "above"),
        Some(Watched::P95) => {
            let bounds = Duration::from_millis(1)..=Duration::from_mins(5);
            section.length(sheet, "above", bounds).map(|d| d.as_secs_f64())
        }
        Some(Watched::Restarts | Watched::FailingPods) => section.number::<u8>(sheet, "above").map(f64::from),
        None => None,
    };
    let told = matches!(watches, Some(Watched::Restarts | Watched::FailingPods));
    if !told && !section.has("above") {
        section.wrong(sheet, "above", "is missing", "write above = ... here: the rule rings above it");
    }
    let lasting = section.length(sheet, "lasting", Duration::ZERO..=Duration::from_hours(1));
    let tier = section.choice(sheet, "tier", &TIERS);
    let severity = section.choice(sheet, "severity", &SEVERITIES);
    Some(Rule {
        name: name?,
        watches: watches?,
        above: above?,
        lasting: lasting.unwrap_or_default(),
        tier: tier.unwrap_or(Tier::High),
        severity: severity.unwrap_or(Severity::Sev2),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_three_automatic_rules_are_built_in_with_their_times() {
        let rules = built_in().unwrap();
        let wanted = [
            ("Pod crash loop", Watched::Restarts, 2.0, 0),
            ("High error rate", Watched::Errors, 0.05, 180),
            ("Response time spike", Watched::P95, 2.0, 300),
        ];
        for (name, watches, above, lasting) in wanted {
            let rule = rules.iter().find(|r| r.name == name).unwrap();
            assert_eq!((rule.watches, rule.above, rule.lasting.as_secs()), (watches, above, lasting));
        }
    }

    #[test]
    fn a_rule_of_ones_own_replaces_the_built_in_one_of_its_name() {
        let own = Rule { lasting: Duration::from_secs(5), ..built_in().unwrap().swap_remove(1) };
        let rules = all(std::slice::from_ref(&own)).unwrap();
        assert_eq!(rules.len(), built_in().unwrap().len());
        assert_eq!(rules.iter().filter(|r| r.name == own.name).collect::<Vec<_>>(), [&own]);
    }
}
