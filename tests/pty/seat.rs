//! A person's seat at a drill: an empty home, a terminal of 80x24, keys in, screen out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use termlens::{Key, Screen, Terminal};

/// The longest that anything is waited for: a debug build beside other tests on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary under test.
pub const BACKOUT: &str = env!("CARGO_BIN_EXE_backout");

/// The seat. The folder goes with it.
pub struct Seat {
    home: TempDir,
    pub terminal: Terminal,
}

impl Seat {
    /// Opens a drill with nothing around it.
    pub fn open(arguments: &[&str]) -> Self {
        Self::open_with(&[], BACKOUT, arguments)
    }

    /// Opens a program with more in its environment.
    pub fn open_with(environment: &[(&str, &str)], program: &str, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self::open_in(home, environment, program, arguments)
    }

    /// The same, in a home that is there already.
    pub fn open_in(home: TempDir, environment: &[(&str, &str)], program: &str, arguments: &[&str]) -> Self {
        let terminal = Terminal::builder()
            .size(80, 24)
            .env_clear()
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("USER", "ana")
            .env("HOME", home.path())
            .env("XDG_STATE_HOME", home.path().join("state"))
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .envs(environment.iter().copied())
            .timeout(PATIENCE)
            .args(arguments)
            .spawn(program)
            .unwrap_or_else(|e| panic!("{program}: {e}"));
        Self { home, terminal }
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Waits until the screen is so.
    pub fn see(&mut self, shown: impl FnMut(&Screen) -> bool) -> Screen {
        self.terminal.wait_until(shown).unwrap_or_else(|e| panic!("{e}"));
        self.terminal.screen()
    }

    /// Waits until these words stand on the screen.
    pub fn shows(&mut self, words: &str) -> Screen {
        self.terminal.wait_until(|s| s.contains(words)).unwrap_or_else(|e| panic!("never shown: {words}\n{e}"));
        self.terminal.screen()
    }

    /// Waits until the cockpit has everything on screen, and a whole frame of it.
    pub fn opened(&mut self) -> Screen {
        let whole = |s: &Screen| ["Checklist", "TARGET: 3 d", "since 04:", "q quit"].iter().all(|w| s.contains(w));
        self.terminal.snapshot_after(whole).unwrap_or_else(|e| panic!("{e}"))
    }

    pub fn press(&mut self, key: Key) -> &mut Self {
        self.terminal.send(key).unwrap_or_else(|e| panic!("{e}"));
        self
    }

    /// Esc closes what shows these words. (The next key must not come with it: terminals send Alt as Esc.)
    pub fn closes(&mut self, words: &str) -> Screen {
        self.press(Key::Esc).see(|s| s.contains("q quit") && !s.contains(words))
    }

    pub fn write(&mut self, text: &str) -> &mut Self {
        self.terminal.send_str(text).unwrap_or_else(|e| panic!("{e}"));
        self
    }

    pub fn pid(&self) -> u32 {
        self.terminal.pid().expect("it runs")
    }

    /// The journals that were written here.
    pub fn journals(&self) -> Vec<PathBuf> {
        let folder = self.home().join("state/backout/drills");
        let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path()));
        files.filter(|p| p.extension().is_some_and(|e| e == "jsonl")).collect()
    }

    /// Waits for the end; the terminal must be as it was before.
    pub fn ends(&mut self) {
        let ended = self.terminal.wait_exit();
        let screen = self.terminal.screen();
        let status = ended.unwrap_or_else(|e| panic!("{e}"));
        assert!(status.success(), "{status:?}\n{screen}");
        given_back(&screen);
    }
}

/// Whether a terminal is as a shell wants it.
pub fn given_back(screen: &Screen) {
    assert!(!screen.alternate_screen(), "still the alternate screen:\n{screen}");
    assert!(screen.cursor_visible(), "the cursor is hidden:\n{screen}");
    assert!(!screen.bracketed_paste(), "pastes are still bracketed:\n{screen}");
}
