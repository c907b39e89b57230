//! Answers as text, without what differs from run to run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hindsight_protocol::introspection::dodeca::{
    BuildInfo, ChangeExplanation, ListPages, TemplateStats,
};
use hindsight_protocol::{Span, SpanId, Value};

pub(crate) fn info(info: &BuildInfo) -> String {
    let mut text = format!(
        "{} of {}, to {}: build {} is {} ({}), {} of {} pages; {} pages, {} assets\n",
        info.site,
        info.process,
        info.output,
        info.generation,
        info.state,
        info.reason,
        info.pages_done,
        info.pages_total,
        info.pages,
        info.assets
    );
    for phase in &info.phases {
        let total = match phase.total {
            0 => String::new(),
            total => format!(" of {total}"),
        };
        writeln!(
            text,
            "  {}: {}{total} done, {} from memory, {} failed, {} under way",
            phase.phase, phase.done, phase.reused, phase.failed, phase.active
        )
        .expect("text");
    }
    if !info.error.is_empty() {
        writeln!(text, "  error: {}", info.error).expect("text");
    }
    for warning in &info.warnings {
        writeln!(text, "  warning: {warning}").expect("text");
    }
    text
}

pub(crate) fn pages(list: &ListPages) -> String {
    let mut text = format!("{} pages, next {}\n", list.total, list.next);
    for page in &list.pages {
        let kind = if page.is_section { "section" } else { "page" };
        let asked = match page.template.as_str() {
            "" => "default",
            name => name,
        };
        writeln!(
            text,
            "  {} {kind} {:?} from {}, asks for {asked}, used {}, rendered {} times, {}{}",
            page.route,
            page.title,
            page.source_path,
            page.template_used,
            page.renders,
            page.outcome,
            match page.error.as_str() {
                "" => String::new(),
                error => format!(": {error}"),
            }
        )
        .expect("text");
    }
    text
}

pub(crate) fn templates(stats: &TemplateStats) -> String {
    let mut list = stats.templates.clone();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    let mut text = format!("watched: {}\n", stats.is_watched);
    for template in &list {
        assert!(template.max_ns <= template.total_ns);
        writeln!(
            text,
            "  {}: {} renders, {} failed, {} pages",
            template.name, template.renders, template.errors, template.pages
        )
        .expect("text");
    }
    text
}

pub(crate) fn change(change: &ChangeExplanation) -> String {
    let mut text = format!("{}\n", change.summary);
    for candidate in &change.candidates {
        writeln!(text, "  perhaps {candidate}").expect("text");
    }
    for (at, item) in change.items.iter().enumerate() {
        let because = match item.because as usize {
            because if because == at => String::new(),
            because => format!(" because of {}", change.items[because].query.kind),
        };
        let phase = match item.phase.as_str() {
            "" => String::new(),
            phase => format!(" [{phase}]"),
        };
        let query = &item.query;
        writeln!(
            text,
            "  {}({}){phase}: {}{because}",
            query.kind, query.key, item.outcome
        )
        .expect("text");
    }
    if change.cut > 0 {
        writeln!(text, "  and {} more", change.cut).expect("text");
    }
    text
}

/// A trace as a tree: name, what it is about, how it went.
pub(crate) fn trace(spans: &[Span]) -> String {
    let mut beneath: BTreeMap<Option<SpanId>, Vec<&Span>> = BTreeMap::new();
    for span in spans {
        let parent = spans.iter().any(|other| other.span_id == span.parent_id);
        beneath
            .entry(parent.then_some(span.parent_id))
            .or_default()
            .push(span);
    }
    for spans in beneath.values_mut() {
        spans.sort_by_key(|span| span.start_ns);
    }
    let mut text = String::new();
    add(&mut text, &beneath, None, 0);
    text
}

fn add(
    text: &mut String,
    all: &BTreeMap<Option<SpanId>, Vec<&Span>>,
    of: Option<SpanId>,
    depth: usize,
) {
    for span in all.get(&of).into_iter().flatten() {
        let mut line = format!("{}{}", "  ".repeat(depth), span.name);
        let keys = [
            "dodeca.reason",
            "dodeca.source_path",
            "dodeca.route",
            "dodeca.asset",
            "dodeca.url",
            "dodeca.template",
            "picante.outcome",
        ];
        for key in keys {
            if let Some(Value::String(value)) = span.attribute(key) {
                write!(line, " {value}").expect("text");
            }
        }
        writeln!(text, "{line}").expect("text");
        add(text, all, Some(span.span_id), depth + 1);
    }
}
