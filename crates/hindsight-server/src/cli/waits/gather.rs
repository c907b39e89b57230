//! What the hub tells of open spans and of dead processes, and apps of what they have under way.

use std::collections::HashSet;

use hindsight_protocol::batch::{BatchBuilder, RowCopier};
use hindsight_protocol::hub::{ListAppsRequest, OpenSpansRequest, QueryRequest};
use hindsight_protocol::{CheckedBatch, SpanBatch, TraceId};
use hindsight_view::waits::Told;

use super::{DEAD_SPANS_MAX, OPEN_SPANS_MAX, told};
use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::query;

/// One look at the hub.
pub(crate) struct Gathered {
    /// The hub's clock.
    pub(crate) now_ns: u64,
    /// What apps told, open spans, and dead ones of the same traces: those may be what they wait for.
    pub(crate) open: [CheckedBatch; 3],
    /// What apps told.
    pub(crate) told: Told,
    /// Apps that did not answer, and why.
    pub(crate) untold: Vec<String>,
    /// Dead spans of traces of which nothing is open.
    pub(crate) dead: [CheckedBatch; 1],
    /// Open spans in all.
    pub(crate) total: u64,
}

/// Asks for all of it.
pub(super) async fn gather(hub: &Hub) -> Result<Gathered, CliError> {
    let request = ListAppsRequest {
        connected_only: true,
    };
    let apps = hub.call("list_apps", |client| client.list_apps(request));
    let (told, untold) = told::ask(&hub.connection, &apps.await?.apps).await;
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
    let gathered = Gathered::new(reply.now_ns, open, &dead, reply.total);
    Ok(gathered.with_told(told, untold))
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
            open: [CheckedBatch::default(), open, pick(true)],
            told: Told::default(),
            untold: Vec::new(),
            total,
        }
    }

    /// The same with what apps told.
    pub(crate) fn with_told(mut self, told: Told, untold: Vec<String>) -> Self {
        self.open[0] = told.page.clone();
        Self {
            told,
            untold,
            ..self
        }
    }
}
