//! What the tests of the store share.

use std::sync::Arc;

use hindsight_protocol::hub::ReasonCount;
use hindsight_protocol::{CheckedBatch, Span, TraceId};
use hindsight_store::{Appended, BatchSource, Snapshot, Store};
use hindsight_testkit::builder::batch;

pub(crate) fn trace(low: u64) -> TraceId {
    TraceId { high: 0, low }
}

pub(crate) fn append(store: &mut Store, spans: &[Span], now_ns: u64) -> Appended {
    append_batch(store, batch(spans), now_ns)
}

pub(crate) fn append_batch(store: &mut Store, batch: CheckedBatch, now_ns: u64) -> Appended {
    let appended = store.append(&Arc::new(batch), BatchSource::default(), now_ns);
    let (ingest, stored) = store.counters();
    let known = ingest.inserted + ingest.updated + ingest.duplicate + ingest.rejected;
    assert_eq!(ingest.received, known);
    let kept = stored.live + stored.expired + stored.evicted + stored.cleared;
    assert_eq!(ingest.inserted, kept);
    appended
}

pub(crate) fn spans_of(snapshot: &Snapshot, trace: TraceId, page_spans_max: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut page = 0;
    loop {
        let reply = snapshot.trace_page(trace, page, page_spans_max);
        spans.extend(reply.batch.check().expect("a sound page").to_spans());
        page = reply.next_page;
        if page == 0 {
            return spans;
        }
    }
}

pub(crate) fn count(reason: &str, count: u64) -> ReasonCount {
    ReasonCount {
        reason: reason.to_owned(),
        count,
    }
}

pub(crate) fn reason_count(store: &Store, name: &str) -> u64 {
    let reasons = store.reasons();
    let found = reasons.iter().find(|known| known.reason == name);
    found.map_or(0, |known| known.count)
}
