//! What stands above a trace, and what is said instead of a trace that is gone.

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{Removal, TraceSummary};
use hindsight_view::format::{self, Zone};
use hindsight_view::{Line, Role, Waterfall};

use super::Analysed;
use crate::cli::traces;

/// Cells of a trace's name.
const NAME_CELLS_MAX: usize = 100;

/// Name and time, id and counts, how clocks were aligned, an empty line.
pub(super) fn heading(analysed: &Analysed, waterfall: &Waterfall<'_>, zone: Zone) -> Vec<Line> {
    let (start_ns, end_ns) = waterfall.bounds_ns();
    let started = format::date_time(start_ns, zone);
    let ago = format::ago(start_ns, analysed.now_ns);
    let mut lines = Vec::new();
    if let Some(summary) = &analysed.summary {
        let name = Line::new().with(Role::Strong, summary.name.as_str());
        let name = name.truncated(NAME_CELLS_MAX);
        lines.push(
            Line::new()
                .followed_by(name)
                .with(Role::Plain, format!("  {started}"))
                .with(Role::Dim, format!(" ({ago})")),
        );
        lines.push(counts(summary, end_ns - start_ns, zone));
    }
    lines.extend(analysed.clocks.iter().cloned());
    lines.push(Line::new());
    lines
}

fn counts(summary: &TraceSummary, duration_ns: u64, zone: Zone) -> Line {
    let spans = format::plural(summary.spans, "span");
    let duration = format::duration(duration_ns);
    let mut line = Line::new()
        .with(Role::Dim, summary.trace_id.to_string())
        .with(Role::Plain, format!("  {duration}  {spans}  "));
    line.extend(traces::services(summary));
    let notes = traces::notes(summary, zone);
    if !notes.segments().is_empty() {
        line.pad(2);
        line.extend(notes);
    }
    line
}

/// Why nothing of the trace can be shown.
pub(crate) fn not_stored(trace_id: TraceId, removals: &[Removal], zone: Zone) -> String {
    let Some(last) = removals.iter().max_by_key(|removal| removal.at_ns) else {
        return format!(
            "trace {trace_id} is not stored: no span of it has arrived, or it was removed too \
             long ago to be remembered"
        );
    };
    let at = format::clock(last.at_ns, zone);
    let day = format::date(last.at_ns, zone);
    let spans = match last.spans {
        0 => String::new(),
        spans => format!(" with {}", format::plural(spans, "span")),
    };
    let why = match last.reason.as_str() {
        "expired" => " (older than --ttl)",
        "evicted" => " (no room within --memory-limit)",
        "cleared" => " (by `hindsight clear` or a viewer)",
        _ => "",
    };
    let probably = match last.probably {
        true => "probably ",
        false => "",
    };
    let verb = match last.reason.as_str() {
        "expired" => format!("{probably}expired"),
        reason => format!("was {probably}{reason}"),
    };
    let caution = match last.probably {
        true => "; a trace that never arrived may be taken for one that went long ago",
        false => "",
    };
    format!("trace {trace_id} {verb} at {at} on {day}{spans}{why}{caution}")
}
