//! `hindsight demo`: starts what [`crate::demo`] has, tells where to look.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use hindsight_connect::Endpoint;
use hindsight_view::format;

use super::arguments::DemoArguments;
use super::error::CliError;
use super::settings::Settings;
use super::{client_runtime, serve};
use crate::demo::{Options, PartArguments};

/// Runs the command.
pub(crate) fn run(arguments: &DemoArguments, settings: &Settings) -> Result<ExitCode, CliError> {
    let config = serve::config(settings)?;
    let hub = match &arguments.connect {
        Some(_) => settings.endpoint()?,
        None => own_hub(config.http_port)?,
    };
    let options = Options {
        hub,
        start_hub: arguments.connect.is_none(),
        token: settings.token()?,
        config,
        rate: arguments.rate,
        run_for: run_for(arguments)?,
    };
    let demo = crate::demo::run(options, say);
    let done = client_runtime()?.block_on(demo);
    done.map_err(|error| CliError::Serve(error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

fn own_hub(port: u16) -> Result<Endpoint, CliError> {
    let parsed = format!("http://localhost:{port}").parse();
    parsed.map_err(|error: hindsight_connect::EndpointError| CliError::Config(error.to_string()))
}

fn run_for(arguments: &DemoArguments) -> Result<Option<Duration>, CliError> {
    let parse = |text: &String| {
        let parsed = format::parse_duration(text);
        let nanos = parsed.map_err(|error| CliError::Config(format!("--for: {error}")))?;
        Ok(Duration::from_nanos(nanos))
    };
    arguments.run_for.as_ref().map(parse).transpose()
}

/// Runs one process of the demo.
pub(crate) fn run_part(arguments: PartArguments) -> Result<ExitCode, CliError> {
    let done = client_runtime()?.block_on(crate::demo::run_part(arguments));
    done.map_err(|error| CliError::Serve(format!("{error:#}")))?;
    Ok(ExitCode::SUCCESS)
}

/// Nobody may be reading; that does not stop a demo.
fn say(text: &str) {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")
        .and_then(|()| stdout.flush())
        .ok();
}
