//! A drill whose world is still being made: it is on screen and can be left before anybody has asked it anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backout::app::session::{Drill, turn};
use futures::FutureExt;
use futures::channel::oneshot;

#[test]
fn nothing_is_asked_of_a_world_that_is_still_being_made_and_then_everything() {
    let (made, arrival) = oneshot::channel();
    let (tasks, spawn) = Drill::arriving(arrival, Box::new(|_| panic!("nobody moves it on")));
    let asked = Arc::new(AtomicBool::new(false));
    let asks = asked.clone();
    spawn(async move { asks.store(true, Ordering::SeqCst) }.boxed());
    let mut drill = Some(tasks);
    assert_eq!((turn(&mut drill).now_or_never(), asked.load(Ordering::SeqCst)), (None, false));
    made.send(()).unwrap();
    assert_eq!((turn(&mut drill).now_or_never(), asked.load(Ordering::SeqCst)), (Some(()), false), "it is there");
    assert_eq!((turn(&mut drill).now_or_never(), asked.load(Ordering::SeqCst)), (Some(()), true));
}
