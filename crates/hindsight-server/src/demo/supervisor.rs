//! Starts the parts, keeps them running, kills one now and then, and ends them all.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use hindsight_connect::{DialError, DialOptions, Endpoint, dial};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Instant, sleep, sleep_until};

use super::Part;
use hindsight_server::{Config, Server, StartError};

/// Time between two kills of the payments part.
const KILL_EVERY: Duration = Duration::from_secs(25);
/// Time a killed part stays away.
const AWAY: Duration = Duration::from_millis(1500);
/// A part that ends by itself more often than this is given up.
const RESTARTS_MAX: u32 = 5;

/// Settings of the demo.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The hub to use, or to start.
    pub(crate) hub: Endpoint,
    /// Whether to start a hub when none answers.
    pub(crate) start_hub: bool,
    /// What the hub asks for.
    pub(crate) token: Option<String>,
    /// How to start a hub.
    pub(crate) config: Config,
    /// Requests a second.
    pub(crate) rate: f64,
    /// When to stop; none: when asked to.
    pub(crate) run_for: Option<Duration>,
}

/// Why the demo ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// No hub answered, and none could be started. The environment's fault.
    #[error(transparent)]
    Hub(#[from] StartError),
    /// The hub that was named does not answer, or refuses. The environment's fault.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// A part could not be started. The environment's fault.
    #[error("cannot start a part of the demo: {0}")]
    Part(#[from] std::io::Error),
    /// A part ended again and again. A bug.
    #[error("the {0} part of the demo keeps ending; its messages are above")]
    KeepsEnding(&'static str),
}

/// Runs the demo; tells what goes on through `say`.
pub(crate) async fn run(options: Options, say: impl Fn(&str)) -> Result<(), DemoError> {
    let (hub, server) = find_or_start_hub(&options, &say).await?;
    let mut parts = Parts::plan(&hub, &options)?;
    parts.start_all()?;
    say(
        "five processes call each other now: web, catalog, orders, docs, payments (killed every 25 s)",
    );
    say("look with: hindsight traces, hindsight tail, hindsight apps; stop with Ctrl-C");
    let stop = async {
        match options.run_for {
            Some(time) => sleep(time).await,
            None => std::future::pending().await,
        }
    };
    let result = tokio::select! {
        result = parts.supervise(&say) => result,
        () = stop => Ok(()),
        () = asked_to_stop() => Ok(()),
    };
    parts.stop().await;
    if let Some(server) = server {
        server.shutdown(Duration::from_secs(2)).await;
    }
    result
}

async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a way to be told, the demo runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Where the hub is, and the hub itself if it was started here.
async fn find_or_start_hub(
    options: &Options,
    say: &impl Fn(&str),
) -> Result<(String, Option<hindsight_server::RunningServer>), DemoError> {
    let quick = DialOptions {
        timeout: Duration::from_secs(2),
        token: options.token.clone(),
        ..DialOptions::default()
    };
    match dial(&options.hub, quick).await {
        Ok(_) => {
            say(&format!("using the hub at {}", options.hub));
            return Ok((options.hub.to_string(), None));
        }
        Err(error) if !options.start_hub || !error.is_transient() => return Err(error.into()),
        Err(_) => {}
    }
    let server = Server::start(options.config.clone()).await?;
    let url = format!("http://{}", server.addresses().http);
    say(&format!("started a hub: {url}"));
    Ok((url, Some(server)))
}

/// A part that runs. Its standard input ends when this is dropped.
struct Running {
    child: Child,
    _alive: Option<ChildStdin>,
}

struct Parts {
    hub: String,
    token: Option<String>,
    rate: f64,
    /// In the order of [`Part`].
    addresses: [SocketAddr; ORDER.len()],
    running: Vec<(Part, Running)>,
    restarts: u32,
}

const ORDER: [Part; 5] = [
    Part::Payments,
    Part::Catalog,
    Part::Orders,
    Part::Docs,
    Part::Web,
];

fn name(part: Part) -> &'static str {
    match part {
        Part::Web => "web",
        Part::Catalog => "catalog",
        Part::Orders => "orders",
        Part::Payments => "payments",
        Part::Docs => "docs",
    }
}

impl Parts {
    fn plan(hub: &str, options: &Options) -> std::io::Result<Self> {
        // Held together, so that they differ; free again when the parts start.
        let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let held: Vec<TcpListener> = (0..ORDER.len()).map(bind).collect::<Result<_, _>>()?;
        let mut addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); ORDER.len()];
        for (address, listener) in addresses.iter_mut().zip(&held) {
            *address = listener.local_addr()?;
        }
        Ok(Self {
            hub: hub.to_owned(),
            token: options.token.clone(),
            rate: options.rate,
            addresses,
            running: Vec::new(),
            restarts: 0,
        })
    }

    fn start_all(&mut self) -> std::io::Result<()> {
        ORDER.into_iter().try_for_each(|part| self.start(part))
    }

    fn start(&mut self, part: Part) -> std::io::Result<()> {
        let address = |part: Part| self.addresses[part as usize].to_string();
        let calls: &[Part] = match part {
            Part::Web => &[Part::Catalog, Part::Orders, Part::Docs],
            Part::Orders => &[Part::Payments],
            Part::Catalog | Part::Payments | Part::Docs => &[],
        };
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["demo-part", name(part), "--hub", &self.hub])
            .args(["--listen", &address(part), "--rate", &self.rate.to_string()]);
        if let Some(token) = &self.token {
            command.env("HINDSIGHT_TOKEN", token);
        }
        for call in calls {
            command.args(["--call", &address(*call)]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let running = Running {
            _alive: child.stdin.take(),
            child,
        };
        self.running.push((part, running));
        Ok(())
    }

    /// Kills the payments part now and then, and restarts what ends.
    async fn supervise(&mut self, say: &impl Fn(&str)) -> Result<(), DemoError> {
        let mut kill_at = Instant::now() + KILL_EVERY;
        loop {
            let ended = tokio::select! {
                ended = any_end(&mut self.running) => ended,
                () = sleep_until(kill_at) => {
                    kill_at += KILL_EVERY;
                    self.kill(Part::Payments).await;
                    Some(Part::Payments)
                }
            };
            let Some(part) = ended else { continue };
            self.running.retain(|(other, _)| *other != part);
            if part == Part::Payments {
                say("payments was killed; it comes back in 1.5 s");
            } else {
                self.restarts += 1;
                say(&format!(
                    "{} ended by itself; starting it again",
                    name(part)
                ));
            }
            if self.restarts > RESTARTS_MAX {
                return Err(DemoError::KeepsEnding(name(part)));
            }
            sleep(AWAY).await;
            self.start(part)?;
        }
    }

    async fn kill(&mut self, part: Part) {
        for (other, running) in &mut self.running {
            if *other == part {
                // It may have ended by itself, which is as good.
                running.child.kill().await.unwrap_or_default();
            }
        }
    }

    /// Ends all parts: their standard input first, so that they send what they have.
    async fn stop(&mut self) {
        for (_, running) in &mut self.running {
            running._alive = None;
        }
        for (_, running) in &mut self.running {
            let ending = tokio::time::timeout(Duration::from_secs(2), running.child.wait());
            if ending.await.is_err() {
                // Killed on drop in any case.
                running.child.start_kill().unwrap_or_default();
            }
        }
        self.running.clear();
    }
}

/// The first part that ends.
async fn any_end(running: &mut [(Part, Running)]) -> Option<Part> {
    let waits = running
        .iter_mut()
        .map(|(part, running)| Box::pin(async move { running.child.wait().await.map(|_| *part) }));
    let (ended, _, _) = futures_util::future::select_all(waits).await;
    ended.ok()
}
