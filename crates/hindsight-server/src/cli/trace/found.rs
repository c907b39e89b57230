//! Spans of a trace that match a query.

use std::collections::HashSet;

use hindsight_protocol::hub::{FindSpansReply, FindSpansRequest};
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::format;
use hindsight_view::{Glyphs, Line, Role, Trace, Waterfall};

use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::output::Output;
use crate::cli::query;

/// Which spans match.
pub(crate) struct Found {
    ids: HashSet<u64>,
    matched: u64,
}

/// What stands in front of the rows of a tree.
pub(super) struct Marks {
    rows: HashSet<usize>,
    mark: &'static str,
}

impl Marks {
    /// Cells of every margin.
    pub(super) fn width(&self) -> usize {
        self.mark.chars().count()
    }

    /// In front of a row, or of a line that is none.
    pub(super) fn margin(&self, row: Option<usize>) -> Line {
        match row.is_some_and(|row| self.rows.contains(&row)) {
            true => Line::new().with(Role::Good, self.mark),
            false => Line::new().with(Role::Plain, " ".repeat(self.width())),
        }
    }
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

    /// Which rows of a tree show or hide a matching span.
    pub(super) fn marks(&self, trace: &Trace, waterfall: &Waterfall<'_>, glyphs: Glyphs) -> Marks {
        let rows = waterfall.rows_of_nodes().into_iter().enumerate();
        let matching = rows.filter(|(node, _)| self.has(trace.tree().span_id(*node)));
        Marks {
            rows: matching.map(|(_, row)| row as usize).collect(),
            mark: match glyphs == Glyphs::ASCII {
                true => "> ",
                false => "▸ ",
            },
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
