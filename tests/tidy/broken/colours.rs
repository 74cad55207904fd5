//! A pane with a taste of its own.

use ratatui::style::{Color, Stylize};

fn paint(line: Line) -> Line {
    let _ = Color::Red;
    let _ = Color::Rgb(1, 2, 3);
    let _ = line.spans.required();
    line.light_red().on_blue()
}
