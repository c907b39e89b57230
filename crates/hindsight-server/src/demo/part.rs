//! What every part does: trace, listen, call, and end with its parent.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use hindsight::Tracer;
use hindsight_connect::{
    AcceptOptions, Connection, DialOptions, FramedLink, Lanes, LinkLimits, accept, initiate,
};
use hindsight_roam::{CountingLink, TraceCalls, Traced, WatchedReply};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use vox::{DriverReplySink, FromVoxLane, Handler};

use super::PartArguments;

/// A tracer for the part called `name`, which goes on when the hub does not; its roam can be looked at.
pub(super) fn tracer(arguments: &PartArguments, name: &str) -> Tracer {
    let tracer = Tracer::builder()
        .endpoint(arguments.hub.as_str())
        .service_name(name)
        .service_version(env!("CARGO_PKG_VERSION"))
        .resource_attribute("deployment.environment", "demo")
        .lazy();
    hindsight_roam::introspect(&tracer);
    tracer
}

/// Ends when standard input does: the process that holds the other end is gone.
pub(super) async fn parent_gone() {
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Whatever is read, and however it ends, the end is all that matters.
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap_or_default();
        tell.send(()).unwrap_or_default();
    });
    told.await.unwrap_or_default();
}

/// Answers calls of one service for ever.
pub(super) async fn serve<D>(listen: SocketAddr, dispatcher: Traced<D>) -> anyhow::Result<()>
where
    D: Handler<WatchedReply<DriverReplySink>> + Clone,
{
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    loop {
        let (stream, from) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let dispatcher = dispatcher.clone();
        let lanes = Lanes::scoped(move |_request, lane, _scope| {
            dispatcher.clone().serve(lane);
            Ok(())
        });
        let link = link(stream, from);
        tokio::spawn(async move {
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

/// A link whose bytes are counted.
fn link(
    stream: TcpStream,
    other_end: SocketAddr,
) -> CountingLink<FramedLink<OwnedReadHalf, OwnedWriteHalf>> {
    let link = FramedLink::tcp(stream, LinkLimits::default());
    CountingLink::new(link).named("tcp", other_end.to_string())
}

/// A client that connects anew when its peer was restarted.
pub(super) struct Peer<C> {
    address: SocketAddr,
    tracer: Tracer,
    install: fn(C, TraceCalls) -> C,
    open: tokio::sync::Mutex<Option<(Connection, C)>>,
}

impl<C: FromVoxLane + Clone> Peer<C> {
    pub(super) fn new(
        address: SocketAddr,
        tracer: &Tracer,
        install: fn(C, TraceCalls) -> C,
    ) -> Self {
        Self {
            address,
            tracer: tracer.clone(),
            install,
            open: tokio::sync::Mutex::new(None),
        }
    }

    /// The client, connected within a second.
    pub(super) async fn client(&self) -> anyhow::Result<C> {
        let mut open = self.open.lock().await;
        let ready = open.as_ref().filter(|(connection, _)| connection.is_open());
        if let Some((_, client)) = ready {
            return Ok(client.clone());
        }
        let connection = dial_until(self.address, Duration::from_secs(1)).await?;
        let handle = connection.handle().clone();
        let client = hindsight_roam::open_lane_with(&self.tracer, &handle, self.install)
            .await
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        *open = Some((connection, client.clone()));
        Ok(client)
    }
}

/// Dials until it works: parts start at the same time.
async fn dial_until(address: SocketAddr, limit: Duration) -> anyhow::Result<Connection> {
    let give_up = tokio::time::Instant::now() + limit;
    loop {
        match dial(address).await {
            Ok(connection) => return Ok(connection),
            Err(error) if tokio::time::Instant::now() >= give_up => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
        }
    }
}

async fn dial(address: SocketAddr) -> anyhow::Result<Connection> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(initiate(link(stream, address), DialOptions::default()).await?)
}

/// A time between the two, both in milliseconds, short ones more often.
pub(super) fn some_time(least_ms: f64, most_ms: f64) -> Duration {
    let skewed = rand::random::<f64>().powi(3);
    Duration::from_secs_f64((least_ms + (most_ms - least_ms) * skewed) / 1000.0)
}

/// True this often.
pub(super) fn chance(probability: f64) -> bool {
    rand::random::<f64>() < probability
}
