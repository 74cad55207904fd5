//! Every screen as a person sees it, at three sizes and in each state. A change here is a change that somebody reads at
//! three in the morning: look at each new snapshot before accepting it.

#[path = "screens/fixtures.rs"]
mod fixtures;

use backout::model::Model;
use backout::ui;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// The screen as text.
fn draw(model: &Model, columns: u16, rows: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| ui::view(model, frame)).unwrap();
    terminal
}

fn snapshot(name: &str, model: &Model, sizes: &[(u16, u16)]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (columns, rows) in sizes {
            insta::assert_snapshot!(format!("{name}@{columns}x{rows}"), draw(model, *columns, *rows).backend());
        }
    });
}

const ALL: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

#[test]
fn the_cockpit_reads_in_every_state_and_size() {
    let states: [(&str, Model); 7] = [
        ("loading", fixtures::loading()),
        ("empty", fixtures::empty()),
        ("dark", fixtures::dark()),
        ("fine", fixtures::fine()),
        ("bad", fixtures::bad()),
        ("stale", fixtures::stale()),
        ("verify", fixtures::verify()),
    ];
    for (name, model) in &states {
        snapshot(name, model, &ALL);
    }
}
