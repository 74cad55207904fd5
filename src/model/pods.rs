//! The pods in the order in which they matter, kept so that one change costs no more than a few steps in a tree,
//! however many pods there are.
//!
//! Never: sorting per frame.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::fact::PodNews;
use crate::domain::name::{PodName, Service};
use crate::domain::workload::{Pod, PodState};

/// Whether all pods are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// The first listing is under way: `500 of ?`.
    #[default]
    Partial,
    /// All are known.
    Whole,
}

/// Pods of one service, counted; finished ones (of Jobs) and those on their way out count for neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// All that should serve.
    pub wanted: usize,
    /// Those that do.
    pub well: usize,
}

/// Pods by name, ordered by urgency, counted.
#[derive(Debug, Clone, Default)]
pub struct PodTable {
    rows: BTreeMap<PodName, Pod>,
    order: BTreeSet<(u8, PodName)>,
    tally: BTreeMap<Option<Service>, Tally>,
    on: BTreeMap<String, usize>,
    listed: Option<BTreeSet<PodName>>,
    filter: String,
    matching: BTreeSet<(u8, PodName)>,
    /// Whether all pods are known.
    pub extent: Extent,
}

impl PodTable {
    /// Folds news into the table.
    pub fn fold(&mut self, news: PodNews) {
        match news {
            PodNews::Listing => self.listed = Some(BTreeSet::new()),
            PodNews::Page(pods) => pods.into_iter().for_each(|p| self.put(p)),
            PodNews::Changed(pod) => self.put(*pod),
            PodNews::Gone(name) => self.remove(&name),
            PodNews::Complete => {
                if let Some(listed) = self.listed.take() {
                    let gone: Vec<PodName> = self.rows.keys().filter(|n| !listed.contains(*n)).cloned().collect();
                    for name in &gone {
                        self.remove(name);
                    }
                }
                self.extent = Extent::Whole;
            }
        }
    }

    fn put(&mut self, pod: Pod) {
        if let Some(listed) = &mut self.listed {
            listed.insert(pod.name.clone());
        }
        self.remove(&pod.name.clone());
        self.order.insert((pod.rank(), pod.name.clone()));
        if matches(&pod, &self.filter) {
            self.matching.insert((pod.rank(), pod.name.clone()));
        }
        let tally = self.tally.entry(pod.service.clone()).or_default();
        if counts(&pod) {
            tally.wanted += 1;
            tally.well += usize::from(pod.is_well());
            *self.on.entry(pod.node.clone()).or_default() += 1;
        }
        self.rows.insert(pod.name.clone(), pod);
    }

    fn remove(&mut self, name: &PodName) {
        let Some(old) = self.rows.remove(name) else { return };
        if let Some(tally) = self.tally.get_mut(&old.service)
            && counts(&old)
        {
            tally.wanted = tally.wanted.saturating_sub(1);
            tally.well = tally.well.saturating_sub(usize::from(old.is_well()));
        }
        if counts(&old)
            && let Some(on) = self.on.get_mut(&old.node)
        {
            *on = on.saturating_sub(1);
            if *on == 0 {
                self.on.remove(&old.node);
            }
        }
        let place = (old.rank(), old.name);
        self.order.remove(&place);
        self.matching.remove(&place);
    }

    /// Only pods whose name, service or state contain that text are in view from now on; empty for all. The one place
    /// where all pods are looked at; each later change costs as little as before.
    pub fn set_filter(&mut self, text: &str) {
        self.filter = text.trim().to_lowercase();
        let filter = &self.filter;
        self.matching = self.rows.values().filter(|p| matches(p, filter)).map(|p| (p.rank(), p.name.clone())).collect();
    }

    /// The filter; empty for all.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// How many pods the filter lets through.
    pub fn shown(&self) -> usize {
        self.view().len()
    }

    fn view(&self) -> &BTreeSet<(u8, PodName)> {
        if self.filter.is_empty() { &self.order } else { &self.matching }
    }

