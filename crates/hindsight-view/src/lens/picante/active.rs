//! Queries under way: who asked for what, what each waits for, and who waits for ever.
//!
//! In: [`ActiveQueries`]. Out: [`Active`]: rows as trees, oldest first; cycles and orphans by name.
//! Holds: every access is one row, whatever parents the app tells; a circle of parents ends.
//! Bounded: [`super::ROWS_MAX`] rows, the oldest.

use std::collections::{HashMap, HashSet};

use hindsight_protocol::introspection::picante::{ActiveQueries, ActiveQuery, QueryRef, state};
use hindsight_protocol::{SpanId, TraceId};

use super::ROWS_MAX;
use super::name::shown_name;
use crate::format;
use crate::text::{Line, Role};

/// Rows are indented no further than this.
const DEPTH_MAX: usize = 32;
/// Members of a cycle that are named.
const NAMED_MAX: usize = 6;
/// Cells of a note from outside.
const NOTE_CELLS_MAX: usize = 200;

/// One access.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveRow {
    /// Unique in the process.
    pub id: u64,
    /// How far below who asked first.
    pub depth: usize,
    /// The query.
    pub query: QueryRef,
    /// Its name, escaped.
    pub name: String,
    /// How long it is under way.
    pub age: String,
    /// What it does, or what it waits for.
    pub state: Line,
    /// It does not go on by itself.
    pub is_stuck: bool,
    /// Its span; none where there is none.
    pub span: Option<(TraceId, SpanId)>,
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Active {
    /// In the order of the trees.
    pub rows: Vec<ActiveRow>,
    /// Accesses that are not listed.
    pub left_out: u64,
    /// What waits for ever, in sentences.
    pub stuck: Vec<String>,
}

impl Active {
    /// Shapes what an app tells.
    pub fn new(active: &ActiveQueries) -> Self {
        let mut queries: Vec<&ActiveQuery> = active.queries.iter().collect();
        queries.sort_by_key(|query| (std::cmp::Reverse(query.age_ns), query.id));
        let surplus = queries.len().saturating_sub(ROWS_MAX);
        queries.truncate(ROWS_MAX);
        let mut places: HashMap<u64, usize> = HashMap::new();
        for (at, query) in queries.iter().enumerate() {
            places.entry(query.id).or_insert(at);
        }
        let parent = |at: usize| {
            let parent = Some(queries[at].parent).filter(|parent| *parent != 0)?;
            places.get(&parent).copied().filter(|parent| *parent != at)
        };
        let mut below: Vec<Vec<usize>> = vec![Vec::new(); queries.len()];
        let mut roots = Vec::new();
        for at in 0..queries.len() {
            match parent(at) {
                Some(parent) => below[parent].push(at),
                None => roots.push(at),
            }
        }
        let mut order: Vec<(usize, usize)> = Vec::with_capacity(queries.len());
        let mut is_listed = vec![false; queries.len()];
        // What is in a circle of parents is below no root.
        for root in roots.into_iter().chain(0..queries.len()) {
            let mut waiting = vec![(root, 0)];
            while let Some((at, depth)) = waiting.pop() {
                if std::mem::replace(&mut is_listed[at], true) {
                    continue;
                }
                order.push((at, depth));
                waiting.extend(below[at].iter().rev().map(|at| (*at, depth + 1)));
            }
        }
        let waits = Waits {
            queries: &queries,
            places: &places,
        };
        let rows = order.into_iter().map(|(at, depth)| row(&waits, at, depth));
        Self {
            rows: rows.collect(),
            left_out: active.cut.saturating_add(surplus as u64),
            stuck: waits.stuck(),
        }
    }
}

struct Waits<'a> {
    queries: &'a [&'a ActiveQuery],
    places: &'a HashMap<u64, usize>,
}

impl Waits<'_> {
    fn name(&self, id: u64) -> String {
        match self.places.get(&id) {
            Some(at) => shown_name(&self.queries[*at].query),
            None => format!("access {id}, which is not listed"),
        }
    }

    /// The circle that `at` waits in, from itself on; empty if it is in none.
    fn circle(&self, at: usize) -> Vec<usize> {
        let mut way = vec![at];
        let mut seen = HashSet::from([at]);
        let mut here = at;
        while let Some(next) = self.queries[here].waits_for.first() {
            let Some(next) = self.places.get(next).copied() else {
                return Vec::new();
            };
            if next == at {
                return way;
            }
            if !seen.insert(next) {
                return Vec::new();
            }
            way.push(next);
            here = next;
        }
        Vec::new()
    }

    /// Orphans and circles, each once.
    fn stuck(&self) -> Vec<String> {
        let mut told: HashSet<usize> = HashSet::new();
        let mut sentences = Vec::new();
        for (at, query) in self.queries.iter().enumerate() {
            let name = shown_name(&query.query);
            match query.state.as_str() {
                state::ORPHANED => sentences.push(format!(
                    "{name} waits for a computation that nobody carries on: for ever."
                )),
                state::CYCLE if !told.contains(&at) => {
                    let circle = self.circle(at);
                    told.extend(&circle);
                    let names = circle.iter().skip(1).take(NAMED_MAX);
                    let names: Vec<String> = names
                        .map(|at| shown_name(&self.queries[*at].query))
                        .chain((circle.len() > NAMED_MAX + 1).then(|| "\u{2026}".into()))
                        .chain([name.clone()])
                        .collect();
                    sentences.push(match circle.is_empty() {
                        true => format!("{name} waits for itself, by way of others."),
                        false => format!(
                            "{name} waits for itself: by way of {}.",
                            names.join(", then ")
                        ),
                    });
                }
                _ => {}
            }
            if sentences.len() >= NAMED_MAX {
                break;
            }
        }
        sentences
    }
}

fn row(waits: &Waits<'_>, at: usize, depth: usize) -> ActiveRow {
    let query = waits.queries[at];
    let first = query.waits_for.first().map(|id| waits.name(*id));
    let more = match query.waits_for.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", format::count(count as u64 - 1)),
    };
    let on = |words: &str| match &first {
        Some(first) => format!("{words} {first}{more}"),
        None => words.to_owned(),
    };
    let (role, words, is_stuck) = match query.state.as_str() {
        state::COMPUTING => (Role::Plain, "computing".to_owned(), false),
        state::WAITING_ON_DEPENDENCY => (Role::Dim, on("waits for"), false),
        state::WAITING_ON_LEADER => (Role::Dim, on("waits for who computes the same:"), false),
        state::ORPHANED => (Role::Error, "orphaned: nobody computes it".to_owned(), true),
        state::CYCLE => (Role::Error, on("in a cycle: waits for"), true),
        other => {
            let escaped = format::escape(&other[..other.floor_char_boundary(NOTE_CELLS_MAX)]);
            (Role::Dim, escaped.into_owned(), false)
        }
    };
    let mut line = Line::new().with(role, words);
    if !query.note.is_empty() {
        let note = &query.note[..query.note.floor_char_boundary(4 * NOTE_CELLS_MAX)];
        let note = format::truncate(&format::escape(note), NOTE_CELLS_MAX).into_owned();
        line = line.with(Role::Dim, format!("; {note}"));
    }
    let has_span = query.trace_id.is_valid() && query.span_id.is_valid();
    ActiveRow {
        id: query.id,
        depth: depth.min(DEPTH_MAX),
        name: shown_name(&query.query),
        query: query.query.clone(),
        age: crate::running::age(query.age_ns),
        state: line,
        is_stuck,
        span: has_span.then_some((query.trace_id, query.span_id)),
    }
}
