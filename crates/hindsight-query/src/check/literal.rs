//! Literals as values of a type.

use hindsight_protocol::{SpanId, TraceId};

use super::http_status_help;
use crate::diagnostic::{Diagnostic, nearest};
use crate::field::{KINDS, STATES, STATUSES};
use crate::literal::Literal;
use crate::value::{QuantityError, duration, size, time};
use crate::{Field, FieldType, Value};

/// Beyond this doubles do not hold every whole number.
const EXACT_DOUBLE_MAX: f64 = 9_007_199_254_740_992.0;

/// The literal as a value of the field.
pub(super) fn typed(field: &Field, literal: &Literal<'_>) -> Result<Value, Diagnostic> {
    let body = literal.body();
    let lower = body.to_ascii_lowercase();
    let word = |word: &str| lower == word;
    match field.field_type() {
        FieldType::Text => Ok(Value::Text(literal.text())),
        FieldType::Any => Ok(attribute_value(literal)),
        FieldType::Count => match body.parse::<i64>() {
            Ok(count) if count >= 0 => Ok(Value::Int(count)),
            _ => Err(not_a(field, literal).help("write a number without sign, unit and decimals")),
        },
        FieldType::Duration => duration::parse(body)
            .map(Value::Duration)
            .map_err(|error| not_a_duration(field, literal, error)),
        FieldType::Time => time::parse(&literal.text())
            .map(|(time, _)| Value::Time(time))
            .map_err(|error| not_a_time(field, literal, &error)),
        FieldType::Status => {
            let found = STATUSES.into_iter().find(|status| word(status.as_str()));
            found
                .map(Value::Status)
                .ok_or_else(|| not_a_word(field, literal))
        }
        FieldType::Kind => {
            let found = KINDS.into_iter().find(|kind| word(kind.as_str()));
            found
                .map(Value::Kind)
                .ok_or_else(|| not_a_word(field, literal))
        }
        FieldType::State => {
            let found = STATES.into_iter().find(|state| word(state.as_str()));
            found
                .map(Value::State)
                .ok_or_else(|| not_a_word(field, literal))
        }
        FieldType::TraceId => TraceId::parse_pasted(body)
            .map(Value::TraceId)
            .map_err(|_| {
                not_a(field, literal)
                    .help("write 32 hex digits, with or without dashes, or a whole `traceparent`")
            }),
        FieldType::SpanId => body
            .parse::<SpanId>()
            .map(Value::SpanId)
            .map_err(|_| not_a(field, literal).help("write 16 hex digits, not all of them zero")),
    }
}

/// What a literal looks like: quoted it is text; otherwise a boolean, number, duration, size, or
/// failing these text.
fn attribute_value(literal: &Literal<'_>) -> Value {
    if literal.quoted {
        return Value::Text(literal.text());
    }
    let body = literal.body();
    match body {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    number(body)
        .or_else(|| duration::parse(body).ok().map(Value::Duration))
        .or_else(|| size::parse(body).ok().map(Value::Size))
        .unwrap_or_else(|| Value::Text(literal.text()))
}

/// Digits, a point and an exponent, nothing else that Rust would read as a number. Whole numbers that
/// neither integers nor doubles hold are no numbers: clients send them as text.
fn number(body: &str) -> Option<Value> {
    let digits = body.strip_prefix(['-', '+']).unwrap_or(body);
    let in_form = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'));
    if !in_form {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return body.parse().ok().map(Value::Int);
    }
    let value: f64 = body.parse().ok().filter(|value: &f64| value.is_finite())?;
    let is_whole = value.fract() == 0.0 && value.abs() <= EXACT_DOUBLE_MAX;
    Some(match is_whole {
        true => Value::Int(value as i64),
        false => Value::Float(value),
    })
}

fn not_a(field: &Field, literal: &Literal<'_>) -> Diagnostic {
    let what = field.field_type().describe();
    let message = format!(
        "`{}` is not {what}, and `{field}` is compared with one",
        shown(literal)
    );
    Diagnostic::error(literal.range.clone(), message)
}

/// Long literals would hide the rest of the message.
fn shown(literal: &Literal<'_>) -> String {
    let body = literal.body();
    match body.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &body[..end]),
        None => body.to_owned(),
    }
}