    /// That pod.
    pub fn get(&self, name: &PodName) -> Option<&Pod> {
        self.rows.get(name)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Pods that serve and those that should, of the whole namespace.
    pub fn serving(&self) -> (usize, usize) {
        self.tally.values().fold((0, 0), |(well, wanted), t| (well + t.well, wanted + t.wanted))
    }

    /// The pods of one service, counted.
    pub fn tally(&self, service: &Service) -> Tally {
        self.tally.get(&Some(service.clone())).copied().unwrap_or_default()
    }

    /// How many pods that should serve stand on that node.
    pub fn on(&self, node: &str) -> usize {
        self.on.get(node).copied().unwrap_or_default()
    }

    /// All pods, the most urgent first.
    pub fn urgent_first(&self) -> impl Iterator<Item = &Pod> {
        self.order.iter().filter_map(|(_, name)| self.rows.get(name))
    }

    /// At most `height` pods around the selected one, the most urgent first, and the selected one's place among them.
    /// The first page where nothing is selected.
    pub fn window(&self, selected: Option<&PodName>, height: usize) -> (Vec<&Pod>, Option<usize>) {
        let in_view = |p: &&Pod| self.view().contains(&(p.rank(), p.name.clone()));
        let Some(chosen) = selected.and_then(|n| self.rows.get(n)).filter(in_view) else {
            return (self.view().iter().filter_map(|(_, n)| self.rows.get(n)).take(height).collect(), None);
        };
        let key = (chosen.rank(), chosen.name.clone());
        let mut above: Vec<&Pod> =
            self.view().range(..key.clone()).rev().filter_map(|(_, n)| self.rows.get(n)).take(height / 2).collect();
        above.reverse();
        let place = above.len();
        let rest = height.saturating_sub(place);
        let mut rows = above;
        rows.extend(self.view().range(key.clone()..).filter_map(|(_, n)| self.rows.get(n)).take(rest));
        let missing = height.saturating_sub(rows.len());
        if missing > 0 && place == height / 2 {
            let mut more: Vec<&Pod> = self
                .view()
                .range(..key)
                .rev()
                .filter_map(|(_, n)| self.rows.get(n))
                .skip(place)
                .take(missing)
                .collect();
            more.reverse();
            let moved = more.len();
            more.extend(rows);
            return (more, Some(place + moved));
        }
        (rows, Some(place))
    }

    /// The pod after (or before, for a negative step) the selected one.
    pub fn neighbour(&self, selected: Option<&PodName>, step: isize) -> Option<&PodName> {
        let in_view = |p: &&Pod| self.view().contains(&(p.rank(), p.name.clone()));
        let Some(chosen) = selected.and_then(|n| self.rows.get(n)).filter(in_view) else {
            return self.view().first().map(|(_, n)| n);
        };
        let key = (chosen.rank(), chosen.name.clone());
        let far = step.unsigned_abs();
        if step >= 0 {
            self.view().range(key..).take(far + 1).last().map(|(_, n)| n)
        } else {
            self.view().range(..=key).rev().take(far + 1).last().map(|(_, n)| n)
        }
    }
}

/// Whether a pod should serve: not one that has finished, nor one on its way out, which its successor replaces.
fn counts(pod: &Pod) -> bool {
    !matches!(pod.state, PodState::Completed | PodState::Terminating)
}

fn matches(pod: &Pod, filter: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(filter);
    !filter.is_empty()
        && (has(pod.name.as_str()) || pod.service.as_ref().is_some_and(|s| has(s.as_str())) || has(pod.state.word()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::workload::Restarts;

    fn pod(name: &str, state: PodState) -> Pod {
        Pod {
            name: PodName::new(name),
            service: None,
            state,
            containers: vec![crate::domain::workload::ContainerRow {
                name: "c".into(),
                image: "i:1".into(),
                ready: true,
                restarts: 0,
                state: "Running".into(),
                last_exit: None,
            }],
            restarts: Restarts::Exactly(0),
            created: chrono::DateTime::from_timestamp(0, 0).unwrap(),
            node: "n1".into(),
            template: String::new(),
            sizes: crate::domain::usage::Sizes::default(),
        }
    }
    fn names(rows: &[&Pod]) -> Vec<String> {
        rows.iter().map(|p| p.name.to_string()).collect()
    }

    #[test]
    fn faults_come_first_and_counts_follow_each_change() {
        let mut table = PodTable::default();
        table.fold(PodNews::Listing);
        table.fold(PodNews::Page(vec![pod("b", PodState::Running), pod("a", PodState::Running)]));
        assert_eq!(table.extent, Extent::Partial);
        table.fold(PodNews::Complete);
        table.fold(PodNews::Changed(Box::new(pod("b", PodState::Failing("CrashLoopBackOff".into())))));
        assert_eq!(names(&table.urgent_first().collect::<Vec<_>>()), ["b", "a"]);
        assert_eq!((table.serving(), table.extent), ((1, 2), Extent::Whole));
        assert_eq!((table.on("n1"), table.on("n2")), (2, 0));
        table.fold(PodNews::Gone(PodName::new("b")));
        assert_eq!(table.serving(), (1, 1));
        table.fold(PodNews::Changed(Box::new(Pod { node: "n2".into(), ..pod("a", PodState::Running) })));
        assert_eq!((table.on("n1"), table.on("n2")), (0, 1));
    }

    #[test]
    fn a_new_listing_keeps_the_rows_until_it_is_complete() {
        let mut table = PodTable::default();
        table.fold(PodNews::Page(vec![pod("a", PodState::Running), pod("b", PodState::Running)]));
        table.fold(PodNews::Listing);
        table.fold(PodNews::Page(vec![pod("b", PodState::Running)]));
        assert_eq!(table.len(), 2);
        table.fold(PodNews::Complete);
        assert_eq!(names(&table.urgent_first().collect::<Vec<_>>()), ["b"]);
    }

    #[test]
    fn a_filter_holds_through_later_changes() {
        let mut table = PodTable::default();
        table.fold(PodNews::Page(vec![pod("order-1", PodState::Running), pod("cart-1", PodState::Running)]));
        table.set_filter(" Order ");
        table.fold(PodNews::Changed(Box::new(pod("order-2", PodState::Failing("OrderLost".into())))));
        table.fold(PodNews::Changed(Box::new(pod("cart-2", PodState::Running))));
        assert_eq!(names(&table.window(None, 9).0), ["order-2", "order-1"]);
        assert_eq!(table.neighbour(Some(&PodName::new("cart-1")), 1).map(PodName::as_str), Some("order-2"));
        table.fold(PodNews::Gone(PodName::new("order-2")));
        assert_eq!((table.shown(), table.len()), (1, 3));
        table.set_filter("");
        assert_eq!(table.shown(), 3);
    }

    #[test]
    fn the_window_keeps_the_selected_pod_in_view() {
        let mut table = PodTable::default();
        let all: Vec<Pod> = ["a", "b", "c", "d", "e"].iter().map(|n| pod(n, PodState::Running)).collect();
        table.fold(PodNews::Page(all));
        let cases = [
            (None, vec!["a", "b", "c"], None),
            (Some("a"), vec!["a", "b", "c"], Some(0)),
            (Some("e"), vec!["c", "d", "e"], Some(2)),
            (Some("c"), vec!["b", "c", "d"], Some(1)),
        ];
        for (selected, wanted, place) in cases {
            let name = selected.map(PodName::new);
            let (rows, at) = table.window(name.as_ref(), 3);
            assert_eq!((names(&rows), at), (wanted.into_iter().map(String::from).collect(), place), "{selected:?}");
        }
        assert_eq!(table.neighbour(Some(&PodName::new("c")), -9).map(PodName::as_str), Some("a"));
        assert_eq!(table.neighbour(Some(&PodName::new("c")), 1).map(PodName::as_str), Some("d"));
    }
}
