//! What an operator asks for: this alert, silent for so long, for that reason; as it is typed in one line.
//!
//! Never: a silence without an end or without a reason.

use std::time::Duration;

use crate::domain::alert::{Alert, AlertState, Labels};
use crate::domain::moment::short;
use crate::domain::name::Person;
use crate::helm::plan::{Instead, Refusal};

/// The longest silence: what has to be quiet for longer is a fault of the rule.
pub const LONGEST: Duration = Duration::from_hours(24);
/// The shortest.
const SHORTEST: Duration = Duration::from_mins(1);
/// What stands in the line before anything is typed.
pub const BEGINNING: &str = "1h: ";

/// A silence that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The alert, by all of its labels.
    pub labels: Labels,
    /// For how long from the moment of the plan.
    pub length: Duration,
    /// Why.
    pub why: String,
    /// Who wants it.
    pub by: Person,
}

/// `2h: known, INC-1` as length and reason; lengths are read by `length`.
///
/// # Errors
/// What is missing, in words.
pub fn read(line: &str, length: impl Fn(&str) -> Option<Duration>) -> Result<(Duration, String), String> {
    let (time, why) = line.split_once(':').map(|(time, why)| (time.trim(), why.trim())).unwrap_or_default();
    let wanted = length(time).ok_or_else(|| format!("begin with for how long and a colon: {BEGINNING}and why"))?;
    if !(SHORTEST..=LONGEST).contains(&wanted) {
        let (least, most) = (short(SHORTEST), short(LONGEST));
        return Err(format!("{time} is not between {least} and {most}: a longer silence is forgotten"));
    }
    if why.is_empty() {
        return Err("write why: whoever finds the silence tomorrow knows nothing else of it".into());
    }
    Ok((wanted, why.to_owned()))
}

/// The alert of those, as it rings now.
///
/// # Errors
/// It does not ring, or is silent already.
pub fn among<'a>(labels: &Labels, alerts: &'a [Alert]) -> Result<&'a Alert, Refusal> {
    let Some(alert) = alerts.iter().find(|a| a.labels.as_ref() == Some(labels)) else {
        let what: Vec<String> = labels.shown().collect();
        let sentence = format!("Alertmanager tells no such alert any more ({})", what.join(" "));
        return Err(refuse(sentence, "It has ended, or changed its labels: look at the alerts (6)."));
    };
    match alert.state {
        AlertState::Firing | AlertState::Pending => Ok(alert),
        AlertState::Silenced => {
            let who = alert.silence().map_or_else(String::new, |s| format!(" {}", s.words()));
            Err(refuse(format!("{} is silenced already{who}", alert.called()), "It still rings in here."))
        }
    }
}

impl Ask {
    /// The command line that does the same.
    pub fn command(&self) -> String {
        let quoted = crate::domain::text::shell_quoted;
        let matchers: Vec<String> = self.labels.shown().map(|m| quoted(&m)).collect();
        let minutes = self.length.as_secs() / 60;
        format!(
            "amtool silence add --duration={minutes}m --author={} --comment={} {}",
            quoted(self.by.as_str()),
            quoted(&self.why),
            matchers.join(" ")
        )
    }
}

/// No silence can be planned.
pub fn refuse(sentence: impl Into<String>, cure: impl Into<String>) -> Refusal {
    Refusal { sentence: sentence.into(), cure: cure.into(), command: String::new(), instead: Instead::Nobody }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_long_and_why_or_what_is_missing() {
        let length = |t: &str| match t {
            "1h" => Some(Duration::from_hours(1)),
            "2d" => Some(Duration::from_hours(48)),
            "5s" => Some(Duration::from_secs(5)),
            _ => None,
        };
        let cases = [
            ("1h: known: INC-1", Ok((Duration::from_hours(1), "known: INC-1".to_owned()))),
            ("1h:", Err("write why: whoever finds the silence tomorrow knows nothing else of it")),
            ("known", Err("begin with for how long and a colon: 1h: and why")),
            ("", Err("begin with for how long and a colon: 1h: and why")),
            ("2d: known", Err("2d is not between 60 s and 24 h: a longer silence is forgotten")),
            ("5s: known", Err("5s is not between 60 s and 24 h: a longer silence is forgotten")),
        ];
        for (line, wanted) in cases {
            assert_eq!(read(line, length), wanted.map_err(str::to_owned), "{line}");
        }
    }

    #[test]
    fn the_command_line_writes_labels_as_amtool_reads_them() {
        let labels = [("alertname", "Down"), ("path", r#"/a"b\c"#)].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let ask = Ask {
            labels: Labels(labels.into()),
            length: Duration::from_hours(1),
            why: "known".into(),
            by: Person::new("ana"),
        };
        assert_eq!(
            ask.command(),
            r#"amtool silence add --duration=60m --author=ana --comment=known 'alertname="Down"' 'path="/a\"b\\c"'"#
        );
    }
}
