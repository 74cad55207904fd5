//! Every screen as a person sees it, at three sizes and in each state. A change here is a change that somebody reads at
//! three in the morning: look at each new snapshot before accepting it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its fixtures too")]
#![expect(clippy::too_many_lines, reason = "a fixture is a table")]

mod screens {
    pub mod contrast;
    pub mod dialogs;
    pub mod fixtures;
}

use std::cell::RefCell;

use backout::domain::fact::{Aside, PodNews};
use backout::domain::fault::Fault;
use backout::domain::workload::PodState;
use backout::domain::writer::Writer;
use backout::model::arm::Arm;
use backout::model::feed::Feed;
use backout::model::journal::JournalState;
use backout::model::panes::Pane;
use backout::model::pods::Extent;
use backout::model::settings::Palette;
use backout::model::{Holds, Model, Notice, Tone};
use backout::ui;
use proptest::test_runner::{Config, TestRunner};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use screens::{dialogs, fixtures};

/// The screen as text.
fn draw(model: &Model, columns: u16, rows: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal
        .draw(|frame| {
            ui::view(model, frame);
        })
        .unwrap();
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

fn states() -> Vec<(&'static str, Model)> {
    vec![
        ("loading", fixtures::loading()),
        ("empty", fixtures::empty()),
        ("dark", fixtures::dark()),
        ("fine", fixtures::fine()),
        ("bad", fixtures::bad()),
        ("stale", fixtures::stale()),
        ("verify", fixtures::verify()),
        ("recovered", fixtures::recovered()),
    ]
}

#[test]
fn the_cockpit_reads_in_every_state_and_size() {
    for (name, model) in states() {
        snapshot(name, &model, &ALL);
    }
}

#[test]
fn every_dialog_reads_on_the_smallest_and_on_a_middling_screen() {
    for (name, model) in dialogs::all() {
        snapshot(&format!("dialog-{name}"), &model, &[(80, 24), (120, 40)]);
    }
}

#[test]
fn every_pane_reads_alone() {
    for pane in Pane::ALL {
        let mut model = fixtures::bad();
        model.panes.focus = pane;
        model.panes.zoom = Some(pane);
        snapshot(&format!("zoom-{}", pane.title().replace(' ', "-")), &model, &[(80, 24), (120, 40)]);
    }
}

#[test]
fn a_pane_without_a_place_takes_one_while_it_has_the_keys() {
    let mut model = fixtures::bad();
    for (name, pane) in [("alerts", Pane::Alerts), ("timeline", Pane::Timeline)] {
        model.panes.focus = pane;
        snapshot(&format!("focus-{name}"), &model, &[(80, 24)]);
    }
}

#[test]
fn a_small_screen_reads_in_words() {
    for (name, model) in [("loading", fixtures::loading()), ("bad", fixtures::bad()), ("verify", fixtures::verify())] {
        snapshot(&format!("small-{name}"), &model, &[(79, 23), (60, 16), (40, 12), (30, 8), (10, 3)]);
    }
}

#[test]
fn what_stands_above_the_action_line_is_said_there() {
    let mut notice = fixtures::bad();
    notice.notice = Some(Notice {
        text: "step 5 is not proved: rev 4 is live, target is 2".into(),
        tone: Tone::Refused,
        since: std::time::Duration::ZERO,
        until: std::time::Duration::from_secs(605),
        holds: Holds::Anyway,
    });
    let mut broken = fixtures::bad();
    broken.journal = JournalState::Broken { why: "no space left on device (/home/ana/.local/state/backout)".into() };
    let mut held = fixtures::bad();
    held.journal = JournalState::HeldBy { who: Writer::Other("eva on bastion-2".into()) };
    held.arm = Arm::ReadOnly;
    held.others = Feed::polled(std::time::Duration::from_secs(2));
    held.others.put(None, held.now);
    let mut nobody = fixtures::loading();
    let refused = Fault::Unreachable { what: "connection refused (10.0.0.1:6443)".into() };
    nobody.identity.fail(refused, nobody.now);
    for (name, model) in [("notice", notice), ("journal-broken", broken), ("held", held), ("nobody", nobody)] {
        snapshot(name, &model, &[(80, 24), (120, 40)]);
    }
}

#[test]
fn who_may_not_read_autoscalers_or_asks_alerts_in_vain_is_told_so_where_it_matters() {
    let mut model = fixtures::bad();
    let forbidden =
        Fault::Forbidden { verb: "list".into(), resource: "horizontalpodautoscalers in namespace prod".into() };
    model.feeds.lacking.insert(Aside::Autoscalers, forbidden);
    let unreachable = Fault::Unreachable { what: "connection refused (10.0.0.7:9093)".into() };
    model.feeds.lacking.insert(Aside::Alerts, unreachable);
    for pane in [Pane::Pods, Pane::Alerts] {
        model.panes.focus = pane;
        model.panes.zoom = Some(pane);
        snapshot(&format!("lacking-{}", pane.title()), &model, &[(80, 24)]);
    }
}

#[test]
fn the_query_is_on_show_whole_whatever_came_of_it() {
    let long = format!("sum by (service) (rate({})) / sum by (service) (rate(y[1m])) # the end", "x".repeat(300));
    let ask = |model: &mut Model| {
        for feed in [&mut model.feeds.errors, &mut model.feeds.p95] {
            feed.amend(|curves| curves.query.clone_from(&long));
        }
    };
    let why = Fault::Bad { what: format!("http://prom: Prometheus refuses it: parse error; the query was: {long}") };
    let failing = |mut model: Model| {
        model.feeds.errors.fail(why.clone(), fixtures::now());
        model
    };
    for name in ["answered", "empty", "refused", "dark"] {
        let mut model = match name {
            "answered" => fixtures::bad(),
            "empty" => fixtures::empty(),
            "refused" => failing(fixtures::bad()),
            _ => failing(fixtures::loading()),
        };
        ask(&mut model);
        model.panes.focus = Pane::Errors;
        model.panes.zoom = Some(Pane::Errors);
        snapshot(&format!("query-{name}"), &model, &[(80, 24)]);
        model.panes.curve_scroll = 99;
        snapshot(&format!("query-end-{name}"), &model, &[(80, 24)]);
        let screen = draw(&model, 80, 24).backend().to_string();
        assert!(screen.contains("# the end"), "{name}:\n{screen}");
        if name != "dark" {
            assert!(screen.contains("query for all services:"), "{name}:\n{screen}");
        }
    }
}

/// Every model of these tests.
fn everything() -> Vec<(&'static str, Model)> {
    states().into_iter().chain(dialogs::all()).collect()
}

#[test]
fn without_colour_no_cell_has_one_and_the_words_are_all_there() {
    let text = |terminal: &Terminal<TestBackend>| terminal.backend().to_string();
    for (name, mut model) in everything() {
        let coloured = draw(&model, 120, 40);
        model.settings.palette = Palette::Plain;
        let plain = draw(&model, 120, 40);
        assert_eq!(text(&plain), text(&coloured), "{name}");
        for cell in plain.backend().buffer().content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
        }
    }
}

