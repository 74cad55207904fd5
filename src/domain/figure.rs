//! Figures as a person reads them, each in its unit.
//!
//! Never: more digits than the decision needs.

use super::metrics::Signal;

/// `18.2 %` of a ratio 0..1; `0.05 %` where one digit would hide it.
pub fn ratio(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if percent > 0.0 && percent < 0.1 { format!("{percent:.2} %") } else { format!("{percent:.1} %") }
}

/// `180 ms`, `3.1 s`.
pub fn seconds(seconds: f64) -> String {
    if seconds < 0.9995 { format!("{:.0} ms", seconds * 1_000.0) } else { format!("{seconds:.1} s") }
}

/// A value in its signal's unit.
pub fn value(signal: Signal, value: f64) -> String {
    match signal {
        Signal::ErrorRatio => ratio(value),
        Signal::P95 => seconds(value),
        Signal::Traffic => format!("{value:.1} req/s"),
    }
}

/// A limit: as a value, but without a needless `.0`.
pub fn limit(signal: Signal, limit: f64) -> String {
    value(signal, limit).replace(".0 ", " ")
}

/// `1 pod`, `3 pods`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_would_say_them() {
        let cases = [
            (Signal::ErrorRatio, 0.182, "18.2 %"),
            (Signal::ErrorRatio, 0.0, "0.0 %"),
            (Signal::ErrorRatio, 0.0004, "0.04 %"),
            (Signal::P95, 0.18, "180 ms"),
            (Signal::P95, 0.9999, "1.0 s"),
            (Signal::P95, 3.12, "3.1 s"),
        ];
        for (signal, number, wanted) in cases {
            assert_eq!(value(signal, number), wanted);
        }
        assert_eq!((limit(Signal::ErrorRatio, 0.05), limit(Signal::P95, 2.0)), ("5 %".into(), "2 s".into()));
    }
}
