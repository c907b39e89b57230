//! What changes the reference store.

use hindsight_protocol::hub::{IngestReply, ReasonCount};
use hindsight_protocol::{OPEN_END_NS, Span, SpanState, TraceId, TracerId};

use super::{Evictions, NaiveChange, NaiveStore, Place, Record, Segment};

const TIME_MAX_NS: u64 = i64::MAX as u64;

const REJECTIONS: [&str; 6] = [
    "zero_trace_id",
    "zero_span_id",
    "start_missing",
    "start_out_of_range",
    "end_out_of_range",
    "spans_per_trace",
];

enum Outcome {
    Inserted,
    Updated,
    Duplicate,
    Rejected(&'static str),
}

impl NaiveStore {
    /// Stores spans.
    pub fn append(
        &mut self,
        spans: &[Span],
        tracer: Option<TracerId>,
        sequence: Option<u64>,
        now_ns: u64,
        evictions: Evictions,
    ) -> (IngestReply, Option<NaiveChange>) {
        self.now_ns = self.now_ns.max(now_ns);
        let mut reply = IngestReply::default();
        if let (Some(tracer), Some(sequence)) = (tracer, sequence.filter(|n| *n > 0))
            && self.is_resend(tracer, sequence)
        {
            self.ingest.resent += spans.len() as u64;
            reply.resent = true;
            return (reply, None);
        }
        let mut touched = Vec::new();
        let mut rejected = [0; REJECTIONS.len()];
        let (mut backwards, mut evicted) = (0, 0);
        for span in spans {
            let outcome = self.append_span(span, tracer);
            match outcome {
                Outcome::Inserted => reply.inserted += 1,
                Outcome::Updated => reply.updated += 1,
                Outcome::Duplicate => reply.duplicate += 1,
                Outcome::Rejected(reason) => {
                    reply.rejected += 1;
                    let at = REJECTIONS.iter().position(|name| *name == reason);
                    rejected[at.expect("a known reason")] += 1;
                }
            }
            if matches!(outcome, Outcome::Inserted | Outcome::Updated) {
                touched.push(span.trace_id);
            }
            let is_backwards = span.end_ns != OPEN_END_NS && span.end_ns < span.start_ns;
            if is_backwards && matches!(outcome, Outcome::Inserted | Outcome::Updated) {
                backwards += 1;
            }
            evicted += self.evict_open(&mut touched);
        }
        self.seal_if_full();
        self.evict(evictions, &mut touched);
        let named = REJECTIONS.iter().zip(rejected).filter(|(_, n)| *n > 0);
        let reason = |(name, count): (&&str, u64)| ReasonCount {
            reason: (*name).to_owned(),
            count,
        };
        reply.rejections = named.map(reason).collect();
        let notes = [(&"end_before_start", backwards), (&"open_spans", evicted)];
        let noted = notes.into_iter().filter(|(_, n)| *n > 0);
        reply.notes = noted.map(reason).collect();
        self.ingest.received += spans.len() as u64;
        self.ingest.inserted += reply.inserted;
        self.ingest.updated += reply.updated;
        self.ingest.duplicate += reply.duplicate;
        self.ingest.rejected += reply.rejected;
        (reply, self.change(touched))
    }

    fn is_resend(&mut self, tracer: TracerId, sequence: u64) -> bool {
        let known = self.heard.iter().position(|(id, _)| *id == tracer);
        let (_, mut numbers) = match known {
            Some(at) => self.heard.remove(at),
            None => (tracer, Vec::new()),
        };
        let highest = numbers.iter().copied().max().unwrap_or(0);
        let is_below =
            sequence <= highest && highest - sequence >= self.limits.resend_window_batches;
        let is_resend = is_below || numbers.contains(&sequence);
        numbers.push(sequence);
        self.heard.push((tracer, numbers));
        if self.heard.len() > self.limits.tracers_max {
            self.heard.remove(0);
        }
        is_resend
    }

