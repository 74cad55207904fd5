//! Ctrl-Z: from everywhere, but never over an act.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use backout::msg::Msg;

use super::rehearsal::Rehearsal;
use super::solve::*;

/// How often the process was stopped once Ctrl-Z was pressed.
fn stopped(drill: &mut Rehearsal) -> usize {
    let frame = drill.session.model.frame;
    drill.hear(Msg::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL), frame));
    drill.suspended
}

#[test]
fn ctrl_z_stops_from_the_panes_and_from_every_dialog() {
    for keys in ["", "<Enter>", "R", "R<Tab>", "v", ":", ":ro", "?", "4<Down><Enter>", "5<Down><Enter>", "/x"] {
        let mut drill = Rehearsal::open("plan");
        drill.keys(keys);
        let before = drill.screen();
        assert_eq!(stopped(&mut drill), 1, "{keys:?}\n{before}");
        assert_eq!(drill.screen(), before, "{keys:?}: the dialog is still there");
    }
}

#[test]
fn ctrl_z_over_a_running_act_is_refused_in_words() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("aaR2<Enter>");
    let refused = "job 1 is running: stopped now, it would stay half done";
    // In the act's own dialog, and behind it.
    for keys in ["", "<Esc>"] {
        drill.keys(keys);
        assert_eq!((stopped(&mut drill), said(&drill).as_str()), (0, refused), "{keys:?}");
        assert!(drill.screen().contains(refused), "{}", drill.screen());
    }
    ended(&mut drill);
    assert_eq!(stopped(&mut drill), 1, "it has ended");
}
