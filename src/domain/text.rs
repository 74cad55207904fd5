//! Text from outside made harmless: no control sequence of a pod name, a log line or a server's message ever reaches
//! the terminal, the journal or a report.
//!
//! Never: interpreting escape sequences; they are dropped whole.

/// The text without escape sequences and control characters; tabs and newlines become one space.
///
/// CSI (`ESC [ … letter`), OSC/DCS/APC/PM/SOS strings (to their terminator) and two-character escapes vanish with
/// their payload, as do C1 controls and the bidirectional overrides that can make a line read backwards.
pub fn clean(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_csi(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            '\t' | '\n' => out.push(' '),
            c if c.is_control() || is_direction_override(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// As [`clean`], line by line: newlines stay.
pub fn clean_lines(raw: &str) -> String {
    let lines: Vec<String> = raw.split('\n').map(clean).collect();
    lines.join("\n")
}

/// A word as a shell takes it back: bare where that is safe, else in single quotes.
pub fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_escape(chars: &mut Chars<'_>) {
    match chars.next() {
        Some('[') => skip_csi(chars),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(chars),
        Some(' '..='/') => {
            chars.next();
        }
        Some(_) | None => {}
    }
}

fn skip_csi(chars: &mut Chars<'_>) {
    while let Some(&c) = chars.peek() {
        if !(' '..='?').contains(&c) {
            break;
        }
        chars.next();
    }
    if chars.peek().is_some_and(|c| ('@'..='~').contains(c)) {
        chars.next();
    }
}

fn skip_string(chars: &mut Chars<'_>) {
    while let Some(c) = chars.next() {
        match c {
            '\u{07}' | '\u{9c}' => return,
            '\u{1b}' => {
                if chars.peek() == Some(&'\\') {
                    chars.next();
                }
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_lines};

    #[test]
    fn escape_sequences_vanish_with_their_payload() {
        let cases = [
            ("plain", "plain"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("a\u{1b}]0;title\u{07}b", "ab"),
            ("a\u{1b}]52;c;AAAA\u{1b}\\b", "ab"),
            ("a\u{1b}Pq#0\u{1b}\\b", "ab"),
            ("a\u{1b}(Bb", "ab"),
            ("a\u{9b}2Jb", "ab"),
            ("tab\tline\nend", "tab line end"),
            ("bell\u{07} nul\u{0} del\u{7f}", "bell nul del"),
            ("back\u{202e}wards", "backwards"),
            ("cut \u{1b}[", "cut "),
            ("cut \u{1b}", "cut "),
            ("ñandú ✔", "ñandú ✔"),
        ];
        for (raw, wanted) in cases {
            assert_eq!(clean(raw), wanted, "{raw:?}");
        }
    }

    #[test]
    fn a_text_of_several_lines_keeps_its_lines() {
        assert_eq!(clean_lines("one\u{1b}[2J\ntwo\r\n"), "one\ntwo\n");
    }
}
