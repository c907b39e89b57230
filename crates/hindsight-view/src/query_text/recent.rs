//! Queries that were asked before, newest first.
//!
//! In: what a store of texts gave back, from whomever. Out: a list, and a text to store. Bounded:
//! [`RECENT_MAX`] queries of at most [`QUERY_BYTES_MAX`] bytes.

/// Most queries that are remembered.
pub const RECENT_MAX: usize = 12;
/// Longest query that is.
pub const QUERY_BYTES_MAX: usize = 1_024;

/// The queries that a stored text holds, one a line.
pub fn read(stored: &str) -> Vec<String> {
    let lines = stored.lines().map(str::trim);
    let fit = lines.filter(|line| !line.is_empty() && line.len() <= QUERY_BYTES_MAX);
    let mut queries: Vec<String> = Vec::new();
    for line in fit {
        if queries.len() < RECENT_MAX && !queries.iter().any(|known| known == line) {
            queries.push(line.to_owned());
        }
    }
    queries
}

/// The text to store when `query` has been asked.
pub fn with(stored: &str, query: &str) -> String {
    let query = query.replace(['\n', '\r'], " ");
    read(&format!("{query}\n{stored}")).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stands_first_and_once() {
        let stored = ["a", "b", "a", " "]
            .iter()
            .fold(String::new(), |s, q| with(&s, q));
        assert_eq!(read(&stored), ["a", "b"]);
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let long = "x".repeat(QUERY_BYTES_MAX + 1);
        let stored = (0..50).fold(long.clone(), |stored, at| with(&stored, &at.to_string()));
        assert_eq!(read(&stored).len(), RECENT_MAX);
        assert_eq!(read(&stored)[0], "49");
        assert_eq!(read(&long), [""; 0]);
        assert_eq!(read(&with("", "two\nlines")), ["two lines"]);
    }
}
