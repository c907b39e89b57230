//! One look at what waits, as lines or as JSON.

use std::ops::Range;

use hindsight_view::format;
use hindsight_view::waits::{Waits, cycle_line, oldest_leaf_line, stuck_lines, waits_table};
use hindsight_view::{Glyphs, Line, Role};

use super::Gathered;
use crate::cli::arguments::WaitsArguments;
use crate::cli::error::CliError;
use crate::cli::json::WaitJson;
use crate::cli::output::Output;
use crate::cli::settings::Format;

/// Spans of dead processes that a look shows.
const LAST_WORDS_MAX: usize = 20;
/// Sentences about what never goes on.
const STUCK_MAX: usize = 10;
/// Names of a cycle that are told.
const CYCLE_NAMES_MAX: usize = 6;

/// What is open, arranged.
pub(crate) struct Shown<'a> {
    open: Waits<'a>,
    dead: Waits<'a>,
    now_ns: u64,
    total: u64,
    untold: &'a [String],
    /// Nodes of `open`.
    nodes: Vec<usize>,
    /// Nodes of `open` that were left out by the limit.
    more: usize,
    /// Nodes of `dead`.
    dead_nodes: Vec<usize>,
}

/// Prints one look.
pub(super) fn print(
    gathered: &Gathered,
    arguments: &WaitsArguments,
    output: &mut Output,
) -> Result<(), CliError> {
    let shown = Shown::new(gathered, &arguments.service, arguments.limit as usize);
    if output.format != Format::Table {
        return shown.print_json(output);
    }
    let lines = shown.lines(output.width, output.glyphs);
    lines.iter().try_for_each(|line| output.line(line))?;
    shown
        .remarks()
        .iter()
        .try_for_each(|text| output.remark(text))
}

impl<'a> Shown<'a> {
    /// The trees with a span of `service` (all for the empty name), up to `limit` spans of them.
    pub(crate) fn new(gathered: &'a Gathered, service: &str, limit: usize) -> Self {
        let open = Waits::with_told(&gathered.open, &gathered.told, usize::MAX);
        let dead = Waits::new(&gathered.dead, usize::MAX);
        let all: Vec<usize> = trees(&open, service).into_iter().flatten().collect();
        let mut dead_trees = trees(&dead, service);
        // Who died last is most likely what somebody looks for.
        dead_trees.reverse();
        let dead_nodes = dead_trees.into_iter().flatten();
        Self {
            nodes: all.iter().copied().take(limit).collect(),
            more: all.len().saturating_sub(limit),
            dead_nodes: dead_nodes.take(LAST_WORDS_MAX.min(limit)).collect(),
            now_ns: gathered.now_ns,
            total: gathered.total,
            untold: &gathered.untold,
            open,
            dead,
        }
    }

    /// The table, what it comes down to, the last words.
    pub(crate) fn lines(&self, width: Option<usize>, glyphs: Glyphs) -> Vec<Line> {
        let mut lines = Vec::new();
        let table = |waits: &Waits<'_>, nodes: &[usize]| {
            let nodes = nodes.iter().copied();
            waits_table(waits, nodes, self.now_ns, &glyphs).lines(width)
        };
        if !self.nodes.is_empty() {
            lines.extend(table(&self.open, &self.nodes));
            lines.push(Line::new());
            lines.extend(oldest_leaf_line(&self.open, self.now_ns));
        }
        let (stuck, more) = stuck_lines(&self.open, self.now_ns, STUCK_MAX);
        lines.extend(stuck);
        if more > 0 {
            let text = format!("and {} that never go on", format::count(more as u64));
            lines.push(Line::new().with(Role::Dim, text));
        }
        for cycle in self.open.cycles() {
            lines.push(cycle_line(&self.open, cycle, CYCLE_NAMES_MAX));
        }
        if !self.dead_nodes.is_empty() {
            if !lines.is_empty() {
                lines.push(Line::new());
            }
            let title = "last words: open when their process went away";
            lines.push(Line::new().with(Role::Strong, title));
            lines.extend(table(&self.dead, &self.dead_nodes));
        }
        let fit = |line: Line| line.truncated(width.unwrap_or(usize::MAX));
        lines.into_iter().map(fit).collect()
    }

    /// What is said beside the table.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.nodes.is_empty() {
            remarks.push(match self.total {
                0 => "nothing is open: no span that the hub knows of runs".into(),
                total => {
                    let spans = format::plural(total, "span");
                    format!("{spans} open, none of them connected to that service")
                }
            });
        }
        remarks.extend(self.untold.iter().cloned());
        let asked = self.open.nodes().len() as u64;
        let unseen = self.total.saturating_sub(asked) + self.more as u64;
        if unseen > 0 && !self.nodes.is_empty() {
            let more = format::plural(unseen, "more open span");
            remarks.push(format!("{more}; --limit N shows more"));
        }
        remarks
    }

    pub(super) fn print_json(&self, output: &mut Output) -> Result<(), CliError> {
        let shape = |waits: &Waits<'a>, nodes: &[usize], last_words| {
            let (edges, deepest) = (waits.waits_for(), waits.deepest());
            let shape = |node: &usize| {
                let below = (edges[*node].as_slice(), deepest[*node]);
                WaitJson::new(waits, *node, below, self.now_ns)
            };
            let shapes = nodes.iter().map(shape);
            shapes
                .map(|json| json.last_words(last_words))
                .collect::<Vec<_>>()
        };
        let mut all = shape(&self.open, &self.nodes, false);
        all.extend(shape(&self.dead, &self.dead_nodes, true));
        output.json_list(&all)
    }
}

/// The trees in which a span of `service` stands.
fn trees(waits: &Waits<'_>, service: &str) -> Vec<Range<usize>> {
    let is_wanted = |tree: &Range<usize>| {
        service.is_empty()
            || tree
                .clone()
                .any(|node| waits.span(node).service() == service)
    };
    waits.trees().into_iter().filter(is_wanted).collect()
}
