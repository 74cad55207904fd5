//! What was changed before it went wrong: Helm's revisions, and what was written beside them, the likeliest first.
//!
//! Never: "nothing changed" where not everything can be seen.

use ratatui::text::{Line, Span};

use crate::domain::change::{Object, Touch};
use crate::domain::moment::{Moment, short, since};
use crate::model::feed::Reading;
use crate::model::situation::Situation;
use crate::model::suspects::{Suspect, Suspects};
use crate::ui::dialogs::text;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::reading;

/// The lines.
pub fn lines(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let read = look.model.feeds.changes.read(look.model.now);
    let mut lines = vec![Line::from(vec![
        Span::styled("Helm's revisions, and who wrote what past Helm  ", look.theme.style(Role::Key)),
        reading::age(look.theme, &read),
    ])];
    let cursor = look.model.suspect();
    if let Some(object) = &cursor {
        let told = format!("Enter puts {object} back, by a plan that is confirmed first.");
        lines.extend(text(look, &told, columns, Role::Key));
    }
    lines.extend(if let Some(suspects) = &look.model.suspects {
        before(look, suspects, cursor.as_ref(), columns)
    } else {
        reading::empty(look.theme, &unseen(&look.model.situation), columns)
    });
    match &read {
        Reading::Loading if look.model.suspects.is_none() && look.model.open_incident().is_none() => {
            let idle = "what was changed past Helm is asked while something is bad or an incident is open";
            lines.extend(reading::empty(look.theme, idle, columns));
        }
        Reading::Loading => lines.extend(reading::loading(look.theme, "what was changed past Helm", columns)),
        Reading::Dark { fault, .. } => lines.extend(reading::dark(look.theme, fault, columns, 4)),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            let past = look.model.suspects.iter().flat_map(|s| &s.all).any(|s| s.touch.is_some());
            if look.model.suspects.is_some() && !past && value.unseen.is_empty() {
                lines.extend(reading::empty(look.theme, "past Helm nothing was changed in the 30 min before", columns));
            }
            for (kind, fault) in &value.unseen {
                let unseen = format!("{} {}s are not seen: {}", glyph::UNKNOWN, kind.word(), fault.sentence());
                lines.extend(text(look, &unseen, columns, Role::Unknown));
            }
        }
    }
    lines.push(Line::raw(""));
    let rest = "Not seen here: what was deleted, and what was changed in other namespaces or below the cluster.";
    lines.extend(text(look, rest, columns, Role::Dim));
    lines
}

/// Why there is no moment to look before.
fn unseen(situation: &Situation) -> String {
    match situation {
        Situation::Unwell(what) | Situation::Raised(what) | Situation::Unknown(what) => format!(
            "What is seen: {what}. When it began is not known, as no curve was seen to go beyond its limit: there is no \
             moment to look before."
        ),
        Situation::Reading | Situation::Well(_) => {
            "Nothing is beyond its limit: there is no moment to look before.".into()
        }
    }
}

fn before(look: Look<'_>, suspects: &Suspects, cursor: Option<&Object>, columns: usize) -> Vec<Line<'static>> {
    let (onset, service) = (suspects.onset, &suspects.service);
    let head = format!("{service} is beyond its limit since {}", onset.format("%H:%M:%S"));
    let mut lines = text(look, &head, columns, Role::Key);
    if suspects.all.iter().all(|s| s.touch.is_some()) {
        lines.extend(reading::empty(look.theme, "no Helm release was changed in the 30 min before", columns));
    }
    for Suspect { at, what, object, touch } in &suspects.all {
        let (sign, role, whom) = match touch {
            None => (glyph::INFO, Role::Plain, String::new()),
            Some(Touch::Itself) => (glyph::WARN, Role::Warn, format!("; touches {service}")),
            Some(Touch::Unknown) => (glyph::UNKNOWN, Role::Plain, "; whom it touches is not known".into()),
            Some(Touch::Others) => (glyph::INFO, Role::Plain, format!("; touches others than {service}")),
        };
        let told = format!("{sign} {}: {what}{whom}", far(*at, onset));
        let chosen = object.as_ref().is_some_and(|o| Some(o) == cursor);
        let (mark, role) = if chosen { (glyph::CURSOR, Role::Cursor) } else { ("", role) };
        lines.extend(text(look, &format!("{mark}{}{told}", if chosen { " " } else { "" }), columns, role));
    }
    lines
}

/// `04:29:40  50 s before`
fn far(at: Moment, onset: Moment) -> String {
    let (word, length) = if at > onset { ("after", since(onset, at)) } else { ("before", since(at, onset)) };
    format!("{}  {} {word}", at.format("%H:%M:%S"), short(length))
}
