//! What the reference store answers.

use std::cmp::Reverse;

use hindsight_protocol::hub::{
    IngestCounters, ListTracesRequest, Removal, ServiceSpans, StoreCounters,
    TRACE_COLUMN_BYTES_MAX, TraceSort, TraceSummary,
};
use hindsight_protocol::{KeyValue, OPEN_END_NS, Span, SpanState, StatusCode, TraceId, Value};

use super::{NaiveStore, Place};

impl NaiveStore {
    /// Counters of records and spans.
    pub fn counters(&self) -> (IngestCounters, StoreCounters) {
        (self.ingest, self.store)
    }

    /// Number of changes.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The latest time seen.
    pub fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// Bytes of the long text attributes of spans that are stored.
    pub fn text_bytes(&self) -> u64 {
        let attributes = self.records.iter().flat_map(|r| &r.span.attributes);
        let texts = attributes.filter_map(|attribute| attribute.value.as_str());
        texts.map(|text| text.len() as u64).sum()
    }

    /// Spans that are open.
    pub fn open_spans(&self) -> u64 {
        let open = self.records.iter().filter(|r| r.place == Place::Open);
        open.count() as u64
    }

    /// Traces of which a span is stored.
    pub fn traces(&self) -> u64 {
        self.trace_ids().len() as u64
    }

    fn trace_ids(&self) -> Vec<TraceId> {
        let mut ids: Vec<TraceId> = self.records.iter().map(|r| r.span.trace_id).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The spans of a trace by (start, span id).
    pub fn trace(&self, trace: TraceId) -> Vec<Span> {
        let spans = self.records.iter().map(|record| &record.span);
        let mut spans: Vec<Span> = spans.filter(|s| s.trace_id == trace).cloned().collect();
        spans.sort_by_key(|span| (span.start_ns, span.span_id));
        spans
    }

    /// The summary of a trace.
    pub fn summary(&self, trace: TraceId) -> Option<TraceSummary> {
        let spans = self.trace(trace);
        let root = spans.iter().find(|span| !span.parent_id.is_valid());
        let head = root.or(spans.first())?;
        let count =
            |wanted: &dyn Fn(&Span) -> bool| spans.iter().filter(|s| wanted(s)).count() as u64;
        let has_state = |span: &Span, state: SpanState| span.state == state as u8;
        let ends = spans.iter().map(|s| s.end_ns).filter(|e| *e != OPEN_END_NS);
        let of_trace = self.removals.iter().filter(|(id, _)| *id == trace);
        let lost = of_trace.filter(|(_, removal)| removal.reason != "cleared");
        let lost: Vec<&Removal> = lost.map(|(_, removal)| removal).collect();
        Some(TraceSummary {
            trace_id: trace,
            name: head.name.clone(),
            service: service(head),
            has_root: root.is_some(),
            start_ns: spans.iter().map(|span| span.start_ns).min()?,
            end_ns: ends
                .max()
                .or(spans.iter().map(|span| span.start_ns).max())?,
            spans: spans.len() as u64,
            errors: count(&|span| span.status == StatusCode::Error as u8),
            running: count(&|span| has_state(span, SpanState::Running)),
            aborted: count(&|span| {
                has_state(span, SpanState::Disconnected) || has_state(span, SpanState::Aborted)
            }),
            services: services(&spans),
            removed_spans: lost.len() as u64,
            removed_at_ns: lost.iter().map(|removal| removal.at_ns).max().unwrap_or(0),
            removed_by: match lost.first() {
                Some(first) if lost.iter().all(|r| r.reason == first.reason) => {
                    first.reason.clone()
                }
                _ => String::new(),
            },
            pinned: self.pins.contains(&trace),
            ..TraceSummary::default()
        })
    }

    /// The newest traces.
    pub fn list_traces(&self, request: &ListTracesRequest) -> Vec<TraceSummary> {
        let summaries = self
            .trace_ids()
            .into_iter()
            .filter_map(|id| self.summary(id));
        let mut summaries: Vec<TraceSummary> = summaries
            .filter(|s| request.before_ns == 0 || s.start_ns < request.before_ns)
            .filter(|s| {
                let mut services = s.services.iter();
                request.service.is_empty() || services.any(|of| of.service == request.service)
            })
            .collect();
        summaries.sort_by_key(|summary| (Reverse(summary.start_ns), summary.trace_id));
        for summary in &mut summaries {
            summary.attributes = self.root_attributes(summary.trace_id, &request.columns);
        }
        if let Some(sort) = TraceSort::read(&request.sort) {
            summaries.sort_by(|a, b| sort.compare(a, b));
        }
        summaries.truncate(match request.limit {
            0 => 100,
            limit => limit as usize,
        });
        summaries
    }

    fn root_attributes(&self, trace: TraceId, keys: &[String]) -> Vec<KeyValue> {
        let spans = self.trace(trace);
        let root = spans.iter().find(|span| !span.parent_id.is_valid());
        let Some(head) = root.or(spans.first()) else {
            return Vec::new();
        };
        let of_key = |key: &String| {
            let all = head.attributes.iter().chain(&head.resource.attributes);
            all.clone().find(|attribute| attribute.key == *key).cloned()
        };
        let is_simple = |found: &KeyValue| {
            let value = &found.value;
            !matches!(value, Value::Bytes(_) | Value::Array(_) | Value::Map(_))
        };
        let mut found: Vec<_> = keys.iter().filter_map(of_key).filter(is_simple).collect();
        for attribute in &mut found {
            if let Value::String(text) = &mut attribute.value {
                text.truncate(text.floor_char_boundary(TRACE_COLUMN_BYTES_MAX));
            }
        }
        found
    }

    /// What was removed of a trace, by reason.
    pub fn removals(&self, trace: TraceId) -> Vec<Removal> {
        self.removals_after(trace, 0)
    }

    /// The same of what was removed since the last time when nothing of the trace was left.
    pub fn removals_since_gone(&self, trace: TraceId) -> Vec<Removal> {
        let gone = self.gone.iter().rev().find(|(id, _)| *id == trace);
        self.removals_after(trace, gone.map_or(0, |(_, removals)| *removals))
    }

    fn removals_after(&self, trace: TraceId, first: usize) -> Vec<Removal> {
        let mut sums = Vec::new();
        for reason in ["expired", "evicted", "cleared"] {
            let of_trace = self.removals[first..].iter().filter(|(id, _)| *id == trace);
            let removals = of_trace.map(|(_, r)| r).filter(|r| r.reason == reason);
            if let Some(at_ns) = removals.clone().map(|removal| removal.at_ns).max() {
                sums.push(Removal {
                    reason: reason.to_owned(),
                    at_ns,
                    spans: removals.count() as u64,
                    probably: false,
                });
            }
        }
        sums
    }
}

fn service(span: &Span) -> String {
    let attributes = &span.resource.attributes;
    let name = attributes.iter().find(|a| a.key == "service.name");
    let text = name.and_then(|attribute| attribute.value.as_str());
    text.unwrap_or_default().to_owned()
}

fn services(spans: &[Span]) -> Vec<ServiceSpans> {
    let mut names: Vec<String> = spans.iter().map(service).collect();
    names.sort();
    let same = names.chunk_by(|a, b| a == b);
    let mut services: Vec<ServiceSpans> = same
        .map(|same| ServiceSpans {
            service: same[0].clone(),
            spans: same.len() as u64,
        })
        .collect();
    services.sort_by_key(|service| Reverse(service.spans));
    services
}
