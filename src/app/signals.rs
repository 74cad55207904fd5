//! SIGTERM and SIGHUP (and, without a screen, Ctrl-C): the terminal is restored, a running act is finished without a
//! screen.

use futures::FutureExt;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask the process to end.
pub struct Ending {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Option<Signal>,
}

impl Ending {
    /// Listens from now on; Ctrl-C is a key of the screen.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn listen() -> std::io::Result<Self> {
        let (terminate, hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
        Ok(Self { terminate, hang_up, interrupt: None })
    }

    /// Listens from now on, to Ctrl-C too: there is no screen.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn listen_without_screen() -> std::io::Result<Self> {
        Ok(Self { interrupt: Some(signal(SignalKind::interrupt())?), ..Self::listen()? })
    }

    /// Ready when one came that insists while an act is being finished: a SIGTERM, or the second Ctrl-C (`first` hears
    /// the one before). A hang-up does not insist: a shell that ends passes on the one that the system has sent already.
    pub async fn insisted(&mut self, first: impl FnOnce()) {
        // A key while there was a screen; from now on it would end the process in the middle.
        let interrupted = async {
            let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return futures::future::pending().await };
            interrupt.recv().await;
            first();
            interrupt.recv().await;
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            () = interrupted => {}
        }
    }

    /// Ready when one came.
    pub async fn came(&mut self) {
        let interrupted = match &mut self.interrupt {
            Some(interrupt) => interrupt.recv().boxed(),
            None => futures::future::pending().boxed(),
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
            _ = interrupted => {}
        }
    }
}
