//! How what is live is read: a kind of which there are several in one list, the others one by one.
//!
//! A list asks for what Helm has marked as its own, and for not much more than is wanted: where thousands of objects of
//! others are, it costs no more than elsewhere.
//!
//! Never: an object taken for absent because a list did not show it; it is asked for by its name then.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::{Call, Mode, ObjectRef, Resource, Verb};
use super::manifest;
use crate::domain::name::Namespace;

/// Of a kind with fewer objects in one namespace each is asked for by itself.
pub const SEVERAL: usize = 4;
/// Other releases may have so many times as many objects in the same list before some of ours are not in it.
const ROOM: usize = 4;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// For one object by its name.
    One(ObjectRef),
    /// For several of the same kind in the same place.
    Several(Resource, Option<Namespace>, Vec<ObjectRef>),
}

impl Look {
    /// All questions for these objects, each object in one of them.
    pub fn at(all: impl IntoIterator<Item = ObjectRef>) -> Vec<Self> {
        let mut places: BTreeMap<_, BTreeMap<String, ObjectRef>> = BTreeMap::new();
        for at in all {
            places.entry((at.resource.clone(), at.namespace.clone())).or_default().insert(at.name.clone(), at);
        }
        let mut looks = Vec::new();
        for ((resource, namespace), objects) in places {
            let objects = objects.into_values();
            if objects.len() < SEVERAL {
                looks.extend(objects.map(Self::One));
            } else {
                looks.push(Self::Several(resource, namespace, objects.collect()));
            }
        }
        looks
    }

    /// What is asked.
    pub fn call(&self) -> Call {
        match self {
            Self::One(at) => Call::Object { target: at.clone(), verb: Verb::Get, mode: Mode::Commit },
            Self::Several(resource, namespace, objects) => Call::Some {
                resource: resource.clone(),
                namespace: namespace.clone(),
                labels: format!("{}=Helm", manifest::MANAGED_BY),
                most: objects.len() * ROOM,
            },
        }
    }
}

/// Of the wanted objects those that a list shows, and those that have to be asked for.
pub fn shown(wanted: Vec<ObjectRef>, list: Vec<Value>) -> (Vec<(ObjectRef, Value)>, Vec<ObjectRef>) {
    let mut list: BTreeMap<String, Value> = list.into_iter().map(|o| (manifest::name(&o).to_owned(), o)).collect();
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for at in wanted {
        match list.remove(&at.name) {
            Some(object) => found.push((at, object)),
            None => open.push(at),
        }
    }
    (found, open)
}

#[cfg(test)]
mod tests {
    use super::super::api::Gvk;
    use super::*;
    use serde_json::json;

    fn at(kind: &str, name: &str) -> ObjectRef {
        let resource = Resource { gvk: Gvk::new("v1", kind), plural: format!("{kind}s"), namespaced: true };
        ObjectRef { resource, namespace: Some("prod".into()), name: name.into() }
    }

    #[test]
    fn several_of_a_kind_are_read_in_one_list_and_few_one_by_one() {
        let maps: Vec<_> = ["a", "b", "c", "d"].map(|name| at("ConfigMap", name)).into();
        let few = [at("Secret", "a"), at("Secret", "b")];
        let looks = Look::at(maps.iter().rev().chain(&few).chain(&maps).cloned());
        let resource = maps[0].resource.clone();
        let several = Look::Several(resource.clone(), Some("prod".into()), maps);
        assert_eq!(looks, [several.clone(), Look::One(few[0].clone()), Look::One(few[1].clone())]);
        let labels = "app.kubernetes.io/managed-by=Helm".to_owned();
        assert_eq!(several.call(), Call::Some { resource, namespace: Some("prod".into()), labels, most: 16 });
    }

    #[test]
    fn what_a_list_does_not_show_is_asked_for_by_its_name() {
        let object = |name: &str| json!({"metadata": {"name": name}});
        let (a, b) = (at("ConfigMap", "a"), at("ConfigMap", "b"));
        let (found, open) = shown(vec![a.clone(), b.clone()], vec![object("b"), object("c")]);
        assert_eq!(found, [(b, object("b"))]);
        assert_eq!(open, [a]);
    }
}