#[test]
fn only_colours_of_the_terminals_own_palette_are_used() {
    for (name, model) in everything() {
        for cell in draw(&model, 200, 60).backend().buffer().content() {
            assert!(!matches!(cell.fg, Color::Rgb(..) | Color::Indexed(_)), "{name}: {:?}", cell.fg);
            assert_eq!(cell.bg, Color::Reset, "{name}: on dark nothing stands behind the letters");
        }
    }
}

#[test]
fn no_size_panics() {
    let models = everything();
    for (name, model) in &models {
        for (columns, rows) in [(0, 0), (1, 1), (10, 3), (80, 1), (1, 24), (79, 24), (80, 23), (81, 25)] {
            let screen = draw(model, columns, rows);
            let written = screen.backend().buffer().content().iter().any(|c| c.symbol() != " ");
            assert!(written || columns < 10, "{name} at {columns}x{rows} says nothing");
        }
    }
    let sizes = (0..models.len(), 0_u16..220, 0_u16..70, 0..=Pane::ALL.len());
    let models = RefCell::new(models);
    TestRunner::new(Config { failure_persistence: None, cases: 300, ..Config::default() })
        .run(&sizes, |(index, columns, rows, zoomed)| {
            if let Some((_, model)) = models.borrow_mut().get_mut(index) {
                model.panes.zoom = Pane::ALL.get(zoomed).copied();
                draw(model, columns, rows);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn names_from_outside_of_any_width_stay_in_their_columns() {
    let mut model = fixtures::bad();
    let wide = "日本語-サービス-7d9f8c6b5d-x2xab-注文-注文-注文-注文";
    model.feeds.pods.fold(fixtures::now(), |table| {
        let pod = fixtures::shop::pod(
            wide,
            "h-t",
            "2.4.0-とても長いタグ",
            PodState::Failing("CrashLoopBackOff".into()),
            false,
            9,
        );
        table.fold(PodNews::Changed(Box::new(pod)));
    });
    snapshot("wide-names", &model, &[(80, 24), (120, 40)]);
}

#[test]
fn a_screen_with_many_pods_is_drawn_from_the_pods_in_view() {
    let mut model = fixtures::bad();
    let pods = (0..5_000)
        .map(|i| fixtures::shop::pod("many", &format!("h-{i:05}"), "1", PodState::Running, true, 0))
        .collect();
    model.feeds.pods.fold(fixtures::now(), |table| {
        table.extent = Extent::Partial;
        table.fold(PodNews::Page(pods));
        table.set_filter("ORDER");
    });
    snapshot("partial-filtered", &model, &[(80, 24)]);
}
