//! Lengths of time as a person writes them in a file: `15m`, `900s`, `500ms`, `1h30m`.
//!
//! Never: a bare number, which leaves its unit to be guessed.

use std::time::Duration;

/// Reads a length. `None` where it is not one, has no unit or is too long for a u64 of milliseconds.
pub fn read(raw: &str) -> Option<Duration> {
    let mut rest = raw.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let tail = tail.trim_start();
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, after) = tail.split_at_checked(letters)?;
        let millis: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(millis)?)?;
        rest = after.trim_start();
    }
    Some(Duration::from_millis(total))
}

/// Writes a length as [`read`] reads it, in the largest unit that leaves nothing over: `15m`, `90s`, `500ms`.
pub fn write(length: Duration) -> String {
    let millis = length.as_millis();
    match millis {
        0 => "0s".into(),
        m if m % 3_600_000 == 0 => format!("{}h", m / 3_600_000),
        m if m % 60_000 == 0 => format!("{}m", m / 60_000),
        m if m % 1_000 == 0 => format!("{}s", m / 1_000),
        m => format!("{m}ms"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_length_has_a_unit() {
        let cases = [
            ("15m", Some(900_000)),
            ("15 min", Some(900_000)),
            ("900s", Some(900_000)),
            ("1h30m", Some(5_400_000)),
            (" 2 s 500 ms ", Some(2_500)),
            ("500ms", Some(500)),
            ("0s", Some(0)),
            ("15", None),
            ("15x", None),
            ("m", None),
            ("", None),
            ("-5m", None),
            ("1.5h", None),
            ("15m!", None),
            ("99999999999999999999s", None),
            ("9999999999999999999h", None),
        ];
        for (raw, millis) in cases {
            assert_eq!(read(raw), millis.map(Duration::from_millis), "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(millis in 0_u64..10_000_000_000) {
            let length = Duration::from_millis(millis);
            prop_assert_eq!(read(&write(length)), Some(length));
        }

        #[test]
        fn no_text_makes_it_panic(raw in "\\PC*") {
            let _ = read(&raw);
        }
    }
}
