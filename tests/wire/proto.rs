//! A Secret or a ConfigMap as helm 4 writes it: protobuf (client-go `runtime/serializer/protobuf`, `k8s.io/api/core/v1`).
//!
//! Never: more of an object than a record has: name, namespace, labels, data, type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The object behind the magic number; `None` where the bytes are no protobuf of the API's.
pub fn object(bytes: &[u8]) -> Option<Value> {
    let unknown = fields(bytes.strip_prefix(b"k8s\0")?)?;
    let types = fields(bytes_of(&unknown, 1)?)?;
    let (version, kind) = (text(&types, 1)?, text(&types, 2)?);
    let body = fields(bytes_of(&unknown, 2)?)?;
    let meta = fields(bytes_of(&body, 1)?)?;
    let labels: Map<String, Value> = pairs(&meta, 11)?.into_iter().map(|(k, v)| (k, utf8(v))).collect();
    let secret = kind == "Secret";
    let value = |v: &[u8]| if secret { STANDARD.encode(v).into() } else { utf8(v) };
    let data: Map<String, Value> = pairs(&body, 2)?.into_iter().map(|(k, v)| (k, value(v))).collect();
    let mut object = json!({"apiVersion": version, "kind": kind,
        "metadata": {"name": text(&meta, 1)?, "namespace": text(&meta, 3).unwrap_or_default(), "labels": labels},
        "data": data});
    if secret {
        object["type"] = text(&body, 3).unwrap_or_default().into();
    }
    Some(object)
}

type Fields<'a> = Vec<(u64, &'a [u8])>;

/// Length-delimited fields; the others are skipped.
fn fields(mut bytes: &[u8]) -> Option<Fields<'_>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = number(&mut bytes)?;
        match tag & 7 {
            0 => drop(number(&mut bytes)?),
            1 => bytes = bytes.get(8..)?,
            5 => bytes = bytes.get(4..)?,
            2 => {
                let length = usize::try_from(number(&mut bytes)?).ok()?;
                found.push((tag >> 3, bytes.get(..length)?));
                bytes = bytes.get(length..)?;
            }
            _ => return None,
        }
    }
    Some(found)
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn bytes_of<'a>(fields: &Fields<'a>, wanted: u64) -> Option<&'a [u8]> {
    fields.iter().find(|(n, _)| *n == wanted).map(|(_, b)| *b)
}

fn text(fields: &Fields<'_>, wanted: u64) -> Option<String> {
    bytes_of(fields, wanted).map(|b| String::from_utf8_lossy(b).into_owned())
}

fn utf8(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// A map field: each entry is a message of key and value.
fn pairs<'a>(all: &Fields<'a>, wanted: u64) -> Option<Vec<(String, &'a [u8])>> {
    let entry = |b: &'a [u8]| {
        let fields = fields(b)?;
        Some((text(&fields, 1)?, bytes_of(&fields, 2).unwrap_or_default()))
    };
    all.iter().filter(|(n, _)| *n == wanted).map(|(_, b)| entry(b)).collect()
}