    fn append_span(&mut self, report: &Span, tracer: Option<TracerId>) -> Outcome {
        if let Some(reason) = rejection(report) {
            return Outcome::Rejected(reason);
        }
        let departed = tracer.is_some_and(|t| self.departed.iter().any(|(_, id)| *id == t));
        let mut span = report.clone();
        span.state = stored_state(report, departed) as u8;
        let known = self
            .records
            .iter()
            .position(|r| r.span.trace_id == span.trace_id && r.span.span_id == span.span_id);
        let outcome = match known {
            None => {
                let mut of_trace = self.records.iter().map(|r| r.span.trace_id);
                let count = of_trace.by_ref().filter(|t| *t == span.trace_id).count();
                if count >= self.limits.spans_per_trace_max {
                    return Outcome::Rejected("spans_per_trace");
                }
                self.store.live += 1;
                Outcome::Inserted
            }
            Some(at) => {
                if !replaces(&span, &self.records[at].span) {
                    return Outcome::Duplicate;
                }
                self.records.remove(at);
                Outcome::Updated
            }
        };
        self.order += 1;
        let place = self.place(&span);
        self.records.push(Record {
            span,
            place,
            tracer,
            reported_ns: self.now_ns,
            order: self.order,
        });
        outcome
    }

    /// Open spans wait; others take a row of the newest segment.
    fn place(&mut self, span: &Span) -> Place {
        match is_open(span) {
            true => Place::Open,
            false => self.place_row(),
        }
    }

    /// A row of the segment that is being filled.
    pub(super) fn place_row(&mut self) -> Place {
        let number = self.segments.len() - 1;
        let segment = &mut self.segments[number];
        if segment.rows == 0 {
            segment.first_ns = self.now_ns;
        }
        segment.rows += 1;
        segment.newest_ns = self.now_ns;
        Place::Segment(number)
    }

    /// A step is over: a segment that is full takes no more rows.
    pub(super) fn seal_if_full(&mut self) {
        let rows = self.segments.last().map_or(0, |segment| segment.rows);
        if rows >= self.limits.segment_spans_max {
            self.seal();
        }
    }

    pub(super) fn seal(&mut self) {
        self.segments_sealed += 1;
        if let Some(segment) = self.segments.last_mut() {
            segment.is_sealed = true;
        }
        self.segments.push(Segment::default());
    }

    /// A tracer went away.
    pub fn tracer_disconnected(&mut self, tracer: TracerId, now_ns: u64) -> Option<NaiveChange> {
        self.now_ns = self.now_ns.max(now_ns);
        self.departed.retain(|(_, id)| *id != tracer);
        let deadline = self.now_ns + self.limits.abort_grace_ns;
        self.departed.push((deadline, tracer));
        self.departed
            .sort_by_key(|(deadline, id)| (*deadline, id.high, id.low));
        let mut touched = Vec::new();
        for record in &mut self.records {
            let is_running = record.span.state == SpanState::Running as u8;
            if record.tracer == Some(tracer) && record.place == Place::Open && is_running {
                record.span.state = SpanState::Disconnected as u8;
                touched.push(record.span.trace_id);
            }
        }
        if self.departed.len() > self.limits.tracers_max {
            let (_, oldest) = self.departed.remove(0);
            self.abort(oldest, &mut touched);
        }
        self.change(touched)
    }

    /// A tracer is there.
    pub fn tracer_attached(&mut self, tracer: TracerId, now_ns: u64) {
        self.now_ns = self.now_ns.max(now_ns);
        self.departed.retain(|(_, id)| *id != tracer);
    }

