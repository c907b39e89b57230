//! `hindsight doctor`: why does nothing arrive?
//!
//! In: the same settings and environment that apps and commands see. Out: one line a check with
//! what was found and what to do. Holds: a check that depends on a failed one is skipped and says
//! so. Bounded: every step that waits has a limit of a few seconds.

mod check;
mod environment;
mod network;
mod relay;
mod service;
mod socket;

use std::process::ExitCode;

use hindsight_connect::Endpoint;

use super::error::CliError;
use super::output::Output;
use super::settings::{Format, Key, Settings};

pub(super) use check::{Check, Outcome, lines};
pub(super) use environment::environment;
#[cfg(test)]
pub(super) use service::{clock, judge_apps, judge_losses, versions};

/// Runs the command; the exit code is 1 when a check failed.
pub(crate) async fn run(settings: &Settings, output: &mut Output) -> Result<ExitCode, CliError> {
    let checks = examine(settings).await;
    match output.format {
        Format::Table => lines(&checks)
            .iter()
            .try_for_each(|line| output.line(line))?,
        Format::Json | Format::JsonLines => output.json_list(&checks)?,
    }
    output.finish()?;
    let failed = checks.iter().any(|check| check.outcome == Outcome::Fail);
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn examine(settings: &Settings) -> Vec<Check> {
    let variable = |name: &str| std::env::var(name).ok();
    let mut checks = vec![endpoint(settings)];
    checks.extend(environment(&variable, settings));
    let Ok(endpoint) = settings.endpoint() else {
        return checks;
    };
    checks.extend(network::network(&endpoint).await);
    match failed(&checks) {
        true => checks.push(Check::skip("hub", "the address does not answer")),
        false => checks.extend(service::service(settings).await),
    }
    checks.extend(local_socket(settings, &endpoint).await);
    checks
}

fn failed(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.outcome == Outcome::Fail)
}

fn endpoint(settings: &Settings) -> Check {
    let source = &settings.value(Key::Endpoint).source;
    match settings.endpoint() {
        Ok(endpoint) => Check::ok("endpoint", format!("{endpoint} (from {source})")),
        Err(error) => Check::fail(
            "endpoint",
            error.to_string(),
            "write host:port, or a URL with http, tcp, ws or local",
        ),
    }
}

/// The socket of this user's hub, unless it is the endpoint that was looked at already.
async fn local_socket(settings: &Settings, endpoint: &Endpoint) -> Option<Check> {
    let path = settings.socket()?;
    match endpoint {
        Endpoint::Local { path: asked } if *asked == path => None,
        _ => Some(socket::beside(&path, settings).await),
    }
}
