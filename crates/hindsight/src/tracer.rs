//! The tracer: what a program makes once and asks for spans.

mod builder;
mod global;
mod weak;

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hindsight_protocol::hub::{ReasonCount, RunInfo};
use hindsight_protocol::{Resource, TracerId};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::buffer::{Buffer, BufferCounters, BufferLimits};
use crate::clock::Clock;
use crate::export::{Control, Report, Told};
use crate::expose::{Service, Services};
use crate::{Context, Sampler, SpanBuilder};

pub use builder::{Reconnect, TracerBuilder};
pub use weak::WeakTracer;

/// Makes spans and sends them to a hub. Cheap to clone; all clones are one tracer.
///
/// When the last clone is dropped, what is buffered is flushed, for at most
/// [`TracerBuilder::drop_flush_timeout`].
#[derive(Clone, Debug)]
pub struct Tracer {
    /// None: tracing is off.
    handle: Option<Arc<Handle>>,
}

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    /// [`Shared::may_record`], one step nearer.
    may_record: bool,
    drop_flush_timeout: Duration,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared
            .control
            .shutdown_blocking(&self.shared, self.drop_flush_timeout);
    }
}

/// What the tracer, its buffers and its exporter share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) id: TracerId,
    pub(crate) limits: BufferLimits,
    pub(crate) clock: Clock,
    pub(crate) sampler: Sampler,
    /// Whether the sampler lets any span be recorded.
    pub(crate) may_record: bool,
    pub(crate) resource: Resource,
    pub(crate) run: RunInfo,
    pub(crate) services: Services,
    pub(crate) control: Control,
    /// What the hub said of what it was sent.
    pub(crate) told: Told,
    /// Wakes the exporter before its next tick.
    pub(crate) wake: Arc<Notify>,
    closed: AtomicBool,
    buffers: Mutex<Buffers>,
}

/// The buffers of all threads.
#[derive(Debug, Default)]
struct Buffers {
    all: Vec<Arc<Buffer>>,
    /// Counters of buffers that are gone.
    gone: BufferCounters,
}

impl Shared {
    /// The buffers to export; those of ended threads are taken off the list when empty.
    pub(crate) fn buffers(&self) -> Vec<Arc<Buffer>> {
        let mut buffers = self.buffers.lock();
        let Buffers { all, gone } = &mut *buffers;
        all.retain(|buffer| {
            let done = buffer.is_done();
            if done {
                gone.add(buffer.counters());
            }
            !done
        });
        all.clone()
    }

    /// Counters of all threads together.
    pub(crate) fn buffer_counters(&self) -> BufferCounters {
        let buffers = self.buffers.lock();
        let mut sum = buffers.gone;
        for buffer in &buffers.all {
            sum.add(buffer.counters());
        }
        sum
    }

