//! How it comes and goes.

use termlens::{Color, Key, Screen, Signal};

use super::seat::{BACKOUT, Seat, given_back};

#[test]
fn it_opens_on_80_by_24_and_shows_what_is_wrong() {
    let mut seat = Seat::open(&["drill"]);
    let screen = seat.opened();
    assert_eq!(screen.size(), (80, 24));
    assert!(screen.alternate_screen() && screen.bracketed_paste(), "{screen}");
    for words in
        ["DRILL", "ecommerce-app rev 3", "2 Error rate", "4 Pods", "5 Helm", "1 Declare the incident", "q quit"]
    {
        assert!(screen.contains(words), "{words} is missing\n{screen}");
    }
    // 59: the default underline colour, which the emulator does not know; nothing else is beyond a plain terminal.
    let beyond: Vec<_> = screen.unsupported().iter().filter(|s| *s != "^[[59m").collect();
    assert!(beyond.is_empty(), "{beyond:?}");
}

#[test]
fn q_ends_it_and_gives_the_terminal_back() {
    let mut seat = Seat::open(&["drill"]);
    seat.opened();
    seat.press(Key::Char('q')).ends();
}

#[test]
fn a_terminal_of_10_by_3_is_no_end_and_neither_is_any_other_size() {
    let mut seat = Seat::open(&["drill"]);
    seat.opened();
    for (columns, rows) in [(10, 3), (2, 2), (200, 60), (3, 50), (300, 2)] {
        seat.terminal.resize(columns, rows).unwrap();
        let before = seat.terminal.screen().repaints();
        seat.see(|s| s.size() == (columns, rows) && s.repaints() >= before);
        // A key is still taken there; no letter, for three letters in one read are a paste.
        seat.press(Key::Down);
    }
    seat.terminal.resize(80, 24).unwrap();
    let screen = seat.opened();
    assert_eq!(screen.size(), (80, 24));
    seat.press(Key::Char('q')).ends();
}

#[test]
fn a_size_that_came_and_went_between_two_frames_leaves_a_whole_screen() {
    let mut seat = Seat::open(&["drill"]);
    seat.opened();
    for _ in 0..8 {
        // The terminal cut its lines off at 20 columns; to the next frame nothing seems to have changed.
        seat.terminal.resize(20, 5).unwrap();
        seat.terminal.resize(80, 24).unwrap();
        seat.opened();
    }
}

#[test]
fn a_small_terminal_says_so_in_words() {
    let mut seat = Seat::open(&["drill"]);
    seat.opened();
    seat.terminal.resize(30, 8).unwrap();
    // What the terminal has cut off of the frame before may still be there for a moment.
    seat.see(|s| s.size() == (30, 8) && s.contains("errors") && !s.contains("Checklist ━"));
}

#[test]
fn sigterm_and_sighup_give_the_terminal_back() {
    for signal in [Signal::Term, Signal::Hup] {
        let mut seat = Seat::open(&["drill"]);
        seat.opened();
        seat.terminal.signal(signal).unwrap();
        seat.ends();
    }
}

