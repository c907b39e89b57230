//! Open spans counted by app or by operation.

use std::collections::HashMap;

use super::filter::written;
use super::{RunningRow, age};
use crate::text::Role;

/// How open spans are arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// Each by itself, below who waits for it.
    #[default]
    Waits,
    /// Counted by service and process.
    App,
    /// Counted by service and name.
    Operation,
}

impl Grouping {
    /// All, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Waits, Self::App, Self::Operation];

    /// As a URL says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::App => "app",
            Self::Operation => "operation",
        }
    }

    /// As a person reads it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Waits => "Who waits for whom",
            Self::App => "By app",
            Self::Operation => "By operation",
        }
    }

    /// What a URL said.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.word() == word)
    }
}

/// Open spans that have something in common.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRow {
    /// Their service.
    pub service: String,
    /// Its colour.
    pub service_role: Role,
    /// Their name, or their process.
    pub name: String,
    /// How many.
    pub open: u64,
    /// How many of them are long.
    pub long: u64,
    /// Age of the oldest.
    pub oldest: String,
    /// A filter that shows them.
    pub filter: String,
}

/// Groups of the rows that were asked for, the one with the oldest span first.
pub fn groups(rows: &[RunningRow], by: Grouping) -> Vec<GroupRow> {
    let name = |row: &RunningRow| match by {
        Grouping::App => row.process.clone(),
        Grouping::Waits | Grouping::Operation => row.name.clone(),
    };
    let mut places: HashMap<(&str, String), usize> = HashMap::new();
    let mut groups: Vec<(u64, GroupRow)> = Vec::new();
    for row in rows.iter().filter(|row| row.matches && row.is_open) {
        let place = *places
            .entry((&row.service, name(row)))
            .or_insert(groups.len());
        if place == groups.len() {
            groups.push((0, empty(row, name(row), by)));
        }
        let (oldest_ns, group) = &mut groups[place];
        *oldest_ns = row.age_ns.max(*oldest_ns);
        group.open += 1;
        group.long += u64::from(row.is_long);
    }
    groups.sort_by_key(|(oldest_ns, _)| std::cmp::Reverse(*oldest_ns));
    let told = groups.into_iter().map(|(oldest_ns, group)| GroupRow {
        oldest: age(oldest_ns),
        ..group
    });
    told.collect()
}

fn empty(row: &RunningRow, name: String, by: Grouping) -> GroupRow {
    let filter = match by {
        Grouping::App => format!("{} process:\"{name}\"", written(&row.service, None)),
        Grouping::Waits | Grouping::Operation => written(&row.service, Some(&row.name)),
    };
    GroupRow {
        service: row.service.clone(),
        service_role: row.service_role,
        name,
        open: 0,
        long: 0,
        oldest: String::new(),
        filter,
    }
}
