//! Which queries are drawn, and what of them a selected one leaves.

use std::collections::VecDeque;

use super::super::graph::Queries;
use super::ALONE_MAX;

/// Which queries, and how they are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// What fits: few queries one by one, many by kind, the selected one with what is around it.
    #[default]
    Auto,
    /// One box a kind.
    Kinds,
    /// One by one, as many as can be drawn.
    Queries,
    /// The selected one, what it depends on and what depends on it, one step each way.
    Around,
    /// All that the selected one depends on.
    Uses,
    /// All that depends on the selected one: what its change reaches.
    Users,
}

impl Mode {
    /// All, in the order they are offered.
    pub const ALL: [Self; 6] = [
        Self::Auto,
        Self::Kinds,
        Self::Queries,
        Self::Around,
        Self::Uses,
        Self::Users,
    ];

    /// Its name in a URL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "",
            Self::Kinds => "kinds",
            Self::Queries => "queries",
            Self::Around => "around",
            Self::Uses => "uses",
            Self::Users => "users",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Auto => "what fits",
            Self::Kinds => "one box a kind",
            Self::Queries => "queries one by one",
            Self::Around => "around the selected one",
            Self::Uses => "what the selected one uses",
            Self::Users => "what uses the selected one",
        }
    }

    /// The mode of a name in a URL.
    pub fn of_word(text: &str) -> Self {
        let mode = Self::ALL.into_iter().find(|mode| mode.word() == text);
        mode.unwrap_or_default()
    }

    /// Whether it says nothing without a selected query.
    pub fn needs_selected(self) -> bool {
        matches!(self, Self::Around | Self::Uses | Self::Users)
    }
}

impl Mode {
    /// What is drawn where it fits what is there: `wanted` queries, and perhaps a selected one.
    pub(super) fn resolved(self, wanted: usize, selected: Option<u32>) -> Self {
        match (self, selected) {
            (Mode::Auto, _) if wanted <= ALONE_MAX => Mode::Queries,
            (Mode::Auto, Some(_)) => Mode::Around,
            (Mode::Auto, None) => Mode::Kinds,
            (mode, None) if mode.needs_selected() => Self::Auto.resolved(wanted, None),
            (mode, _) => mode,
        }
    }
}

/// What can be come to from `start`, itself included.
pub(super) fn reached(graph: &Queries, start: u32, mode: Mode) -> Vec<bool> {
    let mut reached = vec![false; graph.nodes().len()];
    reached[start as usize] = true;
    let steps = if mode == Mode::Around { 1 } else { usize::MAX };
    let ways: &[fn(&Queries, u32) -> &[u32]] = match mode {
        Mode::Uses => &[Queries::uses],
        Mode::Users => &[Queries::users],
        _ => &[Queries::uses, Queries::users],
    };
    for way in ways {
        let mut waiting = VecDeque::from([(start, 0)]);
        let mut is_seen = vec![false; reached.len()];
        while let Some((index, step)) = waiting.pop_front() {
            if std::mem::replace(&mut is_seen[index as usize], true) || step > steps {
                continue;
            }
            reached[index as usize] = true;
            if step < steps {
                waiting.extend(way(graph, index).iter().map(|next| (*next, step + 1)));
            }
        }
    }
    reached
}
