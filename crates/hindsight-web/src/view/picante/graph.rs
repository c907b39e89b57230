//! The graph as SVG: a button for each query or kind. One of them is in the order of the Tab key;
//! arrow keys go from one to the next, Enter opens.
//!
//! Holds: texts and colours change in place; boxes are made anew only when others come or go.

use hindsight_view::graph::{Area, EdgePath};
use hindsight_view::lens::picante::{BOX, LinkEnds};
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::svg;
use wasm_bindgen::JsCast;
use web_sys::SvgElement;

use super::scene::Scene;
use crate::reactive::prelude::*;
use crate::view::stage::Stage;

const ABOUT: &str = "Queries, each left of what it depends on. Tab enters, arrow keys go from query to \
                     query, Enter opens, plus and minus zoom, 0 shows all of it.";

/// The picture.
#[component]
pub(crate) fn Graph(scene: Scene) -> impl IntoView {
    let size = Memo::new(move |_| scene.picture().with(|picture| picture.size));
    let stage = Stage::new(size.into(), Signal::derive(move || scene.home()));
    let inner = NodeRef::<svg::G>::new();
    let links = move || {
        let picture = scene.picture().get();
        let links = picture.links.iter();
        links.map(|(ends, path)| link(*ends, path)).collect_view()
    };
    let boxes = move || {
        let picture = scene.picture().get();
        let boxes = picture.boxes.iter().copied().enumerate();
        let boxes = boxes.map(|(at, area)| query(scene, stage, inner, at, area));
        boxes.collect_view()
    };
    // The links of what is pointed at or selected, above the others.
    let lit = move || {
        let at = scene.lit().get();
        let at = at.or_else(|| scene.shown().with(|shown| shown.selected_item()))?;
        let picture = scene.picture().get();
        let of_it = picture
            .links
            .iter()
            .filter(|(ends, _)| ends.from == at || ends.to == at);
        Some(of_it.map(|(ends, path)| link(*ends, path)).collect_view())
    };
    let enter = move |_: PointerEvent| scene.hold(true);
    let leave = move |_: PointerEvent| scene.hold(false);
    view! {
        <div
            class="stage"
            on:pointerenter=enter
            on:pointerleave=leave
            on:focusin=move |_| scene.hold(true)
            on:focusout=move |_| scene.hold(false)
        >
            <svg
                node_ref=stage.node
                role="group"
                aria-label=ABOUT
                on:pointerdown=move |event| stage.down(&event)
                on:pointermove=move |event| stage.pointer_moved(&event)
                on:pointerup=move |_| stage.up()
                on:pointercancel=move |_| stage.up()
                on:wheel=move |event| stage.wheel(&event)
            >
                <g node_ref=inner transform=move || stage.transform()>
                    <g>{links}</g>
                    <g class="lit">{lit}</g>
                    <g>{boxes}</g>
                </g>
            </svg>
            <div class="zoom" role="group" aria-label="Zoom">
                <button type="button" title="Larger (+)" aria-label="Larger" on:click=move |_| stage.zoom(1.25)>"+"</button>
                <button type="button" title="Smaller (-)" aria-label="Smaller" on:click=move |_| stage.zoom(0.8)>"\u{2212}"</button>
                <button type="button" title="Shows all of it (0)" on:click=move |_| stage.fit()>"Fit"</button>
            </div>
        </div>
    }
}

fn link(ends: LinkEnds, path: &EdgePath) -> impl IntoView + use<> {
    let class = match (ends.is_lost, ends.is_phantom) {
        (true, _) => "dep is-lost",
        (false, true) => "dep is-phantom",
        (false, false) => "dep",
    };
    view! {
        <g class=class>
            <path class="line" d=path.line_data() />
            <path class="arrow" d=path.head_data() />
        </g>
    }
}

fn query(
    scene: Scene,
    stage: Stage,
    inner: NodeRef<svg::G>,
    at: usize,
    area: Area,
) -> impl IntoView + use<> {
    let text = Memo::new(move |_| scene.text(at));
    let is_selected = Memo::new(move |_| {
        scene
            .shown()
            .with(|shown| shown.selected_item() == Some(at))
    });
    // The one that Tab comes to: the selected one, else the first.
    let is_entry = Memo::new(move |_| {
        scene
            .shown()
            .with(|shown| shown.selected_item().unwrap_or(0) == at)
    });
    let class = move || {
        text.with(|text| {
            let kind = if text.is_kind { " is-kind" } else { "" };
            format!("node is-{}{kind}", text.outcome.word())
        })
    };
    let key = move |event: KeyboardEvent| {
        let way = match event.key().as_str() {
            "ArrowRight" => (1, 0),
            "ArrowLeft" => (-1, 0),
            "ArrowDown" => (0, 1),
            "ArrowUp" => (0, -1),
            "Enter" | " " => {
                event.prevent_default();
                event.stop_propagation();
                return scene.open(at);
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let next = scene
            .picture()
            .with_untracked(|picture| picture.next_box(at, way));
        if let Some(next) = next {
            focus(inner, next);
        }
    };
    let mark = move || text.with(|text| text.outcome.mark().0);
    let mark_class = move || {
        text.with(|text| {
            if text.outcome.mark().1 {
                "mark is-filled"
            } else {
                "mark"
            }
        })
    };
    // A box behind it says that there are several.
    let behind = move || {
        text.with(|text| text.is_kind).then(|| {
            view! { <rect class="behind" x="4" y="4" width=BOX.width height=BOX.height rx="3" /> }
        })
    };
    view! {
        <g
            class=class
            role="button"
            data-box=at.to_string()
            tabindex=move || if is_entry.get() { "0" } else { "-1" }
            aria-label=move || text.with(|text| text.label())
            aria-pressed=move || is_selected.get().to_string()
            transform=format!("translate({:.1} {:.1})", area.at.x, area.at.y)
            on:click=move |_| scene.open(at)
            on:keydown=key
            on:pointerenter=move |_| scene.light(Some(at))
            on:pointerleave=move |_| scene.light(None)
            on:focus=move |_| {
                scene.light(Some(at));
                stage.show(area);
            }
            on:blur=move |_| scene.light(None)
        >
            {behind}
            <rect class="box" width=area.size.width height=area.size.height rx="3" />
            <path class=mark_class transform="translate(9 8) scale(1.1)" d=mark />
            <text class="name" x="26" y="18">{move || text.with(|text| text.title.clone())} " "</text>
            <text class="key" x="9" y="33">{move || text.with(|text| text.key.clone())} " "</text>
            <text class="about" x="9" y="47">{move || text.with(|text| text.about.clone())}</text>
        </g>
    }
}

/// Moves the focus to a box.
fn focus(inner: NodeRef<svg::G>, at: usize) {
    let found = inner.get_untracked().and_then(|group| {
        let group: &web_sys::Element = group.as_ref();
        group.query_selector(&format!("[data-box='{at}']")).ok()?
    });
    if let Some(element) = found.and_then(|element| element.dyn_into::<SvgElement>().ok()) {
        // What cannot have the focus keeps it where it is.
        element.focus().ok();
    }
}
