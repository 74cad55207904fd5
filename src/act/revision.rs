//! A revision, closely: its values and manifest against the current one, secrets masked.

use crate::domain::name::{ReleaseName, Revision};
use crate::ports::World;

/// The lines of the difference (first character ` `, `-`, `+`).
///
/// # Errors
/// Why it cannot be had, in a sentence.
pub async fn against_current(world: &World, release: ReleaseName, revision: Revision) -> Result<Vec<String>, String> {
    let _ = (world, revision);
    Err(release.to_string())
}
