//! Comparing what can be read with what the model says.

use std::sync::Arc;

use hindsight_protocol::hub::{ListTracesRequest, Removal, TraceSummary};
use hindsight_protocol::{Span, TraceId};
use hindsight_store::{Snapshot, reason};

use super::bench::Bench;
use super::operations::{HEAVY_TRACES, SERVICES, TRACES, trace};
use super::scenario::Stress;

/// What was met in all cases, so that none of it is tested by nobody.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Questions for what was removed of a trace, by cause.
    asked: u64,
    exact: u64,
    probable: u64,
    /// Said to be removed though it was not.
    wrong: u64,
    partly: u64,
    pinned: u64,
    pinned_removed: u64,
    evicted_segments: u64,
}

impl Answers {
    pub(crate) fn count_evictions(&mut self, bench: &Bench) {
        let of = bench.take_answers();
        self.asked += of.asked;
        self.exact += of.exact;
        self.probable += of.probable;
        self.wrong += of.wrong;
        self.partly += of.partly;
        self.pinned += of.pinned;
        self.pinned_removed += bench.naive.pinned_removed();
        if bench.stress == Stress::Bytes {
            self.evicted_segments += bench.store.segments_counted().1;
        }
    }

    pub(crate) fn assert_that_all_was_met(&self) {
        assert!(self.exact > 10_000 && self.probable > 1_000, "{self:?}");
        assert!(self.partly > 1_000 && self.pinned > 1_000, "{self:?}");
        assert!(self.evicted_segments > 1_000, "{self:?}");
        assert!(self.wrong < self.asked / 500, "{self:?}");
    }
}

impl Bench {
    /// What holds after each step.
    pub(crate) fn compare_counters(&self) {
        let (ingest, stored) = self.store.counters();
        let known = ingest.inserted + ingest.updated + ingest.duplicate + ingest.rejected;
        assert_eq!(ingest.received, known);
        let kept = stored.live + stored.sampled_out + stored.expired + stored.evicted;
        assert_eq!(ingest.inserted, kept + stored.cleared);
        assert_eq!(self.store.counters(), self.naive.counters());
        assert_eq!(self.store.revision(), self.naive.revision());
        assert_eq!(self.store.segments_counted(), self.naive.segments_counted());
        let pinned_removed = self.reason(reason::PINNED_REMOVED);
        assert_eq!(pinned_removed, self.naive.pinned_removed());
        // No text of a span is stored in fewer bytes.
        let bytes = self.store.memory_bytes();
        assert!(bytes >= self.naive.text_bytes(), "{bytes}");
    }

    fn reason(&self, name: &str) -> u64 {
        let reasons = self.store.reasons();
        let found = reasons.iter().find(|known| known.reason == name);
        found.map_or(0, |known| known.count)
    }

    /// All that can be read.
    pub(crate) fn compare(&mut self, answers: &mut Answers) {
        let snapshot = self.store.snapshot();
        assert_eq!(snapshot.revision(), self.naive.revision());
        assert_eq!(
            (snapshot.ingest(), snapshot.stored()),
            self.naive.counters()
        );
        assert_eq!(snapshot.traces(), self.naive.traces());
        assert_eq!(snapshot.open_spans(), self.naive.open_spans());
        assert_eq!(snapshot.pinned_traces(), self.naive.pinned());
        assert_eq!(snapshot.pinned_bytes() > 0, self.naive.pinned() > 0);
        let mut open = 0;
        snapshot.for_each_open(|row| open += u64::from(row.state().is_open()));
        assert_eq!(open, snapshot.open_spans());
        self.compare_lists(&snapshot);
        self.compare_sorted_lists(&snapshot);
        for id in 0..=TRACES + HEAVY_TRACES {
            self.compare_trace(&snapshot, trace(id));
            self.compare_removals(&snapshot, trace(id), answers);
        }
        answers.pinned += snapshot.pinned_traces();
        if self.keeps_views {
            self.compare_kept(snapshot);
        }
    }

    fn compare_lists(&self, snapshot: &Snapshot) {
        for (limit, before_ns, services) in
            [(0, 0, 1..3), (1, 0, 0..1), (2, 12, 0..3), (0, 5, 0..1)]
        {
            for service in &SERVICES[services] {
                let request = ListTracesRequest {
                    limit,
                    service: (*service).to_owned(),
                    before_ns,
                    ..ListTracesRequest::default()
                };
                let reply = snapshot.list_traces(&request);
                let traces: Vec<_> = reply.traces.into_iter().map(|s| self.exactly(s)).collect();
                assert_eq!(traces, self.naive.list_traces(&request), "{request:?}");
                assert_eq!(reply.total, self.naive.traces());
            }
        }
    }

    fn compare_sorted_lists(&self, snapshot: &Snapshot) {
        let sorts = [
            "-duration",
            "spans",
            "-errors",
            "name",
            "-span.key",
            "span.text",
        ];
        let request = ListTracesRequest {
            limit: 3,
            sort: sorts[snapshot.revision() as usize % sorts.len()].to_owned(),
            columns: vec!["key".into(), "text".into(), "no such key".into()],
            ..ListTracesRequest::default()
        };
        let reply = snapshot.list_traces(&request);
        let traces: Vec<_> = reply.traces.into_iter().map(|s| self.exactly(s)).collect();
        assert_eq!(traces, self.naive.list_traces(&request), "{request:?}");
    }

