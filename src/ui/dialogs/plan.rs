//! A prepared act: being planned, refused, or ready for the datum; then confirmed.
//!
//! Never: a button. What is typed confirms, and only this plan.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::moment::short;
use crate::helm::plan::Refusal;
use crate::kubectl::ask::Errand;
use crate::model::dialog::{PlanDialog, PlanState, Sheet, Wish};
use crate::plan::Plan;
use crate::ui::header;
use crate::ui::layout::over;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::border;

use super::{changes, columns, maintenance, margin, show, summary, text};

/// The widest it gets.
const WIDE: u16 = 130;

/// Draws the dialog.
pub fn draw(look: Look<'_>, dialog: &PlanDialog, area: Rect, buf: &mut Buffer) {
    let inside = columns(area, WIDE);
    let title = title(look, &dialog.wish);
    match &dialog.state {
        PlanState::Planning { since } => {
            let mut lines = identity(look, inside);
            let age = short(look.model.now.mono.saturating_sub(*since));
            let told = format!("Making the plan: the server is asked what would change; nothing is written. {age}");
            lines.extend(text(look, &told, inside, Role::Plain));
            show(look, &title, lines, 0, (area, WIDE), buf);
        }
        PlanState::Refused(refusal) => {
            let mut lines = identity(look, inside);
            lines.extend(refused(look, refusal, inside));
            if look.model.dialog.as_ref().is_some_and(|o| o.dialog.can_go_to_helm()) {
                lines.push(Line::raw(""));
                let offer = "H plans it for the helm of this machine: confirmed and journaled as any other act.";
                lines.extend(text(look, offer, inside, Role::Key));
            }
            show(look, &title, lines, 0, (area, WIDE), buf);
        }
        PlanState::Ready { plan, typed, sheet, scroll, read, complaint } => {
            let answer = summary::Answer { typed, read: *read, complaint: complaint.as_deref() };
            let changes = match sheet {
                Sheet::Summary => Vec::new(),
                Sheet::Changes => changes::lines(look, plan, inside),
            };
            let rows = changes.len().max(summary::rows(look, plan, answer, inside)) + 2;
            let place = over(area, WIDE, u16::try_from(rows).unwrap_or(u16::MAX));
            let inner = margin(border::dialog(look, &title, sheet_name(look, *sheet), place, buf));
            match sheet {
                Sheet::Summary => summary::draw(look, plan, answer, *scroll, inner, buf),
                Sheet::Changes => border::put_scrolled(look, changes, *scroll, inner, buf),
            }
        }
        PlanState::Confirmed { plan } => {
            let mut lines = identity(look, inside);
            lines.extend(confirmed(look, plan, inside));
            show(look, &title, lines, 0, (area, WIDE), buf);
        }
    }
}

fn title(look: Look<'_>, wish: &Wish) -> String {
    match wish {
        Wish::RollBack(to, _) => {
            let release = look.model.release.as_ref().map_or_else(|| "the release".into(), ToString::to_string);
            format!("Roll back {release} to revision {to}")
        }
        Wish::Workload(workload, Errand::Undo { to }) => format!("Undo {workload} to revision {to}"),
        Wish::Workload(workload, Errand::Restart) => format!("Restart {workload}"),
        Wish::Revert(object, Some(to)) => format!("Put {object} back to revision {to}"),
        Wish::Revert(object, None) => format!("Put {object} back"),
        Wish::Silence(alert) => format!("Silence {alert}"),
        Wish::Tests => "Run the functional tests".into(),
        Wish::Maintenance(release, errand) => maintenance::title(*errand, release.as_str()),
    }
}

fn sheet_name(look: Look<'_>, sheet: Sheet) -> Span<'static> {
    let name = match sheet {
        Sheet::Summary => "summary · Tab: all changes",
        Sheet::Changes => "all changes · Tab: summary",
    };
    Span::styled(name, look.theme.style(Role::Dim))
}

/// Exactly which cluster and namespace.
pub fn identity(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let mut spans = vec![header::environment(look), Span::raw(" ")];
    match look.model.identity.known() {
        Some(identity) => {
            spans.push(Span::styled(
                format!("{}, namespace {}", identity.context, identity.namespace),
                look.theme.style(Role::Key),
            ));
            spans.push(Span::styled(format!(" · {}", header::pinned(identity)), look.theme.style(Role::Dim)));
        }
        None => spans.push(Span::styled("cluster not yet known", look.theme.style(Role::Unknown))),
    }
    vec![crate::ui::widgets::text::clip(Line::from(spans), columns)]
}

fn refused(look: Look<'_>, refusal: &Refusal, columns: usize) -> Vec<Line<'static>> {
    let mut lines = text(look, &format!("{} No plan: {}", glyph::BAD, refusal.sentence), columns, Role::Bad);
    lines.extend(text(look, "Nothing was written.", columns, Role::Plain));
    if !refusal.cure.is_empty() {
        lines.push(Line::raw(""));
        lines.extend(text(look, &refusal.cure, columns, Role::Key));
    }
    if !refusal.command.is_empty() {
        lines.push(Line::raw(""));
        lines.extend(text(look, "By hand (c copies it):", columns, Role::Dim));
        lines.extend(text(look, &format!("$ {}", refusal.command), columns, Role::Plain));
    }
    lines
}

fn confirmed(look: Look<'_>, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let told = match plan {
        Plan::RollBack(plan) => {
            format!("Confirmed. The journal is being written; then revision {} is. Nothing runs before.", plan.writes)
        }
        Plan::Workload(plan) => {
            format!("Confirmed. The journal is being written; then {} is. Nothing runs before.", plan.workload)
        }
        Plan::Maintenance(plan) => maintenance::confirmed(plan),
        Plan::Revert(plan) => {
            format!("Confirmed. The journal is being written; then {} is. Nothing runs before.", plan.object)
        }
        Plan::Tests(_) => {
            "Confirmed. The journal is being written; then each test is asked once. Nothing runs before.".into()
        }
        Plan::Silence(_) => {
            "Confirmed. The journal is being written; then the silence is made. Nothing runs before.".into()
        }
    };
    text(look, &told, columns, Role::Key)
}
