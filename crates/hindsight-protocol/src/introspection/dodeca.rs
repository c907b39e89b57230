//! `DodecaIntrospection`: builds of a site, its pages and templates, and what a change made anew.
#![allow(
    missing_docs,
    reason = "the attribute macro generates descriptor functions without documentation"
)]

use facet::Facet;

use super::picante::QueryRef;
use super::{StreamEnd, StreamRequest};
use crate::{SpanId, TraceId};

/// Offered by a dodeca with `hindsight-dodeca`.
#[vox::service]
pub trait DodecaIntrospection {
    /// What is built, how far it is, and how long it took.
    async fn get_build_info(&self, request: BuildInfoRequest) -> BuildInfo;

    /// Pages with their templates and render times.
    async fn list_pages(&self, request: ListPagesRequest) -> ListPages;

    /// Templates by the time they took.
    async fn get_template_stats(&self, request: TemplateStatsRequest) -> TemplateStats;

    /// What a change of a file made anew, and by which way.
    async fn explain_change(&self, request: ExplainChangeRequest) -> ChangeExplanation;

    /// Steps of builds as they happen.
    async fn stream_build_events(
        &self,
        request: StreamRequest,
        events: vox::Tx<BuildEvent>,
    ) -> StreamEnd;
}

vox_schema::impl_reborrow_owned!(BuildEvent);

/// Keys of attributes on spans of a build.
pub mod attribute {
    /// `true` on the root of a build.
    pub const BUILD: &str = "dodeca.build";
    /// A word of [`super::phase`].
    pub const PHASE: &str = "dodeca.phase";
    /// Route of a page.
    pub const ROUTE: &str = "dodeca.route";
    /// Template that was used.
    pub const TEMPLATE: &str = "dodeca.template";
    /// File that was read.
    pub const SOURCE_PATH: &str = "dodeca.source_path";
    /// Number of the rebuild.
    pub const GENERATION: &str = "dodeca.generation";
    /// Why it was rebuilt.
    pub const REASON: &str = "dodeca.reason";
    /// Image, font, style sheet or other file that was made.
    pub const ASSET: &str = "dodeca.asset";
    /// Link that was checked.
    pub const URL: &str = "dodeca.url";
}

/// What [`BuildInfo::state`] says.
pub mod state {
    /// Nothing was built yet, or nothing is known.
    pub const IDLE: &str = "idle";
    /// A build is under way.
    pub const BUILDING: &str = "building";
    /// The last build was done.
    pub const DONE: &str = "done";
    /// The last build failed.
    pub const FAILED: &str = "failed";
}

/// Phases of a build.
pub mod phase {
    /// Markdown and data are read.
    pub const PARSE: &str = "parse";
    /// Pages and sections are rendered.
    pub const RENDER: &str = "render";
    /// Style sheets are made.
    pub const STYLE: &str = "style";
    /// Images are made.
    pub const IMAGE: &str = "image";
    /// Fonts are cut to what is used.
    pub const FONT: &str = "font";
    /// Files are copied.
    pub const ASSET: &str = "asset";
    /// Links are checked.
    pub const LINK: &str = "link";
    /// The search index is made.
    pub const SEARCH: &str = "search";
}

/// Words in [`BuildEvent::kind`].
pub mod event {
    /// A build began.
    pub const BUILD_STARTED: &str = "build_started";
    /// A build ended.
    pub const BUILD_ENDED: &str = "build_ended";
    /// A file changed.
    pub const FILE_CHANGED: &str = "file_changed";
    /// A step of a build was done; see `phase`.
    pub const STEP: &str = "step";
    /// A request was answered.
    pub const REQUEST: &str = "request";
    /// Browsers were told to reload.
    pub const RELOAD: &str = "reload";
    /// Events were lost before this one; see `dropped`.
    pub const DROPPED: &str = "dropped";
    /// Nothing happened for a while: a reader that left is noticed only when something is sent.
    pub const HEARTBEAT: &str = "heartbeat";
}

/// Nothing to say yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct BuildInfoRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// A site and its builds.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct BuildInfo {
    /// The name the process goes by.
    #[facet(default)]
    pub process: String,
    /// When this was true, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// Name of the site; empty where not known.
    #[facet(default)]
    pub site: String,
    /// Where it is built to; empty where not known.
    #[facet(default)]
    pub output: String,
    /// A word of [`state`].
    #[facet(default)]
    pub state: String,
    /// Number of the current or last build.
    #[facet(default)]
    pub generation: u64,
    /// Why it was built; empty where not known.
    #[facet(default)]
    pub reason: String,
    /// Pages and sections of the site.
    #[facet(default)]
    pub pages: u64,
    /// Other files of the site.
    #[facet(default)]
    pub assets: u64,
    /// Pages that the current or last build has ready.
    #[facet(default)]
    pub pages_done: u64,
    /// Pages that it has to make ready.
    #[facet(default)]
    pub pages_total: u64,
    /// How far each phase is.
    #[facet(default)]
    pub phases: Vec<PhaseProgress>,
    /// When the current or last build began, nanoseconds since the Unix epoch; 0 for never.
    #[facet(default)]
    pub started_ns: u64,
    /// How long the last build took that ended.
    #[facet(default)]
    pub last_duration_ns: u64,
    /// What went wrong in the last build.
    #[facet(default)]
    pub error: String,
    /// What could not be read of the site because this dodeca is another version, and the like.
    #[facet(default)]
    pub warnings: Vec<String>,
    /// Trace of the current or last build; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
}

