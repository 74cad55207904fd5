//! The screen: a pure function of the model. The root only routes; each pane and dialog draws itself.
//!
//! Never: a colour or glyph outside [`theme`]; a value without its age; work that grows with the number of pods.

pub mod action;
pub mod compact;
pub mod dialogs;
pub mod footer;
pub mod header;
pub mod layout;
pub mod look;
pub mod panes;
pub mod situation;
pub mod theme;
pub mod versions;
pub mod widgets;

use std::cell::Cell;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::Model;
use crate::model::dialog::Extent;

use layout::Bands;
use look::{Look, Room};
use theme::Theme;

/// Draws the whole screen; says how much of what scrolls there was room for.
pub fn view(model: &Model, frame: &mut Frame<'_>) -> Extent {
    let area = frame.area();
    let extent = Cell::new(Extent::default());
    let look = Look {
        model,
        theme: Theme::new(model.settings.palette),
        room: Room::of(area.width, area.height),
        extent: &extent,
    };
    let buf = frame.buffer_mut();
    if area.width < 80 || area.height < 24 {
        compact::draw(look, area, buf);
    } else {
        cockpit(look, area, buf);
    }
    dialogs::draw(look, area, buf);
    extent.get()
}

fn cockpit(look: Look<'_>, area: Rect, buf: &mut Buffer) {
    let columns = usize::from(area.width);
    let said = situation::lines(look, columns, 2).len().max(1);
    let warned = action::warnings(look, columns, 3);
    let offered = action::lines(look, columns, 2);
    let bands = Bands::of(area, rows(said), rows(warned.len()), rows(offered.len()));
    header::draw(look, bands.header, buf);
    situation::draw(look, bands.situation, buf);
    widgets::border::put(warned, bands.warnings, buf);
    widgets::border::put(offered, bands.action, buf);
    footer::draw(look, bands.footer, buf);
    if let Some(pane) = look.model.panes.zoom {
        return panes::draw(look, pane, bands.middle, buf);
    }
    let services = look.model.feeds.errors.known().map_or(0, |c| rows(c.services.len()));
    let revisions = look.model.release().map_or(0, |r| rows(r.revisions.len()));
    let places = layout::places(look.room, bands.middle, services, revisions);
    for (pane, place) in &places {
        panes::draw(look, *pane, *place, buf);
    }
    let focus = look.model.focus();
    if !places.iter().any(|(pane, _)| *pane == focus)
        && let Some((_, place)) = places.iter().find(|(pane, _)| *pane == panes::stands_in(focus))
    {
        ratatui::widgets::Widget::render(ratatui::widgets::Clear, *place, buf);
        panes::draw(look, focus, *place, buf);
    }
}

fn rows(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
