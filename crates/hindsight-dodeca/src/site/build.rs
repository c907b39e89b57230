//! Builds: when they begin and end, what was done in them.
//!
//! A build begins when dodeca says so, or, where that is not heard, with the first input that is set or with
//! `build_site`. It ends when dodeca says so, or when nothing was under way for [`QUIET_NS`]. Its root span is
//! current for every query and every change of an input that has no context of its own, whatever thread it
//! is on: a change is set by one thread, and pages are rendered by another.

use std::collections::BTreeSet;

use hindsight::{Context, Span, StatusCode, TraceId, Tracer};
use hindsight_protocol::introspection::dodeca::{
    BuildEvent, PhaseProgress, attribute, event, state,
};
use hindsight_protocol::introspection::picante::outcome;

use crate::kind::PHASES;

/// A build of which nobody says the end is over when nothing happened for so long.
pub(crate) const QUIET_NS: u64 = 300_000_000;
/// Files that a build remembers as its reason.
pub(crate) const FILES_MAX: usize = 64;
/// Pages of a build that are told apart.
const ROUTES_MAX: usize = 50_000;

/// The build under way and the one before.
#[derive(Debug)]
pub(crate) struct Builds {
    tracer: Tracer,
    open: Option<Open>,
    last: Option<Build>,
    generation: u64,
    last_duration_ns: u64,
}

/// A file that the watcher saw to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenFile {
    pub(crate) path: String,
    pub(crate) is_removed: bool,
}

/// A build.
#[derive(Clone, Debug, Default)]
pub(crate) struct Build {
    pub(crate) generation: u64,
    pub(crate) is_first: bool,
    /// In dodeca's words; empty where they were not heard.
    said: String,
    files: Vec<String>,
    removed: Vec<String>,
    inputs: u64,
    pub(crate) started_ns: u64,
    /// When the last thing happened.
    last_ns: u64,
    pub(crate) phases: [PhaseProgress; PHASES.len()],
    routes: BTreeSet<String>,
    /// Pages that it must make, where that was said.
    pub(crate) pages_said: Option<u64>,
    /// It is of the whole site.
    pub(crate) is_whole: bool,
    whole_is_done: bool,
    pub(crate) error: String,
    pub(crate) trace_id: TraceId,
}

#[derive(Debug)]
struct Open {
    build: Build,
    /// dodeca said when it began, and will say when it ends.
    is_told: bool,
    /// Queries were asked in it.
    has_steps: bool,
    span: Span,
}

