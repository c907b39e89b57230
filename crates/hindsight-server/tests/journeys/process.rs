//! Processes of a test: started, waited for, and gone at its end.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The program under test.
pub(crate) fn hindsight() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hindsight"));
    command
        .env_remove("HINDSIGHT_ENDPOINT")
        .env_remove("RUST_LOG");
    command
}

/// An example of this package, which cargo builds with the tests.
pub(crate) fn example(name: &str, endpoint: &str) -> Command {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_hindsight"));
    let folder = binary.parent().expect("has a folder");
    let path = folder.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is not built; `cargo test` without `--test` builds it",
        path.display()
    );
    let mut command = Command::new(path);
    command
        .env("HINDSIGHT_ENDPOINT", endpoint)
        .env_remove("RUST_LOG");
    command
}

/// A process that is killed at the end of the test.
pub(crate) struct Process {
    pub(crate) child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .expect("starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, output }
    }

    /// The next line of output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("output is text");
        line.trim().to_owned()
    }

    /// Everything it still prints, once it has ended well.
    pub(crate) fn finish(mut self) -> String {
        let mut rest = String::new();
        self.output
            .read_to_string(&mut rest)
            .expect("output is text");
        let status = self.child.wait().expect("ends");
        assert!(status.success(), "{status}: {rest}");
        rest
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("is there");
        self.child.wait().expect("ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A hub as a process of its own.
pub(crate) struct Hub {
    pub(crate) process: Process,
    pub(crate) endpoint: String,
}

impl Hub {
    pub(crate) fn start() -> Self {
        Self::start_on("0")
    }

    pub(crate) fn start_on(port: &str) -> Self {
        let mut command = hindsight();
        command.args([
            "serve",
            "--http-port",
            port,
            "--tcp-port",
            "off",
            "--no-socket",
        ]);
        let mut process = Process::start(command);
        let heading = process.line();
        assert!(heading.contains("listens on"), "{heading}");
        let url = process.line();
        let endpoint = url.strip_prefix("http://").expect("an http url").to_owned();
        Self { process, endpoint }
    }

    pub(crate) fn port(&self) -> &str {
        self.endpoint.rsplit(':').next().expect("has a port")
    }

    /// What a reading command prints, as JSON.
    pub(crate) fn read(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.run(arguments);
        let text = String::from_utf8(output.stdout).expect("text");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = hindsight();
        command
            .args(arguments)
            .args(["--connect", &self.endpoint, "--format", "json"]);
        let output = command.output().expect("runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        output
    }

    pub(crate) fn traces(&self) -> Vec<serde_json::Value> {
        self.read(&["traces", "--limit", "1000"])
            .as_array()
            .expect("an array")
            .clone()
    }

    /// Spans of a trace.
    pub(crate) fn spans(&self, trace: &str) -> Vec<serde_json::Value> {
        let answer = self.read(&["trace", trace]);
        answer
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .clone()
    }
}

/// Waits until `found` finds something.
pub(crate) fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(
            Instant::now() < until,
            "{what} did not happen within {PATIENCE:?}"
        );
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
