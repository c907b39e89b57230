//! Keys and values that are stored, as completion wants them.
//!
//! Counts are those of the newest runs, which is what people are looking for. Bounded:
//! [`RUNS_MAX`], [`KEYS_MAX`] and [`VALUES_MAX`]; what was left out is left out of the offer, and
//! [`StoredValues::cut`] says that something was.

use std::cell::Cell;
use std::fmt;

use hashbrown::HashMap;
use hindsight_protocol::batch::{ValueRef, tag};
use hindsight_query::view::Owner;
use hindsight_query::{AttributeScope as Scope, Catalog, Field, KeyInfo, ValueInfo, ValueTypes};

use crate::Snapshot;
use crate::column::{AttributeScope, SegmentRows};
use crate::snapshot::run::runs;

/// Runs looked at, newest first.
const RUNS_MAX: usize = 64;
/// Values taken of each run.
const VALUES_PER_RUN: usize = 256;

/// Distinct keys counted; those of the newest runs come first.
const KEYS_MAX: usize = 65_536;
/// Distinct values counted.
const VALUES_MAX: usize = 65_536;

/// Keys and values of a [`Snapshot`], for completion.
pub struct StoredValues<'a> {
    snapshot: &'a Snapshot,
    interrupted: &'a dyn Fn() -> bool,
    cut: Cell<&'static str>,
}

impl<'a> StoredValues<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, interrupted: &'a dyn Fn() -> bool) -> Self {
        Self {
            snapshot,
            interrupted,
            cut: Cell::new(""),
        }
    }

    /// Why not everything stored was looked at: `""`, `"deadline"` or `"budget"`.
    pub fn cut(&self) -> &'static str {
        self.cut.get()
    }

    /// The newest runs, as long as there is time.
    fn newest(&self) -> impl Iterator<Item = &'a SegmentRows> {
        let newest = runs(self.snapshot).rev().take(RUNS_MAX);
        let in_time = newest.take_while(|_| {
            let is_late = (self.interrupted)();
            if is_late {
                self.cut.set("deadline");
            }
            !is_late
        });
        in_time.map(|run| &run.rows)
    }

    /// Whether one more may be counted.
    fn has_room(&self, counted: usize, max: usize) -> bool {
        if counted >= max {
            self.cut.set("budget");
        }
        counted < max
    }
}

impl fmt::Debug for StoredValues<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredValues").finish_non_exhaustive()
    }
}

fn contains(text: &str, part: &str) -> bool {
    part.is_empty() || text.to_lowercase().contains(part)
}

fn most_frequent<K: Ord>(counts: HashMap<K, u64>) -> Vec<(K, u64)> {
    let mut all: Vec<(K, u64)> = counts.into_iter().collect();
    all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all
}

const SCOPES: [Scope; 4] = [Scope::Span, Scope::Resource, Scope::Scope, Scope::Event];

fn scope_index(scope: AttributeScope) -> usize {
    match scope {
        AttributeScope::Span => 0,
        AttributeScope::Resource => 1,
        AttributeScope::Scope => 2,
        AttributeScope::Event => 3,
    }
}

impl Catalog for StoredValues<'_> {
    fn keys(&self, part: &str, limit: usize, found: &mut dyn FnMut(KeyInfo<'_>)) {
        let part = part.to_lowercase();
        let mut counts: HashMap<(usize, &str), u64> = HashMap::new();
        let mut types: HashMap<(usize, &str), ValueTypes> = HashMap::new();
        for rows in self.newest() {
            for used in rows.keys() {
                if !contains(used.key, &part) {
                    continue;
                }
                let key = (scope_index(used.scope), used.key);
                if !counts.contains_key(&key) && !self.has_room(counts.len(), KEYS_MAX) {
                    continue;
                }
                *counts.entry(key).or_default() += used.count;
                let types = types.entry(key).or_default();
                types.text |= used.tag == tag::STRING;
                types.numbers |= matches!(used.tag, tag::I64 | tag::F64);
                types.booleans |= used.tag == tag::BOOL;
            }
        }
        for ((scope, key), count) in most_frequent(counts).into_iter().take(limit) {
            found(KeyInfo {
                scope: SCOPES[scope],
                key,
                types: types.get(&(scope, key)).copied().unwrap_or_default(),
                count,
            });
        }
    }

    fn values(
        &self,
        field: &Field,
        part: &str,
        limit: usize,
        found: &mut dyn FnMut(ValueInfo<'_>),
    ) {
        let part = part.to_lowercase();
        let mut counts: HashMap<String, u64> = HashMap::new();
        for rows in self.newest() {
            add_values(field, rows, &mut |text, count| {
                let is_known = counts.contains_key(text);
                if contains(text, &part) && (is_known || self.has_room(counts.len(), VALUES_MAX)) {
                    *counts.entry_ref(text).or_default() += count;
                }
            });
        }
        for (text, count) in most_frequent(counts).into_iter().take(limit) {
            found(ValueInfo {
                value: ValueRef::String(&text),
                count,
            });
        }
    }
}

fn add_values(field: &Field, rows: &SegmentRows, add: &mut dyn FnMut(&str, u64)) {
    match field {
        Field::Name | Field::RootName => {
            for (name, count) in rows.name_counts() {
                add(name, count);
            }
        }
        Field::Service | Field::RootService => {
            for (service, count) in rows.service_counts() {
                add(service, count);
            }
        }
        Field::Attribute(scope, key) => {
            if matches!(scope, Scope::Any | Scope::Span) {
                for (text, count) in rows.top_texts(key, VALUES_PER_RUN) {
                    add(&text, count);
                }
            }
            let owners = match scope {
                Scope::Any | Scope::Resource => Some(Owner::Resource),
                Scope::Scope => Some(Owner::Scope),
                Scope::Span | Scope::Event => None,
            };
            if let Some(owner) = owners {
                rows.owner_texts(owner == Owner::Resource, key, add);
            }
        }
        _ => {}
    }
}
