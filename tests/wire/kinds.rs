//! The built-in kinds as the API server's own OpenAPI document describes them: how each is served, and which fields it
//! has. From this the objects are drawn, so that no kind and no list is forgotten.
//!
//! Never: a rule of merging; those are what is under test.

use std::collections::BTreeMap;

use backout::helm::api::Gvk;
use serde_json::Value;

/// How a kind is served.
#[derive(Clone, Debug)]
pub struct Kind {
    pub gvk: Gvk,
    pub plural: String,
    pub namespaced: bool,
    pub shape: Shape,
}

/// What a value looks like.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A type of the document, by its name.
    Named(String),
    List(Box<Shape>),
    /// Any keys, values of one shape.
    Map(Box<Shape>),
    Text,
    /// In base64.
    Bytes,
    Time,
    MicroTime,
    /// `5s`
    Length,
    /// Of 32 bits.
    Number,
    /// Of 64 bits.
    Large,
    Yes,
    /// `80` or `http`
    Either,
    /// `500m`, `1`
    Quantity,
    /// Whatever JSON can say.
    Any,
}

/// The document, read.
pub struct Kinds {
    pub kinds: Vec<Kind>,
    types: BTreeMap<String, BTreeMap<String, Field>>,
}

/// A field of a type.
#[derive(Clone, Debug)]
pub struct Field {
    pub shape: Shape,
    pub required: bool,
    /// The member by which the elements of a list are merged.
    pub key: Option<String>,
    /// Whether a rule of merging stands at this field or below it: those are what is of interest.
    pub ruled: bool,
}

/// A custom resource: no schema, a plain JSON merge.
pub const CUSTOM: (&str, &str, &str) = ("shop.example/v1", "Cart", "carts");

impl Kinds {
    pub fn read(document: &Value) -> Self {
        let definitions = document["definitions"].as_object().expect("definitions");
        let mut types: BTreeMap<String, BTreeMap<String, Field>> = BTreeMap::new();
        for (name, definition) in definitions {
            let required: Vec<&str> =
                definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let fields = definition["properties"].as_object().into_iter().flatten().map(|(name, property)| {
                let key = property["x-kubernetes-patch-merge-key"].as_str().map(str::to_owned);
                let ruled = property.get("x-kubernetes-patch-strategy").is_some();
                let required = required.contains(&name.as_str());
                (name.clone(), Field { shape: shape(property), required, key, ruled })
            });
            types.insert(name.clone(), fields.collect());
        }
        mark(&mut types);
        let mut kinds = served(document);
        let (version, kind, plural) = CUSTOM;
        kinds.push(Kind { gvk: Gvk::new(version, kind), plural: plural.into(), namespaced: true, shape: Shape::Any });
        Self { kinds, types }
    }

    pub fn fields(&self, name: &str) -> Option<&BTreeMap<String, Field>> {
        self.types.get(name).filter(|fields| !fields.is_empty())
    }

    pub fn of(&self, gvk: &Gvk) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.gvk == *gvk)
    }
}

/// What cannot be read into the Go type of its field makes helm forget the whole type, and the server refuse the object:
/// so texts with a form have that form.
fn shape(property: &Value) -> Shape {
    const PROPS: &str = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
    if let Some(name) = property["$ref"].as_str() {
        let name = name.trim_start_matches("#/definitions/");
        return match name.rsplit('.').next().unwrap_or_default() {
            "Quantity" => Shape::Quantity,
            "IntOrString" => Shape::Either,
            "Time" => Shape::Time,
            "MicroTime" => Shape::MicroTime,
            "Duration" => Shape::Length,
            "JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" => Shape::Named(PROPS.into()),
            "JSONSchemaPropsOrStringArray" => Shape::List(Box::new(Shape::Text)),
            "RawExtension" | "JSON" | "FieldsV1" => Shape::Any,
            _ => Shape::Named(name.to_owned()),
        };
    }
    match (property["type"].as_str(), property["format"].as_str()) {
        (Some("array"), _) => Shape::List(Box::new(shape(&property["items"]))),
        (Some("object"), _) if property.get("additionalProperties").is_some() => {
            Shape::Map(Box::new(shape(&property["additionalProperties"])))
        }
        (Some("string"), Some("byte")) => Shape::Bytes,
        (Some("string"), Some("date-time")) => Shape::Time,
        (Some("string"), _) => Shape::Text,
        (Some("integer"), Some("int64")) => Shape::Large,
        (Some("integer" | "number"), _) => Shape::Number,
        (Some("boolean"), _) => Shape::Yes,
        (Some(_) | None, _) => Shape::Any,
    }
}

/// Marks the fields below which a rule stands, until nothing is added any more.
fn mark(types: &mut BTreeMap<String, BTreeMap<String, Field>>) {
    fn named(shape: &Shape) -> Option<&str> {
        match shape {
            Shape::Named(name) => Some(name),
            Shape::List(of) => named(of),
            _ => None,
        }
    }
    loop {
        let ruled: Vec<String> =
            types.iter().filter(|(_, f)| f.values().any(|f| f.ruled)).map(|(n, _)| n.clone()).collect();
        let mut more = false;
        for field in types.values_mut().flat_map(BTreeMap::values_mut).filter(|f| !f.ruled) {
            field.ruled = named(&field.shape).is_some_and(|n| ruled.iter().any(|r| r == n));
            more |= field.ruled;
        }
        if !more {
            return;
        }
    }
}

/// The resources whose objects can be read and patched by name.
fn served(document: &Value) -> Vec<Kind> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let mut kinds = Vec::new();
    for (path, calls) in document["paths"].as_object().expect("paths") {
        let Some(head) = path.strip_suffix("/{name}").filter(|_| calls.get("get").is_some()) else { continue };
        let Some(patch) = calls.get("patch") else { continue };
        let gvk = &patch["x-kubernetes-group-version-kind"];
        let gvk = Gvk { group: text(&gvk["group"]), version: text(&gvk["version"]), kind: text(&gvk["kind"]) };
        let answer = text(&calls["get"]["responses"]["200"]["schema"]["$ref"]);
        kinds.push(Kind {
            plural: head.rsplit('/').next().unwrap_or_default().to_owned(),
            namespaced: head.contains("{namespace}/"),
            shape: Shape::Named(answer.trim_start_matches("#/definitions/").to_owned()),
            gvk,
        });
    }
    kinds
}
