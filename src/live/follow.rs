//! Objects as they are and as they change: one list in pages, then a watch from where the list ended, for ever.
//!
//! kube's own watcher is not used because it builds whole metadata for every object, tells nobody when a broken watch
//! stands again, and swallows the bookmarks that prove that a silent watch is alive.
//!
//! Never: polling; an end. A watch that breaks is opened again where it was (0.5 to 15 s later); one that is too old
//! (410) is listed anew.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, BoxStream, Stream, StreamExt};
use http::Request as HttpRequest;
use kube::Error;
use kube::api::{ListParams, WatchParams};
use kube::core::{Request, WatchEvent};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};

use crate::domain::fault::Fault;

use super::asked::{Asked, Trouble};
use super::connect::Connection;
use super::meta::or_empty;

/// Objects in the first page of a list: more than a screen holds, few enough to be there at once.
const FIRST_PAGE: u32 = 100;
/// Objects in each page after it.
const PAGE: u32 = 500;
/// Seconds after which the server ends a watch in good order.
const WATCH_ENDS: u32 = 290;
/// A watch gets a bookmark about every minute; one that is silent for so many limits of a question (70 s) may be dead,
/// though the server be alive (one of several behind an address died, or what stands between forgot this connection). It
/// is opened again from where it was, which brings what it missed; only where that fails is anything told.
const OVERDUE: u32 = 7;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The longest pause where nobody answers: there is nobody to be spared.
const NOBODY_PAUSE: Duration = Duration::from_secs(4);

/// An object that says which version of it this is.
pub(super) trait Versioned {
    /// `metadata.resourceVersion`
    fn version(&self) -> &str;
}

/// What is followed.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    /// `/api/v1/namespaces/prod/pods`
    pub path: String,
    /// Label selector; empty = all.
    pub labels: &'static str,
    /// Field selector; empty = all.
    pub fields: &'static str,
    /// How much of each object is wanted.
    pub extent: Extent,
    /// `pods`, for sentences.
    pub resource: String,
    /// For sentences.
    pub namespace: Option<String>,
}

/// How much of each object is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// `metadata` alone.
    Metadata,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen<T> {
    /// A page of a list; what a whole list does not name is gone.
    Page {
        /// It begins a list.
        first: bool,
        /// Its objects.
        items: Vec<T>,
        /// It ends the list.
        last: bool,
    },
    /// New or changed.
    Is(T),
    /// Gone; its last state.
    Gone(T),
    /// The watch stands (again, or still).
    Steady,
    /// It does not, now.
    Failing(Fault),
    /// Nobody is there; the last sign of life was so long ago.
    Silent(Fault, Duration),
}

#[derive(Deserialize)]
struct Page<T> {
    #[serde(default)]
    metadata: PageMeta,
    #[serde(default = "Vec::new", deserialize_with = "or_empty", bound(deserialize = "T: Deserialize<'de>"))]
    items: Vec<T>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PageMeta {
    resource_version: String,
    r#continue: String,
}

enum Place<T> {
    /// To list from here on; empty = from the start.
    List(String),
    /// To watch from this version on.
    Watch(String),
    /// Watching; the newest version seen.
    Watching(BoxStream<'static, Result<WatchEvent<T>, Error>>, String),
}

struct Follower<T> {
    connection: Arc<Connection>,
    of: Followed,
    place: Place<T>,
    /// To wait before the next attempt.
    pause: Option<Duration>,
    next_pause: Duration,
    kind: PhantomData<fn() -> T>,
}

/// Follows; the stream never ends.
pub(super) fn follow<T>(connection: Arc<Connection>, of: Followed) -> impl Stream<Item = Seen<T>> + Send
where
    T: Versioned + DeserializeOwned + Clone + Send + 'static,
{
    let follower = Follower {
        connection,
        of,
        place: Place::List(String::new()),
        pause: None,
        next_pause: FIRST_PAUSE,
        kind: PhantomData,
    };
    stream::unfold(follower, |mut follower| async move {
        let seen = follower.next().await;
        Some((seen, follower))
    })
}

impl<T> Follower<T>
where
    T: Versioned + DeserializeOwned + Clone + Send + 'static,
{
    async fn next(&mut self) -> Seen<T> {
        loop {
            if let Some(pause) = self.pause.take() {
                sleep(pause).await;
            }
            let seen = match std::mem::replace(&mut self.place, Place::List(String::new())) {
                Place::List(from) => self.list(from).await,
                Place::Watch(version) => self.open(version).await,
                Place::Watching(events, version) => self.event(events, version).await,
            };
            if let Some(seen) = seen {
                return seen;
            }
        }
    }

    async fn list(&mut self, from: String) -> Option<Seen<T>> {
        let asked = self.asked("list");
        let first = from.is_empty();
        match page(&self.connection, &self.of, &asked, &from).await {
            Ok(page) => {
                self.next_pause = FIRST_PAUSE;
                let last = page.metadata.r#continue.is_empty();
                self.place = if last {
                    Place::Watch(page.metadata.resource_version)
                } else {
                    Place::List(page.metadata.r#continue)
                };
                Some(Seen::Page { first, items: page.items, last })
            }
            // The rest of a list that took too long: the list begins anew.
            Err(trouble) if trouble.is_expired() && !first => None,
            Err(trouble) => Some(self.fail(trouble.fault(&asked))),
        }
    }

    async fn open(&mut self, version: String) -> Option<Seen<T>> {
        let asked = self.asked("watch");
        match events(&self.connection, &self.of, &asked, &version).await {
            Ok(events) => {
                tracing::info!("connected: {}", asked.words());
                self.place = Place::Watching(events, version);
                Some(Seen::Steady)
            }
            Err(trouble) => self.lost(trouble, &asked, version),
        }
    }

    async fn event(
        &mut self,
        mut events: BoxStream<'static, Result<WatchEvent<T>, Error>>,
        version: String,
    ) -> Option<Seen<T>> {
        let event = tokio::select! {
            biased;
            event = timeout(self.connection.limit * OVERDUE, events.next()) => event,
            heard = self.connection.falls_silent() => {
                let lost = self.connection.lost(heard.elapsed());
                return self.lost(Trouble::Fault(lost), &self.asked("watch"), version);
            }
        };
        let event = match event {
            Ok(Some(Ok(event))) => event,
            Ok(Some(Err(error))) => {
                let asked = self.asked("watch");
                let trouble = self.connection.trouble(&asked, error).await;
                return self.lost(trouble, &asked, version);
            }
            Ok(None) => {
                // The server ends each watch after a while. One that ends at once is not to be opened in a hurry.
                self.pause = Some(self.next_pause);
                self.next_pause = (self.next_pause * 2).min(LONGEST_PAUSE);
                self.place = Place::Watch(version);
                return None;
            }
            Err(_) => {
                tracing::info!("nothing came for a while, opened again: {}", self.asked("watch").words());
                self.place = Place::Watch(version);
                return None;
            }
        };
        self.connection.pulse.beat();
        self.next_pause = FIRST_PAUSE;
        let (seen, version) = match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                let version = object.version().to_owned();
                (Seen::Is(object), version)
            }
            WatchEvent::Deleted(object) => {
                let version = object.version().to_owned();
                (Seen::Gone(object), version)
            }
            WatchEvent::Bookmark(mark) => (Seen::Steady, mark.metadata.resource_version),
            WatchEvent::Error(status) => return self.lost(Trouble::Status(status), &self.asked("watch"), version),
        };
        self.place = Place::Watching(events, version);
        Some(seen)
    }

