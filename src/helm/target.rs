//! Which revision to go back to: by how it did while it was live, where that is known.
//!
//! Helm's own default is the number before the newest, whatever became of it. Here a revision that failed, or that only
//! lived in a bad time, or that is the bad one again under another number, is never proposed; nor is, unmeasured, what
//! somebody has already fled from.
//!
//! Never: reading metrics; they come in as [`Lived`].

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::moment::{long, since};
use crate::domain::name::Revision;
use crate::domain::release::{Choice, Lived, Release, RevisionFacts, SETTLING, Status, Verdict};

/// What is still good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Error ratio 0..1 of the worst service.
    pub errors: f64,
    /// P95 in seconds of the worst service.
    pub p95: f64,
}

/// How good a candidate is; the best is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It did well, but somebody rolled back from it.
    Fled,
    /// Status and description say nothing against it.
    Unmeasured,
    /// It is what a rollback that failed or died was to bring back.
    Retry,
    /// It did well while live.
    Measured,
}

/// The verdict on every revision, and the proposal.
pub fn choose(release: &Release, lived: &BTreeMap<Revision, Lived>, limits: &Limits) -> Choice {
    let Some(newest) = release.last() else {
        return Choice {
            verdicts: BTreeMap::new(),
            target: None,
            bare: None,
            why: "The release has no history.".into(),
        };
    };
    let past = Past { newest, fled: fled(release), retried: retried(release), lived, limits };
    let mut verdicts = BTreeMap::new();
    let mut candidates = Vec::new();
    for facts in &release.revisions {
        let (verdict, rank, reason) = past.judge(facts);
        candidates.extend(rank.map(|rank| (rank, facts.revision)));
        verdicts.insert(facts.revision, (verdict, reason));
    }
    let target = candidates.into_iter().max().map(|(_, revision)| revision);
    if let Some((verdict, _)) = target.and_then(|t| verdicts.get_mut(&t)) {
        *verdict = Verdict::Target;
    }
    let before = newest.revision.0.checked_sub(1).map(Revision);
    let bare = before.filter(|b| verdicts.contains_key(b));
    let why = why(newest.revision, target, before, &verdicts);
    Choice { verdicts, target, bare, why }
}

struct Past<'a> {
    newest: &'a RevisionFacts,
    /// Digests of content that somebody rolled back from.
    fled: BTreeSet<&'a str>,
    /// The content that the newest revision was to bring back, where it is a rollback that failed or died.
    retried: Option<&'a str>,
    lived: &'a BTreeMap<Revision, Lived>,
    limits: &'a Limits,
}

impl Past<'_> {
    fn judge(&self, facts: &RevisionFacts) -> (Verdict, Option<Rank>, String) {
        let newest = facts.revision == self.newest.revision;
        if let Some(why) = &facts.unreadable {
            return (Verdict::Unknown, None, format!("cannot be read: {why}"));
        }
        if facts.status.is_pending() {
            return (Verdict::Pending, None, format!("{}: under way, or it died", facts.status));
        }
        if let Some(why) = failure(facts) {
            return (Verdict::Failed, None, why);
        }
        let measured = self.lived.get(&facts.revision).filter(|l| l.errors.is_some() || l.p95.is_some());
        if newest {
            let young = self.lived.get(&facts.revision).is_some_and(|l| since(l.from, l.to) < SETTLING);
            let how = match measured {
                Some(lived) => format!("{} since it is live", figures(lived)),
                None if young => "too new to be measured".into(),
                None => "not measured".into(),
            };
            return (Verdict::Current, None, how);
        }
        if matches!(facts.status, Status::Unknown | Status::Uninstalling) {
            return (Verdict::Unknown, None, format!("status {}", facts.status));
        }
        let digest = facts.content.as_ref().map(|c| c.digest.as_str());
        let same = digest.is_some() && digest == self.newest.content.as_ref().map(|c| c.digest.as_str());
        let retry = same && self.retried == digest;
        if same && !retry {
            return (Verdict::Failed, None, format!("the same content as revision {}", self.newest.revision));
        }
        let fled = digest.is_some_and(|d| self.fled.contains(d));
        match measured {
            Some(lived) if self.bad(lived) => (Verdict::Failed, None, format!("only lived at {}", figures(lived))),
            Some(lived) => {
                let how = format!("{} at {}", long(since(lived.from, lived.to)), figures(lived));
                (Verdict::Possible, Some(if fled { Rank::Fled } else { Rank::Measured }), how)
            }
            None if retry => {
                let why = format!("not measured; revision {} was to bring it back", self.newest.revision);
                (Verdict::Possible, Some(Rank::Retry), why)
            }
            None if fled => (Verdict::Failed, None, "not measured; it was rolled back from".into()),
            None => {
                let why = format!("not measured; {}, no failure noted", facts.status);
                (Verdict::Possible, Some(Rank::Unmeasured), why)
            }
        }
    }

    fn bad(&self, lived: &Lived) -> bool {
        lived.errors.is_some_and(|e| e > self.limits.errors) || lived.p95.is_some_and(|p| p > self.limits.p95)
    }
}

