//! A step, whole: what to do, what to beware of, what its sensor sees, and the commands for doing it by hand.
//!
//! Never: running them; they are for reading and copying.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::moment::short;
use crate::domain::name::StepNo;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};

use super::{columns, show, text};

/// Draws the step.
pub fn draw(look: Look<'_>, no: StepNo, (commands, open): (&str, &[&str]), scroll: u16, area: Rect, buf: &mut Buffer) {
    let columns = columns(area, 110);
    let Some(step) = look.model.settings.runbook.step(no) else {
        let lines = text(look, "The runbook has no such step.", columns, Role::Unknown);
        return show(look, &format!("Step {no}"), lines, 0, (area, 110), buf);
    };
    let mut lines = text(look, &step.instruction, columns, Role::Plain);
    if !step.warns.is_empty() {
        lines.push(Line::raw(""));
        lines.extend(text(look, &format!("{} {}", glyph::WARN, step.warns), columns, Role::Warn));
    }
    lines.push(Line::raw(""));
    let seen = look.model.evidence.get(&no).map_or_else(
        || "No sensor can prove it: your word ticks it.".into(),
        |evidence| format!("The sensor says: {}.", evidence.value),
    );
    let time = if step.time_box.is_zero() { String::new() } else { format!(" Time box: {}.", short(step.time_box)) };
    lines.extend(text(look, &format!("{seen}{time}"), columns, Role::Dim));
    if !commands.is_empty() {
        lines.push(Line::raw(""));
        lines.extend(text(look, "By hand (c copies; <…> is for you to fill in):", columns, Role::Dim));
        for command in commands.lines() {
            lines.extend(text(look, &format!("$ {command}"), columns, Role::Plain));
        }
        for meaning in open {
            lines.extend(text(look, meaning, columns, Role::Dim));
        }
    }
    show(look, &format!("Step {no}: {}", step.title), lines, scroll, (area, 110), buf);
}
