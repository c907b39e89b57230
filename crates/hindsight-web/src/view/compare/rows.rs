//! The table of operations.

use crate::reactive::prelude::*;
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::compare::{Amount, CompareRow, CompareRows, Presence};
use hindsight_view::format;

use super::Asked;
use super::attributes::Attributes;
use super::model::Model;
use crate::route::Route;
use crate::view::class;

/// Half the width of a difference's bar.
const BAR_HALF: i32 = 30;

/// The view.
#[component]
pub(super) fn Rows(model: Model, asked: Signal<Asked>) -> impl IntoView {
    let rows = Memo::new(move |_| model.rows(&asked.get()));
    let each = move || rows.with(|rows| rows.rows.clone());
    let rest = move || rows.with(|rows| asked.with(|asked| rest(rows, &asked.find)));
    let is_empty = move || rows.with(|rows| rows.rows.is_empty());
    view! {
        <div class="differences">
            <table class:is-gone=is_empty>
                <thead>
                    <tr>
                        <th scope="col" rowspan="2">"Operation"</th>
                        <th scope="col" rowspan="2">"Difference"</th>
                        <th scope="colgroup" colspan="2" class="n">"Spans"</th>
                        <th scope="colgroup" colspan="4" class="n">"Total time"</th>
                        <th scope="colgroup" colspan="4" class="n">"Self time"</th>
                        <th rowspan="2" scope="col"><span class="unseen">"as a bar"</span></th>
                    </tr>
                    <tr>
                        <th scope="col" class="n">"A"</th>
                        <th scope="col" class="n">"B"</th>
                        <th scope="col" class="n">"A"</th>
                        <th scope="col" class="n">"B"</th>
                        <th scope="col" class="n">"B\u{2212}A"</th>
                        <th scope="col" class="n">"B/A"</th>
                        <th scope="col" class="n">"A"</th>
                        <th scope="col" class="n">"B"</th>
                        <th scope="col" class="n">"B\u{2212}A"</th>
                        <th scope="col" class="n">"B/A"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=each
                        key=|row: &CompareRow| row.clone()
                        children=move |row| view! { <Row model asked row /> }
                    />
                </tbody>
            </table>
            <p class="empty" role="status">{rest}</p>
        </div>
    }
}

/// What is not in the table, and how to see it.
fn rest(rows: &CompareRows, find: &str) -> String {
    let more = (rows.more > 0).then(|| {
        let more = format::count(rows.more as u64);
        format!("{more} more rows; find by text to see them.")
    });
    let alike = (rows.alike > 0).then(|| {
        let alike = format::plural(rows.alike as u64, "operation");
        format!("{alike} about the same in both; \u{201c}All operations\u{201d} shows them.")
    });
    let none = match (rows.rows.is_empty(), rows.alike, find.is_empty()) {
        (true, 0, false) => Some("No operation and no service has this in its name.".to_owned()),
        (true, _, true) => Some("Nothing differs by much.".to_owned()),
        _ => None,
    };
    let parts = [none, more, alike].into_iter().flatten();
    parts.collect::<Vec<_>>().join(" ")
}

#[component]
fn Row(model: Model, asked: Signal<Asked>, row: CompareRow) -> impl IntoView {
    let operation = row.operation;
    let (a, b) = asked.with_untracked(Asked::pair).unwrap_or_default();
    let is_both = row.presence == Presence::Both;
    let name = match is_both {
        true => view! {
            <button
                type="button"
                class="quiet"
                title="Attributes that differ"
                aria-expanded=move || model.is_opened(operation).to_string()
                on:click=move |_| model.open(operation)
            >
                {row.name.clone()}
            </button>
        }
        .into_any(),
        false => view! { <span>{row.name.clone()}</span> }.into_any(),
    };
    let fold = row.fold.map(|is_folded| {
        let (sign, word) = match is_folded {
            true => ("+", "Unfold"),
            false => ("\u{2212}", "Fold"),
        };
        view! {
            <button
                type="button"
                class="quiet fold"
                title=word
                aria-label=format!("{word} {}", row.name)
                aria-expanded=(!is_folded).to_string()
                on:click=move |_| model.fold(operation)
            >
                {sign}
            </button>
        }
    });
    let words = match row.presence {
        Presence::OnlyA => "gone",
        Presence::OnlyB => "come",
        Presence::Both if row.words == "about the same" => "dim",
        Presence::Both => "plain",
    };
    let link = |text: String, trace: TraceId, side: usize| match row.longest[side] {
        Some(span) => longest(text, trace, span).into_any(),
        None => view! { <span class="dim">{text}</span> }.into_any(),
    };
    let (total, own) = (row.total.clone(), row.self_time.clone());
    let opened = move || {
        model.is_opened(operation).then(|| {
            view! {
                <tr class="opened">
                    <td colspan="13"><Attributes model operation pair=(a, b) /></td>
                </tr>
            }
        })
    };
    view! {
        <tr>
            <th scope="row" class="operation">
                <span class="indent">{row.indent.clone()}</span>
                <span class="fold-room">{fold}</span>
                <span class=format!("dot {}", class(row.service_role)) title=row.service.clone()></span>
                {name}
                <span class="dim service">{row.service.clone()}</span>
                <span class="dim service">{row.above.clone()}</span>
            </th>
            <td class=words>{row.words.clone()}</td>
            <td class="n">{row.spans.0.clone()}</td>
            <td class="n">{row.spans.1.clone()}</td>
            <td class="n">{link(total.a.clone(), a, 0)}</td>
            <td class="n">{link(total.b.clone(), b, 1)}</td>
            <td class=format!("n {}", class(total.role))>{total.change.clone()}</td>
            <td class="n dim">{total.ratio.clone()}</td>
            <td class="n">{own.a.clone()}</td>
            <td class="n">{own.b.clone()}</td>
            <td class=format!("n {}", class(own.role))>{own.change.clone()}</td>
            <td class="n dim">{own.ratio.clone()}</td>
            <td class="bars">{bar(&own)}</td>
        </tr>
        {opened}
    }
}

fn longest(text: String, id: TraceId, span: SpanId) -> impl IntoView {
    let route = Route::of_span(id, span);
    view! { <a href=route.to_string() title="The longest of these spans in its trace">{text}</a> }
}

/// To the right where it is longer, to the left where it is shorter; the words beside it say so too.
fn bar(amount: &Amount) -> impl IntoView + use<> {
    let length = f64::from(amount.per_mille.abs() * BAR_HALF) / 1000.0;
    let x = f64::from(BAR_HALF) - if amount.per_mille < 0 { length } else { 0.0 };
    let middle = BAR_HALF.to_string();
    view! {
        <svg class=class(amount.role) width=2 * BAR_HALF height="14" aria-hidden="true">
            <line x1=middle.clone() x2=middle y1="0" y2="14" />
            <rect x=x y="3" width=length height="8" />
        </svg>
    }
}
