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

/// A line of a folded command, by where it must stand for a shell to read it right.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The first.
    Start(String),
    /// Goes on with another word: may be indented.
    NextWord(String),
    /// Goes on in the middle of a word: stands at the margin.
    SameWord(String),
}

impl Line {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Start(text) | Self::NextWord(text) | Self::SameWord(text) => text,
        }
    }
}

/// A shell command in lines of at most `width` columns. Outside quotes a fold is a backslash; inside single quotes it is
/// a bare line break, which PromQL takes as a space. A flag stays with its value; a word that is wider is cut.
pub(super) fn command(text: &str, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut make: fn(String) -> Line = Line::Start;
    let most = width.saturating_sub(2).max(2);
    for Unit { word, quoted, open } in units(text) {
        let room = if open { width } else { most };
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            line.push_str(if quoted { "" } else { " \\" });
            lines.push(make(std::mem::take(&mut line)));
            make = Line::NextWord;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
        while !quoted && !word.contains(['\'', '"']) && line.width() > most {
            let (head, tail) = cut_word(&line, most);
            lines.push(make(head + "\\"));
            line = tail;
            make = Line::SameWord;
        }
    }
    lines.push(make(line));
    lines
}

/// Words that stay together, and whether a single quote is open before and after them.
struct Unit {
    word: String,
    quoted: bool,
    open: bool,
}

fn units(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut quoted = false;
    for word in text.split(' ') {
        let open = quoted ^ (word.matches('\'').count() % 2 == 1);
        match units.last_mut() {
            Some(flag) if !quoted && is_flag(&flag.word) && !word.starts_with(['-', '\'']) => {
                flag.word.push(' ');
                flag.word.push_str(word);
                flag.open = open;
            }
            Some(_) | None => units.push(Unit { word: word.into(), quoted, open }),
        }
        quoted = open;
    }
    units
}

fn is_flag(word: &str) -> bool {
    word.starts_with('-') && word.len() > 1 && !word.contains([' ', '='])
}

/// Cuts after the last `/` that fits, else where the width ends.
fn cut_word(line: &str, width: usize) -> (String, String) {
    let (head, tail) = cut(line, width);
    match head.rsplit_once('/') {
        Some((kept, moved)) if !kept.is_empty() && !moved.contains(' ') => {
            (format!("{kept}/"), format!("{moved}{tail}"))
        }
        Some(_) | None => (head, tail),
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The command as a shell reads the folded one: backslash and line break vanish, indents are spaces.
    fn unfolded(lines: &[Line]) -> String {
        let page: Vec<String> = lines
            .iter()
            .map(|line| match line {
                Line::Start(text) | Line::SameWord(text) => text.clone(),
                Line::NextWord(text) => format!(" {text}"),
            })
            .collect();
        page.join("\n").replace("\\\n", "").replace('\n', " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_command_folds_where_a_shell_goes_on_reading() {
        let next = |text: &str| Line::NextWord(text.into());
        let cases = [
            ("helm history shop", vec![Line::Start("helm history shop".into())]),
            (
                "helm history shop -n prod --max 20",
                vec![Line::Start("helm history shop \\".into()), next("-n prod --max 20")],
            ),
            (
                "get --raw /api/v1/namespaces/prod/services",
                vec![
                    Line::Start("get \\".into()),
                    next("--raw /api/v1/\\"),
                    Line::SameWord("namespaces/prod/\\".into()),
                    Line::SameWord("services".into()),
                ],
            ),
            ("curl 'query=sum by (le) (x)'", vec![Line::Start("curl 'query=sum by".into()), next("(le) (x)'")]),
        ];
        for (command_line, wanted) in cases {
            assert_eq!(command(command_line, 20), wanted, "{command_line}");
        }
    }

    proptest! {
        #[test]
        fn a_folded_command_reads_as_before_and_fits(line in "[a-z/<>:-]{1,50}( [a-z/<>:-]{1,50}){0,6}") {
            let folded = command(&line, 30);
            prop_assert!(folded.iter().all(|l| l.text().width() <= 30), "{folded:?}");
            prop_assert_eq!(unfolded(&folded), line);
        }

        #[test]
        fn folded_prose_fits_and_loses_no_letter(text in "\\PC{0,200}") {
            let folded = prose(&text, 20);
            prop_assert!(folded.iter().all(|l| l.width() <= 20 || l.chars().count() == 1));
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&folded.concat()), letters(&text));
        }
    }
}
