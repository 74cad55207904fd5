//! The simulated production: one coherent world on a virtual clock. Events happen in the order of their time; what they
//! bring about follows from controllers and from what the containers run.
//!
//! Never: the real clock, a socket, a file, a thread.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use futures::channel::mpsc::UnboundedSender;
use futures::channel::oneshot;

use super::chance::Chance;
use super::drill::Drill;
use super::past::Past;
use super::pod::Pod;
use super::store::{Key, Store};
use super::trouble::Troubles;
use crate::domain::alert::{Labels, Silence};
use crate::domain::fact::{Fact, Source};
use crate::domain::moment::{Moment, Now, since};
use crate::domain::name::PodName;
use crate::domain::workload::Warning;
use crate::helm::api::Refused;

/// What is due at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// A revision of the drill's history is deployed (its place in the history).
    Deploy(usize),
    /// Somebody changes something past Helm (its place in the drill).
    Hand(usize),
    /// A controller looks at its object.
    Reconcile(Key),
    /// A pod's stage of life is over, if it is still that stage.
    Pod(PodName, u64),
    /// A restart leaves the window over which restarts are counted.
    Recount(PodName),
    /// A probe failed (again), if the pod is still in that stage.
    Unhealthy(PodName, u64),
    /// A trouble begins or ends.
    Trouble,
}

/// One answer that a test or a drill puts in place of the server's own, once.
#[derive(Debug, Clone, PartialEq)]
pub struct Injected {
    /// `patch`, `create`, `get`, `update`, `delete`, `list`
    pub verb: &'static str,
    /// `Deployment`
    pub kind: String,
    /// The object's name; empty: any.
    pub name: String,
    /// What the server answers.
    pub refused: Refused,
}

/// The simulated production of one drill.
#[derive(Debug)]
pub struct Production {
    pub(super) drill: Drill,
    pub(super) chance: Chance,
    pub(super) now: Moment,
    pub(super) store: Store,
    pub(super) pods: BTreeMap<PodName, Pod>,
    pub(super) past: Past,
    pub(super) troubles: Troubles,
    pub(super) warnings: BTreeMap<(String, String, String), Warning>,
    pub(super) listeners: Vec<UnboundedSender<Fact>>,
    pub(super) moved: BTreeSet<PodName>,
    pub(super) injected: Vec<Injected>,
    pub(super) silences: Vec<(Labels, Silence)>,
    pub(super) darkened: BTreeSet<Source>,
    /// Orders and payments that functional tests made.
    pub(super) made: u32,
    queue: BTreeMap<(Moment, u64), Due>,
    asked: BTreeSet<Key>,
    sleepers: BTreeMap<(Moment, u64), oneshot::Sender<()>>,
    counted: u64,
}

impl Production {
    /// The world of a drill at its start: its whole history has been lived through, the incident is in progress.
    pub fn load(drill: &Drill) -> Self {
        let chance = Chance::new(drill.seed);
        let genesis = drill.revisions.first().map_or(drill.start, |d| d.at);
        let mut world = Self {
            drill: drill.clone(),
            chance,
            now: genesis,
            store: Store::new(chance),
            pods: BTreeMap::new(),
            past: Past::default(),
            troubles: Troubles(drill.troubles.clone()),
            warnings: BTreeMap::new(),
            listeners: Vec::new(),
            moved: BTreeSet::new(),
            injected: Vec::new(),
            silences: Vec::new(),
            darkened: BTreeSet::new(),
            made: 0,
            queue: BTreeMap::new(),
            asked: BTreeSet::new(),
            sleepers: BTreeMap::new(),
            counted: 0,
        };
        world.found();
        for (index, deploy) in drill.revisions.iter().enumerate() {
            world.at(deploy.at, Due::Deploy(index));
        }
        for (index, hand) in drill.hands.iter().enumerate() {
            world.at(hand.at, Due::Hand(index));
        }
        for edge in drill.troubles.iter().flat_map(|t| std::iter::once(t.from).chain(t.until)).collect::<BTreeSet<_>>()
        {
            world.at(edge, Due::Trouble);
        }
        world.run_to(drill.start);
        world
    }

    /// What time it is; monotonic time counts from the drill's start.
    pub fn now(&self) -> Now {
        Now { wall: self.now, mono: since(self.drill.start, self.now) }
    }

    /// The drill that is played.
    pub const fn drill(&self) -> &Drill {
        &self.drill
    }

    /// The next answer to such a request is this one.
    pub fn inject(&mut self, injected: Injected) {
        self.injected.push(injected);
    }

    /// Lets time pass: everything that is due happens, in order.
    pub fn advance(&mut self, by: Duration) {
        self.run_to(later(self.now, by));
    }

    /// Lets time pass up to that moment of the monotonic clock; a moment that has passed changes nothing.
    pub fn advance_to(&mut self, mono: Duration) {
        self.run_to(later(self.drill.start, mono));
    }

    /// When the world next does something by itself; `None`: never again.
    pub fn next_event(&self) -> Option<Duration> {
        self.queue.keys().next().map(|(at, _)| since(self.now, *at))
    }

    /// When the next sleeper wakes; `None`: nobody sleeps.
    pub fn next_waking(&self) -> Option<Duration> {
        let mut awake = self.sleepers.iter().filter(|(_, s)| !s.is_canceled());
        awake.next().map(|((at, _), _)| since(self.now, *at))
    }

    /// Ready when that much time has passed.
    pub fn sleep(&mut self, length: Duration) -> oneshot::Receiver<()> {
        let (wake, awake) = oneshot::channel();
        if length.is_zero() {
            let _nobody = wake.send(());
        } else {
            let place = (later(self.now, length), self.count());
            self.sleepers.insert(place, wake);
        }
        awake
    }

    fn run_to(&mut self, to: Moment) {
        while let Some(entry) = self.queue.first_entry().filter(|e| e.key().0 <= to) {
            self.now = self.now.max(entry.key().0);
            let due = entry.remove();
            self.happen(due);
            self.settle();
        }
        self.now = self.now.max(to);
        while let Some(entry) = self.sleepers.first_entry().filter(|e| e.key().0 <= self.now) {
            let _nobody = entry.remove().send(());
        }
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Deploy(index) => self.deploy(index),
            Due::Hand(index) => self.changed_by_hand(index),
            Due::Reconcile(key) => {
                self.asked.remove(&key);
                self.reconcile(&key);
            }
            Due::Pod(name, epoch) => self.pod_moves_on(&name, epoch),
            Due::Recount(name) => {
                self.moved.insert(name);
            }
            Due::Unhealthy(name, epoch) => self.probe_fails(&name, epoch),
            Due::Trouble => self.trouble_changed(),
        }
    }

    pub(super) fn at(&mut self, moment: Moment, due: Due) {
        let place = (moment, self.count());
        self.queue.insert(place, due);
    }

    pub(super) fn after(&mut self, delay: Duration, due: Due) {
        self.at(later(self.now, delay), due);
    }

    /// A controller will look at this object, soon and once.
    pub(super) fn ask(&mut self, key: Key) {
        if self.asked.insert(key.clone()) {
            self.after(Duration::from_millis(120), Due::Reconcile(key));
        }
    }

    /// A number that was never given before.
    pub(super) const fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }
}

/// A moment later; the end of time where that cannot be told.
pub(super) fn later(moment: Moment, by: Duration) -> Moment {
    TimeDelta::from_std(by).ok().and_then(|by| moment.checked_add_signed(by)).unwrap_or(Moment::MAX_UTC)
}
