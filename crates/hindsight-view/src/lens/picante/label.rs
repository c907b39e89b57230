//! What is written in a box, and said of one to who does not see it.
//!
//! Holds: texts fit their box ([`super::BOX`]) and are escaped.

use super::graph::Queries;
use super::name::{short_name, shown_name};
use super::outcome::Outcome;
use super::queries;
use super::shown::{Item, KindCounts};
use crate::format;

/// Cells of the first line of a box, which is in a larger font, and of the others.
const TITLE_CELLS_MAX: usize = 22;
const LINE_CELLS_MAX: usize = 28;
/// Outcomes of a kind that are named in a sentence.
const OUTCOMES_NAMED: usize = 4;

/// The texts of a box. Equal ones look the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoxText {
    /// Its kind.
    pub title: String,
    /// Its key, or how many queries it stands for.
    pub key: String,
    /// How it went.
    pub about: String,
    /// The weightiest outcome in it.
    pub outcome: Outcome,
    /// It stands for several.
    pub is_kind: bool,
    /// It is set from outside.
    pub is_input: bool,
    /// All of it for somebody who does not see the picture.
    pub sentence: String,
}

impl BoxText {
    /// What the box is called for somebody who does not see it: what is seen comes first, word by
    /// word, so that it can be said to a computer too.
    pub fn label(&self) -> String {
        let seen = [&self.title, &self.key, &self.about];
        let seen = seen.into_iter().filter(|text| !text.is_empty());
        let seen: Vec<&str> = seen.map(String::as_str).collect();
        format!("{}: {}", seen.join(" "), self.sentence)
    }

    /// The texts of `item`, which is one of `graph`.
    pub fn new(graph: &Queries, item: &Item) -> Self {
        match item {
            Item::Query(index) => Self::of_query(graph, *index),
            Item::Kind(counts) => {
                let more = if counts.is_rest { " more" } else { "" };
                let all = if counts.is_rest || counts.queries == 1 {
                    ""
                } else {
                    "all "
                };
                Self::of_counts(
                    counts,
                    title(&counts.kind),
                    match counts.is_rest {
                        true => format!("{} more", format::count(counts.queries)),
                        false => queries(counts.queries),
                    },
                    format!(
                        "{}: {all}{}{}",
                        escaped(&counts.kind),
                        queries(counts.queries),
                        more
                    ),
                )
            }
            Item::More(counts, kinds) => {
                let kinds = format::plural(*kinds as u64, "more kind");
                let sentence = format!("{kinds}: {}", queries(counts.queries));
                Self::of_counts(counts, kinds, queries(counts.queries), sentence)
            }
        }
    }

    fn of_query(graph: &Queries, index: u32) -> Self {
        let node = graph.node(index);
        let outcome = graph.outcome(index);
        let mut about = match (outcome, node.is_input) {
            (Outcome::Unseen, true) => "input".to_owned(),
            (Outcome::Unseen, false) => outcome.label().to_owned(),
            _ => outcome.label().to_owned(),
        };
        if outcome.is_computed() && node.compute_ns > 0 {
            about += &format!(" · {}", format::duration(node.compute_ns));
        }
        let name = shown_name(&node.query);
        let mut sentence = format!("{name}: {}", about.replace(" · ", " in "));
        if node.verified_at > 0 {
            sentence += &format!(", right in revision {}", node.verified_at);
        }
        Self {
            title: title(&node.query.kind),
            key: key(&node.query.key),
            about: format::truncate(&about, LINE_CELLS_MAX).into_owned(),
            outcome,
            is_kind: false,
            is_input: node.is_input,
            sentence,
        }
    }

    fn of_counts(counts: &KindCounts, title: String, key: String, sentence: String) -> Self {
        let outcome = counts.outcomes.first().map(|(outcome, _)| *outcome);
        let named = counts.outcomes.iter().take(OUTCOMES_NAMED);
        let named =
            named.map(|(outcome, count)| format!("{} {}", format::count(*count), outcome.label()));
        let named = named.collect::<Vec<_>>().join(", ");
        let about = match counts.outcomes.as_slice() {
            [(Outcome::Unseen, _)] if counts.is_input => "inputs".to_owned(),
            [(outcome, _)] => format!("all {}", outcome.label()),
            [(outcome, count), ..] => format!("{} {}", format::count(*count), outcome.label()),
            [] => String::new(),
        };
        Self {
            title: format::truncate(&title, TITLE_CELLS_MAX).into_owned(),
            key: format::truncate(&key, LINE_CELLS_MAX).into_owned(),
            about: format::truncate(&about, LINE_CELLS_MAX).into_owned(),
            outcome: outcome.unwrap_or_default(),
            is_kind: true,
            is_input: counts.is_input,
            sentence: format!("{sentence}, {named}"),
        }
    }
}

fn escaped(kind: &str) -> String {
    let kind = match kind {
        "" => "(no name)",
        kind => &kind[..kind.floor_char_boundary(4 * LINE_CELLS_MAX)],
    };
    format::escape(kind).into_owned()
}

fn title(kind: &str) -> String {
    format::truncate(&escaped(kind), TITLE_CELLS_MAX).into_owned()
}

fn key(key: &str) -> String {
    let key = &key[..key.floor_char_boundary(4 * LINE_CELLS_MAX)];
    format::truncate(&format::escape(key), LINE_CELLS_MAX).into_owned()
}

/// Dependencies that picante lost or that nobody called, in sentences, at most `max` of them.
pub fn odd_edges(graph: &Queries, max: usize) -> Vec<String> {
    let odd = graph
        .edges()
        .iter()
        .filter(|edge| edge.is_lost() || edge.is_phantom());
    let sentence = |edge: &super::Edge| {
        let (from, to) = (&graph.node(edge.from).query, &graph.node(edge.to).query);
        let (from, to) = (short_name(from, 60), short_name(to, 60));
        match edge.is_lost() {
            true => format!(
                "{from} called {to}, and picante did not record it: its changes are missed."
            ),
            false => format!(
                "{from} did not call {to}, which picante recorded: its changes cost for nothing."
            ),
        }
    };
    odd.take(max).map(sentence).collect()
}
