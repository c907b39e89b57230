//! The tables of the view.

use std::sync::Arc;

use hindsight_view::format;
use hindsight_view::lens::roam::{
    CallRow, ChannelRow, ConnectionRow, MethodRow, Process, Rows, StoredRow,
};

use super::model::{Model, Shown};
use super::table::{Column, Listed, table, text};
use crate::reactive::prelude::*;
use crate::route::Route;
use crate::view::class;

/// The view.
#[component]
pub(super) fn Tables(model: Model) -> impl IntoView {
    let live = move || {
        view! {
            {table(model, "Calls under way", Some("No call is under way."), listed(model, |s| &s.calls, |r| format!("{:?}", r.key)), call_columns())}
            {table(model, "Channels", None, listed(model, |s| &s.channels, |r| format!("{:?}", r.key)), channel_columns())}
            {table(model, "Methods", None, listed(model, |s| &s.methods, |r| r.key.clone()), method_columns())}
            {table(model, "Connections", None, listed(model, |s| &s.connections, |r| r.key.clone()), connection_columns())}
        }
    };
    let stored = move || {
        let rows = Memo::new(move |_| {
            model.stored().with(|stored| {
                list(&stored.1, |row| {
                    format!("{} {} {}", row.process.name, row.does, row.name)
                })
            })
        });
        table(
            model,
            "Methods, by stored spans",
            None,
            rows,
            stored_columns(),
        )
    };
    view! {
        <Show when=move || model.is_live() fallback=stored>
            {live()}
        </Show>
    }
}

fn listed<R>(
    model: Model,
    of: fn(&Shown) -> &Rows<R>,
    key: fn(&R) -> String,
) -> Memo<Arc<Listed<R>>>
where
    R: Clone + PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| model.shown().with(|shown| list(of(shown), key)))
}

fn list<R: Clone>(rows: &Rows<R>, key: impl Fn(&R) -> String) -> Arc<Listed<R>> {
    let keyed = rows.rows.iter().map(|row| (key(row), row.clone()));
    Arc::new(Listed::new(rows.size(), keyed))
}

fn process(process: &Process) -> AnyView {
    view! { <span class=format!("dot {}", class(process.role))></span>{process.name.clone()} }
        .into_any()
}

fn words<R>(head: &'static str, cell: fn(&R) -> AnyView) -> Column<R> {
    Column {
        head,
        is_number: false,
        cell,
    }
}

fn numbers<R>(head: &'static str, cell: fn(&R) -> AnyView) -> Column<R> {
    Column {
        head,
        is_number: true,
        cell,
    }
}

fn call_columns() -> Vec<Column<CallRow>> {
    vec![
        numbers("Age", |row| text(row.age.clone())),
        words("Call", |row| {
            let name = row.name.clone();
            match row.trace_id.is_valid() {
                true => {
                    let url = Route::of_span(row.trace_id, row.span_id).to_string();
                    view! { <a href=url>{name}</a> }.into_any()
                }
                false => text(name),
            }
        }),
        words("From", |row| process(&row.caller)),
        words("To", |row| process(&row.callee)),
        words("Where", |row| text(row.state())),
        numbers("Channels", |row| {
            text(match row.channels {
                0 => String::new(),
                channels => format::count(channels),
            })
        }),
    ]
}

fn channel_columns() -> Vec<Column<ChannelRow>> {
    vec![
        words("Channel of", |row| text(row.name.clone())),
        words("Process", |row| process(&row.process)),
        words("Does", |row| text(row.does)),
        words("State", |row| {
            let kind = if row.is_stuck { "warning" } else { "plain" };
            view! { <span class=kind>{row.state.clone()}</span>" "<span class="dim">{row.quiet.clone()}</span> }.into_any()
        }),
        numbers("Items", |row| text(format::count(row.items))),
        numbers("Credit", |row| text(format::count(row.credit))),
    ]
}

fn method_columns() -> Vec<Column<MethodRow>> {
    vec![
        words("Method", |row| text(row.name.clone())),
        words("Process", |row| {
            view! { {process(&row.process)}" "<span class="dim">{row.does}</span> }.into_any()
        }),
        numbers("Calls", |row| text(format::count(row.ended))),
        numbers("Failed", |row| {
            let kind = if row.failed > 0 { "bad" } else { "dim" };
            view! { <span class=kind>{format::count(row.failed)}</span> }.into_any()
        }),
        numbers("Mean", |row| text(row.mean.clone())),
        numbers("p50", |row| text(row.p50.clone())),
        numbers("p99", |row| text(row.p99.clone())),
        numbers("Longest", |row| text(row.max.clone())),
    ]
}

fn connection_columns() -> Vec<Column<ConnectionRow>> {
    vec![
        words("End", |row| process(&row.process)),
        words("Other end", |row| process(&row.peer)),
        words("How", |row| text(row.how.clone())),
        words("State", |row| text(row.state.clone())),
        numbers("Bytes in / out", |row| text(row.bytes.clone())),
        numbers("Frames in / out", |row| text(row.frames.clone())),
        numbers("Queue", |row| text(row.queue.clone())),
        numbers("Silent for", |row| text(row.silent.clone())),
    ]
}

fn stored_columns() -> Vec<Column<StoredRow>> {
    vec![
        words("Method", |row| text(row.name.clone())),
        words("Process", |row| {
            view! { {process(&row.process)}" "<span class="dim">{row.does}</span> }.into_any()
        }),
        numbers("Spans", |row| text(format::count(row.spans))),
        numbers("p50", |row| text(row.p50.clone())),
        numbers("p99", |row| text(row.p99.clone())),
    ]
}
