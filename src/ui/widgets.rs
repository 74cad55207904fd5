//! Small parts that panes and dialogs are made of.

pub mod border;
pub mod curve_line;
pub mod reading;
pub mod text;
