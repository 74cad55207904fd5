//! The screen: a pure function of the model.

use ratatui::Frame;
use ratatui::widgets::Paragraph;

use crate::model::Model;

/// Draws the whole screen.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    frame.render_widget(Paragraph::new(model.situation.sentence()), frame.area());
}
