//! The attributes of an operation's spans, compared when somebody opens its row.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::{GetSpansReply, GetSpansRequest};
use hindsight_protocol::{CheckedBatch, TraceId};
use hindsight_view::diff::{AttributeChange, Seen, attribute_changes};
use hindsight_view::format;
use leptos::task::spawn_local;

use super::model::Model;
use crate::hub::{self, Trouble};

/// Spans of each side whose attributes are read.
const SPANS_MAX: usize = 64;
/// Keys that are listed.
const CHANGES_MAX: usize = 200;
/// Characters of a value.
const VALUE_CELLS_MAX: usize = 400;

/// What became of an attribute, its key, and both values.
type Change = (&'static str, String, String, String);

/// The view.
#[component]
pub(super) fn Attributes(
    model: Model,
    operation: usize,
    pair: (TraceId, TraceId),
) -> impl IntoView {
    let answer = RwSignal::new(None::<Result<Vec<Change>, String>>);
    let ids = move |side| {
        let ids = model.compared(|compared| compared.span_ids(operation, side, SPANS_MAX + 1));
        ids.unwrap_or_default()
    };
    let (of_a, of_b) = untrack(move || (ids(0), ids(1)));
    let is_part = of_a.len() > SPANS_MAX || of_b.len() > SPANS_MAX;
    let request = |trace_id, mut span_ids: Vec<_>| {
        span_ids.truncate(SPANS_MAX);
        GetSpansRequest { trace_id, span_ids }
    };
    let (a, b) = (request(pair.0, of_a), request(pair.1, of_b));
    let link = model.app.link;
    spawn_local(async move {
        let a = hub::get_spans(link, a).await;
        let b = hub::get_spans(link, b).await;
        let changes = a.and_then(|a| Ok((a, b?)));
        let changes = changes.map_err(|trouble: Trouble| trouble.sentence());
        // The row may have been closed meanwhile.
        answer.try_set(Some(changes.and_then(|(a, b)| compared(a, b))));
    });
    let part = is_part.then(|| format!("Of the first {SPANS_MAX} spans of each side."));
    let shown = move || match answer.get() {
        None => view! { <p class="dim">"asking the hub"</p> }.into_any(),
        Some(Err(sentence)) => view! { <p class="bad">{sentence}</p> }.into_any(),
        Some(Ok(changes)) if changes.is_empty() => {
            view! { <p class="dim">"All attributes are the same."</p> }.into_any()
        }
        Some(Ok(changes)) => table(changes).into_any(),
    };
    view! { {shown} <p class="dim">{part}</p> }
}

fn compared(a: GetSpansReply, b: GetSpansReply) -> Result<Vec<Change>, String> {
    let check = |reply: GetSpansReply| -> Result<CheckedBatch, String> {
        let batch = reply.batch.check();
        batch.map_err(|_| "The hub sent spans that cannot be read.".into())
    };
    let (a, b) = (check(a)?, check(b)?);
    if a.is_empty() || b.is_empty() {
        return Err("These spans are not stored any more.".into());
    }
    let changes = attribute_changes(a.rows(), b.rows());
    Ok(changes.iter().take(CHANGES_MAX).map(change).collect())
}

fn change(change: &AttributeChange<'_>) -> Change {
    let word = match (change.a, change.b) {
        (Seen::Nowhere, _) => "appeared",
        (_, Seen::Nowhere) => "vanished",
        _ => "changed",
    };
    let key = format::escape(change.key).into_owned();
    (word, key, seen(change.a), seen(change.b))
}

fn seen(seen: Seen<'_>) -> String {
    match seen {
        Seen::Nowhere => "-".into(),
        Seen::Varies => "(several)".into(),
        Seen::Always(value) => format::value(value, VALUE_CELLS_MAX),
    }
}

fn table(changes: Vec<Change>) -> impl IntoView {
    let rows = changes.into_iter().map(|(word, key, a, b)| {
        view! {
            <tr>
                <th scope="row">{key}</th>
                <td>{word}</td>
                <td><code>{a}</code></td>
                <td><code>{b}</code></td>
            </tr>
        }
    });
    view! {
        <table class="attributes">
            <thead>
                <tr>
                    <th scope="col">"Attribute"</th>
                    <th scope="col">"Difference"</th>
                    <th scope="col">"A"</th>
                    <th scope="col">"B"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