    fn abort(&mut self, tracer: TracerId, touched: &mut Vec<TraceId>) {
        let is_its = |r: &Record| r.place == Place::Open && r.tracer == Some(tracer);
        let mut aborted: Vec<Record> = self.records.extract_if(.., |r| is_its(r)).collect();
        aborted.sort_by_key(|record| record.order);
        for mut record in aborted {
            record.span.state = SpanState::Aborted as u8;
            record.place = self.place(&record.span);
            touched.push(record.span.trace_id);
            self.records.push(record);
        }
        self.seal_if_full();
    }

    /// Time passes. At most two changes: spans aborted, spans expired.
    pub fn tick(&mut self, now_ns: u64) -> Vec<NaiveChange> {
        self.now_ns = self.now_ns.max(now_ns);
        let now_ns = self.now_ns;
        let mut touched = Vec::new();
        let due: Vec<_> = self
            .departed
            .extract_if(.., |(at, _)| *at <= now_ns)
            .collect();
        for (_, tracer) in due {
            self.abort(tracer, &mut touched);
        }
        let mut changes: Vec<NaiveChange> = self.change(touched).into_iter().collect();
        if let Some(last) = self.segments.last()
            && last.rows > 0
            && last.first_ns + self.limits.segment_age_max_ns <= now_ns
        {
            self.seal();
        }
        let touched = self.expire();
        changes.extend(self.change(touched));
        changes
    }

    /// Removes everything; gives spans and traces.
    pub fn clear(&mut self, now_ns: u64) -> (u64, u64) {
        self.now_ns = self.now_ns.max(now_ns);
        let mut touched = Vec::new();
        let traces = self.traces();
        self.pins.clear();
        self.remove("cleared", &mut touched, |_| true);
        self.segments
            .iter_mut()
            .for_each(|segment| segment.is_gone = true);
        self.segments.push(Segment::default());
        self.revision += 1;
        (touched.len() as u64, traces)
    }

    pub(super) fn change(&mut self, mut trace_ids: Vec<TraceId>) -> Option<NaiveChange> {
        if trace_ids.is_empty() {
            return None;
        }
        trace_ids.sort();
        trace_ids.dedup();
        self.revision += 1;
        Some(NaiveChange { trace_ids })
    }
}

fn rejection(span: &Span) -> Option<&'static str> {
    if span.trace_id == TraceId::default() {
        Some("zero_trace_id")
    } else if span.span_id.bits == 0 {
        Some("zero_span_id")
    } else if span.start_ns == 0 {
        Some("start_missing")
    } else if span.start_ns > TIME_MAX_NS {
        Some("start_out_of_range")
    } else if span.end_ns > TIME_MAX_NS && span.end_ns != OPEN_END_NS {
        Some("end_out_of_range")
    } else {
        None
    }
}

fn stored_state(span: &Span, departed: bool) -> SpanState {
    let state = SpanState::from_u8(span.state);
    if span.end_ns != OPEN_END_NS {
        match state {
            SpanState::EndedByDrop => SpanState::EndedByDrop,
            _ => SpanState::Ended,
        }
    } else if matches!(state, SpanState::Aborted | SpanState::Disconnected) {
        SpanState::Aborted
    } else if departed {
        SpanState::Disconnected
    } else {
        SpanState::Running
    }
}

fn is_open(span: &Span) -> bool {
    span.state == SpanState::Running as u8 || span.state == SpanState::Disconnected as u8
}

/// Whether `new` replaces `old`: an end beats what is not an end; last words beat what is open; an
/// open report does not beat an end. Otherwise the higher version wins; and a running span beats
/// one that seemed gone, if it is not older.
fn replaces(new: &Span, old: &Span) -> bool {
    let has_end = |span: &Span| span.end_ns != OPEN_END_NS;
    let is_newer = new.version > old.version;
    if has_end(new) != has_end(old) {
        return has_end(new);
    }
    if has_end(new) {
        return is_newer;
    }
    if !is_open(new) && is_open(old) {
        return true;
    }
    let is_running = |span: &Span| span.state == SpanState::Running as u8;
    is_newer || (new.version == old.version && is_running(new) && !is_running(old))
}
