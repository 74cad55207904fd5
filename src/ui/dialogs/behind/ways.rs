//! How traffic gets to the pods: Services with their endpoints, Ingresses with their addresses, budgets, and nodes with
//! what ails them. Each has its own verdict, its own age, and its own words where it is dark.

use ratatui::text::{Line, Span};

use crate::domain::evidence::Verdict;
use crate::domain::ways::{Budget, Endpoints, Entrance, Node, NodeState, Way};
use crate::model::feed::{Feed, Reading};
use crate::ui::dialogs::text;
use crate::ui::look::Look;
use crate::ui::theme::{Role, glyph};
use crate::ui::widgets::reading;
use crate::ui::widgets::text::wrap;

/// Whether traffic is known not to get through: then this is what one has to see first.
pub fn is_cut(look: Look<'_>) -> bool {
    [Way::Endpoints, Way::Ingresses]
        .iter()
        .any(|w| look.model.ways.get(w).is_some_and(|e| e.verdict == Verdict::NotMet))
}

/// The lines.
pub fn lines(look: Look<'_>, columns: usize) -> Vec<Line<'static>> {
    let feeds = &look.model.feeds;
    let lines = |way| match way {
        Way::Endpoints => part(look, (way, "Behind each Service"), &feeds.endpoints, columns, |all| {
            all.iter().map(endpoints).collect()
        }),
        Way::Ingresses => {
            part(look, (way, "Ingresses"), &feeds.ingresses, columns, |all| all.iter().map(entrance).collect())
        }
        Way::Budgets => {
            part(look, (way, "Disruption budgets"), &feeds.budgets, columns, |all| all.iter().map(budget).collect())
        }
        Way::Nodes => part(look, (way, "Nodes"), &feeds.nodes, columns, nodes),
    };
    Way::ALL.into_iter().flat_map(lines).collect()
}

type Told = (&'static str, Role, String);

/// One of the ways: what it comes to, then what it is made of.
fn part<T>(
    look: Look<'_>,
    (way, title): (Way, &str),
    feed: &Feed<Vec<T>>,
    columns: usize,
    told: impl Fn(&[T]) -> Vec<Told>,
) -> Vec<Line<'static>> {
    let read = feed.read(look.model.now);
    let head = Span::styled(format!("{title}  "), look.theme.style(Role::Key));
    let mut lines = vec![Line::raw(""), Line::from(vec![head, reading::age(look.theme, &read)])];
    match &read {
        Reading::Loading => lines.extend(reading::loading(look.theme, way.word(), columns)),
        Reading::Dark { fault, .. } => lines.extend(reading::dark(look.theme, fault, columns, 4)),
        Reading::Fresh { value, .. } | Reading::Stale { value, .. } => {
            let judged = look.model.ways.get(&way).map(|e| match e.verdict {
                Verdict::Met => (glyph::OK, Role::Ok, e.value.clone()),
                Verdict::NotMet => (glyph::BAD, Role::Bad, e.value.clone()),
                Verdict::Unknown => (glyph::UNKNOWN, Role::Unknown, e.value.clone()),
            });
            let none = judged.is_none() && value.is_empty();
            if none {
                lines.extend(reading::empty(look.theme, "there is none", columns));
            }
            let dim = reading::is_stale(&read);
            if let Some((sign, role, said)) = judged {
                lines.extend(text(look, &format!("{sign} {said}"), columns, role));
            }
            for (sign, role, said) in told(value) {
                let role = if dim { Role::Dim } else { role };
                lines.extend(row(look, sign, &said, columns, role));
            }
        }
    }
    lines
}

/// A row below its head.
fn row(look: Look<'_>, sign: &str, said: &str, columns: usize, role: Role) -> Vec<Line<'static>> {
    let parts = wrap(said, columns.saturating_sub(4)).into_iter().enumerate();
    let line = |(no, part)| if no == 0 { format!("  {sign} {part}") } else { format!("    {part}") };
    parts.map(|part| Line::styled(line(part), look.theme.style(role))).collect()
}

fn endpoints(e: &Endpoints) -> Told {
    let (sign, role) = match e.ready {
        0 => (glyph::BAD, Role::Bad),
        n if n < e.all => (glyph::WARN, Role::Warn),
        _ => (glyph::OK, Role::Ok),
    };
    (sign, role, format!("{}: {} of {} ready", e.service, e.ready, e.all))
}

fn entrance(e: &Entrance) -> Told {
    let hosts = e.hosts.join(", ");
    if e.addresses.is_empty() {
        return (glyph::BAD, Role::Bad, format!("{} ({hosts}): no address", e.name));
    }
    (glyph::OK, Role::Ok, format!("{} ({hosts}): {}", e.name, e.addresses.join(", ")))
}

fn budget(b: &Budget) -> Told {
    let (sign, role) = if b.healthy < b.needed { (glyph::BAD, Role::Bad) } else { (glyph::OK, Role::Ok) };
    (sign, role, format!("{}: {} healthy, {} needed, {} may go", b.name, b.healthy, b.needed, b.spare))
}

/// Those with trouble one by one, the others counted.
fn nodes(all: &[Node]) -> Vec<Told> {
    let bad = all.iter().filter_map(|n| {
        let (sign, role) =
            if n.state == NodeState::Ready { (glyph::WARN, Role::Warn) } else { (glyph::BAD, Role::Bad) };
        n.trouble().map(|trouble| (sign, role, format!("{} {trouble}", n.name)))
    });
    let mut told: Vec<Told> = bad.collect();
    let well = all.len() - told.len();
    let cordoned = all.iter().filter(|n| n.cordoned).count();
    let cordoned = if cordoned > 0 { format!(", {cordoned} cordoned") } else { String::new() };
    if well > 0 {
        told.push((glyph::OK, Role::Ok, format!("{well} of {} ready without pressure{cordoned}", all.len())));
    }
    told
}
