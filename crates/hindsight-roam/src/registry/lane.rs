//! A lane, and the calls that go over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use hindsight::{Span, SpanId, TraceId};
use hindsight_protocol::introspection::roam::event;
use parking_lot::Mutex;
use vox::{Caller, LaneDebugSnapshot, MethodId};
use vox_rt::time::Instant;

use super::calls::{Active, Calls, Slot};
use super::feed::{Feed, Happened};
use crate::names::Names;

/// A snapshot is used again for this long, and for twenty times what it took: roam's grow with every
/// channel that a lane ever had, and hold up its channels while they are made.
const SNAPSHOT_FOR: Duration = Duration::from_millis(100);

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Direction {
    Outgoing,
    Incoming,
}

impl Direction {
    pub(crate) fn word(self) -> &'static str {
        use hindsight_protocol::introspection::roam::direction;
        match self {
            Self::Outgoing => direction::OUTGOING,
            Self::Incoming => direction::INCOMING,
        }
    }
}

/// One service spoken over a connection.
pub(crate) struct Lane {
    pub(crate) feed: Arc<Feed>,
    /// The connection's number, which changes when two turn out to be one.
    pub(super) connection: AtomicU64,
    /// Whether its connection lists it.
    pub(super) is_listed: AtomicBool,
    /// roam's id; 0 where not known.
    id: u64,
    pub(crate) service: &'static str,
    pub(crate) direction: Direction,
    pub(crate) opened_ns: u64,
    closed_ns: AtomicU64,
    pub(crate) calls: Mutex<Calls>,
    /// Calls that came in and whose arguments could not be decoded.
    undecodable: AtomicU64,
    /// Until the lane ends. In a page roam's callers do not leave their thread, and channels are not seen.
    #[cfg(not(target_arch = "wasm32"))]
    caller: Mutex<Option<Caller>>,
    snapshot: Mutex<Option<Kept>>,
}

struct Kept {
    snapshot: Arc<LaneDebugSnapshot>,
    until: Instant,
}

impl Lane {
    pub(super) fn new(
        feed: Arc<Feed>,
        service: &'static str,
        direction: Direction,
        id: u64,
    ) -> Self {
        Self {
            opened_ns: feed.now_ns(),
            feed,
            connection: AtomicU64::new(0),
            is_listed: AtomicBool::new(false),
            id,
            service,
            direction,
            closed_ns: AtomicU64::new(0),
            calls: Mutex::default(),
            undecodable: AtomicU64::new(0),
            #[cfg(not(target_arch = "wasm32"))]
            caller: Mutex::new(None),
            snapshot: Mutex::new(None),
        }
    }

