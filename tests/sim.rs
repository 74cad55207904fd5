//! The simulated production of every drill: its incident is there before anything is done, its solution ends it, and
//! nothing in it is left to chance.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its fixtures too")]

#[path = "sim/functional.rs"]
mod functional;
#[path = "sim/world.rs"]
mod sim_world;

use std::time::Duration;

use backout::domain::alert::AlertState;
use backout::domain::event::Ending;
use backout::domain::fact::{Fact, PodNews};
use backout::domain::metrics::Signal;
use backout::domain::name::{Image, Revision};
use backout::domain::release::Status;
use backout::domain::workload::PodState;
use backout::helm::progress::Outcome;
use backout::sim::{Drill, Handle, Health, WayOut, drill, drills};
use sim_world::{errors, facts, p95, pods, put_back, roll_back, traffic, world, worst};

fn every() -> Vec<(Drill, Handle)> {
    drills().into_iter().map(|(name, drill)| (drill.unwrap(), world(name))).collect()
}

#[test]
fn every_drill_shows_its_incident_before_anything_is_done() {
    for (drill, handle) in every() {
        let (failing, ringing) = (
            pods(&handle).iter().any(|p| matches!(p.state, PodState::Failing(_)) || p.restarts.count() > 2),
            handle.with(|w| w.alerts()).unwrap(),
        );
        let seen = match drill.name.as_str() {
            "crash-loop" => failing && ringing.iter().any(|a| a.name == "PodCrashLooping"),
            "blind" => !ringing.is_empty() && handle.with(|w| w.curves(&sim_world::last(w, Signal::P95))).is_err(),
            "innocent-release" | "node-pressure" => p95(&handle, "product-service").is_some_and(|v| v > 2.0),
            _ => {
                worst(&handle, Signal::ErrorRatio) > 0.1
                    && ringing.iter().any(|a| a.name == "HighErrorRate" && a.state == AlertState::Firing)
            }
        };
        assert!(seen, "{}: failing pods {failing}, alerts {ringing:#?}", drill.name);
    }
}

#[test]
fn the_history_ends_as_the_drill_file_says() {
    for (drill, handle) in every() {
        let releases = facts(&handle).into_iter().find_map(|f| if let Fact::Releases(r) = f { Some(r) } else { None });
        let revisions = releases.unwrap().remove(0).revisions;
        let told: Vec<(Revision, Status)> = revisions.iter().map(|r| (r.revision, r.status)).collect();
        let wanted: Vec<(Revision, Status)> = drill.revisions.iter().map(|d| (d.revision, d.ended)).collect();
        assert_eq!(told, wanted, "{}", drill.name);
        for (facts, deploy) in revisions.iter().zip(&drill.revisions) {
            let content = facts.content.as_ref().unwrap();
            assert_eq!(facts.updated, deploy.at);
            for (service, tag) in &deploy.versions {
                assert_eq!(content.images[service].iter().map(Image::tag).collect::<Vec<_>>(), [tag.as_str()]);
            }
        }
    }
}

#[test]
fn a_revision_did_while_it_was_live_as_its_file_says() {
    for (drill, handle) in every() {
        handle.advance(Duration::from_mins(15));
        for (index, deploy) in drill.revisions.iter().enumerate() {
            let until = drill.revisions.get(index + 1).map_or(drill.start, |next| next.at);
            let settled = deploy.at + chrono::TimeDelta::minutes(4);
            if matches!(drill.name.as_str(), "crash-loop" | "innocent-release" | "node-pressure") || settled >= until {
                continue;
            }
            let peak = sim_world::peak(&handle, Signal::ErrorRatio, settled, until);
            let measured = peak.is_some_and(|p| p < 0.01);
            let blind = drill.name == "blind" && deploy.health == Health::Bad;
            assert_eq!(
                measured,
                deploy.health == Health::Good && !blind,
                "{} {}: {peak:?}",
                drill.name,
                deploy.revision
            );
        }
    }
}

#[test]
fn the_solution_ends_the_incident() {
    for (drill, handle) in every() {
        match (drill.solution.revision, drill.solution.object.clone()) {
            (Some(target), _) => {
                let outcome = roll_back(&handle, target);
                let newest = drill.revisions.last().unwrap().revision.next();
                assert_eq!(outcome, Outcome::SeenReady { revision: newest }, "{}", drill.name);
                handle.advance(Duration::from_mins(if drill.name == "blind" { 16 } else { 4 }));
            }
            (None, Some(object)) => {
                let ending = put_back(&handle, object);
                assert!(matches!(ending, Ending::Seen { .. }), "{}: {ending:?}", drill.name);
                handle.advance(Duration::from_mins(4));
            }
            (None, None) => handle.advance(Duration::from_mins(u64::from(drill.par.minutes))),
        }
        let (errors, slow) = (worst(&handle, Signal::ErrorRatio), worst(&handle, Signal::P95));
        assert!(errors < 0.01 && slow < 0.5, "{}: errors {errors}, P95 {slow}", drill.name);
        let unwell: Vec<_> = pods(&handle).into_iter().filter(|p| !p.is_well()).collect();
        assert_eq!(unwell, [], "{}", drill.name);
        assert_eq!(handle.with(|w| w.alerts()), Ok(Vec::new()), "{}", drill.name);
        let target = drill.solution.revision.map_or(drill.revisions.last(), |to| drill.deploy(to)).unwrap();
        for pod in pods(&handle) {
            let wanted = &target.versions[pod.service.as_ref().unwrap()];
            assert_eq!(pod.containers[0].image.tag(), wanted, "{} {}", drill.name, pod.name);
        }
    }
}

