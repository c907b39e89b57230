//! Figures by kind: told by the app while it is there, by stored spans otherwise.

use std::time::Duration;

use hindsight_protocol::introspection::picante::{CacheStats, CacheStatsRequest};
use hindsight_view::format;
use hindsight_view::lens::picante::{KindRow, SortKinds, Statistics};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::from_spans;
use super::model::{Model, Source};
use crate::browser;
use crate::reactive::prelude::*;
use crate::route::{Picante as Set, Route};
use crate::view::change;

const INTERVAL: Duration = Duration::from_secs(2);

/// The table.
#[component]
pub(super) fn StatisticsView(model: Model) -> impl IntoView {
    let told = RwSignal::new(None::<CacheStats>);
    let trouble = RwSignal::new(String::new());
    // Ends with the view.
    let is_there = StoredValue::new(true);
    spawn_local(async move {
        while is_there.try_get_value() == Some(true) {
            if model.source().get_untracked() == Source::App {
                let request = CacheStatsRequest::default();
                let relayed = model.relayed();
                let call =
                    relayed.call(|client| async move { client.get_cache_stats(request).await });
                match call.await {
                    Ok(stats) => {
                        if is_there.try_get_value() == Some(true) {
                            change(trouble, String::new());
                            told.set(Some(stats));
                        }
                    }
                    Err(why) => change(trouble, why.sentence()),
                }
            }
            sleep(INTERVAL).await;
            browser::next_frame().await;
        }
    });
    let sort = RwSignal::new((SortKinds::default(), false));
    let statistics = Memo::new(move |_| {
        let (by, is_reversed) = sort.get();
        match (model.source().get(), model.stored()) {
            (Source::App, _) => {
                told.with(|told| Some(Statistics::new(told.as_ref()?, by, is_reversed)))
            }
            (Source::Spans(..), Some(stored)) => {
                Some(Statistics::new(&stored.cache_stats(), by, is_reversed))
            }
            _ => None,
        }
    });
    let hits = move || match (model.source().get(), model.stored()) {
        (Source::Spans(..), Some(stored)) if stored.hits_without_span() > 0 => Some(format!(
            "{} more were hits without a span.",
            format::count(stored.hits_without_span())
        )),
        _ => None,
    };
    let sentence = move || {
        statistics.with(|statistics| match statistics {
            Some(statistics) => statistics.sentence.clone(),
            None => "Asking.".into(),
        })
    };
    let warnings = move || {
        statistics.with(|statistics| {
            let warnings = statistics
                .iter()
                .flat_map(|statistics| &statistics.warnings);
            let warnings = warnings.map(|text| view! { <p class="warning">{text.clone()}</p> });
            warnings.collect_view()
        })
    };
    let rows = move || {
        statistics.with(|statistics| {
            let rows = statistics.iter().flat_map(|statistics| &statistics.rows);
            rows.map(|row| self::row(model, row)).collect_view()
        })
    };
    let left_out = move || {
        let left_out = statistics.with(|statistics| statistics.as_ref().map_or(0, |s| s.left_out));
        (left_out > 0).then(|| format!("{} more kinds", format::count(left_out as u64)))
    };
    let heading = move |column: SortKinds, word: &'static str| {
        let falls = !matches!(column, SortKinds::Name | SortKinds::HitRate);
        let sorted = move || {
            let (by, is_reversed) = sort.get();
            (by == column).then_some(if falls == is_reversed {
                "ascending"
            } else {
                "descending"
            })
        };
        let click = move |_| {
            sort.update(|(by, is_reversed)| {
                *is_reversed = *by == column && !*is_reversed;
                *by = column;
            });
        };
        view! {
            <th scope="col" class:n=column != SortKinds::Name aria-sort=sorted>
                <button type="button" class="quiet" on:click=click>{word}</button>
            </th>
        }
    };
    view! {
        <div class="part" role="region" aria-label="Statistics" tabindex="0">
            <p role="status">{sentence} " " {hits}</p>
            {warnings}
            <p class="dim">{from_spans(model)} {move || trouble.get()}</p>
            <table class="kinds">
                <thead>
                    <tr>
                        {heading(SortKinds::Name, "Kind")}
                        <th scope="col" class="n">"Keys"</th>
                        {heading(SortKinds::Accesses, "Accesses")}
                        {heading(SortKinds::HitRate, "From memory")}
                        <th scope="col" class="n">"Computed"</th>
                        <th scope="col" class="n" title="Computed for the same value as before">"Same"</th>
                        {heading(SortKinds::Time, "Time")}
                        {heading(SortKinds::Wasted, "Of it in vain")}
                        <th scope="col" class="n">"p50"</th>
                        {heading(SortKinds::P99, "p99")}
                        {heading(SortKinds::Errors, "Errors")}
                        <th scope="col" class="n">"Cancelled"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="dim">{left_out}</p>
        </div>
    }
}

fn row(model: Model, row: &KindRow) -> impl IntoView + use<> {
    let kind = row.kind.clone();
    let url = move || {
        let set = model.set().get();
        let find = format!("kind:\"{}\"", kind.replace('"', " "));
        let set = Set {
            app: set.app,
            find,
            ..Set::default()
        };
        Route::Picante(set).to_string()
    };
    let count = |count: u64| {
        if count == 0 {
            "\u{2013}".to_owned()
        } else {
            format::count(count)
        }
    };
    let time = |ns: u64| {
        if ns == 0 {
            "\u{2013}".to_owned()
        } else {
            format::duration(ns)
        }
    };
    let memory = match row.is_input {
        true => "input".to_owned(),
        false => format::percent(row.answered, row.accesses),
    };
    let errors = if row.errors > 0 { "n bad" } else { "n" };
    let wasted = if row.wasted_ns > 0 { "n warning" } else { "n" };
    view! {
        <tr>
            <th scope="row"><a href=url>{row.name.clone()}</a></th>
            <td class="n">{count(row.keys)}</td>
            <td class="n">{count(row.accesses)}</td>
            <td class="n">{memory}</td>
            <td class="n">{count(row.computed)}</td>
            <td class="n">{count(row.unchanged)}</td>
            <td class="n">{time(row.compute_ns)}</td>
            <td class=wasted>{time(row.wasted_ns)}</td>
            <td class="n">{time(row.p50_ns)}</td>
            <td class="n">{time(row.p99_ns)}</td>
            <td class=errors>{count(row.errors)}</td>
            <td class="n">{count(row.cancelled)}</td>
        </tr>
    }
}
