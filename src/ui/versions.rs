//! Which version a revision runs, by its images: the chart's app version may be the same in every revision.

use std::collections::BTreeMap;

use crate::domain::name::{Image, Revision, Service};
use crate::domain::release::Release;

/// One service's image against the revision before: `None` where it was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Whose.
    pub service: Service,
    /// The tag before.
    pub from: Option<String>,
    /// The tag since.
    pub to: Option<String>,
}

/// The first image of each service.
fn firsts(release: &Release, revision: Revision) -> Option<BTreeMap<&Service, &Image>> {
    let content = release.revision(revision)?.content.as_ref()?;
    Some(content.images.iter().filter_map(|(service, images)| images.first().map(|i| (service, i))).collect())
}

/// What two revisions run differently; `None` while one of the records is not read.
pub fn between(release: &Release, older: Revision, newer: Revision) -> Option<Vec<Changed>> {
    let (before, after) = (firsts(release, older)?, firsts(release, newer)?);
    let tag = |image: Option<&&Image>| image.map(|i| i.tag().to_string());
    let mut changed: Vec<Changed> = after
        .iter()
        .filter(|(service, image)| before.get(*service) != Some(*image))
        .map(|(service, image)| Changed {
            service: (*service).clone(),
            from: tag(before.get(service)),
            to: Some(image.tag().into()),
        })
        .collect();
    changed.extend(
        before.iter().filter(|(service, _)| !after.contains_key(*service)).map(|(service, image)| Changed {
            service: (*service).clone(),
            from: Some(image.tag().into()),
            to: None,
        }),
    );
    Some(changed)
}

/// The revision before, by number, among those kept.
pub fn before(release: &Release, revision: Revision) -> Option<Revision> {
    release.revisions.iter().rev().map(|r| r.revision).find(|r| *r < revision)
}

/// The tag that says which version it is: the one that changed last, with this revision or before it, so that a revision
/// with the same images shows the same tag; the most frequent one where nothing ever changed. `None` while its record
/// is not read.
pub fn tag(release: &Release, revision: Revision) -> Option<String> {
    let images = firsts(release, revision)?;
    let read = release.revisions.iter().filter(|r| r.revision <= revision && r.content.is_some());
    let read: Vec<Revision> = read.map(|r| r.revision).collect();
    let mut changes = read.iter().zip(read.iter().skip(1)).rev();
    let changed = changes.find_map(|(older, newer)| between(release, *older, *newer)?.into_iter().find_map(|c| c.to));
    changed.or_else(|| {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for image in images.into_values() {
            *votes.entry(image.tag()).or_default() += 1;
        }
        votes.into_iter().max_by_key(|(_, n)| *n).map(|(tag, _)| tag.to_string())
    })
}

impl Changed {
    /// `order-service 2.3.1 -> 2.4.0`, `cart new 1.0`, `cart removed`.
    pub fn sentence(&self) -> String {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => format!("{} {from} -> {to}", self.service),
            (None, Some(to)) => format!("{} new {to}", self.service),
            (Some(_) | None, None) => format!("{} removed", self.service),
        }
    }
}
