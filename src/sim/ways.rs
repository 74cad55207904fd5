//! How traffic gets to the shop's pods: it follows from the pods, the Services, Ingresses and budgets of the store, and
//! what ails the nodes and the ingress controller.
//!
//! Never: an endpoint without its pod.

use super::field;
use super::kinds;
use super::kubelet::NODES;
use super::production::Production;
use crate::domain::name::Service;
use crate::domain::ways::{Budget, Endpoints, Entrance, Node, NodeState};

impl Production {
    /// What stands behind each Service.
    pub(super) fn endpoints(&self) -> Vec<Endpoints> {
        let services = kinds::resource("v1", "Service");
        let of = self.store.of(&services, Some(&self.drill.namespace));
        of.map(|(key, _)| {
            let service = Service::new(&key.name);
            let (ready, all) = self.behind(&service);
            Endpoints { service, ready, all }
        })
        .collect()
    }

    /// The pods of a service: those that take traffic, and all.
    fn behind(&self, service: &Service) -> (u32, u32) {
        let pods = || self.pods.values().filter(|p| p.service == *service && p.counts());
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (count(pods().filter(|p| p.ready()).count()), count(pods().count()))
    }

    /// The Ingresses, as their controller has left them.
    pub(super) fn entrances(&self) -> Vec<Entrance> {
        let ingresses = kinds::resource("networking.k8s.io/v1", "Ingress");
        let of = self.store.of(&ingresses, Some(&self.drill.namespace));
        of.map(|(key, object)| Entrance {
            name: key.name.clone(),
            hosts: vec![field::text(object, "/spec/rules/0/host").into()],
            addresses: if self.troubles.without_address(self.now, &key.name) {
                Vec::new()
            } else {
                vec!["20.76.14.9".into()]
            },
        })
        .collect()
    }

    /// The PodDisruptionBudgets, as their controller has counted them.
    pub(super) fn budgets(&self) -> Vec<Budget> {
        let budgets = kinds::resource("policy/v1", "PodDisruptionBudget");
        let of = self.store.of(&budgets, Some(&self.drill.namespace));
        of.map(|(key, object)| {
            let service = Service::new(field::text(object, "/spec/selector/matchLabels/app.kubernetes.io~1name"));
            let needed = field::number(object, "/spec/minAvailable").unwrap_or_default();
            let healthy = self.behind(&service).0;
            Budget { name: key.name.clone(), healthy, needed, spare: healthy.saturating_sub(needed) }
        })
        .collect()
    }

    /// The nodes.
    pub(super) fn nodes(&self) -> Vec<Node> {
        let node = |name: &str| {
            let ails = self.troubles.conditions(self.now, name);
            let state = if ails.contains(&"NotReady") {
                NodeState::NotReady("KubeletNotReady".into())
            } else {
                NodeState::Ready
            };
            let pressures = ails.iter().filter(|c| c.ends_with("Pressure")).map(|c| (*c).to_owned()).collect();
            Node { name: name.into(), state, pressures, cordoned: false }
        };
        NODES.into_iter().map(node).collect()
    }
}
