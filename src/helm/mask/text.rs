//! What must never be shown within a text: a configuration file in a ConfigMap, a URL, a line of arguments.
//!
//! Read line by line and by name, whatever the file's format: `name=value`, `name: value`, `"name": "value"`, the user's
//! part of a URL, what stands indented below a telling name, the body of a private key. Rather too much than too little.
//!
//! Never: fewer or more lines than the text has.

use std::collections::BTreeSet;

use super::{CHANGED, HIDDEN, telling};

/// The text with what is secret in it hidden; `before`: what it is compared with.
pub fn mask(text: &str, before: Option<&str>) -> String {
    let mut below = Below::Nothing;
    let known: Option<BTreeSet<&str>> = before.map(|b| b.split('\n').collect());
    let mark = |line| if known.as_ref().is_some_and(|k| !k.contains(line)) { CHANGED } else { HIDDEN };
    let masked: Vec<String> = text.split('\n').map(|line| below.line(line, mark(line))).collect();
    masked.join("\n")
}

/// The lines of a log, each for itself: a name at the end of one says nothing of the next (a stack trace stays readable).
pub fn log(text: &str) -> Vec<String> {
    let mut below = Below::Nothing;
    let mut one = |line| {
        let masked = below.line(line, HIDDEN);
        if below != Below::Key {
            below = Below::Nothing;
        }
        masked
    };
    text.lines().map(&mut one).collect()
}

/// What the lines above say of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    /// Nothing.
    Nothing,
    /// A telling name stands alone at this indentation: what is indented deeper is its value.
    Name(usize),
    /// A hidden value goes on in the next line (`\` at the end).
    Continued,
    /// Within a private key.
    Key,
}

impl Below {
    fn line(&mut self, line: &str, mark: &str) -> String {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        let hide = || format!("{}{mark}", line.get(..indent).unwrap_or_default());
        match *self {
            Self::Key => {
                if content.starts_with("-----END") {
                    *self = Self::Nothing;
                }
                return hide();
            }
            Self::Continued => {
                if !line.ends_with('\\') {
                    *self = Self::Nothing;
                }
                return hide();
            }
            Self::Name(_) if content.is_empty() => return line.to_owned(),
            Self::Name(at) if indent > at || (indent == at && content.starts_with("- ")) => return hide(),
            Self::Name(_) | Self::Nothing => *self = Self::Nothing,
        }
        if content.starts_with("-----BEGIN") && content.contains("PRIVATE KEY") {
            *self = Self::Key;
            return hide();
        }
        let (masked, ends) = names(&addresses(line, mark), mark);
        match ends {
            Ends::Open => *self = Self::Name(indent),
            Ends::Hidden if line.ends_with('\\') => *self = Self::Continued,
            Ends::Plain | Ends::Hidden => {}
        }
        masked
    }
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// With nothing that matters.
    Plain,
    /// With a telling name whose value must follow below.
    Open,
    /// With a hidden value.
    Hidden,
}

