//! A mistake in the team's own runbook keeps nobody from the cockpit.

use std::path::Path;

use termlens::Key;

use super::seat::{BACKOUT, Seat};

/// A home whose team wrote `titel`, which nobody knows.
fn with_a_mistake(home: &Path) {
    let config = home.join("config/backout");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("backout.toml"), "runbook = \"team.toml\"\n").unwrap();
    let book = include_str!("../../assets/runbooks/en.toml").replacen("title =", "titel = \"x\"\ntitle =", 1);
    std::fs::write(config.join("team.toml"), book).unwrap();
}

#[test]
fn a_mistake_in_the_teams_runbook_opens_on_the_built_in_one_and_names_file_line_and_key() {
    let home = tempfile::tempdir().unwrap();
    with_a_mistake(home.path());
    let line =
        include_str!("../../assets/runbooks/en.toml").lines().position(|l| l.starts_with("title =")).unwrap() + 1;
    let mut seat = Seat::open_in(home, &[], BACKOUT, &["drill"]);
    let screen = seat.opened();
    let told = screen.text().lines().find(|l| l.contains(&format!("team.toml:{line}:"))).map(str::to_owned);
    assert!(told.as_ref().is_some_and(|l| l.contains("titel")), "{screen}");
    assert!(screen.contains("1 Declare the incident"), "{screen}");
    seat.press(Key::Char('q')).ends();
}
