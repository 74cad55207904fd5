//! The outer shell of a Helm record: the Kubernetes object that stores it, base64, gzip (helm `pkg/storage/driver/util.go`).
//!
//! Never: the meaning of the JSON inside; that is [`super::record`].

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

/// The API server's limit on the data of one Secret or ConfigMap, in bytes (Kubernetes `MaxSecretSize`).
pub const LIMIT: usize = 1_048_576;

/// No honest record inflates to more than this; a larger one is refused before it eats the memory.
const INFLATED_LIMIT: u64 = 64 * 1_048_576;

/// Where Helm stores its records (`HELM_DRIVER`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// Secrets of type `helm.sh/release.v1`; Helm's default.
    Secret,
    /// ConfigMaps.
    ConfigMap,
}

impl Driver {
    /// The Kubernetes kind.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }

    /// Of an object as the API gives it; the members of a list carry no `kind`, but only a Secret has a `type`.
    pub fn of(object: &Value) -> Self {
        match object.get("kind").and_then(Value::as_str) {
            Some("ConfigMap") => Self::ConfigMap,
            Some(_) => Self::Secret,
            None if object.get("type").is_some() => Self::Secret,
            None => Self::ConfigMap,
        }
    }
}

/// The text under `data.release`, with the Secret's own base64 undone.
///
/// # Errors
/// In words: no payload, a Secret of another type, broken base64.
pub fn text(object: &Value) -> Result<Vec<u8>, String> {
    let raw = object
        .get("data")
        .and_then(|d| d.get("release"))
        .and_then(Value::as_str)
        .ok_or("it has no data.release, so it is no Helm record")?;
    match Driver::of(object) {
        Driver::ConfigMap => Ok(raw.as_bytes().to_vec()),
        Driver::Secret => {
            let kind = object.get("type").and_then(Value::as_str).unwrap_or("helm.sh/release.v1");
            if kind != "helm.sh/release.v1" {
                return Err(format!("its type is {kind}, not helm.sh/release.v1"));
            }
            STANDARD.decode(raw).map_err(|e| format!("its outer base64 is broken: {e}"))
        }
    }
}

/// The JSON inside.
///
/// # Errors
/// In words: broken base64, broken gzip, more than 64 MiB inflated.
pub fn inflate(text: &[u8]) -> Result<Vec<u8>, String> {
    let bytes = STANDARD.decode(text.trim_ascii()).map_err(|e| format!("its base64 is broken: {e}"))?;
    if !bytes.starts_with(&[0x1f, 0x8b, 0x08]) || bytes.len() <= 3 {
        return Ok(bytes);
    }
    let mut json = Vec::new();
    GzDecoder::new(bytes.as_slice())
        .take(INFLATED_LIMIT + 1)
        .read_to_end(&mut json)
        .map_err(|e| format!("its gzip is broken: {e}"))?;
    if json.len() as u64 > INFLATED_LIMIT {
        return Err("it inflates to more than 64 MiB".into());
    }
    Ok(json)
}

/// JSON to the text that Helm stores: gzip at level 9, base64.
///
/// # Errors
/// The compressor's own message; writing to memory gives none in practice.
pub fn deflate(json: &[u8]) -> Result<String, String> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let bytes =
        gzip.write_all(json).and_then(|()| gzip.finish()).map_err(|e| format!("it cannot be compressed: {e}"))?;
    Ok(STANDARD.encode(bytes))
}

/// The stored text as the member `data.release` of such an object.
pub fn wire(driver: Driver, text: &str) -> Value {
    Value::String(match driver {
        Driver::Secret => STANDARD.encode(text),
        Driver::ConfigMap => text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn object(driver: Driver, text: &str) -> Value {
        let mut object = json!({"kind": driver.kind(), "data": {"release": wire(driver, text)}});
        if driver == Driver::Secret {
            object["type"] = json!("helm.sh/release.v1");
        }
        object
    }

    proptest! {
        #[test]
        fn what_is_stored_is_read_again(json in proptest::collection::vec(any::<u8>(), 0..300)) {
            for driver in [Driver::Secret, Driver::ConfigMap] {
                let stored = deflate(&json).unwrap();
                prop_assert_eq!(inflate(&text(&object(driver, &stored)).unwrap()).unwrap(), json.clone());
            }
        }

        #[test]
        fn no_payload_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = inflate(&bytes);
            let _ = inflate(STANDARD.encode(&bytes).as_bytes());
            let mut gzip = vec![0x1f, 0x8b, 0x08];
            gzip.extend(&bytes);
            let _ = inflate(STANDARD.encode(&gzip).as_bytes());
        }
    }

    #[test]
    fn a_record_of_the_first_helms_is_plain_json() {
        assert_eq!(inflate(STANDARD.encode(br#"{"name":"x"}"#).as_bytes()).unwrap(), br#"{"name":"x"}"#);
    }

    #[test]
    fn what_cannot_be_read_is_said_in_words() {
        let cases = [
            (json!({}), "it has no data.release, so it is no Helm record"),
            (
                json!({"kind": "Secret", "type": "Opaque", "data": {"release": "eA=="}}),
                "its type is Opaque, not helm.sh/release.v1",
            ),
        ];
        for (object, wanted) in cases {
            assert_eq!(text(&object), Err(wanted.to_owned()));
        }
        assert!(
            text(&json!({"kind": "Secret", "data": {"release": "%"}})).unwrap_err().starts_with("its outer base64")
        );
        assert!(inflate(b"%").unwrap_err().starts_with("its base64 is broken"));
        assert!(inflate(STANDARD.encode([0x1f, 0x8b, 8, 0, 9]).as_bytes()).unwrap_err().starts_with("its gzip"));
    }

    #[test]
    fn a_bomb_is_refused_before_it_fills_the_memory() {
        let text = deflate(&vec![b' '; 64 * 1_048_576 + 2]).unwrap();
        assert_eq!(inflate(text.as_bytes()), Err("it inflates to more than 64 MiB".into()));
    }
}
