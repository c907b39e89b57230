//! One subscription, from its first snapshot to its end.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{HubError, LiveEvent, LiveRequest, TraceSummary};
use hindsight_store::{Change, Snapshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::event::{self, ChangeEvents};
use super::feed::{Taken, Ticket};
use super::filter::Filter;
use crate::config::LiveLimits;
use crate::engine::Engine;
use crate::reads;
use crate::telemetry::{Reason, Telemetry};

/// Why a subscription ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamEnd {
    /// The subscriber went away.
    Left,
    /// The subscriber took nothing for this long.
    Stalled(Duration),
    /// The hub is stopping.
    Stopping,
}

impl std::fmt::Display for StreamEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Left => f.write_str("the subscriber left"),
            Self::Stalled(time) => write!(f, "the subscriber took nothing for {time:?}"),
            Self::Stopping => f.write_str("the hub is stopping"),
        }
    }
}

/// Where a subscription sends its events.
pub(crate) trait Sink {
    /// Waits for the receiver's credit; `Err` when it has gone.
    fn send(&self, event: LiveEvent) -> impl Future<Output = Result<(), ()>> + Send;
}

impl Sink for vox::Tx<LiveEvent> {
    async fn send(&self, event: LiveEvent) -> Result<(), ()> {
        vox::Tx::send(self, event).await.map_err(|_closed| ())
    }
}

/// A subscriber's state. Made with a place in the ring, before any snapshot is taken.
pub(crate) struct Subscription<'a> {
    pub(super) engine: &'a Engine,
    pub(super) telemetry: &'a Telemetry,
    pub(super) limits: &'a LiveLimits,
    ticket: Ticket,
    filter: Filter,
    snapshot_traces: usize,
    /// Revision that the subscriber has reached.
    reached: u64,
    /// Traces whose summaries have changed since they were sent.
    stale: HashSet<TraceId>,
    summaries_due: Instant,
    heartbeat_due: Instant,
    events: u64,
}

/// What made the stream go on.
enum Wake {
    Changes,
    Summaries,
    Heartbeat,
}

/// The subscriber is too far behind for the changes one by one.
struct Lag {
    missed: u64,
}

