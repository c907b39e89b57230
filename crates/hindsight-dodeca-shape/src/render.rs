//! Rendering a page with a template, and the events that dodeca's renderer emits meanwhile.

pub(crate) mod markdown;
mod template;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::value::{Page, Route, Section, SiteTree, TemplateRenderError};

static NEXT_CALL: AtomicU64 = AtomicU64::new(1);

/// A page or a section.
pub(crate) enum Renderable<'t> {
    Page(&'t Page),
    Section(&'t Section),
}

impl<'t> Renderable<'t> {
    pub(crate) fn find(tree: &'t SiteTree, route: &Route) -> Option<Self> {
        let section = tree.sections.get(route).map(Self::Section);
        section.or_else(|| tree.pages.get(route).map(Self::Page))
    }

    fn route(&self) -> &Route {
        match self {
            Self::Page(page) => &page.route,
            Self::Section(section) => &section.route,
        }
    }

    fn default_template(&self) -> &'static str {
        match self {
            Self::Page(_) => "page.html",
            Self::Section(section) if section.route.0 == "/" => "index.html",
            Self::Section(_) => "section.html",
        }
    }

    fn template(&self) -> &str {
        let asked = match self {
            Self::Page(page) => &page.template,
            Self::Section(section) => &section.template,
        };
        asked.as_deref().unwrap_or(self.default_template())
    }
}

/// A page in HTML. A template that is not there is replaced by the default one.
pub(crate) fn render(
    renderable: Renderable<'_>,
    tree: &SiteTree,
    templates: &HashMap<String, String>,
    can_edit: bool,
) -> Result<String, TemplateRenderError> {
    let (requested, fallback) = (renderable.template(), renderable.default_template());
    let mut name = requested;
    if !templates.contains_key(requested) && requested != fallback {
        tracing::warn!(
            target: "dodeca::render",
            route = %renderable.route(),
            requested,
            fallback,
            "template not found; falling back to the default template"
        );
        name = fallback;
    }
    let call_id = NEXT_CALL.fetch_add(1, Ordering::Relaxed);
    let started = Instant::now();
    tracing::debug!(
        target: "dodeca::cells",
        call_id,
        cell = "gingembre",
        method = "render",
        context_id = call_id,
        template_name = name,
        "template render starting"
    );
    let html = engine(call_id, name, &renderable, tree, templates, can_edit);
    tracing::debug!(
        target: "dodeca::cells",
        call_id,
        cell = "gingembre",
        method = "render",
        elapsed_ms = started.elapsed().as_millis(),
        "template render complete"
    );
    html
}

fn engine(
    context_id: u64,
    name: &str,
    renderable: &Renderable<'_>,
    tree: &SiteTree,
    templates: &HashMap<String, String>,
    can_edit: bool,
) -> Result<String, TemplateRenderError> {
    let started = Instant::now();
    tracing::debug!(target: "ddc_cell_gingembre", context_id, template_name = %name, "gingembre render started");
    let values = template::Values::of(renderable, tree, can_edit);
    match template::fill(name, templates, &values) {
        Ok(html) => {
            tracing::debug!(
                target: "ddc_cell_gingembre",
                context_id,
                template_name = %name,
                elapsed_ms = started.elapsed().as_millis(),
                html_len = html.len(),
                "gingembre render finished"
            );
            Ok(html)
        }
        Err(message) => {
            tracing::error!(
                target: "ddc_cell_gingembre",
                context_id,
                template_name = %name,
                elapsed_ms = started.elapsed().as_millis(),
                error = ?message,
                "gingembre render failed"
            );
            Err(TemplateRenderError { message })
        }
    }
}
