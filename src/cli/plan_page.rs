//! A plan as a person reads it on a page: what, why that revision, what to know before, every object with its fields,
//! and the command line it stands for.
//!
//! Never: a secret; the plan's fields are masked when they are made.

use crate::domain::identity::{Identity, Realm};
use crate::domain::name::Revision;
use crate::domain::release::Verdict;
use crate::domain::text::clean;
use crate::helm::plan::{
    Change, Datum, FieldChange, Finding, ImageChange, Instead, Level, Method, Operation, Plan, Refusal,
};
use crate::model::Model;
use crate::ui::theme::glyph;

use super::reading::place;

/// The whole page. `asked` is the revision that the person named; none where it was proposed.
pub fn page(model: &Model, identity: &Identity, plan: &Plan, asked: Option<Revision>) -> String {
    let mut lines = top(identity, plan);
    block(&mut lines, &format!("Why revision {}", plan.to), why(model, plan, asked));
    block(&mut lines, "To know before", findings(&plan.findings));
    block(&mut lines, "Images", images(plan));
    block(&mut lines, "Objects", objects(plan));
    block(&mut lines, "Hooks", hooks(plan));
    block(&mut lines, "By hand", vec![format!("$ {}", plan.command)]);
    if plan.blocked().is_none() {
        block(&mut lines, "To run it", vec![format!("$ {}", to_run(identity, plan)), datum(plan)]);
    }
    lines.iter().map(|l| clean(l)).collect::<Vec<_>>().join("\n")
}

/// What to know before a rollback is confirmed, without objects and proposals.
pub fn summary(identity: &Identity, plan: &Plan) -> String {
    let mut lines = top(identity, plan);
    lines.extend(images(plan));
    for change in [Change::Delete, Change::Create, Change::Update, Change::Adopt, Change::Keep] {
        lines.extend(plan.of(change).map(named));
    }
    lines.extend(hooks(plan));
    lines.extend(findings(&plan.findings));
    lines.iter().map(|l| clean(l)).collect::<Vec<_>>().join("\n")
}

/// Why there is no plan, what to do now, and the command for doing it by hand.
pub fn refusal(refusal: &Refusal) -> String {
    let parts = [refusal.sentence.as_str(), refusal.cure.as_str()];
    let mut said = parts.into_iter().filter(|p| !p.is_empty()).map(sentence).collect::<Vec<_>>().join(" ");
    if !refusal.command.is_empty() {
        said.push_str("\n$ ");
        said.push_str(&refusal.command);
    }
    if refusal.instead == Instead::Helm {
        said.push_str("\nThe helm of this machine does it with --with-helm, under the same journal.");
    }
    said
}

fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn block(lines: &mut Vec<String>, title: &str, body: Vec<String>) {
    if !body.is_empty() {
        lines.push(String::new());
        lines.push(title.to_owned());
        lines.extend(body.into_iter().map(|l| format!("  {l}")));
    }
}

fn top(identity: &Identity, plan: &Plan) -> Vec<String> {
    let place = place(identity);
    if let Some(program) = &plan.program {
        return vec![
            format!("{place} · {} · {}", identity.server, plan.release),
            format!("revision {} -> the content of {}, written as revision {}", plan.from, plan.to, plan.writes),
            plan.summary(),
            format!("$ {}", program.line()),
        ];
    }
    let method = match plan.method {
        Method::Csa => "three-way merge",
        Method::Ssa => "server-side apply",
    };
    let same = plan.of(Change::Same).count();
    vec![
        format!("{place} · {} · {}", identity.server, plan.release),
        format!("revision {} -> the content of {}, written as revision {}", plan.from, plan.to, plan.writes),
        format!("{}, {same} same · {method}", plan.summary()),
    ]
}

