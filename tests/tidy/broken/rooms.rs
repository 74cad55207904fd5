//! A clock in the vocabulary, reached in every way that Rust knows.

use std::{collections::BTreeMap, fs, io::{self, Read}};

use chrono::Utc;
use kube::{Api, api::ListParams};
use crate::{domain::moment::Moment, model::{Model, feed::Feed}};
use super::super::update::update as change;

/// Now, which a pure room cannot know: not by `std::time::SystemTime` either.
pub fn now() -> Moment {
    let text = "crate::live::cluster // std::net::TcpStream";
    backout::app::places::now(Utc::now(), text)
}

#[cfg(test)]
mod tests {
    use crate::sim::drills;
}
