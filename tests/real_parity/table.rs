//! The table of the suite: case by case and path by path, how our rollback compares with helm's, exact and by default.
//!
//! Never: equal where a line is not told in the case, or where a told line does not show.

use std::collections::BTreeMap;

use backout::helm::choices::Manner;

use crate::case::{But, Csa, Equal, Mixed, Path, Refused, Ssa, Told};
use crate::side::{End, Side, Who};
use crate::state::{Objects, differences};

/// One side before and after.
pub struct Seen {
    pub side: Side,
    /// Or why it could not be prepared.
    pub end: Result<End, String>,
    pub was: Objects,
    pub is: Objects,
}

/// Cases by id and name, each with its cells.
type Rows = BTreeMap<(&'static str, &'static str), BTreeMap<(Column, Path), String>>;

pub struct Table {
    pub text: String,
    /// What is not as the cases tell.
    pub wrong: Vec<String>,
    /// Every place that differs where a deviation was told, in the form of `told.txt`.
    pub told: String,
}

/// Every place that may differ: `P25 csa default D2`, then its lines.
const TOLD: &str = include_str!("told.txt");

/// The lines of one cell.
fn lines(cell: &str) -> Vec<&'static str> {
    TOLD.lines().skip_while(|l| *l != format!("# {cell}")).skip(1).take_while(|l| !l.starts_with('#')).collect()
}

pub fn of(seen: &[Seen]) -> Table {
    let mut table = Table { text: String::new(), wrong: Vec::new(), told: String::new() };
    let mut rows = Rows::new();
    for three in seen.chunks(3) {
        let [helm, ours @ ..] = three else { continue };
        for side in ours {
            let Who::Ours(manner) = side.side.who else { continue };
            let path = side.side.path;
            let told = side.side.case.expected(path, manner);
            let called = format!("{} {} {}", side.side.case.id, path.word(), Column::from(manner).word());
            let wrong = match told {
                But(deviation) => {
                    let called = format!("{called} {deviation}");
                    table.told.extend([format!("# {called}\n")]);
                    table.told.extend(places(helm, side).iter().map(|l| format!("{l}\n")));
                    compared(helm, side, told, &lines(&called))
                }
                Equal | Refused(..) => compared(helm, side, told, &[]),
            };
            let cell = if wrong.is_empty() { word(told) } else { "DIFFERS".into() };
            table.wrong.extend(wrong.into_iter().map(|w| format!("{called}: {w}")));
            let row = rows.entry((side.side.case.id, side.side.case.name)).or_default();
            row.insert((manner.into(), path), cell);
        }
    }
    table.text = drawn(&rows);
    table
}

/// The manners in the order of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Exact,
    Mended,
}

impl Column {
    const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Mended => "default",
        }
    }
}

impl From<Manner> for Column {
    fn from(manner: Manner) -> Self {
        match manner {
            Manner::Exact => Self::Exact,
            Manner::Mended => Self::Mended,
        }
    }
}

fn word(told: Told) -> String {
    match told {
        Equal => "equal".into(),
        But(deviation) => format!("equal but {deviation}"),
        Refused(deviation, _) => format!("refused {deviation}"),
    }
}

/// What is not as it was told to be.
fn compared(helm: &Seen, ours: &Seen, told: Told, lines: &[&str]) -> Vec<String> {
    let (helms, ended) = match (&helm.end, &ours.end) {
        (Ok(helms), Ok(ended)) => (helms, ended),
        (Err(why), _) | (_, Err(why)) => return vec![format!("it could not be prepared: {why}")],
    };
    match (told, ended) {
        (Refused(_, sentence), End::Refused(why)) => {
            let mut wrong = differences(&ours.was, &ours.is);
            for line in &mut wrong {
                *line = format!("written, though refused: {line}");
            }
            if !why.contains(sentence) {
                wrong.push(format!("said {why:?}, not {sentence:?}"));
            }
            if helm.is == helm.was {
                wrong.push("helm wrote nothing, either: it is no deviation".into());
            }
            wrong
        }
        (Refused(..), End::Ran { .. }) => vec!["it ran, and was to be refused".into()],
        // Helm could not, either, and wrote as little.
        (Equal, End::Refused(_)) if helms.failed() && helm.is == helm.was => differences(&ours.was, &ours.is),
        (Equal | But(_), End::Refused(why)) => vec![format!("refused: {why}; helm: {helms:?}")],
        (But(_), End::Ran { .. }) if lines.is_empty() => vec!["told.txt has nothing of it".into()],
        (Equal | But(_), End::Ran { .. }) => against(helm, ours, lines),
    }
}

fn against(helm: &Seen, ours: &Seen, told: &[&str]) -> Vec<String> {
    let found = places(helm, ours);
    let mut wrong: Vec<String> = found.iter().filter(|f| !told.contains(&f.as_str())).cloned().collect();
    wrong.extend(told.iter().filter(|t| !found.iter().any(|f| f == *t)).map(|t| format!("told, but not seen: {t}")));
    if wrong.iter().any(|w| w.starts_with("end: ")) {
        wrong.push(format!("helm said {:?}, we {:?}", helm.end, ours.end));
    }
    wrong
}

/// Every place where two sides differ, and whether both ended alike.
fn places(helm: &Seen, ours: &Seen) -> Vec<String> {
    let mut found = differences(&helm.is, &ours.is);
    if let (Ok(End::Ran { well: theirs, .. }), Ok(End::Ran { well, .. })) = (&helm.end, &ours.end)
        && theirs != well
    {
        found.push(format!("end: {} | {}", end(*theirs), end(*well)));
    }
    found
}

const fn end(well: bool) -> &'static str {
    if well { "well" } else { "failed" }
}

fn drawn(rows: &Rows) -> String {
    let columns = [Column::Exact, Column::Mended].into_iter().flat_map(|m| [Csa, Ssa, Mixed].map(|p| (m, p)));
    let columns: Vec<_> = columns.collect();
    let mut text = format!("{:5} {:42}", "", "");
    for (manner, path) in &columns {
        text.extend([format!(" {:13}", format!("{} {}", manner.word(), path.word()))]);
    }
    text = text.trim_end().to_owned() + "\n";
    for ((id, name), cells) in rows {
        let mut line = format!("{id:5} {name:42}");
        for column in &columns {
            line.extend([format!(" {:13}", cells.get(column).map_or("", String::as_str))]);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
