//! What a YAML 1.1 scalar means to Helm: the rules of go-yaml v2 and of sigs.k8s.io/yaml, which turn it into JSON.
//!
//! `defaultMode: 0644` is 420 and `yes` is true here; a YAML 1.2 reader would send 644 and "yes" to production.
//!
//! Never: a value that Helm would read otherwise. What JSON cannot say is an error, as it is for Helm.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::Value;

/// The tags of YAML's core that a scalar may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// None, and written plain: its form decides.
    Plain,
    /// `!!str`, quoted, a block, or a tag of somebody's own: the text itself.
    Str,
    /// `!!binary`
    Binary,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!timestamp`: text all the same, but only where it is one.
    Timestamp,
}

/// The JSON value of a scalar (go-yaml v2 `resolve.go`).
///
/// # Errors
/// In words: the form does not fit the tag, or JSON cannot say it (`.nan`, `.inf`).
pub fn resolve(text: &str, tag: Tag) -> Result<Value, String> {
    let plain = || by_form(text);
    let wrong = |what: &str| Err(format!("cannot decode `{text}` as {what}"));
    match tag {
        Tag::Str => Ok(text.into()),
        Tag::Plain => plain(),
        Tag::Binary => {
            let bare: String = text.split_ascii_whitespace().collect();
            let bytes = STANDARD.decode(bare).map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
            String::from_utf8(bytes).map(Value::String).map_err(|_| "a !!binary value is not text".to_owned())
        }
        Tag::Int => plain().and_then(|v| if v.is_i64() || v.is_u64() { Ok(v) } else { wrong("a !!int") }),
        Tag::Float => plain().and_then(|v| if v.is_number() { Ok(v) } else { wrong("a !!float") }),
        Tag::Bool => plain().and_then(|v| if v.is_boolean() { Ok(v) } else { wrong("a !!bool") }),
        Tag::Timestamp if is_time(text) => Ok(text.into()),
        Tag::Timestamp => wrong("a !!timestamp"),
        Tag::Null => plain().and_then(|v| if v.is_null() { Ok(v) } else { wrong("a !!null") }),
    }
}

/// Go-yaml v2 `parseTimestamp`.
fn is_time(text: &str) -> bool {
    let year = text.bytes().take_while(u8::is_ascii_digit).count() == 4 && text.as_bytes().get(4) == Some(&b'-');
    let zoned = ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dt%H:%M:%S%.f%:z"];
    let with_zone = || {
        let text = text.strip_suffix('Z').map_or_else(|| text.to_owned(), |t| format!("{t}+00:00"));
        zoned.iter().any(|form| DateTime::parse_from_str(&text, form).is_ok())
    };
    let bare = || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").is_ok();
    year && (with_zone() || bare() || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok())
}

/// The text of a mapping's key that was written as a scalar; a float as Go writes one of 32 bits.
///
/// # Errors
/// As [`key`].
pub fn key_of(text: &str, tag: Tag) -> Result<String, String> {
    if tag == Tag::Plain {
        match text {
            ".nan" | ".NaN" | ".NAN" => return Ok(".nan".into()),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Ok(".inf".into()),
            "-.inf" | "-.Inf" | "-.INF" => return Ok("-.inf".into()),
            _ => {}
        }
    }
    let value = resolve(text, tag)?;
    match (integer(&text.replace('_', "")), value.as_f64()) {
        (None, Some(float)) => Ok(short_float(float)),
        (Some(Value::Number(n)), Some(_)) if n.is_f64() => Err(format!("the key {text} has more than 64 bits")),
        _ => key(&value),
    }
}

/// Go's `strconv.FormatFloat(f, 'g', -1, 32)`.
fn short_float(float: f64) -> String {
    let float = float as f32;
    if float.is_infinite() {
        return if float > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    let text = format!("{float:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return float.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// The text of a mapping's key (sigs.k8s.io/yaml `convertToJSONableObject`).
///
/// # Errors
/// In words: a null key, or a number that Go would write in a way we do not reproduce.
pub fn key(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(yes) => Ok(yes.to_string()),
        Value::Number(n) => {
            if let Some(int) = n.as_i64() {
                return Ok(int.to_string());
            }
            match n.as_f64() {
                Some(f) if (1e-4..1e6).contains(&f.abs()) => Ok((f as f32).to_string()),
                Some(_) | None => Err(format!("the key {n} cannot be read exactly as helm does")),
            }
        }
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(format!("a key is {value}; only text, numbers and booleans can be keys"))
        }
    }
}

fn by_form(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Ok(true.into()),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Ok(false.into());
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf"
        | "-.INF" => return Err(format!("json: unsupported value: {text}")),
        _ => {}
    }
    let number = match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-') => {
            let bare = text.replace('_', "");
            integer(&bare).or_else(|| if is_float(&bare) { float(&bare) } else { None })
        }
        Some(b'.') if is_float(text) => float(text),
        Some(_) | None => None,
    };
    Ok(number.unwrap_or_else(|| text.into()))
}

/// Go's `strconv.ParseInt(s, 0, 64)`, then `ParseUint`, which leaves unstructured objects as a float.
fn integer(bare: &str) -> Option<Value> {
    let (negative, digits) = match bare.as_bytes().first()? {
        b'-' => (true, bare.get(1..)?),
        b'+' => (false, bare.get(1..)?),
        _ => (false, bare),
    };
    let prefix = digits.get(..2).unwrap_or_default().to_ascii_lowercase();
    let (radix, digits) = match prefix.as_str() {
        "0x" => (16, digits.get(2..)?),
        "0b" => (2, digits.get(2..)?),
        "0o" => (8, digits.get(2..)?),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let signed = if negative { -magnitude } else { magnitude };
    match i64::try_from(signed) {
        Ok(int) => Some(int.into()),
        Err(_) if negative => None,
        Err(_) => Some((magnitude as f64).into()),
    }
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    };
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

/// Go writes a whole float without a fraction, so that the reader behind it sees an integer.
fn float(text: &str) -> Option<Value> {
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    let whole = value.fract() == 0.0 && value.abs() < 9.0e18;
    Some(if whole { (value as i64).into() } else { value.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn plain_scalars_mean_what_helm_sends() {
        let cases = [
            ("0644", json!(420)),
            ("0o644", json!(420)),
            ("010", json!(8)),
            ("08", json!(8)),
            ("0b101", json!(5)),
            ("0x1F", json!(31)),
            ("1_000", json!(1000)),
            ("0_7", json!(7)),
            ("1e3", json!(1000)),
            (".5", json!(0.5)),
            ("1.10", json!(1.1)),
            ("+12", json!(12)),
            ("-0", json!(0)),
            ("-0x10", json!(-16)),
            ("yes", json!(true)),
            ("on", json!(true)),
            ("y", json!(true)),
            ("no", json!(false)),
            ("off", json!(false)),
            ("N", json!(false)),
            ("~", json!(null)),
            ("", json!(null)),
            ("1:30", json!("1:30")),
            ("190:20:30", json!("190:20:30")),
            ("2024-01-01", json!("2024-01-01")),
            ("2024-01-01T10:00:00Z", json!("2024-01-01T10:00:00Z")),
            ("1,000", json!("1,000")),
            ("1.2.3", json!("1.2.3")),
            ("1E400", json!("1E400")),
            ("12345678901234567890", json!(12_345_678_901_234_567_890_f64)),
            ("9223372036854775807", json!(i64::MAX)),
            ("+-1", json!("+-1")),
            ("-", json!("-")),
            (".", json!(".")),
            ("0x", json!("0x")),
            ("1e", json!("1e")),
            ("yEs", json!("yEs")),
            ("v1", json!("v1")),
        ];
        for (text, wanted) in cases {
            assert_eq!(resolve(text, Tag::Plain), Ok(wanted), "{text:?}");
        }
    }

    #[test]
    fn what_json_cannot_say_is_an_error() {
        for text in [".nan", "-.inf", "+.INF"] {
            assert_eq!(resolve(text, Tag::Plain), Err(format!("json: unsupported value: {text}")));
        }
    }

    #[test]
    fn a_tag_overrules_the_form_or_is_refused() {
        assert_eq!(resolve("0644", Tag::Str), Ok(json!("0644")));
        assert_eq!(resolve("aGVs\n  bG8=", Tag::Binary), Ok(json!("hello")));
        assert_eq!(resolve("3", Tag::Int), Ok(json!(3)));
        assert_eq!(resolve("x", Tag::Int), Err("cannot decode `x` as a !!int".into()));
    }

    #[test]
    fn a_key_that_is_a_number_is_written_as_go_writes_it() {
        let cases = [
            ("0644", "420"),
            ("1.50", "1.5"),
            ("009e-2", "0.09"),
            ("-12e-2", "-0.12"),
            ("1000000", "1000000"),
            ("1000000.0", "1e+06"),
            ("1e-5", "1e-05"),
            ("1e300", ".inf"),
            (".NaN", ".nan"),
            ("-.INF", "-.inf"),
            ("yes", "true"),
            ("a", "a"),
        ];
        for (text, wanted) in cases {
            assert_eq!(key_of(text, Tag::Plain), Ok(wanted.to_owned()), "{text}");
        }
        assert!(key_of("12345678901234567890", Tag::Plain).is_err());
        assert_eq!(key_of("0644", Tag::Str), Ok("0644".into()));
    }

    #[test]
    fn a_timestamp_is_text_but_must_be_one() {
        for text in
            ["2024-01-01", "2024-1-1", "2001-12-14t21:59:43.10-05:00", "2024-01-01T10:00:00Z", "2024-01-01 10:00:00"]
        {
            assert_eq!(resolve(text, Tag::Timestamp), Ok(json!(text)));
        }
        for text in ["24-01-01", "1", "2024-13-45", "false"] {
            assert!(resolve(text, Tag::Timestamp).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_become_text() {
        let cases = [(json!(1), "1"), (json!(1.5), "1.5"), (json!(true), "true"), (json!("a"), "a")];
        for (value, wanted) in cases {
            assert_eq!(key(&value), Ok(wanted.to_owned()));
        }
        for value in [json!(null), json!(1.5e9), json!(1.5e-9)] {
            assert!(key(&value).is_err(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_resolver_panic(text in "[-+._0-9eExXoObB:~a-z]{0,12}") {
            let _ = resolve(&text, Tag::Plain);
        }
    }
}
