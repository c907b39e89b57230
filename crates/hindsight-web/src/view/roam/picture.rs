//! Who calls whom as SVG: a box for each process, an arrow for each pair.

use hindsight_view::graph::{Area, EdgePath};
use hindsight_view::lens::roam::{Edge, Node, Topology};

use super::model::Model;
use crate::reactive::prelude::*;
use crate::route::{Roam as Set, Route};
use crate::view::class;
use crate::view::stage::{Frame, Stage};

/// The view.
#[component]
pub(super) fn Picture(model: Model) -> impl IntoView {
    let size = Memo::new(move |_| model.layout().with(|layout| layout.size));
    let stage = Stage::new(size.into(), Signal::derive(|| None));
    let topology: Whole = Memo::new(move |_| model.topology()).into();
    let nodes = move || {
        let layout = model.layout().get();
        let nodes = layout.nodes.iter().map(|(key, area)| (key.clone(), *area));
        nodes
            .map(|(key, area)| process(topology, stage, key, area))
            .collect_view()
    };
    let edges = move || {
        let layout = model.layout().get();
        let edges = layout
            .edges
            .iter()
            .map(|(keys, path)| (keys.clone(), path.clone()));
        edges
            .map(|(keys, path)| calls(topology, keys, &path))
            .collect_view()
    };
    view! {
        <Frame
            stage
            label="Processes and their calls. Arrow keys move the picture, plus and minus zoom, 0 shows all of it."
        >
            {edges} {nodes}
        </Frame>
    }
}

type Whole = Signal<Topology>;

fn process(topology: Whole, stage: Stage, key: String, area: Area) -> impl IntoView {
    let is_of_app = topology.with_untracked(|topology| {
        let mut nodes = topology.nodes.iter();
        nodes.any(|node| node.key == key && node.app.is_some())
    });
    let node = Memo::new(move |_| {
        topology.with(|topology| topology.nodes.iter().find(|node| node.key == key).cloned())
    });
    let part = move |part: fn(&Node) -> String| {
        move || node.with(|node| node.as_ref().map_or_else(String::new, part))
    };
    let mark = move || {
        let role = node.with(|node| node.as_ref().map(|node| node.process.role));
        format!("mark {}", role.map_or("dim", class))
    };
    let is_app = move || node.with(|node| node.as_ref().is_some_and(|node| node.app.is_some()));
    let url = move || {
        let app = node.with(|node| node.as_ref().and_then(|node| node.app));
        Route::Roam(Set { app }).to_string()
    };
    let name = part(|node| node.process.name.clone());
    let label = move || {
        let told = node.get();
        let told = told.map(|node| {
            format!(
                "{} {}. Only what has to do with it",
                node.process.name, node.about
            )
        });
        told.unwrap_or_default()
    };
    let stranger = move || {
        let told = node.get();
        told.map(|node| format!("{}, {}", node.process.name, node.about))
            .unwrap_or_default()
    };
    let inside = move || {
        view! {
            <rect
                class=move || if is_app() { "box" } else { "box is-quiet" }
                width=area.size.width
                height=area.size.height
                rx="3"
            />
            <rect class=mark x="10" y="12" width="8" height="8" rx="2" />
            <text class="name" x="24" y="20">{name} " "</text>
            <text class="durations" x="10" y="36">{part(|node| node.about.clone())}</text>
        }
    };
    let place = format!("translate({:.1} {:.1})", area.at.x, area.at.y);
    if is_of_app {
        view! {
            <g class="service" transform=place>
                <a href=url aria-label=label on:focus=move |_| stage.show(area)>{inside()}</a>
            </g>
        }
        .into_any()
    } else {
        view! { <g class="service" role="img" aria-label=stranger transform=place>{inside()}</g> }
            .into_any()
    }
}

fn calls(topology: Whole, (from, to): (String, String), path: &EdgePath) -> impl IntoView + use<> {
    let edge = Memo::new(move |_| {
        topology.with(|topology| {
            let key = |at: usize| topology.nodes.get(at).map(|node| node.key.as_str());
            let mut edges = topology.edges.iter();
            let found = edges
                .find(|e| key(e.from) == Some(from.as_str()) && key(e.to) == Some(to.as_str()))?;
            let name = |at: usize| topology.nodes.get(at).map(|node| node.process.name.clone());
            Some((found.clone(), name(found.from)?, name(found.to)?))
        })
    });
    let part = move |part: fn(&Edge) -> String| {
        move || {
            edge.with(|edge| {
                edge.as_ref()
                    .map_or_else(String::new, |(edge, ..)| part(edge))
            })
        }
    };
    let label = move || {
        edge.with(|edge| {
            let (edge, from, to) = edge.as_ref()?;
            let services = edge.services.join(", ");
            Some(format!(
                "{from} calls {to}: {services}, {} {}",
                edge.numbers(),
                edge.remark()
            ))
        })
    };
    let kind = move || {
        edge.with(|edge| match edge {
            Some((edge, ..)) if !edge.is_open => "call is-quiet",
            Some((edge, ..)) if edge.failed > 0 => "call warning",
            _ => "call",
        })
    };
    let area = path.label.unwrap_or_default();
    let middle = area.at.x + area.size.width / 2.0;
    let (line, head) = (path.line_data(), path.head_data());
    view! {
        <g class=kind role="img" aria-label=label>
            <path class="line" d=line stroke-width="1.5" />
            <path class="arrow" d=head />
            <text class="head" text-anchor="middle" x=middle y=area.at.y + 12.0>{part(Edge::names)} " "</text>
            <text class="durations" text-anchor="middle" x=middle y=area.at.y + 35.0>{part(Edge::numbers)}</text>
        </g>
    }
}
