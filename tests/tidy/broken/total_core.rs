//! A rule that trusts its input.

#[expect(dead_code, reason = "a lint is no panic")]
fn first(lines: &[&str]) -> u8 {
    let line = lines.first().unwrap();
    let other = lines.last().expect("a last line");
    debug_assert!(line != other);
    let length = lines.len().unwrap_or_default();
    if length > 1 { panic!("{line}") } else { unreachable!() }
}

#[cfg(test)]
mod tests {
    fn it_may() {
        None::<u8>.unwrap();
    }
}