/// The state of a process by the kernel: `T` is stopped.
fn state(pid: i32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// The child of a process.
fn child(pid: u32) -> Option<i32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_z_stops_it_and_fg_brings_it_back() {
    // A shell with job control, for without one nobody could bring it back.
    let script = r#"set -m; "$0" drill; echo "stopped with $?"; read -r go; fg %1 >/dev/null; echo "ended with $?""#;
    let mut seat = Seat::open_with(&[], "bash", &["--norc", "--noprofile", "-c", script, BACKOUT]);
    seat.opened();
    let cockpit = child(seat.pid()).expect("the shell has a child");
    seat.press(Key::Ctrl('z'));
    let screen = seat.see(|s| s.contains("stopped with 148"));
    given_back(&screen);
    assert_eq!(state(cockpit), Some('T'));
    seat.press(Key::Enter);
    let screen = seat.opened();
    assert!(screen.alternate_screen() && screen.bracketed_paste(), "{screen}");
    // Keys arrive as before.
    seat.press(Key::Char('?')).see(|s| s.contains("In the cockpit") && s.contains("Esc close"));
    seat.closes("In the cockpit");
    seat.press(Key::Char('q')).shows("ended with 0");
    seat.ends();
}

fn coloured(screen: &Screen) -> Option<(u16, u16)> {
    screen.find_by(|cell| cell.style().fg != Color::Default || cell.style().bg != Color::Default)
}

#[test]
fn no_color_is_obeyed_and_otherwise_there_is_colour() {
    let mut seat = Seat::open_with(&[("NO_COLOR", "1")], BACKOUT, &["drill"]);
    let screen = seat.opened();
    assert_eq!(coloured(&screen), None, "{screen}");
    let mut seat = Seat::open(&["drill"]);
    let screen = seat.opened();
    assert!(coloured(&screen).is_some(), "{screen}");
}

#[test]
fn a_paste_goes_in_as_text_and_confirms_nothing() {
    let mut seat = Seat::open(&["drill"]);
    seat.opened();
    seat.press(Key::Enter).shows("how bad is it?");
    seat.press(Key::Enter).shows("T+00:");
    seat.press(Key::Char('n')).shows("Note for the timeline");
    seat.terminal.paste("R2 is text\nq").unwrap();
    seat.shows("R2 is text");
    seat.press(Key::Enter).see(|s| !s.contains("Note for the timeline"));
    seat.press(Key::Char('a')).shows("a arms");
    seat.press(Key::Char('a')).shows("ARMED");
    seat.press(Key::Char('R')).shows("Type 2");
    seat.terminal.paste("2\n").unwrap();
    // What comes after the paste is read after it: when that is on screen, the paste has had its chance.
    seat.press(Key::Tab).see(|s| s.contains("all changes · Tab: summary") && !s.contains("Type 2"));
    let screen = seat.press(Key::Tab).see(|s| s.contains("summary · Tab: all changes") && s.contains("Enter:  ▏"));
    assert!(!screen.contains("Job 1"), "{screen}");
    seat.closes("Roll back ecommerce-app to");
    seat.press(Key::Char('q')).ends();
    let journal = std::fs::read_to_string(&seat.journals()[0]).unwrap();
    assert!(journal.contains("R2 is text") && !journal.contains("act-asked"), "{journal}");
}

#[test]
fn a_rollback_is_made_by_keys_and_leaves_a_journal_that_verifies() {
    let mut seat = Seat::open(&["drill", "naive-trap"]);
    seat.opened();
    seat.press(Key::Char('a')).shows("a arms");
    seat.press(Key::Char('a')).shows("ARMED");
    seat.press(Key::Char('R')).shows("Type 2");
    seat.write("2").press(Key::Enter).shows("Job 1");
    // Each skip is one press; the next comes when the screen has answered the last.
    while !seat.terminal.screen().contains("Seen: rev 2 as rev 5") {
        let before = seat.terminal.screen().text();
        seat.press(Key::Char('>')).see(|s| s.text() != before);
    }
    seat.closes("Seen: rev 2");
    seat.press(Key::Char('q')).ends();
    let [journal] = seat.journals().try_into().unwrap();
    let verified = std::process::Command::new(BACKOUT).args(["journal", "verify"]).arg(&journal).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
    let text = std::fs::read_to_string(&journal).unwrap();
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is missing\n{text}"));
    assert!(at("act-asked") < at("recorded as pending") && at("helm done") < at("act-ended"), "{text}");
}

#[test]
fn the_command_on_show_reaches_the_clipboard_of_the_terminal() {
    let mut seat = Seat::open(&["drill"]);
    seat.opened();
    seat.press(Key::Char('R')).shows("helm rollback ecommerce-app 2");
    let copied = |s: &Screen| s.clipboard().and_then(|c| c.text().map(str::to_owned)).unwrap_or_default();
    let screen = seat.press(Key::Char('c')).see(|s| !copied(s).is_empty());
    assert!(copied(&screen).starts_with("helm rollback ecommerce-app 2 -n prod"), "{}", copied(&screen));
    seat.closes("helm rollback ecommerce-app 2");
    seat.press(Key::Char('q')).ends();
}
