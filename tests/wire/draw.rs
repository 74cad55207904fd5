//! Random objects of a kind, and variants of them: what a chart says in one revision, what it says in another, what
//! somebody made of it by hand. Values come from small pools, so that lists overlap.
//!
//! Never: a valid deployment; only valid shapes, in which every merged element has its key.

use backout::helm::manifest::stamp;
use serde_json::{Map, Value, json};

use super::case::{NAMESPACE, RELEASE};
use super::chance::Chance;
use super::kinds::{Field, Kind, Kinds, Shape};

/// Draws objects.
pub struct Draw<'a> {
    pub kinds: &'a Kinds,
    pub chance: Chance,
    /// Whether nulls are drawn: a manifest may hold them, what is live never does.
    pub nulls: bool,
}

const TEXTS: [&str; 8] = ["a", "b", "c", "d", "", "<&>é", "1", "true"];
const KEYS: [&str; 5] = ["a", "b", "c", "d", "e"];
const NUMBERS: [i64; 6] = [0, 1, 2, 3, 80, 443];
/// Rare: no field of a real chart has them, but helm counts in floats.
const LARGE: [i64; 2] = [5_000_000_000, 9_007_199_254_740_993];
const PORTS: [i64; 5] = [53, 80, 443, 8080, 9090];
/// Never of a manifest.
const SERVERS: [&str; 7] =
    ["managedFields", "creationTimestamp", "deletionTimestamp", "resourceVersion", "uid", "selfLink", "generation"];
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
/// Deeper than any list that is merged.
const DEEPEST: usize = 10;

