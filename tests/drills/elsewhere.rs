//! Somebody else at the same cluster: a second pair of hands with helm, seen only by what they change.

use backout::act::rollback::{self, Terms};
use backout::domain::name::{Namespace, ReleaseName, Revision};
use backout::helm::progress::Outcome;
use backout::helm::rollback::Wait;
use backout::sim::Handle;
use futures::FutureExt;

/// Somebody else rolls the release back to that revision and does not wait for its pods.
pub fn roll_back(handle: &Handle, to: u32) {
    let world = handle.world();
    let (release, namespace) = (ReleaseName::new("ecommerce-app"), Namespace::new("prod"));
    let mut work = async move {
        let terms = Terms { wait: Wait::Not, ..Terms::default() };
        let plan = rollback::plan(&world, release, namespace, Revision(to), "elsewhere", terms.timeout).await.unwrap();
        rollback::run(&world, &plan, "elsewhere", terms, |_| {}).await
    }
    .boxed_local();
    for _ in 0..10_000 {
        if let Some(outcome) = (&mut work).now_or_never() {
            assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
            return;
        }
        handle.advance(handle.next_due().expect("nothing will ever happen"));
    }
    panic!("the other's rollback never ended");
}
