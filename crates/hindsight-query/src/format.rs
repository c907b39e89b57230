//! The canonical text of a query: parsing it gives the same query again.
//!
//! One space between members, `or` and functions in lower case, texts quoted unless they are values
//! of `:` or free text made of plain characters, quantities in the unit that leaves the smallest
//! whole number.

mod text;

use std::fmt::{self, Display, Formatter, Write as _};

use text::{write_free_text, write_pattern};
pub(crate) use text::{write_key, write_quoted};

use crate::value::{duration, size, time};
use crate::{
    Aggregate, AttributeScope, Direction, Expr, Field, Pipeline, Predicate, Query, Sort, SortKey,
    Test, Value,
};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(pipeline) = &self.pipeline else {
            return self.filter.fmt(f);
        };
        match &self.filter {
            Expr::Const(true) => write!(f, "| {pipeline}"),
            filter => write!(f, "{filter} | {pipeline}"),
        }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(true) => f.write_char('*'),
            Self::Const(false) => f.write_str("-*"),
            Self::And(members) => separated(f, members, " ", |f, member| match member {
                Self::Or(_) => write!(f, "({member})"),
                member => member.fmt(f),
            }),
            Self::Or(members) => separated(f, members, " or ", |f, member| member.fmt(f)),
            Self::Not(inner) => match &**inner {
                Self::And(_) | Self::Or(_) => write!(f, "-({inner})"),
                inner => write!(f, "-{inner}"),
            },
            Self::Text(pattern) => write_free_text(f, pattern),
            Self::Field(predicate) => predicate.fmt(f),
            Self::Lens(family) => {
                f.write_str("lens:")?;
                write_quoted(f, family)
            }
            Self::Has(inner) => write!(f, "has({inner})"),
            Self::Related(relation, inner) => write!(f, "{}({inner})", relation.as_str()),
        }
    }
}

fn separated<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    separator: &str,
    mut write: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        write(f, item)?;
    }
    Ok(())
}

impl Display for Predicate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            negated,
            test,
        } = self;
        match test {
            Test::Exists => write!(f, "exists({field})"),
            Test::Like(pattern) => {
                write!(f, "{field}:")?;
                write_pattern(f, pattern)
            }
            Test::Equal(value) => {
                let is_word = matches!(
                    value,
                    Value::Status(_)
                        | Value::Kind(_)
                        | Value::State(_)
                        | Value::TraceId(_)
                        | Value::SpanId(_)
                );
                let operator = match (negated, is_word) {
                    (true, _) => "!=",
                    (false, true) => ":",
                    (false, false) => "=",
                };
                write!(f, "{field}{operator}{value}")
            }
            Test::Order(order, value) => write!(f, "{field}{}{value}", order.as_str()),
            Test::Matches(regex) => {
                write!(f, "{field}{}", if *negated { "!~" } else { "~" })?;
                write_quoted(f, regex)
            }
            Test::In(values) => {
                write!(f, "{field} {}in (", if *negated { "not " } else { "" })?;
                separated(f, values, ", ", |f, value| value.fmt(f))?;
                f.write_char(')')
            }
        }
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(scope, key) => write_key(f, *scope, key),
            named => f.write_str(named.name().unwrap_or_default()),
        }
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write_quoted(f, text),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            // Digits alone would be read as a whole number.
            Self::Float(value) if value.fract() == 0.0 => write!(f, "{value:e}"),
            Self::Float(value) => value.fmt(f),
            Self::Duration(ns) => f.write_str(&duration::format(*ns)),
            Self::Size(bytes) => f.write_str(&size::format(*bytes)),
            Self::Time(value) => f.write_str(&time::format(*value)),
            Self::Status(value) => f.write_str(value.as_str()),
            Self::Kind(value) => f.write_str(value.as_str()),
            Self::State(value) => f.write_str(value.as_str()),
            Self::TraceId(value) => value.fmt(f),
            Self::SpanId(value) => value.fmt(f),
        }
    }
}

impl Display for Pipeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        separated(f, &self.aggregates, ", ", |f, aggregate| aggregate.fmt(f))?;
        if !self.by.is_empty() {
            f.write_str(" by ")?;
            separated(f, &self.by, ", ", |f, field| field.fmt(f))?;
        }
        if let Some(over_ns) = self.over_ns {
            write!(f, " over {}", duration::format(over_ns))?;
        }
        let mut bar = if self.aggregates.is_empty() {
            ""
        } else {
            " | "
        };
        if let Some(sort) = &self.sort {
            write!(f, "{bar}{sort}")?;
            bar = " | ";
        }
        match self.limit {
            Some(limit) => write!(f, "{bar}limit {limit}"),
            None => Ok(()),
        }
    }
}

impl Display for Aggregate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function.as_str())?;
        if let Some(field) = &self.field {
            field.fmt(f)?;
        }
        f.write_char(')')
    }
}

impl Display for Sort {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("sort ")?;
        match &self.key {
            SortKey::Aggregate(aggregate) => aggregate.fmt(f)?,
            SortKey::Field(field) => field.fmt(f)?,
        }
        f.write_str(match self.direction {
            Direction::Ascending => " asc",
            Direction::Descending => " desc",
        })
    }
}

impl Display for AttributeScope {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
