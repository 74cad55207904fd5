//! Which revision is proposed, and the traps of `helm rollback` that must not be.

use std::collections::BTreeMap;

use backout::domain::moment::Moment;
use backout::domain::name::Revision;
use backout::domain::release::{Choice, Content, Lived, Release, RevisionFacts, Status, Verdict};
use backout::helm::target::{Limits, choose};
use chrono::DateTime;

const LIMITS: Limits = Limits { errors: 0.01, p95: 2.0 };
const GOOD: Option<(f64, f64)> = Some((0.002, 0.18));
const BAD: Option<(f64, f64)> = Some((0.182, 3.1));

fn at(seconds: i64) -> Moment {
    DateTime::from_timestamp(seconds, 0).expect("a time")
}

/// Status, content (a letter), description, error ratio and P95 while live.
type Row = (Status, &'static str, &'static str, Option<(f64, f64)>);

fn history(rows: &[Row]) -> (Release, BTreeMap<Revision, Lived>) {
    let mut lived = BTreeMap::new();
    let mut revisions = Vec::new();
    for (i, (status, content, description, figures)) in rows.iter().enumerate() {
        let revision = Revision(u32::try_from(i).expect("few rows") + 1);
        let (from, to) = (at(0), at(3 * 86_400 + 4 * 3_600));
        let (errors, p95) = (figures.map(|f| f.0), figures.map(|f| f.1));
        lived.insert(revision, Lived { from, to, errors, p95, unread: None });
        let content = Content {
            chart: "shop-1".into(),
            app_version: "1".into(),
            description: (*description).into(),
            images: BTreeMap::new(),
            services: BTreeMap::new(),
            ingresses: std::collections::BTreeSet::new(),
            budgets: std::collections::BTreeSet::new(),
            uses: std::collections::BTreeMap::new(),
            digest: (*content).into(),
            rollback_of: None,
        };
        revisions.push(RevisionFacts {
            revision,
            status: *status,
            updated: from,
            content: Some(content),
            unreadable: None,
        });
    }
    (Release { name: "shop".into(), namespace: "prod".into(), revisions }, lived)
}

fn chosen(rows: &[Row]) -> Choice {
    let (release, lived) = history(rows);
    choose(&release, &lived, &LIMITS)
}

use Status::{Deployed, Failed, PendingRollback, PendingUpgrade, Superseded, Uninstalled};
const OK: &str = "Upgrade complete";
const FELL: &str = "Upgrade \"shop\" failed: context deadline exceeded";

const HISTORIES: &[(&str, &[Row], Option<u32>)] = &[
    ("N-1 was good", &[(Superseded, "a", OK, GOOD), (Deployed, "b", OK, BAD)], Some(1)),
    (
        "the naive trap: N-1 failed",
        &[(Superseded, "a", OK, GOOD), (Failed, "b", FELL, None), (Deployed, "c", OK, BAD)],
        Some(1),
    ),
    (
        "a failed revision that Helm calls superseded",
        &[(Superseded, "a", OK, None), (Superseded, "b", FELL, None), (Deployed, "c", OK, None)],
        Some(1),
    ),
    (
        "a revision that only lived in a bad time",
        &[(Superseded, "a", OK, GOOD), (Superseded, "b", OK, BAD), (Deployed, "c", OK, BAD)],
        Some(1),
    ),
    (
        "an older measured one before a newer unmeasured one",
        &[(Superseded, "a", OK, GOOD), (Superseded, "b", OK, None), (Deployed, "c", OK, BAD)],
        Some(1),
    ),
    (
        "the newest of the unmeasured",
        &[(Superseded, "a", OK, None), (Superseded, "b", OK, None), (Deployed, "c", OK, None)],
        Some(2),
    ),
    (
        "the same content as the bad one, again",
        &[(Superseded, "a", OK, None), (Superseded, "b", OK, None), (Deployed, "b", OK, BAD)],
        Some(1),
    ),
    (
        "the toggling trap: rolled back once, nothing else is known",
        &[(Superseded, "a", OK, None), (Superseded, "b", OK, None), (Deployed, "a", "Rollback to 1", None)],
        None,
    ),
    (
        "the toggle itself: a bare rollback brought the bad one back",
        &[
            (Superseded, "a", OK, None),
            (Superseded, "b", OK, None),
            (Superseded, "a", "Rollback to 1", None),
            (Deployed, "b", "Rollback to 2", None),
        ],
        Some(3),
    ),
    (
        "a rollback that timed out: try the same again, never the bad one that is still called deployed",
        &[
            (Superseded, "a", OK, None),
            (Deployed, "b", OK, None),
            (Failed, "a", "Release \"shop\" failed: timed out", None),
        ],
        Some(1),
    ),
    (
        "a rollback that died",
        &[(Superseded, "a", OK, None), (Deployed, "b", OK, None), (PendingRollback, "a", "Rollback to 1", None)],
        Some(1),
    ),
    (
        "a failed upgrade over a good revision",
        &[(Superseded, "a", OK, GOOD), (Deployed, "b", OK, GOOD), (Failed, "c", FELL, None)],
        Some(2),
    ),
    ("an upgrade that died", &[(Deployed, "a", OK, GOOD), (PendingUpgrade, "b", "Preparing upgrade", None)], Some(1)),
    ("only one revision", &[(Deployed, "a", "Install complete", BAD)], None),
    ("all failed", &[(Failed, "a", FELL, None), (Failed, "b", FELL, None)], None),
    ("uninstalled, history kept", &[(Superseded, "a", OK, None), (Uninstalled, "b", OK, None)], Some(1)),
    (
        "did well, but was rolled back from: not before what was not",
        &[
            (Superseded, "a", OK, None),
            (Superseded, "b", OK, GOOD),
            (Superseded, "a", "Rollback to 1", None),
            (Deployed, "c", OK, BAD),
        ],
        Some(3),
    ),
    (
        "did well, but was rolled back from: when nothing else is left",
        &[
            (Superseded, "a", OK, BAD),
            (Superseded, "b", OK, GOOD),
            (Superseded, "a", "Rollback to 1", BAD),
            (Deployed, "c", OK, BAD),
        ],
        Some(2),
    ),
    ("nothing at all", &[], None),
];

