//! The only file with colours and glyphs: styles by role, over the terminal's own palette, and the signs of each state.
//!
//! Never: a fixed RGB or indexed colour (light and dark terminals choose their own), nor a state told by colour alone:
//! every sign here stands beside a word.

use ratatui::style::{Color, Modifier, Style};

use crate::model::settings::Palette;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// As the terminal has it.
    Plain,
    /// Well, done, met.
    Ok,
    /// Unwell, failed, lost.
    Bad,
    /// To be looked at.
    Warn,
    /// Nobody knows.
    Unknown,
    /// Known once, not any more.
    Stale,
    /// Not the point right now.
    Dim,
    /// Has the keys.
    Focus,
    /// The revision to go back to.
    Target,
    /// Proposed by a sensor, not ticked.
    Proposal,
    /// Vouched for by a person, not by a sensor.
    Attested,
    /// Production.
    Prod,
    /// Not production.
    Elsewhere,
    /// Must not be overlooked.
    Loud,
    /// A key to press.
    Key,
    /// Under the cursor.
    Cursor,
}

/// The signs.
pub mod glyph {
    /// Done, well.
    pub const OK: &str = "✔";
    /// Failed, unwell.
    pub const BAD: &str = "✖";
    /// To be looked at.
    pub const WARN: &str = "▲";
    /// Unknown.
    pub const UNKNOWN: &str = "?";
    /// Under way.
    pub const DOING: &str = "▶";
    /// Asked, waiting for the cluster.
    pub const WAITING: &str = "◷";
    /// Not begun.
    pub const TODO: &str = "☐";
    /// Proposed by a sensor.
    pub const PROPOSED: &str = "◇";
    /// Attested by a person.
    pub const ATTESTED: &str = "✎";
    /// Ticked against the evidence.
    pub const OVERRIDDEN: &str = "⊘";
    /// Left out.
    pub const SKIPPED: &str = "↷";
    /// Was done, is not any more.
    pub const REOPENED: &str = "↺";
    /// The revision to go back to.
    pub const TARGET: &str = "➤";
    /// What runs now.
    pub const CURRENT: &str = "●";
    /// By the way.
    pub const INFO: &str = "·";
    /// The line under the cursor.
    pub const CURSOR: &str = "›";
    /// Nothing was measured.
    pub const GAP: &str = "·";
    /// A revision was deployed here.
    pub const MARK: &str = "╎";
    /// The limit's row in a curve.
    pub const LIMIT: &str = "┄";
    /// Heights of a bar, lowest first.
    pub const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
}

/// Styles by role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    palette: Palette,
}

impl Theme {
    /// The theme of that palette.
    pub const fn new(palette: Palette) -> Self {
        Self { palette }
    }

    /// The style of a role. With [`Palette::Plain`] (`NO_COLOR`, see no-color.org) only weight and reversal are left.
    pub fn style(self, role: Role) -> Style {
        let (colour, weight) = match role {
            Role::Plain => (None, Modifier::empty()),
            Role::Ok => (Some(Color::Green), Modifier::empty()),
            Role::Bad => (Some(Color::Red), Modifier::BOLD),
            Role::Warn => (Some(Color::Yellow), Modifier::BOLD),
            Role::Unknown => (Some(Color::Magenta), Modifier::empty()),
            Role::Stale => (Some(Color::Yellow), Modifier::empty()),
            Role::Dim => (None, Modifier::DIM),
            Role::Focus | Role::Target => (Some(Color::Cyan), Modifier::BOLD),
            Role::Proposal => (Some(Color::Cyan), Modifier::empty()),
            Role::Attested => (Some(Color::Blue), Modifier::empty()),
            Role::Prod | Role::Loud => (Some(Color::Red), Modifier::BOLD.union(Modifier::REVERSED)),
            Role::Elsewhere => (Some(Color::Cyan), Modifier::BOLD.union(Modifier::REVERSED)),
            Role::Key => (None, Modifier::BOLD),
            Role::Cursor => (None, Modifier::REVERSED),
        };
        let style = Style::new().add_modifier(weight);
        match (self.palette, colour) {
            (Palette::Colour, Some(colour)) => style.fg(colour),
            (Palette::Colour, None) | (Palette::Plain, _) => style,
        }
    }
}