    /// The summary, with what the trace lost before nothing of it was left put in its place if that
    /// need not be known any more.
    fn exactly(&self, mut summary: TraceSummary) -> TraceSummary {
        let Some(all) = self.naive.summary(summary.trace_id) else {
            return summary;
        };
        if self.stress == Stress::Memory && summary.removed_spans < all.removed_spans {
            let removals = self.naive.removals_since_gone(summary.trace_id);
            let removals = removals.iter().filter(|r| r.reason != reason::CLEARED);
            let at_ns = removals.clone().map(|removal| removal.at_ns).max();
            assert!(summary.removed_spans >= removals.map(|r| r.spans).sum());
            assert!(summary.removed_at_ns >= at_ns.unwrap_or(0));
            summary.removed_spans = all.removed_spans;
            summary.removed_at_ns = all.removed_at_ns;
            summary.removed_by = all.removed_by;
        }
        summary
    }

    fn compare_trace(&self, snapshot: &Snapshot, trace: TraceId) {
        let expected = self.naive.trace(trace);
        let summary = snapshot.summary(trace).map(|s| self.exactly(s));
        assert_eq!(summary, self.naive.summary(trace));
        for page_spans_max in [3, 100] {
            let spans = all_pages(snapshot, trace, page_spans_max);
            assert_eq!(spans, expected, "pages of {page_spans_max}");
        }
        for span in &expected {
            let seen = self.viewer.get(&(trace, span.span_id));
            assert_eq!(seen, Some(span), "the viewer missed a change");
        }
    }

    fn compare_removals(&self, snapshot: &Snapshot, trace: TraceId, answers: &mut Answers) {
        let reply = snapshot.trace_page(trace, 0, 1);
        let expected = self.naive.removals(trace);
        let is_whole = reply.summary.first().is_some_and(|s| s.has_root);
        answers.partly += reply.summary.iter().filter(|s| s.removed_spans > 0).count() as u64;
        if self.stress != Stress::Memory {
            answers.exact += expected.len() as u64;
            let exactly: Vec<_> = reply.removals.iter().filter(|r| !r.probably).collect();
            assert!(exactly.into_iter().eq(&expected), "{reply:?} {expected:?}");
            return;
        }
        let since_gone = self.naive.removals_since_gone(trace);
        let of = |removals: &[Removal], reason: &str| {
            removals.iter().find(|r| r.reason == reason).cloned()
        };
        for reason in [reason::EXPIRED, reason::EVICTED, reason::CLEARED] {
            answers.asked += 1;
            match (of(&reply.removals, reason), of(&expected, reason)) {
                (Some(told), None) => {
                    assert!(told.probably && !is_whole, "{told:?}");
                    answers.wrong += 1;
                }
                (Some(told), Some(all)) if told.probably => {
                    assert_eq!((told.spans, of(&since_gone, reason)), (0, None));
                    assert!(told.at_ns >= all.at_ns && told.at_ns <= self.naive.now_ns());
                    answers.probable += 1;
                }
                (Some(told), Some(all)) => {
                    let least = of(&since_gone, reason).map_or(1, |removal| removal.spans);
                    assert!(
                        (least..=all.spans).contains(&told.spans),
                        "{told:?} {all:?}"
                    );
                    assert_eq!(told.at_ns, all.at_ns);
                    answers.exact += 1;
                }
                (None, Some(all)) => {
                    let is_forgotten = self.reason(reason::REMOVALS_FORGOTTEN) > 0;
                    assert!(is_whole || is_forgotten, "{all:?} is denied");
                    assert_eq!(of(&since_gone, reason), None);
                }
                (None, None) => {}
            }
        }
    }

    /// A view does not change, whatever the writer does meanwhile.
    fn compare_kept(&mut self, snapshot: Arc<Snapshot>) {
        let answers = |snapshot: &Snapshot| {
            let pages = (1..=TRACES).map(|id| snapshot.trace_page(trace(id), 0, 100));
            let list = snapshot.list_traces(&ListTracesRequest::default());
            (pages.collect::<Vec<_>>(), list)
        };
        if let Some((kept, pages, list)) = &self.kept {
            assert_eq!(answers(kept), (pages.clone(), list.clone()));
            if self.revision < kept.revision() + 5 {
                return;
            }
        }
        let (pages, list) = answers(&snapshot);
        self.kept = Some((snapshot, pages, list));
    }
}

fn all_pages(snapshot: &Snapshot, trace: TraceId, page_spans_max: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut page = 0;
    loop {
        let reply = snapshot.trace_page(trace, page, page_spans_max);
        let columns = reply.batch.check().expect("a sound page");
        assert!(columns.len() <= page_spans_max);
        spans.extend(columns.to_spans());
        page = reply.next_page;
        if page == 0 {
            return spans;
        }
    }
}
