//! Changes of files, and what was made anew because of each.
//!
//! A query is made anew because of a change when it is computed and depends on the input that changed, or on a
//! query that changed because of it. An access ends after those that it depends on, so one look at its
//! dependencies finds the reason. Bounded: [`CHANGES_MAX`] changes, [`ITEMS_MAX`] items each.

use std::collections::{HashMap, VecDeque};

use hindsight_protocol::introspection::dodeca::{ChangeExplanation, ExplainChangeRequest, Rebuilt};
use hindsight_protocol::introspection::picante::{QueryRef, outcome};

use super::{Ended, InputSet};
use crate::kind::{Meaning, Role, meaning};

/// Changes that are kept.
pub(crate) const CHANGES_MAX: usize = 64;
/// Items of a change that are kept.
pub(crate) const ITEMS_MAX: usize = 2_000;
/// Items that are told where the request does not say.
const TOLD_DEFAULT: usize = 500;
/// Files that are named where the request is not clear.
const CANDIDATES_MAX: usize = 32;

/// Newest last.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    all: VecDeque<Change>,
}

#[derive(Debug)]
struct Change {
    path: String,
    is_removed: bool,
    told: InputSet,
    items: Vec<Rebuilt>,
    /// Which item a query is, and whether its value is another one.
    index: HashMap<QueryName, (u32, bool)>,
    cut: u64,
    /// A later build began: what is computed from now on is for another reason.
    is_over: bool,
}

/// A query, without the hash of its key: dependencies do not have it.
type QueryName = (String, String);

fn name_of(query: &QueryRef) -> QueryName {
    (query.kind.clone(), query.key.clone())
}

impl Changes {
    /// An input changed. Which files there are is a change of its own only where no file of the same build
    /// explains it.
    pub(crate) fn input(&mut self, path: String, set: &InputSet, is_file: bool) {
        if !is_file && let Some(file) = self.all.back_mut().filter(|change| !change.is_over) {
            file.add_input(set);
            return;
        }
        if self.all.len() == CHANGES_MAX {
            self.all.pop_front();
        }
        let mut change = Change {
            path,
            is_removed: set.is_removed,
            told: set.clone(),
            items: Vec::new(),
            index: HashMap::new(),
            cut: 0,
            is_over: false,
        };
        change.add_input(set);
        self.all.push_back(change);
    }

    /// A later build begins.
    pub(crate) fn freeze(&mut self) {
        for change in &mut self.all {
            change.is_over = true;
            change.index = HashMap::new();
        }
    }

    /// An access ended: is a change the reason?
    /// `beneath`: queries it asked for that changed.
    pub(crate) fn ended(&mut self, ended: &Ended, beneath: &[QueryRef], meaning: Option<Meaning>) {
        let is_changed = match ended.outcome {
            outcome::COMPUTED_CHANGED => true,
            outcome::COMPUTED_UNCHANGED | outcome::ERROR => false,
            _ => return,
        };
        for change in self
            .all
            .iter_mut()
            .rev()
            .take_while(|change| !change.is_over)
        {
            change.ended(ended, beneath, meaning, is_changed);
        }
    }

    /// Whether a change that is under way made another value of this query.
    pub(crate) fn has_changed(&self, query: &QueryRef) -> bool {
        let mut live = self.all.iter().rev().take_while(|change| !change.is_over);
        let name = name_of(query);
        live.any(|change| {
            change
                .index
                .get(&name)
                .is_some_and(|(_, is_changed)| *is_changed)
        })
    }

    /// What the request asks for.
    pub(crate) fn explain(&self, request: &ExplainChangeRequest) -> ChangeExplanation {
        let matching = |change: &&Change| change.path.contains(&request.path);
        let mut paths: Vec<&str> = Vec::new();
        for change in self.all.iter().rev().filter(matching) {
            if !paths.contains(&change.path.as_str()) {
                paths.push(&change.path);
            }
        }
        let exact = paths.iter().any(|path| *path == request.path);
        let found = match (request.path.is_empty() || exact, &paths[..]) {
            (true, _) | (false, [_]) => self.all.iter().rev().filter(matching),
            _ => return self.unclear(&paths),
        };
        let mut found = found.filter(|change| !exact || change.path == request.path);
        match found.next() {
            Some(change) => change.explain(request.limit),
            None => self.unclear(&paths),
        }
    }