    /// Stops recording; called by the exporter when it ends. Breaks the circle of references
    /// between this and its buffers.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let mut buffers = self.buffers.lock();
        let all = std::mem::take(&mut buffers.all);
        for buffer in all {
            buffers.gone.add(buffer.counters());
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl BufferCounters {
    fn add(&mut self, other: Self) {
        self.offered += other.offered;
        self.dropped += other.dropped;
    }
}

/// The buffers of one thread, one a tracer; they are told when the thread ends.
struct ThreadBuffers(Vec<Arc<Buffer>>);

impl Drop for ThreadBuffers {
    fn drop(&mut self) {
        for buffer in &self.0 {
            buffer.orphan();
        }
    }
}

thread_local! {
    static BUFFERS: RefCell<ThreadBuffers> = const { RefCell::new(ThreadBuffers(Vec::new())) };
}

impl Shared {
    /// This thread's buffer; none when the thread is ending or the tracer is closed.
    #[inline]
    pub(crate) fn thread_buffer(self: &Arc<Self>) -> Option<Arc<Buffer>> {
        let find = |buffers: &RefCell<ThreadBuffers>| {
            let mut buffers = buffers.borrow_mut();
            let mine = |buffer: &&Arc<Buffer>| Arc::ptr_eq(&buffer.tracer, self);
            match buffers.0.iter().find(mine) {
                Some(buffer) => (!self.is_closed()).then(|| buffer.clone()),
                None => self.new_buffer(&mut buffers.0),
            }
        };
        BUFFERS.try_with(find).ok().flatten()
    }

    #[cold]
    fn new_buffer(self: &Arc<Self>, of_thread: &mut Vec<Arc<Buffer>>) -> Option<Arc<Buffer>> {
        let buffer = Arc::new(Buffer::new(self.clone()));
        let mut registered = self.buffers.lock();
        if self.is_closed() {
            return None;
        }
        registered.all.push(buffer.clone());
        of_thread.retain(|other| !other.tracer.is_closed());
        of_thread.push(buffer.clone());
        Some(buffer)
    }
}

impl Tracer {
    /// A tracer that does nothing.
    pub fn disabled() -> Self {
        Self { handle: None }
    }

    /// Whether spans are made at all.
    pub fn is_enabled(&self) -> bool {
        self.handle.is_some()
    }

    /// A span called `name`, about to start.
    #[inline(always)]
    pub fn span(&self, name: impl Into<Cow<'static, str>>) -> SpanBuilder<'_> {
        SpanBuilder::new(self, name)
    }

    /// The random id of this tracer; none if tracing is off.
    pub fn id(&self) -> Option<TracerId> {
        self.shared().map(|shared| shared.id)
    }

    /// The name this process goes by (`service.name`); empty if tracing is off.
    pub fn service_name(&self) -> &str {
        self.shared()
            .map_or("", |shared| shared.run.service_name.as_str())
    }

    /// Nanoseconds since the Unix epoch, by the clock that times spans; 0 if tracing is off.
    #[inline]
    pub fn now_ns(&self) -> u64 {
        self.shared().map_or(0, |shared| shared.clock.now().unix_ns)
    }

    /// Offers a roam service to the hub; viewers may call what [`Service`] allows.
    pub fn expose(&self, service: Service) {
        if let Some(shared) = self.shared() {
            shared.services.add(service);
        }
    }

    /// The name of a span of this tracer that runs now; none if it has ended, or is another's.
    ///
    /// For adapters that tell in which span something rare happened: looks through the open spans of all
    /// threads, so its cost grows with their number.
    pub fn open_span_name(&self, context: &Context) -> Option<String> {
        let buffers = self.shared()?.buffers();
        let of = |buffer: &Arc<Buffer>| buffer.open_name(context.span_id());
        buffers.iter().find_map(of)
    }

    /// Waits until everything recorded so far is acknowledged or dropped, or `timeout` is over.
    /// Says whether all of it was.
    pub async fn flush(&self, timeout: Duration) -> bool {
        match self.shared() {
            Some(shared) => shared.control.flush(shared, timeout).await,
            None => true,
        }
    }

    /// [`Tracer::flush`] for places that cannot await. Does not wait for a hub that is known to be
    /// away.
    pub fn flush_blocking(&self, timeout: Duration) {
        if let Some(shared) = self.shared() {
            shared.control.flush_blocking(shared, timeout);
        }
    }

    /// Sends what is buffered, then stops; spans started later are not recorded. For all clones.
    pub async fn shutdown(self, timeout: Duration) -> ShutdownReport {
        match self.shared() {
            Some(shared) => {
                let report = shared.control.shutdown(shared, timeout).await;
                ShutdownReport::new(report, shared)
            }
            None => ShutdownReport::default(),
        }
    }

    /// What became of everything recorded so far: how an app learns that the hub refuses or cuts
    /// what it sends. Answered by the exporter, as soon as it is free.
    pub async fn report(&self) -> ShutdownReport {
        match self.shared() {
            Some(shared) => ShutdownReport::new(shared.control.report(shared).await, shared),
            None => ShutdownReport::default(),
        }
    }

    #[inline(always)]
    pub(crate) fn shared(&self) -> Option<&Arc<Shared>> {
        self.handle.as_ref().map(|handle| &handle.shared)
    }

    /// [`Self::shared`] where a span may be recorded.
    #[inline(always)]
    pub(crate) fn recorder(&self) -> Option<&Arc<Shared>> {
        let handle = self.handle.as_ref().filter(|handle| handle.may_record);
        handle.map(|handle| &handle.shared)
    }
}

/// What became of everything a tracer recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Records that entered the buffers; a span makes one at its end, and further ones when it is
    /// reported while it runs. `offered = acknowledged + acknowledged_elsewhere + dropped + unsent`.
    pub offered: u64,
    /// Records the present hub has acknowledged.
    pub acknowledged: u64,
    /// Records that earlier hubs had acknowledged before they went away; they may be lost.
    pub acknowledged_elsewhere: u64,
    /// Records lost for lack of room, or refused by the hub.
    pub dropped: u64,
    /// Records still waiting when the time was over.
    pub unsent: u64,
    /// Connections made after the first.
    pub reconnects: u64,
    /// Of the acknowledged records, those the hub refused one by one; `reasons` says why.
    pub rejected: u64,
    /// Values cut, and attributes, events and links left out, by this tracer's own limits, of spans
    /// that have ended.
    pub cut: u64,
    /// What hubs refused, cut or noted of what they were sent, by the name of the limit or reason
    /// (`docs/limits.md`), in the order of the first time. At most about 64.
    pub reasons: Vec<ReasonCount>,
}

impl ShutdownReport {
    fn new(report: Report, shared: &Shared) -> Self {
        let told = shared.told.totals();
        let settled = report.acknowledged + report.acknowledged_elsewhere + report.dropped;
        Self {
            offered: report.offered,
            acknowledged: report.acknowledged,
            acknowledged_elsewhere: report.acknowledged_elsewhere,
            dropped: report.dropped,
            unsent: report.offered.saturating_sub(settled),
            reconnects: report.reconnects,
            rejected: told.rejected,
            cut: report.cut,
            reasons: told.reasons,
        }
    }
}

/// What a buffer needs of a tracer, without an exporter.
#[cfg(test)]
pub(crate) fn test_shared(limits: BufferLimits) -> Arc<Shared> {
    Arc::new(Shared {
        id: TracerId::default(),
        limits,
        clock: Clock::new(),
        sampler: Sampler::AlwaysOn,
        may_record: true,
        resource: Resource::default(),
        run: RunInfo::default(),
        services: Services::default(),
        control: Control::default(),
        told: Told::default(),
        wake: Arc::default(),
        closed: AtomicBool::new(false),
        buffers: Mutex::default(),
    })
}
