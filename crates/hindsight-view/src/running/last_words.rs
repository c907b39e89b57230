//! Spans that were open when their process went away.

use std::cmp::Reverse;

use hindsight_protocol::{SpanId, SpanState, TraceId};

use super::doing::{From, doing};
use super::filter::Words;
use super::row::shown;
use super::runs::Runs;
use super::{LAST_WORDS_MAX, RowKey, Wanted};
use crate::format::{self, Zone};
use crate::name::{NO_NAME, NO_SERVICE};
use crate::text::{Line, Role};
use crate::waits::Waits;

/// One of them, escaped.
#[derive(Clone, Debug, PartialEq)]
pub struct LastWords {
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// What it is called.
    pub name: String,
    /// Of which service; `?` where it has no name.
    pub service: String,
    /// The service's colour.
    pub service_role: Role,
    /// Which process: `pid 4711`.
    pub process: String,
    /// When the process went, by the clock; `not known` where nobody knows.
    pub went: String,
    /// How long the span was open then; `at least 1.20 s` where only its last event is known.
    pub open_for: String,
    /// The process may still come back.
    pub may_return: bool,
    /// Its newest event, some of its attributes.
    pub doing: Line,
}

impl LastWords {
    /// What tells it from others.
    pub fn key(&self) -> RowKey {
        (self.trace, self.span)
    }
}

/// Those of `waits`, who died last first, of one process in the order of their starts.
pub(super) fn last_words(
    waits: &Waits<'_>,
    runs: &Runs<'_>,
    wanted: &Wanted,
    now_ns: u64,
    zone: Zone,
) -> Vec<LastWords> {
    let mut found: Vec<(Reverse<u64>, u64, LastWords)> = Vec::new();
    for node in 0..waits.nodes().len() {
        let span = waits.span(node);
        let is_dead = matches!(span.state(), SpanState::Disconnected | SpanState::Aborted);
        if !is_dead || !span.span_id().is_valid() {
            continue;
        }
        let run = runs.of(span);
        let went_ns = run.map(|run| run.went_ns()).filter(|ns| *ns > 0);
        let last_event_ns = span.events().map(|event| event.time_ns()).max();
        let heard_ns = went_ns.or(last_event_ns).unwrap_or(span.start_ns());
        let words = LastWords {
            trace: span.trace_id(),
            span: span.span_id(),
            name: shown(span.name(), NO_NAME),
            service: shown(span.service(), NO_SERVICE),
            service_role: Role::of_service(span.service()),
            process: runs.process(span),
            went: went_ns.map_or_else(|| "not known".into(), |ns| clock(ns, now_ns, zone)),
            open_for: match heard_ns.saturating_sub(span.start_ns()) {
                0 => "not known".into(),
                ns if went_ns.is_none() => format!("at least {}", format::duration(ns)),
                ns => format::duration(ns),
            },
            may_return: run.is_some_and(|run| run.may_return()),
            doing: doing(span, true, From::End(heard_ns)),
        };
        if wanted.filter.lets_words(&Words {
            service: &words.service,
            name: &words.name,
            process: &words.process,
            more: [words.doing.to_plain(), String::new()],
        }) {
            found.push((Reverse(heard_ns), span.start_ns(), words));
        }
    }
    found.sort_by_key(|(heard_ns, start_ns, _)| (*heard_ns, *start_ns));
    found.truncate(LAST_WORDS_MAX);
    found.into_iter().map(|(_, _, words)| words).collect()
}

/// `14:32:10` of today, `2026-11-22 14:32` of other days.
fn clock(ns: u64, now_ns: u64, zone: Zone) -> String {
    let (day, time) = (format::date(ns, zone), format::time_of_day(ns, zone));
    match day == format::date(now_ns, zone) {
        true => time[.."14:32:10".len()].to_owned(),
        false => format!("{day} {}", &time[.."14:32".len()]),
    }
}
