//! The exporter's loop: one task that owns everything and waits for whatever comes first.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hindsight_connect::CallError;
use hindsight_protocol::hub::{
    AttachRequest, IngestReply, PROTOCOL_VERSION, PingRequest, TracerAccounts,
};
use hindsight_protocol::{HindsightServiceClient, HubError};
use tokio::sync::oneshot;
use vox_rt::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::ExportSettings;
use super::collect::Collector;
use super::control::{Report, Request};
use super::dial::{Dialer, Session, attach, hub_error, options};
use super::ingest::ingest;
use super::queue::Queue;
use crate::error::ConnectError;
use crate::platform::warn;
use crate::random;
use crate::tracer::Shared;

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;
type Answer = Result<IngestReply, CallError<HubError>>;

/// Shortest time between two looks at the buffers.
const TICK_MIN: Duration = Duration::from_millis(5);
/// Longest time between two looks at the open spans.
const TICK_MAX: Duration = Duration::from_millis(50);

/// Shortest time between two requests that the hub ask for services; it looks four times a second.
const TELL_AGAIN: Duration = Duration::from_millis(300);

/// Where the connection stands.
enum Link {
    /// Not to be tried before.
    Waiting(Instant),
    Connecting(LocalFuture<Result<Session, ConnectError>>),
    Up(Session),
    /// There is no way back.
    Gone,
}

/// A flush or shutdown that is under way.
struct Waiting {
    request: Arc<Request>,
    /// Batches up to this one must be settled.
    up_to: u64,
}

pub(super) struct Exporter {
    shared: Arc<Shared>,
    settings: ExportSettings,
    dialer: Dialer,
    link: Link,
    tell_connected: Option<oneshot::Sender<Result<(), ConnectError>>>,
    collector: Collector,
    queue: Queue,
    in_flight: FuturesUnordered<LocalFuture<(u64, u64, Answer)>>,
    pings: FuturesUnordered<LocalFuture<bool>>,
    waiting: Vec<Waiting>,
    /// Number of the connection, from 1.
    epoch: u64,
    failed_attempts: u32,
    hub_id: u64,
    acknowledged: u64,
    acknowledged_elsewhere: u64,
    refused: u64,
    /// Not to send before, as the hub asked.
    paused_until: Instant,
    collected_at: Instant,
    told_absent: bool,
    /// Revision of the exposed services that the hub was told to ask for.
    services_told: u64,
    told_at: Instant,
}

impl Exporter {
    pub(super) fn new(
        shared: Arc<Shared>,
        dialer: Dialer,
        settings: ExportSettings,
        tell_connected: oneshot::Sender<Result<(), ConnectError>>,
    ) -> Self {
        let now = Instant::now();
        Self {
            queue: Queue::new(shared.id, settings.queue_bytes_max),
            shared,
            dialer,
            settings,
            link: Link::Waiting(now),
            tell_connected: Some(tell_connected),
            collector: Collector::default(),
            in_flight: FuturesUnordered::new(),
            pings: FuturesUnordered::new(),
            waiting: Vec::new(),
            epoch: 0,
            failed_attempts: 0,
            hub_id: 0,
            acknowledged: 0,
            acknowledged_elsewhere: 0,
            refused: 0,
            paused_until: now,
            collected_at: now,
            told_absent: false,
            services_told: 0,
            told_at: now,
        }
    }

    pub(super) async fn run(mut self) {
        let mut tick = interval(self.tick_interval());
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ping = interval(self.settings.ping_interval);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let shared = self.shared.clone();
        loop {
            tokio::select! {
                _ = tick.tick() => self.on_tick(),
                () = shared.wake.notified() => self.on_wake(),
                Some((epoch, sequence, answer)) = self.in_flight.next() => {
                    self.on_answer(epoch, sequence, answer);
                }
                event = link_event(&mut self.link) => self.on_link(event),
                _ = ping.tick() => self.send_ping(),
                Some(alive) = self.pings.next() => self.on_ping(alive),
            }
            self.send();
            if self.settle_requests() {
                break;
            }
        }
        self.end().await;
    }

    fn tick_interval(&self) -> Duration {
        self.settings.flush_interval.clamp(TICK_MIN, TICK_MAX)
    }

    fn on_tick(&mut self) {
        self.shared.clock.calibrate();
        // A tick a moment early is the tick: to wait for the next one would double the interval.
        let almost = self.collected_at.elapsed() + self.tick_interval() / 2;
        if almost >= self.settings.flush_interval {
            self.collect();
        }
        if matches!(self.link, Link::Up(_)) {
            self.tell_services();
            let (shared, settings) = (&self.shared, &self.settings);
            self.collector
                .open(shared, settings, self.epoch, &mut self.queue);
        }
    }

    fn on_wake(&mut self) {
        // First the requests, then the buffers: what was recorded before a request is then among
        // the batches up to the last.
        let requests = self.shared.control.take();
        self.collect();
        let up_to = self.queue.last_sequence();
        let waiting = requests
            .into_iter()
            .map(|request| Waiting { request, up_to });
        self.waiting.extend(waiting);
    }

