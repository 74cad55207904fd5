//! The logs of the pods that run now: seen met, not met and unknown, on the board, behind its value and in the drill.

use backout::domain::board::{Criterion, Standing};
use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::fault::Fault;
use backout::effect::Effect;
use backout::intent::Intent;
use backout::model::Model;
use backout::model::panes::Pane;
use backout::msg::Msg;
use backout::sim::{Trouble, What, drill};
use backout::update::update;

use super::bench::{Bench, Log, now};
use super::detection::declared;
use super::rehearsal::Rehearsal;
use super::solve::{declare, met, read};

/// A bench whose pods write that, a minute and a half into an incident.
fn written(log: Log) -> Bench {
    let mut bench = Bench::new();
    bench.log = log;
    bench.until(30);
    declared(&mut bench);
    bench.until(120);
    bench
}

fn row(model: &Model) -> (Standing, String) {
    let row = &model.board.rows[&Criterion::Logs];
    (row.standing, row.value.clone())
}

#[test]
fn logs_are_met_not_met_or_unknown_on_the_board() {
    let cases: [(Log, Verdict, &str); 4] = [
        (|_, _| Some("INFO GET /api 200 in 12 ms"), Verdict::Met, "0 error lines in 5 min"),
        // Noise as before the incident, from both pods.
        (
            |s, t| Some(if s == "order-service" && t % 60 == 0 { "ERROR stray" } else { "INFO fine" }),
            Verdict::Met,
            "10 error lines in 5 min, most 10 (order-service), 10 before the incident",
        ),
        (
            |s, t| Some(if s == "order-service" && t > 40 && t % 5 == 0 { "NullPointerException" } else { "INFO x" }),
            Verdict::NotMet,
            "order-service: 30 error lines in 5 min, 0 before the incident",
        ),
        (|_, _| None, Verdict::Unknown, "no pod has written a line in 5 min"),
    ];
    for (log, verdict, value) in cases {
        let bench = written(log);
        let (standing, told) = row(&bench.model);
        assert_eq!((standing, bench.verdict(Sensor::LogsClean)), (Standing::Sensed(verdict), verdict), "{told}");
        assert!(told.starts_with(value), "{told}");
    }
}

#[test]
fn logs_that_may_not_be_read_are_left_to_a_persons_word_and_say_which_right_is_missing() {
    let mut bench = Bench::new();
    bench.logs_fault = Some(Fault::Forbidden { verb: "get".into(), resource: "pods/log in namespace prod".into() });
    bench.until(30);
    declared(&mut bench);
    bench.until(60);
    let (standing, told) = row(&bench.model);
    assert_eq!(standing, Standing::Unattested);
    assert!(told.contains("you may not get pods/log in namespace prod"), "{told}");
    bench.logs_fault = Some(Fault::Unreachable { what: "no answer within 5 s".into() });
    bench.until(80);
    assert_eq!(row(&bench.model).0, Standing::Sensed(Verdict::Unknown));
    bench.logs_fault = None;
    bench.until(100);
    assert_eq!(row(&bench.model).0, Standing::Sensed(Verdict::Met));
}

#[test]
fn an_idle_cockpit_reads_no_log_and_an_open_incident_reads_them_every_ten_seconds() {
    let mut bench = Bench::new();
    let asks = |bench: &mut Bench, from: i64| {
        let mut rounds = 0;
        for second in from..from + 60 {
            for effect in update(&mut bench.model, Msg::Tick(now(second))) {
                if let Effect::ReadLogs(generation, asks, _) = effect {
                    assert_eq!(asks.iter().filter(|a| a.until.is_none()).count(), 15);
                    rounds += 1;
                    update(&mut bench.model, Msg::LogsRead(generation, Vec::new()));
                }
            }
        }
        rounds
    };
    assert_eq!(asks(&mut bench, 10), 0);
    declared(&mut bench);
    assert_eq!(asks(&mut bench, 70), 6);
    // An empty answer is no answer.
    assert_eq!(bench.verdict(Sensor::LogsClean), Verdict::Unknown);
}

