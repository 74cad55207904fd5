//! Whether traffic gets to the pods of the release: a Service that leads nowhere, an Ingress without an address, a node
//! below that cannot run pods, a budget that is overdrawn. Each is an evidence of its own, from its own watch; what is dark
//! darkens nothing else.
//!
//! Never: a guess from a source that may not be read, nor an empty answer taken for a good one.

use crate::domain::evidence::{Evidence, Verdict};
use crate::domain::release::Content;
use crate::domain::ways::{Budget, Endpoints, Entrance, Node, NodeState, Way};
use crate::model::Model;
use crate::model::feed::{Feed, Reading};
use crate::model::pods::Extent;

use super::evidence::{feed_word, say};
use super::health::live;

/// What of that is known; `None` where the release is not known to have anything of the kind.
pub fn sense(model: &Model, way: Way) -> Option<Evidence> {
    let has = |some: fn(&Content) -> bool| live(model).is_some_and(some);
    match way {
        Way::Endpoints => Some(endpoints(model)),
        Way::Ingresses => has(|c| !c.ingresses.is_empty()).then(|| ingresses(model)),
        Way::Budgets => has(|c| !c.budgets.is_empty()).then(|| budgets(model)),
        Way::Nodes => Some(nodes(model)),
    }
}

/// Every Service of the release leads to a pod that takes traffic.
fn endpoints(model: &Model) -> Evidence {
    let known = known(model, "endpoints", &model.feeds.endpoints);
    told(model, known, |content, all: &[Endpoints]| {
        let of = |service: &_| all.iter().find(|e| e.service == *service);
        let stranded = content.services.keys().filter_map(of).find(|e| e.ready == 0);
        let untold = content.services.keys().find(|service| of(service).is_none());
        let reached = content.services.keys().filter_map(of).filter(|e| e.ready > 0).count();
        let value = format!("{reached} of {} Services have ready endpoints", content.services.len());
        match (stranded, untold) {
            (Some(e), _) => (Verdict::NotMet, format!("{}: 0 of {} endpoints ready", e.service, e.all)),
            (None, Some(service)) => (Verdict::Unknown, format!("{value}, {service} has no EndpointSlice")),
            (None, None) if content.services.is_empty() => (Verdict::Unknown, "the release has no Service".into()),
            (None, None) => (Verdict::Met, value),
        }
    })
}

/// Every Ingress of the release has an address.
fn ingresses(model: &Model) -> Evidence {
    let known = known(model, "ingresses", &model.feeds.ingresses);
    told(model, known, |content, all: &[Entrance]| {
        let of = |name: &String| all.iter().find(|e| e.name == *name);
        let gone = content.ingresses.iter().find(|name| of(name).is_none());
        let mine = || content.ingresses.iter().filter_map(of);
        match (gone, mine().find(|e| e.addresses.is_empty()), mine().next()) {
            (Some(name), ..) => (Verdict::NotMet, format!("ingress {name} is not in the cluster")),
            (None, Some(e), _) => (Verdict::NotMet, format!("ingress {} has no address", e.name)),
            (None, None, Some(first)) => {
                let address = first.addresses.join(", ");
                let told = if mine().nth(1).is_some() { "have an address" } else { "has an address" };
                (Verdict::Met, format!("{} of {0} {told}, {} at {address}", mine().count(), first.name))
            }
            (None, None, None) => (Verdict::Unknown, "the release has no Ingress".into()),
        }
    })
}

/// Every PodDisruptionBudget of the release has the healthy pods that it needs.
fn budgets(model: &Model) -> Evidence {
    let known = known(model, "disruption budgets", &model.feeds.budgets);
    told(model, known, |content, all: &[Budget]| {
        let of = |name: &String| all.iter().find(|b| b.name == *name);
        let gone = content.budgets.iter().find(|name| of(name).is_none());
        let mine = || content.budgets.iter().filter_map(of);
        match (gone, mine().find(|b| b.healthy < b.needed), mine().count()) {
            (_, Some(b), _) => (
                Verdict::NotMet,
                format!("disruption budget {}: {} of {} needed pods healthy", b.name, b.healthy, b.needed),
            ),
            (Some(name), ..) => (Verdict::NotMet, format!("disruption budget {name} is not in the cluster")),
            (None, None, 0) => (Verdict::Unknown, "the release has no PodDisruptionBudget".into()),
            (None, None, kept) => (Verdict::Met, format!("{kept} of {kept} disruption budgets kept")),
        }
    })
}

