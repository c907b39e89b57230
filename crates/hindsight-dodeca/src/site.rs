//! What is known of a site: builds, pages, templates, changes, events.
//!
//! In: accesses to queries, changes of inputs, what taps and the layer saw, with the time. Out: the answers of
//! `DodecaIntrospection`, and contexts of builds' spans. Holds: a query's time is counted once, where it was
//! spent. Bounded: pages, templates, changes with their items, events, accesses under way, warnings; each
//! bound is a constant beside its list, and what is beyond is counted.

mod answer;
pub(crate) mod build;
pub(crate) mod change;
pub(crate) mod event;
pub(crate) mod page;
pub(crate) mod template;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use hindsight::{Context, SpanId, TraceId, Tracer};
use hindsight_protocol::introspection::dodeca::{BuildEvent, event as event_word};
use hindsight_protocol::introspection::picante::{QueryRef, outcome};

use crate::kind::{self, Input, Meaning, Role};
use crate::tap::{Built, Tree};
use build::{Builds, SeenFile};
use change::Changes;
use event::Events;
use page::Pages;
use template::Templates;

/// Accesses under way that are remembered.
const ACTIVE_MAX: usize = 65_536;
/// Changed queries beneath an access that are remembered as its reasons.
const REASONS_MAX: usize = 16;
/// Different warnings that are kept.
const WARNINGS_MAX: usize = 32;

/// What is said of a site by whoever starts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteMeta {
    /// Its name.
    pub name: String,
    /// Where it is built to.
    pub output: String,
}

/// The start of an access.
#[derive(Clone, Debug, Default)]
pub(crate) struct Started {
    pub(crate) id: u64,
    /// 0 for none.
    pub(crate) parent: u64,
    pub(crate) query: QueryRef,
    pub(crate) at_ns: u64,
}

/// The end of an access.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ended {
    pub(crate) id: u64,
    pub(crate) query: QueryRef,
    pub(crate) at_ns: u64,
    /// A word of picante's `outcome`.
    pub(crate) outcome: &'static str,
    pub(crate) compute_ns: u64,
    pub(crate) dependencies: Vec<QueryRef>,
    pub(crate) error: String,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
}

/// A change of an input.
#[derive(Clone, Debug, Default)]
pub(crate) struct InputSet {
    pub(crate) query: QueryRef,
    pub(crate) at_ns: u64,
    pub(crate) is_removed: bool,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
}

/// An access under way.
#[derive(Debug)]
struct Active {
    query: QueryRef,
    parent: u64,
    started_ns: u64,
    /// Time of the queries that it asked for.
    below_ns: u64,
    /// Queries among those that a file's change made another value of.
    changed: Vec<QueryRef>,
    meaning: Option<Meaning>,
    /// What went wrong in it, by its value: dodeca returns errors as values.
    failed: Option<String>,
    /// What its value says of itself.
    detail: String,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) meta: SiteMeta,
    pub(crate) builds: Builds,
    pub(crate) pages: Pages,
    pub(crate) templates: Templates,
    pub(crate) changes: Changes,
    pub(crate) events: Events,
    active: HashMap<u64, Active>,
    warnings: BTreeSet<String>,
    assets: u64,
    /// Files that were said to have changed, until the next build takes them.
    files: Vec<SeenFile>,
}

impl Site {
    pub(crate) fn new(meta: SiteMeta, tracer: Tracer) -> Self {
        Self {
            meta,
            builds: Builds::new(tracer),
            pages: Pages::default(),
            templates: Templates::default(),
            changes: Changes::default(),
            events: Events::default(),
            active: HashMap::new(),
            warnings: BTreeSet::new(),
            assets: 0,
            files: Vec::new(),
        }
    }

    /// The context for an access or a change that has none of its own: that of the build under way. A change
    /// of an input begins one.
    pub(crate) fn root_context(&mut self, is_input: bool, now_ns: u64) -> Option<Context> {
        self.close_quiet(now_ns);
        if is_input && self.builds.wants_new(self.has_active()) {
            self.begin_build(None, now_ns);
        }
        self.builds.context()
    }

    fn has_active(&self) -> bool {
        !self.active.is_empty()
    }