    fn collect(&mut self) {
        self.collected_at = Instant::now();
        self.collector
            .ended(&self.shared, &self.settings, &mut self.queue);
    }

    fn accounts(&self) -> TracerAccounts {
        let buffers = self.shared.buffer_counters();
        TracerAccounts {
            offered: buffers.offered,
            dropped: buffers.dropped + self.queue.dropped,
            acknowledged_elsewhere: self.acknowledged_elsewhere,
            reconnects: self.epoch.saturating_sub(1),
            cut: self.collector.cuts,
        }
    }

    /// Sends what there is, as far as calls are free.
    fn send(&mut self) {
        if self.paused_until > Instant::now() {
            return;
        }
        while matches!(self.link, Link::Up(_)) && self.in_flight.len() < self.settings.in_flight_max
        {
            let accounts = self.accounts();
            let (Link::Up(session), Some(pending)) = (&self.link, self.queue.send_next()) else {
                return;
            };
            if pending.bytes > session.batch_bytes_max {
                // Not even sent: a frame that is too large would cost the connection.
                let (sequence, refusal) = (pending.sequence, session.too_large(pending.bytes));
                self.refuse(sequence, &refusal);
                continue;
            }
            let (epoch, sequence, lane) = (self.epoch, pending.sequence, session.lane.clone());
            let arguments = pending.arguments(accounts);
            self.in_flight.push(Box::pin(async move {
                (
                    epoch,
                    sequence,
                    lane.call(|client| ingest(client, arguments)).await,
                )
            }));
        }
    }

    fn on_answer(&mut self, epoch: u64, sequence: u64, answer: Answer) {
        match answer {
            Ok(reply) => {
                self.shared.told.stored(&reply);
                self.acknowledged += self.settle(sequence);
            }
            Err(_) if epoch != self.epoch => {}
            Err(error) => self.on_refusal(sequence, &error),
        }
    }

    /// Takes a batch off the queue; its records.
    fn settle(&mut self, sequence: u64) -> u64 {
        let Some(settled) = self.queue.settle(sequence) else {
            return 0;
        };
        let records = settled.records;
        if let Some(batch) = settled.into_batch() {
            self.collector.recycle(batch);
        }
        records
    }

    fn on_refusal(&mut self, sequence: u64, error: &CallError<HubError>) {
        match hub_error(error) {
            Some(refusal) if refusal.code == HubError::OVERLOADED => {
                let wait =
                    Duration::from_millis(u64::from(refusal.retry_after_ms.clamp(1, 10_000)));
                self.paused_until = Instant::now() + wait;
                self.queue.unsend(sequence);
            }
            Some(refusal) if refusal.code == HubError::INVALID => {
                self.refuse(sequence, refusal);
            }
            _ => {
                self.queue.unsend(sequence);
                self.disconnect(&error.to_string());
            }
        }
    }

    /// A batch that no hub will take: it goes, and is counted as dropped.
    fn refuse(&mut self, sequence: u64, refusal: &HubError) {
        let records = self.settle(sequence);
        self.shared.told.refused(refusal, records);
        self.refused += records;
    }

    fn disconnect(&mut self, reason: &str) {
        if let Link::Up(session) = &self.link {
            session.connection.abort(reason);
        }
        self.on_lost();
    }

    /// The connection is gone: everything unacknowledged will be sent again.
    fn on_lost(&mut self) {
        self.in_flight.clear();
        self.pings.clear();
        self.queue.unsend_all();
        self.wait_for_retry();
    }

    fn wait_for_retry(&mut self) {
        self.link = match self.dialer.can_dial() {
            true => Link::Waiting(Instant::now() + self.back_off()),
            false => Link::Gone,
        };
        if matches!(self.link, Link::Gone) {
            self.queue.drop_all();
        }
    }

    fn back_off(&self) -> Duration {
        let reconnect = self.settings.reconnect;
        let doubled = reconnect
            .first
            .saturating_mul(1 << self.failed_attempts.min(16));
        doubled
            .min(reconnect.most)
            .mul_f64(1.0 - random::fraction() / 2.0)
    }

