//! Being told to stop.

use std::time::Duration;

use tokio::sync::watch;

use crate::cli::signal::stop_signal;

/// After a signal the process ends this much later even when stdout is stuck.
const GRACE: Duration = Duration::from_millis(500);

/// Becomes true once, on Ctrl-C or SIGTERM.
pub(crate) struct Stop {
    asked: watch::Receiver<bool>,
}

impl Stop {
    /// Listens for the signals from now on.
    pub(crate) fn on_signals() -> Self {
        let (sender, asked) = watch::channel(false);
        tokio::spawn(async move {
            stop_signal().await;
            sender.send_replace(true);
            tokio::time::sleep(GRACE).await;
            // A write to a pipe that nobody empties cannot be given up otherwise.
            std::process::exit(0);
        });
        Self { asked }
    }

    /// Waits until it is asked for.
    pub(crate) async fn asked(&self) {
        let mut asked = self.asked.clone();
        if asked.wait_for(|asked| *asked).await.is_err() {
            // The listening task never ends before it has sent.
            std::future::pending().await
        }
    }
}
