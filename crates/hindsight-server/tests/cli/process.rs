//! The program as a child process, with limits on its time.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Longer than anything takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Lines of a child that are not asked for are held up to this many.
const LINES_MAX: usize = 10_000;

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program, untouched by the settings of whoever runs the tests.
pub(crate) fn hindsight(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hindsight"));
    command
        .args(arguments)
        .current_dir(directory)
        .env("XDG_CONFIG_HOME", directory)
        .env("XDG_RUNTIME_DIR", directory)
        .env("TZ", "UTC")
        .stdin(Stdio::null());
    let ours = |name: &String| name.starts_with("HINDSIGHT_") || name.starts_with("OTEL_");
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command.env_remove("RUST_LOG").env_remove("COLUMNS");
    command
}

/// Runs a command to its end.
#[track_caller]
pub(crate) fn finish(mut command: Command) -> Finished {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let pid = child.id();
    let (sender, receiver) = sync_channel(1);
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    match receiver.recv_timeout(PATIENCE) {
        Ok(output) => {
            let output = output.expect("output of a child");
            Finished {
                code: output.status.code(),
                stdout: String::from_utf8(output.stdout).expect("UTF-8"),
                stderr: String::from_utf8(output.stderr).expect("UTF-8"),
            }
        }
        Err(_) => {
            signal(pid, libc::SIGKILL);
            panic!("{command:?} did not end in {PATIENCE:?}")
        }
    }
}

/// Sends a signal to a child.
pub(crate) fn signal(pid: u32, signal: i32) {
    // SAFETY: `kill` touches no memory; the id is that of a child that has not been waited for.
    unsafe { libc::kill(pid as libc::pid_t, signal) };
}

/// The lines of a stream, as they come.
pub(crate) struct Lines {
    receiver: Receiver<String>,
}

impl Lines {
    /// Reads in a thread of its own, which ends with the stream.
    pub(crate) fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(LINES_MAX);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { receiver }
    }

    /// The next line; none at the end.
    #[track_caller]
    pub(crate) fn next(&self) -> Option<String> {
        match self.receiver.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("no line in {PATIENCE:?}"),
        }
    }

    /// The next line that holds `text`.
    #[track_caller]
    pub(crate) fn find(&self, text: &str) -> String {
        let mut seen = Vec::new();
        while let Some(line) = self.next() {
            if line.contains(text) {
                return line;
            }
            seen.push(line);
        }
        panic!("no line with {text:?} in {seen:#?}")
    }
}

/// A child that is killed at the end of the test.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) stdout: Lines,
    pub(crate) stderr: Lines,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        Self {
            stdout: Lines::of(child.stdout.take().expect("a pipe")),
            stderr: Lines::of(child.stderr.take().expect("a pipe")),
            child,
        }
    }

    /// Waits for the end and returns the exit code.
    #[track_caller]
    pub(crate) fn end(mut self) -> Option<i32> {
        wait(&mut self.child)
    }
}

/// Waits for the end of a child and returns its exit code.
#[track_caller]
pub(crate) fn wait(child: &mut Child) -> Option<i32> {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status.code();
        }
        assert!(
            std::time::Instant::now() < deadline,
            "it did not end in {PATIENCE:?}"
        );
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
