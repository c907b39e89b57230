//! Spans whose links lead to a span: links read backwards.
//!
//! In: a span, and the hub's answer to [`query_to`]. Out: the spans that link to it, those of its
//! own trace first, and what is to be said where these may not be all. Holds: a span with the same
//! id in another trace is not taken for it. Bounded: [`SPANS_MAX`] spans are asked for.

use hindsight_protocol::hub::QueryReply;
use hindsight_protocol::{SpanId, TraceId};

use crate::format;

/// Spans that are asked for.
pub const SPANS_MAX: u32 = 50;

/// The query that finds the spans whose links lead to `span`, in whatever trace it is.
pub fn query_to(span: SpanId) -> String {
    format!("link.span={span}")
}

/// What links to a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linking {
    /// The spans: those of the same trace first, then the latest first.
    pub spans: Vec<LinkingSpan>,
    /// Why these may not be all; empty if they are.
    pub note: String,
}

/// A span that links to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkingSpan {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub span_id: SpanId,
    /// Service and name, escaped.
    pub title: String,
}

impl Linking {
    /// What `reply` tells of the span `span` of `trace`; none if its spans cannot be read.
    pub fn of_reply(reply: QueryReply, trace: TraceId, span: SpanId) -> Option<Self> {
        let batch = reply.batch.check().ok()?;
        let leads = |row: &hindsight_protocol::batch::SpanRow<'_>| {
            let mut links = row.links();
            links.any(|link| (link.trace_id(), link.span_id()) == (trace, span))
        };
        let rows = batch.rows().filter(leads);
        let mut spans: Vec<LinkingSpan> = rows
            .map(|row| LinkingSpan {
                trace_id: row.trace_id(),
                span_id: row.span_id(),
                title: title(row.service(), row.name()),
            })
            .collect();
        spans.sort_by_key(|from| from.trace_id != trace);
        let unseen = reply.matched.saturating_sub(batch.len() as u64);
        let note = match (reply.cut.as_str(), unseen) {
            ("", 0) => String::new(),
            ("", unseen) => format!("{} more may lead here.", format::count(unseen)),
            (cut, _) => format!(
                "There may be more: the hub stopped looking ({}).",
                format::escape(cut)
            ),
        };
        Some(Self { spans, note })
    }
}

/// `web checkout`.
fn title(service: &str, name: &str) -> String {
    let name = match name {
        "" => "(no name)".into(),
        name => format::escape(name),
    };
    match service {
        "" => name.into_owned(),
        service => format!("{} {name}", format::escape(service)),
    }
}

#[cfg(test)]
mod tests {
    use hindsight_protocol::{Link, Span};

    use super::*;
    use crate::fixture::{TRACE, page, span};

    const OTHER: TraceId = TraceId { high: 1, low: 2 };

    fn linking(trace: TraceId, id: u64, to: (TraceId, u64)) -> Span {
        Span {
            trace_id: trace,
            links: vec![Link {
                trace_id: to.0,
                span_id: SpanId::from_u64(to.1),
                ..Link::default()
            }],
            ..span(id, 0, "job\u{1b}[2J", 0, 1)
        }
    }

    fn told(spans: &[Span], matched: u64, cut: &str) -> Linking {
        let reply = QueryReply {
            batch: page(spans).into_batch(),
            matched,
            cut: cut.into(),
            ..QueryReply::default()
        };
        Linking::of_reply(reply, TRACE, SpanId::from_u64(7)).expect("readable spans")
    }

    #[test]
    fn spans_of_the_same_trace_come_first_and_texts_are_escaped() {
        let told = told(
            &[linking(OTHER, 1, (TRACE, 7)), linking(TRACE, 2, (TRACE, 7))],
            2,
            "",
        );
        let ids: Vec<u64> = told.spans.iter().map(|span| span.span_id.bits).collect();
        assert_eq!(ids, [2, 1]);
        assert_eq!(told.spans[0].title, "web job\\x1b[2J");
        assert_eq!(told.note, "");
    }

    #[test]
    fn a_span_of_another_trace_with_the_same_id_is_not_meant() {
        assert_eq!(
            told(&[linking(TRACE, 2, (OTHER, 7))], 1, ""),
            Linking::default()
        );
    }

    #[test]
    fn that_there_may_be_more_is_said() {
        let spans = [linking(TRACE, 2, (TRACE, 7))];
        assert_eq!(told(&spans, 1_204, "").note, "1,203 more may lead here.");
        let note = told(&spans, 1, "deadline").note;
        assert_eq!(
            note,
            "There may be more: the hub stopped looking (deadline)."
        );
    }
}
