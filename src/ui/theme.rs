//! The only file with colours and glyphs: styles by role, over the terminal's own palette, and the signs of each state.
//!
//! On a light background only red, blue and magenta are read in every terminal's palette: yellow stands behind the
//! letters there, and what is dim is grey. `tests/screens/contrast.rs` holds each role to it.
//!
//! Never: a fixed RGB or indexed colour (terminals choose their own), nor a state told by colour alone: every sign here
//! stands beside a word.

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

impl Role {
    /// All.
    pub const ALL: [Self; 16] = [
        Self::Plain,
        Self::Ok,
        Self::Bad,
        Self::Warn,
        Self::Unknown,
        Self::Stale,
        Self::Dim,
        Self::Focus,
        Self::Target,
        Self::Proposal,
        Self::Attested,
        Self::Prod,
        Self::Elsewhere,
        Self::Loud,
        Self::Key,
        Self::Cursor,
    ];
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
        match self.palette {
            Palette::OnDark => on_dark(role),
            Palette::OnLight => on_light(role),
            Palette::Plain => Style::new().add_modifier(weight(role)),
        }
    }
}

const fn weight(role: Role) -> Modifier {
    match role {
        Role::Plain | Role::Ok | Role::Unknown | Role::Stale | Role::Proposal | Role::Attested => Modifier::empty(),
        Role::Bad | Role::Warn | Role::Focus | Role::Target | Role::Key => Modifier::BOLD,
        Role::Dim => Modifier::DIM,
        Role::Prod | Role::Loud | Role::Elsewhere => Modifier::BOLD.union(Modifier::REVERSED),
        Role::Cursor => Modifier::REVERSED,
    }
}

const fn on_dark(role: Role) -> Style {
    let style = Style::new().add_modifier(weight(role));
    match role {
        Role::Plain | Role::Dim | Role::Key | Role::Cursor => style,
        Role::Ok => style.fg(Color::Green),
        Role::Bad | Role::Prod | Role::Loud => style.fg(Color::Red),
        Role::Warn | Role::Stale => style.fg(Color::Yellow),
        Role::Unknown => style.fg(Color::LightMagenta),
        Role::Focus | Role::Target | Role::Proposal | Role::Elsewhere => style.fg(Color::Cyan),
        Role::Attested => style.fg(Color::LightBlue),
    }
}

const fn on_light(role: Role) -> Style {
    let style = Style::new().add_modifier(weight(role));
    match role {
        Role::Plain | Role::Key | Role::Cursor => style,
        Role::Bad | Role::Prod | Role::Loud => style.fg(Color::Red),
        // Where bold is drawn as bright, bold black would be grey.
        Role::Warn | Role::Stale => Style::new().fg(Color::Black).bg(Color::Yellow),
        Role::Unknown => style.fg(Color::Magenta),
        Role::Ok | Role::Focus | Role::Target | Role::Proposal | Role::Elsewhere => style.fg(Color::Blue),
        Role::Attested => style.add_modifier(Modifier::ITALIC),
        // Laid over what is old, it takes the yellow away, too.
        Role::Dim => Style::new().fg(Color::DarkGray).bg(Color::Reset),
    }
}
