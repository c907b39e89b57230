//! The same as an app would tell, from stored spans alone: for apps that have gone.
//!
//! In: spans of the newest builds, in any order. Out: the messages of `DodecaIntrospection`. Holds:
//! nothing is made up: what spans do not say stays empty (titles, totals, assets), and
//! [`Recalled::note`] says where the answer comes from. Bounded: by the spans, of which
//! [`SPANS_MAX`] are asked for.

mod change;

use std::collections::BTreeMap;

use hindsight_protocol::introspection::dodeca::{
    BuildInfo, ChangeExplanation, ListPages, Page, PhaseProgress, TemplateInfo, TemplateStats,
    attribute, state,
};
use hindsight_protocol::introspection::picante::{attribute as query_attribute, outcome};
use hindsight_protocol::{Span, StatusCode, Value};

use super::PageSort;
use crate::query_text::service_term;

/// Spans that are asked for.
pub const SPANS_MAX: u32 = 4_000;

/// What stored spans say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recalled {
    /// The newest build.
    pub info: BuildInfo,
    /// Pages by route.
    pub pages: ListPages,
    /// Templates, most time first.
    pub templates: TemplateStats,
    /// What changes made anew, newest first.
    pub changes: Vec<ChangeExplanation>,
    /// Where this comes from, in words.
    pub note: String,
}

impl Recalled {
    /// Whether there is anything.
    pub fn is_empty(&self) -> bool {
        self.info.generation == 0 && self.pages.pages.is_empty()
    }

    /// Pages that match, sorted: as the app would answer.
    pub fn find_pages(&self, find: &str, sort: PageSort) -> ListPages {
        let find = find.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&find);
        let matches = |page: &&Page| has(&page.route) || has(&page.template_used);
        let mut pages: Vec<Page> = self.pages.pages.iter().filter(matches).cloned().collect();
        match sort {
            PageSort::Route => {}
            PageSort::Time => pages.sort_by_key(|page| std::cmp::Reverse(page.render_ns)),
            PageSort::Rendered => pages.sort_by_key(|page| std::cmp::Reverse(page.rendered_ns)),
        }
        ListPages {
            total: pages.len() as u64,
            pages,
            next: 0,
        }
    }

    /// What a change of this file made anew; the newest for an empty path.
    pub fn change(&self, path: &str) -> ChangeExplanation {
        let found = self
            .changes
            .iter()
            .find(|change| change.path.contains(path));
        let mut candidates: Vec<String> = Vec::new();
        for change in &self.changes {
            if !candidates.contains(&change.path) {
                candidates.push(change.path.clone());
            }
        }
        match found {
            Some(change) => change.clone(),
            None => ChangeExplanation {
                summary: "no such change is among the stored spans".to_owned(),
                candidates,
                ..ChangeExplanation::default()
            },
        }
    }
}

/// The query for spans of builds; of one service where that is known.
pub fn query(service: Option<&str>) -> String {
    let service = service.map(|service| format!("{} ", service_term(service)));
    format!(
        "{}(exists(span.{}) or exists(span.{}) or exists(span.{}) or exists(span.{}))",
        service.unwrap_or_default(),
        attribute::BUILD,
        attribute::TEMPLATE,
        query_attribute::QUERY,
        query_attribute::INPUT,
    )
}

/// What the spans say. `cut`: there are more than these.
pub fn recall(spans: &[Span], cut: bool) -> Recalled {
    let roots = |span: &&Span| flag(span, attribute::BUILD);
    let newest = spans.iter().filter(roots).max_by_key(|span| span.start_ns);
    let mut recalled = Recalled {
        pages: pages(spans),
        templates: templates(spans),
        changes: change::changes(spans),
        ..Recalled::default()
    };
    if let Some(root) = newest {
        recalled.info = info(root, spans, recalled.pages.total);
    }
    recalled.note = match cut {
        true => "This is from the newest stored spans; the app is not there to be asked, and older spans \
             are left out.",
        false => "This is from stored spans; the app is not there to be asked.",
    }
    .to_owned();
    recalled
}

fn flag(span: &Span, key: &str) -> bool {
    span.attribute(key) == Some(&Value::Bool(true))
}

fn text<'s>(span: &'s Span, key: &str) -> Option<&'s str> {
    match span.attribute(key)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn number(span: &Span, key: &str) -> u64 {
    match span.attribute(key) {
        Some(Value::I64(number)) => u64::try_from(*number).unwrap_or(0),
        _ => 0,
    }
}

fn took_ns(span: &Span) -> u64 {
    span.end()
        .map_or(0, |end| end.saturating_sub(span.start_ns))
}

