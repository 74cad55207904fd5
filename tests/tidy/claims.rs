//! What README claims beside helm is backed by a test that exists: each line of that table names one. The screen that it
//! shows is the one that opens.
//!
//! Never: whether the test shows what the line says; that is for the reader of both.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The heading of the table.
const HEADING: &str = "## Beside `helm rollback`";

/// Lines of the table in `readme` that name no test of `tests`, or one that is not there.
fn unbacked(readme: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let section = readme.split_once(HEADING).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|l| l.starts_with('|')).skip(2);
    let backed = |row: &&str| {
        let mut names = row.split('`').skip(1).step_by(2).filter(|w| w.matches('_').count() > 2).peekable();
        names.peek().is_some() && names.all(|name| tests.contains(name))
    };
    rows.filter(|row| !backed(row)).map(str::to_owned).collect()
}

/// The names of all tests in the files of that folder.
fn tests_in(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            tests_in(&path, names);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let marked = text.split("#[test]").chain(text.split("#[tokio::test")).skip(1);
            let name = |after: &str| Some(after.split_once("fn ")?.1.split_once('(')?.0.to_owned());
            names.extend(marked.filter_map(name));
        }
    }
}

#[test]
fn every_claim_beside_helm_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeSet::new();
    tests_in(&root.join("tests"), &mut tests);
    let readme = fs::read_to_string(root.join("README.md")).unwrap_or_default();
    assert!(readme.contains(HEADING), "README has lost its table");
    assert_eq!(unbacked(&readme, &tests), Vec::<String>::new());
}

#[test]
fn the_screen_that_readme_shows_first_is_what_a_drill_opens_with() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap_or_default();
    let between = |text: &str, from: &str, to: &str| {
        let part = text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(part, _)| part.to_owned());
        part.unwrap_or_default().lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>()
    };
    let opens = between(&read("tests/snapshots/drills__plan@80x24.snap"), "===== paged\n", "\n=====");
    assert_eq!(opens.len(), 24, "the drill's first screen is in its snapshot");
    assert_eq!(between(&read("README.md"), "```text\n", "\n```"), opens);
}

#[test]
fn a_claim_without_a_test_is_found() {
    let tests = BTreeSet::from(["a_test_that_is_there".to_owned()]);
    let table = format!(
        "{HEADING}\n\n| helm | backout | shown by |\n|---|---|---|\n| a | b | `a_test_that_is_there` |\n\
         | c | d | `a_test_that_is_gone` |\n| e | f | nothing |\n\n## Next\n| g | h | i |\n"
    );
    assert_eq!(unbacked(&table, &tests), ["| c | d | `a_test_that_is_gone` |", "| e | f | nothing |"]);
}