    /// An access began.
    pub(crate) fn started(&mut self, started: Started) {
        self.close_quiet(started.at_ns);
        let meaning = kind::meaning(&started.query.kind);
        if let Some(meaning) = meaning {
            if meaning.role == Role::Build {
                // A build without inputs: they were read from memory.
                if !self.builds.is_open() {
                    self.begin_build(Some((0, "build".to_owned())), started.at_ns);
                }
                self.builds.note_whole();
            }
            self.builds.step_started(meaning.phase, started.at_ns);
        }
        if self.active.len() >= ACTIVE_MAX {
            self.warn("more queries are under way than are remembered");
            return;
        }
        self.active.insert(
            started.id,
            Active {
                query: started.query,
                parent: started.parent,
                started_ns: started.at_ns,
                below_ns: 0,
                changed: Vec::new(),
                meaning,
                failed: None,
                detail: String::new(),
            },
        );
    }

    /// An access ended.
    pub(crate) fn ended(&mut self, ended: &Ended) {
        let Some(active) = self.active.remove(&ended.id) else {
            return;
        };
        // What it asked for is told too where it was not at hand; its list of dependencies may be cut.
        self.changes.ended(ended, &active.changed, active.meaning);
        let took_ns = ended.at_ns.saturating_sub(active.started_ns);
        if let Some(parent) = self.active.get_mut(&active.parent) {
            parent.below_ns += took_ns;
            if parent.changed.len() < REASONS_MAX && self.changes.has_changed(&ended.query) {
                parent.changed.push(ended.query.clone());
            }
        }
        self.builds.touch(ended.at_ns);
        let error = match (&active.failed, ended.error.is_empty()) {
            (Some(text), _) => text.clone(),
            (None, false) => ended.error.clone(),
            (None, true) => String::new(),
        };
        // What it asked for while it was validated is not in the time of its computation.
        let alone_ns = took_ns.saturating_sub(active.below_ns);
        let self_ns = ended.compute_ns.min(alone_ns);
        let Some(meaning) = active.meaning else {
            return;
        };
        let failed = !error.is_empty();
        self.builds
            .step_ended(meaning.phase, ended.outcome, self_ns, failed);
        let subject = kind::subject_of(meaning, &ended.query.key);
        match meaning.role {
            Role::Render => self.pages.rendered(&subject, ended, self_ns, &error),
            Role::Page => {
                self.builds.page_ready(&subject, failed);
                self.builds.failed(&error);
                self.pages.answered(&subject, ended, &error);
            }
            Role::Build => self.builds.whole_ended(&error),
            Role::Tree if failed => self.builds.failed(&error),
            Role::Tree | Role::Step => {}
        }
        let detail = match error.is_empty() {
            true => active.detail,
            false => error,
        };
        self.tell_step(meaning, subject, ended, self_ns, (failed, detail));
        if active.parent == 0 {
            self.close_quiet(ended.at_ns);
        }
    }

    /// Tells of a step that was computed, and of one that failed.
    fn tell_step(
        &mut self,
        meaning: Meaning,
        what: String,
        ended: &Ended,
        self_ns: u64,
        (failed, detail): (bool, String),
    ) {
        let is_told = matches!(
            ended.outcome,
            outcome::COMPUTED_CHANGED
                | outcome::COMPUTED_UNCHANGED
                | outcome::ERROR
                | outcome::CANCELLED
        );
        if !is_told {
            return;
        }
        let outcome = match failed {
            false => ended.outcome,
            true => outcome::ERROR,
        };
        self.events.push(BuildEvent {
            at_ns: ended.at_ns,
            kind: event_word::STEP.to_owned(),
            phase: meaning.phase.to_owned(),
            what,
            outcome: outcome.to_owned(),
            duration_ns: self_ns,
            generation: self.builds.generation(),
            detail,
            trace_id: ended.trace_id,
            span_id: ended.span_id,
            ..BuildEvent::default()
        });
    }

    /// An input was set to another value, or removed.
    pub(crate) fn input_set(&mut self, set: &InputSet) {
        self.close_quiet(set.at_ns);
        if self.builds.wants_new(self.has_active()) {
            self.begin_build(None, set.at_ns);
        }
        self.builds.touch(set.at_ns);
        let (path, is_file, is_removed) = match kind::input(&set.query.kind) {
            Input::File(folder) => {
                let name = kind::first_text(&set.query.key);
                (kind::path_in(folder, &name), true, set.is_removed)
            }
            Input::Folder(folder) => match self.builds.removed_in(folder) {
                Some(path) => (path, false, true),
                None => (format!("{folder} (which files there are)"), false, false),
            },
            Input::Other => return,
        };
        self.builds.input(&path, is_file);
        if self.builds.is_first() {
            // Everything is set at the start; that explains nothing.
            return;
        }
        let set = InputSet {
            is_removed,
            ..set.clone()
        };
        self.changes.input(path.clone(), &set, is_file);
        if is_file || is_removed {
            self.tell_file(path, &set);
        }
    }

