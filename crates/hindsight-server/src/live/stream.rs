//! One subscription, from its first snapshot to its end.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{HubError, LiveEvent, LiveRequest, TraceSummary};
use hindsight_store::{Change, Prepared, Snapshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::event::{self, ChangeEvents};
use super::feed::{Taken, Ticket};
use super::filter::Filter;
use super::sieve::Sieve;
use crate::config::LiveLimits;
use crate::hub::Hub;
use crate::queries::Run;
use crate::reads;
use crate::telemetry::Reason;

/// Summaries that are dear to find, by a query over large traces, are looked for less often.
const PAUSE_PER_WORK: u32 = 3;

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
    hub: &'a Hub,
    limits: &'a LiveLimits,
    ticket: Ticket,
    filter: Arc<Filter>,
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
    /// `query` is the request's, made ready; its relative times stay those of this moment.
    pub(crate) fn new(
        hub: &'a Hub,
        ticket: Ticket,
        (request, query): (&LiveRequest, Option<Prepared>),
    ) -> Self {
        let now = Instant::now();
        let (limits, reads) = (&hub.config.live, &hub.config.reads);
        let asked = request.snapshot_limit;
        Self {
            hub,
            limits,
            ticket,
            filter: Arc::new(Filter::new(request, query)),
            snapshot_traces: reads::limit(asked, reads.list_traces_default, reads.list_traces_max),
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
            self.hub.telemetry.count(Reason::LiveMissed, lag.missed);
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
        let limit = self.snapshot_traces;
        let first = move |sieve: &mut Sieve<'_>, snapshot: &Snapshot| sieve.first(snapshot, limit);
        let all = self.look(snapshot, first).await?;
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
            let bytes_max = self.limits.event_bytes_max;
            let read = move |sieve: &mut Sieve<'_>, snapshot: &Snapshot| {
                let reply = reads::page(snapshot, trace_id, page);
                let mut events = ChangeEvents::snapshot(bytes_max, snapshot.revision());
                if let Ok(rows) = reply.batch.check() {
                    events.add_rows(&rows, sieve);
                }
                (events.finish(), reply.next_page)
            };
            let (events, next_page) = self.look(snapshot, read).await?;
            for event in events {
                self.send(sink, event).await?;
            }
            if next_page == 0 {
                return Ok(());
            }
            page = next_page;
        }
    }

    /// Looks at the store on a thread for blocking work; with a query, as one of the queries that
    /// may run at a time.
    async fn look<T: Send + 'static>(
        &self,
        snapshot: &Arc<Snapshot>,
        look: impl FnOnce(&mut Sieve<'_>, &Snapshot) -> T + Send + 'static,
    ) -> Result<T, StreamEnd> {
        let filter = Arc::clone(&self.filter);
        if filter.query().is_none() {
            let plain = move |snapshot: &Snapshot| look(&mut Sieve::new(&filter), snapshot);
            return reads::off_thread(snapshot, plain).await.map_err(stopping);
        }
        let place = self.hub.queries.some_time().await.map_err(stopping)?;
        let judged = move |snapshot: &Snapshot, run: &Run<'_>| {
            let mut sieve = Sieve::over(&filter, snapshot, run);
            let seen = look(&mut sieve, snapshot);
            (seen, sieve.unjudged())
        };
        let (seen, unjudged) = place.run(snapshot, judged).await.map_err(stopping)?;
        self.hub.telemetry.count(Reason::LiveUnjudged, unjudged);
        Ok(seen)
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
        let last = fresh.last().map(|change| change.revision);
        for event in self.events_of(fresh).await? {
            self.reached = self.reached.max(event.revision);
            self.send(sink, event).await?;
        }
        self.reached = last.unwrap_or(self.reached);
        let too_many = self.stale.len() > self.limits.summaries_pending_max;
        Ok(too_many.then(|| self.give_up(0)))
    }

    async fn events_of(&self, changes: Vec<Arc<Change>>) -> Result<Vec<LiveEvent>, StreamEnd> {
        let whole_bytes_max = self.limits.event_whole_bytes_max;
        if let [only] = &changes[..]
            && let Some(event) = event::whole(only, &self.filter, whole_bytes_max)
        {
            return Ok(vec![event]);
        }
        let (bytes_max, reached) = (self.limits.event_bytes_max, self.reached);
        let gather = move |sieve: &mut Sieve<'_>| {
            let mut events = ChangeEvents::changes(bytes_max, reached);
            for change in &changes {
                events.add(change, sieve, whole_bytes_max);
            }
            events.finish()
        };
        if self.filter.needs_trace() && self.filter.spans {
            // Taken after the changes, so it has their spans.
            let snapshot = self.snapshot().await?;
            return self.look(&snapshot, move |sieve, _| gather(sieve)).await;
        }
        if self.filter.query().is_none() {
            return Ok(gather(&mut Sieve::new(&self.filter)));
        }
        let filter = Arc::clone(&self.filter);
        let judged = reads::blocking(move || gather(&mut Sieve::new(&filter)));
        judged.await.map_err(stopping)
    }

    fn note_stale(&mut self, changes: &[Arc<Change>]) {
        if self.filter.traces {
            let ids = changes.iter().flat_map(|change| change.trace_ids());
            let wanted = ids.filter(|id| self.filter.passes_trace(**id));
            self.stale.extend(wanted);
        }
    }

    fn give_up(&mut self, missed: u64) -> Lag {
        let missed = missed + self.ticket.skip_all();
        Lag { missed }
    }

    async fn send_summaries(&mut self, sink: &impl Sink) -> Result<(), StreamEnd> {
        let began = Instant::now();
        let stale = std::mem::take(&mut self.stale);
        let snapshot = self.snapshot().await?;
        let read = move |sieve: &mut Sieve<'_>, snapshot: &Snapshot| {
            let all = stale.into_iter().map(|id| summary_or_gone(snapshot, id));
            let passed = all.filter(|s| s.spans == 0 || sieve.passes_summary(s));
            let passed: Vec<_> = passed.collect();
            let sieve = &*sieve;
            let told = passed.into_iter().map(|s| sieve.with_columns(snapshot, s));
            told.collect()
        };
        let all = self.look(&snapshot, read).await?;
        drop(snapshot);
        let spent = began.elapsed();
        let bytes_max = self.limits.event_bytes_max;
        for event in event::summaries(LiveEvent::KIND_CHANGE, self.reached, all, bytes_max) {
            self.send(sink, event).await?;
        }
        let pause = self.limits.summary_interval.max(spent * PAUSE_PER_WORK);
        self.summaries_due = Instant::now() + pause;
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
        let snapshot = self.hub.engine.snapshot().await;
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
