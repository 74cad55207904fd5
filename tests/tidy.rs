//! Holds the source to the rules of the house: the rooms, a head in every file, sizes, names, nothing left over.
//!
//! Every rule is shown to fail by a file of `tests/tidy/broken/`. Never: a rule that a file can switch off.

#![expect(clippy::panic, reason = "a test fails by panicking")]

#[path = "tidy/claims.rs"]
mod claims;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;

/// A place that breaks a rule, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    path: String,
    line: usize,
    sentence: String,
}

impl Display for Breach {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.sentence)
    }
}

fn breach(path: &str, line: usize, sentence: impl Into<String>) -> Breach {
    Breach { path: path.to_owned(), line, sentence: sentence.into() }
}

/// The room of a file, by its path from the top level.
pub struct RoomOf<'a>(&'a str);

impl<'a> RoomOf<'a> {
    fn module(&self) -> &'a str {
        let path = self.0.strip_prefix("src/").unwrap_or(self.0);
        path.strip_suffix(".rs").unwrap_or(path)
    }

    /// `src/update/keys.rs` lies in `update`.
    fn name(&self) -> &'a str {
        self.module().split('/').next().unwrap_or_default()
    }

    /// How many `super` lead from it to the root of the crate.
    fn depth(&self) -> usize {
        self.module().split('/').count()
    }
}

/// The crates that are not ours, as code names them.
fn outside_crates() -> &'static BTreeSet<String> {
    static CRATES: OnceLock<BTreeSet<String>> = OnceLock::new();
    CRATES.get_or_init(|| {
        let manifest: toml::Table = read("Cargo.toml").parse().expect("Cargo.toml is TOML");
        let named =
            |table: &str| manifest[table].as_table().expect("a table").keys().map(|name| name.replace('-', "_"));
        let own = ["std", "core", "alloc"].map(String::from);
        named("dependencies").chain(named("dev-dependencies")).chain(own).collect()
    })
}

type Rule = fn(&str, &str) -> Vec<Breach>;

/// The rules, each with the name of the file that breaks it.
const RULES: &[(&str, Rule)] = &[
    ("rooms", rooms::rooms),
    ("head", rules::head),
    ("size", rules::size),
    ("leftovers", rules::leftovers),
    ("commented_code", rules::commented_code),
    ("mod_rs", rules::mod_rs),
    ("shared_locks", rules::shared_locks),
    ("total_core", rules::total_core),
    ("sealed_drill", rules::sealed_drill),
    ("colours", rules::colours),
    ("keys", rules::keys),
    ("names", rules::names),
];

/// Rules that hold for tests, too.
const RULES_OF_TESTS: &[&str] = &["head", "leftovers", "commented_code", "mod_rs", "names"];

/// The text of a file, by its path from the top level, where cargo runs a test.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The `.rs` files below a folder, by their paths from the top level.
fn sources(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{folder}: {e}")) {
        let entry = entry.expect("an entry");
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().expect("a type").is_dir() {
            found.extend(sources(&path));
        } else if Path::new(&path).extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn said(breaches: &[Breach]) -> String {
    breaches.iter().fold(String::new(), |told, breach| told + "\n  " + &breach.to_string())
}

#[test]
fn the_source_keeps_every_rule() {
    let mut breaches = Vec::new();
    for path in sources("src") {
        let text = read(&path);
        breaches.extend(RULES.iter().flat_map(|(_, rule)| rule(&path, &text)));
    }
    assert!(breaches.is_empty(), "{} places break a rule:{}", breaches.len(), said(&breaches));
}

#[test]
fn the_tests_keep_their_rules() {
    let mut breaches = Vec::new();
    for path in sources("tests").iter().filter(|path| !path.starts_with("tests/tidy")) {
        let text = read(path);
        let rules = RULES.iter().filter(|(name, _)| RULES_OF_TESTS.contains(name));
        breaches.extend(rules.flat_map(|(_, rule)| rule(path, &text)));
    }
    assert!(breaches.is_empty(), "{} places break a rule:{}", breaches.len(), said(&breaches));
}

#[test]
fn the_median_of_the_files_sizes_is_told() {
    let mut sizes: Vec<usize> = sources("src").iter().map(|path| source::lines_without_tests(&read(path))).collect();
    sizes.sort_unstable();
    let (median, most) = (sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
    // Straight to the stream: a passing test's own output is hidden.
    writeln!(std::io::stderr(), "{} files, median {median} lines, longest {most}", sizes.len()).expect("stderr");
    assert!(median <= 160, "the median file has {median} lines; about 130 is the aim");
}

#[test]
fn the_top_level_holds_nothing_else() {
    let top = fs::read_dir(".").expect("the top level");
    let names: Vec<String> = top.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into()).collect();
    // What cargo builds there is ignored by git.
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != "target").collect();
    let breaches = rules::top_level(&names);
    assert!(breaches.is_empty(), "{}", said(&breaches));
}