    fn tell_file(&mut self, path: String, set: &InputSet) {
        self.events.push(BuildEvent {
            at_ns: set.at_ns,
            kind: event_word::FILE_CHANGED.to_owned(),
            what: path,
            outcome: match set.is_removed {
                true => outcome::REMOVED.to_owned(),
                false => outcome::SET.to_owned(),
            },
            generation: self.builds.generation(),
            trace_id: set.trace_id,
            span_id: set.span_id,
            ..BuildEvent::default()
        });
    }

    /// `told`: the number and the reason, by dodeca's own words.
    pub(crate) fn begin_build(&mut self, told: Option<(u64, String)>, now_ns: u64) {
        self.end_build(now_ns);
        let files = std::mem::take(&mut self.files);
        self.builds.begin(told, files, now_ns);
        self.changes.freeze();
        let build = self.builds.event(event_word::BUILD_STARTED, now_ns);
        self.events.extend(build);
    }

    /// Ends the build under way, if there is one.
    pub(crate) fn end_build(&mut self, now_ns: u64) {
        let ended = self.builds.end(now_ns);
        self.events.extend(ended);
    }

    /// dodeca says that a rebuild is done.
    pub(crate) fn revision_ready(&mut self, generation: u64, now_ns: u64) {
        if self.builds.is_of_revision(generation) {
            self.end_build(now_ns);
        }
    }

    /// Ends a build that nobody said the end of, and in which nothing happens any more.
    pub(crate) fn close_quiet(&mut self, now_ns: u64) {
        if self.builds.is_quiet(now_ns, self.has_active()) {
            self.end_build(now_ns);
        }
    }

    /// A file changed, as the watcher says, before the inputs are set.
    pub(crate) fn file_seen(&mut self, file: SeenFile) {
        if self.files.len() < build::FILES_MAX && !self.files.contains(&file) {
            self.files.push(file);
        }
    }

    /// The value of `build_tree` was computed.
    pub(crate) fn tree(&mut self, tree: Tree) {
        for text in tree.warnings {
            self.warn(&text);
        }
        if let Some(error) = tree.error {
            self.fail_active(Role::Tree, error);
            return;
        }
        let (told, of) = self.pages.replace(tree.pages);
        if told < of {
            self.warn(&format!("{told} of {of} pages are told"));
        }
    }

    /// The value of `build_site` was computed.
    pub(crate) fn built(&mut self, built: Built) {
        for text in built.warnings {
            self.warn(&text);
        }
        match built.error {
            Some(error) => self.fail_active(Role::Build, error),
            None => self.assets = built.assets,
        }
    }

    /// The value of a query is an error.
    pub(crate) fn value_failed(&mut self, kind: &str, key: &str, error: String) {
        for active in self.active_of(kind, key) {
            active.failed.get_or_insert_with(|| error.clone());
        }
    }

    /// The value of a query says something of itself.
    pub(crate) fn value_said(&mut self, kind: &str, key: &str, detail: String) {
        for active in self.active_of(kind, key) {
            active.detail.clone_from(&detail);
        }
    }

    fn active_of(&mut self, kind: &str, key: &str) -> impl Iterator<Item = &mut Active> {
        let is_it =
            move |active: &&mut Active| active.query.kind == kind && active.query.key == key;
        self.active.values_mut().filter(is_it)
    }

    fn fail_active(&mut self, role: Role, error: String) {
        let of_role = |active: &&mut Active| active.meaning.is_some_and(|m| m.role == role);
        for active in self.active.values_mut().filter(of_role) {
            active.failed.get_or_insert_with(|| error.clone());
        }
    }

    /// Remembers a warning; the same text once.
    pub(crate) fn warn(&mut self, text: &str) {
        if self.warnings.len() < WARNINGS_MAX && !self.warnings.contains(text) {
            self.warnings.insert(text.to_owned());
        }
    }
}
