//! Where backout keeps its own things, by the XDG rules on every system (on-call people look in `~/.config`).
//!
//! Never: anywhere else.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// Its folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `$XDG_CONFIG_HOME/backout`
    pub config: PathBuf,
    /// `$XDG_STATE_HOME/backout`: journals and the log.
    pub state: PathBuf,
}

impl Places {
    /// The folders of this user.
    ///
    /// # Errors
    /// The sentence, where the user has no home folder.
    pub fn find() -> Result<Self, String> {
        let base = etcetera::base_strategy::Xdg::new()
            .map_err(|e| format!("no home folder is known ({e}): set HOME, or XDG_STATE_HOME and XDG_CONFIG_HOME"))?;
        Ok(Self {
            config: base.config_dir().join("backout"),
            state: base.state_dir().unwrap_or_else(|| base.data_dir()).join("backout"),
        })
    }

    /// The journals of live incidents.
    pub fn incidents(&self) -> PathBuf {
        self.state.join("incidents")
    }

    /// The journals of drills.
    pub fn drills(&self) -> PathBuf {
        self.state.join("drills")
    }
}
