//! `DodecaIntrospection`, answered from what is known of the site.
//!
//! Holds: an answer waits for nothing but the site's lock. A stream ends when its reader closes it, takes
//! nothing for [`STALL_TIMEOUT`], or the program ends.

use std::sync::{Arc, Weak};
use std::time::Duration;

use hindsight_protocol::DodecaIntrospection;
use hindsight_protocol::introspection::dodeca::{
    BuildEvent, BuildInfo, BuildInfoRequest, ChangeExplanation, ExplainChangeRequest, ListPages,
    ListPagesRequest, TemplateStats, TemplateStatsRequest, event,
};
use hindsight_protocol::introspection::{StreamEnd, StreamRequest};
use tokio::time::timeout;

use crate::attach::{Attached, now_ns};

/// A reader that takes nothing for so long is given up.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// A reader is told this often that nothing happened.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(5);
/// Events taken at a time.
const TAKE_MAX: usize = 64;

/// Answers to viewers. It does not keep the site: that is the program's, and ends with its guard.
#[derive(Clone, Debug)]
pub struct Introspection {
    attached: Weak<Attached>,
    process: String,
}

impl Introspection {
    pub(crate) fn new(attached: &Arc<Attached>) -> Self {
        Self {
            attached: Arc::downgrade(attached),
            process: attached.tracer.service_name().to_owned(),
        }
    }
}

impl DodecaIntrospection for Introspection {
    async fn get_build_info(&self, _request: BuildInfoRequest) -> BuildInfo {
        let now_ns = now_ns();
        let info = |attached: Arc<Attached>| attached.site.lock().build_info(now_ns);
        BuildInfo {
            process: self.process.clone(),
            ..self.attached.upgrade().map(info).unwrap_or_default()
        }
    }

    async fn list_pages(&self, request: ListPagesRequest) -> ListPages {
        let list = |attached: Arc<Attached>| attached.site.lock().list_pages(&request);
        self.attached.upgrade().map(list).unwrap_or_default()
    }

    async fn get_template_stats(&self, _request: TemplateStatsRequest) -> TemplateStats {
        let stats = |attached: Arc<Attached>| attached.site.lock().template_stats();
        self.attached.upgrade().map(stats).unwrap_or_default()
    }

    async fn explain_change(&self, request: ExplainChangeRequest) -> ChangeExplanation {
        let explain = |attached: Arc<Attached>| attached.site.lock().changes.explain(&request);
        self.attached.upgrade().map(explain).unwrap_or_default()
    }

    async fn stream_build_events(
        &self,
        request: StreamRequest,
        events: vox::Tx<BuildEvent>,
    ) -> StreamEnd {
        let mut stream = Stream {
            attached: self.attached.clone(),
            kinds: request.kinds,
            sequence: 0,
            end: StreamEnd::default(),
        };
        stream.end.reason = stream.run(&events).await.to_owned();
        stream.end
    }
}

/// Where events go.
trait Sink {
    /// Waits until the reader has room; an error when it left.
    async fn send(&self, event: BuildEvent) -> Result<(), ()>;
}

impl Sink for vox::Tx<BuildEvent> {
    async fn send(&self, event: BuildEvent) -> Result<(), ()> {
        vox::Tx::send(self, event).await.map_err(|_closed| ())
    }
}

/// A reader's stream.
struct Stream {
    attached: Weak<Attached>,
    /// Only these; all if empty.
    kinds: Vec<String>,
    sequence: u64,
    end: StreamEnd,
}

impl Stream {
    /// Says why it ended.
    async fn run(&mut self, sink: &impl Sink) -> &'static str {
        const GONE: &str = "the program ends";
        let Some((mut place, mut news)) = self.attached.upgrade().map(|attached| {
            let site = attached.site.lock();
            (site.events.first_place(), site.events.news())
        }) else {
            return GONE;
        };
        loop {
            news.mark_unchanged();
            let Some((gone, taken, after)) = self.attached.upgrade().map(|attached| {
                let site = attached.site.lock();
                site.events.read(place, TAKE_MAX)
            }) else {
                return GONE;
            };
            if let Err(reason) = self.tell(sink, gone, taken).await {
                return reason;
            }
            if after > place {
                place = after;
                continue;
            }
            match timeout(HEARTBEAT_EVERY, news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_gone)) => return GONE,
                Err(_quiet) => {
                    let heartbeat = BuildEvent {
                        at_ns: now_ns(),
                        kind: event::HEARTBEAT.to_owned(),
                        ..BuildEvent::default()
                    };
                    if let Err(reason) = self.send(sink, heartbeat).await {
                        return reason;
                    }
                }
            }
        }
    }

    async fn tell(
        &mut self,
        sink: &impl Sink,
        gone: u64,
        taken: Vec<BuildEvent>,
    ) -> Result<(), &'static str> {
        let mut dropped = gone;
        self.end.dropped += gone;
        let kinds = &self.kinds;
        let wanted = |event: &BuildEvent| kinds.is_empty() || kinds.contains(&event.kind);
        for event in taken.into_iter().filter(wanted) {
            self.sequence += dropped + 1;
            let event = BuildEvent {
                sequence: self.sequence,
                dropped: std::mem::take(&mut dropped),
                ..event
            };
            self.send(sink, event).await?;
            self.end.told += 1;
        }
        Ok(())
    }

    async fn send(&self, sink: &impl Sink, event: BuildEvent) -> Result<(), &'static str> {
        match timeout(STALL_TIMEOUT, sink.send(event)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_closed)) => Err("the reader closed the stream"),
            Err(_late) => Err("the reader stalled"),
        }
    }
}
