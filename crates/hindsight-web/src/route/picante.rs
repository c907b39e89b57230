//! How the lens on picante is set.

use std::fmt;

use hindsight_protocol::TracerId;
use hindsight_view::lens::picante::{Mode, Outcomes, Tab};

use super::{cut, parameter, parameters, percent, tracer_id};

/// Kinds that a URL can open.
const OPENED_MAX: usize = 20;

/// The parameters of `/picante`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picante {
    /// The process that is looked at; none for the first that can be asked.
    pub app: Option<TracerId>,
    /// Which part.
    pub tab: Tab,
    /// The filter, as typed.
    pub find: String,
    /// Only such outcomes.
    pub outcomes: Outcomes,
    /// How queries are put together.
    pub mode: Mode,
    /// Kinds whose queries are drawn one by one.
    pub opened: Vec<String>,
    /// The selected query, `kind(key)`; empty for none.
    pub query: String,
}

impl Picante {
    /// What the query of a URL says; what makes no sense is as if it were not there.
    pub(super) fn parse(query: &str) -> Self {
        let text = |name| cut(parameter(query, name).unwrap_or_default());
        let opened = parameters(query, "open").map(cut);
        let opened = opened.filter(|kind| !kind.is_empty()).take(OPENED_MAX);
        Self {
            app: parameter(query, "app").and_then(|text| tracer_id(&text)),
            tab: Tab::of_word(&text("view")),
            find: text("q"),
            outcomes: Outcomes::of_word(&text("outcome")),
            mode: Mode::of_word(&text("as")),
            opened: opened.collect(),
            query: text("query"),
        }
    }

    /// The same app with another query selected.
    pub fn with_query(&self, query: String) -> Self {
        Self {
            query,
            tab: Tab::Graph,
            ..self.clone()
        }
    }
}

impl fmt::Display for Picante {
    /// `?app=00000000000000ab000000000000000c&query=parse_file(a.md)`; nothing where all is as usual.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app = self.app.map(|app| app.to_string()).unwrap_or_default();
        let all = [
            ("app", app.as_str()),
            ("view", self.tab.word()),
            ("q", &self.find),
            ("outcome", self.outcomes.word()),
            ("as", self.mode.word()),
        ];
        let opened = self.opened.iter().take(OPENED_MAX);
        let opened = opened.map(|kind| ("open", kind.as_str()));
        let all = all
            .into_iter()
            .chain(opened)
            .chain([("query", self.query.as_str())]);
        let given = all.filter(|(_, value)| !value.is_empty());
        for (index, (name, value)) in given.enumerate() {
            let sign = if index == 0 { '?' } else { '&' };
            write!(f, "{sign}{name}={}", percent::encode(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_link_to_a_query_is_short() {
        let set = Picante::default().with_query("parse_file(a.md)".into());
        assert_eq!(set.to_string(), "?query=parse_file(a.md)");
        assert_eq!(Picante::default().to_string(), "");
        assert_eq!(
            Picante::parse("view=tables&as=x&outcome=y&open="),
            Picante::default()
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            find in "\\PC{0,12}",
            query in "\\PC{0,12}",
            opened in prop::collection::vec("\\PC{1,6}", 0..4),
            (tab, mode, outcome) in (0..4_usize, 0..6_usize, 0..14_usize),
            app in prop::option::of((any::<u64>(), any::<u64>())),
        ) {
            let set = Picante {
                app: app.map(|(high, low)| TracerId { high, low }),
                tab: Tab::ALL[tab],
                find,
                outcomes: Outcomes::choices().nth(outcome).unwrap_or_default(),
                mode: Mode::ALL[mode],
                opened,
                query,
            };
            let url = set.to_string();
            prop_assert_eq!(Picante::parse(url.trim_start_matches('?')), set);
        }
    }
}