/// User and password of the URLs in a line: `postgres://app:(hidden)@db`.
fn addresses(line: &str, mark: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let word = after.split(|c: char| c.is_whitespace() || "\"'`<>,".contains(c)).next().unwrap_or_default();
        let authority = word.split(['/', '?', '#']).next().unwrap_or_default();
        let port = authority.split_once(':').is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        // A password with a slash in it: what follows the colon is no port, so the name of the host comes later.
        let part = if authority.contains('@') || port { authority } else { word };
        rest = after;
        if let Some((user, _)) = part.rsplit_once('@') {
            match user.split_once(':') {
                Some((name, _)) => out.extend([name, ":", mark]),
                None => out.push_str(mark),
            }
            rest = after.get(user.len()..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

const fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// The values that belong to telling names in a line.
fn names(line: &str, mark: &str) -> (String, Ends) {
    let mut out = String::new();
    let mut rest = line;
    let mut ends = Ends::Plain;
    let mut first = true;
    while let Some(at) = rest.find(is_name) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let name = from.split(|c| !is_name(c)).next().unwrap_or_default();
        let after = from.get(name.len()..).unwrap_or_default();
        out.push_str(name);
        rest = after;
        let alone = std::mem::take(&mut first);
        let basic = || name.eq_ignore_ascii_case("basic") && out.to_ascii_lowercase().ends_with("authorization: basic");
        if after.starts_with(' ') && (name.eq_ignore_ascii_case("bearer") || basic()) {
            let (gap, value, behind) = value(after, false);
            if !value.is_empty() {
                out.extend([gap, mark]);
                (rest, ends) = (behind, Ends::Hidden);
            }
            continue;
        }
        let Some((sign, after)) = sign(after).filter(|_| telling(name)) else { continue };
        out.push_str(sign);
        let bare = alone && !sign.contains('"') && !sign.contains('\'');
        let (gap, value, behind) = value(after, bare);
        out.push_str(gap);
        rest = behind;
        ends = match value {
            "" | "|" | ">" | "|-" | ">-" | "|+" | ">+" => {
                out.push_str(value);
                if behind.trim().is_empty() { Ends::Open } else { Ends::Plain }
            }
            opens if opens.ends_with(['{', '[']) && behind.trim().is_empty() => {
                out.push_str(opens);
                Ends::Open
            }
            _ => {
                out.push_str(mark);
                Ends::Hidden
            }
        };
    }
    out.push_str(rest);
    (out, ends)
}

/// The sign between a name and its value, quotes and blanks included: `": `, ` = `.
fn sign(text: &str) -> Option<(&str, &str)> {
    let quote = usize::from(text.starts_with(['"', '\'']));
    let blank = text.get(quote..)?;
    let length = quote + (blank.len() - blank.trim_start_matches([' ', '\t']).len());
    let equals = text.get(length..)?;
    let is_sign = equals.starts_with('=') || (equals.starts_with(':') && !equals.starts_with("://"));
    is_sign.then(|| text.split_at(length + 1))
}

/// Blanks, the value, and what comes behind it; `whole`: the value may have blanks in it and ends with the line.
fn value(text: &str, whole: bool) -> (&str, &str, &str) {
    let blank = text.len() - text.trim_start_matches([' ', '\t']).len();
    let (gap, from) = text.split_at(blank);
    let length = match from.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = from.get(1..).unwrap_or_default();
            inner.find(quote).map_or(from.len(), |end| end + 2)
        }
        Some(_) if whole => from.trim_end().len(),
        Some(_) => from.find(|c: char| c.is_whitespace() || "&;,}])".contains(c)).unwrap_or(from.len()),
        None => 0,
    };
    let (value, behind) = from.split_at(length);
    (gap, value, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_in_a_text_is_hidden_line_by_line() {
        let cases = [
            ("level=info", "level=info"),
            ("spring.datasource.password=hunter 2", "spring.datasource.password=(hidden)"),
            ("  db.password : hunter2", "  db.password : (hidden)"),
            ("export API_KEY=\"k\" # mine", "export API_KEY=(hidden) # mine"),
            (
                r#"{"user": "app", "password": "p\q", "port": 5432}"#,
                r#"{"user": "app", "password": (hidden), "port": 5432}"#,
            ),
            ("Server=db;User Id=app;Password=p;Port=5", "Server=db;User Id=app;Password=(hidden);Port=5"),
            ("postgres://app:p@ss@db:5432/shop", "postgres://app:(hidden)@db:5432/shop"),
            ("url: postgres://app:p/q@db/shop?sslmode=off", "url: postgres://app:(hidden)@db/shop?sslmode=off"),
            ("https://ghp_x@github.example/a.git", "https://(hidden)@github.example/a.git"),
            (
                "jdbc:postgresql://db/shop?user=a&password=b&x=1",
                "jdbc:postgresql://db/shop?user=a&password=(hidden)&x=1",
            ),
            ("http://payment-service:8080/@scope/x", "http://payment-service:8080/@scope/x"),
            ("registry.example/shop/app@sha256:0123", "registry.example/shop/app@sha256:0123"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer (hidden)"),
            ("> authorization: Basic YTpi", "> authorization: Basic (hidden)"),
            (
                "secrets:\n  stripe: sk\n\n  mail:\n    key: k\nlevel: info",
                "secrets:\n  (hidden)\n\n  (hidden)\n    (hidden)\nlevel: info",
            ),
            ("tokens:\n- a\n- b\nx: y", "tokens:\n(hidden)\n(hidden)\nx: y"),
            ("password: |\n  p\nx: y", "password: |\n  (hidden)\nx: y"),
            ("\"credentials\": {\n  \"user\": \"u\"\n},\n\"a\": 1", "\"credentials\": {\n  (hidden)\n},\n\"a\": 1"),
            ("token=a\\\n  b\nx=y", "token=(hidden)\n  (hidden)\nx=y"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nx",
                "(hidden)\n(hidden)\n(hidden)\nx",
            ),
            ("-----BEGIN CERTIFICATE-----\nMII", "-----BEGIN CERTIFICATE-----\nMII"),
        ];
        for (text, wanted) in cases {
            assert_eq!(mask(text, None), wanted, "{text}");
        }
    }

    #[test]
    fn a_log_keeps_what_tells_why_and_hides_what_opens_doors() {
        let log = "connecting to postgres://app:hunter2@db/shop, password=hunter2\nc.x.InvalidTokenException: it has \
                   expired\nCaused by: c.x.BadTokenException:\n\tat c.x.Main\n-----BEGIN PRIVATE KEY-----\nMII\n-----END \
                   PRIVATE KEY-----\n\tat c.x.Main";
        let wanted = [
            "connecting to postgres://app:(hidden)@db/shop, password=(hidden)",
            "c.x.InvalidTokenException: it has expired",
            "Caused by: c.x.BadTokenException:",
            "\tat c.x.Main",
            "(hidden)",
            "(hidden)",
            "(hidden)",
            "\tat c.x.Main",
        ];
        assert_eq!(super::log(log), wanted);
    }

    proptest::proptest! {
        #[test]
        fn any_text_keeps_its_lines(text in "([a-z:=/@\"'|{}\\\\ \n\t\u{e9}-]|password|token|://|Bearer |BEGIN PRIVATE KEY){0,40}") {
            proptest::prop_assert_eq!(mask(&text, Some("x")).split('\n').count(), text.split('\n').count());
        }

        #[test]
        fn a_value_under_a_telling_name_is_never_shown(value in "[A-Za-z0-9!%@/:._-]{4,20}", format in 0_usize..8) {
            let value = format!("Zz{value}zZ");
            let text = match format {
                0 => format!("my.password={value}"),
                1 => format!("token: {value}"),
                2 => format!("{{\"apiKey\":\"{value}\",\"a\":1}}"),
                3 => format!("credentials:\n  - a: {value}"),
                4 => format!("x: 1\nsecret: >-\n  {value}\ny: 2"),
                5 => format!("--db-passwd={value}"),
                6 => format!("DB_DSN = '{value}'"),
                _ => format!("Authorization: Bearer {value}"),
            };
            proptest::prop_assert!(!mask(&text, None).contains("zZ"), "{} -> {}", text, mask(&text, None));
        }
    }

    #[test]
    fn another_hidden_value_is_marked_in_its_line() {
        let old = "a=1\npassword=x\ntoken=t\n";
        assert_eq!(mask("a=2\npassword=y\ntoken=t\n", Some(old)), "a=2\npassword=(hidden, another)\ntoken=(hidden)\n");
    }
}
