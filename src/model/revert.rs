//! Which ConfigMaps and Secrets can be put back, and to which revisions: what was changed past Helm first.
//!
//! Never: a value of one.

use crate::domain::change::{Change, Object};
use crate::domain::name::{Revision, Service};
use crate::domain::release::RevisionFacts;

use super::Model;
use super::dialog::{Behind, Dialog};

impl Model {
    /// Those that can be chosen, each with the newest change past Helm that was seen of it, and with who reads it.
    pub fn configurations(&self) -> Vec<(Object, Option<&Change>, Vec<&Service>)> {
        let live = self.release().and_then(|r| r.live().or_else(|| r.last())).and_then(|r| r.content.as_ref());
        let uses = live.map(|content| &content.uses);
        let readers = |object: &Object| uses.and_then(|u| u.get(object)).into_iter().flatten().collect();
        let mut all: Vec<(Object, Option<&Change>, Vec<&Service>)> = Vec::new();
        for change in self.feeds.changes.known().into_iter().flat_map(|c| &c.all) {
            if change.object.kind.configures() && !all.iter().any(|(o, ..)| *o == change.object) {
                all.push((change.object.clone(), Some(change), readers(&change.object)));
            }
        }
        for object in uses.into_iter().flat_map(|u| u.keys()) {
            if !all.iter().any(|(o, ..)| o == object) {
                all.push((object.clone(), None, readers(object)));
            }
        }
        all
    }

    /// The ConfigMap or Secret under the cursor of the list of changes: what Enter puts back there.
    pub fn suspect(&self) -> Option<Object> {
        let on_show =
            matches!(self.dialog.as_ref().map(|o| &o.dialog), Some(Dialog::Behind { value: Behind::Changes, .. }));
        let all = self.suspected();
        let kept = self.panes.suspect.as_ref().filter(|s| all.contains(s));
        kept.or_else(|| all.first()).filter(|_| on_show && self.release.is_some()).cloned()
    }

    /// All that the cursor of the list of changes can stand on, in its order.
    pub fn suspected(&self) -> Vec<Object> {
        let objects = self.suspects.iter().flat_map(|s| &s.all).filter_map(|s| s.object.as_ref());
        let mut all = Vec::new();
        for object in objects.filter(|o| o.kind.configures()) {
            if !all.contains(object) {
                all.push(object.clone());
            }
        }
        all
    }

    /// The revisions whose content can be chosen, the newest first.
    pub fn contents(&self) -> Vec<&RevisionFacts> {
        self.release().map(|r| r.revisions.iter().rev().collect()).unwrap_or_default()
    }

    /// The revision that is live.
    pub fn live_revision(&self) -> Option<Revision> {
        self.release().and_then(|r| r.live()).map(|r| r.revision)
    }
}
