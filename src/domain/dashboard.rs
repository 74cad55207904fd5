//! The team's dashboard in Grafana, opened at a time window by its address alone.
//!
//! Never: a request to it; what the person sees there is between them and Grafana.

use std::fmt;

use super::moment::Moment;

/// The address of a dashboard, without a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard(String);

impl Dashboard {
    /// At that address, which has no `from` and no `to` of its own.
    pub fn at(address: &str) -> Self {
        Self(address.to_owned())
    }

    /// The address at that time; to `None` = to now, and it goes on (Grafana, "Dashboard URL variables": `from` and `to` are
    /// milliseconds since the epoch, or `now`).
    pub fn link(&self, from: Moment, to: Option<Moment>) -> String {
        let sign = if self.0.contains('?') { '&' } else { '?' };
        let to = to.map_or_else(|| "now".to_owned(), |to| to.timestamp_millis().to_string());
        format!("{self}{sign}from={}&to={to}", from.timestamp_millis())
    }
}

impl fmt::Display for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_the_window_behind_what_the_address_has() {
        let at = |s| chrono::DateTime::from_timestamp(s, 0).unwrap();
        let plain = Dashboard::at("https://g.example/d/shop/shop");
        let varied = Dashboard::at("https://g.example/d/shop/shop?var-namespace=prod");
        assert_eq!(plain.link(at(60), None), "https://g.example/d/shop/shop?from=60000&to=now");
        assert_eq!(
            varied.link(at(60), Some(at(90))),
            "https://g.example/d/shop/shop?var-namespace=prod&from=60000&to=90000"
        );
    }
}
