//! Other processes of a measure: this program again.
//!
//! A role prints one line, `ready ADDRESS [ADDRESS]`, and ends when its standard input does.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use clap::ValueEnum as _;
use hindsight_connect::{AcceptOptions, FramedLink, Lanes, LinkLimits, accept, serve_lane};
use hindsight_server::{Config, Server};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::api::{EmptySink, SinkDispatcher};

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Role {
    /// A hub with a memory limit of 4 GB.
    Hub,
    /// A hub with the memory limit of the measure `hostile`.
    SmallHub,
    /// A roam service that does nothing with what it is given.
    Sink,
    /// A TCP port that reads and forgets.
    Drain,
    /// Nothing at all: what starting a process costs.
    Nothing,
}

/// A process playing a role; it ends when this is dropped.
pub(crate) struct Played {
    pub(crate) child: Child,
    pub(crate) addresses: Vec<String>,
}

impl Played {
    pub(crate) fn start(role: Role) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--role")
            .arg(
                role.to_possible_value()
                    .context("a hidden role")?
                    .get_name(),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let addresses = line
            .trim()
            .strip_prefix("ready")
            .context("role did not get ready")?;
        let addresses = addresses.split_whitespace().map(str::to_owned).collect();
        Ok(Self { child, addresses })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

pub(crate) fn play(role: Role) -> anyhow::Result<()> {
    if matches!(role, Role::Nothing) {
        println!("ready");
        return Ok(());
    }
    if matches!(role, Role::Hub | Role::SmallHub) {
        // As `hindsight serve` does.
        hindsight_server::use_few_arenas();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        tokio::select! {
            result = serve(role) => result,
            () = input_ended() => Ok(()),
        }
    })
}

async fn serve(role: Role) -> anyhow::Result<()> {
    match role {
        Role::Hub => hub(4_000_000_000).await,
        Role::SmallHub => hub(crate::hostile::HUB_BYTES).await,
        Role::Sink => sink().await,
        Role::Drain => drain().await,
        Role::Nothing => Ok(()),
    }
}

async fn input_ended() {
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // However reading ends, the end is what matters.
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap_or_default();
        tell.send(()).unwrap_or_default();
    });
    told.await.unwrap_or_default();
}

async fn hub(memory_limit_bytes: u64) -> anyhow::Result<()> {
    let mut config = Config::ephemeral();
    config.retention.memory_limit_bytes = memory_limit_bytes;
    config.connections.connections_max = 4096;
    let server = Server::start(config).await?;
    let addresses = server.addresses();
    let tcp = addresses.tcp.context("no raw port")?;
    println!("ready {} {tcp}", addresses.http);
    std::future::pending().await
}

async fn sink() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("ready {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let link = FramedLink::tcp(stream, LinkLimits::default());
            let lanes = Lanes::scoped(|_request, lane, scope| {
                serve_lane(scope, lane, SinkDispatcher::new(EmptySink));
                Ok(())
            });
            let options = AcceptOptions {
                lanes,
                ..AcceptOptions::default()
            };
            if let Ok(connection) = accept(link, options).await {
                connection.closed().await;
            }
        });
    }
}

async fn drain() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("ready {}", listener.local_addr()?);
    loop {
        let (mut stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let mut buffer = vec![0; 256 << 10];
            while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        });
    }
}

/// How long a role may take for anything that is not measured.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
