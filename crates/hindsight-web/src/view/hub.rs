//! The hub itself: what it stores, how fast spans come, and what became of every one of them.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::StatsReply;
use hindsight_view::{Rates, format};

use crate::browser;
use crate::state::App;

/// Newest removals that are listed.
const REMOVALS_MAX: usize = 20;

/// The view.
#[component]
pub(crate) fn Hub() -> impl IntoView {
    let app = App::here();
    let shown = move || {
        let (stats, rates) = (app.stats(), app.rates());
        match stats.get() {
            None => view! {
                <div class="bar"><h1>"Hub"</h1></div>
                <p class="empty">"Asking the hub."</p>
            }
            .into_any(),
            Some(stats) => page(&stats, rates.get()).into_any(),
        }
    };
    view! { <section class="hub" aria-label="Hub">{shown}</section> }
}

fn page(stats: &StatsReply, rates: Rates) -> impl IntoView + use<> {
    let up = format::duration(stats.now_ns.saturating_sub(stats.started_ns));
    view! {
        <div class="bar">
            <h1>"Hub"</h1>
            <span class="dim">{format!("hindsight {}, up {up}", stats.version)}</span>
        </div>
        <div class="sheets">
            {stored(stats)}
            {flow(stats, rates)}
            {accounts(stats)}
            {reasons(stats)}
            {removals(stats)}
            {listens(stats)}
        </div>
    }
}

fn line(name: &'static str, value: String) -> impl IntoView {
    view! { <tr><th scope="row">{name}</th><td class="n">{value}</td></tr> }
}

fn stored(stats: &StatsReply) -> impl IntoView + use<> {
    let ttl_ns = stats.ttl_ms.saturating_mul(1_000_000);
    view! {
        <section>
            <h2>"Stored"</h2>
            <table>
                <tbody>
                    {line("traces", format::count(stats.traces))}
                    {line("spans", format::count(stats.store.live))}
                    {line("of them open", format::count(stats.open_spans))}
                    {line("kept for", format::compact_duration(ttl_ns))}
                    {line("memory", format!(
                        "{} of {}",
                        format::bytes(stats.memory_bytes),
                        format::bytes(stats.memory_limit_bytes),
                    ))}
                </tbody>
            </table>
            <meter
                aria-label="memory"
                min="0"
                max=stats.memory_limit_bytes.to_string()
                value=stats.memory_bytes.to_string()
            ></meter>
        </section>
    }
}

fn flow(stats: &StatsReply, rates: Rates) -> impl IntoView + use<> {
    view! {
        <section>
            <h2>"Now"</h2>
            <table>
                <tbody>
                    {line("received", format!("{}/s", format::count(rates.received)))}
                    {line("removed", format!("{}/s", format::count(rates.removed)))}
                    {line("connections", format::count(stats.connections))}
                    {line("live subscribers", format::count(stats.subscribers))}
                </tbody>
            </table>
        </section>
    }
}

/// The three sums that hold at any time.
fn accounts(stats: &StatsReply) -> impl IntoView + use<> {
    let (apps, ingest, store) = (&stats.accounts, &stats.ingest, &stats.store);
    let count = format::count;
    view! {
        <section class="accounts">
            <h2>"What became of every span"</h2>
            <table>
                <tbody>
                    <tr class="sum"><th scope="row">"offered by apps"</th><td class="n">{count(apps.offered)}</td></tr>
                    {line("dropped by apps", count(apps.dropped))}
                    <tr class="sum"><th scope="row">"received"</th><td class="n">{count(ingest.received)}</td></tr>
                    {line("inserted", count(ingest.inserted))}
                    {line("updated", count(ingest.updated))}
                    {line("duplicate", count(ingest.duplicate))}
                    {line("rejected", count(ingest.rejected))}
                    <tr class="sum"><th scope="row">"inserted"</th><td class="n">{count(ingest.inserted)}</td></tr>
                    {line("live", count(store.live))}
                    {line("sampled out", count(store.sampled_out))}
                    {line("expired", count(store.expired))}
                    {line("evicted", count(store.evicted))}
                    {line("cleared", count(store.cleared))}
                </tbody>
            </table>
        </section>
    }
}

fn reasons(stats: &StatsReply) -> impl IntoView + use<> {
    let rows = stats.reasons.iter().map(|reason| {
        let (name, count) = (reason.reason.clone(), format::count(reason.count));
        view! { <tr><th scope="row">{name}</th><td class="n">{count}</td></tr> }
    });
    let rows = rows.collect_view();
    let none = stats
        .reasons
        .is_empty()
        .then_some("Nothing was refused, cut or lost.");
    view! {
        <section>
            <h2>"Refused, cut or lost"</h2>
            <p class="dim">{none}</p>
            <table><tbody>{rows}</tbody></table>
        </section>
    }
}

fn removals(stats: &StatsReply) -> impl IntoView + use<> {
    let zone = browser::zone();
    let newest = stats.removals.iter().rev().take(REMOVALS_MAX);
    let rows = newest.map(|removal| {
        let at = format::date_time(removal.at_ns, zone);
        let what = format!(
            "{} {}",
            format::plural(removal.spans, "span"),
            removal.reason
        );
        view! { <tr><th scope="row">{at}</th><td class="n">{what}</td></tr> }
    });
    let rows = rows.collect_view();
    let none = stats.removals.is_empty().then_some("Nothing was removed.");
    view! {
        <section>
            <h2>"Removals"</h2>
            <p class="dim">{none}</p>
            <table><tbody>{rows}</tbody></table>
        </section>
    }
}

fn listens(stats: &StatsReply) -> impl IntoView + use<> {
    let addresses = stats.addresses.iter().cloned();
    let items = addresses.map(|address| view! { <li><code>{address}</code></li> });
    let items = items.collect_view();
    view! { <section><h2>"Listens at"</h2><ul>{items}</ul></section> }
}
