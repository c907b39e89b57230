//! A rectangle of cells as a query.
//!
//! In: two corners of the rectangle. Out: terms of the query language. Holds: what the terms let
//! through are the spans of the cells; a side that is as long as the map has no term, so that a
//! brush over all durations asks for a time alone.

use super::Heatmap;
use crate::query_text::classes::Reading;

/// Columns and rows, all of them inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brush {
    /// First and last column.
    pub columns: (usize, usize),
    /// First and last row.
    pub rows: (usize, usize),
}

impl Brush {
    /// The cells between two corners, whichever they are; each is a column and a row.
    pub fn between(a: (usize, usize), b: (usize, usize)) -> Self {
        Self {
            columns: (a.0.min(b.0), a.0.max(b.0)),
            rows: (a.1.min(b.1), a.1.max(b.1)),
        }
    }

    /// Whether it is a single cell.
    pub fn is_cell(&self) -> bool {
        self.columns.0 == self.columns.1 && self.rows.0 == self.rows.1
    }

    /// The terms of the query language for a brush over `map`; none where it lies outside.
    pub fn terms(&self, map: &Heatmap) -> Vec<String> {
        let mut terms = Vec::new();
        let (columns, rows) = (map.starts_ns.len(), map.floors_ns.len());
        if self.columns.1 >= columns || self.rows.1 >= rows {
            return terms;
        }
        if self.rows != (0, rows - 1) {
            terms.push(format!(
                "duration>={}",
                duration(map.floors_ns[self.rows.0])
            ));
            // The uppermost row has no upper end.
            if let Some(ceiling) = map.floors_ns.get(self.rows.1 + 1) {
                terms.push(format!("duration<{}", duration(*ceiling)));
            }
        }
        if self.columns != (0, columns - 1) {
            let end = map.starts_ns[self.columns.1].saturating_add(map.step_ns);
            terms.push(format!("start>={}", time(map.starts_ns[self.columns.0])));
            terms.push(format!("start<{}", time(end)));
        }
        terms
    }
}

/// The query with these terms in place of those that said the same sort of thing before: a brush
/// within a brush narrows it.
pub fn with_terms(query: &str, terms: &[String]) -> String {
    let of_field = |field: &str, term: &str| {
        let rest = term.strip_prefix(field).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with(['<', '>']))
    };
    let replaces = |old: &str| {
        let has = |field| terms.iter().any(|term| of_field(field, term));
        ["duration", "start"]
            .into_iter()
            .any(|field| of_field(field, old) && has(field))
    };
    let reading = Reading::new(query);
    let mut parts: Vec<String> = match reading.is_choice {
        true => vec![format!("({})", query[..reading.filter_end].trim())],
        false => {
            let old = reading.terms.iter().map(|range| &query[range.clone()]);
            old.filter(|old| !replaces(old))
                .map(str::to_owned)
                .collect()
        }
    };
    parts.extend(terms.iter().cloned());
    let pipeline = query[reading.filter_end..].trim();
    parts.extend((!pipeline.is_empty()).then(|| pipeline.to_owned()));
    parts.join(" ")
}

/// `1.25ms`: exactly, in the unit that leaves the fewest digits before the point.
fn duration(ns: u64) -> String {
    let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];
    let unit = units.into_iter().find(|(_, size)| ns >= *size);
    let Some((name, size)) = unit else {
        return format!("{ns}ns");
    };
    let digits = (size as f64).log10() as usize;
    let fraction = format!("{:0digits$}", ns % size);
    match fraction.trim_end_matches('0') {
        "" => format!("{}{name}", ns / size),
        fraction => format!("{}.{fraction}{name}", ns / size),
    }
}

/// `2026-11-22T14:32:10.5Z`.
fn time(ns: u64) -> String {
    const SECOND_NS: u64 = 1_000_000_000;
    let zone = crate::format::Zone::UTC;
    let (date, clock) = (
        crate::format::date(ns, zone),
        crate::format::time_of_day(ns, zone),
    );
    let clock = &clock[.."14:32:10".len()];
    let fraction = format!("{:09}", ns % SECOND_NS);
    match fraction.trim_end_matches('0') {
        "" => format!("{date}T{clock}Z"),
        fraction => format!("{date}T{clock}.{fraction}Z"),
    }
}

#[cfg(test)]
mod tests {
    use hindsight_protocol::hub::QueryHeatmap;
    use proptest::prelude::*;

    use super::*;

    fn map() -> Heatmap {
        let answer = QueryHeatmap {
            starts_ns: (0..4)
                .map(|at| 1_763_821_930_500_000_000 + at * 250_000_000)
                .collect(),
            step_ns: 250_000_000,
            floors_ns: vec![1_000, 1_250_000, 2_000_000_000],
            counts: vec![1; 12],
            ..QueryHeatmap::default()
        };
        Heatmap::new(&answer, 4, 3)
    }

    #[test]
    fn a_brush_asks_for_what_it_covers_and_no_more() {
        let map = map();
        let terms = |a, b| Brush::between(a, b).terms(&map).join(" ");
        assert_eq!(
            terms((2, 1), (1, 0)),
            "duration>=1us duration<2s start>=2025-11-22T14:32:10.75Z start<2025-11-22T14:32:11.25Z"
        );
        assert_eq!(terms((0, 1), (3, 2)), "duration>=1.25ms");
        assert_eq!(
            terms((3, 0), (3, 2)),
            "start>=2025-11-22T14:32:11.25Z start<2025-11-22T14:32:11.5Z"
        );
        assert_eq!(terms((0, 0), (3, 2)), "");
        assert_eq!(terms((0, 0), (4, 9)), "", "outside");
    }

    #[test]
    fn a_second_brush_takes_the_place_of_the_first() {
        let terms = ["duration>=1ms".to_owned(), "duration<2ms".to_owned()];
        for (query, expected) in [
            ("", "duration>=1ms duration<2ms"),
            (
                "service:web duration>=1us duration < 5s start>=now-5m",
                "service:web start>=now-5m duration>=1ms duration<2ms",
            ),
            (
                "a or duration>1s",
                "(a or duration>1s) duration>=1ms duration<2ms",
            ),
            (
                "duration:5ms | count()",
                "duration:5ms duration>=1ms duration<2ms | count()",
            ),
        ] {
            assert_eq!(with_terms(query, &terms), expected);
        }
    }

    proptest! {
        #[test]
        fn durations_and_times_are_those_that_the_language_reads(ns in 0..4_000_000_000_000_000_000_u64) {
            for text in [format!("duration>={}", duration(ns)), format!("start<{}", time(ns))] {
                let query: hindsight_query::Query = text.parse().expect(&text);
                let canonical = query.to_string();
                let again: hindsight_query::Query = canonical.parse().expect(&canonical);
                prop_assert_eq!(&query, &again);
                let value = format!("{:?}", query.filter);
                prop_assert!(value.contains(&ns.to_string()), "{} {} {}", text, ns, value);
            }
        }
    }
}
