//! The composition root: builds the hub's parts, owns their tasks, ends them in order.
//!
//! In: a [`Config`]. Out: a [`RunningServer`]. Holds: the shutdown first stops accepting, then tells
//! every connection, then stops the engine, so that nothing acknowledged is lost on the way; a
//! failure of the engine's thread ends the hub with an explanation. Bounded: by the configuration,
//! and the time given to the shutdown.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hindsight_connect::Connection;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use crate::addresses::Addresses;
use crate::clock::now_ns;
use crate::config::Config;
use crate::connections::Connections;
use crate::discovery::Registry;
use crate::engine::{Engine, EngineEnd, Outlets, Started};
use crate::error::{ShutdownReport, StartError, StopReason};
use crate::hub::{Hub, Stopping};
use crate::listen::{self, Listeners};
use crate::live::Feed;
use crate::queries::Queries;
use crate::relay::Places;
use crate::telemetry::{Reason, Telemetry};

#[cfg(test)]
mod tests;

/// Time for connections that were cut to let go of their sockets.
const CUT_GRACE: Duration = Duration::from_secs(2);

/// Starts hubs.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Checks the configuration, opens the sockets and starts serving. When this returns, clients
    /// can connect. Call it within a tokio runtime with IO and time.
    pub async fn start(config: Config) -> Result<RunningServer, StartError> {
        config.check()?;
        let listeners = Listeners::bind(&config).await?;
        let addresses = addresses_of(&listeners).map_err(StartError::System)?;
        let (hub, engine_end) = build(config, addresses).map_err(StartError::System)?;
        let tasks = spawn_tasks(&hub, listeners);
        Ok(RunningServer {
            end: spawn_monitor(Arc::clone(&hub), engine_end),
            tasks,
            hub,
        })
    }
}

fn addresses_of(listeners: &Listeners) -> io::Result<Addresses> {
    let tcp = listeners.tcp.as_ref().map(|tcp| tcp.local_addr());
    Ok(Addresses {
        http: listeners.http.local_addr()?,
        tcp: tcp.transpose()?,
        #[cfg(unix)]
        local: listeners.local.as_ref().map(|local| local.path.clone()),
        #[cfg(not(unix))]
        local: None,
    })
}

fn build(
    config: Config,
    addresses: Addresses,
) -> io::Result<(Arc<Hub>, watch::Receiver<EngineEnd>)> {
    let id = random_id();
    let feed = Feed::new(&config.live);
    let registry = Registry::new(&config.discovery, config.retention.disconnect_grace);
    let registry = Arc::new(registry);
    let outlets = Outlets {
        hub_id: id,
        feed: Arc::clone(&feed),
        registry: Arc::clone(&registry),
    };
    let Started { engine, end } = Engine::start(&config, outlets)?;
    let hub = Hub {
        id,
        started_ns: now_ns(),
        engine,
        queries: Queries::new(&config.query),
        feed,
        registry,
        connections: Connections::new(&config.connections),
        relays: Places::new(&config.relay),
        telemetry: Telemetry::new(config.log_interval),
        addresses,
        transitions: tokio::sync::Mutex::new(()),
        stopping: Stopping::new(),
        config,
    };
    Ok((Arc::new(hub), end))
}

/// Not zero: that stands for "no hub".
fn random_id() -> u64 {
    rand::random::<u64>().max(1)
}

fn spawn_tasks(hub: &Arc<Hub>, listeners: Listeners) -> Vec<JoinHandle<()>> {
    let mut tasks = vec![
        tokio::spawn(listen::accept_http(Arc::clone(hub), listeners.http)),
        tokio::spawn(sweep(Arc::clone(hub))),
    ];
    if let Some(tcp) = listeners.tcp {
        tasks.push(tokio::spawn(listen::accept_tcp(Arc::clone(hub), tcp)));
    }
    #[cfg(unix)]
    if let Some(local) = listeners.local {
        tasks.push(tokio::spawn(listen::accept_local(Arc::clone(hub), local)));
    }
    tasks
}

