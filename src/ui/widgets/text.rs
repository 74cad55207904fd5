//! Text fitted into columns: cut, padded, wrapped, by the width that a terminal gives to each character.
//!
//! Never: a byte or character count taken for a width.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The longest beginning that fits.
fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

/// The longest end that fits.
fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let mut from = text.len();
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        from = at;
    }
    text.get(from..).unwrap_or(text)
}

/// The text, cut with `…` where it is too wide.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.into();
    }
    match columns {
        0 => String::new(),
        _ => format!("{}…", head(text, columns - 1)),
    }
}

/// The text in exactly that many columns.
pub fn fit(text: &str, columns: usize) -> String {
    pad(cut(text, columns), columns)
}

/// The text in exactly that many columns, at their right end.
pub fn fit_right(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let missing = columns.saturating_sub(width(&text));
    format!("{}{text}", " ".repeat(missing))
}

/// A name in exactly that many columns, cut in the middle: its beginning tells the service, its end tells it from its
/// siblings.
pub fn fit_middle(text: &str, columns: usize) -> String {
    if width(text) <= columns || columns < 8 {
        return fit(text, columns);
    }
    let back = if columns < 16 { 3 } else { 5 };
    let short = format!("{}…{}", head(text, columns - 1 - back), tail(text, back));
    pad(short, columns)
}

fn pad(mut text: String, columns: usize) -> String {
    let missing = columns.saturating_sub(width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// A name in exactly that many columns, its end kept: the end of a tag is what differs.
pub fn fit_end(text: &str, columns: usize) -> String {
    if width(text) <= columns || columns == 0 {
        return fit(text, columns);
    }
    pad(format!("…{}", tail(text, columns - 1)), columns)
}

/// Words that belong together: a number and its unit stay on one line.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let unit = ["%", "ms", "s", "min", "h", "d"].contains(&word.trim_end_matches([',', ';', ':', '.', ')']));
        match words.last_mut() {
            Some(number) if unit && number.ends_with(|c: char| c.is_ascii_digit()) => {
                number.push(' ');
                number.push_str(word);
            }
            Some(_) | None => words.push(word.into()),
        }
    }
    words
}

/// The text in lines of at most that many columns, broken between words; a word that is too wide is broken.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    if columns == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        let mut word = word.as_str();
        loop {
            let gap = usize::from(!line.is_empty());
            if width(&line) + gap + width(word) <= columns {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(word);
                break;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let part = head(word, columns);
            if part.is_empty() {
                break;
            }
            lines.push(part.into());
            word = word.get(part.len()..).unwrap_or("");
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// As [`wrap`], but at most so many lines, the last one cut where there is more.
pub fn wrap_within(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let wrapped = wrap(text, columns);
    if wrapped.len() <= lines || lines == 0 {
        return wrapped.into_iter().take(lines).collect();
    }
    let mut kept: Vec<String> = wrapped.iter().take(lines - 1).cloned().collect();
    let rest: Vec<&str> = wrapped.iter().skip(lines - 1).map(String::as_str).collect();
    kept.push(cut(&rest.join(" "), columns));
    kept
}

/// A styled line cut with `…` where it is too wide.
pub fn clip(line: Line<'static>, columns: usize) -> Line<'static> {
    if line.width() <= columns {
        return line;
    }
    let mut left = columns;
    let style = line.style;
    let mut spans = Vec::new();
    for span in line.spans {
        let wide = span.width();
        if wide <= left && (wide < left || left == 0) {
            left -= wide;
            spans.push(span);
            continue;
        }
        let text = if wide > left { cut(&span.content, left) } else { format!("{}…", head(&span.content, left - 1)) };
        spans.push(Span::styled(text, span.style));
        break;
    }
    Line::from(spans).style(style)
}

/// Two lines in one: the left one is cut to leave room for the right one, which ends at the last column.
pub fn spread(left: Line<'static>, right: Line<'static>, columns: usize) -> Line<'static> {
    let right = clip(right, columns);
    let room = columns.saturating_sub(right.width() + usize::from(right.width() > 0));
    let mut line = clip(left, room);
    let gap = columns.saturating_sub(line.width() + right.width());
    line.spans.push(Span::raw(" ".repeat(gap)));
    line.spans.extend(right.spans);
    line
}

/// Lines of one style.
pub fn styled(lines: Vec<String>, style: Style) -> Vec<Line<'static>> {
    lines.into_iter().map(|l| Line::styled(l, style)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cut_in_the_middle_keeps_both_ends() {
        let cases = [
            ("order-service-7d9f8c6b5-x2xab", 20, "order-service-…x2xab"),
            ("order-service-7d9f8c6b5-x2xab", 12, "order-se…xab"),
            ("web", 6, "web   "),
            ("order", 3, "or…"),
            ("日本語日本語", 9, "日本語… "),
        ];
        for (name, columns, wanted) in cases {
            let got = fit_middle(name, columns);
            assert_eq!(width(&got), columns, "{got:?}");
            if name.is_ascii() {
                assert_eq!(got, wanted, "{name}");
            }
        }
    }

    #[test]
    fn words_wrap_and_a_word_too_wide_is_broken() {
        let cases: [(&str, usize, &[&str]); 6] = [
            ("one two three", 7, &["one two", "three"]),
            ("", 5, &[]),
            ("abcdefgh", 3, &["abc", "def", "gh"]),
            ("a bcdefgh", 4, &["a", "bcde", "fgh"]),
            ("日本", 1, &[]),
            ("at 0.2 %, P95 180 ms", 8, &["at", "0.2 %,", "P95", "180 ms"]),
        ];
        for (text, columns, wanted) in cases {
            assert_eq!(wrap(text, columns), wanted, "{text:?} in {columns}");
        }
    }

    #[test]
    fn the_right_text_keeps_its_place_and_the_left_one_gives_way() {
        let line = spread(Line::from("a long title"), Line::from("1 s"), 10);
        assert_eq!(line.to_string(), "a lon… 1 s");
    }
}