/// No node that bears a pod of the namespace is down or short of something.
fn nodes(model: &Model) -> Evidence {
    let now = model.now.wall;
    let Some(all) = model.feeds.nodes.fresh(model.now) else {
        return say(Verdict::Unknown, feed_word("nodes", &model.feeds.nodes, model), now);
    };
    let ready = all.iter().filter(|n| n.state == NodeState::Ready).count();
    let value = format!("{ready} of {} nodes ready", all.len());
    let first = troubled(model).into_iter().next();
    let (verdict, value) = match first {
        None if all.is_empty() => (Verdict::Unknown, "no node is seen".into()),
        None => (Verdict::Met, format!("{value}, none under pressure")),
        Some((node, None)) => (Verdict::Unknown, format!("{value}, {} and its pods are not known", of(node))),
        Some((node, Some(0))) => (Verdict::Met, format!("{value}; {}, without a pod of ours", of(node))),
        Some((node, Some(pods))) => (Verdict::NotMet, format!("{}, {}", of(node), on(pods))),
    };
    say(verdict, value, now)
}

/// What of the release's objects and of a watch is known now; else why not.
fn known<'a, T>(model: &'a Model, what: &str, feed: &'a Feed<Vec<T>>) -> Result<(&'a Content, &'a [T]), String> {
    let all = feed.fresh(model.now).ok_or_else(|| feed_word(what, feed, model))?;
    let content = live(model).ok_or_else(|| match model.feeds.releases.read(model.now) {
        Reading::Loading => "the release's Services: reading …".to_owned(),
        Reading::Dark { fault, .. } => format!("the release's Services: {}", fault.word()),
        Reading::Fresh { .. } | Reading::Stale { .. } => "no Service of a release is known".into(),
    })?;
    Ok((content, all))
}

fn told<T>(
    model: &Model,
    known: Result<(&Content, &[T]), String>,
    judge: impl FnOnce(&Content, &[T]) -> (Verdict, String),
) -> Evidence {
    let (verdict, value) = match known {
        Ok((content, all)) => judge(content, all),
        Err(why) => (Verdict::Unknown, why),
    };
    say(verdict, value, model.now.wall)
}

/// What keeps traffic from the pods of the release: `order-service: 0 of 2 endpoints ready`.
pub fn cut(model: &Model) -> Option<String> {
    [endpoints(model), ingresses(model)].into_iter().find(|e| e.verdict == Verdict::NotMet).map(|e| e.value)
}

/// Nodes with something wrong, and how many pods of the namespace that should serve each bears (`None` while the pods are
/// not known); the gravest first.
pub fn troubled(model: &Model) -> Vec<(&Node, Option<usize>)> {
    let table = model.feeds.pods.fresh(model.now).filter(|t| t.extent == Extent::Whole);
    let nodes = model.feeds.nodes.fresh(model.now).into_iter().flatten();
    let bad = nodes.filter(|n| n.state != NodeState::Ready || !n.pressures.is_empty());
    let mut all: Vec<_> = bad.map(|n| (n, table.map(|t| t.on(&n.name)))).collect();
    // One that bears nobody hurts nobody, whatever ails it.
    all.sort_by_key(|(node, pods)| (*pods == Some(0), node.state == NodeState::Ready, std::cmp::Reverse(*pods)));
    all
}

/// The first node that cannot run pods and bears some: `node aks-1 is not ready (KubeletStopped), 3 pods on it`.
pub fn fallen(model: &Model) -> Option<String> {
    let down = |n: &Node, pods: Option<usize>| n.state != NodeState::Ready && pods.is_some_and(|p| p > 0);
    let (node, pods) = troubled(model).into_iter().find(|(n, pods)| down(n, *pods))?;
    Some(format!("{}, {}", of(node), on(pods?)))
}

/// `node aks-1 is not ready (KubeletStopped)`
fn of(node: &Node) -> String {
    format!("node {} {}", node.name, node.trouble().unwrap_or_default())
}

/// `3 pods on it`
fn on(pods: usize) -> String {
    if pods == 1 { "1 pod on it".into() } else { format!("{pods} pods on it") }
}
