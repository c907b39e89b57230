//! Pages of a site.

use hindsight_protocol::introspection::dodeca::{ListPages, ListPagesRequest, Page};
use hindsight_protocol::{SpanId, TraceId};

use super::{duration, name, outcome_word, sentence};
use crate::format;
use crate::text::Role;

/// Pages that are shown.
pub const PAGES_MAX: usize = 500;

/// The order of pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PageSort {
    /// By route.
    #[default]
    Route,
    /// The slowest first.
    Time,
    /// Those rendered last first.
    Rendered,
}

impl PageSort {
    /// All.
    pub const ALL: [Self; 3] = [Self::Route, Self::Time, Self::Rendered];

    /// As it travels.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Time => "time",
            Self::Rendered => "rendered",
        }
    }

    /// The order that is called this.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.word() == word)
    }

    /// What to ask an app.
    pub fn request(self, find: &str) -> ListPagesRequest {
        ListPagesRequest {
            find: find.to_owned(),
            sort: self.word().to_owned(),
            limit: PAGES_MAX as u32,
            cursor: 0,
        }
    }
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageRow {
    /// Its route as it came: what tells rows apart.
    pub key: String,
    /// The same for people.
    pub route: String,
    /// Its title; `section` is told apart by [`Self::is_section`].
    pub title: String,
    /// It lists others.
    pub is_section: bool,
    /// The file it comes from.
    pub source: String,
    /// `page.html`; `poster.html, not found: page.html` where another one was used than asked for.
    pub template: String,
    /// Another template was used than asked for.
    pub is_fallback: bool,
    /// `2.00 s ago`, `never`.
    pub rendered: String,
    /// How long that took.
    pub time: String,
    /// How often.
    pub renders: String,
    /// `made anew`.
    pub outcome: String,
    /// Its colour.
    pub role: Option<Role>,
    /// What went wrong; empty for nothing.
    pub error: String,
    /// Where it was rendered.
    pub span: Option<(TraceId, SpanId)>,
}

/// Pages, and how many there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pages {
    /// In the order asked for.
    pub rows: Vec<PageRow>,
    /// `7 pages`, `the first 500 of 12,000 pages`.
    pub count: String,
}

/// Shapes pages; `now_ns` is the app's clock.
pub fn pages(list: &ListPages, now_ns: u64) -> Pages {
    let rows: Vec<PageRow> = list
        .pages
        .iter()
        .take(PAGES_MAX)
        .map(|page| row(page, now_ns))
        .collect();
    let total = list.total.max(rows.len() as u64);
    let count = match total > rows.len() as u64 {
        true => {
            let shown = format::count(rows.len() as u64);
            format!("the first {shown} of {}", format::plural(total, "page"))
        }
        false => format::plural(total, "page"),
    };
    Pages { rows, count }
}

fn row(page: &Page, now_ns: u64) -> PageRow {
    let (outcome, role) = outcome_word(&page.outcome);
    let (asked, used) = (page.template.as_str(), page.template_used.as_str());
    let is_fallback = !asked.is_empty() && !used.is_empty() && asked != used;
    PageRow {
        key: page.route.clone(),
        route: name(&page.route),
        title: name(&page.title),
        is_section: page.is_section,
        source: name(&page.source_path),
        template: match (asked, used) {
            ("", "") => "-".to_owned(),
            (asked, "") => name(asked),
            (asked, used) if is_fallback => format!("{}, not found: {}", name(asked), name(used)),
            (_, used) => name(used),
        },
        is_fallback,
        rendered: match page.rendered_ns {
            0 => "never".to_owned(),
            at_ns => format::ago(at_ns, now_ns.max(at_ns)),
        },
        time: duration(page.render_ns),
        renders: format::count(page.renders),
        outcome,
        role: Some(role),
        error: sentence(&page.error),
        span: Some((page.trace_id, page.span_id)).filter(|(trace, _)| trace.is_valid()),
    }
}
