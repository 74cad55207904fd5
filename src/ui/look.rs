//! What every part of the screen gets to see: the model, the theme, and how much room there is.

use std::cell::Cell;

use crate::domain::moment::Moment;
use crate::model::Model;
use crate::model::dialog::Extent;

use super::theme::Theme;

/// How much room the whole screen has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// From 80x24: rules instead of boxes, one line per curve.
    Small,
    /// From 110x32: boxes, alerts and timeline.
    Medium,
    /// From 170x48: more columns, a curve per service.
    Large,
}

impl Room {
    /// The room of a screen.
    pub const fn of(columns: u16, rows: u16) -> Self {
        match (columns, rows) {
            (170.., 48..) => Self::Large,
            (110.., 32..) => Self::Medium,
            _ => Self::Small,
        }
    }
}

/// What is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The state.
    pub model: &'a Model,
    /// The styles.
    pub theme: Theme,
    /// The room.
    pub room: Room,
    /// Where the text that scrolls says how much of it there was room for; the topmost one speaks last.
    pub extent: &'a Cell<Extent>,
}

impl Look<'_> {
    /// The wall time of the last tick.
    pub const fn now(&self) -> Moment {
        self.model.now.wall
    }
}
