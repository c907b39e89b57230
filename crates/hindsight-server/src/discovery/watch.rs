//! A viewer that is told which apps there are.
//!
//! In: the registry's news. Out: events, the list first. Holds: the hub never waits for a viewer, each
//! has its own task; a viewer that falls behind is told the newest state of what changed, once, so that
//! nothing piles up. Bounded: an event by `news_bytes_max`; a round of events each `news_interval`;
//! a heartbeat when there is no news; a viewer that takes nothing for `stall_timeout` is cut off.

use std::time::Duration;

use hindsight_protocol::hub::AppsEvent;
use tokio::time::{sleep, timeout};

use super::news::{Mark, News};
use super::registry::Registry;
use crate::clock::now_ns;
use crate::config::LiveLimits;

/// Why a viewer is not told any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchEnd {
    /// It went away.
    Left,
    /// It took nothing for this long.
    Stalled(Duration),
    /// The hub is stopping.
    Stopping,
}

impl std::fmt::Display for WatchEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Left => f.write_str("the viewer left"),
            Self::Stalled(time) => write!(f, "the viewer took nothing for {time:?}"),
            Self::Stopping => f.write_str("the hub is stopping"),
        }
    }
}

/// Where news goes.
pub(crate) trait NewsSink {
    /// Waits for the receiver's credit; `Err` when it has gone.
    fn send(&self, event: AppsEvent) -> impl Future<Output = Result<(), ()>> + Send;
}

impl NewsSink for vox::Tx<AppsEvent> {
    async fn send(&self, event: AppsEvent) -> Result<(), ()> {
        vox::Tx::send(self, event).await.map_err(|_closed| ())
    }
}

/// One viewer.
pub(crate) struct Watcher<'a> {
    registry: &'a Registry,
    heartbeat: Duration,
    stall: Duration,
    events: u64,
}

impl<'a> Watcher<'a> {
    /// `live` has the times for heartbeats and stalls.
    pub(crate) fn new(registry: &'a Registry, live: &LiveLimits) -> Self {
        Self {
            registry,
            heartbeat: live.heartbeat_interval,
            stall: live.stall_timeout,
            events: 0,
        }
    }

    /// Events sent so far.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Sends events until the viewer leaves or stalls.
    pub(crate) async fn run(&mut self, sink: &impl NewsSink) -> WatchEnd {
        let mut told = None;
        loop {
            let news = self.registry.news(told, now_ns());
            if let Err(end) = self.tell(sink, &news).await {
                return end;
            }
            told = Some(news.mark);
            sleep(self.registry.limits.news_interval).await;
            if let Err(end) = self.wait(sink, news.mark, news.next_gone_ns).await {
                return end;
            }
        }
    }

    async fn tell(&mut self, sink: &impl NewsSink, news: &News) -> Result<(), WatchEnd> {
        let mut rest = news.of.as_slice();
        let mut begins = news.begins;
        while begins || !rest.is_empty() {
            let now_ns = now_ns();
            let (apps, taken) = self.registry.infos(rest, now_ns);
            rest = &rest[taken..];
            let event = AppsEvent {
                begins,
                has_more: !rest.is_empty(),
                apps,
                now_ns,
            };
            self.send(sink, event).await?;
            begins = false;
        }
        Ok(())
    }

    /// Until there may be news.
    async fn wait(
        &mut self,
        sink: &impl NewsSink,
        told: Mark,
        next_gone_ns: Option<u64>,
    ) -> Result<(), WatchEnd> {
        let away = next_gone_ns.map(|at| Duration::from_nanos(at.saturating_sub(now_ns())));
        tokio::select! {
            biased;
            () = self.registry.renewed(told) => Ok(()),
            () = sleep(away.unwrap_or(Duration::MAX)), if away.is_some() => Ok(()),
            () = sleep(self.heartbeat) => {
                let heartbeat = AppsEvent { now_ns: now_ns(), ..AppsEvent::default() };
                self.send(sink, heartbeat).await
            }
        }
    }

    async fn send(&mut self, sink: &impl NewsSink, event: AppsEvent) -> Result<(), WatchEnd> {
        match timeout(self.stall, sink.send(event)).await {
            Ok(Ok(())) => self.events += 1,
            Ok(Err(())) => return Err(WatchEnd::Left),
            Err(_elapsed) => return Err(WatchEnd::Stalled(self.stall)),
        }
        Ok(())
    }
}
