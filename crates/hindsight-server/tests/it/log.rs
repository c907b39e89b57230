//! What the hub logs.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tracing_subscriber::EnvFilter;

/// The log of everything that runs on this thread, while this exists.
pub(crate) struct Log {
    written: Written,
    _subscribed: tracing::subscriber::DefaultGuard,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Filtered as `hindsight serve` does.
    pub(crate) fn of_this_thread() -> Self {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("info,vox_core=error,vox=error"))
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        Self {
            written,
            _subscribed: tracing::subscriber::set_default(subscriber),
        }
    }

    pub(crate) fn lines_with(&self, text: &str) -> Vec<String> {
        let written = self.written.0.lock();
        let written = String::from_utf8_lossy(&written);
        let lines = written.lines().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }
}
