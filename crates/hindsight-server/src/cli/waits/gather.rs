//! What the hub tells of open spans and of dead processes.

use std::collections::HashSet;

use hindsight_protocol::batch::{BatchBuilder, RowCopier};
use hindsight_protocol::hub::{OpenSpansRequest, QueryRequest};
use hindsight_protocol::{CheckedBatch, SpanBatch, TraceId};

use super::{DEAD_SPANS_MAX, OPEN_SPANS_MAX};
use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::query;

/// One look at the hub.
pub(crate) struct Gathered {
    /// The hub's clock.
    pub(crate) now_ns: u64,
    /// Open spans, and dead ones of the same traces: those may be what they wait for.
    pub(crate) open: [CheckedBatch; 2],
    /// Dead spans of traces of which nothing is open.
    pub(crate) dead: [CheckedBatch; 1],
    /// Open spans in all.
    pub(crate) total: u64,
}

/// Asks for both.
pub(super) async fn gather(hub: &Hub) -> Result<Gathered, CliError> {
    let request = OpenSpansRequest {
        limit: OPEN_SPANS_MAX,
        ..OpenSpansRequest::default()
    };
    let call = hub.call("open_spans", |client| client.open_spans(request));
    let reply = call.await?;
    let request = QueryRequest {
        query: "state:aborted".into(),
        limit: DEAD_SPANS_MAX,
        ..QueryRequest::default()
    };
    let dead = query::ask(hub, request).await?;
    let open = checked(reply.batch, "open_spans")?;
    let dead = checked(dead.batch, "query")?;
    Ok(Gathered::new(reply.now_ns, open, &dead, reply.total))
}

fn checked(batch: SpanBatch, what: &'static str) -> Result<CheckedBatch, CliError> {
    batch.check().map_err(|error| CliError::Malformed {
        what,
        why: error.to_string(),
    })
}

impl Gathered {
    /// Parts the dead spans by whether something of their trace is open.
    pub(crate) fn new(now_ns: u64, open: CheckedBatch, dead: &CheckedBatch, total: u64) -> Self {
        let traces: HashSet<TraceId> = open.rows().map(|row| row.trace_id()).collect();
        let pick = |beside: bool| {
            let mut copier = RowCopier::new(dead);
            let mut builder = BatchBuilder::new();
            for row in dead.rows() {
                if traces.contains(&row.trace_id()) == beside {
                    copier.copy(row.index(), &mut builder);
                }
            }
            builder.finish()
        };
        Self {
            now_ns,
            dead: [pick(false)],
            open: [open, pick(true)],
            total,
        }
    }
}
