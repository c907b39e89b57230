//! Everything that could stand at a place; what does not go with the text there is left out later.

use hindsight_protocol::batch::ValueRef;

use super::{Catalog, Completion, CompletionKind, KeyInfo, ValueTypes};
use crate::field::{ALIASES, NAMED};
use crate::format::write_key;
use crate::lexer::Operator;
use crate::parse::Expect;
use crate::{AttributeScope, Expr, Field, FieldType, Function, Pattern, Test, Value};

type Found<'f> = &'f mut dyn FnMut(Completion);

fn candidate(
    kind: CompletionKind,
    text: impl Into<String>,
    detail: impl Into<String>,
    count: Option<u64>,
) -> Completion {
    Completion {
        range: 0..0,
        text: text.into(),
        kind,
        detail: detail.into(),
        count,
    }
}

pub(super) fn of(
    expect: &Expect,
    present: &str,
    limit: usize,
    catalog: &(impl Catalog + ?Sized),
    found: Found<'_>,
) {
    let is_any = |_: FieldType| true;
    match expect {
        Expect::Term { first } => {
            fields(present, limit, catalog, is_any, found);
            terms(*first, found);
        }
        Expect::Key => fields(present, limit, catalog, is_any, found),
        Expect::Operator(field) => operators(field, catalog, found),
        Expect::Value(field, operator) => values(field, *operator, present, limit, catalog, found),
        Expect::Stage => stages(found),
        Expect::Clause => {
            for (word, detail) in [
                ("by", "one group for each value"),
                ("over", "divide time into buckets"),
                ("sort", "order of the rows"),
                ("limit", "most rows"),
            ] {
                found(candidate(CompletionKind::Keyword, word, detail, None));
            }
        }
        Expect::AggregateField(_) => {
            let numeric = |kind| {
                matches!(
                    kind,
                    FieldType::Count | FieldType::Duration | FieldType::Any
                )
            };
            fields(present, limit, catalog, numeric, found);
        }
        Expect::GroupField => {
            let groups = |kind| !matches!(kind, FieldType::Duration | FieldType::Time);
            fields(present, limit, catalog, groups, found);
        }
        Expect::SortKey => {
            fields(present, limit, catalog, is_any, found);
            functions(found);
        }
        Expect::Width => {
            for width in ["1s", "10s", "1m", "5m", "1h"] {
                found(candidate(CompletionKind::Value, width, "", None));
            }
        }
    }
}

/// Named fields and keys of the types wanted.
fn fields(
    present: &str,
    limit: usize,
    catalog: &(impl Catalog + ?Sized),
    wanted: impl Fn(FieldType) -> bool,
    found: Found<'_>,
) {
    for (name, _, kind, detail) in &NAMED {
        if wanted(*kind) {
            found(candidate(CompletionKind::Field, *name, *detail, None));
        }
    }
    if !wanted(FieldType::Any) {
        return;
    }
    let (scope, part) = AttributeScope::split(present.trim_start_matches(['"', '\'']));
    catalog.keys(part, limit, &mut |info| {
        if let Some(text) = key_text(scope, &info) {
            let detail = match info.scope {
                AttributeScope::Span => info.types.describe(),
                scope => format!("{scope}: {}", info.types.describe()),
            };
            let detail = detail.trim_end_matches(": ");
            found(candidate(
                CompletionKind::Key,
                text,
                detail,
                Some(info.count),
            ));
        }
    });
}

/// With the prefix that was begun, or the shortest that finds it; none if another was begun.
fn key_text(begun: AttributeScope, info: &KeyInfo<'_>) -> Option<String> {
    let is_named = |key: &str| {
        let mut aliases = ALIASES.iter().map(|(name, _)| *name);
        key == "lens" || NAMED.iter().any(|(name, ..)| *name == key) || aliases.any(|n| n == key)
    };
    let scope = match (begun, info.scope) {
        (AttributeScope::Any, AttributeScope::Span | AttributeScope::Resource)
            if !is_named(info.key) =>
        {
            AttributeScope::Any
        }
        (AttributeScope::Any, own) => own,
        (begun, own) if begun == own => own,
        _ => return None,
    };
    let mut text = String::new();
    // Writing to a string does not fail.
    write_key(&mut text, scope, info.key).ok()?;
    Some(text)
}

fn terms(first: bool, found: Found<'_>) {
    for (text, detail) in [
        ("has(", "some span of the trace matches"),
        ("parent(", "the parent matches"),
        ("child(", "a child matches"),
        ("ancestor(", "a span above matches"),
        ("descendant(", "a span below matches"),
        ("sibling(", "another child of the parent matches"),
        ("exists(", "the field has a value"),
        ("lens:", "the trace has attributes of this family"),
    ] {
        found(candidate(CompletionKind::Function, text, detail, None));
    }
    let connectives: &[_] = match first {
        true => &[("not", "the opposite")],
        false => &[
            ("or", "this or that"),
            ("and", "this and that"),
            ("not", "the opposite"),
            ("|", "make something of the spans"),
        ],
    };
    for (text, detail) in connectives {
        found(candidate(CompletionKind::Keyword, *text, *detail, None));
    }
}

