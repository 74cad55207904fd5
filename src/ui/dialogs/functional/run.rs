//! Functional tests of which some write: the plan of their run, and how far it is.
//!
//! Never: a kept value or a secret.

use ratatui::text::{Line, Span};

use crate::domain::figure::count;
use crate::functional::plan::Plan;
use crate::model::jobs::Job;
use crate::ui::look::Look;
use crate::ui::theme::Role;

use super::super::progress::Light;
use super::super::{labelled, text};

/// What happens.
pub fn moves(look: Look<'_>, plan: &Plan) -> Vec<Line<'static>> {
    let tests = count(plan.tests.len(), "test", "tests");
    vec![Line::from(vec![
        Span::styled(format!("{tests}, {} of them write", plan.writers().count()), look.theme.style(Role::Target)),
        Span::styled(" · each once, each to its service itself", look.theme.style(Role::Dim)),
    ])]
}

/// What each creates.
pub fn content(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let told = |(test, creates): (&crate::functional::test::Test, &str)| format!("{}: {creates}", test.name);
    plan.writers().flat_map(|writer| labelled(look, "creates", &told(writer), columns, Role::Warn)).collect()
}

/// What each asks.
pub fn lines(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let told = |test: &crate::functional::test::Test| format!("{}: {} -> {}", test.name, test.asks(), test.status);
    plan.tests.iter().flat_map(|test| text(look, &told(test), columns, Role::Plain)).collect()
}

/// Each test in its order.
pub fn lights(plan: &Plan, job: &Job) -> Vec<(Light, &'static str, String)> {
    let asked = job.lights.objects.keys().next_back().map_or(0, |last| last + 1);
    let light = |place: usize| match job.lights.objects.get(&place) {
        Some(Ok(_)) => (Light::On, ": passed".to_owned()),
        Some(Err(why)) => (Light::Failed, format!(": {why}")),
        None if job.ending.is_some() => (Light::Unknown, ": not known, T tells why".to_owned()),
        None => (Light::on_if(false, place == asked), String::new()),
    };
    let row = |(place, test): (usize, &crate::functional::test::Test)| {
        let (light, said) = light(place);
        (light, "test", format!("{}{said}", test.name))
    };
    plan.tests.iter().enumerate().map(row).collect()
}