impl<'a> Subscription<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        telemetry: &'a Telemetry,
        limits: &'a LiveLimits,
        ticket: Ticket,
        (request, snapshot_traces): (&LiveRequest, usize),
    ) -> Self {
        let now = Instant::now();
        Self {
            engine,
            telemetry,
            limits,
            ticket,
            filter: Filter::new(request),
            snapshot_traces,
            reached: 0,
            stale: HashSet::new(),
            summaries_due: now,
            heartbeat_due: now + limits.heartbeat_interval,
            events: 0,
        }
    }

    /// Events sent so far.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Sends events until the subscriber leaves, stalls, or the hub stops.
    pub(crate) async fn run(&mut self, sink: &impl Sink) -> StreamEnd {
        loop {
            let round = async {
                self.send_snapshot(sink).await?;
                self.follow(sink).await
            };
            let lag = match round.await {
                Ok(lag) => lag,
                Err(end) => return end,
            };
            self.telemetry.count(Reason::LiveMissed, lag.missed);
            let event = LiveEvent {
                kind: LiveEvent::KIND_LAGGED,
                revision: self.reached,
                missed: lag.missed,
                ..LiveEvent::default()
            };
            if let Err(end) = self.send(sink, event).await {
                return end;
            }
        }
    }

    async fn send_snapshot(&mut self, sink: &impl Sink) -> Result<(), StreamEnd> {
        let snapshot = self.snapshot().await?;
        self.stale.clear();
        self.reached = snapshot.revision();
        for event in self.summaries_of(&snapshot).await? {
            self.send(sink, event).await?;
        }
        if let Some(trace_id) = self.filter.trace_id().filter(|_| self.filter.spans) {
            self.send_spans(sink, &snapshot, trace_id).await?;
        }
        let end = LiveEvent {
            kind: LiveEvent::KIND_SNAPSHOT_END,
            revision: self.reached,
            ..LiveEvent::default()
        };
        self.send(sink, end).await
    }

    async fn summaries_of(&self, snapshot: &Arc<Snapshot>) -> Result<Vec<LiveEvent>, StreamEnd> {
        if !self.filter.traces {
            return Ok(Vec::new());
        }
        let (filter, limit) = (self.filter.clone(), self.snapshot_traces);
        let newest = move |snapshot: &Snapshot| match filter.trace_id() {
            Some(id) => snapshot.summary(id).into_iter().collect(),
            None => reads::newest(snapshot, limit, filter.service()),
        };
        let all = reads::off_thread(snapshot, newest)
            .await
            .map_err(stopping)?;
        let bytes_max = self.limits.event_bytes_max;
        let kind = LiveEvent::KIND_SNAPSHOT;
        Ok(event::summaries(kind, self.reached, all, bytes_max))
    }

    async fn send_spans(
        &mut self,
        sink: &impl Sink,
        snapshot: &Arc<Snapshot>,
        trace_id: TraceId,
    ) -> Result<(), StreamEnd> {
        let mut page = 0;
        loop {
            let (filter, bytes_max) = (self.filter.clone(), self.limits.event_bytes_max);
            let read = move |snapshot: &Snapshot| {
                let reply = reads::page(snapshot, trace_id, page);
                let mut events = ChangeEvents::snapshot(bytes_max, snapshot.revision());
                if let Ok(rows) = reply.batch.check() {
                    events.add_rows(&rows, &filter);
                }
                (events.finish(), reply.next_page)
            };
            let (events, next_page) = reads::off_thread(snapshot, read).await.map_err(stopping)?;
            for event in events {
                self.send(sink, event).await?;
            }
            if next_page == 0 {
                return Ok(());
            }
            page = next_page;
        }
    }

    /// Sends changes until the subscriber lags.
    async fn follow(&mut self, sink: &impl Sink) -> Result<Lag, StreamEnd> {
        loop {
            match self.wake().await {
                Wake::Changes => {
                    if let Some(lag) = self.send_changes(sink).await? {
                        return Ok(lag);
                    }
                }
                Wake::Summaries => self.send_summaries(sink).await?,
                Wake::Heartbeat => self.send_heartbeat(sink).await?,
            }
        }
    }

    /// Summaries that are due go before further changes, or a busy hub would never send any.
    async fn wake(&mut self) -> Wake {
        let (summaries_due, heartbeat_due) = (self.summaries_due, self.heartbeat_due);
        tokio::select! {
            biased;
            () = sleep_until(summaries_due), if !self.stale.is_empty() => Wake::Summaries,
            () = self.ticket.ready() => Wake::Changes,
            () = sleep_until(heartbeat_due) => Wake::Heartbeat,
        }
    }

    async fn send_changes(&mut self, sink: &impl Sink) -> Result<Option<Lag>, StreamEnd> {
        let changes = match self.ticket.take() {
            Taken::Changes(changes) => changes,
            Taken::Lagged { missed } => return Ok(Some(self.give_up(missed))),
        };
        let reached = self.reached;
        let fresh = changes.into_iter().filter(|c| c.revision > reached);
        let fresh: Vec<Arc<Change>> = fresh.collect();
        self.note_stale(&fresh);
        for event in self.events_of(&fresh) {
            self.reached = self.reached.max(event.revision);
            self.send(sink, event).await?;
        }
        if let Some(last) = fresh.last() {
            self.reached = last.revision;
        }
        let too_many = self.stale.len() > self.limits.summaries_pending_max;
        Ok(too_many.then(|| self.give_up(0)))
    }

    fn events_of(&self, changes: &[Arc<Change>]) -> Vec<LiveEvent> {
        let bytes_max = self.limits.event_bytes_max;
        let whole_bytes_max = self.limits.event_whole_bytes_max;
        if let [only] = changes
            && let Some(event) = event::whole(only, &self.filter, whole_bytes_max)
        {
            return vec![event];
        }
        let mut events = ChangeEvents::changes(bytes_max, self.reached);
        for change in changes {
            events.add(change, &self.filter, whole_bytes_max);
        }
        events.finish()
    }

    fn note_stale(&mut self, changes: &[Arc<Change>]) {
        if self.filter.traces {
            let ids = changes.iter().flat_map(|change| &change.trace_ids);
            let wanted = ids.filter(|id| self.filter.passes_trace(**id));
            self.stale.extend(wanted);
        }
    }

    fn give_up(&mut self, missed: u64) -> Lag {
        let missed = missed + self.ticket.skip_all();
        Lag { missed }
    }

    async fn send_summaries(&mut self, sink: &impl Sink) -> Result<(), StreamEnd> {
        let stale = std::mem::take(&mut self.stale);
        let snapshot = self.snapshot().await?;
        let filter = self.filter.clone();
        let read = move |snapshot: &Snapshot| {
            let all = stale.into_iter().map(|id| summary_or_gone(snapshot, id));
            all.filter(|s| s.spans == 0 || filter.passes_summary(s))
                .collect()
        };
        let all = reads::off_thread(&snapshot, read).await.map_err(stopping)?;
        let bytes_max = self.limits.event_bytes_max;
        for event in event::summaries(LiveEvent::KIND_CHANGE, self.reached, all, bytes_max) {
            self.send(sink, event).await?;
        }
        self.summaries_due = Instant::now() + self.limits.summary_interval;
        Ok(())
    }

    async fn send_heartbeat(&mut self, sink: &impl Sink) -> Result<(), StreamEnd> {
        let event = LiveEvent {
            kind: LiveEvent::KIND_HEARTBEAT,
            revision: self.reached,
            ..LiveEvent::default()
        };
        self.send(sink, event).await
    }

    async fn send(&mut self, sink: &impl Sink, event: LiveEvent) -> Result<(), StreamEnd> {
        let limit = self.limits.stall_timeout;
        match timeout(limit, sink.send(event)).await {
            Ok(Ok(())) => {
                self.events += 1;
                self.heartbeat_due = Instant::now() + self.limits.heartbeat_interval;
                Ok(())
            }
            Ok(Err(())) => Err(StreamEnd::Left),
            Err(_elapsed) => Err(StreamEnd::Stalled(limit)),
        }
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, StreamEnd> {
        let snapshot = self.engine.snapshot().await;
        snapshot.map_err(|_| StreamEnd::Stopping)
    }
}

/// The trace's summary; one of no spans tells that nothing of the trace is stored any more.
fn summary_or_gone(snapshot: &Snapshot, trace_id: TraceId) -> TraceSummary {
    snapshot.summary(trace_id).unwrap_or(TraceSummary {
        trace_id,
        ..TraceSummary::default()
    })
}

fn stopping(_: HubError) -> StreamEnd {
    StreamEnd::Stopping
}