#[test]
fn in_the_naive_trap_the_number_before_makes_it_worse() {
    let handle = world("naive-trap");
    let before = worst(&handle, Signal::ErrorRatio);
    roll_back(&handle, Revision(3));
    handle.advance(Duration::from_mins(4));
    let rows = pods(&handle);
    let killed = rows.iter().filter(|p| p.last_exit().is_some_and(|e| e.reason == "OOMKilled")).count();
    assert!(worst(&handle, Signal::ErrorRatio) > before.max(0.2), "{before} {}", worst(&handle, Signal::ErrorRatio));
    assert_eq!(killed, 4, "{rows:#?}");
}

#[test]
fn rolling_back_an_innocent_release_does_not_help() {
    let handle = world("innocent-release");
    assert_eq!(handle.with(|w| w.drill().solution.by), WayOut::Wait);
    roll_back(&handle, Revision(2));
    handle.advance(Duration::from_mins(5));
    assert!(p95(&handle, "product-service").is_some_and(|v| v > 2.0));
}

#[test]
fn callers_suffer_from_whom_they_call_and_others_do_not() {
    let handle = world("one-service");
    let seen = |service| errors(&handle, service).unwrap();
    assert!(seen("payment-service") > 0.28);
    assert!((0.06..0.1).contains(&seen("order-service")), "{}", seen("order-service"));
    assert!((0.02..0.05).contains(&seen("api-gateway")), "{}", seen("api-gateway"));
    assert!(seen("product-service") < 0.003);
    assert!(traffic(&handle, "payment-service").is_some_and(|v| v > 0.5));
}

#[test]
fn the_same_drill_twice_is_the_same_world() {
    for (name, _) in drills() {
        let play = || {
            let handle = world(name);
            let mut told = facts(&handle);
            let stream = handle.world().cluster.facts();
            roll_back(&handle, Revision(2));
            handle.advance(Duration::from_secs(97));
            told.extend(sim_world::drained(stream));
            let curves = Signal::ALL.map(|s| handle.with(|w| w.curves(&sim_world::last(w, s))).map(|c| c.services));
            (told, curves, handle.with(|w| w.alerts()))
        };
        assert_eq!(play(), play(), "{name}");
    }
}

#[test]
fn time_in_one_step_or_in_many_is_the_same_time() {
    let (one, many) = (world("crash-loop"), world("crash-loop"));
    one.advance(Duration::from_mins(5));
    for _ in 0..300 {
        many.advance(Duration::from_secs(1));
    }
    assert_eq!(pods(&one), pods(&many));
    assert_eq!(one.with(|w| w.alerts()), many.with(|w| w.alerts()));
}

#[test]
fn another_seed_is_another_world_with_the_same_incident() {
    let mut drill = drill("plan").unwrap();
    let first = world("plan");
    drill.seed = 9;
    let second = Handle::new(backout::sim::Production::load(&drill));
    assert_ne!(pods(&first), pods(&second));
    assert!(worst(&second, Signal::ErrorRatio) > 0.14);
}

#[test]
fn the_listing_is_whole_and_then_changes_follow() {
    let handle = world("plan");
    let mut stream = handle.world().cluster.facts();
    let first = sim_world::drained_now(&mut stream);
    assert_eq!(first.first(), Some(&Fact::Pods(PodNews::Listing)));
    assert_eq!(first.get(2), Some(&Fact::Pods(PodNews::Complete)));
    assert!(matches!(first.get(1), Some(Fact::Pods(PodNews::Page(rows))) if rows.len() == 15));
    roll_back(&handle, Revision(2));
    handle.advance(Duration::from_mins(2));
    let later = sim_world::drained_now(&mut stream);
    let gone = |service: &str| {
        let of = |f: &&Fact| matches!(f, Fact::Pods(PodNews::Gone(name)) if name.as_str().starts_with(service));
        later.iter().filter(of).count()
    };
    assert_eq!(["order-service", "payment-service", "cart-service", "cache-flush"].map(gone), [2, 2, 0, 1]);
}
