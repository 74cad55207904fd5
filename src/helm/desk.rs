//! Where the machines of this room put what they want done: calls get their numbers, requests pile up for the next
//! hand-over.
//!
//! Never: carrying anything out.

use std::time::Duration;

use super::api::{Call, Mode, ObjectRef, Resource, Verb};
use super::engine::{CallId, Numbers, Request, WatchId};
use super::progress::Progress;
use crate::domain::name::Namespace;

/// Requests on their way out.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    numbers: Numbers,
    out: Vec<Request>,
}

impl Desk {
    /// Asks the server.
    pub fn call(&mut self, call: Call) -> CallId {
        let id = self.numbers.call();
        self.out.push(Request::Call(id, call));
        id
    }

    /// Asks for one object.
    pub fn object(&mut self, target: &ObjectRef, verb: Verb, mode: Mode) -> CallId {
        self.call(Call::Object { target: target.clone(), verb, mode })
    }

    /// Watches a resource.
    pub fn watch(&mut self, resource: &Resource, namespace: Option<&Namespace>) -> WatchId {
        let id = self.numbers.watch();
        self.out.push(Request::Watch(id, resource.clone(), namespace.cloned()));
        id
    }

    /// Ends a watch.
    pub fn unwatch(&mut self, id: WatchId) {
        self.out.push(Request::Unwatch(id));
    }

    /// Tells the operator.
    pub fn report(&mut self, progress: Progress) {
        self.out.push(Request::Report(progress));
    }

    /// Wants to be woken.
    pub fn deadline(&mut self, after: Duration) {
        self.out.push(Request::Deadline(after));
    }

    /// What has piled up.
    pub fn take(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.out)
    }
}