#[test]
fn the_lines_are_one_key_away_and_show_no_secret() {
    let mut bench = written(|s, t| {
        Some(if s == "order-service" && t > 40 && t % 5 == 0 {
            "ERROR login failed, password=hunter2"
        } else {
            "INFO fine"
        })
    });
    update(&mut bench.model, Msg::Meant(Intent::Go(Pane::Criteria)));
    update(&mut bench.model, Msg::Meant(Intent::Zoom));
    while bench.model.panes.criterion != Some(Criterion::Logs) {
        update(&mut bench.model, Msg::Meant(Intent::Down));
    }
    let screen = bench.screen();
    assert!(screen.contains("Enter shows what the pods write"), "{screen}");
    update(&mut bench.model, Msg::Meant(Intent::Act));
    let screen = bench.screen();
    for words in ["What the pods write", "✖ order-service: 30", "✔ api-gateway: 0", "newest error lines"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    update(&mut bench.model, Msg::Meant(Intent::PageDown));
    let screen = bench.screen();
    assert!(screen.contains("order-service: ERROR login failed, password=") && !screen.contains("hunter2"), "{screen}");
}

#[test]
fn the_lines_of_all_services_are_filtered_by_words_and_by_their_age() {
    let mut rehearsal = Rehearsal::open_sized("plan", 120, 60);
    declare(&mut rehearsal);
    rehearsal.wait(15);
    rehearsal.keys("8z");
    while rehearsal.session.model.panes.criterion != Some(Criterion::Logs) {
        rehearsal.keys("<Down>");
    }
    rehearsal.keys("<Enter>/");
    rehearsal.write("1m order 500");
    let screen = rehearsal.screen();
    let lines: Vec<&str> = screen.lines().filter(|l| l.contains("-service: 2025-")).collect();
    assert!(screen.contains("The newest lines of any kind with 1m order 500"), "{screen}");
    assert!(!lines.is_empty() && lines.iter().all(|l| l.contains("order-service: ") && l.contains("500")), "{screen}");
    // Nothing else on show can be filtered: the key does nothing there.
    rehearsal.keys("<Esc>i/");
    assert!(!rehearsal.screen().contains("Show lines with"), "{}", rehearsal.screen());
}

#[test]
fn in_the_drill_the_logs_follow_from_the_cause_and_are_clean_again_after_the_rollback() {
    let mut rehearsal = Rehearsal::open("plan");
    declare(&mut rehearsal);
    rehearsal.wait(15);
    let (standing, told) = row(&rehearsal.session.model);
    assert_eq!(standing, Standing::Sensed(Verdict::NotMet), "{told}");
    assert!(told.starts_with("order-service: 31 error lines in 5 min"), "{told}");
    rehearsal.keys("aaR");
    read(&mut rehearsal);
    rehearsal.keys("2<Enter>");
    rehearsal.skip_until("low errors", |m| met(m, 9));
    // What was written before the end of the act is no sign against it.
    rehearsal.skip_until("clean logs", |m| row(m).0 == Standing::Sensed(Verdict::Met));
    let (_, told) = row(&rehearsal.session.model);
    assert!(told.starts_with("0 error lines in "), "{told}");
    let mut played = drill("plan").unwrap();
    let what = What::Forbidden { verb: "get".into(), resource: "pods/log".into() };
    played.troubles.push(Trouble { from: played.start, until: None, what });
    let mut rehearsal = Rehearsal::open_on(&played, |_| {}, (80, 24));
    declare(&mut rehearsal);
    rehearsal.wait(15);
    let (standing, told) = row(&rehearsal.session.model);
    assert_eq!(standing, Standing::Unattested, "{told}");
    assert!(told.contains("you may not get pods/log"), "{told}");
}
