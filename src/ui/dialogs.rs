//! What lies over the cockpit. The panes behind stay live.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::look::Look;

/// Draws the open dialog, where one is.
pub fn draw(_look: Look<'_>, _area: Rect, _buf: &mut Buffer) {}
