//! `DodecaIntrospection`, answered from what is known of the site.
//!
//! Holds: an answer waits for nothing but the site's lock. A stream ends when its reader closes it, takes
//! nothing for [`STALL_TIMEOUT`], or the program ends.

use std::sync::{Arc, Weak};
use std::time::Duration;

use hindsight_protocol::DodecaIntrospection;
use hindsight_protocol::introspection::dodeca::{
    BuildEvent, BuildInfo, BuildInfoRequest, ChangeExplanation, ExplainChangeRequest, ListPages,
    ListPagesRequest, TemplateStats, TemplateStatsRequest,
};
use hindsight_protocol::introspection::{StreamEnd, StreamRequest};
use tokio::time::timeout;

use crate::attach::{Attached, now_ns};

/// A reader that takes nothing for so long is given up.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Events taken at a time.
const TAKE_MAX: usize = 64;

/// Answers. It does not keep the site: that is the program's.
#[derive(Clone, Debug)]
pub(crate) struct Introspection {
    attached: Weak<Attached>,
    process: String,
}

impl Introspection {
    pub(crate) fn new(attached: Arc<Attached>) -> Self {
        Self {
            attached: Arc::downgrade(&attached),
            process: process_name(),
        }
    }
}

/// As the tracer calls the process.
fn process_name() -> String {
    let said = |name| {
        std::env::var(name)
            .ok()
            .filter(|name: &String| !name.is_empty())
    };
    let said = said("HINDSIGHT_SERVICE_NAME").or_else(|| said("OTEL_SERVICE_NAME"));
    said.unwrap_or_else(|| {
        let path = std::env::current_exe().unwrap_or_default();
        let stem = path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    })
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
    async fn run(&mut self, sink: &vox::Tx<BuildEvent>) -> &'static str {
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
            if news.changed().await.is_err() {
                return GONE;
            }
        }
    }

    async fn tell(
        &mut self,
        sink: &vox::Tx<BuildEvent>,
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
            match timeout(STALL_TIMEOUT, sink.send(event)).await {
                Ok(Ok(())) => self.end.told += 1,
                Ok(Err(_closed)) => return Err("the reader closed the stream"),
                Err(_late) => return Err("the reader stalled"),
            }
        }
        Ok(())
    }
}
