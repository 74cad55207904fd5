//! The chooser's figures: how each revision did while it was live, kept true while the cockpit is open.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use backout::act::lived;
use backout::domain::fault::Fault;
use backout::domain::metrics::{Curves, MetricsRequest, Signal};
use backout::domain::moment::Moment;
use backout::domain::name::{Namespace, Revision, Service};
use backout::domain::release::{Life, Lived};
use backout::domain::series::Series;
use backout::domain::usage::Usage;
use backout::ports::{Metrics, World};
use backout::sim::{Drill, Handle, Production, drill};
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::{BoxFuture, ready};

use super::elsewhere;
use super::rehearsal::Rehearsal;

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

/// What is known of a revision's life.
fn read(rehearsal: &Rehearsal, revision: u32) -> &Lived {
    rehearsal.session.model.lives.read.get(&Revision(revision)).unwrap()
}

#[test]
fn a_prometheus_that_comes_back_is_asked_again_how_the_revisions_did() {
    let mut drill = Rehearsal::open("blind");
    drill.keys("v");
    assert!(drill.screen().contains("metrics unreachable"), "{}", drill.screen());
    assert!(matches!(read(&drill, 2).unread, Some(Fault::Unreachable { .. })));
    while drill.session.model.now.wall < moment("2025-12-01T04:50:00Z") {
        drill.wait(10);
    }
    assert!(read(&drill, 2).errors.is_some_and(|e| e < 0.01), "{:?}", read(&drill, 2));
    assert!(drill.screen().contains("live 3 d 18 h: errors 0."), "{}", drill.screen());
    assert!(drill.session.model.choice.as_ref().unwrap().why.starts_with("Revision 2: 3 d 18 h at 0."));
}

#[test]
fn an_upgrade_under_an_open_cockpit_ends_the_window_of_the_revision_before() {
    let mut drill = Rehearsal::open("plan");
    drill.wait(200);
    elsewhere::roll_back(&drill.handle, 2);
    drill.wait(5);
    let facts = &drill.session.model.release().unwrap().revisions;
    let (third, fourth) = (facts[2].updated, facts[3].updated);
    assert_eq!((read(&drill, 3).from, read(&drill, 3).to), (third, fourth));
    drill.wait(400);
    assert_eq!(read(&drill, 3).to, fourth);
    let age = drill.session.model.now.wall - read(&drill, 4).to;
    assert!(age.num_seconds() <= 90, "what runs is read again while it runs, last {age} ago");
}

/// A drill whose third revision lived for a minute and a half only.
fn brief() -> Drill {
    let mut played = drill("naive-trap").unwrap();
    let (third, fourth) = (played.revisions[2].clone(), &mut played.revisions[3]);
    fourth.at = third.at + chrono::Duration::seconds(90);
    played
}

#[test]
fn a_revision_that_lived_for_ninety_seconds_says_so_and_how_long() {
    let mut drill = Rehearsal::open_on(&brief(), |_| {}, (80, 24));
    drill.keys("v").wait(60);
    let screen = drill.screen_at(120, 40);
    assert!(screen.contains("live 1 min 30 s: too short to measure"), "{screen}");
    assert!(!screen.contains("fetching health"), "{screen}");
}

#[test]
fn an_age_and_the_whole_of_a_life_are_told() {
    let mut drill = Rehearsal::open("plan");
    drill.keys("v");
    let screen = drill.screen();
    assert!(screen.contains("6 min ago") && screen.contains("live 6 min 1 s: errors 17."), "{screen}");
}

/// What is answered: one value per service.
type Answer = Result<Vec<(&'static str, f64)>, Fault>;

/// Curves that were written down.
struct Written(fn(Signal) -> Answer);

impl Metrics for Written {
    fn fetch(&self, request: MetricsRequest) -> BoxFuture<'_, Result<Curves, Fault>> {
        let curves = (self.0)(request.signal).map(|rows| Curves {
            services: rows
                .into_iter()
                .map(|(name, value)| {
                    let values = vec![Some(value); 60];
                    (Service::new(name), Series { start: request.from, step: request.step, values })
                })
                .collect(),
            query: String::new(),
            window: Duration::from_mins(1),
        });
        ready(curves).boxed()
    }

    fn usage(&self, _: Namespace) -> BoxFuture<'_, Result<Usage, Fault>> {
        ready(Err(Fault::Absent { what: "not written down".into() })).boxed()
    }
}

fn lived_by(written: fn(Signal) -> Answer, services: &[&str]) -> Lived {
    let handle = Handle::new(Production::load(&drill("plan").unwrap()));
    let world = World { metrics: Arc::new(Written(written)), ..handle.world() };
    let life = Life { from: moment("2025-11-27T10:05:12Z"), to: moment("2025-12-01T04:30:00Z") };
    let services: BTreeSet<Service> = services.iter().map(|s| Service::new(s)).collect();
    let lives = [(Revision(2), life)];
    let read = block_on(lived::read(&world, &Namespace::new("prod"), &services, &lives));
    read.get(&Revision(2)).unwrap().clone()
}

#[test]
fn a_service_without_enough_requests_to_judge_disqualifies_no_revision() {
    let idle = lived_by(
        |signal| {
            Ok(match signal {
                Signal::ErrorRatio => vec![("orders", 0.25), ("reports", 0.5)],
                Signal::P95 => vec![("orders", 0.25), ("reports", 9.0)],
                Signal::Traffic => vec![("orders", 20.0), ("reports", 0.01)],
            })
        },
        &[],
    );
    assert_eq!((idle.errors, idle.p95, idle.unread), (Some(0.25), Some(0.25), None));
}

#[test]
fn a_service_of_another_release_disqualifies_no_revision() {
    let foreign = |signal| {
        Ok(match signal {
            Signal::ErrorRatio => vec![("orders", 0.25), ("someone-elses", 0.5)],
            Signal::P95 => vec![("orders", 0.25), ("someone-elses", 9.0)],
            Signal::Traffic => vec![("orders", 20.0), ("someone-elses", 20.0)],
        })
    };
    let lived = lived_by(foreign, &["orders"]);
    assert_eq!((lived.errors, lived.p95), (Some(0.25), Some(0.25)));
    // Curves by names that are none of its workloads': all of them count, or nothing could be judged.
    let lived = lived_by(foreign, &["order-deployment"]);
    assert_eq!((lived.errors, lived.p95), (Some(0.5), Some(9.0)));
}

#[test]
fn no_data_is_told_from_no_answer() {
    let nothing = lived_by(|_| Ok(Vec::new()), &[]);
    assert_eq!((nothing.errors, nothing.p95, nothing.unread), (None, None, None));
    let gone = Fault::Unreachable { what: "connection refused".into() };
    let dark = lived_by(|_| Err(Fault::Unreachable { what: "connection refused".into() }), &[]);
    assert_eq!((dark.errors, dark.p95, dark.unread), (None, None, Some(gone)));
}
