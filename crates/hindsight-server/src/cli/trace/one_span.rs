//! `trace --span`: one span whole.

use hindsight_protocol::batch::{AttributeIter, SpanRow};
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::format::{self, Zone};
use hindsight_view::waterfall::span_notes;
use hindsight_view::{Line, Role, Trace};

use super::Analysed;
use super::details;
use crate::cli::error::CliError;
use crate::cli::json::SpanJson;
use crate::cli::output::Output;
use crate::cli::settings::Format;

/// Cells of a value.
const VALUE_CELLS_MAX: usize = 4000;
/// Spans above that are named.
const ABOVE_MAX: usize = 20;
/// Cells of their names.
const ABOVE_CELLS_MAX: usize = 40;
/// Cells of the span's own name.
const NAME_CELLS_MAX: usize = 300;
/// Spans that link to this one that are named.
const LINKED_FROM_MAX: usize = 100;

pub(super) fn print(analysed: &Analysed, id: SpanId, output: &mut Output) -> Result<(), CliError> {
    let tree = analysed.trace.tree();
    let Some(node) = (0..tree.len()).find(|node| tree.span_id(*node) == id) else {
        let text = format!("span {id} of this trace is not stored");
        return Err(CliError::NotStored(text));
    };
    if output.format != Format::Table {
        let from = linked_from(&analysed.trace, node);
        let ids = from.into_iter().map(|from| {
            let span = analysed.trace.span(from);
            (span.trace_id(), span.span_id())
        });
        return output.json(&SpanJson::in_tree(analysed, node).with_linked_from(ids.collect()));
    }
    let lines = lines(analysed, node, output.width, output.zone);
    lines.iter().try_for_each(|line| output.line(line))
}

/// Spans of the trace that link to `node`.
fn linked_from(trace: &Trace, node: usize) -> Vec<usize> {
    let target = (trace.span(node).trace_id(), trace.span(node).span_id());
    let links_to = |node: &usize| {
        let mut links = trace.span(*node).links();
        links.any(|link| (link.trace_id(), link.span_id()) == target)
    };
    let all = (0..trace.len()).filter(links_to);
    all.take(LINKED_FROM_MAX).collect()
}

/// Everything about the span of `node`.
pub(crate) fn lines(
    analysed: &Analysed,
    node: usize,
    width: Option<usize>,
    zone: Zone,
) -> Vec<Line> {
    let span = analysed.trace.span(node);
    let mut page = Page {
        lines: Vec::new(),
        width,
    };
    page.add(title(analysed, node, span));
    page.add(identity(span));
    page.add(times(analysed, node, zone));
    page.add(place(analysed, node));
    page.attributes("attributes", span.attributes());
    let events = span
        .events()
        .map(|event| details::event(span, event, VALUE_CELLS_MAX));
    page.section("events", events);
    let from = linked_from(&analysed.trace, node).into_iter();
    let links = span
        .links()
        .map(|link| details::link(link, VALUE_CELLS_MAX));
    let links = links.chain(from.map(|from| {
        let from = analysed.trace.span(from);
        Line::new()
            .with(Role::Dim, "link from ")
            .followed_by(named(from))
            .with(Role::Dim, format!("  span {}", from.span_id()))
    }));
    page.section("links", links);
    page.attributes("resource", span.resource());
    page.attributes("scope", span.scope().attributes());
    page.lines.extend(details::left_out(span));
    page.lines
}

struct Page {
    lines: Vec<Line>,
    width: Option<usize>,
}

impl Page {
    fn add(&mut self, line: Line) {
        self.lines
            .extend(line.wrapped(self.width.unwrap_or(usize::MAX)));
    }

    /// `items` below a title; nothing for none.
    fn section(&mut self, title: &str, items: impl Iterator<Item = Line>) {
        let mut items = items.peekable();
        if items.peek().is_none() {
            return;
        }
        self.lines.push(Line::new());
        self.lines.push(Line::new().with(Role::Strong, title));
        let room = self
            .width
            .map_or(usize::MAX, |width| width.saturating_sub(4));
        for item in items {
            for (number, line) in item.wrapped(room).into_iter().enumerate() {
                let indent = if number == 0 { "  " } else { "    " };
                let indent = Line::new().with(Role::Plain, indent);
                self.lines.push(indent.followed_by(line));
            }
        }
    }