/// Why a revision counts as failed. The status alone does not prove it was good: after a later failure Helm calls a
/// failed revision superseded, so the description counts too.
fn failure(facts: &RevisionFacts) -> Option<String> {
    let description = facts.content.as_ref().map_or("", |c| c.description.as_str());
    let what = description.find(" failed: ").and_then(|at| description.get(..at)).map(|before| {
        let verb = before.split('"').next().unwrap_or_default().trim().to_lowercase();
        if verb == "release" { "not ready in time, or install failed".into() } else { format!("{verb} failed") }
    });
    match (what, facts.status) {
        (Some(what), _) => Some(what),
        (None, Status::Failed) => Some("it failed".into()),
        (
            None,
            Status::Unknown
            | Status::Deployed
            | Status::Uninstalled
            | Status::Superseded
            | Status::Uninstalling
            | Status::PendingInstall
            | Status::PendingUpgrade
            | Status::PendingRollback,
        ) => None,
    }
}

/// Content that somebody rolled back from: a revision that returns to older content says so of the one before it,
/// unless what it returns to had been fled from itself (then it is the toggle of a bare `helm rollback`, no judgement).
fn fled(release: &Release) -> BTreeSet<&str> {
    let mut fled = BTreeSet::new();
    let mut seen: Vec<&str> = Vec::new();
    for facts in &release.revisions {
        let Some(content) = &facts.content else { continue };
        if let (Some((before, older)), false) = (seen.split_last(), fled.contains(content.digest.as_str()))
            && *before != content.digest
            && older.contains(&content.digest.as_str())
        {
            fled.insert(*before);
        }
        seen.push(&content.digest);
    }
    fled
}

/// The newest revision is a return to older content that did not get through: its content is worth another try.
fn retried(release: &Release) -> Option<&str> {
    let (newest, older) = release.revisions.split_last()?;
    let digest = newest.content.as_ref().map(|c| c.digest.as_str())?;
    let stuck = newest.status.is_pending() || failure(newest).is_some();
    let mut before = older.iter().rev().filter_map(|f| f.content.as_ref()).map(|c| c.digest.as_str());
    (stuck && before.next() != Some(digest) && before.any(|d| d == digest)).then_some(digest)
}

/// `0.2 %, P95 180 ms`
fn figures(lived: &Lived) -> String {
    let errors = lived.errors.map(|e| {
        let percent = e * 100.0;
        if percent < 10.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
    });
    let p95 = lived.p95.map(|p| if p < 1.0 { format!("P95 {:.0} ms", p * 1000.0) } else { format!("P95 {p:.1} s") });
    errors.into_iter().chain(p95).collect::<Vec<_>>().join(", ")
}

fn why(
    newest: Revision,
    target: Option<Revision>,
    before: Option<Revision>,
    verdicts: &BTreeMap<Revision, (Verdict, String)>,
) -> String {
    let reason = |r: Revision| verdicts.get(&r).map_or("", |(_, reason)| reason.as_str());
    let mut parts = Vec::new();
    match target {
        Some(target) => {
            parts.push(format!("Revision {target}: {}.", reason(target)));
            let ruled_out: Vec<String> = verdicts
                .range(target.next()..newest)
                .filter(|(_, (verdict, _))| *verdict != Verdict::Possible)
                .map(|(r, (_, reason))| format!("{r} ({reason})"))
                .collect();
            if !ruled_out.is_empty() {
                parts.push(format!("Ruled out: {}.", ruled_out.join(", ")));
            }
        }
        None if verdicts.len() == 1 => {
            parts.push(format!("There is only revision {newest}, so there is nothing to go back to."));
        }
        None => parts.push("No revision can be proposed: none of the others is known to be good.".into()),
    }
    parts.push(match before {
        Some(b) if Some(b) == target => "A bare helm rollback would take it too.".into(),
        Some(b) if verdicts.contains_key(&b) => format!("A bare helm rollback would take {b}: {}.", reason(b)),
        Some(Revision(0)) | None => "A bare helm rollback would fail: there is no earlier revision.".into(),
        Some(b) => format!("A bare helm rollback would fail: revision {b} is gone."),
    });
    parts.join(" ")
}
