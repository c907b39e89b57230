//! Names of queries: `parse_file(a.md)`.
//!
//! In and out: [`QueryRef`]s and texts. Holds: a name that is written and parsed again is the same,
//! but for its hash; a name for people is escaped and bounded.

use hindsight_protocol::introspection::picante::QueryRef;

use crate::format;

/// Cells of a name in a sentence.
const SENTENCE_CELLS_MAX: usize = 120;

/// `kind(key)` as spans and links have it; neither escaped nor cut.
pub fn written_name(query: &QueryRef) -> String {
    format!("{}({})", query.kind, query.key)
}

/// The query of a name that spans or links have. A text without brackets is a kind.
pub fn parse_name(text: &str) -> QueryRef {
    let (kind, rest) = text.split_once('(').unwrap_or((text, ""));
    QueryRef {
        kind: kind.into(),
        key: rest.strip_suffix(')').unwrap_or(rest).into(),
        key_hash: 0,
    }
}

/// For a sentence: escaped, and cut with a mark.
pub fn shown_name(query: &QueryRef) -> String {
    short_name(query, SENTENCE_CELLS_MAX)
}

/// The same, in at most `cells`.
pub fn short_name(query: &QueryRef, cells: usize) -> String {
    let kind = match query.kind.as_str() {
        "" => "(no name)",
        kind => kind,
    };
    // What is beyond this cannot be shown, and escaping makes nothing shorter.
    let key = &query.key[..query.key.floor_char_boundary(cells.saturating_mul(4))];
    let name = format!("{}({})", format::escape(kind), format::escape(key));
    format::truncate(&name, cells).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn brackets_within_a_key_belong_to_the_key() {
        let query = parse_name("heading_at((b.md), 0)");
        assert_eq!(
            (query.kind.as_str(), query.key.as_str()),
            ("heading_at", "(b.md), 0")
        );
        assert_eq!(parse_name("all").kind, "all");
        assert_eq!(parse_name("cut(a very lon").key, "a very lon");
    }

    #[test]
    fn a_name_for_people_is_escaped_and_cut() {
        let query = QueryRef {
            kind: "k\u{202e}".into(),
            key: "\u{1b}[31m".repeat(100_000),
            key_hash: 0,
        };
        let name = shown_name(&query);
        assert!(format::width(&name) <= SENTENCE_CELLS_MAX);
        assert!(name.starts_with("k\\u{202e}(\\x1b[31m"), "{name}");
        assert!(name.ends_with('…'));
    }

    proptest! {
        #[test]
        fn a_name_is_parsed_as_it_was_written(kind in "[a-z_:]{1,12}", key in "\\PC{0,12}") {
            let query = QueryRef { kind, key, key_hash: 0 };
            prop_assert_eq!(parse_name(&written_name(&query)), query);
        }
    }
}