fn not_a_duration(field: &Field, literal: &Literal<'_>, error: QuantityError) -> Diagnostic {
    let body = literal.body();
    let diagnostic = not_a(field, literal);
    let units = duration::UNIT_NAMES.join(", ");
    match error {
        QuantityError::NoUnit => {
            let with_unit = format!("{body}ms");
            diagnostic
                .help(format!(
                    "the unit is missing: write `{with_unit}`, or one of {units}"
                ))
                .with_fix(literal.range.clone(), with_unit)
        }
        QuantityError::UnknownUnit(unit) => unknown_unit(diagnostic, literal, &unit, &units),
        QuantityError::NoNumber => diagnostic.help("write a number with its unit, such as `10ms`"),
        error => diagnostic.help(format!("it is {error}")),
    }
}

fn unknown_unit(error: Diagnostic, literal: &Literal<'_>, unit: &str, units: &str) -> Diagnostic {
    let meant = match unit.to_ascii_lowercase().as_str() {
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "msec" | "millis" | "ms" => "ms",
        "usec" | "micros" | "us" => "us",
        "nanos" | "nsec" | "ns" => "ns",
        "s" => "s",
        "m" => "m",
        "h" => "h",
        "d" => "d",
        _ => return error.help(format!("`{unit}` is not a unit: there are {units}")),
    };
    let Some(number) = literal.body().strip_suffix(unit) else {
        return error.help(format!("`{unit}` is not a unit: there are {units}"));
    };
    error.or_rather(format!("{number}{meant}"))
}

fn not_a_time(field: &Field, literal: &Literal<'_>, error: &time::TimeError) -> Diagnostic {
    let diagnostic = not_a(field, literal);
    match literal.body() {
        "today" | "yesterday" => diagnostic.help(
            "which day that is depends on where you are: write the date, such as `2026-11-22`, or `now-24h`",
        ),
        body if duration::parse(body).is_ok() => diagnostic.or_rather(format!("now-{body}")),
        _ => match error {
            time::TimeError::Form => diagnostic.help("write `now-5m`, `2026-11-22` or `2026-11-22T14:32:10Z`"),
            error => diagnostic.help(error.to_string()),
        },
    }
}

fn not_a_word(field: &Field, literal: &Literal<'_>) -> Diagnostic {
    let diagnostic = not_a(field, literal);
    let words = field.field_type().words();
    if let Some(word) = nearest(literal.body(), words.iter().copied()) {
        return diagnostic.or_rather(word);
    }
    if field.field_type() == FieldType::Status {
        return http_status_help(diagnostic, "=", literal);
    }
    diagnostic.help(format!("there are {}", words.join(", ")))
}

/// Whether a field of this type is compared with such values.
pub(super) fn has_type(value: &Value, field_type: FieldType) -> bool {
    match value {
        Value::Text(_) => matches!(field_type, FieldType::Text | FieldType::Any),
        Value::Int(value) => {
            field_type == FieldType::Any || field_type == FieldType::Count && *value >= 0
        }
        Value::Bool(_) | Value::Size(_) => field_type == FieldType::Any,
        Value::Float(value) => field_type == FieldType::Any && value.is_finite(),
        Value::Duration(_) => matches!(field_type, FieldType::Duration | FieldType::Any),
        Value::Time(_) => field_type == FieldType::Time,
        Value::Status(_) => field_type == FieldType::Status,
        Value::Kind(_) => field_type == FieldType::Kind,
        Value::State(_) => field_type == FieldType::State,
        Value::TraceId(_) => field_type == FieldType::TraceId,
        Value::SpanId(_) => field_type == FieldType::SpanId,
    }
}
