//! The binary in a terminal of 80x24, as a person has it: keys in, screen out, and the journal it leaves.
//!
//! Never: a look inside the process.
#![allow(dead_code, reason = "each file of tests uses its part")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its fixtures too")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use termlens::{Key, Screen, Signal, Terminal};

/// The longest that a screen is waited for where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(20);

/// Columns and rows of a cockpit's terminal.
const SIZE: (u16, u16) = (80, 24);

/// One person's machine: backout's folders, and the way to the cluster. It outlives a cockpit that is killed.
pub struct Home {
    folder: TempDir,
    person: String,
    kubeconfig: PathBuf,
    namespace: String,
}

/// A running cockpit.
pub struct Cockpit {
    pub terminal: Terminal,
    /// Keys pressed so far, the datum not counted.
    pub keys: usize,
}

impl Home {
    pub fn new(kubeconfig: &Path, namespace: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        Self { folder, person: "ana".into(), kubeconfig: kubeconfig.to_owned(), namespace: namespace.into() }
    }

    /// Its folder, in which state and configuration are.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn open(&self) -> Cockpit {
        self.open_as(&self.person)
    }

    /// Opens a cockpit for somebody on this machine.
    pub fn open_as(&self, person: &str) -> Cockpit {
        self.spawn((person, SIZE), env!("CARGO_BIN_EXE_backout"), &[])
    }

    /// Opens a cockpit through a shell's script: `"$0"` is the folder of the state, `"$@"` the cockpit's command line.
    pub fn open_through(&self, script: &str) -> Cockpit {
        let state = self.path().join("state");
        let shell = ["-m", "bash", "-c", script, state.to_str().unwrap(), env!("CARGO_BIN_EXE_backout")];
        self.spawn((&self.person, SIZE), "unshare", &shell)
    }

    /// Runs a command in a terminal that is large enough for all it says and asks.
    pub fn command(&self, arguments: &[&str]) -> Cockpit {
        self.spawn((&self.person, (250, 100)), env!("CARGO_BIN_EXE_backout"), arguments)
    }

    fn spawn(&self, (person, (columns, rows)): (&str, (u16, u16)), program: &str, before: &[&str]) -> Cockpit {
        let terminal = Terminal::builder()
            .size(columns, rows)
            .env_clear()
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("USER", person)
            .env("HOME", self.path())
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .timeout(PATIENCE)
            .args(before)
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(["--namespace", &self.namespace])
            .spawn(program)
            .unwrap_or_else(|e| panic!("{e}"));
        Cockpit { terminal, keys: 0 }
    }

    /// The one journal that was written here.
    pub fn journal(&self) -> PathBuf {
        let folder = self.path().join("state/backout/incidents");
        let files = std::fs::read_dir(&folder).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path()));
        let mut journals: Vec<PathBuf> = files.filter(|p| p.extension().is_some_and(|e| e == "jsonl")).collect();
        assert_eq!(journals.len(), 1, "{}: {journals:?}", folder.display());
        journals.remove(0)
    }

    /// Its entries, after `backout journal verify` has said that the chain is whole.
    pub fn entries(&self) -> Vec<Value> {
        let journal = self.journal();
        let verify = [&["journal", "verify"][..], &[journal.to_str().unwrap()]].concat();
        super::floor::run(env!("CARGO_BIN_EXE_backout"), &verify);
        let text = std::fs::read_to_string(journal).unwrap();
        text.lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect()
    }

    /// Its entries, once one of that kind is on disk: the screen shows an end while it is being written.
    pub fn entries_with(&self, event: &str) -> Vec<Value> {
        let wanted = format!("\"event\":\"{event}\"");
        let written = |text: &str| text.contains(&wanted) && text.ends_with('\n');
        super::floor::until(event, 10, || std::fs::read_to_string(self.journal()).is_ok_and(|t| written(&t)));
        self.entries()
    }

    /// The kinds of its entries, in order.
    pub fn events(&self) -> Vec<String> {
        self.entries().iter().map(|e| e["event"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Cockpit {
    /// Waits until the screen shows it.
    pub fn see(&mut self, seconds: u64, shown: impl FnMut(&Screen) -> bool) -> Screen {
        let waited = self.terminal.wait_until_for(shown, Duration::from_secs(seconds));
        waited.unwrap_or_else(|e| panic!("{e}"));
        self.terminal.screen()
    }

    /// Waits until the screen shows every one of these.
    pub fn shows(&mut self, seconds: u64, words: &[&str]) -> Screen {
        let waited = self.terminal.wait_until_for(|s| words.iter().all(|w| has(s, w)), Duration::from_secs(seconds));
        waited.unwrap_or_else(|e| {
            let missing: Vec<_> = words.iter().filter(|w| !has(&self.terminal.screen(), w)).collect();
            panic!("missing {missing:?}: {e}")
        });
        self.terminal.screen()
    }

    /// Presses a key.
    pub fn press(&mut self, key: Key) -> &mut Self {
        self.keys += 1;
        self.terminal.send(key).unwrap_or_else(|e| panic!("{e}"));
        self
    }

    /// Types the datum.
    pub fn datum(&mut self, text: &str) -> &mut Self {
        self.terminal.send_str(text).unwrap_or_else(|e| panic!("{e}"));
        self
    }

    /// Arms, opens the prepared rollback, and waits for its plan.
    pub fn prepare(&mut self, to: u64) {
        if !self.terminal.screen().contains("ARMED") {
            self.press(Key::Char('a')).shows(5, &["a arms"]);
            self.press(Key::Char('a')).shows(5, &["ARMED"]);
        }
        self.press(Key::Char('R'));
        let title = format!("Roll back ecommerce-app to revision {to}");
        let mut screen = self.see(20, |s| s.contains(&title) && s.contains("then Enter"));
        // What has not been on screen is not confirmed.
        while screen.contains("more lines to know first") {
            let before = screen.to_string();
            screen = self.press(Key::PageDown).see(5, |s| s.to_string() != before);
        }
    }

    /// From the cockpit to a rollback that runs.
    pub fn roll_back(&mut self, to: u64) {
        self.prepare(to);
        self.datum(&to.to_string()).press(Key::Enter);
    }

    /// Leaves a dialog, and waits until it is gone: the next key would make a chord of Esc.
    pub fn leave(&mut self, dialog: &str) {
        self.press(Key::Esc).see(5, |s| !s.contains(dialog));
    }

    pub fn signal(&mut self, signal: Signal) {
        self.terminal.signal(signal).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Kills it, and waits until it is gone.
    pub fn kill(mut self) {
        self.signal(Signal::Kill);
        self.terminal.wait_exit().unwrap_or_else(|e| panic!("{e}"));
    }

    /// Waits for its end; the terminal must be as it was before.
    pub fn ends(&mut self, seconds: u64) {
        let ended = self.terminal.wait_exit_for(Duration::from_secs(seconds));
        let screen = self.terminal.screen();
        let ended = ended.unwrap_or_else(|e| panic!("{e}\n{screen}"));
        assert!(ended.success(), "{ended:?}\n{screen}");
        assert!(!screen.alternate_screen() && screen.cursor_visible(), "the terminal was not given back:\n{screen}");
    }
}

/// Whether words stand on the screen, broken over lines of one pane or not.
pub fn has(screen: &Screen, words: &str) -> bool {
    let text = screen.to_string();
    text.contains(words) || joined(&text).contains(words)
}

/// The screen's text without its borders, as one line.
fn joined(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || "│╭╮╰╯─┃┏┓┗┛━".contains(c))
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
