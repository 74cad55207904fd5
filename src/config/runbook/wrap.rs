//! Lines for paper: prose folded at words, commands folded so that a shell still reads them as one.
//!
//! Never: a line wider than asked for, except a quoted word that is wider by itself and may not be cut.

use unicode_width::UnicodeWidthStr;

/// Prose in lines of at most `width` columns; a word that is wider is cut.
pub(super) fn prose(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while line.width() > width {
            let (head, tail) = cut(&line, width);
            lines.push(head);
            line = tail;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A shell command in lines of at most `width` columns. Outside quotes a fold is ` \`; inside single quotes it is a bare
/// line break, which PromQL takes as a space. Breaks only at spaces.
pub(super) fn command(line: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut quoted_until_now = false;
    for word in line.split(' ') {
        let fold = if quoted_until_now { 0 } else { 2 };
        let room = if current.is_empty() { width } else { width.saturating_sub(fold) };
        if !current.is_empty() && current.width() + 1 + word.width() > room {
            if !quoted_until_now {
                current.push_str(" \\");
            }
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
        quoted_until_now ^= word.matches('\'').count() % 2 == 1;
    }
    lines.push(current);
    lines
}

fn cut(line: &str, width: usize) -> (String, String) {
    let mut head = String::new();
    let mut rest = line.chars();
    let mut tail = rest.clone();
    while let Some(c) = rest.next() {
        head.push(c);
        if head.width() > width.max(1) && head.chars().count() > 1 {
            head.pop();
            return (head, tail.collect());
        }
        tail = rest.clone();
    }
    (head, String::new())
}
