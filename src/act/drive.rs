//! Runs an engine against a world: its calls in parallel up to a bound, its watches, its deadline.
//!
//! A server that is overloaded says so before it has looked at a request (429): such a call rests for as long as servers
//! ask for, and keeps its place among those under way, so that the whole slows down.
//!
//! Never: another retry. A call that failed is the engine's to judge.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{BoxStream, FuturesUnordered, SelectAll};
use futures::{FutureExt, StreamExt};

use crate::helm::api::{Answer, Call, Refused};
use crate::helm::engine::{CallId, Engine, Input, Request, WatchId};
use crate::helm::progress::Progress;
use crate::ports::{ObjectNews, World};

/// Calls under way at once (helm-rollback: no client-side rate limit, so the bound is ours).
const AT_ONCE: usize = 24;

/// How long a call that was turned away rests, time and again, where the server does not say how long.
const RESTS: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// However long a server asks for.
const LONGEST_REST: Duration = Duration::from_secs(10);

type Calls = FuturesUnordered<BoxFuture<'static, Input>>;
type Watches = SelectAll<BoxStream<'static, (WatchId, ObjectNews)>>;

/// Steps the engine until it has ended; every report goes to `tell`.
pub async fn drive<E: Engine>(engine: &mut E, world: &World, mut tell: impl FnMut(Progress)) {
    let mut calls = Calls::new();
    let mut waiting: VecDeque<(CallId, Call)> = VecDeque::new();
    let mut watches = Watches::new();
    let mut stops: BTreeMap<WatchId, futures::future::AbortHandle> = BTreeMap::new();
    let mut deadline = futures::future::pending().boxed().fuse();
    let mut input = Input::Start;
    loop {
        for request in engine.step(world.clock.now().wall, input) {
            match request {
                Request::Call(id, call) => waiting.push_back((id, call)),
                Request::Watch(id, resource, namespace) => {
                    let news = world.cluster.watch(resource, namespace).map(move |news| (id, news));
                    let (news, stop) = futures::stream::abortable(news);
                    stops.insert(id, stop);
                    watches.push(news.boxed());
                }
                Request::Unwatch(id) => {
                    if let Some(stop) = stops.remove(&id) {
                        stop.abort();
                    }
                }
                Request::Report(progress) => tell(progress),
                Request::Deadline(length) => deadline = world.clock.sleep(length).fuse(),
            }
        }
        if engine.end().is_some() {
            return;
        }
        while calls.len() < AT_ONCE {
            let Some((id, call)) = waiting.pop_front() else { break };
            let world = world.clone();
            calls.push(async move { Input::Answer(id, answer(&world, call).await) }.boxed());
        }
        input = futures::select_biased! {
            answer = calls.select_next_some() => answer,
            (id, news) = watches.select_next_some() => observed(id, news),
            () = deadline => Input::TimedOut,
        };
    }
}

async fn answer(world: &World, call: Call) -> Answer {
    for rest in RESTS {
        match world.cluster.call(call.clone()).await {
            Answer::Refused(Refused::Busy { rest: asked, .. }) => {
                world.clock.sleep(asked.unwrap_or(rest).min(LONGEST_REST)).await;
            }
            answer => return answer,
        }
    }
    world.cluster.call(call).await
}

fn observed(id: WatchId, news: ObjectNews) -> Input {
    match news {
        ObjectNews::Is(object) => Input::Observed(id, object),
        ObjectNews::Synced => Input::Synced(id),
        ObjectNews::Gone(object) => Input::Gone(id, object),
        ObjectNews::Failing(fault) => Input::Lost(id, fault.sentence()),
    }
}
