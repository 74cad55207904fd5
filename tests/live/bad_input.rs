//! Servers that refuse, misbehave or are not there: each has its sentence, and the kind of fault is right.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backout::act::drive::drive;
use backout::domain::fault::Fault;
use backout::domain::moment::{Moment, Now};
use backout::helm::api::{Answer, Call, Gvk, Mode, ObjectRef, PatchKind, Refused, Resource, Verb};
use backout::helm::engine::{CallId, Engine, Input, Request};
use backout::ports::{Clock, World};
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use serde_json::json;
use tokio::net::TcpListener;

use super::server::{Reply, serve, status, world, world_at};

fn pods() -> Resource {
    Resource { gvk: Gvk::new("v1", "Pod"), plural: "pods".into(), namespaced: true }
}

async fn list(world: &World) -> Answer {
    let namespace = Some("prod".into());
    world.cluster.call(Call::List { resource: pods(), namespace, labels: String::new() }).await
}

async fn sentence(world: &World) -> String {
    match list(world).await {
        Answer::Refused(Refused::Fault { fault, .. }) => fault.sentence(),
        Answer::Refused(Refused::Busy { said, .. }) => said,
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_refuses_or_errs_is_quoted_in_a_sentence() {
    type Script = fn() -> Reply;
    let cases: [(Script, &str); 9] = [
        (
            || status(401, "Unauthorized", "Unauthorized"),
            "Not logged in: the API server does not accept these credentials (401); the token in the kubeconfig is no longer \
             good: get a new one, then start backout again, it takes the incident up where it is",
        ),
        (|| status(403, "Forbidden", "pods is forbidden: …"), "Forbidden: you may not list pods in namespace prod"),
        (
            || status(429, "TooManyRequests", "please try again later"),
            "Could not list pods in namespace prod: the API server is overloaded (429): please try again later",
        ),
        (
            || status(500, "InternalError", "etcdserver: request timed out\u{1b}[2J"),
            "Could not list pods in namespace prod: the API server answered 500: etcdserver: request timed out",
        ),
        (
            || Reply::Text(502, "<html><head><title>502 Bad Gateway</title></head></html>".into()),
            "Could not list pods in namespace prod: the API server answered 502: a page of HTML (“502 Bad Gateway”), \
             not JSON",
        ),
        (
            || Reply::Text(200, "<html><title>Please log in</title>".into()),
            "Could not list pods in namespace prod: the answer is a page of HTML (“Please log in”), not JSON",
        ),
        (
            || Reply::Text(200, "{\"items\":[{\"metadata\":".into()),
            "Could not list pods in namespace prod: the answer ends in the middle",
        ),
        (
            || Reply::Text(200, "{]".into()),
            "Could not list pods in namespace prod: the answer is not what was expected (line 1, column 2)",
        ),
        (|| Reply::Text(200, String::new()), "Could not list pods in namespace prod: the answer ends in the middle"),
    ];
    for (reply, wanted) in cases {
        assert_eq!(sentence(&world(move |_| reply()).await).await, wanted);
    }
}

/// A machine that patches one object and ends with the answer.
#[derive(Default)]
struct Patching(Option<Answer>);

impl Engine for Patching {
    type End = Answer;

    fn step(&mut self, _now: Moment, input: Input) -> Vec<Request> {
        match input {
            Input::Start => {
                let target = ObjectRef { resource: pods(), namespace: Some("prod".into()), name: "a".into() };
                let verb = Verb::Patch(PatchKind::Merge, json!({}));
                vec![Request::Call(CallId(1), Call::Object { target, verb, mode: Mode::Commit })]
            }
            Input::Answer(_, answer) => {
                self.0 = Some(answer);
                Vec::new()
            }
            Input::Observed(..) | Input::Gone(..) | Input::Synced(_) | Input::Lost(..) | Input::TimedOut => Vec::new(),
        }
    }

    fn end(&self) -> Option<&Answer> {
        self.0.as_ref()
    }
}

/// A clock on which every rest is over at once, and is written down.
#[derive(Default)]
struct Rests(Mutex<Vec<u64>>);

impl Clock for Rests {
    fn now(&self) -> Now {
        Now { wall: Moment::default(), mono: Duration::ZERO }
    }

    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        self.0.lock().unwrap().push(length.as_secs());
        ready(()).boxed()
    }
}

/// Asks of a server that gives `reply` to the first so many requests: how it ended, how often it was asked, the rests.
async fn patched(first: usize, reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Answer, usize, Vec<u64>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let world = world(move |_| {
        let so_far = count.fetch_add(1, Ordering::Relaxed);
        if so_far < first { reply() } else { Reply::Text(200, json!({"metadata": {"name": "a"}}).to_string()) }
    });
    let clock = Arc::new(Rests::default());
    let world = World { clock: clock.clone(), ..world.await };
    let mut engine = Patching::default();
    drive(&mut engine, &world, |_| {}).await;
    let rests = clock.0.lock().unwrap().clone();
    (engine.0.expect("an answer"), asked.load(Ordering::Relaxed), rests)
}

#[tokio::test]
async fn a_write_that_an_overloaded_server_turns_away_rests_and_is_asked_again() {
    let busy = || status(429, "TooManyRequests", "please try again later");
    let (answer, asked, rests) = patched(2, busy).await;
    assert!(matches!(answer, Answer::Object(_)), "{answer:?}");
    assert_eq!((asked, rests), (3, vec![1, 1]));
    let (answer, asked, rests) = patched(usize::MAX, busy).await;
    assert!(matches!(answer, Answer::Refused(Refused::Busy { .. })), "{answer:?}");
    assert_eq!((asked, rests), (6, vec![1, 1, 2, 2, 4]));
    // What it asks for is kept to, within reason.
    for (asks, rests) in [(3, [3; 5]), (600, [10; 5])] {
        let busy = move || {
            let details = json!({"retryAfterSeconds": asks});
            let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 429,
                "reason": "TooManyRequests", "message": "later", "details": details});
            Reply::Text(429, body.to_string())
        };
        assert_eq!(patched(usize::MAX, busy).await.2, rests);
    }
}

