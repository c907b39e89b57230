//! Signals that ask a process to stop.

/// Waits for Ctrl-C or SIGTERM and names it. From the first call on neither ends the process by
/// itself.
#[cfg(unix)]
pub(crate) async fn stop_signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupt().await;
    };
    tokio::select! {
        name = interrupt() => name,
        _ = terminate.recv() => "SIGTERM",
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn stop_signal() -> &'static str {
    interrupt().await
}

async fn interrupt() -> &'static str {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the signal ends the process by itself.
        std::future::pending::<()>().await;
    }
    "Ctrl-C"
}
