//! The plan of an undo or a restart in a few lines: which workload, what its images become, how its pods are replaced.

use ratatui::text::{Line, Span};

use crate::kubectl::change::Change;
use crate::kubectl::plan::Plan;
use crate::ui::look::Look;
use crate::ui::theme::Role;

use super::labelled;

/// What moves.
pub fn moves(look: Look<'_>, plan: &Plan) -> Vec<Line<'static>> {
    let name = &plan.workload;
    let (moves, rest) = match (&plan.change, plan.from) {
        (Change::Undo { to, .. }, Some(from)) => {
            (format!("{name}: its revision {from} -> {to}"), " · its pod template alone")
        }
        (Change::Undo { to, .. }, None) => (format!("{name}: -> its revision {to}"), " · its pod template alone"),
        (Change::Restart { .. }, _) => (format!("{name}: every pod anew"), " · same template, marked"),
    };
    vec![Line::from(vec![
        Span::styled(moves, look.theme.style(Role::Target)),
        Span::styled(rest, look.theme.style(Role::Dim)),
    ])]
}

/// Images, other fields of the template, strategy.
pub fn content(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let images: Vec<String> = plan.images.iter().map(|i| format!("{} -> {}", i.from.short(), i.to.short())).collect();
    let images = if images.is_empty() {
        let same: Vec<&str> = plan.runs.iter().map(crate::domain::name::Image::short).collect();
        format!("{}, unchanged", same.join(", "))
    } else {
        images.join(", ")
    };
    let mut lines = labelled(look, "images", &images, columns, Role::Plain);
    if matches!(plan.change, Change::Undo { .. }) {
        let others: Vec<String> =
            plan.fields.iter().filter(|f| f.path.rsplit('.').next() != Some("image")).map(|f| leaf(&f.path)).collect();
        if !others.is_empty() {
            let told = format!("{}; Tab shows all", others.join(", "));
            lines.extend(labelled(look, "besides", &told, columns, Role::Plain));
        }
    }
    lines.extend(labelled(look, "pods", &plan.strategy, columns, Role::Plain));
    lines
}

/// The end of a path: enough to know what it is about.
fn leaf(path: &str) -> String {
    let short = path.strip_prefix(".spec.template").unwrap_or(path);
    short.trim_start_matches(".spec").trim_start_matches('.').to_owned()
}
