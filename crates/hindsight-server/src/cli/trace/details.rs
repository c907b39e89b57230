//! The lines below a span: ids, attributes, links, events; and the resources below a trace.

use hindsight_protocol::batch::{AttributeIter, EventRow, LinkRow, SpanRow};
use hindsight_view::format;
use hindsight_view::{Line, Role, Trace};

/// Cells of a value where the width is free.
const VALUE_CELLS_MAX: usize = 2000;

/// The lines below `span`, each with `prefix` in front.
pub(crate) fn details(span: SpanRow<'_>, prefix: &str, width: Option<usize>) -> Vec<Line> {
    let room = room(width, prefix);
    let mut lines = vec![about(span)];
    lines.extend(attributes(span.attributes(), room));
    lines.extend(span.links().map(|link| self::link(link, room)));
    lines.extend(span.events().map(|event| self::event(span, event, room)));
    lines.extend(left_out(span));
    let with_prefix = |line: Line| {
        let mut whole = Line::new().with(Role::Dim, prefix);
        whole.extend(line);
        whole
    };
    lines.into_iter().map(with_prefix).collect()
}

/// Cells right of the prefix.
fn room(width: Option<usize>, prefix: &str) -> usize {
    let left = width.map(|width| width.saturating_sub(format::width(prefix)));
    left.unwrap_or(VALUE_CELLS_MAX).max(20)
}

/// `span 00f067aa0ba902b7  server  scope picante 3.0.0`.
fn about(span: SpanRow<'_>) -> Line {
    let scope = span.scope();
    let line = Line::new()
        .with(Role::Dim, format!("span {}", span.span_id()))
        .with(Role::Dim, format!("  {}", span.kind().as_str()));
    match (scope.name(), scope.version()) {
        ("", _) => line,
        (name, "") => line.with(Role::Dim, format!("  scope {name}")),
        (name, version) => line.with(Role::Dim, format!("  scope {name} {version}")),
    }
}

fn attributes(attributes: AttributeIter<'_>, room: usize) -> Vec<Line> {
    attributes
        .map(|(key, value)| {
            let line = Line::new().with(Role::Key, key).with(Role::Dim, " = ");
            let left = room.saturating_sub(line.width()).max(10);
            line.with(Role::Plain, format::value(value, left))
        })
        .collect()
}

/// `key=value key=value` on one line.
fn inline(attributes: AttributeIter<'_>, mut line: Line, room: usize) -> Line {
    for (key, value) in attributes {
        line = line
            .with(Role::Key, format!("  {key}"))
            .with(Role::Dim, "=");
        line = line.with(Role::Plain, format::value(value, room));
    }
    line.truncated(room)
}

pub(super) fn link(link: LinkRow<'_>, room: usize) -> Line {
    let target = format!("{} span {}", link.trace_id(), link.span_id());
    let line = Line::new()
        .with(Role::Dim, "link to trace ")
        .with(Role::Plain, target);
    inline(link.attributes(), line, room)
}

/// `+1.23 ms exception  message="no such key"`.
pub(super) fn event(span: SpanRow<'_>, event: EventRow<'_>, room: usize) -> Line {
    let offset = match event.time_ns().checked_sub(span.start_ns()) {
        Some(after) => format!("+{} ", format::duration(after)),
        None => {
            let before = span.start_ns() - event.time_ns();
            format!("-{} ", format::duration(before))
        }
    };
    let line = Line::new()
        .with(Role::Dim, offset)
        .with(Role::Strong, event.name());
    inline(event.attributes(), line, room)
}

/// What limits left out.
pub(super) fn left_out(span: SpanRow<'_>) -> Option<Line> {
    let (attributes, events, links) = span.dropped();
    let all = [
        (attributes, "attribute"),
        (events, "event"),
        (links, "link"),
    ];
    let named = all.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = named
        .map(|(number, noun)| format::plural(u64::from(*number), noun))
        .collect();
    let text = || format!("{} left out by a limit", parts.join(", "));
    (!parts.is_empty()).then(|| Line::new().with(Role::Warning, text()))
}

/// Each resource once, in order of appearance.
pub(crate) fn resources(trace: &Trace, width: Option<usize>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut known: Vec<Vec<Line>> = Vec::new();
    for index in 0..trace.len() {
        let span = trace.span(index);
        let attributes = attributes(span.resource(), room(width, "  "));
        if known.contains(&attributes) {
            continue;
        }
        let service = span.service();
        lines.push(Line::new());
        lines.push(Line::new().with(Role::Strong, format!("resource {service}")));
        lines.extend(attributes.iter().map(|line| {
            let mut indented = Line::new();
            indented.pad(2);
            indented.extend(line.clone());
            indented
        }));
        known.push(attributes);
    }
    lines
}
