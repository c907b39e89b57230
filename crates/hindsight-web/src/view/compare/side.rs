//! One of the two traces: reading all of its structure.

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{
    GetTraceRequest, Removal, StructureCursor, TraceStructureRequest, TraceSummary,
};
use hindsight_view::columns::StructureReader;
use hindsight_view::{TraceTree, format};

use crate::browser;
use crate::hub::{self, Trouble};
use crate::link::Link;

/// Rows asked for at once: few enough for a page to be taken in within a frame or two.
const ROWS_AT_ONCE: u32 = 16_384;

/// What is known of a trace.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Side {
    /// So many spans are here.
    Loading(usize),
    /// All that was stored is here.
    Here(TraceSummary),
    /// Nothing of it is stored; a sentence says why.
    Gone(String),
    /// The hub did not answer.
    Trouble(Trouble),
}

/// Reads a trace; `told` hears how far it got and says whether to go on.
pub(super) async fn read(
    link: Link,
    trace_id: TraceId,
    told: impl Fn(usize) -> bool,
) -> Result<(TraceTree, TraceSummary), Side> {
    let mut reader = StructureReader::new();
    let mut cursor = StructureCursor::default();
    loop {
        let request = TraceStructureRequest {
            trace_id,
            cursor,
            limit: ROWS_AT_ONCE,
        };
        let page = hub::trace_structure(link, request).await;
        let page = page.map_err(Side::Trouble)?;
        cursor = page.next;
        reader.add(&page);
        if !told(reader.len()) {
            return Err(Side::Loading(reader.len()));
        }
        if page.has_more {
            continue;
        }
        let Some(summary) = page
            .summary
            .into_iter()
            .next()
            .filter(|_| !reader.is_empty())
        else {
            return Err(Side::Gone(why_gone(link, trace_id).await));
        };
        let sentence = "The hub sent columns that do not fit each other.";
        let tree = TraceTree::new(reader.columns().clone());
        let tree = tree.map_err(|_| Side::Trouble(Trouble::Said(sentence.into())))?;
        return Ok((tree, summary));
    }
}

/// Asks why nothing of a trace is stored.
async fn why_gone(link: Link, trace_id: TraceId) -> String {
    let request = GetTraceRequest { trace_id, page: 0 };
    let reply = hub::get_trace(link, request).await;
    let removals: Vec<Removal> = reply.map(|reply| reply.removals).unwrap_or_default();
    match removals.iter().max_by_key(|removal| removal.at_ns) {
        Some(removal) => {
            let probably = if removal.probably { "probably " } else { "" };
            let at = format::date_time(removal.at_ns, browser::zone());
            let reason = &removal.reason;
            format!("not stored any more: {probably}{reason} at {at}")
        }
        None => "not stored: none of its spans has arrived, or it went too long ago to be \
                 remembered"
            .into(),
    }
}
