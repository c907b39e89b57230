//! Which columns a list of traces has, and by which it is sorted.
//!
//! In: words, from the address bar or a reader. Out: columns and an order, and what the hub must be
//! asked for them. Holds: a shape that is written and read again is the same; what names no column
//! is left out. Bounded: each column once, [`TRACE_COLUMNS_MAX`] attributes.

use std::fmt;

use hindsight_protocol::hub::{TRACE_COLUMN_BYTES_MAX, TRACE_COLUMNS_MAX, TraceSort, TraceSortKey};

/// A column beside the root's name, which is always there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TraceColumn {
    /// The root's service.
    Service,
    /// Earliest start to latest end.
    Duration,
    /// Stored spans.
    Spans,
    /// Failed ones.
    Errors,
    /// How many services.
    Services,
    /// Earliest start.
    Start,
    /// An attribute of the root.
    Attribute(String),
}

impl TraceColumn {
    /// All that are not attributes.
    pub const NAMED: [Self; 6] = [
        Self::Service,
        Self::Duration,
        Self::Spans,
        Self::Errors,
        Self::Services,
        Self::Start,
    ];

    /// The column that a word names; `span.KEY` is an attribute.
    pub fn read(word: &str) -> Option<Self> {
        let named = Self::NAMED
            .into_iter()
            .find(|named| named.to_string() == word);
        named.or_else(|| Self::attribute(word.strip_prefix("span.")?))
    }

    /// The column of an attribute; none for a key that the hub would refuse.
    pub fn attribute(key: &str) -> Option<Self> {
        let is_key = (1..=TRACE_COLUMN_BYTES_MAX).contains(&key.len());
        is_key.then(|| Self::Attribute(key.to_owned()))
    }

    /// What stands above it, escaped.
    pub fn title(&self) -> String {
        match self {
            Self::Service => "Service".into(),
            Self::Duration => "Duration".into(),
            Self::Spans => "Spans".into(),
            Self::Errors => "Errors".into(),
            Self::Services => "Services".into(),
            Self::Start => "Start".into(),
            Self::Attribute(key) => crate::format::escape(key).into_owned(),
        }
    }

    /// Whether it holds numbers, which stand at the right and are sorted from the greatest.
    pub fn is_number(&self) -> bool {
        !matches!(self, Self::Service | Self::Attribute(_))
    }

    /// What the list is sorted by with it.
    pub fn sort_key(&self) -> TraceSortKey {
        match self {
            Self::Service => TraceSortKey::Service,
            Self::Duration => TraceSortKey::Duration,
            Self::Spans => TraceSortKey::Spans,
            Self::Errors => TraceSortKey::Errors,
            Self::Services => TraceSortKey::Services,
            Self::Start => TraceSortKey::Start,
            Self::Attribute(key) => TraceSortKey::Attribute(key.clone()),
        }
    }
}

impl fmt::Display for TraceColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "service",
            Self::Duration => "duration",
            Self::Spans => "spans",
            Self::Errors => "errors",
            Self::Services => "services",
            Self::Start => "start",
            Self::Attribute(key) => return write!(f, "span.{key}"),
        })
    }
}

/// Columns and order of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListShape {
    columns: Vec<TraceColumn>,
    /// None for the latest start first, the one order in which the list grows by itself.
    pub sort: Option<TraceSort>,
}

impl Default for ListShape {
    fn default() -> Self {
        Self {
            columns: vec![
                TraceColumn::Service,
                TraceColumn::Duration,
                TraceColumn::Spans,
                TraceColumn::Errors,
                TraceColumn::Start,
            ],
            sort: None,
        }
    }
}

