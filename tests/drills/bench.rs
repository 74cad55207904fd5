//! A cockpit on a world made by hand, second by second: two services whose curves are functions of time, everything else
//! well.
//!
//! Never: a task, a clock, a sleep.

use std::collections::BTreeMap;
use std::time::Duration;

use backout::domain::alert::Alert;
use backout::domain::event::{Entry, Event};
use backout::domain::evidence::{Sensor, Verdict};
use backout::domain::fault::Fault;
use backout::domain::health::{Answer, Ask, Checked};
use backout::domain::logs::{Excerpt, Heard, LogAsk, LogRule};
use backout::domain::metrics::{Curves, Signal};
use backout::domain::moment::{Moment, Now};
use backout::domain::name::{Person, Service};
use backout::domain::series::Series;
use backout::effect::Effect;
use backout::model::Model;
use backout::msg::Msg;
use backout::sim::{Handle, Production, drill};
use backout::tools::actuator;
use backout::update::evidence::sense;
use backout::update::update;
use futures::StreamExt;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::rehearsal::settings;

/// What a service says that is well, and one that is not.
pub const UP: &str = r#"{"status":"UP","components":{"db":{"status":"UP"}}}"#;
pub const DOWN: &str = r#"{"status":"DOWN","components":{"db":{"status":"DOWN","details":{"password":"hunter2"}}}}"#;

const START: i64 = 1_764_561_600;

pub type Curve = fn(&str, i64) -> Option<f64>;

/// What a service answers of its health at a second; `None` = nothing in time.
pub type Health = fn(&str, i64) -> Option<(u16, &'static str)>;

/// The line that every pod of a service writes at a second; `None` = none.
pub type Log = fn(&str, i64) -> Option<&'static str>;

/// A cockpit on a world of two services whose curves are functions of the time since the start.
pub struct Bench {
    pub model: Model,
    pub curves: BTreeMap<Signal, Curve>,
    pub health: Health,
    pub log: Log,
    pub alerts: Vec<Alert>,
    /// Why no log can be read.
    pub logs_fault: Option<Fault>,
    pub second: i64,
    /// How far the wall clock was set.
    pub shift: i64,
    pub down: bool,
}

pub fn at(second: i64) -> Moment {
    chrono::DateTime::from_timestamp(START + second, 0).unwrap()
}

pub fn now(second: i64) -> Now {
    Now { wall: at(second), mono: Duration::from_secs(u64::try_from(second).unwrap()) }
}

impl Bench {
    /// Everything is well and known: pods, workloads and releases are those of a drill before its incident.
    pub fn new() -> Self {
        let played = drill("plan").unwrap();
        let mut model = Model::new(settings(&played), now(0), (80, 24));
        let handle = Handle::new(Production::load(&drill("innocent-release").unwrap()));
        let mut facts = handle.world().cluster.facts();
        update(&mut model, Msg::Tick(now(0)));
        while let Some(fact) = futures::FutureExt::now_or_never(facts.next()).flatten() {
            update(&mut model, Msg::Fact(fact));
        }
        let quiet: Curve = |_, _| Some(0.002);
        let curves: BTreeMap<Signal, Curve> =
            [(Signal::ErrorRatio, quiet), (Signal::P95, |_, _| Some(0.18)), (Signal::Traffic, |_, _| Some(9.0))].into();
        let health: Health = |_, _| Some((200, UP));
        let log: Log = |_, second| (second % 3 == 0).then_some("INFO GET /api 200 in 12 ms");
        Self { model, curves, health, log, alerts: Vec::new(), logs_fault: None, second: 0, shift: 0, down: false }
    }

    pub fn with(mut self, signal: Signal, curve: Curve) -> Self {
        self.curves.insert(signal, curve);
        self
    }

    /// Time passes in steps of five seconds; every question is answered at once.
    pub fn until(&mut self, second: i64) -> &mut Self {
        while self.second < second {
            self.second += 5;
            let time = Now { wall: at(self.second + self.shift), ..now(self.second) };
            let asked = update(&mut self.model, Msg::Tick(time));
            for effect in asked {
                let (generation, request) = match effect {
                    Effect::Measure(generation, request) => (generation, request),
                    Effect::ReadAlerts(generation) => {
                        let read = update(&mut self.model, Msg::AlertsRead(generation, Ok(self.alerts.clone())));
                        for effect in read {
                            if let Effect::Append(events) = effect {
                                for event in events {
                                    self.journaled(event);
                                }
                            }
                        }
                        continue;
                    }
                    Effect::ReadHealth(generation, asks) => {
                        let answers = asks.into_iter().map(|ask| self.checked(ask)).collect();
                        update(&mut self.model, Msg::HealthRead(generation, answers));
                        continue;
                    }
                    Effect::ReadLogs(generation, asks, rule) => {
                        let heard = asks.into_iter().map(|ask| self.heard(ask, &rule)).collect();
                        update(&mut self.model, Msg::LogsRead(generation, heard));
                        continue;
                    }
                    _ => continue,
                };
                let curve = self.curves[&request.signal];
                let step = i64::try_from(request.step.as_secs()).unwrap();
                let values = |name: &str| {
                    let all = (request.from.timestamp()..=request.to.timestamp()).step_by(step as usize);
                    all.map(|t| curve(name, t - START)).collect()
                };
                let series = |name| Series { start: request.from, step: request.step, values: values(name) };
                let services =
                    ["order-service", "payment-service"].map(|n| (Service::new(n), series(n))).into_iter().collect();
                let answer = Curves { services, query: "q".into(), window: Duration::from_mins(1) };
                let dark = Fault::Unreachable { what: "connection refused".into() };
                let answer = if self.down { Err(dark) } else { Ok(answer) };
                update(&mut self.model, Msg::Measured((request.signal, request.scope), generation, answer));
            }
        }
        self
    }

    fn checked(&self, ask: Ask) -> Checked {
        let silent = || Answer::Dark(Fault::Unreachable { what: "no answer within 5 s".into() });
        let said = (self.health)(ask.service.as_str(), self.second + self.shift);
        let answer = said.map_or_else(silent, |(code, body)| Answer::Said(actuator::reply(code, body)));
        Checked { ask, took: Duration::from_millis(30), answer }
    }

    fn heard(&self, ask: LogAsk, rule: &LogRule) -> Heard {
        let table = self.model.feeds.pods.known().unwrap();
        let service = table.get(&ask.writer.pod).and_then(|p| p.service.clone()).unwrap();
        let mut excerpt = Excerpt::default();
        let until = ask.until.unwrap_or(self.model.now.wall);
        for second in ask.from.timestamp() + 1..=until.timestamp() {
            if let Some(line) = (self.log)(service.as_str(), second - START) {
                excerpt.take(at(second - START), line, rule);
            }
        }
        let excerpt = self.logs_fault.clone().map_or(Ok(excerpt), Err);
        Heard { ask, excerpt }
    }

    pub fn screen(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal
            .draw(|frame| {
                backout::ui::view(&self.model, frame);
            })
            .unwrap();
        terminal.backend().to_string()
    }

    pub fn verdict(&self, sensor: Sensor) -> Verdict {
        sense(&self.model, sensor).verdict
    }

    /// An entry is on disk.
    pub fn journaled(&mut self, event: Event) {
        let seq = self.model.incident.as_ref().map_or(1, |i| i.entries.len() as u64 + 1);
        let entry = Entry { seq, at: self.model.now.wall, by: Person::new("ana"), event };
        update(&mut self.model, Msg::Appended(vec![entry]));
    }
}
