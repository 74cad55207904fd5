//! Journals that a crash or a hand has damaged: each is told for what it is, and none is silently passed over.

use std::io::Write;

use backout::app::journal::read;
use backout::domain::earlier::Earlier;
use backout::domain::event::{Act, Entry, Event};
use backout::domain::identity::Realm;
use backout::domain::incident::Incident;
use backout::domain::name::{JobId, Namespace, ReleaseName, Revision, StepNo};
use backout::model::Tone;
use backout::model::journal::JournalState;
use backout::msg::Msg;
use backout::ports::Journal;
use futures::executor::block_on;

use super::desk::{Folder, note, opening, target};
use super::rehearsal::Rehearsal;

const LIVE: Realm = Realm::Live;

fn asked() -> Event {
    let act = Act::RollBack {
        release: ReleaseName::new("ecommerce-app"),
        namespace: Namespace::new("prod"),
        from: Revision(3),
        to: Revision(2),
        writes: Revision(4),
    };
    let (plan, command) = (String::new(), String::new());
    Event::ActAsked { job: JobId(1), step: Some(StepNo(5)), act, plan, command }
}

/// A journal of three lines, changed by hand.
fn damaged(folder: &Folder, change: impl FnOnce(Vec<String>) -> String) -> Vec<Entry> {
    let entries = folder.left("INC-1", vec![opening("INC-1", LIVE), asked(), note("half of payments fail")]);
    let path = folder.path("INC-1");
    let lines = std::fs::read_to_string(&path).unwrap().lines().map(|l| format!("{l}\n")).collect();
    std::fs::write(&path, change(lines)).unwrap();
    entries
}

fn found(folder: &Folder) -> Earlier {
    block_on(folder.ledger("luis").look(target(LIVE), None))
}

#[test]
fn a_torn_last_line_is_set_aside_and_the_rest_goes_on() {
    let folder = Folder::new();
    let entries = damaged(&folder, |l| format!("{}{}{}", l[0], l[1], &l[2][..40]));
    let aside = folder.path("INC-1").with_extension("torn");
    let ours = Earlier::Ours { entries: entries[..2].to_vec(), aside: Some(aside.display().to_string()) };
    assert_eq!(found(&folder), ours);
    assert!(std::fs::read_to_string(&aside).unwrap().starts_with(r#"{"seq":3"#));
    let text = std::fs::read_to_string(folder.path("INC-1")).unwrap();
    assert_eq!((read(&text).entries, read(&text).broken), (entries[..2].to_vec(), None), "it is whole again");

    let mut drill = Rehearsal::open("plan");
    drill.hear(Msg::Looked(drill.session.model.others.generation, ours));
    let told = format!("The journal's last line had been cut off by a crash; it was moved to {}", aside.display());
    assert!(drill.timeline().contains(&told), "{}", drill.timeline());
}

#[test]
fn an_edited_line_is_named_with_the_way_out_and_what_stands_before_it_is_shown() {
    let folder = Folder::new();
    let entries = damaged(&folder, |l| format!("{}{}{}", l[0], l[1], l[2].replace("half", "some")));
    let path = folder.path("INC-1").display().to_string();
    let why = format!(
        "the journal {path} is broken at line 3: it was edited: its seal does not fit its content; it is left as it \
         is. To go on without it: mv {path} {path}.edited"
    );
    let edited = Earlier::Edited { why: why.clone(), entries: entries[..2].to_vec() };
    assert_eq!(found(&folder), edited);

    let mut drill = Rehearsal::open("plan");
    drill.hear(Msg::Looked(drill.session.model.others.generation, edited));
    let model = &drill.session.model;
    assert_eq!(model.incident, Incident::fold(&entries[..2]), "the incident is shown as far as it can be believed");
    assert_eq!(model.journal, JournalState::Edited { why: why.clone() });
    let notice = model.notice.clone().unwrap();
    let unknown = "outcome UNKNOWN: Roll back ecommerce-app to revision 2. Look at Helm first; ";
    assert_eq!((notice.tone, notice.text), (Tone::Alarm, format!("{unknown}nothing is run: {why}")));
    // Nothing runs and nothing is written behind it.
    drill.keys("aaR2<Enter>");
    assert!(drill.screen().contains("nothing was run: the journal"), "{}", drill.screen());
    drill.keys("<Esc>n").write("x");
    assert!(drill.session.model.jobs.all.is_empty() && drill.journal.entries.lock().unwrap().is_empty());
    assert!(drill.screen_at(120, 40).contains("line 3: it was edited"), "{}", drill.screen_at(120, 40));
    // Moved away, it is out of the way without a restart.
    drill.hear(Msg::Looked(drill.session.model.others.generation, Earlier::Nothing));
    drill.keys("<Esc>R2<Enter>");
    assert_eq!(drill.session.model.jobs.all.len(), 1, "{}", drill.screen());
}

#[test]
fn a_first_line_that_cannot_be_read_is_told_and_keeps_nobody_from_acting() {
    let folder = Folder::new();
    damaged(&folder, |l| format!("\u{7f}garbage\n{}{}", l[1], l[2]));
    let Earlier::Unreadable(why) = found(&folder) else { panic!("{:?}", found(&folder)) };
    let path = folder.path("INC-1").display().to_string();
    assert!(why.starts_with(&format!("the journal {path} cannot be read (line 1: ")), "{why}");
    assert!(why.ends_with(&format!("Look at it, then: mv {path} {path}.unreadable")), "{why}");

    let mut drill = Rehearsal::open("plan");
    let looked = || Msg::Looked(backout::model::feed::Generation::default(), Earlier::Unreadable(why.clone()));
    drill.hear(looked());
    assert_eq!(drill.session.model.notice.clone().map(|n| (n.tone, n.text)), Some((Tone::Alarm, why.clone())));
    drill.session.model.notice = None;
    drill.hear(looked());
    assert_eq!(drill.session.model.notice, None, "it is told once");
    drill.keys("aaR2<Enter>");
    assert_eq!(drill.session.model.jobs.all.len(), 1, "{}", drill.screen());
}

#[test]
fn bytes_that_are_no_text_are_an_edit_and_not_a_missing_journal() {
    let folder = Folder::new();
    let entries = folder.left("INC-1", vec![opening("INC-1", LIVE)]);
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.path("INC-1")).unwrap();
    file.write_all(b"\xff\xfe\n").unwrap();
    let Earlier::Edited { entries: before, .. } = found(&folder) else { panic!("{:?}", found(&folder)) };
    assert_eq!(before, entries);
}

#[test]
fn an_opening_that_was_cut_off_was_never_told_and_a_closed_journal_stays_closed() {
    let folder = Folder::new();
    damaged(&folder, |l| l[0][..40].to_owned());
    assert_eq!(found(&folder), Earlier::Nothing);
    let closed = Event::Closed { summary: "over".into() };
    folder.left("INC-2", vec![opening("INC-2", LIVE), note("half"), closed]);
    let text = std::fs::read_to_string(folder.path("INC-2")).unwrap();
    std::fs::write(folder.path("INC-2"), text.replace("half", "some")).unwrap();
    assert_eq!(found(&folder), Earlier::Nothing, "what was edited after its end is for `verify` to say");
}
