//! `hindsight serve`: runs the hub until a signal stops it.
//!
//! In: settings. Out: the addresses on stdout, the log on stderr. Holds: the addresses are printed
//! when clients can connect; a second signal ends the process at once.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use hindsight_server::{Addresses, Config, RunningServer, Server, StartError, StopReason, Token};
use tracing_subscriber::EnvFilter;

use super::error::CliError;
use super::output::wants_color;
use super::settings::{Settings, TcpPort};
use super::signal;

/// The log without `RUST_LOG`; vox reports every peer that goes away.
const LOG_DEFAULT: &str = "info,vox_core=error,vox=error";

/// For connections to end after a signal.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs the command.
pub(crate) fn run(settings: &Settings) -> Result<ExitCode, CliError> {
    let config = config(settings)?;
    hindsight_server::use_few_arenas();
    log();
    raise_open_files_limit();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().build().map_err(CliError::Runtime)?;
    let done = runtime.block_on(serve(config));
    // What still runs (a read, a probe) is not waited for.
    runtime.shutdown_background();
    done
}

/// The hub's configuration as the settings have it.
pub(super) fn config(settings: &Settings) -> Result<Config, CliError> {
    let mut config = Config {
        bind: settings.bind()?,
        http_port: settings.http_port()?,
        tcp_port: match settings.tcp_port()? {
            TcpPort::Off => None,
            TcpPort::Auto => Some(0),
            TcpPort::Number(port) => Some(port),
        },
        local_socket: settings.socket(),
        token: token(settings)?,
        allow_hosts: settings.allow_hosts(),
        ..Config::default()
    };
    config.retention.ttl = settings.ttl()?;
    config.query.deadline = settings.query_deadline()?;
    config.retention.memory_limit_bytes = settings.memory_limit_bytes()?;
    config
        .check()
        .map_err(|error| CliError::Config(error.to_string()))?;
    Ok(config)
}

fn token(settings: &Settings) -> Result<Option<Token>, CliError> {
    let token = settings.token()?.map(|text| Token::new(&text));
    let token = token.transpose();
    token.map_err(|error| CliError::Config(error.to_string()))
}

/// A connection is a file; the usual soft limit of 1,024 is less than a hub may have.
#[cfg(unix)]
fn raise_open_files_limit() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls get a pointer to a live `rlimit` and touch nothing else.
    let raised = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 && {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) == 0
        }
    };
    if !raised {
        let error = io::Error::last_os_error();
        tracing::debug!("the limit of open files stays as it is: {error}");
    }
}

#[cfg(not(unix))]
fn raise_open_files_limit() {}

fn log() {
    let asked = EnvFilter::try_from_default_env();
    let variable = |name: &str| std::env::var(name).ok();
    tracing_subscriber::fmt()
        .with_env_filter(asked.unwrap_or_else(|_| EnvFilter::new(LOG_DEFAULT)))
        .with_ansi(io::stderr().is_terminal() && wants_color(&variable))
        .with_writer(io::stderr)
        .init();
}

async fn serve(config: Config) -> Result<ExitCode, CliError> {
    let running = Server::start(config).await.map_err(not_started)?;
    announce(running.addresses());
    tokio::select! {
        reason = running.stopped() => tracing::debug!("{reason}"),
        name = signal::stop_signal() => tracing::info!("{name}: stopping"),
    }
    shut_down(running).await
}

/// Nobody may be reading; that does not stop a hub.
fn announce(addresses: &Addresses) {
    let mut text = format!("hindsight {} listens on\n", hindsight_server::VERSION);
    text += &format!("  {}\n", addresses.url());
    for endpoint in addresses.endpoints().iter().skip(1) {
        text += &format!("  {endpoint}\n");
    }
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .ok();
}

async fn shut_down(running: RunningServer) -> Result<ExitCode, CliError> {
    let report = tokio::select! {
        report = running.shutdown(SHUTDOWN_TIMEOUT) => report,
        _again = signal::stop_signal() => std::process::exit(1),
    };
    if report.connections_cut > 0 {
        tracing::warn!(connections = report.connections_cut, "cut at the end");
    }
    outcome(&report.reason)
}

/// What a hub's end means for the program.
pub(super) fn outcome(reason: &StopReason) -> Result<ExitCode, CliError> {
    match reason {
        StopReason::Asked => Ok(ExitCode::SUCCESS),
        StopReason::EngineFailed(_) => Err(CliError::Serve(reason.to_string())),
    }
}

fn not_started(error: StartError) -> CliError {
    let message = error.to_string();
    match error {
        StartError::Config(_) => CliError::Config(message),
        StartError::PortTaken {
            by_hindsight: Some(_),
            ..
        } => CliError::AlreadyRunning(message),
        _ => CliError::Serve(message),
    }
}