    fn on_link(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Retry => self.connect(),
            LinkEvent::Connected(session) => self.on_connected(*session),
            LinkEvent::Failed(error) => self.on_failed(error),
            LinkEvent::Closed => self.on_lost(),
        }
    }

    fn attach_request(&self) -> AttachRequest {
        AttachRequest {
            tracer_id: self.shared.id,
            protocol_version: PROTOCOL_VERSION,
            run: self.shared.run.clone(),
            previous_hub_id: self.hub_id,
        }
    }

    /// Attaches anew after services were exposed: the hub then asks what there is.
    fn tell_services(&mut self) {
        let revision = self.shared.services.revision();
        let due = revision != self.services_told && self.told_at.elapsed() >= TELL_AGAIN;
        let Link::Up(session) = &self.link else {
            return;
        };
        if !due || !self.pings.is_empty() {
            return;
        }
        self.services_told = revision;
        self.told_at = Instant::now();
        let (lane, request) = (session.lane.clone(), self.attach_request());
        self.pings.push(Box::pin(async move {
            let call = |client: &HindsightServiceClient| {
                let client = client.clone();
                async move { client.attach(request).await }
            };
            lane.call(call).await.is_ok()
        }));
    }

    fn connect(&mut self) {
        let settings = self.settings.clone();
        let dialing = self.dialer.attempt(options(&self.shared, &settings));
        self.services_told = self.shared.services.revision();
        self.told_at = Instant::now();
        let request = self.attach_request();
        self.link = Link::Connecting(Box::pin(async move {
            attach(dialing.await?, request, &settings).await
        }));
    }

    fn on_connected(&mut self, session: Session) {
        self.epoch += 1;
        self.failed_attempts = 0;
        if self.hub_id != session.hub_id && self.acknowledged > 0 {
            let lost = std::mem::take(&mut self.acknowledged);
            self.acknowledged_elsewhere += lost;
            warn(&format!(
                "the hub was restarted; it had {lost} records of this process, which are gone unless it kept them"
            ));
        }
        self.hub_id = session.hub_id;
        self.link = Link::Up(session);
        self.on_tick();
        if let Some(tell) = self.tell_connected.take() {
            // Nobody may be waiting any more.
            tell.send(Ok(())).unwrap_or_default();
        }
    }

    fn on_failed(&mut self, error: ConnectError) {
        self.failed_attempts += 1;
        match self.tell_connected.take() {
            Some(tell) if !self.settings.lazy => {
                self.link = Link::Gone;
                // Nobody may be waiting any more.
                tell.send(Err(error)).unwrap_or_default();
                return;
            }
            _ => {}
        }
        if !self.told_absent {
            self.told_absent = true;
            let place = self.dialer.describe();
            warn(&format!(
                "no hub at {place}, spans are kept in memory for now: {error}"
            ));
        }
        self.wait_for_retry();
    }

    fn send_ping(&mut self) {
        let Link::Up(session) = &self.link else {
            return;
        };
        if !self.pings.is_empty() {
            return;
        }
        let lane = session.lane.clone();
        let accounts = self.accounts();
        self.pings.push(Box::pin(async move {
            let call = |client: &HindsightServiceClient| {
                let client = client.clone();
                async move { client.ping(PingRequest { accounts }).await }
            };
            lane.call(call).await.is_ok()
        }));
    }

    fn on_ping(&mut self, alive: bool) {
        if !alive {
            self.disconnect("the hub does not answer");
        }
    }

    fn report(&self, settled: bool) -> Report {
        let accounts = self.accounts();
        Report {
            offered: accounts.offered,
            acknowledged: self.acknowledged,
            acknowledged_elsewhere: self.acknowledged_elsewhere,
            dropped: accounts.dropped + self.refused,
            reconnects: accounts.reconnects,
            cut: accounts.cut,
            settled,
        }
    }

    /// Answers requests that are done or late; says whether to end.
    fn settle_requests(&mut self) -> bool {
        let mut end = matches!(self.link, Link::Gone) && self.epoch == 0;
        let now = Instant::now();
        for waiting in std::mem::take(&mut self.waiting) {
            let settled = self.is_settled(waiting.up_to);
            let away = !waiting.request.patient && self.is_away();
            if settled || away || now >= waiting.request.deadline || matches!(self.link, Link::Gone)
            {
                end |= waiting.request.shutdown;
                waiting.request.answer(self.report(settled));
            } else {
                self.waiting.push(waiting);
            }
        }
        end
    }

    fn is_settled(&self, up_to: u64) -> bool {
        self.queue
            .oldest_sequence()
            .is_none_or(|oldest| oldest > up_to)
    }

    /// Whether the hub is known not to be there.
    fn is_away(&self) -> bool {
        self.failed_attempts > 0 && !matches!(self.link, Link::Up(_))
    }

    async fn end(mut self) {
        self.shared.close();
        if let Link::Up(session) = &self.link {
            self.in_flight.clear();
            session.connection.shutdown();
            // Lets the connection's task send what it has; it needs a moment at most.
            let closing = session.connection.closed();
            drop(timeout(Duration::from_millis(100), closing).await);
        }
        self.shared.control.end(self.report(self.queue.is_empty()));
    }
}

/// What can happen to the connection.
enum LinkEvent {
    Retry,
    Connected(Box<Session>),
    Failed(ConnectError),
    Closed,
}

async fn link_event(link: &mut Link) -> LinkEvent {
    match link {
        Link::Waiting(until) => {
            sleep(until.saturating_duration_since(Instant::now())).await;
            LinkEvent::Retry
        }
        Link::Connecting(connecting) => match connecting.await {
            Ok(session) => LinkEvent::Connected(Box::new(session)),
            Err(error) => LinkEvent::Failed(error),
        },
        Link::Up(session) => {
            session.connection.closed().await;
            LinkEvent::Closed
        }
        Link::Gone => std::future::pending().await,
    }
}