fn is_failed(span: &Span) -> bool {
    span.status == StatusCode::Error as u8
}

fn is_reused(outcome: &str) -> bool {
    matches!(
        outcome,
        outcome::HIT | outcome::VALIDATED | outcome::ADOPTED | outcome::COALESCED
    )
}

fn info(root: &Span, spans: &[Span], pages: u64) -> BuildInfo {
    let mut phases: BTreeMap<&str, PhaseProgress> = BTreeMap::new();
    let mut routes: Vec<&str> = Vec::new();
    for span in spans.iter().filter(|span| span.trace_id == root.trace_id) {
        if span.name == "serve_html" && span.end().is_some() {
            routes.extend(text(span, attribute::ROUTE));
        }
        let is_query = flag(span, query_attribute::QUERY);
        let Some(phase) = text(span, attribute::PHASE).filter(|_| is_query) else {
            continue;
        };
        let progress = phases.entry(phase).or_default();
        progress.phase = phase.to_owned();
        let outcome = text(span, query_attribute::OUTCOME).unwrap_or_default();
        match span.end() {
            None => progress.active += 1,
            Some(_) => progress.done += 1,
        }
        progress.reused += u64::from(is_reused(outcome));
        progress.failed += u64::from(outcome == outcome::ERROR);
        progress.compute_ns += number(span, query_attribute::COMPUTE_NS);
    }
    routes.sort_unstable();
    routes.dedup();
    let failed = is_failed(root);
    BuildInfo {
        at_ns: root.end().unwrap_or(root.start_ns),
        state: match (root.end(), failed) {
            (None, _) => state::BUILDING,
            (Some(_), true) => state::FAILED,
            (Some(_), false) => state::DONE,
        }
        .to_owned(),
        generation: number(root, attribute::GENERATION).max(1),
        reason: text(root, attribute::REASON).unwrap_or_default().to_owned(),
        pages,
        pages_done: routes.len() as u64,
        // When it has ended, no more were to be made ready.
        pages_total: root.end().map_or(0, |_| routes.len() as u64),
        phases: phases.into_values().collect(),
        started_ns: root.start_ns,
        last_duration_ns: took_ns(root),
        error: match failed {
            true => root.status_message.clone(),
            false => String::new(),
        },
        trace_id: root.trace_id,
        ..BuildInfo::default()
    }
}

fn pages(spans: &[Span]) -> ListPages {
    let mut pages: BTreeMap<&str, Page> = BTreeMap::new();
    let mut in_order: Vec<&Span> = spans.iter().collect();
    in_order.sort_by_key(|span| span.start_ns);
    for span in in_order {
        let Some(route) = text(span, attribute::ROUTE) else {
            continue;
        };
        let page = pages.entry(route).or_default();
        page.route = route.to_owned();
        if let Some(template) = text(span, attribute::TEMPLATE) {
            page.template_used = template.to_owned();
        }
        let outcome = text(span, query_attribute::OUTCOME).unwrap_or_default();
        let is_render = matches!(span.name.as_str(), "render_page" | "render_section");
        if is_render && !is_reused(outcome) {
            page.is_section = span.name == "render_section";
            page.renders += 1;
            page.rendered_ns = span.end().unwrap_or(span.start_ns);
            page.render_ns = number(span, query_attribute::COMPUTE_NS);
            (page.trace_id, page.span_id) = (span.trace_id, span.span_id);
        }
        if !outcome.is_empty() {
            page.outcome = outcome.to_owned();
        }
    }
    let pages: Vec<Page> = pages.into_values().collect();
    ListPages {
        total: pages.len() as u64,
        pages,
        next: 0,
    }
}

fn templates(spans: &[Span]) -> TemplateStats {
    let mut templates: BTreeMap<&str, (TemplateInfo, Vec<&str>)> = BTreeMap::new();
    for span in spans {
        let Some(name) = text(span, attribute::TEMPLATE) else {
            continue;
        };
        let (template, routes) = templates.entry(name).or_default();
        template.renders += 1;
        template.errors += u64::from(is_failed(span));
        template.total_ns += took_ns(span);
        template.max_ns = template.max_ns.max(took_ns(span));
        routes.extend(text(span, attribute::ROUTE));
    }
    let mut list: Vec<TemplateInfo> = Vec::new();
    for (name, (template, mut routes)) in templates {
        routes.sort_unstable();
        routes.dedup();
        list.push(TemplateInfo {
            name: name.to_owned(),
            pages: routes.len() as u64,
            ..template
        });
    }
    list.sort_by_key(|template| std::cmp::Reverse(template.total_ns));
    TemplateStats {
        is_watched: !list.is_empty(),
        templates: list,
    }
}
