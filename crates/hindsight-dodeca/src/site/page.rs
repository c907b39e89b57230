//! Pages: as the tree has them, and as they were rendered.

use std::collections::BTreeMap;

use hindsight_protocol::introspection::dodeca::Page;
use hindsight_protocol::introspection::picante::outcome;

use super::Ended;
use crate::tap::TreePage;

/// Pages that are kept.
const PAGES_MAX: usize = 50_000;

/// An answer that was computed before: an error among them is one still.
fn is_reused(outcome: &str) -> bool {
    matches!(
        outcome,
        outcome::HIT | outcome::VALIDATED | outcome::ADOPTED | outcome::COALESCED
    )
}

/// How the last access was answered.
fn set_outcome(page: &mut Page, outcome: &str) {
    page.outcome = match page.error.is_empty() {
        true => outcome.to_owned(),
        false => outcome::ERROR.to_owned(),
    };
}

/// By route.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    all: BTreeMap<String, Page>,
    /// The tree was seen: a route that is not in it is no page.
    has_tree: bool,
    /// Pages of the tree.
    total: u64,
}

impl Pages {
    /// The tree is new. Says how many pages are kept, of how many.
    pub(crate) fn replace(&mut self, tree: Vec<TreePage>) -> (usize, usize) {
        let of = tree.len();
        let mut before = std::mem::take(&mut self.all);
        for page in tree.into_iter().take(PAGES_MAX) {
            let mut known = before.remove(&page.route).unwrap_or_default();
            known.route = page.route.clone();
            known.title = page.title;
            known.is_section = page.is_section;
            known.source_path = page.source_path;
            known.template = page.template;
            self.all.insert(page.route, known);
        }
        self.has_tree = true;
        self.total = of as u64;
        (self.all.len(), of)
    }

    pub(crate) fn len(&self) -> u64 {
        match self.has_tree {
            true => self.total,
            false => self.all.len() as u64,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Page> {
        self.all.values()
    }

    /// A page by its route; made where no tree was seen, because then the routes are all there is.
    fn page(&mut self, route: &str) -> Option<&mut Page> {
        let may_add = !self.has_tree && self.all.len() < PAGES_MAX;
        if may_add && !self.all.contains_key(route) {
            let page = Page {
                route: route.to_owned(),
                ..Page::default()
            };
            self.all.insert(route.to_owned(), page);
        }
        self.all.get_mut(route)
    }

    /// Its template was filled, or that was not necessary.
    pub(crate) fn rendered(&mut self, route: &str, ended: &Ended, self_ns: u64, error: &str) {
        let Some(page) = self.page(route) else {
            return;
        };
        let computed = matches!(
            ended.outcome,
            outcome::COMPUTED_CHANGED | outcome::COMPUTED_UNCHANGED | outcome::ERROR
        );
        if computed {
            page.renders += 1;
            page.rendered_ns = ended.at_ns;
            page.render_ns = self_ns;
            page.trace_id = ended.trace_id;
            page.span_id = ended.span_id;
            page.error = error.to_owned();
        }
        set_outcome(page, ended.outcome);
    }

    /// It is ready to be sent, or cannot be.
    pub(crate) fn answered(&mut self, route: &str, ended: &Ended, error: &str) {
        let Some(page) = self.page(route) else {
            return;
        };
        if !is_reused(ended.outcome) {
            page.error = error.to_owned();
        }
        set_outcome(page, ended.outcome);
    }

    pub(crate) fn used_template(&mut self, route: &str, template: &str) {
        if let Some(page) = self.page(route) {
            page.template_used = template.to_owned();
        }
    }

    /// How many pages used each template.
    pub(crate) fn by_template(&self) -> BTreeMap<&str, u64> {
        let mut pages = BTreeMap::new();
        for page in self
            .all
            .values()
            .filter(|page| !page.template_used.is_empty())
        {
            *pages.entry(page.template_used.as_str()).or_default() += 1;
        }
        pages
    }
}
