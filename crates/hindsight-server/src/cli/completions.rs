//! `hindsight completions SHELL`.

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use super::arguments::Arguments;
use super::error::CliError;

/// Prints the script. It is made in memory first: the generator panics where a pipe is closed.
pub(crate) fn run(shell: clap_complete::Shell) -> Result<ExitCode, CliError> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(shell, &mut command, "hindsight", &mut script);
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(&script).and_then(|()| stdout.flush());
    written.map_err(CliError::Output)?;
    Ok(ExitCode::SUCCESS)
}
