//! What is built, how far it is, how long it took.

use hindsight_protocol::TraceId;
use hindsight_protocol::introspection::dodeca::{BuildInfo, PhaseProgress, phase, state};

use super::{duration, name, sentence};
use crate::format;
use crate::text::Role;

/// Warnings that are shown.
const WARNINGS_MAX: usize = 8;
/// Phases that are shown: all there are, and some of a newer version.
const PHASES_MAX: usize = 16;

/// The head of the view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// `harbour`, or the process' name where the site has none.
    pub site: String,
    /// `building`, `done`, `failed`, `nothing built yet`.
    pub state: String,
    /// Its colour.
    pub role: Option<Role>,
    /// `build 4: content/guide/intro.md`.
    pub build: String,
    /// `3 of 7 pages ready`; empty where nothing is known of pages.
    pub progress: String,
    /// From 0 to 1; none where it is not known how much there is to do.
    pub fraction: Option<f64>,
    /// `for 1.20 s`, `took 340 ms, 2.00 s ago`.
    pub time: String,
    /// `7 pages, 12 assets, to public`.
    pub size: String,
    /// What went wrong; empty for nothing.
    pub error: String,
    /// What the app could not tell.
    pub warnings: Vec<String>,
    /// Of the build.
    pub trace: Option<TraceId>,
    /// A build is under way.
    pub is_building: bool,
}

/// Shapes what an app said; `now_ns` is the reader's clock, `heard_ns` the same when it was said.
pub fn head(info: &BuildInfo, now_ns: u64, heard_ns: u64) -> Head {
    // The app's clock may be another.
    let at_ns = info.at_ns.saturating_add(now_ns.saturating_sub(heard_ns));
    let is_building = info.state == state::BUILDING;
    let (state, role) = match info.state.as_str() {
        state::BUILDING => ("building", Role::Strong),
        state::DONE => ("done", Role::Good),
        state::FAILED => ("failed", Role::Error),
        _ => ("nothing built yet", Role::Dim),
    };
    Head {
        site: match info.site.is_empty() {
            true => name(&info.process),
            false => name(&info.site),
        },
        state: state.to_owned(),
        role: Some(role),
        build: build(info),
        progress: progress(info),
        fraction: fraction(info.pages_done, info.pages_total),
        time: time(info, is_building, at_ns),
        size: size(info),
        error: sentence(&info.error),
        warnings: info
            .warnings
            .iter()
            .take(WARNINGS_MAX)
            .map(|text| sentence(text))
            .collect(),
        trace: Some(info.trace_id).filter(|id| id.is_valid()),
        is_building,
    }
}

/// The same from stored spans, for an app that is not there: nothing of it is under way.
pub fn recalled_head(info: &BuildInfo, now_ns: u64) -> Head {
    let shaped = head(info, now_ns, info.at_ns);
    if !shaped.is_building {
        return shaped;
    }
    Head {
        state: "not ended".to_owned(),
        role: Some(Role::Warning),
        time: String::new(),
        is_building: false,
        ..shaped
    }
}

fn build(info: &BuildInfo) -> String {
    match (info.generation, info.reason.is_empty()) {
        (0, _) => String::new(),
        (generation, true) => format!("build {}", format::count(generation)),
        (generation, false) => {
            format!(
                "build {}: {}",
                format::count(generation),
                name(&info.reason)
            )
        }
    }
}

fn progress(info: &BuildInfo) -> String {
    match (info.pages_done, info.pages_total) {
        (0, 0) => String::new(),
        (done, 0) => format!("{} ready", format::plural(done, "page")),
        (done, total) => {
            format!(
                "{} of {} ready",
                format::count(done),
                format::plural(total, "page")
            )
        }
    }
}

fn fraction(done: u64, total: u64) -> Option<f64> {
    (total > 0).then(|| (done as f64 / total as f64).min(1.0))
}

fn time(info: &BuildInfo, is_building: bool, at_ns: u64) -> String {
    if info.started_ns == 0 {
        return String::new();
    }
    if is_building {
        let since = at_ns.saturating_sub(info.started_ns);
        return format!("for {}", format::duration(since));
    }
    let ended_ns = info.started_ns.saturating_add(info.last_duration_ns);
    let took = format::duration(info.last_duration_ns);
    format!(
        "took {took}, {}",
        format::ago(ended_ns, at_ns.max(ended_ns))
    )
}

fn size(info: &BuildInfo) -> String {
    let mut parts = Vec::new();
    if info.pages > 0 {
        parts.push(format::plural(info.pages, "page"));
    }
    if info.assets > 0 {
        parts.push(format::plural(info.assets, "asset"));
    }
    if !info.output.is_empty() {
        parts.push(format!("to {}", name(&info.output)));
    }
    parts.join(", ")
}

/// How far a phase is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseRow {
    /// `parse`.
    pub phase: String,
    /// What it does, in words.
    pub about: String,
    /// `5 of 7`, `5`.
    pub done: String,
    /// `3 from memory`; empty for none.
    pub reused: String,
    /// `1 failed`; empty for none.
    pub failed: String,
    /// `1 under way`; empty for none.
    pub active: String,
    /// Time of what was computed.
    pub time: String,
    /// From 0 to 1, where the total is known.
    pub fraction: Option<f64>,
}

/// The phases that dodeca has.
const KNOWN: [&str; 8] = [
    phase::PARSE,
    phase::RENDER,
    phase::STYLE,
    phase::IMAGE,
    phase::FONT,
    phase::ASSET,
    phase::LINK,
    phase::SEARCH,
];

/// All phases that are known, also those in which nothing was done, so that the rows stay where they
/// are; others after them.
pub fn phases(info: &BuildInfo) -> Vec<PhaseRow> {
    let known = KNOWN.into_iter().map(|word| {
        let told = info.phases.iter().find(|progress| progress.phase == word);
        told.map_or_else(|| idle(word), row)
    });
    let others = info.phases.iter();
    let others = others.filter(|progress| !KNOWN.contains(&progress.phase.as_str()));
    known.chain(others.map(row)).take(PHASES_MAX).collect()
}

fn idle(word: &str) -> PhaseRow {
    PhaseRow {
        phase: word.to_owned(),
        about: about(word).to_owned(),
        done: "-".to_owned(),
        time: "-".to_owned(),
        ..PhaseRow::default()
    }
}

fn row(progress: &PhaseProgress) -> PhaseRow {
    let some = |count: u64, what: &str| match count {
        0 => String::new(),
        count => format!("{} {what}", format::count(count)),
    };
    PhaseRow {
        phase: name(&progress.phase),
        about: about(&progress.phase).to_owned(),
        done: match progress.total {
            0 => format::count(progress.done),
            total => format!(
                "{} of {}",
                format::count(progress.done),
                format::count(total)
            ),
        },
        reused: some(progress.reused, "from memory"),
        failed: some(progress.failed, "failed"),
        active: some(progress.active, "under way"),
        time: duration(progress.compute_ns),
        fraction: fraction(progress.done, progress.total),
    }
}

fn about(word: &str) -> &'static str {
    match word {
        phase::PARSE => "Markdown and data are read",
        phase::RENDER => "pages are filled into templates",
        phase::STYLE => "style sheets are made",
        phase::IMAGE => "images are made",
        phase::FONT => "fonts are cut to what is used",
        phase::ASSET => "other files are made",
        phase::LINK => "links are checked",
        phase::SEARCH => "the search index is made",
        _ => "",
    }
}