/// How far a phase is, in the current or last build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct PhaseProgress {
    /// A word of [`phase`].
    #[facet(default)]
    pub phase: String,
    /// Steps done.
    #[facet(default)]
    pub done: u64,
    /// Of them, those that were taken from memory.
    #[facet(default)]
    pub reused: u64,
    /// Of them, those that failed.
    #[facet(default)]
    pub failed: u64,
    /// Steps under way.
    #[facet(default)]
    pub active: u64,
    /// Steps in all; 0 where it is not known before.
    #[facet(default)]
    pub total: u64,
    /// Time of the steps that were computed.
    #[facet(default)]
    pub compute_ns: u64,
}

/// Which pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ListPagesRequest {
    /// Only those whose route, title or template contains this; all if empty.
    #[facet(default)]
    pub find: String,
    /// `"route"` (the default), `"time"` for the slowest first, `"rendered"` for the newest first.
    #[facet(default)]
    pub sort: String,
    /// At most this many; 0 for as many as the app tells at once.
    #[facet(default)]
    pub limit: u32,
    /// [`ListPages::next`] of the page before; 0 for the first.
    #[facet(default)]
    pub cursor: u64,
}

/// Pages.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListPages {
    /// In the order asked for.
    #[facet(default)]
    pub pages: Vec<Page>,
    /// Pages that match, told or not.
    #[facet(default)]
    pub total: u64,
    /// Where the next page begins; 0 when there is none.
    #[facet(default)]
    pub next: u64,
}

/// A page of the site.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Page {
    /// Its route.
    #[facet(default)]
    pub route: String,
    /// Its title.
    #[facet(default)]
    pub title: String,
    /// It is a section: a page that lists others.
    #[facet(default)]
    pub is_section: bool,
    /// File it comes from; empty where not known.
    #[facet(default)]
    pub source_path: String,
    /// Template that it asks for; empty for the site's default.
    #[facet(default)]
    pub template: String,
    /// Template that was used; empty where not known.
    #[facet(default)]
    pub template_used: String,
    /// When it was last rendered, nanoseconds since the Unix epoch; 0 for never.
    #[facet(default)]
    pub rendered_ns: u64,
    /// How long that took.
    #[facet(default)]
    pub render_ns: u64,
    /// Times that it was rendered.
    #[facet(default)]
    pub renders: u64,
    /// How the last access was answered: a word of `introspection::picante::outcome`.
    #[facet(default)]
    pub outcome: String,
    /// What went wrong.
    #[facet(default)]
    pub error: String,
    /// Trace of the last render; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Its span.
    #[facet(default)]
    pub span_id: SpanId,
}

/// Nothing to say yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct TemplateStatsRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// Templates.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct TemplateStats {
    /// Most time first.
    #[facet(default)]
    pub templates: Vec<TemplateInfo>,
    /// Whether renders are seen at all: only with the layer of `hindsight-dodeca`.
    #[facet(default)]
    pub is_watched: bool,
}

/// A template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct TemplateInfo {
    /// Its name.
    #[facet(default)]
    pub name: String,
    /// Times that it was rendered.
    #[facet(default)]
    pub renders: u64,
    /// Of them, those that failed.
    #[facet(default)]
    pub errors: u64,
    /// Sum of the times.
    #[facet(default)]
    pub total_ns: u64,
    /// The longest.
    #[facet(default)]
    pub max_ns: u64,
    /// Pages that used it.
    #[facet(default)]
    pub pages: u64,
}

/// Which change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ExplainChangeRequest {
    /// A file, or a part of its path that only one has; the newest change if empty.
    #[facet(default)]
    pub path: String,
    /// At most this many things made anew; 0 for as many as the app tells at once.
    #[facet(default)]
    pub limit: u32,
}

/// What a change of a file made anew.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ChangeExplanation {
    /// Whether a change is known.
    #[facet(default)]
    pub is_found: bool,
    /// Files that the request could mean, when it is not clear, or that changed lately.
    #[facet(default)]
    pub candidates: Vec<String>,
    /// The file.
    #[facet(default)]
    pub path: String,
    /// When it changed, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// A sentence: what was made anew.
    #[facet(default)]
    pub summary: String,
    /// What was asked anew because of it, each after what led to it.
    #[facet(default)]
    pub items: Vec<Rebuilt>,
    /// Those that were left out.
    #[facet(default)]
    pub cut: u64,
    /// Trace of the rebuild; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
}

/// Something that was asked for anew after a change.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Rebuilt {
    /// The query behind it.
    #[facet(default)]
    pub query: QueryRef,
    /// A word of [`phase`]; empty for what belongs to none.
    #[facet(default)]
    pub phase: String,
    /// Index of the item whose change led to this one; its own for the first.
    #[facet(default)]
    pub because: u32,
    /// A word of `introspection::picante::outcome`.
    #[facet(default)]
    pub outcome: String,
    /// Nanoseconds of the computation.
    #[facet(default)]
    pub compute_ns: u64,
    /// Its span.
    #[facet(default)]
    pub span_id: SpanId,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct BuildEvent {
    /// Counts up by one; a gap is what was dropped.
    #[facet(default)]
    pub sequence: u64,
    /// When, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// A word of [`event`].
    #[facet(default)]
    pub kind: String,
    /// Events lost directly before this one because the reader did not keep up.
    #[facet(default)]
    pub dropped: u64,
    /// A word of [`phase`].
    #[facet(default)]
    pub phase: String,
    /// Route, file, asset or link.
    #[facet(default)]
    pub what: String,
    /// How it went: a word of `introspection::picante::outcome`, or a status.
    #[facet(default)]
    pub outcome: String,
    /// How long it took.
    #[facet(default)]
    pub duration_ns: u64,
    /// Number of the build.
    #[facet(default)]
    pub generation: u64,
    /// More, in words.
    #[facet(default)]
    pub detail: String,
    /// Trace; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Span.
    #[facet(default)]
    pub span_id: SpanId,
}