#[test]
fn the_proposal_in_every_kind_of_history() {
    for (what, rows, wanted) in HISTORIES {
        let choice = chosen(rows);
        assert_eq!(choice.target, wanted.map(Revision), "{what}: {}", choice.why);
        let targets = choice.verdicts.values().filter(|(v, _)| *v == Verdict::Target).count();
        assert_eq!(targets, usize::from(wanted.is_some()), "{what}");
    }
}

#[test]
fn the_reasons_are_short_and_plain() {
    let choice = chosen(&[
        (Superseded, "a", OK, GOOD),
        (Superseded, "b", OK, BAD),
        (Failed, "c", FELL, None),
        (Superseded, "d", OK, None),
        (PendingUpgrade, "e", "", None),
        (Superseded, "f", OK, BAD),
        (Deployed, "f", OK, BAD),
    ]);
    let wanted = [
        (1, Verdict::Target, "3 d 4 h at 0.2 %, P95 180 ms"),
        (2, Verdict::Failed, "only lived at 18 %, P95 3.1 s"),
        (3, Verdict::Failed, "upgrade failed"),
        (4, Verdict::Possible, "not measured; superseded, no failure noted"),
        (5, Verdict::Pending, "pending-upgrade: under way, or it died"),
        (6, Verdict::Failed, "the same content as revision 7"),
        (7, Verdict::Current, "18 %, P95 3.1 s since it is live"),
    ];
    let wanted: BTreeMap<_, _> = wanted.into_iter().map(|(r, v, why)| (Revision(r), (v, why.to_owned()))).collect();
    assert_eq!(choice.verdicts, wanted);
    assert!(choice.verdicts.values().all(|(_, why)| why.len() <= 50));
}

#[test]
fn why_says_what_the_bare_command_would_do() {
    let trap = chosen(&[(Superseded, "a", OK, GOOD), (Failed, "b", FELL, None), (Deployed, "c", OK, BAD)]);
    assert_eq!(
        (trap.bare, trap.why.as_str()),
        (
            Some(Revision(2)),
            "Revision 1: 3 d 4 h at 0.2 %, P95 180 ms. Ruled out: 2 (upgrade failed). \
             A bare helm rollback would take 2: upgrade failed."
        )
    );
    let same = chosen(&[(Superseded, "a", OK, GOOD), (Deployed, "c", OK, BAD)]);
    assert_eq!(same.why, "Revision 1: 3 d 4 h at 0.2 %, P95 180 ms. A bare helm rollback would take it too.");
    let one = chosen(&[(Deployed, "a", OK, BAD)]);
    assert_eq!(
        one.why,
        "There is only revision 1, so there is nothing to go back to. \
         A bare helm rollback would fail: there is no earlier revision."
    );
}

#[test]
fn a_revision_that_was_pruned_is_said_to_be_gone() {
    let (mut release, lived) =
        history(&[(Superseded, "a", OK, GOOD), (Superseded, "b", OK, GOOD), (Deployed, "c", OK, BAD)]);
    release.revisions.remove(1);
    let choice = choose(&release, &lived, &LIMITS);
    assert_eq!((choice.target, choice.bare), (Some(Revision(1)), None));
    assert!(choice.why.ends_with("A bare helm rollback would fail: revision 2 is gone."), "{}", choice.why);
}

#[test]
fn a_record_that_cannot_be_read_is_never_proposed() {
    let (mut release, lived) = history(&[(Superseded, "a", OK, GOOD), (Deployed, "b", OK, BAD)]);
    if let Some(first) = release.revisions.first_mut() {
        first.unreadable = Some("its gzip is broken".into());
    }
    let choice = choose(&release, &lived, &LIMITS);
    assert_eq!(choice.target, None);
    assert_eq!(
        choice.verdicts.get(&Revision(1)),
        Some(&(Verdict::Unknown, "cannot be read: its gzip is broken".into()))
    );
}
