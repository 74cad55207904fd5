//! A curve as rows of bars: values by the time they were measured, gaps as gaps, the limit as a line, and a mark where
//! a revision was deployed.
//!
//! Never: a gap drawn as zero, nor a value carried past its step.

use ratatui::text::{Line, Span};

use crate::domain::moment::Moment;
use crate::domain::name::Revision;
use crate::domain::series::Series;
use crate::ui::theme::{Role, Theme, glyph};

/// The window and scale that curves of one pane share.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// The left edge.
    pub from: Moment,
    /// The right edge.
    pub to: Moment,
    /// The value of a full bar.
    pub top: f64,
    /// Above this a value is bad.
    pub limit: f64,
    /// When revisions were deployed.
    pub marks: Vec<(Moment, Revision)>,
}

impl Scale {
    /// The column of a moment.
    fn column(&self, at: Moment, columns: usize) -> Option<usize> {
        let whole = (self.to - self.from).num_milliseconds();
        let part = (at - self.from).num_milliseconds();
        if whole <= 0 || part < 0 || part > whole || columns == 0 {
            return None;
        }
        let column = part as f64 / whole as f64 * columns as f64;
        Some((column as usize).min(columns - 1))
    }

    /// The worst value in each column; `None` where nothing was measured. A value stands for its own step.
    pub fn columns(&self, series: &Series, columns: usize) -> Vec<Option<f64>> {
        let step = (series.step.as_secs_f64()).max(1.0);
        let span = (self.to - self.from).num_milliseconds() as f64 / 1_000.0 / columns.max(1) as f64;
        let lead = (self.from - series.start).num_milliseconds() as f64 / 1_000.0;
        let worst = |values: &[Option<f64>]| values.iter().flatten().copied().max_by(f64::total_cmp);
        (0..columns)
            .map(|column| {
                let begin = (lead + span * column as f64) / step;
                let end = (lead + span * (column + 1) as f64) / step;
                if end <= 0.0 {
                    return None;
                }
                let first = begin.max(0.0).ceil() as usize;
                let last = (end.ceil() as usize).min(series.values.len());
                match series.values.get(first..last) {
                    Some([]) | None => series.values.get(begin.max(0.0).floor() as usize).copied().flatten(),
                    Some(values) => worst(values),
                }
            })
            .collect()
    }

    /// The curve in so many rows, the highest first.
    pub fn bars(&self, theme: Theme, series: &Series, columns: usize, rows: usize) -> Vec<Line<'static>> {
        let values = self.columns(series, columns);
        let steps = rows * 8;
        let level = |value: f64| {
            let share = if self.top > 0.0 { value / self.top } else { 0.0 };
            ((share * steps as f64).round() as usize).clamp(1, steps.max(1))
        };
        let limit_row = (self.limit / self.top.max(f64::MIN_POSITIVE) * rows as f64).floor();
        (0..rows)
            .rev()
            .map(|row| {
                let empty = if rows > 1 && (row as f64 - limit_row).abs() < 0.5 { glyph::LIMIT } else { " " };
                let bars = values.iter().map(|value| match value {
                    None if row == 0 => Span::styled(glyph::GAP, theme.style(Role::Dim)),
                    None => Span::styled(empty, theme.style(Role::Dim)),
                    Some(v) => match level(*v).saturating_sub(row * 8) {
                        0 => Span::styled(empty, theme.style(Role::Dim)),
                        height => {
                            let bar = glyph::BARS.get(height.min(8) - 1).copied().unwrap_or("█");
                            Span::styled(bar, theme.style(if *v > self.limit { Role::Bad } else { Role::Ok }))
                        }
                    },
                });
                bars.collect::<Line<'static>>()
            })
            .collect()
    }

    /// The curve in one row, revision marks in it: each just before its deployment, so that none hides the newest value.
    pub fn bar(&self, theme: Theme, series: &Series, columns: usize) -> Line<'static> {
        let mut line = self.bars(theme, series, columns, 1).pop().unwrap_or_default();
        for (at, _) in &self.marks {
            if let Some(span) = self.column(*at, columns).and_then(|c| line.spans.get_mut(c.saturating_sub(1))) {
                *span = Span::styled(glyph::MARK, theme.style(Role::Focus));
            }
        }
        line
    }

    /// The row of marks below a curve: `╎3` where revision 3 was deployed.
    pub fn marks(&self, theme: Theme, columns: usize) -> Line<'static> {
        let mut row = String::new();
        for (at, revision) in &self.marks {
            let Some(column) = self.column(*at, columns) else { continue };
            let used = row.chars().count();
            let label = format!("{}{revision}", glyph::MARK);
            if column < used {
                continue;
            }
            row.extend(std::iter::repeat_n(' ', column - used));
            row.push_str(&label);
        }
        Line::styled(row, theme.style(Role::Focus))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::model::settings::Palette;

    fn at(s: i64) -> Moment {
        chrono::DateTime::from_timestamp(s, 0).unwrap()
    }
    fn scale(from: i64, to: i64) -> Scale {
        Scale { from: at(from), to: at(to), top: 1.0, limit: 0.5, marks: vec![(at(30), Revision(3))] }
    }
    fn series(values: &[Option<f64>]) -> Series {
        Series { start: at(0), step: Duration::from_secs(10), values: values.to_vec() }
    }

    #[test]
    fn a_gap_is_drawn_as_a_gap_and_zero_as_the_lowest_bar() {
        let curve = series(&[Some(0.0), None, Some(1.0), Some(0.5)]);
        let theme = Theme::new(Palette::Plain);
        let bare = Scale { marks: Vec::new(), ..scale(0, 40) };
        assert_eq!(bare.bar(theme, &curve, 4).to_string(), "▁·█▄");
        assert_eq!(bare.bar(theme, &curve, 8).to_string(), "▁▁··██▄▄");
        assert_eq!(scale(0, 40).bar(theme, &curve, 4).to_string(), "▁·╎▄");
        assert_eq!(scale(0, 40).marks(theme, 8).to_string(), "      ╎3");
        let rows: Vec<String> = bare.bars(theme, &curve, 4, 2).iter().map(ToString::to_string).collect();
        assert_eq!(rows, ["┄┄█┄", "▁·██"]);
    }

    #[test]
    fn what_was_not_measured_in_the_window_is_a_gap() {
        let curve = series(&[Some(1.0), Some(1.0)]);
        let theme = Theme::new(Palette::Plain);
        let bare = Scale { marks: Vec::new(), ..scale(-20, 40) };
        assert_eq!(bare.bar(theme, &curve, 6).to_string(), "··██··");
        assert_eq!(bare.bar(theme, &curve, 0).to_string(), "");
    }

    proptest! {
        #[test]
        fn a_curve_fills_exactly_its_columns(
            values in prop::collection::vec(prop::option::of(0.0..9.0_f64), 0..60),
            from in -100_i64..100, length in -10_i64..900, columns in 0_usize..120, rows in 0_usize..6,
        ) {
            let scale = scale(from, from + length);
            let lines = scale.bars(Theme::new(Palette::Plain), &series(&values), columns, rows);
            prop_assert_eq!(lines.len(), rows);
            for line in lines {
                prop_assert_eq!(line.width(), columns);
            }
            prop_assert!(scale.marks(Theme::new(Palette::Plain), columns).width() <= columns + 2);
        }
    }
}
