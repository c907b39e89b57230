//! How the lens on dodeca is set.

use std::fmt;

use hindsight_protocol::TracerId;
use hindsight_view::lens::dodeca::{DodecaTab, PageSort};

use super::{cut_to, parameter, percent, tracer_id};

/// Longest search, and longest path, that a URL carries.
const TEXT_BYTES_MAX: usize = 512;

/// The parameters of `/dodeca`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dodeca {
    /// The process that is looked at; none for the first that can be asked.
    pub app: Option<TracerId>,
    /// What is shown below the build.
    pub tab: DodecaTab,
    /// Pages have this in their route, title or template; empty for all.
    pub find: String,
    /// The order of pages.
    pub sort: PageSort,
    /// The file whose change is explained; empty for the newest.
    pub path: String,
}

impl Dodeca {
    /// What the query of a URL says; what makes no sense is as if it were not there.
    pub(super) fn parse(query: &str) -> Self {
        let text = |name| parameter(query, name).unwrap_or_default();
        Self {
            app: tracer_id(&text("app")),
            tab: DodecaTab::of_word(&text("view")).unwrap_or_default(),
            find: cut_to(text("q"), TEXT_BYTES_MAX),
            sort: PageSort::of_word(&text("sort")).unwrap_or_default(),
            path: cut_to(text("file"), TEXT_BYTES_MAX),
        }
    }
}

impl fmt::Display for Dodeca {
    /// `?app=00000000000000ab000000000000000c&view=change`; nothing where all is as usual.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name: &str, text: &str| {
            (!text.is_empty()).then(|| format!("{name}={}", percent::encode(text)))
        };
        let told = [
            self.app.map(|app| format!("app={app}")),
            (self.tab != DodecaTab::default()).then(|| format!("view={}", self.tab.word())),
            text("q", &self.find),
            (self.sort != PageSort::default()).then(|| format!("sort={}", self.sort.word())),
            text("file", &self.path),
        ];
        for (number, part) in told.into_iter().flatten().enumerate() {
            write!(f, "{}{part}", if number == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}
