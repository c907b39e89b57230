//! dodeca's own events: what templates were used, when rebuilds begin and end, requests, links.
//!
//! In: `tracing` events of a few targets of dodeca, by their texts and fields. Out: spans of templates, and
//! what only these events tell. Everything else passes by: the filter is part of the layer. Where a text
//! changed in another version, what it told is missing, and nothing else.

mod fields;

use std::sync::atomic::{AtomicBool, Ordering};

use hindsight::Context;
use hindsight_protocol::introspection::dodeca::{BuildEvent, attribute, event, phase};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::Context as LayerContext;
use tracing_subscriber::registry::LookupSpan;

use crate::attach::{current, now_ns, with};
use crate::site::build::SeenFile;
use fields::Fields;

/// The layer with the filter that goes with it.
pub type Filtered<S> = tracing_subscriber::filter::Filtered<DodecaLayer, Targets, S>;

/// Reads dodeca's events; made by [`layer`].
#[derive(Debug)]
#[non_exhaustive]
pub struct DodecaLayer;

/// A layer to add to dodeca's subscribers; none where the program is not attached, which costs nothing.
///
/// It does not change what other layers see. It sees what a filter of the whole registry lets through.
pub fn layer<S>() -> Option<Filtered<S>>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let _attached = current()?;
    IS_WATCHED.store(true, Ordering::Relaxed);
    Some(DodecaLayer.with_filter(targets()))
}

static IS_WATCHED: AtomicBool = AtomicBool::new(false);

/// Whether there is a layer.
pub(crate) fn is_watched() -> bool {
    IS_WATCHED.load(Ordering::Relaxed)
}

fn targets() -> Targets {
    Targets::new()
        .with_target("dodeca::queries", LevelFilter::INFO)
        .with_target("dodeca::render", LevelFilter::WARN)
        .with_target("dodeca::serve", LevelFilter::DEBUG)
        .with_target("dodeca::build_steps", LevelFilter::INFO)
        .with_target("dodeca::file_watcher", LevelFilter::DEBUG)
        .with_target("ddc_cell_gingembre", LevelFilter::DEBUG)
        .with_target("ddc_cell_linkcheck", LevelFilter::INFO)
        .with_target("ddc_cell_http", LevelFilter::INFO)
}

/// Route of a span that renders a page.
struct Route(String);

fn is_of_page(metadata: &Metadata<'_>) -> bool {
    matches!(metadata.name(), "render_page" | "render_section")
}

impl<S> Layer<S> for DodecaLayer
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: LayerContext<'_, S>) {
        if !is_of_page(attributes.metadata()) {
            return;
        }
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(span), Some(route)) = (context.span(id), fields.text("route")) {
            span.extensions_mut().insert(Route(route.to_owned()));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: LayerContext<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        match event.metadata().target() {
            "ddc_cell_gingembre" => {
                let route = context.event_scope(event).and_then(|mut scope| {
                    scope.find_map(|span| {
                        let extensions = span.extensions();
                        extensions.get::<Route>().map(|route| route.0.clone())
                    })
                });
                template(&fields, route.as_deref());
            }
            "dodeca::serve" => revision(&fields),
            "dodeca::file_watcher" => watcher(&fields),
            "ddc_cell_http" => request(&fields),
            "ddc_cell_linkcheck" => link(&fields),
            "dodeca::build_steps" => build_step(&fields),
            _ => {}
        }
    }
}

fn template(fields: &Fields, route: Option<&str>) {
    let (Some(name), Some(context_id)) =
        (fields.text("template_name"), fields.number("context_id"))
    else {
        return;
    };
    let failed = match fields.message() {
        "gingembre render started" => return template_started(name, context_id, route),
        "gingembre render finished" => None,
        "gingembre render failed" => Some(fields.text("error").unwrap_or_default().to_owned()),
        _ => return,
    };
    with(|site| site.templates.ended(context_id, name, failed, now_ns()));
}

