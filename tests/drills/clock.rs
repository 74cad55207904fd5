//! The machine's clock is set back (NTP, a suspended laptop) while the cockpit is open.

use std::time::Duration;

use backout::domain::metrics::Curves;
use backout::domain::moment::{Moment, Now};
use backout::domain::series::Series;
use backout::effect::Effect;
use backout::msg::Msg;
use backout::update::update;

use super::rehearsal::Rehearsal;

fn newest(curves: &Curves) -> Option<Moment> {
    curves.services.values().filter_map(Series::last).map(|(t, _)| t).max()
}

#[test]
fn a_clock_that_is_set_back_an_hour_leaves_no_hour_without_curves() {
    let mut drill = Rehearsal::open("plan");
    drill.wait(30);
    let model = &mut drill.session.model;
    assert!(model.feeds.errors.known().is_some_and(|c| newest(c).is_some()), "it was measured before");
    let wall = model.now.wall - chrono::Duration::hours(1);
    let now = Now { wall, mono: model.now.mono + Duration::from_secs(5) };
    let asked: Vec<_> = update(model, Msg::Tick(now))
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Measure(generation, request) => Some((generation, request)),
            _ => None,
        })
        .collect();
    assert_eq!(asked.len(), 5);
    for (generation, request) in asked {
        assert!(request.from < request.to, "{request:?}");
        let curves = futures::executor::block_on(drill.session.executor.world.metrics.fetch(request.clone())).unwrap();
        update(&mut drill.session.model, Msg::Measured((request.signal, request.scope), generation, Ok(curves)));
    }
    let model = &drill.session.model;
    let late: Vec<_> = [&model.feeds.errors, &model.feeds.p95, &model.feeds.traffic]
        .into_iter()
        .filter_map(|feed| newest(feed.known().unwrap()))
        .filter(|t| *t > wall)
        .collect();
    assert!(late.is_empty(), "measured after now, so of another time: {late:?}");
}
