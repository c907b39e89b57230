//! Why a query was computed: a chain of sentences, from the query down to what was set.
//!
//! In: an [`Explanation`], of an app or of stored spans. Out: [`Why`]: a summary and steps in the
//! order of a tree, each with the span that it is about. Holds: indices that lead nowhere or in a
//! circle put a step below the first one. Bounded: [`STEPS_MAX`].

use hindsight_protocol::introspection::picante::{Cause, Explanation, QueryRef};
use hindsight_protocol::{SpanId, TraceId};

use super::name::shown_name;
use super::outcome::Outcome;
use crate::format::{self, Zone};
use crate::text::{Line, Role};

/// Steps that are shown.
pub const STEPS_MAX: usize = 300;
/// Candidates that are offered.
const CANDIDATES_MAX: usize = 30;
/// Steps are indented no further than this.
const DEPTH_MAX: u32 = 24;
/// Cells of a sentence from outside.
const SENTENCE_CELLS_MAX: usize = 400;

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyStep {
    /// How far below the query: 0 for the query itself.
    pub depth: u32,
    /// The query or input.
    pub query: QueryRef,
    /// Its name, escaped.
    pub name: String,
    /// How it went.
    pub outcome: Outcome,
    /// It is set from outside.
    pub is_input: bool,
    /// What happened, in words that stand behind the name and a colon.
    pub text: Line,
    /// The span it is about; none where there is none.
    pub span: Option<(TraceId, SpanId)>,
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// Whether the query is known.
    pub is_found: bool,
    /// What happened, for which reason.
    pub summary: String,
    /// The query first, then what led to it: each below what it explains.
    pub steps: Vec<WhyStep>,
    /// Queries that could be meant.
    pub candidates: Vec<QueryRef>,
    /// What is left out, in words; empty for nothing.
    pub left_out: String,
}

impl Why {
    /// Shapes an explanation.
    pub fn new(explanation: &Explanation, zone: Zone) -> Self {
        let causes = &explanation.causes[..explanation.causes.len().min(STEPS_MAX)];
        let mut below: Vec<Vec<usize>> = vec![Vec::new(); causes.len()];
        for (at, cause) in causes.iter().enumerate().skip(1) {
            // Each comes after what it explains.
            let of = Some(cause.of as usize).filter(|of| *of < at);
            below[of.unwrap_or(0)].push(at);
        }
        let mut steps = Vec::with_capacity(causes.len());
        let mut waiting = vec![(0, 0)];
        while let Some((at, depth)) = waiting.pop() {
            let Some(cause) = causes.get(at) else {
                continue;
            };
            steps.push(step(cause, depth, zone));
            let next = (depth + 1).min(DEPTH_MAX);
            waiting.extend(below[at].iter().rev().map(|at| (*at, next)));
        }
        let surplus = explanation.causes.len() - causes.len();
        let cut = explanation.cut.saturating_add(surplus as u64);
        let candidates = explanation.candidates.iter().take(CANDIDATES_MAX);
        Self {
            is_found: explanation.is_found,
            summary: sentence(&explanation.summary),
            steps,
            candidates: candidates.cloned().collect(),
            left_out: match cut {
                0 => String::new(),
                cut => format!("{} not shown", format::plural(cut, "more cause")),
            },
        }
    }

    /// All of it as lines of text, such as a terminal shows.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = vec![Line::new().with(Role::Strong, self.summary.as_str())];
        for step in &self.steps {
            let mut line = Line::new();
            line.pad(2 * step.depth as usize + 2);
            let because = if step.depth > 0 { "because " } else { "" };
            line = line
                .with(Role::Dim, because)
                .with(Role::Strong, step.name.as_str())
                .with(Role::Plain, ": ")
                .followed_by(step.text.clone());
            if let Some((trace, span)) = step.span {
                line = line.with(Role::Dim, format!("  span {span} in {trace}"));
            }
            lines.push(line);
        }
        if !self.left_out.is_empty() {
            lines.push(Line::new().with(Role::Dim, self.left_out.as_str()));
        }
        lines
    }
}

fn step(cause: &Cause, depth: u32, zone: Zone) -> WhyStep {
    let outcome = Outcome::of_word(&cause.outcome);
    let text = match cause.text.as_str() {
        "" => words(cause, outcome),
        // The time follows, in the same sentence.
        text => sentence(text.strip_suffix('.').unwrap_or(text)),
    };
    let mut line = Line::new().with(outcome.role(), text);
    if cause.at_ns > 0 {
        let at = format::time_of_day(cause.at_ns, zone);
        line = line.with(Role::Dim, format!(", at {at}"));
    }
    let span = cause.span_id.is_valid() && cause.trace_id.is_valid();
    WhyStep {
        depth,
        name: shown_name(&cause.query),
        query: cause.query.clone(),
        outcome,
        is_input: cause.is_input,
        text: line,
        span: span.then_some((cause.trace_id, cause.span_id)),
    }
}

/// What is to be said where the app says nothing.
fn words(cause: &Cause, outcome: Outcome) -> String {
    let mut text = outcome.label().to_owned();
    if !cause.set_by.is_empty() {
        text += &format!(" by {}", sentence(&cause.set_by));
    }
    if cause.changed_at > 0 {
        text += match cause.is_input {
            true => ", which made revision ",
            false => ", changed in revision ",
        };
        text += &cause.changed_at.to_string();
    }
    if cause.known_at > 0 && !cause.is_input {
        text += &format!(", known since revision {}", cause.known_at);
    }
    text
}

fn sentence(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(4 * SENTENCE_CELLS_MAX)];
    format::truncate(&format::escape(text), SENTENCE_CELLS_MAX).into_owned()
}
