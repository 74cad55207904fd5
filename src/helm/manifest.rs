//! A release's manifest as objects.

use serde_json::Value;

use crate::domain::name::Namespace;

/// The objects of a manifest, in order.
///
/// # Errors
/// In words.
pub fn parse(_text: &str, _namespace: &Namespace) -> Result<Vec<Value>, String> {
    Ok(Vec::new())
}