/// Ends connections on which nothing comes any more.
async fn sweep(hub: Arc<Hub>) {
    let limits = &hub.config.connections;
    let mut ticks = interval(limits.sweep_interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = hub.stopping.begun() => return,
        }
        for connection in hub.connections.silent(limits.idle_timeout) {
            cut(&hub, &connection, limits.idle_timeout);
        }
    }
}

fn cut(hub: &Hub, connection: &Connection, idle_timeout: Duration) {
    if connection.close_reason().is_none() {
        let detail = format!("silent for {idle_timeout:?}");
        hub.telemetry.peer_fault(Reason::IdleTimeout, "-", &detail);
        connection.abort(detail);
    }
}

/// Waits for the engine's end, or for somebody who asks the hub to stop; of both together, only a
/// failure of the engine is news. It is told by [`RunningServer::stopped`] and not logged here.
fn spawn_monitor(
    hub: Arc<Hub>,
    mut engine_end: watch::Receiver<EngineEnd>,
) -> watch::Receiver<Option<StopReason>> {
    let (ended, end) = watch::channel(None);
    tokio::spawn(async move {
        let reason = tokio::select! {
            biased;
            ended = engine_end.wait_for(Option::is_some) => match ended.as_deref() {
                Ok(Some(Err(why))) => StopReason::EngineFailed(why.clone()),
                _ if hub.stopping.has_begun() => StopReason::Asked,
                // A thread that vanished without a word, or ended unasked.
                _ => StopReason::EngineFailed("its thread ended".to_owned()),
            },
            () = hub.stopping.begun() => StopReason::Asked,
        };
        hub.stopping.begin();
        ended.send_replace(Some(reason));
    });
    end
}

/// A hub that runs. Dropping it stops the hub without waiting for anything.
pub struct RunningServer {
    hub: Arc<Hub>,
    tasks: Vec<JoinHandle<()>>,
    end: watch::Receiver<Option<StopReason>>,
}

impl std::fmt::Debug for RunningServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunningServer")
            .field("addresses", &self.hub.addresses)
            .finish_non_exhaustive()
    }
}

impl RunningServer {
    /// Where it listens, with the ports that the system chose.
    pub fn addresses(&self) -> &Addresses {
        &self.hub.addresses
    }

    /// The random identity of this hub.
    pub fn hub_id(&self) -> u64 {
        self.hub.id
    }

    /// Waits until the hub stops, whoever asked for it, and says why. Cancel-safe. Call
    /// [`RunningServer::shutdown`] afterwards, to end what is left in order.
    pub async fn stopped(&self) -> StopReason {
        let mut end = self.end.clone();
        let reason = end.wait_for(Option::is_some).await;
        let reason = reason.ok().and_then(|reason| reason.clone());
        reason.unwrap_or(StopReason::EngineFailed("its monitor ended".to_owned()))
    }

    /// Stops accepting, ends every connection, stops the engine. Connections that have not ended
    /// after `limit` are cut.
    pub async fn shutdown(mut self, limit: Duration) -> ShutdownReport {
        let deadline = Instant::now() + limit;
        self.hub.stopping.begin();
        for task in std::mem::take(&mut self.tasks) {
            // They end by themselves; one that panicked has been reported by the runtime.
            let _ = task.await;
        }
        let reason = self.stopped().await;
        let connections_cut = self.end_connections(deadline).await;
        self.hub.engine.stop();
        ShutdownReport {
            reason,
            connections_cut,
        }
    }

    async fn end_connections(&self, deadline: Instant) -> usize {
        let connections = &self.hub.connections;
        if timeout_at(deadline, connections.none_open()).await.is_ok() {
            return 0;
        }
        let left = connections.open();
        for connection in connections.sessions() {
            connection.abort("the hub is stopping");
        }
        let cut_by = Instant::now() + CUT_GRACE;
        if timeout_at(cut_by, connections.none_open()).await.is_err() {
            tracing::warn!(connections = connections.open(), "left open at the end");
        }
        left
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.hub.stopping.begin();
        self.hub.engine.stop();
    }
}
