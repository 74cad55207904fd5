//! The end of a drill: how it went.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::figure::count;
use crate::domain::moment::long;
use crate::ui::look::Look;
use crate::ui::theme::Role;

use super::{columns, labelled, show, text};

/// Draws the score.
pub fn draw(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, 64);
    let title = "How the drill went";
    let Some(score) = &look.model.score else {
        let lines = text(look, "The drill is not over: close the incident first.", columns, Role::Dim);
        return show(look, title, lines, 0, (area, 64), buf);
    };
    let role = if score.recovery.is_some() && score.wrong_turns == 0 { Role::Ok } else { Role::Warn };
    let drill = look.model.settings.drill.as_ref().map_or("", |d| d.title.as_str());
    let mut lines = text(look, drill, columns, Role::Dim);
    lines.extend(text(look, score.word(), columns, role));
    lines.push(Line::raw(""));
    let recovery = score.recovery.map_or_else(|| "it did not recover".into(), long);
    let card = look.model.settings.drill.as_ref();
    let par_keys = card.map_or_else(String::new, |d| format!(" (a practised person needs {})", d.par_keys));
    let rows = [
        ("recovery", format!("{recovery} (a practised person needs {} min)", score.par_minutes)),
        ("closed", format!("after {}", long(score.total))),
        ("keys", format!("{}, what you wrote not counted{par_keys}", score.keys)),
        (
            "wrong",
            format!(
                "{} that failed or did not help",
                count(score.wrong_turns as usize, "rollback or undo", "rollbacks or undos")
            ),
        ),
        ("skipped", count(score.skipped as usize, "step", "steps")),
        ("unproved", format!("{} ticked against evidence", count(score.overridden as usize, "step", "steps"))),
    ];
    for (label, told) in rows {
        lines.extend(labelled(look, label, &told, columns, Role::Plain));
    }
    lines.push(Line::raw(""));
    if let Some(card) = card.filter(|d| !d.solution.is_empty()) {
        lines.extend(text(look, &format!("What it was: {}", card.solution), columns, Role::Plain));
        lines.push(Line::raw(""));
    }
    lines.extend(text(
        look,
        "D shows this again. The same drill again is the same incident: `backout drill --list` names the others.",
        columns,
        Role::Dim,
    ));
    show(look, title, lines, 0, (area, 64), buf);
}
