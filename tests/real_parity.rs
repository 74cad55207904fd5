//! Our rollback against helm's own, on a real API server: the same install, upgrade and live changes by the same helm in
//! three namespaces, then helm rolls one back, we the second with `--helm-exact` and the third as we do by default. Every
//! object, what is left over and every record must be equal, but for uids, versions and times; field managers with their
//! operations and fields are compared, too.
//!
//! What differs is a deviation with a name, and every single place of it is told in the case:
//!
//! | | |
//! |---|---|
//! | D1 | what the server would refuse is seen by dry runs, and nothing is written |
//! | D2 | a failed hook leaves a record that says failed, not one pending for ever |
//! | D3 | where the target is what is live already nothing is done |
//! | D4 | whoever else is at work is not passed over |
//! | D5 | pods that do not come up in time are another light than the record |
//! | D6 | a revision that had failed does not become superseded, and look good, by a second failure |
//! | D7 | taking over an object deletes nothing of it |
//! | D8 | no record is pruned |
//! | D9 | a deletion that fails is told |
//! | D10 | a hook is created when its old object is really gone |
//! | D11 | the live number of pods is kept, where that was chosen |
//! | D12 | conflicts are forced on the objects that were named; helm forces all or none |
//! | D13 | objects of one kind are dealt with at once: what stands beside a refused one is not left out |
//!
//! Run inside the lab's network: `tests/real/in.sh cargo test --features real --test real_parity -- --nocapture`;
//! PARITY=P08,P21 runs those cases alone.
#![cfg(feature = "real")]
#![expect(clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "helm itself is run, as the oracle, and waited for")]
#![expect(clippy::print_stdout, reason = "what was compared is told")]

#[path = "real_parity/case.rs"]
mod case;
#[path = "real_parity/codec.rs"]
mod codec;
#[path = "real_parity/faults.rs"]
mod faults;
#[path = "real_parity/floor.rs"]
mod floor;
#[path = "real_parity/hands.rs"]
mod hands;
#[path = "real_parity/hooks.rs"]
mod hooks;
#[path = "real_parity/objects.rs"]
mod objects;
#[path = "real_parity/records.rs"]
mod records;
#[path = "real_parity/side.rs"]
mod side;
#[path = "real_parity/state.rs"]
mod state;
#[path = "real_parity/table.rs"]
mod table;

use std::path::Path;
use std::time::{Duration, Instant};

use case::Case;
use floor::Server;
use futures::StreamExt;
use side::{Side, Who};
use table::Seen;

/// Sides at work at once: most of the time they wait for the server.
const AT_ONCE: usize = 10;

fn cases() -> Vec<Case> {
    let all = [
        objects::cases(),
        hands::cases(),
        hands::contested(),
        hands::customs(),
        hooks::cases(),
        faults::cases(),
        records::cases(),
    ]
    .concat();
    let only = std::env::var("PARITY").unwrap_or_default();
    all.into_iter().filter(|c| only.is_empty() || only.split(',').any(|id| c.id == id)).collect()
}

/// Both helms under the name that everybody's has.
fn programs(folder: &Path) {
    for major in [3, 4] {
        let path = std::env::var_os("PATH").expect("a PATH");
        let found = std::env::split_paths(&path).map(|p| p.join(format!("helm{major}"))).find(|p| p.exists());
        let place = folder.join(format!("helm{major}"));
        std::fs::create_dir_all(&place).expect("a folder");
        std::os::unix::fs::symlink(found.expect("helm on PATH"), place.join("helm")).expect("a link");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_on_every_path_is_equal_to_helm_but_for_named_deviations() {
    let folder = tempfile::tempdir().expect("a folder");
    programs(folder.path());
    let server = Server::open().await;
    let began = Instant::now();
    let sides = sides(&cases(), folder.path(), &server);
    let told = |what: &str| println!("{what}: {:.1} s", began.elapsed().as_secs_f64());

    let each = |side: &Side| side.clone();
    let preparing = sides.iter().map(each).map(|s| async move { s.prepare().await });
    let prepared: Vec<_> = futures::stream::iter(preparing).buffered(AT_ONCE).collect().await;
    told("installed, upgraded, meddled with");
    let names: Vec<String> = sides.iter().map(|s| s.namespace.clone()).collect();
    let before = settled(&server, &names).await;
    let records = codec::rewritten(&before);
    println!(
        "{} records of helm's written again byte for byte, the largest of {} bytes; {} spoilt ones told",
        records.equal, records.largest, records.spoilt
    );
    let rolling = sides.iter().map(each).zip(prepared);
    let rolling = rolling.map(|(s, ready)| async move {
        match ready {
            Ok(()) => s.roll_back().await,
            Err(why) => Err(why),
        }
    });
    let ends: Vec<_> = futures::stream::iter(rolling).buffered(AT_ONCE).collect().await;
    told("rolled back");
    let after = settled(&server, &names).await;
    let seen: Vec<Seen> = sides
        .iter()
        .zip(ends)
        .map(|(side, end)| {
            let of = |all: &state::Namespaces| all.get(&side.namespace).cloned().unwrap_or_default();
            let (before, after) = (of(&before), of(&after));
            let was = state::comparable(&before, &before, &side.namespace);
            let is = state::comparable(&after, &before, &side.namespace);
            Seen { side: side.clone(), end, was, is }
        })
        .collect();
    if std::env::var_os("PARITY_KEEP").is_none() {
        futures::stream::iter(sides.iter().map(each))
            .for_each_concurrent(AT_ONCE, |s| async move { s.forget().await })
            .await;
    }
    let mut table = table::of(&seen);
    let place = floor::lab().join("log/parity-told.txt");
    std::fs::write(&place, &table.told).expect("a file");
    table.wrong.extend(records.wrong);
    println!("{}", table.text);
    told("compared");
    assert!(
        table.wrong.is_empty(),
        "{} places are not as told (those of deviations: {}):\n{}",
        table.wrong.len(),
        place.display(),
        table.wrong.join("\n")
    );
    if std::env::var_os("PARITY").is_none() {
        assert_eq!(table.text, include_str!("real_parity/table.txt"));
    }
}

fn sides(cases: &[Case], folder: &Path, server: &Server) -> Vec<Side> {
    let mut all = Vec::new();
    for case in cases {
        for path in case.paths {
            let three = Who::ALL.map(|who| Side::new(case, (*path, who), folder.into(), server.clone()));
            three[0].write_charts();
            all.extend(three);
        }
    }
    all
}

/// All objects, once none of them is being deleted any more.
async fn settled(server: &Server, namespaces: &[String]) -> state::Namespaces {
    let began = Instant::now();
    loop {
        let all = server.dump(namespaces).await;
        let leaving = |o: &&serde_json::Value| !o["metadata"]["deletionTimestamp"].is_null();
        let Some(object) = all.values().flat_map(|objects| objects.values()).find(leaving) else { return all };
        assert!(began.elapsed() < Duration::from_mins(1), "it does not go away: {object}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