fn why(model: &Model, plan: &Plan, asked: Option<Revision>) -> Vec<String> {
    let (Some(choice), Some(release)) = (&model.choice, model.release()) else { return Vec::new() };
    let mut lines = Vec::new();
    match (asked, choice.target) {
        (Some(_), Some(proposed)) if proposed != plan.to => {
            lines.push(format!("It was named. Proposed would be {proposed}. {}", choice.why));
        }
        (Some(_), None) => lines.push(format!("It was named. {}", choice.why)),
        (Some(_) | None, _) => lines.push(choice.why.clone()),
    }
    for facts in release.revisions.iter().rev() {
        let Some((verdict, reason)) = choice.verdicts.get(&facts.revision) else { continue };
        let (sign, word) = match verdict {
            Verdict::Target => (glyph::TARGET, "proposed"),
            Verdict::Current => (glyph::CURRENT, "current"),
            Verdict::Possible => (glyph::INFO, "possible"),
            Verdict::Failed => (glyph::BAD, "skipped"),
            Verdict::Pending => (glyph::WAITING, "pending"),
            Verdict::Unknown => (glyph::UNKNOWN, "unknown"),
        };
        let bare = if choice.bare == Some(facts.revision) { " (a bare helm rollback takes this one)" } else { "" };
        let when = facts.updated.format("%Y-%m-%d %H:%M");
        lines.push(format!("{sign} {:<3} {when}  {:<11} {word:<8}  {reason}{bare}", facts.revision, facts.status));
    }
    lines
}

/// What to know before, the gravest first.
pub fn findings(findings: &[Finding]) -> Vec<String> {
    let mut all: Vec<_> = findings.iter().collect();
    all.sort_by_key(|f| f.level);
    all.iter()
        .map(|f| {
            let (sign, word) = match f.level {
                Level::Block => (glyph::BAD, "blocked"),
                Level::Confirm => (glyph::WARN, "mind"),
                Level::Warn => (glyph::WARN, "warning"),
                Level::Info => (glyph::INFO, "note"),
            };
            let cure = if f.cure.is_empty() { String::new() } else { format!(" {}", f.cure) };
            format!("{sign} {word}: {}{cure}", sentence(&f.sentence))
        })
        .collect()
}

fn images(plan: &Plan) -> Vec<String> {
    changed(&plan.images)
}

/// What the images become.
pub fn changed(images: &[ImageChange]) -> Vec<String> {
    images.iter().map(|i| format!("image {}: {} -> {}", i.service, i.from.short(), i.to.short())).collect()
}

fn named(operation: &Operation) -> String {
    let place = operation.namespace.as_ref().map_or_else(|| " (cluster)".to_owned(), |_| String::new());
    format!("{:<9} {} {}{place}", operation.change.word(), operation.kind, operation.name)
}

fn objects(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for operation in plan.operations.iter().filter(|o| o.change != Change::Same) {
        lines.push(named(operation));
        lines.extend(operation.fields.iter().map(|f| format!("          {}", field(f))));
    }
    let same = plan.of(Change::Same).count();
    if same > 0 {
        lines.push(format!("{:<9} {same} more", Change::Same.word()));
    }
    lines
}

/// `spec.replicas: 2 -> 3`
pub fn field(field: &FieldChange) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".into());
    let drift = field.drift.as_ref().map(|who| format!("  (changed by hand: {who})")).unwrap_or_default();
    format!("{}: {} -> {}{drift}", field.path, shown(&field.live), shown(&field.target))
}

fn hooks(plan: &Plan) -> Vec<String> {
    let does = |runs: bool| if runs { "hook runs" } else { "hook does not run" };
    plan.hooks.iter().map(|h| format!("{}: {} {} ({})", does(h.runs), h.kind, h.name, h.event)).collect()
}

fn to_run(identity: &Identity, plan: &Plan) -> String {
    let place = match identity.realm {
        Realm::Live => format!(" -n {} --context {}", plan.namespace, identity.context),
        Realm::Drill => String::new(),
    };
    let chosen = super::chosen::options(&plan.choices);
    format!("backout rollback {} --to {}{place}{chosen}", plan.release, plan.to)
}

fn datum(plan: &Plan) -> String {
    match plan.datum() {
        Datum::Revision(revision) => format!("It asks for the revision, {revision}; --yes answers it."),
        Datum::Release(release) => {
            format!("It asks for the release's name, as objects are deleted that cannot come back; --yes={release}")
        }
    }
}
