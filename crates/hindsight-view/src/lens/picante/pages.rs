//! Reading an answer of several pages to its end.

use hindsight_protocol::introspection::picante::QueryGraph;

/// Most pages of one answer; an app that tells fewer than this at once is read in part.
pub const PAGES_MAX: usize = 60;

/// Where to go on.
///
/// Holds: cursors only grow, so that an app which goes back or in circles is not read for ever.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    cursor: u64,
    read: usize,
}

impl Pages {
    /// The cursor to ask with; 0 for the first page.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Goes on behind this page; false where it was the last that is read.
    pub fn turn(&mut self, page: &QueryGraph) -> bool {
        self.read += 1;
        let is_more = page.next > self.cursor && self.read < PAGES_MAX;
        if is_more {
            self.cursor = page.next;
        }
        is_more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cursors that were asked with, of an app that tells these.
    fn asked(told: impl Fn(u64) -> u64) -> Vec<u64> {
        let mut pages = Pages::default();
        let mut asked = vec![pages.cursor()];
        let page = |cursor| QueryGraph {
            next: told(cursor),
            ..QueryGraph::default()
        };
        while pages.turn(&page(pages.cursor())) {
            asked.push(pages.cursor());
        }
        asked
    }

    #[test]
    fn all_pages_are_read_and_of_an_app_that_never_ends_only_some() {
        assert_eq!(asked(|_| 0), [0]);
        assert_eq!(
            asked(|cursor| if cursor < 20 { cursor + 10 } else { 0 }),
            [0, 10, 20]
        );
        assert_eq!(asked(|_| 5), [0, 5], "it stands still");
        assert_eq!(asked(|cursor| 10 - cursor), [0, 10], "it goes back");
        assert_eq!(asked(|cursor| cursor + 1).len(), PAGES_MAX);
        assert_eq!(asked(|_| u64::MAX), [0, u64::MAX]);
    }
}
