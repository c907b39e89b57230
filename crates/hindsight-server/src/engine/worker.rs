//! The engine's thread.
//!
//! Readers take the last snapshot by themselves while it is all that was told. Where batches take
//! long to store, the next snapshot is made as soon as one is stored, before it is acknowledged, so
//! that readers who come during the next one find it ([`super::ahead`]).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use hindsight_protocol::hub::ClearReply;
use hindsight_store::{Change, Store, StoreLimits};
use tokio::sync::{oneshot, watch};

use super::ahead::Ahead;
use super::sealer::{SEALS_MAX, Sealer};
use super::{Append, Command, EngineEnd, Outlets, Pin, Shared};
use crate::clock::now_ns;
use crate::config::Config;
use crate::connections::ConnectionId;

/// Longest sleep: the clock may have been set, and the senders may all be gone.
const SLEEP_MAX: Duration = Duration::from_secs(1);

pub(super) fn store_limits(config: &Config) -> StoreLimits {
    let retention = &config.retention;
    StoreLimits {
        ttl_ns: nanos(retention.ttl),
        memory_bytes: retention.memory_limit_bytes,
        abort_grace_ns: nanos(retention.disconnect_grace),
        tracers_max: config.discovery.apps_max,
        seals_in_flight_max: SEALS_MAX,
        ..StoreLimits::default()
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

pub(super) struct Worker {
    store: Store,
    sealer: Sealer,
    outlets: Outlets,
    ahead: Ahead,
    /// Weak, so that the thread ends when nobody can send to it any more.
    shared: Weak<Shared>,
}

/// Starts the thread; the receiver tells how it ended. A panic in the store ends only this thread,
/// and the hub with an explanation.
pub(super) fn spawn(
    mut worker: Worker,
    inbox: Receiver<Command>,
) -> std::io::Result<watch::Receiver<EngineEnd>> {
    let (ended, end) = watch::channel(None);
    let run = move || {
        let result = catch_unwind(AssertUnwindSafe(|| worker.run(&inbox)));
        let result = result.map_err(|panic| panic_text(&*panic));
        // First the inbox, with the replies that will not come.
        drop(inbox);
        worker.close();
        ended.send_replace(Some(result));
    };
    let builder = std::thread::Builder::new().name("hindsight-engine".to_owned());
    builder.spawn(run)?;
    Ok(end)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without text").to_owned()
}

impl Worker {
    pub(super) fn new(
        store: Store,
        sealer: Sealer,
        outlets: Outlets,
        shared: &Arc<Shared>,
    ) -> Self {
        Self {
            store,
            sealer,
            outlets,
            ahead: Ahead::default(),
            shared: Arc::downgrade(shared),
        }
    }

    fn run(&mut self, inbox: &Receiver<Command>) {
        loop {
            // Before the commands: an attach that was sent before this batch is among them then.
            let mut next = self.pop();
            let wait = match next {
                Some(_) => Duration::ZERO,
                None => self.time_to_deadline(),
            };
            let mut received = inbox.recv_timeout(wait);
            loop {
                match received {
                    Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => {
                        return self.append_all(&mut next);
                    }
                    Ok(command) => self.carry_out(command, &mut next),
                    Err(RecvTimeoutError::Timeout) => break,
                }
                received = inbox.recv_timeout(Duration::ZERO);
            }
            if let Some(append) = next {
                self.append(append);
            }
            self.serve_readers();
            self.tick();
            self.exchange_seals();
        }
    }

    fn pop(&self) -> Option<Append> {
        self.shared.upgrade()?.queue.pop()
    }

    /// All batches that were sent before this, of which `next` is one; not what comes meanwhile, else
    /// there might be no end to it.
    fn append_all(&mut self, next: &mut Option<Append>) {
        let waiting = self.shared.upgrade().map(|s| s.queue.take_all());
        let waiting = waiting.into_iter().flatten();
        self.append_each(next.take().into_iter().chain(waiting));
    }

    /// The batches of a connection that were sent before this, of which `next` may be one.
    fn append_all_of(&mut self, connection: ConnectionId, next: &mut Option<Append>) {
        let next = next.take_if(|next| next.connection == connection);
        let waiting = self.shared.upgrade().map(|s| s.queue.take(connection));
        self.append_each(next.into_iter().chain(waiting.into_iter().flatten()));
    }

    fn append_each(&mut self, appends: impl Iterator<Item = Append>) {
        for append in appends {
            self.append(append);
            self.serve_readers();
            self.exchange_seals();
        }
    }

    fn time_to_deadline(&self) -> Duration {
        let Some(deadline_ns) = self.store.next_deadline_ns() else {
            return SLEEP_MAX;
        };
        Duration::from_nanos(deadline_ns.saturating_sub(now_ns())).min(SLEEP_MAX)
    }

    /// `next` is the batch that is about to be stored.
    fn carry_out(&mut self, command: Command, next: &mut Option<Append>) {
        match command {
            Command::Attach(tracer, _permit) => self.store.tracer_attached(tracer, now_ns()),
            Command::Detach(tracer, connection, _permit) => {
                self.append_all_of(connection, next);
                let change = self.store.tracer_disconnected(tracer, now_ns());
                self.publish(change);
            }
            Command::Clear(reply, _permit) => {
                // What was sent before goes too.
                self.append_all(next);
                self.clear(reply);
            }
            Command::Pin(pin, _permit) => {
                self.append_all_of(pin.connection, next);
                self.pin(pin);
            }
            Command::Wake => self.wake_received(),
            Command::Stop => {}
            #[cfg(test)]
            Command::Panic => panic!("for the test"),
        }
    }

    /// Takes in what has been sealed and hands over what is to be.
    fn exchange_seals(&mut self) {
        while let Some(part) = self.sealer.finished() {
            self.store.finish_seal(part);
        }
        while self.sealer.has_room()
            && let Some(job) = self.store.take_seal_job()
        {
            self.sealer.seal(job);
        }
    }

    /// Batches come faster than segments can be sealed: they wait, in the queue that has a limit.
    fn wait_for_seal(&mut self) {
        while self.store.seals_in_flight() >= SEALS_MAX
            && let Some(part) = self.sealer.wait()
        {
            self.store.finish_seal(part);
            self.exchange_seals();
        }
    }

    fn append(&mut self, append: Append) {
        self.wait_for_seal();
        let (records, tracer, now_ns) = (append.batch.len(), append.source.tracer, now_ns());
        let began = Instant::now();
        let appended = self.store.append(&append.batch, append.source, now_ns);
        self.publish(appended.change);
        if self.ahead.is_worth_it(began, self.store.latest().asked()) {
            let made = Instant::now();
            self.store.snapshot();
            self.ahead.cost = made.elapsed();
        }
        let mut reply = appended.reply;
        reply.hub_id = self.outlets.hub_id;
        let registry = &self.outlets.registry;
        registry.ingested(tracer, records as u64, &reply, now_ns);
        // The sender's connection may have ended meanwhile; a resend will be told.
        let _ = append.reply.send(reply);
    }

    fn clear(&mut self, reply: oneshot::Sender<ClearReply>) {
        let cleared = self.store.clear(now_ns());
        self.publish([cleared.change]);
        let (spans, traces) = (cleared.spans, cleared.traces);
        // Whoever asked may have gone; it is cleared all the same.
        let _ = reply.send(ClearReply { spans, traces });
    }

    fn pin(&mut self, pin: Pin) {
        let change = match pin.is_pinned {
            true => self.store.pin(pin.trace, now_ns()),
            false => Ok(self.store.unpin(pin.trace, now_ns())),
        };
        let pinned = change.map(|change| {
            let is_changed = change.is_some();
            self.publish(change);
            is_changed
        });
        // Whoever asked may have gone; it is pinned all the same.
        let _ = pin.reply.send(pinned);
    }

    /// From here on the next reader, batch or sealed part sends another [`Command::Wake`]; what came
    /// before is looked at after this.
    fn wake_received(&self) {
        if let Some(shared) = self.shared.upgrade() {
            // Acquires what was done before each swap that found a wake on its way.
            shared.wake_sent.swap(false, Ordering::AcqRel);
        }
    }

    fn close(&self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.close();
        }
    }

    /// Readers do not wait for the batches in the queue.
    fn serve_readers(&mut self) {
        let Some(shared) = self.shared.upgrade() else {
            return;
        };
        let readers = std::mem::take(&mut *shared.readers.lock());
        if readers.is_empty() {
            return;
        }
        let snapshot = self.store.snapshot();
        for reader in readers {
            // A reader that has gone needs none.
            let _ = reader.send(Arc::clone(&snapshot));
        }
    }

    fn tick(&mut self) {
        let now_ns = now_ns();
        if self.store.next_deadline_ns().is_some_and(|at| at <= now_ns) {
            let changes = self.store.tick(now_ns);
            self.publish(changes);
        }
    }

    fn publish(&self, changes: impl IntoIterator<Item = Arc<Change>>) {
        for change in changes {
            self.outlets.feed.publish(change);
        }
    }
}
