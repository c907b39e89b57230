//! Static types: which tests a field takes, with which literals.
//!
//! In: a field, an operator and literals as they are spelled. Out: the test, or what is wrong with
//! it. The literal's type follows from the field's; attributes take the literal for what it looks
//! like.

mod literal;
mod regex;

pub(crate) use regex::{build as build_regex, check as check_regex};

use crate::diagnostic::Diagnostic;
use crate::lexer::Operator;
use crate::literal::Literal;
use crate::value::time;
use crate::{Expr, Field, FieldType, Order, Predicate, Test, Value};

/// The test that `field operator literal` is.
pub(crate) fn comparison(
    field: &Field,
    operator: Operator,
    literal: &Literal<'_>,
) -> Result<Expr, Diagnostic> {
    let field_type = field.field_type();
    let positive = |test| Expr::field(field.clone(), test);
    if operator == Operator::Friendly && !literal.quoted && literal.pattern().is_any() {
        return Ok(positive(Test::Exists));
    }
    match operator {
        Operator::Friendly if takes_patterns(field_type) => {
            Ok(positive(Test::Like(literal.pattern())))
        }
        Operator::Friendly if field_type == FieldType::Time => around_time(field, literal),
        Operator::Friendly | Operator::Equal => equal(field, false, literal),
        Operator::NotEqual => equal(field, true, literal),
        Operator::Order(order) => {
            has_order(field, order, literal)?;
            let value = value(field, literal)?;
            Ok(positive(Test::Order(order, value)))
        }
        Operator::Matches | Operator::NotMatches => {
            takes_regex(field, literal)?;
            Ok(Expr::Field(Predicate {
                field: field.clone(),
                negated: operator == Operator::NotMatches,
                test: Test::Matches(literal.text()),
            }))
        }
    }
}

/// The test that `field in (literals)` is.
pub(crate) fn membership(
    field: &Field,
    negated: bool,
    literals: &[Literal<'_>],
) -> Result<Expr, Diagnostic> {
    let mut values = Vec::with_capacity(literals.len());
    for literal in literals {
        match open_states(field, literal) {
            Some(states) => values.extend(states),
            None => values.push(value(field, literal)?),
        }
    }
    Ok(Expr::Field(Predicate {
        field: field.clone(),
        negated,
        test: Test::In(values),
    }))
}

fn equal(field: &Field, negated: bool, literal: &Literal<'_>) -> Result<Expr, Diagnostic> {
    let test = match open_states(field, literal) {
        Some(states) => Test::In(states.to_vec()),
        None => Test::Equal(value(field, literal)?),
    };
    Ok(Expr::Field(Predicate {
        field: field.clone(),
        negated,
        test,
    }))
}

/// `state:open` stands for all states without an end.
fn open_states(field: &Field, literal: &Literal<'_>) -> Option<[Value; 3]> {
    use hindsight_protocol::SpanState::{Aborted, Disconnected, Running};
    let is_open = *field == Field::State && literal.body().eq_ignore_ascii_case("open");
    is_open.then_some([Running, Disconnected, Aborted].map(Value::State))
}

/// `start:2026-11-22` is that day, `start:2026-11-22T14:32` that minute.
fn around_time(field: &Field, literal: &Literal<'_>) -> Result<Expr, Diagnostic> {
    let from = value(field, literal)?;
    let (Value::Time(crate::TimeValue::At(start)), Ok((_, cover @ 1..))) =
        (&from, time::parse(&literal.text()))
    else {
        return Ok(Expr::field(field.clone(), Test::Equal(from)));
    };
    let end = Value::Time(crate::TimeValue::At(start.saturating_add(cover)));
    Ok(Expr::and([
        Expr::field(field.clone(), Test::Order(Order::GreaterEqual, from)),
        Expr::field(field.clone(), Test::Order(Order::Less, end)),
    ]))
}

/// The literal as a value of the field's type.
pub(crate) fn value(field: &Field, literal: &Literal<'_>) -> Result<Value, Diagnostic> {
    literal::typed(field, literal)
}

const fn takes_patterns(field_type: FieldType) -> bool {
    matches!(field_type, FieldType::Text | FieldType::Any)
}

fn has_order(field: &Field, order: Order, literal: &Literal<'_>) -> Result<(), Diagnostic> {
    let field_type = field.field_type();
    let what = match field_type {
        FieldType::Count | FieldType::Duration | FieldType::Time | FieldType::Any => return Ok(()),
        other => other.describe(),
    };
    let error = Diagnostic::error(
        literal.range.clone(),
        format!(
            "`{field}` is {what} and has no order: `{}` compares numbers, durations and times",
            order.as_str()
        ),
    );
    let is_duration = crate::value::duration::parse(literal.body()).is_ok_and(|ns| ns > 0);
    Err(match field_type {
        _ if is_duration => error.help(format!(
            "durations are compared as `duration{}{}`",
            order.as_str(),
            literal.body()
        )),
        FieldType::Status => http_status_help(error, order.as_str(), literal),
        FieldType::Text => error.help(format!(
            "text is tested with `{field}:...`, `{field}=...` or `{field}~...`"
        )),
        _ => error.help(format!("write `{field}:...` or `{field}!=...`")),
    })
}

/// People who compare a status with a number mean HTTP's.
fn http_status_help(error: Diagnostic, operator: &str, literal: &Literal<'_>) -> Diagnostic {
    match literal.body().parse::<u16>() {
        Ok(100..=599) => error.help(format!(
            "the status of an HTTP response is an attribute: `http.response.status_code{operator}{}`",
            literal.body()
        )),
        _ => error.help("write `status:error`, `status:ok` or `status:unset`"),
    }
}

fn takes_regex(field: &Field, literal: &Literal<'_>) -> Result<(), Diagnostic> {
    let field_type = field.field_type();
    if takes_patterns(field_type) {
        return Ok(());
    }
    let error = Diagnostic::error(
        literal.range.clone(),
        format!(
            "`{field}` is {}: regular expressions are for text and attributes",
            field_type.describe()
        ),
    );
    Err(error.help(format!("write `{field}:...`")))
}

/// Whether a predicate that no parser has made is one the language has.
pub(crate) fn is_well_typed(predicate: &Predicate) -> bool {
    let field_type = predicate.field.field_type();
    let negatable = matches!(
        predicate.test,
        Test::Equal(_) | Test::Matches(_) | Test::In(_)
    );
    if predicate.negated && !negatable {
        return false;
    }
    match &predicate.test {
        Test::Exists => true,
        Test::Like(_) | Test::Matches(_) => takes_patterns(field_type),
        Test::Order(_, value) => {
            matches!(
                field_type,
                FieldType::Count | FieldType::Duration | FieldType::Time | FieldType::Any
            ) && literal::has_type(value, field_type)
        }
        Test::Equal(value) => literal::has_type(value, field_type),
        Test::In(values) => {
            !values.is_empty()
                && values
                    .iter()
                    .all(|value| literal::has_type(value, field_type))
        }
    }
}