    pub(crate) fn connection(&self) -> u64 {
        self.connection.load(Ordering::Relaxed)
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// When it ended; 0 while it is open.
    pub(crate) fn closed_ns(&self) -> u64 {
        self.closed_ns.load(Ordering::Relaxed)
    }

    /// Calls that came in and whose arguments could not be decoded.
    pub(super) fn undecodable(&self) -> u64 {
        self.undecodable.load(Ordering::Relaxed)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.closed_ns() == 0
    }

    /// Where roam tells the state of the lane.
    pub(crate) fn set_caller(&self, caller: Caller) {
        self.keep_caller(Some(caller));
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn keep_caller(&self, caller: Option<Caller>) {
        *self.caller.lock() = caller;
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn caller(&self) -> Option<Caller> {
        self.caller.lock().clone()
    }

    #[cfg(target_arch = "wasm32")]
    fn keep_caller(&self, _caller: Option<Caller>) {}

    #[cfg(target_arch = "wasm32")]
    fn caller(&self) -> Option<Caller> {
        None
    }

    /// Marks it as ended; false if it was already.
    pub(super) fn end(&self, now_ns: u64) -> bool {
        self.keep_caller(None);
        self.snapshot.lock().take();
        let ended =
            self.closed_ns
                .compare_exchange(0, now_ns.max(1), Ordering::AcqRel, Ordering::Acquire);
        ended.is_ok()
    }

    /// What roam says of the lane, at most a little old; none once it has ended, or where only calls are
    /// seen of it.
    pub(crate) fn snapshot(&self) -> Option<Arc<LaneDebugSnapshot>> {
        let mut kept = self.snapshot.lock();
        let now = Instant::now();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.until > now) {
            return Some(kept.snapshot.clone());
        }
        let caller = self.caller()?;
        let snapshot = Arc::new(caller.debug_snapshot().lanes.pop()?);
        let taken = now.elapsed();
        *kept = Some(Kept {
            snapshot: snapshot.clone(),
            until: now + SNAPSHOT_FOR.max(taken * 20),
        });
        Some(snapshot)
    }

    /// Something that happened to it.
    pub(crate) fn happened(&self, kind: &'static str, at_ns: u64) -> Happened {
        Happened {
            kind,
            at_ns,
            connection: self.connection(),
            lane: self.id(),
            direction: Some(self.direction),
            service: self.service,
            method: "",
            channel: 0,
            outcome: "",
            duration_ns: 0,
            trace_id: TraceId::default(),
            span_id: SpanId::default(),
        }
    }
}

/// What is known of a call at its start.
pub(crate) struct Beginning<'c> {
    pub(crate) names: Names,
    pub(crate) id: MethodId,
    /// 0 where not known.
    pub(crate) request: u64,
    pub(crate) span: &'c Span,
    /// The caller's span, of an incoming call.
    pub(crate) parent_id: SpanId,
    /// Ids of the channels that came with it, as far as known.
    pub(crate) channels: &'c [vox::ChannelId],
    pub(crate) now_ns: u64,
}

/// A call that is watched until it ends, or until this is dropped.
pub(crate) struct Watched {
    lane: Arc<Lane>,
    slot: Slot,
    call: Active,
    /// Only kept where someone listens.
    channels: Vec<vox::ChannelId>,
    is_over: bool,
}

impl Watched {
    #[inline]
    pub(crate) fn begin(lane: &Arc<Lane>, beginning: Beginning<'_>) -> Self {
        let context = beginning.span.context();
        let call = Active {
            names: beginning.names,
            id: beginning.id,
            request: beginning.request,
            started_ns: beginning.now_ns,
            trace_id: context.map(|c| c.trace_id()).unwrap_or_default(),
            span_id: context.map(|c| c.span_id()).unwrap_or_default(),
            parent_id: beginning.parent_id,
            channels: beginning.channels.len() as u64,
        };
        let slot = lane.calls.lock().begin(call);
        let watched = Self {
            lane: lane.clone(),
            slot,
            call,
            // Does not allocate for the usual call, which has none.
            channels: beginning.channels.to_vec(),
            is_over: false,
        };
        let at_ns = call.started_ns;
        lane.feed
            .tell(|| watched.happened(event::CALL_STARTED, at_ns));
        watched.tell_channels(event::CHANNEL_OPENED, at_ns);
        watched
    }

    /// The call ended: `ok`, or the kind of failure.
    #[inline]
    pub(crate) fn end(mut self, outcome: &'static str, now_ns: u64) {
        self.finish(outcome, now_ns);
    }

    fn finish(&mut self, outcome: &'static str, now_ns: u64) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        let duration_ns = now_ns.saturating_sub(self.call.started_ns);
        let is_failure = outcome != crate::outcome::OK;
        let mut calls = self.lane.calls.lock();
        calls.end(self.slot, &self.call, duration_ns, is_failure);
        drop(calls);
        let is_incoming = self.lane.direction == Direction::Incoming;
        if is_incoming && outcome == crate::outcome::INVALID_PAYLOAD {
            self.lane.undecodable.fetch_add(1, Ordering::Relaxed);
        }
        self.tell_channels(event::CHANNEL_CLOSED, now_ns);
        self.lane.feed.tell(|| Happened {
            outcome,
            duration_ns,
            ..self.happened(event::CALL_ENDED, now_ns)
        });
    }

    fn happened(&self, kind: &'static str, at_ns: u64) -> Happened {
        Happened {
            service: self.call.names.service,
            method: self.call.names.method,
            trace_id: self.call.trace_id,
            span_id: self.call.span_id,
            ..self.lane.happened(kind, at_ns)
        }
    }

    fn tell_channels(&self, kind: &'static str, at_ns: u64) {
        for channel in &self.channels {
            self.lane.feed.tell(|| Happened {
                channel: channel.0,
                ..self.happened(kind, at_ns)
            });
        }
    }
}

impl Drop for Watched {
    /// A caller that gave up, a handler that was cancelled or panicked.
    fn drop(&mut self) {
        if !self.is_over {
            let now_ns = self.lane.feed.now_ns();
            self.finish(crate::outcome::DROPPED, now_ns);
        }
    }
}
