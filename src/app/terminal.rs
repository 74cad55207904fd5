//! The terminal: entered whole, left whole, whatever happens.
//!
//! Never: a line on stdout or stderr while the screen is up.

use std::io::{Write, stdout};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{execute, queue};
use ratatui::DefaultTerminal;
use ratatui::layout::Rect;
use rustix::process::{Signal, getpid, kill_process};

/// The entered terminal; dropping it leaves.
pub struct Screen {
    terminal: DefaultTerminal,
    entered: bool,
}

impl Screen {
    /// Raw mode, alternate screen, bracketed paste; a panic leaves first and ends the process.
    ///
    /// # Errors
    /// The terminal's refusal: no terminal at all, mostly.
    pub fn enter() -> std::io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave();
            before(panic);
            // A panic in a task would leave the loop drawing into the shell, deaf to keys.
            std::process::exit(101);
        }));
        let terminal = ratatui::try_init()?;
        execute!(stdout(), EnableBracketedPaste)?;
        Ok(Self { terminal, entered: true })
    }

    /// Draws one frame.
    ///
    /// # Errors
    /// The terminal's: it is gone.
    pub fn draw(&mut self, view: impl FnOnce(&mut ratatui::Frame<'_>)) -> std::io::Result<()> {
        // All of a frame or none of it: over a slow line half a frame would be read as a whole one. Terminals that do
        // not know the mode (DEC private mode 2026) pass over it.
        queue!(stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(view).map(|_| ());
        execute!(stdout(), EndSynchronizedUpdate)?;
        drawn
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |s| (s.width, s.height))
    }

    /// Puts text on the clipboard of the terminal at the other end.
    pub fn copy(text: &str) {
        let _ = execute!(stdout(), CopyToClipboard::to_clipboard_from(text));
    }

    /// Leaves, stops the process, and enters again when it is continued.
    ///
    /// # Errors
    /// The terminal's refusal to be entered again.
    pub fn suspend(&mut self) -> std::io::Result<()> {
        leave();
        // As the shell's own Ctrl-Z would; execution goes on here after `fg`.
        let _ = kill_process(getpid(), Signal::TSTP);
        self.terminal = ratatui::try_init()?;
        execute!(stdout(), EnableBracketedPaste)
    }

    /// The terminal has another size, or had one in between: what stands on it is not what was drawn, even where the
    /// size is the old one again. The next frame is drawn whole. (Not by `clear`, which asks the terminal where its
    /// cursor is, and the keys' reader would take the answer.)
    ///
    /// # Errors
    /// The terminal's: it is gone.
    pub fn resized(&mut self) -> std::io::Result<()> {
        let (columns, rows) = self.size();
        self.terminal.resize(Rect::new(0, 0, columns, rows))
    }
}

impl Screen {
    /// Gives the terminal back now; what follows runs without a screen.
    pub fn leave(&mut self) {
        if std::mem::take(&mut self.entered) {
            leave();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

fn leave() {
    let _ = execute!(stdout(), DisableBracketedPaste, Show);
    // Not `restore`: it would report its failure on a terminal that is gone, and panic.
    let _ = ratatui::try_restore();
    let _ = stdout().flush();
}