#[tokio::test]
async fn a_write_that_failed_or_whose_answer_was_lost_is_never_asked_again() {
    let cases: [fn() -> Reply; 4] = [
        || status(500, "InternalError", "etcdserver: request timed out"),
        || status(503, "ServiceUnavailable", "no"),
        || Reply::Bytes(Vec::new()),
        || Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{".to_vec()),
    ];
    for reply in cases {
        let (answer, asked, rests) = patched(usize::MAX, reply).await;
        assert!(matches!(answer, Answer::Refused(Refused::Fault { .. })), "{answer:?}");
        assert_eq!((asked, rests), (1, vec![]));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_by_its_deepest_cause() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"items\":[";
    let cases: [(&[u8], &str); 3] = [
        (half, "Could not list pods in namespace prod: {} broke off in the middle of its answer"),
        (b"", "Could not list pods in namespace prod: {} closed the connection without an answer"),
        (
            b"SSH-2.0-OpenSSH_9.2\r\n",
            "Could not list pods in namespace prod: {} does not speak HTTP; is the port right?",
        ),
    ];
    for (bytes, wanted) in cases {
        let address = serve(move |_| Reply::Bytes(bytes.to_vec())).await;
        let (_, world) = world_at(&format!("http://{address}")).await;
        assert_eq!(sentence(&world).await, wanted.replace("{}", &address));
    }
}

#[tokio::test]
async fn nobody_there_a_silent_server_one_that_trickles_and_plain_http_are_unreachable() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let (_, refused) = world_at(&format!("http://{free}")).await;
    assert_eq!(sentence(&refused).await, format!("Unreachable: connection refused ({free})"));
    let address = serve(|_| Reply::Silence).await;
    let (_, silent) = world_at(&format!("http://{address}")).await;
    let wanted = format!("Unreachable: no whole answer within 1 s to list pods in namespace prod ({address})");
    assert_eq!(sentence(&silent).await, wanted);
    let address = serve(|_| Reply::Trickle).await;
    let (_, slow) = world_at(&format!("http://{address}")).await;
    let wanted = format!("Unreachable: no whole answer within 1 s to list pods in namespace prod ({address})");
    assert_eq!(sentence(&slow).await, wanted);
    let (_, plain) = world_at(&format!("https://{address}")).await;
    assert_eq!(
        sentence(&plain).await,
        format!("Unreachable: TLS failed: the server does not speak TLS on this port; is it plain http? ({address})")
    );
    let (_, nameless) = world_at("http://no-such-host.invalid:6443").await;
    let said = sentence(&nameless).await;
    assert!(said.starts_with("Unreachable: ") && said.ends_with("(no-such-host.invalid:6443)"), "{said}");
}

#[tokio::test]
async fn a_mutation_is_sent_once_however_it_fails() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static SENT: AtomicU32 = AtomicU32::new(0);
    let world = world(|_| {
        SENT.fetch_add(1, Ordering::SeqCst);
        status(503, "ServiceUnavailable", "no")
    })
    .await;
    let target = ObjectRef { resource: pods(), namespace: Some("prod".into()), name: "web".into() };
    let call = Call::Object { target, verb: Verb::Delete, mode: Mode::Commit };
    let what = "Could not delete pods web in namespace prod: the API server answered 503: no".into();
    let wanted = Refused::Fault { fault: Fault::Bad { what }, message: "no".into() };
    assert_eq!((world.cluster.call(call).await, SENT.load(Ordering::SeqCst)), (Answer::Refused(wanted), 1));
}

#[tokio::test]
async fn an_object_that_is_not_named_whole_is_never_asked_for() {
    let world = world(|asked| panic!("{} was asked", asked.path)).await;
    let nameless = ObjectRef { resource: pods(), namespace: Some("prod".into()), name: String::new() };
    let homeless = ObjectRef { resource: pods(), namespace: None, name: "web".into() };
    for target in [nameless, homeless] {
        let answer = world.cluster.call(Call::Object { target, verb: Verb::Delete, mode: Mode::Commit }).await;
        assert!(
            matches!(&answer, Answer::Refused(Refused::Fault { fault, .. })
            if fault.sentence().ends_with("the object is not named whole")),
            "{answer:?}"
        );
    }
}