/// What a rule finds in its file of `tests/tidy/broken/`, read as if it lay at that path: lines and sentences.
type Found = (&'static str, &'static str, &'static [(usize, &'static str)]);

const BROKEN: &[Found] = &[
    (
        "rooms",
        "src/domain/clock.rs",
        &[
            (3, "`std::fs`: the room `domain` never touches std::fs"),
            (6, "`kube::Api`: the room `domain` may not use kube for this"),
            (6, "`kube::api::ListParams`: the room `domain` may not use kube for this"),
            (7, "`crate::model::Model`: the room `domain` may not use the room `model`"),
            (7, "`crate::model::feed::Feed`: the room `domain` may not use the room `model`"),
            (8, "`super::super::update::update`: the room `domain` may not use the room `update`"),
            (13, "`backout::app::places::now`: the room `domain` may not use the room `app`"),
            (13, "`Utc::now`: the room `domain` never touches Utc::now"),
        ],
    ),
    ("head", "src/ui/pane.rs", &[(1, "opens without a `//!` head: what is it for, what does it never do?")]),
    (
        "leftovers",
        "src/app/half.rs",
        &[
            (3, "TODO: do it, or file it"),
            (6, "FIXME: do it, or file it"),
            (5, "`dbg!()` is a leftover"),
            (9, "`unimplemented!()` is a leftover"),
        ],
    ),
    (
        "commented_code",
        "src/app/told.rs",
        &[
            (4, "commented-out code: the history keeps it"),
            (6, "commented-out code: the history keeps it"),
            (7, "commented-out code: the history keeps it"),
            (8, "commented-out code: the history keeps it"),
        ],
    ),
    ("mod_rs", "src/ui/mod.rs", &[(1, "a mod.rs: name it after its folder, beside it")]),
    (
        "shared_locks",
        "src/app/shared.rs",
        &[
            (5, "`Arc<Mutex<`: state has one owner; send a message instead"),
            (6, "`Arc<std::sync::Mutex<`: state has one owner; send a message instead"),
        ],
    ),
    (
        "total_core",
        "src/permit.rs",
        &[
            (5, "`.unwrap()` in the core, which never panics: give the case a value"),
            (6, "`.expect(` in the core, which never panics: give the case a value"),
            (9, "`panic!(` in the core, which never panics: give the case a value"),
        ],
    ),
    (
        "sealed_drill",
        "src/sim/leak.rs",
        &[
            (3, "std::net in a drill, which cannot reach the world"),
            (7, "reqwest in a drill, which cannot reach the world"),
            (8, "crate::live in a drill, which cannot reach the world"),
            (13, "std::fs in a drill, which cannot reach the world"),
        ],
    ),
    (
        "colours",
        "src/ui/panes/pods.rs",
        &[
            (6, "`Color`: a colour is named in src/ui/theme.rs only; draw by role"),
            (7, "`Color::Rgb` is a fixed shade: use the terminal's palette"),
            (9, "`light_red`: a colour is named in src/ui/theme.rs only; draw by role"),
        ],
    ),
    (
        "keys",
        "src/update/dialogs.rs",
        &[
            (9, "a key is read in src/keymap.rs only (text in src/update/text.rs)"),
            (11, "a key is read in src/keymap.rs only (text in src/update/text.rs)"),
            (12, "a key is read in src/keymap.rs only (text in src/update/text.rs)"),
        ],
    ),
    (
        "names",
        "src/sim/common.rs",
        &[
            (1, "`common` says nothing: name the file after what it holds"),
            (3, "`RolloutManager` says nothing: use the field's term"),
            (4, "`PodData` says nothing: use the field's term"),
            (5, "`Helper` says nothing: use the field's term"),
        ],
    ),
];