impl ListShape {
    /// The shape of these words; without any, the usual one. A single empty word stands for no
    /// columns.
    pub fn read<'a>(columns: impl IntoIterator<Item = &'a str>, sort: &str) -> Self {
        let mut words = columns.into_iter().peekable();
        let mut shape = Self {
            sort: TraceSort::read(sort),
            ..Self::default()
        };
        if words.peek().is_some() {
            shape.columns.clear();
            words
                .filter_map(TraceColumn::read)
                .for_each(|column| shape.add(column));
        }
        shape
    }

    /// The columns, from left to right.
    pub fn columns(&self) -> &[TraceColumn] {
        &self.columns
    }

    /// Puts a column at the end; one that is there, or an attribute too many, is left out.
    pub fn add(&mut self, column: TraceColumn) {
        let is_full = self.attributes().len() >= TRACE_COLUMNS_MAX;
        let is_attribute = matches!(column, TraceColumn::Attribute(_));
        let is_left_out = is_attribute && is_full;
        if !is_left_out && !self.columns.contains(&column) {
            self.columns.push(column);
        }
    }

    /// Takes a column away, and the order by it.
    pub fn remove(&mut self, column: &TraceColumn) {
        self.columns.retain(|known| known != column);
        if matches!(&self.sort, Some(sort) if sort.by == column.sort_key()) {
            self.sort = None;
        }
    }

    /// Sorts by a key, the other way round, or not: what a click on a column's head does.
    pub fn turn(&mut self, by: TraceSortKey, descends_first: bool) {
        self.sort = match self.sort.take() {
            Some(sort) if sort.by == by && sort.is_descending == descends_first => {
                Some(TraceSort {
                    by,
                    is_descending: !descends_first,
                })
            }
            Some(sort) if sort.by == by => None,
            _ => Some(TraceSort {
                by,
                is_descending: descends_first,
            }),
        };
    }

    /// Keys of the attributes that the hub must tell.
    pub fn attributes(&self) -> Vec<String> {
        let keys = self.columns.iter().filter_map(|column| match column {
            TraceColumn::Attribute(key) => Some(key.clone()),
            _ => None,
        });
        keys.collect()
    }

    /// The words of the columns where they are not the usual ones.
    pub fn words(&self) -> Vec<String> {
        if self.columns == Self::default().columns {
            return Vec::new();
        }
        match self.columns.is_empty() {
            true => vec![String::new()],
            false => self.columns.iter().map(TraceColumn::to_string).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_head_sorts_from_the_greatest_then_the_least_then_not_at_all() {
        let mut shape = ListShape::default();
        let mut seen = Vec::new();
        for _ in 0..3 {
            shape.turn(TraceSortKey::Duration, true);
            seen.push(
                shape
                    .sort
                    .as_ref()
                    .map(TraceSort::to_string)
                    .unwrap_or_default(),
            );
        }
        assert_eq!(seen, ["-duration", "duration", ""]);
        shape.turn(TraceSortKey::Spans, true);
        shape.turn(TraceSortKey::Service, false);
        assert_eq!(
            shape.sort.as_ref().map(TraceSort::to_string).as_deref(),
            Some("service")
        );
        shape.remove(&TraceColumn::Service);
        assert_eq!(shape.sort, None, "no order by what is not seen");
    }

    #[test]
    fn attributes_have_an_end_and_columns_stand_once() {
        let words = (0..99)
            .map(|at| format!("span.k{}", at / 2))
            .collect::<Vec<_>>();
        let shape = ListShape::read(words.iter().map(String::as_str), "");
        assert_eq!(shape.attributes().len(), TRACE_COLUMNS_MAX);
        assert_eq!(shape.columns().len(), TRACE_COLUMNS_MAX);
        assert_eq!(ListShape::read([""], "").columns(), []);
        assert_eq!(ListShape::read([], "bad"), ListShape::default());
    }

    proptest! {
        #[test]
        fn a_shape_that_is_written_is_read_again(
            words in prop::collection::vec("(service|spans|start|span\\.[a-z.,&= é]{1,8}|x)", 0..12),
            sort in "(-?(duration|name|span\\.k)|y)",
        ) {
            let shape = ListShape::read(words.iter().map(String::as_str), &sort);
            let written = shape.words();
            let sort = shape.sort.as_ref().map(TraceSort::to_string).unwrap_or_default();
            let again = ListShape::read(written.iter().map(String::as_str), &sort);
            prop_assert_eq!(shape, again);
        }
    }
}
