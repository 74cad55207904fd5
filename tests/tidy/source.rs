//! Rust source as the rules read it: without comments, strings and unit tests, and as a list of the paths it names.
//!
//! Never: a verdict. It is a scanner, not a parser: it is right about code that rustfmt has formatted.

use std::ops::Range;

/// The code with comments, strings and characters blanked; every line stays where it is.
pub fn code(text: &str) -> String {
    keeping(text, |began| began.is_none())
}

/// The comments alone; every line stays where it is.
pub fn comments(text: &str) -> String {
    keeping(text, |began| began == Some('/'))
}

/// Blanks what is not wanted, by the character with which a comment or a literal began; none for code.
fn keeping(text: &str, wanted: impl Fn(Option<char>) -> bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped(&chars, at);
        let (part, began) = if end == at { (at..at + 1, None) } else { (at..end, Some(chars[at])) };
        at = part.end;
        let keep = wanted(began);
        out.extend(chars[part].iter().map(|c| if keep || *c == '\n' { *c } else { ' ' }));
    }
    out
}

/// Where the comment, string or character that begins here ends; here, if none begins.
fn skipped(chars: &[char], at: usize) -> usize {
    let is = |offset: usize, c: char| chars.get(at + offset) == Some(&c);
    let inside_a_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match chars[at] {
        '/' if is(1, '/') => until(chars, at, |rest| rest[0] == '\n', 0),
        '/' if is(1, '*') => block_comment(chars, at),
        '"' => string(chars, at + 1),
        'r' if !inside_a_word || chars[at - 1] == 'b' || chars[at - 1] == 'c' => raw_string(chars, at),
        '\'' if is(1, '\\') => until(chars, at + 3, |rest| rest[0] == '\'', 1),
        '\'' if is(2, '\'') => at + 3,
        _ => at,
    }
}

fn until(chars: &[char], from: usize, end: impl Fn(&[char]) -> bool, past: usize) -> usize {
    (from..chars.len()).find(|at| end(&chars[*at..])).map_or(chars.len(), |at| at + past)
}

fn block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn string(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

fn raw_string(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let end = |rest: &[char]| rest[0] == '"' && rest[1..].iter().take_while(|c| **c == '#').count() >= hashes;
    until(chars, at + 2 + hashes, end, 1 + hashes)
}

/// The code of [`code`] without what stands behind `#[cfg(test)]`, blanked likewise.
pub fn product(text: &str) -> String {
    let code = code(text);
    let mut out = String::with_capacity(code.len());
    let mut from = 0;
    for part in test_parts(&code) {
        out.push_str(&code[from..part.start]);
        out.extend(code[part.clone()].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        from = part.end;
    }
    out + &code[from..]
}

/// How many lines a file has without its unit tests.
pub fn lines_without_tests(text: &str) -> usize {
    let code = code(text);
    let tests: usize = test_parts(&code).map(|part| code[part].lines().count()).sum();
    text.lines().count() - tests
}

fn test_parts(code: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + code[from..].find("#[cfg(test)]")?;
        let body = start + code[start..].find(['{', ';']).unwrap_or(code.len() - start);
        let mut depth = 0;
        let end = code[body..].char_indices().find_map(|(at, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(body + at + 1)
        });
        from = end.unwrap_or(code.len());
        Some(start..from)
    })
}

/// A path that code names, such as `crate::domain::name`, split at `::`, groups of `use` taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    pub parts: Vec<String>,
}

impl Named {
    /// Whether these parts, one behind the other, are somewhere in it.
    pub fn has(&self, parts: &str) -> bool {
        let wanted: Vec<&str> = parts.split("::").collect();
        self.parts.windows(wanted.len()).any(|window| window == wanted)
    }
}

/// Every path of two parts or more, and every path of a `use`.
pub fn paths(code: &str) -> Vec<Named> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].1 == "use" {
            at = tree(&tokens, at + 1, &[], &mut found);
        } else if is_word(tokens[at].1) && (at == 0 || !matches!(tokens[at - 1].1, "." | "::")) {
            let mut parts = vec![tokens[at].1.to_owned()];
            let line = tokens[at].0;
            while at + 2 < tokens.len() && tokens[at + 1].1 == "::" && is_word(tokens[at + 2].1) {
                parts.push(tokens[at + 2].1.to_owned());
                at += 2;
            }
            if parts.len() > 1 {
                found.push(Named { line, parts });
            }
            at += 1;
        } else {
            at += 1;
        }
    }
    found
}

/// One branch of a `use`, up to its comma or bracket; where it ended.
fn tree(tokens: &[(usize, &str)], from: usize, before: &[String], found: &mut Vec<Named>) -> usize {
    let mut parts = before.to_vec();
    let line = tokens.get(from).map_or(0, |token| token.0);
    let mut at = from;
    let mut grouped = false;
    while let Some((_, token)) = tokens.get(at) {
        match *token {
            "{" => {
                grouped = true;
                while !matches!(tokens.get(at).map(|t| t.1), Some("}") | None) {
                    at = tree(tokens, at + 1, &parts, found);
                }
                at += 1;
            }
            "," | "}" | ";" => break,
            "as" => at += 2,
            "::" => at += 1,
            part => {
                parts.push(part.to_owned());
                at += 1;
            }
        }
    }
    if !grouped && parts.len() > before.len() {
        found.push(Named { line, parts });
    }
    at
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let length = if is_part(first) {
                rest.find(|c| !is_part(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            found.push((number + 1, &rest[..length]));
            rest = rest[length..].trim_start();
        }
    }
    found
}
