//! The single writer: one thread that owns the store.
//!
//! In: batches, tracers that come and go, clears, wishes for a snapshot. Out: a reply to each, and
//! every change to the live feed, in the order of its revision. Holds: nobody else touches the
//! store; commands of one connection are carried out in the order sent, and connections take turns
//! ([`queue`]); a change is published before its batch is acknowledged and before any snapshot that
//! contains it is handed out. Bounded: `queue_bytes_max` and `queue_batches_max` of batches, of one
//! connection less (beyond it the sender is told at once),
//! [`CONTROL_COMMANDS_MAX`] other commands and `concurrent_max` readers (beyond it they wait).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use hindsight_protocol::hub::{ClearReply, IngestReply};
use hindsight_protocol::{CheckedBatch, TraceId, TracerId};
use hindsight_store::{BatchSource, Latest, PinError, Snapshot, Store};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

mod ahead;
mod queue;
mod sealer;
mod worker;

#[cfg(test)]
mod tests;

use crate::config::Config;
use crate::connections::ConnectionId;
use crate::discovery::Registry;
use crate::live::Feed;
use queue::{FairQueue, NotQueued, QueueLimits};
use sealer::Sealer;
use worker::Worker;

/// Commands other than batches and snapshots that may wait.
const CONTROL_COMMANDS_MAX: usize = 1_024;

/// Why the engine did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EngineError {
    /// The queue is full; nothing was stored. Nobody's fault, or that of whoever sends too much.
    #[error("the hub has {queued_bytes} bytes waiting to be stored; try again in a moment")]
    Overloaded { queued_bytes: usize },
    /// The hub is stopping, or its engine has failed.
    #[error("the hub is stopping")]
    Stopped,
}

/// A handle to the engine. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    commands: mpsc::SyncSender<Command>,
    readers: Mutex<Vec<oneshot::Sender<Arc<Snapshot>>>>,
    /// For readers that need not wait.
    latest: Arc<Latest>,
    queue: FairQueue,
    /// A [`Command::Wake`] is on its way.
    wake_sent: AtomicBool,
    batches: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    control: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    queue_bytes_max: usize,
}

enum Command {
    Attach(TracerId, OwnedSemaphorePermit),
    /// After all batches of the connection.
    Detach(TracerId, ConnectionId, OwnedSemaphorePermit),
    Clear(oneshot::Sender<ClearReply>, OwnedSemaphorePermit),
    Pin(Pin, OwnedSemaphorePermit),
    /// Somebody waits in [`Shared::readers`], something in [`Shared::queue`], or a segment has been
    /// sealed.
    Wake,
    Stop,
    #[cfg(test)]
    Panic,
}

/// What pins and unpins: whether it changed anything, or why it must not.
type Pinned = Result<bool, PinError>;

struct Pin {
    /// After all batches of it.
    connection: ConnectionId,
    trace: TraceId,
    /// Else it is unpinned.
    is_pinned: bool,
    reply: oneshot::Sender<Pinned>,
}

#[derive(Debug)]
struct Append {
    connection: ConnectionId,
    batch: Arc<CheckedBatch>,
    source: BatchSource,
    reply: oneshot::Sender<IngestReply>,
    /// Room in the queue, free again when the batch is stored.
    _room: [OwnedSemaphorePermit; 2],
}

/// How the engine's thread ended; none while it runs.
pub(crate) type EngineEnd = Option<Result<(), String>>;

/// Whom the engine tells what it did.
pub(crate) struct Outlets {
    /// Put into every acknowledgement.
    pub(crate) hub_id: u64,
    /// Gets every change.
    pub(crate) feed: Arc<Feed>,
    /// Keeps the accounts of each app.
    pub(crate) registry: Arc<Registry>,
}

/// What [`Engine::start`] hands to the composition root.
pub(crate) struct Started {
    pub(crate) engine: Engine,
    pub(crate) end: watch::Receiver<EngineEnd>,
}

impl Engine {
    /// Starts the thread. Fails only where the system can make no thread.
    pub(crate) fn start(config: &Config, outlets: Outlets) -> std::io::Result<Started> {
        let ingest = &config.ingest;
        let reads_max = config.reads.concurrent_max;
        // Room for all that the semaphore lets through, one `Wake` and one `Stop`: a send never finds
        // the channel full.
        let capacity = CONTROL_COMMANDS_MAX + 2;
        let (commands, inbox) = mpsc::sync_channel(capacity);
        let store = Store::new(worker::store_limits(config));
        let shared = Arc::new(Shared {
            latest: Arc::clone(store.latest()),
            commands,
            readers: Mutex::new(Vec::new()),
            queue: FairQueue::new(QueueLimits {
                bytes_max: ingest.queue_bytes_per_connection_max,
                batches_max: ingest.queue_batches_per_connection_max,
            }),
            wake_sent: AtomicBool::new(false),
            batches: Arc::new(Semaphore::new(ingest.queue_batches_max)),
            bytes: Arc::new(Semaphore::new(ingest.queue_bytes_max)),
            control: Arc::new(Semaphore::new(CONTROL_COMMANDS_MAX)),
            reads: Arc::new(Semaphore::new(reads_max)),
            queue_bytes_max: ingest.queue_bytes_max,
        });
        let sealer = Sealer::start(&shared)?;
        let worker = Worker::new(store, sealer, outlets, &shared);
        let end = worker::spawn(worker, inbox)?;
        Ok(Started {
            engine: Self { shared },
            end,
        })
    }

