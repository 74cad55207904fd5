//! What the services use of the CPU and memory that they may have, the fullest first, each with value, limit and percent.
//!
//! Never: a share of what is neither limited nor requested.

use ratatui::text::{Line, Span};

use crate::domain::evidence::Verdict;
use crate::domain::usage::{Resource, Share};
use crate::model::feed::Reading;
use crate::ui::dialogs::text;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::reading;
use crate::ui::widgets::text::wrap;

/// The lines.
pub fn lines(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    Resource::ALL.into_iter().flat_map(|resource| part(look, resource, columns)).collect()
}

/// One of both: what it comes to, then each service.
fn part(look: Look<'_>, resource: Resource, columns: usize) -> Vec<Line<'static>> {
    let read = look.model.feeds.usage.read(look.model.now);
    let source = match &read {
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => format!(" of {}", value.origin.word()),
        Reading::Loading | Reading::Dark { .. } => String::new(),
    };
    let title = match resource {
        Resource::Cpu => "CPU",
        Resource::Memory => "Memory",
    };
    let head = Span::styled(format!("{title}{source}  "), look.theme.style(Role::Key));
    let mut lines = vec![Line::raw(""), Line::from(vec![head, reading::age(look.theme, &read)])];
    match &read {
        Reading::Loading if look.model.open_incident().is_none() => {
            lines.extend(reading::empty(look.theme, "it is asked while an incident is open", columns));
        }
        Reading::Loading => lines.extend(reading::loading(look.theme, resource.word(), columns)),
        Reading::Dark { fault, .. } => lines.extend(reading::dark(look.theme, fault, columns, 4)),
        Reading::Fresh { .. } | Reading::Stale { .. } => {
            let Some(judged) = look.model.usage.get(&resource) else { return lines };
            let (sign, role) = sign(judged.evidence.verdict);
            lines.extend(text(look, &format!("{sign} {}", judged.evidence.value), columns, role));
            lines.extend(judged.shares.iter().flat_map(|share| row(look, share, resource, columns)));
        }
    }
    lines
}

const fn sign(verdict: Verdict) -> (&'static str, Role) {
    match verdict {
        Verdict::Met => (glyph::OK, Role::Ok),
        Verdict::NotMet => (glyph::BAD, Role::Bad),
        Verdict::Unknown => (glyph::UNKNOWN, Role::Unknown),
    }
}

/// A service below its head.
fn row(look: Look<'_>, share: &Share, resource: Resource, columns: usize) -> Vec<Line<'static>> {
    let (sign, role) = sign(share.verdict(resource));
    let parts = wrap(&share.words(resource), columns.saturating_sub(4)).into_iter().enumerate();
    let line = |(no, part)| if no == 0 { format!("  {sign} {part}") } else { format!("    {part}") };
    parts.map(|part| Line::styled(line(part), look.theme.style(role))).collect()
}
