//! What a container wrote: its start, its requests, its errors; lines that follow from what it runs.
//!
//! Never: a line that was not written yet, nor of a run that did not happen.

use chrono::{SecondsFormat, TimeDelta};

use super::chance::Chance;
use super::conduct::Fate;
use super::pod::{Life, Pod};
use super::production::Production;
use crate::domain::detail::LogTail;
use crate::domain::fault::Fault;
use crate::domain::logs::{Excerpt, Heard, LogAsk, LogLine, LogRule};
use crate::domain::moment::Moment;
use crate::domain::name::Container;

/// Seconds between two request lines.
const EVERY: i64 = 3;

impl Production {
    /// Reads these logs.
    pub fn logs(&self, asks: Vec<LogAsk>, rule: &LogRule) -> Vec<Heard> {
        asks.into_iter().map(|ask| Heard { excerpt: self.read(&ask, rule), ask }).collect()
    }

    fn read(&self, ask: &LogAsk, rule: &LogRule) -> Result<Excerpt, Fault> {
        self.readable("get", "pods/log")?;
        let writer = &ask.writer;
        let absent = || Fault::Absent { what: format!("The server has no pods {}", writer.pod) };
        let pod = self.pods.values().find(|p| p.name == writer.pod).ok_or_else(absent)?;
        let (until, started) = (ask.until.unwrap_or(self.now), pod.started.ok_or_else(absent)?);
        let mut excerpt = Excerpt::default();
        if pod.containers.first().is_some_and(|c| *c.name == *writer.container.as_str()) {
            let trouble = self.troubles.log(until, &pod.service);
            let lines = run(self.chance, pod, &trouble, started, until);
            lines.iter().filter(|l| l.at > ask.from && l.at < until).for_each(|l| excerpt.take(l.at, &l.text, rule));
        }
        Ok(excerpt)
    }
}

/// The last lines of each container; after a crash also those of the run before. `trouble` are lines of whoever waits
/// for something below.
pub fn tails(chance: Chance, pod: &Pod, trouble: &[&str], now: Moment, lines: usize) -> Vec<LogTail> {
    let mut tails = Vec::new();
    for (index, container) in pod.containers.iter().enumerate() {
        let name = Container::new(&container.name);
        let main = index == 0;
        let tail = |previous: bool, lines| LogTail { container: name.clone(), previous, lines };
        match (pod.started, main) {
            (Some(started), true) => {
                let crashed = matches!(pod.life, Life::Crashed | Life::BackOff);
                let until = if crashed { pod.last_exit.as_ref().map_or(now, |e| e.at) } else { now };
                if crashed {
                    tails.push(tail(false, Err("it does not run now; see the run before".into())));
                    tails.push(tail(true, Ok(last(run(chance, pod, trouble, started, until), lines))));
                } else {
                    tails.push(tail(false, Ok(last(run(chance, pod, trouble, started, until), lines))));
                    if let Some(exit) = &pod.last_exit {
                        let before = exit.at - lived(pod);
                        tails.push(tail(true, Ok(last(run(chance, pod, trouble, before, exit.at), lines))));
                    }
                }
            }
            (Some(started), false) => tails.push(tail(false, Ok(vec![line(started, "INFO", "started").text]))),
            (None, _) => tails.push(tail(false, Err(format!("it has not started: {}", pod.reason())))),
        }
    }
    tails
}

fn lived(pod: &Pod) -> TimeDelta {
    match &pod.conduct.fate {
        Fate::Crashes { after, .. } => TimeDelta::from_std(*after).unwrap_or_default(),
        Fate::Serves | Fate::NeverReady | Fate::NoSuchImage => TimeDelta::zero(),
    }
}

fn last(mut all: Vec<LogLine>, lines: usize) -> Vec<String> {
    all.split_off(all.len().saturating_sub(lines)).into_iter().map(|l| l.text).collect()
}

fn line(at: Moment, level: &str, text: &str) -> LogLine {
    LogLine { at, text: format!("{} {level:<5} {text}", at.to_rfc3339_opts(SecondsFormat::Millis, true)) }
}

/// The lines of one run, oldest first; only the last quarter of an hour of requests is still there.
fn run(chance: Chance, pod: &Pod, trouble: &[&str], started: Moment, until: Moment) -> Vec<LogLine> {
    let service = &pod.service;
    let image = pod.containers.first().map_or("", |c| c.image.short());
    let opening = [
        (started, format!("Starting {service} ({image}), profile prod")),
        (started + TimeDelta::milliseconds(1_830), "HikariPool-1 - Start completed.".into()),
    ];
    let mut lines: Vec<LogLine> =
        opening.iter().filter(|(at, _)| *at <= until).map(|(at, text)| line(*at, "INFO", text)).collect();
    let ready = started + TimeDelta::from_std(pod.conduct.start).unwrap_or_default();
    let crashes =
        matches!(pod.conduct.fate, Fate::Crashes { .. }) && pod.last_exit.as_ref().is_some_and(|e| e.at == until);
    if until >= ready && !(crashes && pod.conduct.fate_before_ready()) {
        lines.push(line(ready, "INFO", &format!("Started {service}; accepting traffic")));
    }
    let first = ready.max(until - TimeDelta::minutes(15)).timestamp() / EVERY + 1;
    for beat in first..=until.timestamp() / EVERY {
        let Some(at) = chrono::DateTime::from_timestamp(beat * EVERY, 0) else { break };
        if at > until || !matches!(pod.life, Life::Ready | Life::Leaving | Life::Crashed | Life::BackOff) {
            break;
        }
        lines.extend(request(chance, pod, trouble, at, beat as u64));
    }
    if crashes || pod.conduct.fate == Fate::NeverReady {
        lines.extend(pod.conduct.log.iter().map(|l| line(until, "ERROR", l)));
    }
    lines
}

fn request(chance: Chance, pod: &Pod, trouble: &[&str], at: Moment, beat: u64) -> Vec<LogLine> {
    let name = pod.name.as_str();
    let stem = pod.service.as_str().trim_end_matches("-service");
    let (draw, id) = (chance.unit(name, beat), chance.draw(name, beat) % 9_000 + 1_000);
    let pick = |from: &[String]| from.get(beat as usize % from.len().max(1)).cloned();
    if draw < pod.conduct.errors {
        let why = pick(&pod.conduct.log).unwrap_or_else(|| "unexpected end of stream".into());
        return vec![line(at, "ERROR", &why), line(at, "WARN", &format!("GET /api/{stem}/{id} 500"))];
    }
    let slow: Vec<String> = trouble.iter().map(|t| (*t).to_owned()).collect();
    if let Some(why) = pick(&slow).filter(|_| draw > 0.6) {
        return vec![line(at, "WARN", &why)];
    }
    let spent = (pod.conduct.p95 * 300.0 * chance.other(4).unit(name, beat)) as u64 + 8;
    vec![line(at, "INFO", &format!("GET /api/{stem}/{id} 200 in {spent} ms"))]
}
