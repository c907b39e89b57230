//! A hub as a process on ports that the system chooses.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Finished, Running, finish, hindsight};

/// A hub of its own for each test.
pub(crate) struct Hub {
    pub(crate) running: Running,
    /// `host:port` of the HTTP port.
    pub(crate) http: String,
    /// `tcp://host:port`.
    pub(crate) tcp: String,
    directory: TempDir,
}

impl Hub {
    /// `hindsight serve` with further arguments; returns when it has printed its addresses.
    #[track_caller]
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, |_| {})
    }

    /// The same, with a change to the process.
    #[track_caller]
    pub(crate) fn start_with(arguments: &[&str], change: impl FnOnce(&mut Command)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut all = vec![
            "serve",
            "--http-port",
            "0",
            "--tcp-port",
            "auto",
            "--no-socket",
        ];
        all.extend(arguments);
        let mut command = hindsight(directory.path(), &all);
        change(&mut command);
        let running = Running::start(command);
        let url = running.stdout.find("http://");
        let http = url.trim().trim_start_matches("http://").to_owned();
        let tcp = running.stdout.find("tcp://").trim().to_owned();
        Self {
            running,
            http,
            tcp,
            directory,
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A command that asks this hub.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = hindsight(self.directory(), arguments);
        command.env("HINDSIGHT_ENDPOINT", &self.http);
        command
    }

    /// Runs a command that asks this hub.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        finish(self.command(arguments))
    }

    /// Runs a command that must succeed and returns what it printed.
    #[track_caller]
    pub(crate) fn read(&self, arguments: &[&str]) -> String {
        let finished = self.run(arguments);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        finished.stdout
    }

    /// Runs a command that prints one JSON value.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.read(arguments)).expect("JSON")
    }
}
