//! Beside the graph: the selected query, why it was computed, and its neighbours; else what is odd
//! and a list of what is drawn.

use hindsight_protocol::introspection::picante::QueryRef;
use hindsight_view::format;
use hindsight_view::lens::picante::{
    Item, Outcome, Queries, WhyStep, odd_edges, shown_name, written_name,
};

use super::model::{Model, Source, Told};
use super::scene::{Scene, Towards};
use crate::reactive::prelude::*;
use crate::route::{Picante as Set, Route};
use crate::view::rows;

/// Neighbours of each side that are listed.
const NEIGHBOURS_MAX: usize = 60;
/// Items of the picture that are listed, and odd dependencies.
const LISTED_MAX: usize = 120;
const ODD_MAX: usize = 12;

/// The panel.
#[component]
pub(super) fn Panel(model: Model, scene: Scene) -> impl IntoView {
    let selected = Memo::new(move |_| model.set().with(|set| set.query.clone()));
    let content = move || match selected.with(String::is_empty) {
        true => view! { <Overview model scene /> }.into_any(),
        false => view! { <Selected model scene /> }.into_any(),
    };
    view! { <aside class="panel" aria-label="Queries">{content}</aside> }
}

/// A link to a query in this lens.
fn to_query(model: Model, query: &QueryRef) -> impl Fn() -> String + use<> {
    let name = written_name(query);
    move || {
        let set = model.set().get();
        Route::Picante(set.with_query(name.clone())).to_string()
    }
}

#[component]
fn Selected(model: Model, scene: Scene) -> impl IntoView {
    let name = move || model.set().with(|set| set.query.clone());
    let close = move || {
        let set = model.set().get();
        Route::Picante(Set {
            query: String::new(),
            ..set
        })
        .to_string()
    };
    let facts = move || {
        scene.queries().with(|queries| {
            let at = queries.find(&hindsight_view::lens::picante::parse_name(&name()))?;
            Some(facts(queries, at))
        })
    };
    let shown = move || shown_name(&hindsight_view::lens::picante::parse_name(&name()));
    let neighbours = move |title: &'static str, uses: bool| {
        move || {
            scene.queries().with(|queries| {
                let at = queries.find(&hindsight_view::lens::picante::parse_name(&name()))?;
                Some(neighbours(model, queries, at, title, uses))
            })
        }
    };
    view! {
        <p class="heading"><strong>{shown}</strong> " " <a href=close>"close"</a></p>
        {facts}
        <h2>"Why was it computed?"</h2>
        <Explained model />
        {neighbours("What it uses", true)}
        {neighbours("What uses it", false)}
    }
}

#[component]
fn Explained(model: Model) -> impl IntoView {
    let words = move || {
        let told = model.told().get();
        let name = model.set().with(|set| set.query.clone());
        match told.filter(|told| told.name == name) {
            None => view! { <p class="dim">"Asking."</p> }.into_any(),
            Some(told) => explained(model, &told).into_any(),
        }
    };
    view! { <div class="why" role="status">{words}</div> }
}

fn explained(model: Model, told: &Told) -> impl IntoView + use<> {
    let steps = told.why.steps.iter().map(|step| step_line(model, step));
    let candidates = told.why.candidates.iter().map(|query| {
        view! { <li><a href=to_query(model, query)>{shown_name(query)}</a></li> }
    });
    let by = match (told.by_app, told.trouble.as_str()) {
        (true, _) => String::new(),
        (false, "") => "From stored spans: what has no span is missing.".into(),
        (false, trouble) => format!("From stored spans, because: {trouble}"),
    };
    view! {
        <p>{told.why.summary.clone()}</p>
        <ol class="steps">{steps.collect_view()}</ol>
        <ul>{candidates.collect_view()}</ul>
        <p class="dim">{told.why.left_out.clone()}</p>
        <p class="dim">{by}</p>
    }
}

fn step_line(model: Model, step: &WhyStep) -> impl IntoView + use<> {
    let span = step.span.map(|(trace, span)| {
        let url = Route::of_span(trace, span).to_string();
        view! { " " <a href=url>"span"</a> }
    });
    let because = (step.depth > 0).then_some("because ");
    // Deeper steps stand further to the right, as far as there is room.
    let indent = format!("{}px", 10 * step.depth.min(8));
    view! {
        <li style:padding-left=indent>
            <span class="dim">{because}</span>
            <a href=to_query(model, &step.query)>{step.name.clone()}</a>
            ": "
            {rows::line(&step.text)}
            {span}
        </li>
    }
}

/// What is known of a query.
fn facts(queries: &Queries, at: u32) -> impl IntoView + use<> {
    let node = queries.node(at);
    let outcome = queries.outcome(at);
    let revision = |revision: u64| (revision > 0).then(|| format::count(revision));
    let compute = (node.compute_ns > 0).then(|| format::duration(node.compute_ns));
    let computed = (node.computed > 0).then(|| match node.unchanged {
        0 => format::plural(node.computed, "time"),
        unchanged => format!(
            "{}, {} for the same value",
            format::plural(node.computed, "time"),
            format::count(unchanged)
        ),
    });
    let pairs = [
        ("changed in revision", revision(node.changed_at)),
        ("right in revision", revision(node.verified_at)),
        ("last took", compute),
        ("computed", computed),
    ];
    let pairs = pairs.into_iter().filter_map(|(name, value)| {
        let value = value?;
        Some(view! { <tr><th scope="row">{name}</th><td>{value}</td></tr> })
    });
    let error = (!node.error.is_empty()).then(|| {
        let error = format::escape(&node.error).into_owned();
        view! { <p class="bad message">{error}</p> }
    });
    let span = (node.span_id.is_valid() && node.trace_id.is_valid()).then(|| {
        let url = Route::of_span(node.trace_id, node.span_id).to_string();
        view! { <p><a href=url>"Its last span"</a></p> }
    });
    let input = node.is_input.then_some(" · an input, set from outside");
    view! {
        <p title=outcome.meaning()>{marked(outcome)} " " {outcome.label()} <span class="dim">{input}</span></p>
        {error}
        <table>{pairs.collect_view()}</table>
        {span}
    }
}