fn template_started(name: &str, context_id: u64, route: Option<&str>) {
    let Some(attached) = current() else { return };
    let mut span = attached.tracer.span("render template");
    span = span.with_attribute(attribute::TEMPLATE, name.to_owned());
    span = span.with_attribute(attribute::PHASE, phase::RENDER);
    if let Some(route) = route {
        span = span.with_attribute(attribute::ROUTE, route.to_owned());
    }
    let span = span.start_detached();
    with(|site| {
        if let Some(route) = route {
            site.pages.used_template(route, name);
        }
        site.templates.started(context_id, span, now_ns());
    });
}

fn revision(fields: &Fields) {
    let generation = fields.number("generation");
    match (fields.message(), generation) {
        ("revision: begin", Some(generation)) => {
            let reason = fields.text("reason").unwrap_or_default().to_owned();
            with(|site| site.begin_build(Some((generation, reason)), now_ns()));
        }
        // Without the time it took, it is said by one who waited.
        ("revision: ready", Some(generation)) if fields.text("elapsed_ms").is_some() => {
            with(|site| site.revision_ready(generation, now_ns()));
        }
        (message, _) => {
            if let Some(pages) = cached_routes(message) {
                with(|site| {
                    site.builds.pages_said(pages);
                    let generation = site.builds.generation();
                    site.events.push(BuildEvent {
                        generation,
                        ..told(
                            event::RELOAD,
                            match pages {
                                1 => "1 page that browsers show".to_owned(),
                                pages => format!("{pages} pages that browsers show"),
                            },
                        )
                    });
                });
            }
        }
    }
}

/// The number in `trigger_reload: checking 3 cached routes`.
fn cached_routes(message: &str) -> Option<u64> {
    let rest = message.strip_prefix("trigger_reload: checking ")?;
    rest.strip_suffix(" cached routes")?.parse().ok()
}

fn watcher(fields: &Fields) {
    let is_removed = match fields.message() {
        "file_watcher: file created" | "file_watcher: file modified" => false,
        "file_watcher: file removed" => true,
        _ => return,
    };
    if let Some(path) = fields.text("path") {
        let path = path.to_owned();
        with(|site| site.file_seen(SeenFile { path, is_removed }));
    }
}

fn request(fields: &Fields) {
    let Some((what, _)) = fields.message().rsplit_once(" -> ") else {
        return;
    };
    let latency_ns = fields.float("latency_ms").unwrap_or(0.0).max(0.0) * 1e6;
    let told = BuildEvent {
        outcome: fields.text("status").unwrap_or_default().to_owned(),
        duration_ns: latency_ns as u64,
        ..told(event::REQUEST, what.to_owned())
    };
    with(|site| site.events.push(told));
}

fn link(fields: &Fields) {
    let Some(url) = fields.text("url") else {
        return;
    };
    let more = fields.text("status").or_else(|| fields.text("error"));
    let told = BuildEvent {
        phase: phase::LINK.to_owned(),
        outcome: fields.message().to_owned(),
        detail: more.unwrap_or_default().to_owned(),
        duration_ns: fields
            .number("elapsed_ms")
            .unwrap_or(0)
            .saturating_mul(1_000_000),
        ..told(event::STEP, url.to_owned())
    };
    with(|site| site.events.push(told));
}

fn build_step(fields: &Fields) {
    let Some(step) = fields.text("step") else {
        return;
    };
    let told = BuildEvent {
        outcome: "started".to_owned(),
        detail: fields.text("program").unwrap_or_default().to_owned(),
        ..told(event::STEP, step.to_owned())
    };
    with(|site| site.events.push(told));
}

/// An event that is told now, in the trace that is current.
fn told(kind: &str, what: String) -> BuildEvent {
    let context = Context::current();
    BuildEvent {
        at_ns: now_ns(),
        kind: kind.to_owned(),
        what,
        trace_id: context.as_ref().map(Context::trace_id).unwrap_or_default(),
        span_id: context.as_ref().map(Context::span_id).unwrap_or_default(),
        ..BuildEvent::default()
    }
}