impl Draw<'_> {
    /// An object of that kind.
    pub fn object(&mut self, kind: &Kind, name: &str) -> Value {
        let drawn = match &kind.shape {
            Shape::Any => json!({"spec": self.any(3), "data": self.any(2), "metadata": self.metadata()}),
            shape => self.value(&shape.clone(), "", 0),
        };
        named(kind, name, drawn)
    }

    fn metadata(&mut self) -> Value {
        self.value(&Shape::Named(META.into()), "metadata", 1)
    }

    /// A variant: most of it as it was, some of it changed, gone, new, in another order.
    pub fn variant(&mut self, kind: &Kind, object: &Value, percent: u64) -> Value {
        let shape = kind.shape.clone();
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let mut drawn = self.vary(object, &shape, "", percent, 0);
        if matches!(shape, Shape::Any) {
            // A custom resource's metadata has a shape all the same: helm reads no object without it.
            let metadata = self.vary(&object["metadata"], &Shape::Named(META.into()), "metadata", percent, 1);
            drawn = if drawn.is_object() { drawn } else { json!({}) };
            drawn["metadata"] = metadata;
        }
        named(kind, &name, drawn)
    }

    fn value(&mut self, shape: &Shape, name: &str, depth: usize) -> Value {
        match shape {
            Shape::Named(of) => match self.kinds.fields(of).cloned() {
                Some(fields) if depth < DEEPEST => self.members(&fields, depth),
                Some(_) | None => json!({}),
            },
            Shape::List(of) => {
                let length = self.chance.below(4);
                Value::Array((0..length).map(|_| self.element(of, depth)).collect())
            }
            Shape::Map(of) => {
                let length = self.chance.below(4);
                let mut map = Map::new();
                for _ in 0..length {
                    let key = *self.chance.one(&KEYS);
                    map.insert(key.into(), self.value(of, key, depth + 1));
                }
                Value::Object(map)
            }
            Shape::Bytes => (*self.chance.one(&["YQ==", "Yg==", ""])).into(),
            Shape::Time => (*self.chance.one(&["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"])).into(),
            Shape::MicroTime => "2026-01-01T00:00:00.000000Z".into(),
            Shape::Length => (*self.chance.one(&["5s", "1m0s"])).into(),
            Shape::Large if self.chance.percent(5) => (*self.chance.one(&LARGE)).into(),
            Shape::Number | Shape::Large => self.number(name),
            Shape::Yes => self.chance.percent(50).into(),
            Shape::Either if self.chance.percent(50) => self.number(name),
            Shape::Text | Shape::Either => self.text(name),
            Shape::Quantity => {
                self.chance.one(&[json!("500m"), json!("1"), json!(1), json!("1Gi"), json!(0.5)]).clone()
            }
            Shape::Any => self.any(3),
        }
    }

    /// An element of a list: never a null, which no reader of merged lists takes.
    fn element(&mut self, of: &Shape, depth: usize) -> Value {
        self.value(of, "name", depth + 1)
    }

    fn members(&mut self, fields: &std::collections::BTreeMap<String, Field>, depth: usize) -> Value {
        let keys: Vec<String> = fields.keys().cloned().collect();
        let mut map = Map::new();
        let many = keys.len() as u64;
        for name in keys {
            let field = &fields[&name];
            let percent = match field {
                // Go's merge cannot look into these, and fails; no chart has them.
                Field { shape: Shape::Map(of), .. } if matches!(**of, Shape::List(_)) => 0,
                Field { shape: Shape::Any, .. } if depth == 0 => 0,
                // The API of 1.37, with which helm 3.22 is built, has other members there than a server of 1.36.
                Field { .. } if name == "nodeAllocatableResourceClaimStatuses" => 0,
                Field { required: true, .. } => 95,
                Field { ruled: true, .. } if name == "status" => 15,
                Field { ruled: true, .. } => 60,
                Field { .. } => (200 / many.max(1)).clamp(3, 60),
            };
            if self.chance.percent(percent) {
                map.insert(name.clone(), self.field(&name, field, depth));
            }
        }
        Value::Object(map)
    }

    fn field(&mut self, name: &str, field: &Field, depth: usize) -> Value {
        if self.nulls && !field.required && self.chance.percent(4) {
            return Value::Null;
        }
        let mut value = self.value(&field.shape, name, depth + 1);
        if let Some(key) = &field.key {
            self.keyed(&mut value, key);
        }
        value
    }

    /// Gives every element the key by which it is merged; the same one twice is rare, but happens.
    fn keyed(&mut self, list: &mut Value, key: &str) {
        let mut seen: Vec<Value> = Vec::new();
        let Value::Array(items) = list else { return };
        items.retain_mut(|item| {
            let Value::Object(map) = item else { return false };
            let drawn = match key {
                "containerPort" | "port" => (*self.chance.one(&PORTS)).into(),
                "mountPath" | "devicePath" => format!("/{}", self.chance.one(&KEYS)).into(),
                _ => Value::from(*self.chance.one(&KEYS)),
            };
            let value = map.entry(key).or_insert_with(|| drawn.clone());
            let plain = value.is_number() == drawn.is_number() && value.is_string() == drawn.is_string();
            if !plain || value == "" {
                *value = drawn;
            }
            let again = seen.contains(value);
            seen.push(value.clone());
            !again || self.chance.percent(7)
        });
    }

    fn vary(&mut self, value: &Value, shape: &Shape, name: &str, percent: u64, depth: usize) -> Value {
        match (shape, value) {
            (Shape::Named(of), Value::Object(map)) => {
                let Some(fields) = self.kinds.fields(of).cloned() else { return value.clone() };
                let mut new = Map::new();
                for (name, value) in map {
                    let Some(field) = fields.get(name) else {
                        new.insert(name.clone(), value.clone());
                        continue;
                    };
                    if !field.required && self.chance.percent(percent / 2) {
                        continue;
                    }
                    new.insert(name.clone(), self.vary_field(name, field, value, percent, depth));
                }
                if self.chance.percent(percent) {
                    let names: Vec<String> = fields.keys().cloned().collect();
                    let ruled: Vec<String> = names.iter().filter(|n| fields[*n].ruled).cloned().collect();
                    let from = if ruled.is_empty() || self.chance.percent(50) { &names } else { &ruled };
                    let name = self.chance.one(from).clone();
                    let field = &fields[&name];
                    if !matches!(field.shape, Shape::Any | Shape::Map(_))
                        && name != "nodeAllocatableResourceClaimStatuses"
                    {
                        let drawn = self.field(&name, field, depth);
                        new.entry(name).or_insert(drawn);
                    }
                }
                Value::Object(new)
            }
            (Shape::List(of), Value::Array(items)) => self.vary_list(items, of, percent, depth),
            (Shape::Map(of), Value::Object(map)) => {
                let mut new = Map::new();
                for (key, value) in map {
                    if !self.chance.percent(percent) {
                        new.insert(key.clone(), self.vary(value, of, key, percent, depth + 1));
                    }
                }
                if self.chance.percent(percent) {
                    let key = *self.chance.one(&KEYS);
                    new.insert(key.into(), self.value(of, key, depth + 1));
                }
                Value::Object(new)
            }
            (Shape::Any, value) => self.vary_any(value, percent),
            (shape, value) => {
                if self.chance.percent(percent) {
                    self.value(shape, name, depth)
                } else {
                    value.clone()
                }
            }
        }
    }

    fn vary_field(&mut self, name: &str, field: &Field, value: &Value, percent: u64, depth: usize) -> Value {
        if self.chance.percent(percent / 8) {
            return self.field(name, field, depth);
        }
        let mut value = self.vary(value, &field.shape, name, percent, depth + 1);
        if let Some(key) = &field.key {
            self.keyed(&mut value, key);
        }
        value
    }

    fn vary_list(&mut self, items: &[Value], of: &Shape, percent: u64, depth: usize) -> Value {
        let mut new: Vec<Value> = Vec::new();
        for item in items {
            if !self.chance.percent(percent) {
                new.push(self.vary(item, of, "name", percent, depth + 1));
            }
        }
        if self.chance.percent(percent) {
            let at = self.chance.below(new.len() + 1);
            let drawn = self.element(of, depth);
            new.insert(at, drawn);
        }
        if new.len() > 1 && self.chance.percent(percent) {
            let (a, b) = (self.chance.below(new.len()), self.chance.below(new.len()));
            new.swap(a, b);
        }
        Value::Array(new)
    }

    fn vary_any(&mut self, value: &Value, percent: u64) -> Value {
        if self.chance.percent(percent / 2) {
            return self.any(2);
        }
        match value {
            Value::Object(map) => {
                let mut new = Map::new();
                for (key, value) in map {
                    if !self.chance.percent(percent) {
                        new.insert(key.clone(), self.vary_any(value, percent));
                    }
                }
                if self.chance.percent(percent) {
                    let key = *self.chance.one(&KEYS);
                    new.insert(key.into(), self.any(2));
                }
                Value::Object(new)
            }
            Value::Array(items) => Value::Array(items.iter().map(|v| self.vary_any(v, percent)).collect()),
            scalar => scalar.clone(),
        }
    }

    fn any(&mut self, depth: usize) -> Value {
        match self.chance.below(if depth == 0 { 4 } else { 8 }) {
            0 => self.text("any"),
            1 => self.number("any"),
            2 => self.chance.percent(50).into(),
            3 if self.nulls => Value::Null,
            3 => json!(1.5),
            4 => Value::Array((0..self.chance.below(3)).map(|_| self.any(depth - 1)).collect()),
            _ => {
                let mut map = Map::new();
                for _ in 0..self.chance.below(4) {
                    let key = *self.chance.one(&KEYS);
                    map.insert(key.into(), self.any(depth - 1));
                }
                Value::Object(map)
            }
        }
    }

    fn text(&mut self, name: &str) -> Value {
        match name {
            "protocol" => (*self.chance.one(&["TCP", "UDP", "SCTP"])).into(),
            "strategy" | "type" => (*self.chance.one(&["RollingUpdate", "Recreate", "Ready", "Available"])).into(),
            _ => (*self.chance.one(&TEXTS)).into(),
        }
    }

    fn number(&mut self, name: &str) -> Value {
        if name.to_lowercase().ends_with("port") {
            return (*self.chance.one(&PORTS)).into();
        }
        (*self.chance.one(&NUMBERS)).into()
    }

    /// What a server adds to an object: identity, status, and the marks of helm.
    pub fn lived(&mut self, object: Value, namespace: Option<&str>) -> Value {
        let mut object = object;
        bare(&mut object);
        if self.chance.percent(90) {
            stamp(&mut object, &RELEASE.into(), &NAMESPACE.into());
        }
        let metadata = &mut object["metadata"];
        if let Some(namespace) = namespace {
            metadata["namespace"] = namespace.into();
        }
        metadata["uid"] = "6e1f9c0a-0000-4000-8000-000000000001".into();
        metadata["resourceVersion"] = (1000 + self.chance.below(900)).to_string().into();
        metadata["creationTimestamp"] = "2026-01-01T00:00:00Z".into();
        object
    }
}

/// Makes a drawn value an object of that kind and name.
fn named(kind: &Kind, name: &str, object: Value) -> Value {
    let mut object = object;
    if !object.is_object() {
        object = json!({});
    }
    object["apiVersion"] = kind.gvk.api_version().into();
    object["kind"] = kind.gvk.kind.clone().into();
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    let metadata = object["metadata"].as_object_mut().expect("metadata");
    metadata.retain(|name, _| !SERVERS.contains(&name.as_str()) && name != "generateName" && name != "namespace");
    // Labels and annotations that are no maps of text are refused by helm long before any patch.
    for texts in ["labels", "annotations"] {
        if let Some(Value::Object(map)) = metadata.get_mut(texts) {
            map.retain(|_, v| v.is_string());
        }
    }
    metadata.insert("name".into(), name.into());
    object
}

/// A server stores no nulls.
pub fn bare(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, v| !v.is_null());
            map.values_mut().for_each(bare);
        }
        Value::Array(items) => items.iter_mut().for_each(bare),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