    /// Files that were meant, or those that changed lately.
    fn unclear(&self, paths: &[&str]) -> ChangeExplanation {
        let mut candidates: Vec<String> = Vec::new();
        let all = self.all.iter().rev().map(|change| change.path.as_str());
        for path in paths
            .iter()
            .copied()
            .chain(all.filter(|_| paths.is_empty()))
        {
            if candidates.len() < CANDIDATES_MAX && !candidates.iter().any(|known| known == path) {
                candidates.push(path.to_owned());
            }
        }
        let summary = match (self.all.is_empty(), paths.is_empty()) {
            (true, _) => "no file changed since the site was loaded",
            (false, true) => "no such file changed; these did lately",
            (false, false) => "several files that changed match",
        };
        ChangeExplanation {
            candidates,
            summary: summary.to_owned(),
            ..ChangeExplanation::default()
        }
    }
}

impl Change {
    fn add_input(&mut self, set: &InputSet) {
        let at = self.items.len() as u32;
        let item = Rebuilt {
            query: set.query.clone(),
            because: at,
            outcome: match set.is_removed {
                true => outcome::REMOVED.to_owned(),
                false => outcome::SET.to_owned(),
            },
            span_id: set.span_id,
            ..Rebuilt::default()
        };
        self.add(item, true);
    }

    fn add(&mut self, item: Rebuilt, is_changed: bool) {
        if self.items.len() == ITEMS_MAX {
            self.cut += 1;
            return;
        }
        let at = self.items.len() as u32;
        self.index.insert(name_of(&item.query), (at, is_changed));
        self.items.push(item);
    }

    fn ended(
        &mut self,
        ended: &Ended,
        beneath: &[QueryRef],
        meaning: Option<Meaning>,
        is_changed: bool,
    ) {
        let reason = |query: &QueryRef| {
            let (at, is_changed) = self.index.get(&name_of(query))?;
            is_changed.then_some(*at)
        };
        let mut asked = ended.dependencies.iter().chain(beneath);
        let Some(because) = asked.find_map(reason) else {
            return;
        };
        let item = Rebuilt {
            query: ended.query.clone(),
            phase: meaning.map_or(String::new(), |meaning| meaning.phase.to_owned()),
            because,
            outcome: ended.outcome.to_owned(),
            compute_ns: ended.compute_ns,
            span_id: ended.span_id,
        };
        match self.index.get(&name_of(&ended.query)) {
            // Again, on another snapshot, or after a second input.
            Some((at, was_changed)) => {
                let (at, is_changed) = (*at, *was_changed || is_changed);
                let before = self.items[at as usize].because;
                self.items[at as usize] = Rebuilt {
                    because: before,
                    ..item
                };
                let name = name_of(&ended.query);
                self.index.insert(name, (at, is_changed));
            }
            None => self.add(item, is_changed),
        }
    }

    fn explain(&self, limit: u32) -> ChangeExplanation {
        let limit = match limit {
            0 => TOLD_DEFAULT,
            limit => limit as usize,
        };
        let told = self.items.iter().take(limit).cloned().collect();
        let left_out = self.items.len().saturating_sub(limit) as u64;
        ChangeExplanation {
            is_found: true,
            path: self.path.clone(),
            at_ns: self.told.at_ns,
            summary: self.summary(),
            items: told,
            cut: self.cut + left_out,
            trace_id: self.told.trace_id,
            ..ChangeExplanation::default()
        }
    }

    fn summary(&self) -> String {
        let what = match self.is_removed {
            true => "was removed",
            false => "changed",
        };
        let is_input =
            |item: &Rebuilt| matches!(item.outcome.as_str(), outcome::SET | outcome::REMOVED);
        let all: Vec<&Rebuilt> = self.items.iter().filter(|item| !is_input(item)).collect();
        if all.is_empty() {
            return format!(
                "{} {what}; nothing that was asked for depends on it",
                self.path
            );
        }
        let is_page = |item: &&Rebuilt| {
            meaning(&item.query.kind).is_some_and(|meaning| meaning.role == Role::Page)
        };
        let pages: Vec<&Rebuilt> = all.iter().copied().filter(is_page).collect();
        format!(
            "{} {what}: {} computed anew{}; {} made anew{}",
            self.path,
            plural(all.len(), "query", "queries"),
            the_same(&all),
            plural(pages.len(), "page", "pages"),
            the_same(&pages),
        )
    }
}

/// How many came out as they were.
fn the_same(items: &[&Rebuilt]) -> String {
    let same = items
        .iter()
        .filter(|item| item.outcome == outcome::COMPUTED_UNCHANGED);
    match same.count() {
        0 => String::new(),
        same => format!(" ({same} with the same value as before)"),
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}