    /// The watch is lost: opened again from the same version, or listed anew where that version is too old.
    fn lost(&mut self, trouble: Trouble, asked: &Asked, version: String) -> Option<Seen<T>> {
        if trouble.is_expired() {
            self.place = Place::List(String::new());
            return None;
        }
        self.place = Place::Watch(version);
        Some(self.fail(trouble.fault(asked)))
    }

    fn fail(&mut self, fault: Fault) -> Seen<T> {
        let nobody = matches!(fault, Fault::Unreachable { .. });
        let longest = if nobody { NOBODY_PAUSE } else { LONGEST_PAUSE };
        let pause = self.next_pause.min(longest);
        tracing::warn!("not connected, tried again in {pause:?}: {}", fault.sentence());
        self.pause = Some(pause);
        self.next_pause = (pause * 2).min(longest);
        if nobody { Seen::Silent(fault, self.connection.pulse.silence()) } else { Seen::Failing(fault) }
    }

    fn asked(&self, verb: &str) -> Asked {
        Asked::new(verb, &self.of.resource, self.of.namespace.as_deref())
    }
}

async fn page<T: DeserializeOwned>(
    connection: &Connection,
    of: &Followed,
    asked: &Asked,
    from: &str,
) -> Result<Page<T>, Trouble> {
    let size = if from.is_empty() { FIRST_PAGE } else { PAGE };
    let mut params = ListParams::default().limit(size).labels(of.labels).fields(of.fields);
    if !from.is_empty() {
        params = params.continue_token(from);
    }
    let request = Request::new(of.path.clone());
    let request = match of.extent {
        Extent::Whole => request.list(&params),
        Extent::Metadata => request.list_metadata(&params),
    };
    connection.json(asked, built(asked, request)?).await
}

async fn events<T>(
    connection: &Connection,
    of: &Followed,
    asked: &Asked,
    version: &str,
) -> Result<BoxStream<'static, Result<WatchEvent<T>, Error>>, Trouble>
where
    T: DeserializeOwned + Clone + Send + 'static,
{
    let mut params = WatchParams::default().labels(of.labels).fields(of.fields).timeout(WATCH_ENDS);
    params.bookmarks = true;
    let request = Request::new(of.path.clone());
    let request = match of.extent {
        Extent::Whole => request.watch(&params, version),
        Extent::Metadata => request.watch_metadata(&params, version),
    };
    let request = built(asked, request)?;
    let client = connection.client();
    match timeout(connection.limit, client.request_events::<T>(request)).await {
        Ok(Ok(events)) => {
            connection.pulse.beat();
            Ok(Box::pin(events))
        }
        Ok(Err(error)) => Err(connection.trouble(asked, error).await),
        Err(_) => Err(Trouble::Fault(connection.silent(asked, connection.limit))),
    }
}

/// A request that kube could build.
pub(super) fn built(
    asked: &Asked,
    request: Result<HttpRequest<Vec<u8>>, kube::core::request::Error>,
) -> Result<HttpRequest<Vec<u8>>, Trouble> {
    request.map_err(|e| Trouble::Fault(asked.bad(&format!("it cannot be asked: {e}"))))
}