/// The shape of an outcome.
pub(super) fn marked(outcome: Outcome) -> impl IntoView + use<> {
    let (data, is_filled) = outcome.mark();
    let class = if is_filled { "mark is-filled" } else { "mark" };
    view! {
        <svg class=format!("outcome is-{}", outcome.word()) viewBox="0 0 10 10" aria-hidden="true">
            <path class=class d=data />
        </svg>
    }
}

fn neighbours(
    model: Model,
    queries: &Queries,
    at: u32,
    title: &'static str,
    uses: bool,
) -> impl IntoView + use<> {
    let others = if uses {
        queries.uses(at)
    } else {
        queries.users(at)
    };
    let count = others.len();
    let rows = others.iter().take(NEIGHBOURS_MAX).map(|other| {
        let ends = if uses { (at, *other) } else { (*other, at) };
        let found = queries
            .edges()
            .binary_search_by_key(&ends, |edge| (edge.from, edge.to));
        let edge = found.ok().map(|place| queries.edges()[place]);
        let odd = match edge {
            Some(edge) if edge.is_lost() => Some(" called, not recorded"),
            Some(edge) if edge.is_phantom() => Some(" recorded, not called"),
            _ => None,
        };
        let query = &queries.node(*other).query;
        let outcome = queries.outcome(*other);
        view! {
            <li title=outcome.label()>
                {marked(outcome)} " "
                <a href=to_query(model, query)>{shown_name(query)}</a>
                <span class="warning">{odd}</span>
            </li>
        }
    });
    let more = count.saturating_sub(NEIGHBOURS_MAX);
    let more = (more > 0)
        .then(|| view! { <li class="dim">{format!("{} more", format::count(more as u64))}</li> });
    view! {
        <h2>{format!("{title} ({})", format::count(count as u64))}</h2>
        <ul class="neighbours">{rows.collect_view()} {more}</ul>
    }
}

/// Nothing is selected: what is odd, and what is drawn.
#[component]
fn Overview(model: Model, scene: Scene) -> impl IntoView {
    let why_not = move || match model.source().get() {
        Source::Spans(_, why_not) => Some(why_not),
        Source::Asking | Source::App => None,
    };
    let notes = move || {
        let queries = scene.queries().get();
        let odd = odd_edges(&queries, ODD_MAX);
        let (lost, phantom) = queries.suspicious();
        let more = (lost + phantom).saturating_sub(odd.len());
        let more = (more > 0)
            .then(|| format!("{} more dependencies are odd.", format::count(more as u64)));
        let odd = odd.into_iter().chain(more);
        let odd = odd.map(|text| view! { <p class="warning">{text}</p> });
        let notes = queries.notes.iter().map(|note| {
            let note = format::escape(note).into_owned();
            view! { <p class="dim">{note}</p> }
        });
        view! { {odd.collect_view()} {notes.collect_view()} }
    };
    let listed = move || {
        scene.shown().with(|shown| {
            let items = shown.items.iter().enumerate().take(LISTED_MAX);
            let rows = items.map(|(at, item)| item_row(model, scene, at, item));
            let more = shown.items.len().saturating_sub(LISTED_MAX);
            let more = (more > 0).then(|| view! { <li class="dim">{format!("{more} more")}</li> });
            view! { {rows.collect_view()} {more} }
        })
    };
    view! {
        <p>{why_not}</p>
        {notes}
        <h2>"Drawn"</h2>
        <ul class="neighbours">{listed}</ul>
        <h2>"Marks"</h2>
        <Legend />
    }
}

fn item_row(model: Model, scene: Scene, at: usize, item: &Item) -> impl IntoView + use<> {
    let text = scene.text(at);
    let inner = match item {
        Item::Query(index) => {
            let query = scene
                .queries()
                .with(|queries| queries.node(*index).query.clone());
            view! { <a href=to_query(model, &query)>{shown_name(&query)}</a> }.into_any()
        }
        Item::Kind(counts) => {
            let kind = counts.kind.clone();
            view! {
                <button type="button" class="quiet" on:click=move |_| scene.go(Towards::Kind(kind.clone()))>
                    {text.title.clone()} " " <span class="dim">{text.key.clone()}</span>
                </button>
            }
            .into_any()
        }
        Item::More(..) => {
            view! { {text.title.clone()} " " <span class="dim">{text.key.clone()}</span> }
                .into_any()
        }
    };
    view! {
        <li title=text.sentence>
            {marked(text.outcome)} " " {inner} " " <span class="dim">{text.about}</span>
        </li>
    }
}

#[component]
fn Legend() -> impl IntoView {
    let rows = Outcome::ALL
        .into_iter()
        .rev()
        .filter(|outcome| *outcome != Outcome::Other);
    let rows = rows.map(|outcome| {
        view! { <li title=outcome.meaning()>{marked(outcome)} " " {outcome.label()}</li> }
    });
    view! { <ul class="legend">{rows.collect_view()}</ul> }
}
