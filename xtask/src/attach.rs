//! The `attach` step: a program outside this workspace attaches with one line, as README says.
//!
//! Makes a fresh crate in the scratch directory, with README's dependency line and its one line of
//! code, starts a hub, runs the program, and reads its spans back with the command line. The crate
//! starts without a lock file of ours: what resolves is what a newcomer gets today.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::workspace::{Workspace, run};

/// What the outcome depends on.
pub(crate) const INPUTS: &[&str] = &[
    "README.md",
    "Cargo.lock",
    "Cargo.toml",
    "crates/hindsight",
    "crates/hindsight-connect",
    "crates/hindsight-protocol",
    "crates/hindsight-server/src",
    "crates/hindsight-tracing",
];

/// The line of README that the crate's manifest has, with the path that README cannot know.
const DEPENDENCY: &str =
    r#"hindsight-tracing = { path = "../hindsight/crates/hindsight-tracing" }"#;
/// The line of README that attaches the program.
const ONE_LINE: &str = "let _hs = hindsight_tracing::init();";

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let readme = workspace.read("README.md")?;
    for line in [DEPENDENCY, ONE_LINE] {
        ensure!(readme.contains(line), "README.md no longer says `{line}`");
    }
    let folder = workspace.scratch_dir().join("newcomer");
    write_crate(workspace, &folder)?;
    let mut build = workspace.cargo("build");
    build.current_dir(&folder);
    build.env("CARGO_TARGET_DIR", folder.join("target"));
    run(&mut build)?;
    run(&mut workspace.cargo("build --locked --package hindsight-server --bin hindsight"))?;
    let hub = Hub::start(workspace)?;
    let mut program = workspace.command(folder.join("target/debug/newcomer"));
    run(program.env("HINDSIGHT_ENDPOINT", &hub.endpoint))?;
    hub.has_traces_of("newcomer")
}

fn write_crate(workspace: &Workspace, folder: &Path) -> Result<()> {
    // Resolved anew each time; the compiled dependencies stay.
    fs::remove_file(folder.join("Cargo.lock")).unwrap_or_default();
    fs::create_dir_all(folder.join("src"))?;
    let here = workspace.root().display().to_string();
    let dependency = DEPENDENCY.replace("../hindsight", &here);
    let manifest = format!(
        "[package]\nname = \"newcomer\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n\
         tracing = \"0.1\"\n\n[profile.dev]\ndebug = false\n\n[workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let source = format!(
        "#[tracing::instrument]\nfn greet(name: &str) {{\n    tracing::info!(\"hello\");\n}}\n\n\
         fn main() {{\n    {ONE_LINE}\n    greet(\"world\");\n}}\n"
    );
    Ok(fs::write(folder.join("src/main.rs"), source)?)
}

/// A hub on a free port; it ends with this value.
struct Hub {
    process: Child,
    endpoint: String,
    program: std::path::PathBuf,
}

impl Hub {
    fn start(workspace: &Workspace) -> Result<Self> {
        let program = workspace.target_dir().join("debug/hindsight");
        let mut serve = Command::new(&program);
        serve.args([
            "serve",
            "--http-port",
            "0",
            "--tcp-port",
            "off",
            "--no-socket",
        ]);
        serve.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = serve.spawn().context("starting the hub")?;
        let output = process.stdout.take().context("the hub has no output")?;
        let lines = BufReader::new(output).lines();
        let urls = lines.map_while(Result::ok).find_map(|line| {
            let url = line.trim().strip_prefix("http://")?;
            Some(url.to_owned())
        });
        let endpoint = urls.context("the hub told no address")?;
        Ok(Self {
            process,
            endpoint,
            program,
        })
    }

    fn has_traces_of(&self, service: &str) -> Result<()> {
        let mut traces = Command::new(&self.program);
        traces.args(["traces", "--connect", &self.endpoint, "--service", service]);
        let listed = traces.output().context("listing traces")?;
        let text = String::from_utf8_lossy(&listed.stdout);
        println!("{text}");
        ensure!(text.contains("greet"), "the program's span did not arrive");
        Ok(())
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        self.process.kill().unwrap_or_default();
        drop(self.process.wait());
    }
}
