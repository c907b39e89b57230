//! From arguments to one function per command.
//!
//! In: arguments, environment, config files. Out: text on stdout, errors as one line and perhaps a
//! hint on stderr, an exit code. Holds: nothing that came from outside reaches a terminal
//! unescaped; a closed pipe is no error.

mod app;
mod apps;
mod arguments;
mod call;
mod clear;
mod clock;
mod completions;
mod config;
mod demo;
mod diff;
mod doctor;
mod error;
mod explain;
mod heatmap;
mod hub;
mod json;
mod map;
mod output;
mod pin;
mod query;
mod serve;
mod services;
mod settings;
mod signal;
mod stats;
mod stop;
mod tail;
mod trace;
mod traces;
mod waits;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use error::CliError;
use output::Output;
use settings::Settings;

/// Runs the command that the arguments name.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}

fn run(command: Command) -> Result<ExitCode, CliError> {
    if let Command::Completions(arguments) = command {
        return completions::run(arguments.shell);
    }
    let settings = Settings::load(&command.flags())?;
    if let Command::Serve(_) = command {
        return serve::run(&settings);
    }
    if let Command::DemoPart(arguments) = command {
        return demo::run_part(arguments);
    }
    log_if_asked();
    if let Command::Demo(arguments) = command {
        return demo::run(&arguments, &settings);
    }
    let mut output = Output::to_stdout(&settings)?;
    let done = client_runtime()?.block_on(dispatch(command, &settings, &mut output));
    let code = done?;
    output.finish()?;
    Ok(code)
}

async fn dispatch(
    command: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<ExitCode, CliError> {
    match command {
        Command::Traces(arguments) => traces::run(arguments, settings, output).await?,
        Command::Trace(arguments) => trace::run(arguments, settings, output).await?,
        Command::Diff(arguments) => diff::run(arguments, settings, output).await?,
        Command::Waits(arguments) => waits::run(arguments, settings, output).await?,
        Command::Tail(arguments) => tail::run(arguments, settings, output).await?,
        Command::Apps(arguments) => apps::run(arguments, settings, output).await?,
        Command::Services(arguments) => services::run(arguments, settings, output).await?,
        Command::Explain(arguments) => explain::run(arguments, settings, output).await?,
        Command::Call(arguments) => call::run(arguments, settings, output).await?,
        Command::Query(arguments) => query::run(arguments, settings, output).await?,
        Command::Heatmap(arguments) => heatmap::run(arguments, settings, output).await?,
        Command::Map(arguments) => map::run(arguments, settings, output).await?,
        Command::Stats(arguments) => stats::run(arguments, settings, output).await?,
        Command::Clear(_) => clear::run(settings, output).await?,
        Command::Pin(arguments) => pin::pin(&arguments, settings, output).await?,
        Command::Unpin(arguments) => pin::unpin(&arguments, settings, output).await?,
        Command::Config(_) => config::run(settings, output)?,
        Command::Doctor(_) => return doctor::run(settings, output).await,
        Command::Serve(_) | Command::Completions(_) | Command::Demo(_) | Command::DemoPart(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Two threads: one may wait for a slow reader of stdout while the other keeps the connection.
fn client_runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let built = builder.worker_threads(2).enable_all().build();
    built.map_err(CliError::Runtime)
}

/// Commands are silent unless `RUST_LOG` asks for more.
fn log_if_asked() {
    let Ok(filter) = tracing_subscriber::EnvFilter::try_from_default_env() else {
        return;
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