impl Builds {
    pub(crate) fn new(tracer: Tracer) -> Self {
        Self {
            tracer,
            open: None,
            last: None,
            generation: 0,
            last_duration_ns: 0,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The build under way, or else the last one.
    pub(crate) fn newest(&self) -> Option<&Build> {
        let open = self.open.as_ref().map(|open| &open.build);
        open.or(self.last.as_ref())
    }

    fn current(&mut self) -> Option<&mut Build> {
        self.open.as_mut().map(|open| &mut open.build)
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn last_duration_ns(&self) -> u64 {
        self.last_duration_ns
    }

    /// Whether this is the one in which the site is loaded.
    pub(crate) fn is_first(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.build.is_first)
    }

    /// Whether a change of an input now belongs to a build that did not begin yet.
    pub(crate) fn wants_new(&self, has_active: bool) -> bool {
        match &self.open {
            None => true,
            Some(open) => !open.is_told && open.has_steps && !has_active,
        }
    }

    pub(crate) fn context(&self) -> Option<Context> {
        self.open.as_ref()?.span.context().cloned()
    }

    pub(crate) fn begin(&mut self, told: Option<(u64, String)>, seen: Vec<SeenFile>, now_ns: u64) {
        let removed = seen.iter().filter(|file| file.is_removed);
        let removed = removed.map(|file| file.path.clone()).collect();
        let files = seen.into_iter().map(|file| file.path).collect();
        let is_first = self.generation == 0;
        let is_told = told
            .as_ref()
            .is_some_and(|(generation, _)| *generation != 0);
        let (number, said) = told.unwrap_or_default();
        self.generation = number.max(self.generation + 1);
        let name = match is_first {
            true => "dodeca build",
            false => "dodeca rebuild",
        };
        let span = self.tracer.span(name).as_root().with_start_ns(now_ns);
        let span = span
            .with_attribute(attribute::BUILD, true)
            .with_attribute(attribute::GENERATION, self.generation)
            .start_detached();
        let trace_id = span.context().map(Context::trace_id);
        let mut build = Build {
            generation: self.generation,
            is_first,
            said,
            files,
            removed,
            started_ns: now_ns,
            last_ns: now_ns,
            trace_id: trace_id.unwrap_or_default(),
            ..Build::default()
        };
        for (progress, word) in build.phases.iter_mut().zip(PHASES) {
            progress.phase = word.to_owned();
        }
        self.open = Some(Open {
            build,
            is_told,
            has_steps: false,
            span,
        });
    }

    /// Ends the build under way; what is to be told of it.
    pub(crate) fn end(&mut self, now_ns: u64) -> Option<BuildEvent> {
        let open = self.open.take()?;
        let (mut build, span) = (open.build, open.span);
        let end_ns = match open.is_told {
            true => now_ns,
            false => build.last_ns,
        };
        for progress in &mut build.phases {
            progress.active = 0;
        }
        let reason = build.reason();
        if !reason.is_empty() {
            span.set_attribute(attribute::REASON, reason);
        }
        if let [path] = &build.files[..] {
            span.set_attribute(attribute::SOURCE_PATH, path.clone());
        }
        if !build.error.is_empty() {
            span.set_status(StatusCode::Error, build.error.clone());
        }
        self.last_duration_ns = end_ns.saturating_sub(build.started_ns);
        self.last = Some(build);
        let told = self.event(event::BUILD_ENDED, end_ns);
        span.end_at(end_ns);
        told
    }

    /// An event of the newest build.
    pub(crate) fn event(&self, kind: &str, at_ns: u64) -> Option<BuildEvent> {
        let build = self.newest()?;
        let ended = kind == event::BUILD_ENDED;
        let span_id = self.context().map(|context| context.span_id());
        Some(BuildEvent {
            at_ns,
            kind: kind.to_owned(),
            what: build.reason(),
            outcome: match (ended, build.error.is_empty()) {
                (false, _) => state::BUILDING.to_owned(),
                (true, true) => state::DONE.to_owned(),
                (true, false) => state::FAILED.to_owned(),
            },
            duration_ns: match ended {
                true => at_ns.saturating_sub(build.started_ns),
                false => 0,
            },
            generation: build.generation,
            detail: build.error.clone(),
            trace_id: build.trace_id,
            span_id: span_id.unwrap_or_default(),
            ..BuildEvent::default()
        })
    }

    pub(crate) fn is_of_revision(&self, generation: u64) -> bool {
        let of = |open: &Open| open.is_told && open.build.generation == generation;
        self.open.as_ref().is_some_and(of)
    }

    pub(crate) fn is_quiet(&self, now_ns: u64, has_active: bool) -> bool {
        let is_over = |open: &Open| {
            !open.is_told && !has_active && now_ns.saturating_sub(open.build.last_ns) >= QUIET_NS
        };
        self.open.as_ref().is_some_and(is_over)
    }

    pub(crate) fn touch(&mut self, now_ns: u64) {
        if let Some(build) = self.current() {
            build.last_ns = build.last_ns.max(now_ns);
        }
    }

    /// `build_site` was asked for.
    pub(crate) fn note_whole(&mut self) {
        if let Some(build) = self.current() {
            build.is_whole = true;
        }
    }

    /// dodeca said how many pages it renders again.
    pub(crate) fn pages_said(&mut self, pages: u64) {
        if let Some(build) = self.current() {
            build.pages_said = Some(pages);
        }
    }

    pub(crate) fn input(&mut self, path: &str, is_file: bool) {
        let Some(build) = self.current() else {
            return;
        };
        build.inputs += 1;
        let is_known = |known: &String| known.ends_with(path);
        if is_file && build.files.len() < FILES_MAX && !build.files.iter().any(is_known) {
            build.files.push(path.to_owned());
        }
    }

    /// The file that the watcher saw to go from this folder, if it was one.
    pub(crate) fn removed_in(&self, folder: &str) -> Option<String> {
        let removed = &self.open.as_ref()?.build.removed;
        let is_in = |path: &&String| path.split('/').any(|part| part == folder);
        match &removed.iter().filter(is_in).collect::<Vec<_>>()[..] {
            [one] => Some((*one).clone()),
            _ => None,
        }
    }

    pub(crate) fn step_started(&mut self, phase: &str, now_ns: u64) {
        if let Some(open) = &mut self.open {
            open.has_steps = true;
        }
        self.touch(now_ns);
        if let Some(progress) = self.phase(phase) {
            progress.active += 1;
        }
    }

    pub(crate) fn step_ended(&mut self, phase: &str, outcome: &str, self_ns: u64, failed: bool) {
        let Some(progress) = self.phase(phase) else {
            return;
        };
        progress.active = progress.active.saturating_sub(1);
        progress.done += 1;
        match outcome {
            outcome::HIT | outcome::VALIDATED | outcome::ADOPTED | outcome::COALESCED => {
                progress.reused += 1;
            }
            outcome::ERROR | outcome::CANCELLED => progress.failed += 1,
            _ if failed => progress.failed += 1,
            _ => {}
        }
        progress.compute_ns += self_ns;
    }

    fn phase(&mut self, phase: &str) -> Option<&mut PhaseProgress> {
        let at = PHASES.iter().position(|word| *word == phase)?;
        self.current()?.phases.get_mut(at)
    }

    pub(crate) fn page_ready(&mut self, route: &str, failed: bool) {
        let Some(build) = self.current() else {
            return;
        };
        if !failed && build.routes.len() < ROUTES_MAX && !build.routes.contains(route) {
            build.routes.insert(route.to_owned());
        }
    }

    pub(crate) fn whole_ended(&mut self, error: &str) {
        if let Some(build) = self.current() {
            build.whole_is_done = error.is_empty();
        }
        self.failed(error);
    }

    pub(crate) fn failed(&mut self, error: &str) {
        if let Some(build) = self.current()
            && build.error.is_empty()
        {
            build.error = error.to_owned();
        }
    }
}

impl Build {
    /// Why it was built, in words.
    pub(crate) fn reason(&self) -> String {
        let files = match &self.files[..] {
            _ if self.is_first => match self.inputs {
                0 => String::new(),
                inputs => format!("{inputs} inputs loaded"),
            },
            [] => String::new(),
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        };
        match (self.said.is_empty(), files.is_empty()) {
            (true, _) => files,
            (false, true) => self.said.clone(),
            (false, false) => format!("{}: {files}", self.said),
        }
    }

    /// Pages ready, and pages to be made ready; 0 where that is not known.
    pub(crate) fn progress(&self, pages: u64) -> (u64, u64) {
        let done = self.routes.len() as u64;
        match (self.is_whole, self.pages_said) {
            (true, _) if self.whole_is_done => (pages, pages),
            (true, _) => (done, pages.max(done)),
            (false, Some(said)) => (done, said.max(done)),
            (false, None) => (done, 0),
        }
    }
}