    /// Hands a batch to the writer, or says at once that there is no room. The reply comes when the
    /// batch is stored. Room is taken before the batch: nothing is stored on an error.
    pub(crate) fn submit(
        &self,
        batch: CheckedBatch,
        source: BatchSource,
        connection: ConnectionId,
    ) -> Result<oneshot::Receiver<IngestReply>, EngineError> {
        let room = self.room_for(batch.byte_len())?;
        let (reply, stored) = oneshot::channel();
        let queued = self.shared.queue.push(Append {
            connection,
            batch: Arc::new(batch),
            source,
            reply,
            _room: room,
        });
        match queued {
            Ok(()) => self.wake().map(|()| stored),
            Err(NotQueued::Closed) => Err(EngineError::Stopped),
            Err(NotQueued::Full) => Err(EngineError::Overloaded {
                queued_bytes: self.queued_bytes(),
            }),
        }
    }

    /// Makes the writer look at the readers and the queue.
    fn wake(&self) -> Result<(), EngineError> {
        match self.shared.wake_sent.swap(true, Ordering::AcqRel) {
            true => Ok(()),
            false => self.send(Command::Wake),
        }
    }

    fn room_for(&self, bytes: usize) -> Result<[OwnedSemaphorePermit; 2], EngineError> {
        let shared = &self.shared;
        // The store's own copies make a batch of zero bytes cost something too.
        let bytes = u32::try_from(bytes.max(1)).unwrap_or(u32::MAX);
        let slot = Arc::clone(&shared.batches).try_acquire_owned();
        let room = Arc::clone(&shared.bytes).try_acquire_many_owned(bytes);
        match (slot, room) {
            (Ok(slot), Ok(room)) => Ok([slot, room]),
            _ => Err(EngineError::Overloaded {
                queued_bytes: self.queued_bytes(),
            }),
        }
    }

    /// Bytes of batches that wait.
    pub(crate) fn queued_bytes(&self) -> usize {
        let free = self.shared.bytes.available_permits();
        self.shared.queue_bytes_max.saturating_sub(free)
    }

    /// A tracer is there (again).
    pub(crate) async fn attach(&self, tracer: TracerId) -> Result<(), EngineError> {
        let permit = self.control().await?;
        self.send(Command::Attach(tracer, permit))
    }

    /// A tracer's connection has ended.
    pub(crate) async fn detach(
        &self,
        tracer: TracerId,
        from: ConnectionId,
    ) -> Result<(), EngineError> {
        let permit = self.control().await?;
        self.send(Command::Detach(tracer, from, permit))
    }

    /// Removes all spans.
    pub(crate) async fn clear(&self) -> Result<ClearReply, EngineError> {
        let permit = self.control().await?;
        let (reply, cleared) = oneshot::channel();
        self.send(Command::Clear(reply, permit))?;
        cleared.await.map_err(|_| EngineError::Stopped)
    }

    /// Pins a trace, or unpins it; tells whether that changed anything, or why it must not.
    pub(crate) async fn pin(
        &self,
        trace: TraceId,
        is_pinned: bool,
        from: ConnectionId,
    ) -> Result<Pinned, EngineError> {
        let permit = self.control().await?;
        let (reply, pinned) = oneshot::channel();
        let pin = Pin {
            connection: from,
            trace,
            is_pinned,
            reply,
        };
        self.send(Command::Pin(pin, permit))?;
        pinned.await.map_err(|_| EngineError::Stopped)
    }

    /// What is stored now: all that was acknowledged or told to the feed, not what waits in the
    /// queue. Readers overtake that; they wait for the batch that is being stored only if no
    /// snapshot was made before it ([`worker`]).
    pub(crate) async fn snapshot(&self) -> Result<Arc<Snapshot>, EngineError> {
        if !self.shared.reads.is_closed()
            && let Some(latest) = self.shared.latest.get()
        {
            return Ok(latest);
        }
        let reads = Arc::clone(&self.shared.reads);
        let _permit = reads
            .acquire_owned()
            .await
            .map_err(|_| EngineError::Stopped)?;
        let (sender, snapshot) = oneshot::channel();
        self.shared.readers.lock().push(sender);
        if self.shared.reads.is_closed() {
            return Err(EngineError::Stopped);
        }
        self.wake()?;
        snapshot.await.map_err(|_| EngineError::Stopped)
    }

    /// Ends the thread after the commands that wait already.
    pub(crate) fn stop(&self) {
        // An engine that has ended needs no stop, and a full queue means that it has failed.
        let _ = self.send(Command::Stop);
    }

    /// Makes the thread panic.
    #[cfg(test)]
    pub(crate) fn fail(&self) {
        // One that has ended cannot.
        let _ = self.send(Command::Panic);
    }

    async fn control(&self) -> Result<OwnedSemaphorePermit, EngineError> {
        let control = Arc::clone(&self.shared.control);
        control
            .acquire_owned()
            .await
            .map_err(|_| EngineError::Stopped)
    }

    fn send(&self, command: Command) -> Result<(), EngineError> {
        let sent = self.shared.commands.try_send(command);
        sent.map_err(|_| EngineError::Stopped)
    }
}

impl Shared {
    /// The thread has ended: whoever waits, or comes later, gets an error.
    fn close(&self) {
        self.reads.close();
        self.control.close();
        self.queue.close();
        self.readers.lock().clear();
    }
}
