//! Two rollbacks without a screen at once, as two processes on the real floor (tests/real): exactly one acts, the other
//! is refused and names it, by the lock of the machine they share or by the one in the cluster.
//!
//! Run by tests/real/test.sh, or inside a lab: `tests/real/in.sh cargo test --features real --test real_two`.
#![cfg(feature = "real")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its fixtures too")]
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "real programs are run and waited for")]

#[path = "support/floor.rs"]
mod floor;
#[path = "support/gate.rs"]
mod gate;

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use floor::{Helm, Shop, among_others};
use gate::{Fate, Gate, Hold, Side};

/// A rollback of the shop to revision 2, by a person on a machine, which is a home folder.
fn rollback(person: &str, machine: &Path, gate: &Gate, shop: &Shop) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backout"));
    command.env_clear().env("HOME", machine).env("USER", person).env("KUBECONFIG", gate.kubeconfig());
    command.args(["rollback", "ecommerce-app", "-n", &shop.namespace, "--to", "2", "--yes"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The exit code, and what was said last.
fn ended(child: Child) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    println!("{said}");
    (status.code(), said.trim_end().lines().next_back().unwrap_or_default().to_owned())
}

#[test]
fn of_two_processes_that_roll_back_at_once_one_acts_and_the_other_names_it() {
    let _quiet = among_others();
    let shop = Shop::incident("two", Helm::Three, "bad", &["--no-wait"]);
    let gate = Gate::open();
    let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    gate.hold(Hold { method: "POST", path: "/secrets", side: Side::Asked });
    let first = rollback("ana", here.path(), &gate, &shop);
    let pid = first.id();
    gate.held(60);

    // On one machine the journal's lock tells, a person's own other terminal as such.
    let (code, said) = ended(rollback("ben", here.path(), &gate, &shop));
    assert_eq!(code, Some(3), "{said}");
    assert!(said.starts_with("ana holds the incident INC-") && said.ends_with("Ask ana, or wait."), "{said}");
    let (code, said) = ended(rollback("ana", here.path(), &gate, &shop));
    assert_eq!(code, Some(3), "{said}");
    let own = format!("you, in another terminal (pid {pid}, since ");
    assert!(said.starts_with(&own) && said.ends_with("Go on there, or quit it."), "{said}");
    // On another machine the lease in the cluster does.
    let (code, said) = ended(rollback("ben", elsewhere.path(), &gate, &shop));
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("ana@") && said.contains(&format!("(pid {pid}) is rolling ecommerce-app back")), "{said}");

    gate.let_go(Fate::GoesOn);
    let (code, said) = ended(first);
    assert_eq!(code, Some(0), "{said}");
    let records: Vec<String> =
        gate.changes().into_iter().filter(|c| c.starts_with("POST") && c.contains("/secrets")).collect();
    assert_eq!(records.len(), 1, "{records:?}");
    let statuses = shop.statuses();
    assert_eq!(statuses.last(), Some(&(4, "deployed".into())), "{statuses:?}");
}
