//! The drills' worlds.
use backout::domain::fact::*;
use backout::domain::metrics::*;
use backout::sim::*;
use futures::StreamExt;
use std::time::Duration;

#[test]
fn look() {
    let t = std::time::SystemTime::UNIX_EPOCH;
    let _ = t;
    let name = std::env::var("DRILL").unwrap_or("plan".into());
    let d = drill(&name).unwrap();
    let h = Handle::new(Production::load(&d));
    let w = h.world();
    let mut facts = w.cluster.facts();
    let show = |h: &Handle| {
        let now = w.clock.now();
        println!("=== {} {:?} next {:?}", now.wall, now.mono, h.next_due());
        for s in Signal::ALL {
            let c = futures::executor::block_on(w.metrics.fetch(MetricsRequest {
                signal: s,
                namespace: "prod".into(),
                from: now.wall - chrono::TimeDelta::minutes(10),
                to: now.wall,
                step: Duration::from_secs(30),
            }))
            .unwrap();
            for (n, s) in &c.services {
                println!(
                    "{n:22} {}",
                    s.values.iter().map(|v| v.map_or("-".into(), |v| format!("{v:.3}"))).collect::<Vec<_>>().join(" ")
                );
            }
        }
        for a in futures::executor::block_on(w.alerts.alerts()).unwrap() {
            println!("{a:?}");
        }
    };
    show(&h);
    let drain = |facts: &mut futures::stream::BoxStream<'static, Fact>| {
        while let Some(Some(f)) = futures::FutureExt::now_or_never(facts.next()) {
            match f {
                Fact::Pods(PodNews::Page(p)) => {
                    for p in p {
                        println!(
                            "{} {} {:?} {:?} {}",
                            p.name,
                            p.state.word(),
                            p.ready(),
                            p.restarts,
                            p.containers[0].image
                        );
                    }
                }
                f => println!("{}", format!("{f:?}").chars().take(400).collect::<String>()),
            }
        }
    };
    drain(&mut facts);
    h.advance(Duration::from_secs(120));
    drain(&mut facts);
    show(&h);
    h.with(|p| {
        let pods: Vec<_> = ["order-service"].iter().map(|s| s.to_string()).collect();
        let _ = (pods, p);
    });
}
