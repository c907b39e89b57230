//! Spans of a trace that match a query.

use std::collections::HashSet;

use hindsight_protocol::hub::{FindSpansReply, FindSpansRequest};
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::format;
use hindsight_view::{Glyphs, Line, Role};

use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::output::Output;
use crate::cli::query;

/// Which spans match.
pub(super) struct Found {
    ids: HashSet<u64>,
    matched: u64,
}

impl Found {
    /// Asks the hub.
    pub(super) async fn ask(
        hub: &Hub,
        trace_id: TraceId,
        text: &str,
        output: &mut Output,
    ) -> Result<Self, CliError> {
        query::warn(text);
        let request = FindSpansRequest {
            trace_id,
            query: text.to_owned(),
            limit: u32::MAX,
        };
        let call = hub.call("find_spans", |client| client.find_spans(request));
        let FindSpansReply {
            span_ids,
            matched,
            cut,
            ..
        } = call.await?;
        query::remark_cut(&cut, output)?;
        Ok(Self {
            ids: span_ids.into_iter().collect(),
            matched,
        })
    }

    pub(super) fn has(&self, span: SpanId) -> bool {
        self.ids.contains(&span.bits)
    }

    /// What stands in front of a span's line, and of those below it; always as wide.
    pub(super) fn margin(&self, span: Option<SpanId>, glyphs: Glyphs) -> Line {
        let mark = match glyphs == Glyphs::ASCII {
            true => "> ",
            false => "▸ ",
        };
        match span.is_some_and(|span| self.has(span)) {
            true => Line::new().with(Role::Good, mark),
            false => Line::new().with(Role::Plain, "  "),
        }
    }

    pub(super) fn remark(&self) -> String {
        match self.matched {
            0 => "no span of the trace matches".into(),
            1 => "1 span matches".into(),
            some => format!("{} spans match", format::count(some)),
        }
    }
}