#[test]
fn every_rule_can_fail() {
    for (name, rule) in RULES.iter().filter(|(name, _)| *name != "size") {
        let (_, path, found) = BROKEN.iter().find(|broken| broken.0 == *name).expect("a file that breaks the rule");
        let expected: Vec<Breach> = found.iter().map(|(line, sentence)| breach(path, *line, *sentence)).collect();
        assert_eq!(rule(path, &read(&format!("tests/tidy/broken/{name}.rs"))), expected, "the rule `{name}`");
    }
}

#[test]
fn a_file_may_have_four_hundred_lines_and_more_of_tests() {
    let code = "//! A long story.\n".to_owned() + &"fn chapter() {}\n".repeat(rules::MOST_LINES - 1);
    let tested = format!("{code}#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn it_is_long() {}\n".repeat(50));
    assert_eq!(rules::size("src/ui/story.rs", &tested), []);
    assert_eq!(
        rules::size("src/ui/story.rs", &format!("{tested}fn epilogue() {{}}\n")),
        [breach("src/ui/story.rs", 401, "has 401 lines without its tests; 400 are the most")]
    );
}

#[test]
fn a_rule_spares_the_one_file_that_it_is_about() {
    let text = |name: &str| read(&format!("tests/tidy/broken/{name}.rs"));
    assert_eq!(rules::keys("src/keymap.rs", &text("keys")), []);
    assert_eq!(rules::keys("src/update/text.rs", &text("keys")), []);
    assert_eq!(rules::shared_locks("src/sim/handle.rs", &text("shared_locks")), []);
    assert_eq!(rules::total_core("src/live/pods.rs", &text("total_core")), []);
    let fixed = breach("src/ui/theme.rs", 7, "`Color::Rgb` is a fixed shade: use the terminal's palette");
    assert_eq!(rules::colours("src/ui/theme.rs", &text("colours")), [fixed]);
}

#[test]
fn the_top_level_has_no_place_for_anything_else() {
    let names = ["Cargo.toml", "Cargo.lock", "src", "assets", "tests", "README.md", ".ci", "notes.md"];
    assert_eq!(rules::top_level(&names), [breach("notes.md", 0, "does not belong at the top level")]);
}

