//! Asks for the traces that are missing: pasted, or chosen from the newest.

use crate::reactive::prelude::*;
use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{ListTracesRequest, TraceSummary};
use hindsight_view::{TraceRow, format};
use leptos::task::spawn_local;

use super::Asked;
use crate::browser;
use crate::hub;
use crate::route::Route;
use crate::state::App;
use crate::view::class;

/// Traces to choose from.
const CHOICES_MAX: u32 = 20;

/// The trace that is given, whether those found have the same root, and those found.
type Found = (Option<TraceId>, bool, Vec<TraceSummary>);

/// The view.
#[component]
pub(super) fn Ask(asked: Signal<Asked>) -> impl IntoView {
    let app = App::here();
    let (a, b) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move || {
        let text = |id: Option<TraceId>| id.map_or_else(String::new, |id| id.to_string());
        asked.with(|asked| {
            a.set(text(asked.a));
            b.set(text(asked.b));
        });
    });
    let trouble = RwSignal::new(None::<String>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let read = |text: RwSignal<String>, side: &str| {
            text.with_untracked(|text| match text.trim() {
                "" => Ok(None),
                text => match TraceId::find_pasted(text) {
                    Ok(id) => Ok(Some(id)),
                    Err(refused) => Err(format!("{side}: {refused}")),
                },
            })
        };
        match (read(a, "A"), read(b, "B")) {
            (Ok(a), Ok(b)) => {
                trouble.set(None);
                app.go(Route::comparison(a, b));
            }
            (Err(refused), _) | (_, Err(refused)) => trouble.set(Some(refused)),
        }
    };
    let field = |name: &'static str, text: RwSignal<String>| {
        view! {
            <label>
                <span>{name}</span>
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="trace id, traceparent, or a link to a trace"
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                />
            </label>
        }
    };
    view! {
        <div class="bar"><h1>"Compare"</h1><span class="dim">"two traces: what takes longer, what came, what went"</span></div>
        <form class="ask" on:submit=submit>
            {field("A", a)}
            {field("B", b)}
            <button type="submit">"Compare"</button>
            <p class="bad" role="alert">{move || trouble.get()}</p>
        </form>
        <Choices asked />
    }
}

/// The newest traces; with one trace given, those with the same root.
#[component]
fn Choices(asked: Signal<Asked>) -> impl IntoView {
    let app = App::here();
    let found = RwSignal::new(None::<Found>);
    let epoch = app.link.epoch();
    Effect::new(move || {
        let given = asked.with(|asked| asked.a.or(asked.b));
        if epoch.get() > 0 {
            spawn_local(async move {
                let choices = choices(app, given).await;
                if asked.try_with_untracked(|asked| asked.a.or(asked.b)) == Some(given) {
                    found.try_set(Some((given, choices.0, choices.1)));
                }
            });
        }
    });
    let shown = move || {
        let (given, is_alike, traces) = found.get()?;
        let asked = asked.get();
        if given != asked.a.or(asked.b) {
            return None;
        }
        let which = if asked.a.is_none() { "A" } else { "B" };
        let about = match (traces.is_empty(), is_alike) {
            (true, _) => "There is no stored trace to choose.".to_owned(),
            (false, true) => format!("Choose {which} from the newest with the same root"),
            (false, false) => format!("Choose {which} from the newest"),
        };
        let rows = traces.iter().map(|summary| choice(summary, &asked));
        Some(view! {
            <table>
                <caption>{about}</caption>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        })
    };
    view! { <div class="candidates">{shown}</div> }
}

/// Whether they have the same root as the given trace, and the traces.
async fn choices(app: App, given: Option<TraceId>) -> (bool, Vec<TraceSummary>) {
    let ask = |query: String| {
        let request = ListTracesRequest {
            limit: CHOICES_MAX,
            query,
            ..ListTracesRequest::default()
        };
        async move {
            // Without an answer there is nothing to choose; the field is there all the same.
            let reply = hub::list_traces(app.link, request).await;
            reply.map(|reply| reply.traces).unwrap_or_default()
        }
    };
    if let Some(given) = given {
        let this = ask(format!("trace:{given}")).await;
        if let Some(summary) = this.first() {
            let name = hindsight_view::query_text::quoted(&summary.name);
            let mut alike = ask(format!("root.name={name}")).await;
            alike.retain(|trace| trace.trace_id != given);
            if !alike.is_empty() {
                return (true, alike);
            }
        }
    }
    let mut newest = ask(String::new()).await;
    newest.retain(|trace| Some(trace.trace_id) != given);
    (false, newest)
}

fn choice(summary: &TraceSummary, asked: &Asked) -> impl IntoView + use<> {
    let id = Some(summary.trace_id);
    let route = match (asked.a, asked.b) {
        (None, b) => Route::comparison(id, b),
        (a, _) => Route::comparison(a, id),
    };
    let row = TraceRow::new(summary, browser::now_ns(), browser::zone());
    let errors = (summary.errors > 0).then(|| format::plural(summary.errors, "error"));
    view! {
        <tr>
            <th scope="row">
                <a href=route.to_string()>
                    <span class=format!("dot {}", class(row.service_role))></span>
                    {row.name}
                </a>
            </th>
            <td class="n">{row.duration}</td>
            <td class="n">{format::plural(summary.spans, "span")}</td>
            <td class="bad">{errors}</td>
            <td class="n dim">{row.started}</td>
        </tr>
    }
}