    fn attributes(&mut self, title: &str, attributes: AttributeIter<'_>) {
        let line = |(key, value)| {
            Line::new()
                .with(Role::Key, key)
                .with(Role::Dim, " = ")
                .with(Role::Plain, format::value(value, VALUE_CELLS_MAX))
        };
        self.section(title, attributes.map(line));
    }
}

/// `calculator picante: compute  error: no such key`.
fn title(analysed: &Analysed, node: usize, span: SpanRow<'_>) -> Line {
    let notes = span_notes(span);
    let mut line = named(span).with(Role::Plain, "  ");
    let duration = analysed.timeline.duration_ns(analysed.trace.tree(), node);
    line = line.with(Role::Plain, format::duration(duration));
    if !notes.segments().is_empty() {
        line = line.with(Role::Plain, "  ").followed_by(notes);
    }
    line
}

fn named(span: SpanRow<'_>) -> Line {
    let name = match span.name() {
        "" => Line::new().with(Role::Dim, "(no name)"),
        name => Line::new()
            .with(Role::Strong, name)
            .truncated(NAME_CELLS_MAX),
    };
    let service = span.service();
    Line::new()
        .with(Role::of_service(service), service)
        .with(Role::Plain, if service.is_empty() { "" } else { " " })
        .followed_by(name)
}

/// `span 0000000000000003 of trace 4bf9..., internal, scope picante 3.0.0`.
fn identity(span: SpanRow<'_>) -> Line {
    let trace: TraceId = span.trace_id();
    let scope = span.scope();
    let scope = match (scope.name(), scope.version()) {
        ("", _) => String::new(),
        (name, "") => format!(", scope {name}"),
        (name, version) => format!(", scope {name} {version}"),
    };
    let trace_state = match span.trace_state() {
        "" => String::new(),
        state => format!(", trace state {state}"),
    };
    let kind = span.kind().as_str();
    let id = span.span_id();
    Line::new().with(
        Role::Dim,
        format!("span {id} of trace {trace}, {kind}{scope}{trace_state}"),
    )
}

/// When, how long by itself, how long on the critical path.
fn times(analysed: &Analysed, node: usize, zone: Zone) -> Line {
    let tree = analysed.trace.tree();
    let start_ns = tree.start_ns(node);
    let (trace_start_ns, _) = analysed.timeline.bounds_ns();
    let after = format::duration(start_ns - trace_start_ns);
    let own = format::duration(analysed.self_times_ns[node]);
    let started = format::date_time(start_ns, zone);
    let mut line = Line::new().with(
        Role::Plain,
        format!("{started}, {after} after the trace began; self time {own}"),
    );
    let critical_ns = analysed.critical_ns[node];
    if critical_ns > 0 {
        let share = format::percent(critical_ns, analysed.path_ns());
        let critical = format::duration(critical_ns);
        line = line.with(
            Role::Plain,
            format!("; {critical} ({share}) of the critical path"),
        );
    }
    line
}

/// `in handle_request > RPC: calculate; 2 children, 5 below`.
fn place(analysed: &Analysed, node: usize) -> Line {
    let tree = analysed.trace.tree();
    let mut above: Vec<usize> = std::iter::successors(tree.parent(node), |up| tree.parent(*up))
        .take(ABOVE_MAX)
        .collect();
    above.reverse();
    let mut line = match (above.is_empty(), tree.parent_id(node)) {
        (true, None) => Line::new().with(Role::Plain, "a root"),
        (true, Some(parent)) => {
            let text = format!("shown as a root, its parent is {parent}");
            Line::new().with(Role::Warning, text)
        }
        (false, _) => Line::new().with(Role::Plain, "in "),
    };
    for (number, node) in above.into_iter().enumerate() {
        line = line
            .with(Role::Dim, if number > 0 { " > " } else { "" })
            .followed_by(
                Line::new()
                    .with(Role::Plain, tree.name(node))
                    .truncated(ABOVE_CELLS_MAX),
            );
    }
    let children = match tree.child_count(node) as u64 {
        0 => return line.with(Role::Plain, "; nothing below"),
        1 => "1 child".into(),
        more => format!("{} children", format::count(more)),
    };
    let below = format::count(tree.descendants(node) as u64);
    line.with(Role::Plain, format!("; {children}, {below} below"))
}
