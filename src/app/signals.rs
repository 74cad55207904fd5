//! SIGTERM and SIGHUP: the terminal is restored, a running act is finished without a screen.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask the process to end.
pub struct Ending {
    terminate: Signal,
    hang_up: Signal,
}

impl Ending {
    /// Listens from now on.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, hang_up: signal(SignalKind::hangup())? })
    }

    /// Ready when one came.
    pub async fn came(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