#[test]
fn each_room_is_shut_to_what_is_not_its_own() {
    let shut = [
        ("src/domain/release.rs", "crate::helm::plan::Plan"),
        ("src/domain/release.rs", "serde_json::Value"),
        ("src/helm/plan.rs", "crate::ports::World"),
        ("src/helm/plan.rs", "tokio::spawn"),
        ("src/helm/plan.rs", "crate::model::Model"),
        ("src/tools/prometheus.rs", "crate::config::Config"),
        ("src/tools/prometheus.rs", "std::process::Command"),
        ("src/config/source.rs", "std::fs::read_to_string"),
        ("src/config.rs", "super::model::Model"),
        ("src/model/pods.rs", "crate::update::update"),
        ("src/model/pods.rs", "crate::msg::Msg"),
        ("src/model.rs", "crossterm::terminal::enable_raw_mode"),
        ("src/model.rs", "ratatui::Frame"),
        ("src/permit.rs", "crate::effect::Effect"),
        ("src/intent.rs", "crate::keymap::Binding"),
        ("src/msg.rs", "crate::ports::ObjectNews"),
        ("src/keymap.rs", "crate::update::keys::pressed"),
        ("src/effect.rs", "crate::act::rollback::run"),
        ("src/update/polls.rs", "crate::ports::Clock"),
        ("src/update/polls.rs", "tokio::time::sleep"),
        ("src/update/polls.rs", "std::time::Instant"),
        ("src/update/polls.rs", "ratatui::text::Line"),
        ("src/ui/panes/pods.rs", "crate::update::update"),
        ("src/ui/panes/pods.rs", "crate::effect::Effect"),
        ("src/ui/panes/pods.rs", "crate::ports::World"),
        ("src/ui/panes/pods.rs", "crossterm::event::KeyEvent"),
        ("src/ports.rs", "crate::model::Model"),
        ("src/ports.rs", "kube::Client"),
        ("src/act/drive.rs", "crate::live::cluster"),
        ("src/act/drive.rs", "crate::sim::Handle"),
        ("src/act/drive.rs", "crate::model::Model"),
        ("src/act/drive.rs", "tokio::time::sleep"),
        ("src/live/pods.rs", "crate::model::pods::Pods"),
        ("src/live/pods.rs", "crate::sim::Handle"),
        ("src/live/pods.rs", "ratatui::Frame"),
        ("src/sim/pods.rs", "crate::live::pods"),
        ("src/sim/pods.rs", "crate::model::Model"),
        ("src/sim/pods.rs", "tokio::net::TcpStream"),
        ("src/app/executor.rs", "kube::Client"),
        ("src/app/executor.rs", "crate::cli::Cli"),
        ("src/cli/check.rs", "reqwest::Client"),
        ("src/main.rs", "crate::app::cockpit"),
        ("src/attic.rs", "std::fmt::Display"),
    ];
    for (path, import) in shut {
        assert_eq!(rooms::rooms(path, &format!("use {import};\n")).len(), 1, "{path} uses {import}");
    }
}

#[test]
fn each_room_is_open_to_what_it_needs() {
    let open = [
        ("src/domain/release.rs", "super::name::Revision"),
        ("src/helm/plan.rs", "crate::domain::name::Revision"),
        ("src/tools/prometheus.rs", "crate::domain::series::Series"),
        ("src/config.rs", "toml::Table"),
        ("src/model/dialog.rs", "tui_textarea::TextArea"),
        ("src/update/keys.rs", "crossterm::event::{KeyEvent, KeyModifiers}"),
        ("src/update/keys.rs", "super::dialogs"),
        ("src/ui/panes/pods.rs", "crate::{keymap, model::Model, helm::plan::Plan}"),
        ("src/ports.rs", "crate::helm::api::Call"),
        ("src/act/drive.rs", "crate::ports::World"),
        ("src/live/pods.rs", "kube::Client"),
        ("src/sim/pods.rs", "crate::helm::apply"),
        ("src/app/executor.rs", "crate::update::update"),
        ("src/cli/drill.rs", "crate::sim::Handle"),
        ("src/main.rs", "backout::cli::run"),
    ];
    for (path, import) in open {
        assert_eq!(rooms::rooms(path, &format!("use {import};\n")), [], "{path} uses {import}");
    }
}

#[test]
fn code_is_read_without_its_comments_strings_and_tests() {
    let text = "a /* b /* c */ d */ e // f\n'g' 'h: \"i\\\"j\" r#\"k\"l\"# for\n#[cfg(test)]\nmod m {\n x }\nn '\\'' o";
    let code: Vec<String> = source::product(text).lines().map(|l| l.split_whitespace().collect::<String>()).collect();
    assert_eq!(code, ["ae", "'h:for", "", "", "", "no"]);
    assert_eq!(source::lines_without_tests(text), 3);
}
