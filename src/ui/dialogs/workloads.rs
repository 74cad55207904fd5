//! The chooser of a workload to undo or to restart, those in trouble first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::figure::value;
use crate::domain::metrics::Signal;
use crate::domain::series::Series;
use crate::domain::workload::{Rollout, Workload, WorkloadRef};
use crate::model::dialog::Deed;
use crate::model::feed::Reading;
use crate::model::workloads::{is_troubled, reference, urgent_first};
use crate::ui::layout::over;
use crate::ui::look::Look;
use crate::ui::panes::first_shown;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::border;
use crate::ui::widgets::text::{cut, fit};

use super::{columns, margin, show, text};

/// The widest it gets.
const WIDE: u16 = 110;

/// Draws the chooser.
pub fn draw(look: Look<'_>, deed: Deed, chosen: &WorkloadRef, area: Rect, buf: &mut Buffer) {
    let inside = columns(area, WIDE);
    let title = match deed {
        Deed::Undo => "Undo which workload?",
        Deed::Restart => "Restart which workload?",
    };
    let Some(all) = look.model.feeds.workloads.known().filter(|w| !w.is_empty()) else {
        let why = look.model.no_workload().unwrap_or_default();
        let lines = text(look, &why, inside, Role::Unknown);
        return show(look, title, lines, 0, (area, WIDE), buf);
    };
    let all = urgent_first(all);
    let cursor = all.iter().position(|w| reference(w) == *chosen).unwrap_or(0);
    let lines: Vec<_> = all.iter().enumerate().map(|(at, w)| row(look, w, at == cursor, inside)).collect();
    let place = over(area, WIDE, u16::try_from(lines.len() + 2).unwrap_or(u16::MAX));
    let inner = margin(border::dialog(look, title, Span::raw(""), place, buf));
    let from = first_shown(lines.len(), usize::from(inner.height), cursor);
    border::put(lines.into_iter().skip(from).collect(), inner, buf);
}

/// `✖ order-service        Deployment  0/2 ready  errors 17.0 %  2.4.0  0 of 2 available`
fn row(look: Look<'_>, workload: &Workload, selected: bool, columns: usize) -> Line<'static> {
    let (sign, role) =
        if is_troubled(workload) || fails(look, workload) { (glyph::BAD, Role::Bad) } else { (glyph::OK, Role::Ok) };
    let images: Vec<&str> = workload.images.iter().map(crate::domain::name::Image::tag).collect();
    let how = match &workload.rollout {
        Rollout::Done => String::new(),
        Rollout::Paused => "paused".into(),
        Rollout::Going(how) | Rollout::Stuck(how) => how.clone(),
    };
    let told = format!(
        "{} {sign} {} {} {} {} {}  {how}",
        if selected { glyph::CURSOR } else { " " },
        fit(workload.name.as_str(), 21),
        fit(workload.kind.kind(), 11),
        fit(&format!("{}/{} ready", workload.ready, workload.desired), 11),
        fit(&errors(look, workload), 14),
        images.join(", "),
    );
    let style = look.theme.style(if selected { Role::Cursor } else { role });
    Line::styled(if selected { fit(&told, columns) } else { cut(&told, columns) }, style)
}

/// `errors 17.0 %` of the service of that name, as far as it is measured.
fn errors(look: Look<'_>, workload: &Workload) -> String {
    ratio(look, workload).map(|ratio| format!("errors {}", value(Signal::ErrorRatio, ratio))).unwrap_or_default()
}

/// Whether so many of its requests fail that it rings, however ready its pods are.
fn fails(look: Look<'_>, workload: &Workload) -> bool {
    ratio(look, workload).is_some_and(|ratio| ratio > look.model.settings.limits.errors_bad)
}

fn ratio(look: Look<'_>, workload: &Workload) -> Option<f64> {
    match look.model.measured(Signal::ErrorRatio, Some(&workload.name)) {
        Reading::Fresh { value, .. } => {
            value.services.get(&workload.name).and_then(Series::last).map(|(_, ratio)| ratio)
        }
        Reading::Loading | Reading::Stale { .. } | Reading::Dark { .. } => None,
    }
}