fn operators(field: &Field, catalog: &(impl Catalog + ?Sized), found: Found<'_>) {
    let types = stored_types(field, catalog);
    let ordered = ["=", "!=", "<", "<=", ">", ">="].as_slice();
    let text = [":", "=", "!=", "~", "!~"].as_slice();
    let all = [":", "=", "!=", "<", "<=", ">", ">=", "~", "!~"].as_slice();
    let choice = match field.field_type() {
        FieldType::Text => text,
        FieldType::Count | FieldType::Duration | FieldType::Time => ordered,
        FieldType::Any if types.text && !types.numbers => text,
        FieldType::Any if types.numbers && !types.text => ordered,
        FieldType::Any => all,
        _ => &[":", "!="],
    };
    for operator in choice {
        let detail = match *operator {
            ":" => "is, in any case, with * wildcards",
            "=" => "is exactly",
            "!=" => "is there and is not",
            "~" => "matches the regular expression",
            "!~" => "is there and does not match",
            _ => "",
        };
        found(candidate(CompletionKind::Operator, *operator, detail, None));
    }
    for (text, detail) in [
        (" in (", "is one of"),
        (" not in (", "is there and is none of"),
        (" exists", "has a value"),
    ] {
        found(candidate(CompletionKind::Operator, text, detail, None));
    }
}

fn stored_types(field: &Field, catalog: &(impl Catalog + ?Sized)) -> ValueTypes {
    let mut types = ValueTypes::default();
    let Field::Attribute(scope, key) = field else {
        return types;
    };
    catalog.keys(key, 64, &mut |info| {
        let in_scope = match scope {
            AttributeScope::Any => {
                matches!(info.scope, AttributeScope::Span | AttributeScope::Resource)
            }
            scope => info.scope == *scope,
        };
        if in_scope && info.key == key {
            types = types.with(info.types);
        }
    });
    types
}

fn values(
    field: &Field,
    operator: Operator,
    present: &str,
    limit: usize,
    catalog: &(impl Catalog + ?Sized),
    found: Found<'_>,
) {
    let kind = field.field_type();
    let fixed: &[&str] = match kind {
        FieldType::Duration => &["1ms", "10ms", "100ms", "1s", "10s"],
        FieldType::Time => &["now-1m", "now-5m", "now-15m", "now-1h", "now-24h"],
        kind => kind.words(),
    };
    for text in fixed {
        found(candidate(CompletionKind::Value, *text, "", None));
    }
    let is_pattern = matches!(operator, Operator::Matches | Operator::NotMatches);
    if !matches!(kind, FieldType::Text | FieldType::Any) || is_pattern {
        return;
    }
    let is_quoted = present.starts_with(['"', '\'']);
    let part = present.trim_start_matches(['"', '\'']);
    catalog.values(field, part, limit, &mut |info| {
        if let Some((text, detail)) = value_text(field, operator, info.value, is_quoted) {
            found(candidate(
                CompletionKind::Value,
                text,
                detail,
                Some(info.count),
            ));
        }
    });
}

/// The value as it is written behind the operator, and its type.
fn value_text(
    field: &Field,
    operator: Operator,
    value: ValueRef<'_>,
    is_quoted: bool,
) -> Option<(String, &'static str)> {
    let (value, detail) = match value {
        ValueRef::String(text) => (Value::Text(text.to_owned()), "text"),
        ValueRef::Bool(value) => (Value::Bool(value), "boolean"),
        ValueRef::I64(value) => (Value::Int(value), "number"),
        ValueRef::F64(value) if value.is_finite() => (Value::Float(value), "number"),
        _ => return None,
    };
    let friendly = operator == Operator::Friendly && !is_quoted;
    let text = match &value {
        Value::Text(text) if friendly => {
            // As the value of a test it is quoted only where it must be.
            let test = Test::Like(Pattern::exact(text.as_str()));
            let whole = Expr::field(field.clone(), test).to_string();
            let skip = field.to_string().len() + 1;
            whole.get(skip..)?.to_owned()
        }
        value => value.to_string(),
    };
    Some((text, detail))
}

fn stages(found: Found<'_>) {
    functions(found);
    for (text, detail) in [("sort ", "order of the rows"), ("limit ", "most rows")] {
        found(candidate(CompletionKind::Keyword, text, detail, None));
    }
}

fn functions(found: Found<'_>) {
    for function in Function::ALL {
        let detail = match function {
            Function::Count => "number of spans",
            Function::Rate => "spans a second",
            Function::Avg => "mean",
            Function::Min => "smallest",
            Function::Max => "largest",
            Function::Sum => "sum",
            Function::Percentile(_) => "percentile",
            Function::Heatmap => "durations over time",
        };
        let text = match function.takes_field() {
            true => format!("{}(", function.as_str()),
            false => format!("{}()", function.as_str()),
        };
        found(candidate(CompletionKind::Function, text, detail, None));
    }
}
