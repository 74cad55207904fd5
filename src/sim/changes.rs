//! What is changed beside Helm in the simulated production, and what of it can be seen: what its objects' managers tell, as on a real server.
//!
//! Never: a change that left no mark on an object.

use super::defaults;
use super::kinds;
use super::production::Production;
use super::store::Key;
use crate::domain::change::{Changes, Kind};
use crate::domain::moment::Moment;
use crate::helm::api::{Gvk, PatchKind};
use crate::helm::apply;
use crate::helm::written::Written;

impl Production {
    /// Somebody changes an object past Helm; one that is not there, or a patch that the server refuses, changes nothing.
    pub(super) fn changed_by_hand(&mut self, index: usize) {
        let Some(hand) = self.drill.hands.get(index).cloned() else { return };
        let gvk = Gvk::new(&hand.api_version, &hand.kind);
        let key = Key::new(&gvk.group, &gvk.kind, &self.drill.namespace, &hand.name);
        let Some(live) = self.store.get(&key).cloned() else { return };
        if let Ok(object) = apply::patch_as(&hand.by, PatchKind::Strategic, &gvk, &live, &hand.patch) {
            let object = defaults::defaulted(object, Some(&live), self.chance);
            self.store.put(&key, object, self.now);
        }
    }

    /// All changes since then.
    pub fn changes(&self, since: Moment) -> Changes {
        let mut changes = Changes::default();
        for kind in Kind::ALL {
            let (group, plural) = kind.place();
            if let Err(fault) = self.readable("list", plural) {
                changes.unseen.insert(kind, fault);
                continue;
            }
            // The autoscaler of the simulated production holds bounds; it never rescales.
            if kind == Kind::HorizontalPodAutoscaler {
                continue;
            }
            let api = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
            let resource = kinds::resource(&api, kind.word());
            for (_, object) in self.store.of(&resource, Some(&self.drill.namespace)) {
                let written: Written = serde_json::from_value(object.clone()).unwrap_or_default();
                changes.all.extend(written.changes(kind, since));
            }
        }
        changes.all.sort_by_key(|c| std::cmp::Reverse(c.at));
        changes
    }
}
