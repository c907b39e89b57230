//! Putting one leaf to one span.

use super::compile::Leaf;
use super::test::{FieldTest, Reading, ValueTest};
use crate::view::{EventView, Owner, SpanView, TraceFacts, TraceView};
use crate::{AttributeScope, Field, FieldLevel, PatternMatcher, Verdict};

use hindsight_protocol::batch::ValueRef;
use hindsight_protocol::{SpanId, TraceId};

pub(super) fn verdict<T: TraceView>(leaf: &Leaf, trace: &T, node: usize) -> Verdict {
    match leaf {
        Leaf::Text(pattern) => occurs_in(pattern, &trace.span(node)).into(),
        Leaf::Lens(family) => trace.has_family(family).into(),
        Leaf::Field(test) if test.field.level() == FieldLevel::Trace => match trace.facts() {
            Some(facts) => holds(test, read_fact(&test.field, &facts)).into(),
            None => Verdict::Unknown,
        },
        Leaf::Field(test) => holds_on_span(test, &trace.span(node)).into(),
    }
}

/// One value: with `negated` it must be there and fail.
fn holds(test: &FieldTest, reading: Reading<'_>) -> bool {
    let passes = test.test.passes(reading);
    match test.negated {
        false => passes,
        true => !passes && ValueTest::Exists.passes(reading),
    }
}

fn holds_on_span(test: &FieldTest, span: &impl SpanView) -> bool {
    match &test.field {
        Field::EventName => any_event(test, span, |event, look| look(Reading::Text(event.name()))),
        Field::Attribute(AttributeScope::Event, key) => any_event(test, span, |event, look| {
            let mut attributes = event.attributes();
            let found = attributes.find(|(name, _)| name == key);
            look(found.map_or(Reading::None, |(_, value)| Reading::Attribute(value)))
        }),
        Field::LinkTrace => any_link(test, span, |(trace, _)| Reading::Trace(trace)),
        Field::LinkSpan => any_link(test, span, |(_, span)| Reading::Span(span)),
        field => holds(test, read(field, span)),
    }
}

/// Many values: one passes; with `negated` there is one and none passes.
fn any_event<S: SpanView>(
    test: &FieldTest,
    span: &S,
    with_reading: impl Fn(&S::Event<'_>, &mut dyn FnMut(Reading<'_>)),
) -> bool {
    let (mut exists, mut passes) = (false, false);
    for event in span.events() {
        with_reading(&event, &mut |reading| {
            passes |= test.test.passes(reading);
            exists |= ValueTest::Exists.passes(reading);
        });
        if passes {
            return !test.negated;
        }
    }
    test.negated && exists
}

/// The same of links.
fn any_link(
    test: &FieldTest,
    span: &impl SpanView,
    reading: impl Fn((TraceId, SpanId)) -> Reading<'static>,
) -> bool {
    let mut links = span.links().map(reading).peekable();
    match test.negated {
        false => links.any(|reading| test.test.passes(reading)),
        true => links.peek().is_some() && !links.any(|reading| test.test.passes(reading)),
    }
}

fn read<'s>(field: &Field, span: &'s impl SpanView) -> Reading<'s> {
    match field {
        Field::Name => Reading::Text(span.name()),
        Field::Service => Reading::Text(span.service()),
        Field::Duration => span.duration_ns().map_or(Reading::None, Reading::Number),
        Field::Status => Reading::Code(span.status() as u8),
        Field::StatusMessage => Reading::Text(span.status_message()),
        Field::Kind => Reading::Code(span.kind() as u8),
        Field::State => Reading::Code(span.state() as u8),
        Field::Start => Reading::Number(span.start_ns()),
        Field::End => span.end_ns().map_or(Reading::None, Reading::Number),
        Field::Id => Reading::Span(span.span_id()),
        Field::Parent => span.parent_id().map_or(Reading::None, Reading::Span),
        Field::Trace => Reading::Trace(span.trace_id()),
        Field::Links => Reading::Number(span.link_count()),
        Field::Events => Reading::Number(span.event_count()),
        Field::ScopeName => Reading::Text(span.scope_name()),
        Field::ScopeVersion => Reading::Text(span.scope_version()),
        Field::Attribute(scope, key) => {
            attribute(*scope, key, span).map_or(Reading::None, Reading::Attribute)
        }
        // Of events, links and the trace: read elsewhere.
        Field::EventName
        | Field::LinkTrace
        | Field::LinkSpan
        | Field::TraceSpans
        | Field::TraceErrors
        | Field::TraceServices
        | Field::TraceRunning
        | Field::TraceDuration
        | Field::TraceStart
        | Field::RootName
        | Field::RootService => Reading::None,
    }
}

fn attribute<'s>(
    scope: AttributeScope,
    key: &str,
    span: &'s impl SpanView,
) -> Option<ValueRef<'s>> {
    match scope {
        AttributeScope::Any => span
            .attribute(Owner::Span, key)
            .or_else(|| span.attribute(Owner::Resource, key)),
        AttributeScope::Span => span.attribute(Owner::Span, key),
        AttributeScope::Resource => span.attribute(Owner::Resource, key),
        AttributeScope::Scope => span.attribute(Owner::Scope, key),
        AttributeScope::Event => None,
    }
}

fn read_fact<'f>(field: &Field, facts: &TraceFacts<'f>) -> Reading<'f> {
    match field {
        Field::TraceSpans => Reading::Number(facts.spans),
        Field::TraceErrors => Reading::Number(facts.errors),
        Field::TraceServices => Reading::Number(facts.services),
        Field::TraceRunning => Reading::Number(facts.running),
        Field::TraceDuration => Reading::Number(facts.duration_ns),
        Field::TraceStart => Reading::Number(facts.start_ns),
        Field::RootName => Reading::Text(facts.root_name),
        Field::RootService => Reading::Text(facts.root_service),
        _ => Reading::None,
    }
}

/// Free text.
fn occurs_in(pattern: &PatternMatcher, span: &impl SpanView) -> bool {
    let in_value = |(_, value): (&str, ValueRef<'_>)| match value {
        ValueRef::String(text) => pattern.occurs_in(text),
        _ => false,
    };
    pattern.occurs_in(span.name())
        || pattern.occurs_in(span.service())
        || pattern.occurs_in(span.status_message())
        || span.attributes(Owner::Span).any(in_value)
        || span
            .events()
            .any(|event| pattern.occurs_in(event.name()) || event.attributes().any(in_value))
}
