//! A trace as a tree: folded, with self times and the critical path, findings at the end.

use hindsight_view::critical_path::path_shares;
use hindsight_view::format::{self, Zone};
use hindsight_view::grouping::{Expansion, FoldLimits, Grouping, Outline, Row};
use hindsight_view::{Glyphs, Line, Role, Waterfall};

use super::details::{details, resources};
use super::{Analysed, Found, findings, heading, remark_more};
use crate::cli::arguments::TraceArguments;
use crate::cli::error::CliError;
use crate::cli::output::Output;

/// Operations that the line about the critical path names.
const SHARES_SHOWN: usize = 4;

/// Cells of their names.
const NAME_CELLS_MAX: usize = 40;

/// How to draw.
pub(crate) struct Drawing {
    pub(crate) width: Option<usize>,
    pub(crate) glyphs: Glyphs,
    pub(crate) zone: Zone,
    /// Nothing is folded.
    pub(crate) expand: bool,
    /// Details below each span.
    pub(crate) attributes: bool,
    /// Most rows.
    pub(crate) limit: usize,
}

/// What was drawn.
pub(crate) struct Drawn {
    pub(crate) lines: Vec<Line>,
    /// Rows beyond the limit.
    pub(crate) more_rows: usize,
    /// Spans that have no row of their own.
    pub(crate) folded_spans: usize,
}

/// Prints the tree.
pub(super) fn print(
    analysed: &Analysed,
    found: Option<&Found>,
    arguments: &TraceArguments,
    output: &mut Output,
) -> Result<(), CliError> {
    let drawing = Drawing {
        width: output.width,
        glyphs: output.glyphs,
        zone: output.zone,
        expand: arguments.expand,
        attributes: arguments.attributes,
        limit: arguments.limit.unwrap_or(usize::MAX),
    };
    let drawn = draw(analysed, found, &drawing);
    drawn.lines.iter().try_for_each(|line| output.line(line))?;
    if let Some(found) = found {
        output.remark(&found.remark())?;
    }
    if drawn.folded_spans > 0 {
        let spans = format::plural(drawn.folded_spans as u64, "span");
        output.remark(&format!("{spans} folded; --expand shows them"))?;
    }
    remark_more(drawn.more_rows, "more row", output)
}

/// All lines.
pub(crate) fn draw(analysed: &Analysed, found: Option<&Found>, drawing: &Drawing) -> Drawn {
    let tree = analysed.trace.tree();
    let grouping = match drawing.expand {
        true => Grouping::default(),
        false => Grouping::new(tree, &analysed.timeline, FoldLimits::default()),
    };
    let outline = Outline::new(tree, &grouping, &Expansion::default());
    let waterfall = Waterfall::new(tree, analysed.now_ns, drawing.glyphs)
        .folded(&grouping, &outline)
        .analysed(&analysed.self_times_ns, &analysed.path);
    let shown = waterfall.len().min(drawing.limit);
    let heading = heading::heading(analysed, &waterfall, drawing.zone);
    let width = drawing.width.unwrap_or(usize::MAX);
    let mut lines: Vec<Line> = heading.into_iter().flat_map(|l| l.wrapped(width)).collect();
    lines.extend(rows(analysed, found, drawing, &waterfall, shown));
    if drawing.attributes {
        lines.extend(resources(&analysed.trace, drawing.width));
    }
    lines.extend(path_line(analysed, drawing));
    lines.extend(findings::section(analysed, drawing.width));
    let rows = outline.rows().iter();
    let spans = rows.filter(|row| matches!(row.row, Row::Span(_))).count();
    Drawn {
        lines,
        more_rows: waterfall.len() - shown,
        folded_spans: tree.len() - spans,
    }
}

fn rows(
    analysed: &Analysed,
    found: Option<&Found>,
    drawing: &Drawing,
    waterfall: &Waterfall<'_>,
    shown: usize,
) -> Vec<Line> {
    let marks = found.map(|found| found.marks(&analysed.trace, waterfall, drawing.glyphs));
    let margin = marks.as_ref().map_or(0, |marks| marks.width());
    let width = drawing.width.map(|width| width.saturating_sub(margin));
    let layout = waterfall.layout(width);
    let beside = |row, line: Line| match &marks {
        Some(marks) => marks.margin(row).followed_by(line),
        None => line,
    };
    let mut lines = vec![beside(None, waterfall.heading(&layout))];
    for row in 0..shown {
        let drawn = waterfall.row(row, &layout);
        lines.push(beside(Some(row), drawn.line(&layout, &drawing.glyphs)));
        let Row::Span(node) = drawn.row else {
            continue;
        };
        if drawing.attributes {
            let prefix = waterfall.continuation(row, &layout);
            let below = details(analysed.trace.span(node), &prefix, width);
            lines.extend(below.into_iter().map(|line| beside(None, line)));
        }
    }
    lines
}

/// `critical path █: calculator picante: compute 70 %, web format_response 18 %`.
fn path_line(analysed: &Analysed, drawing: &Drawing) -> Vec<Line> {
    let tree = analysed.trace.tree();
    let shares = path_shares(tree, &analysed.path);
    if shares.is_empty() || tree.len() == 1 {
        return Vec::new();
    }
    let mut line = Line::new()
        .with(Role::Strong, "critical path ")
        .with(Role::Plain, drawing.glyphs.critical.to_string())
        .with(Role::Plain, ": ");
    for (number, share) in shares.iter().take(SHARES_SHOWN).enumerate() {
        let service = tree.service(share.index);
        line = line
            .with(Role::Plain, if number > 0 { ", " } else { "" })
            .with(Role::of_service(service), service)
            .with(Role::Plain, " ")
            .followed_by(
                Line::new()
                    .with(Role::Plain, tree.name(share.index))
                    .truncated(NAME_CELLS_MAX),
            )
            .with(Role::Plain, " ")
            .with(
                Role::Strong,
                format::percent(share.total_ns, analysed.path_ns()),
            );
    }
    if shares.len() > SHARES_SHOWN {
        let more = format::plural((shares.len() - SHARES_SHOWN) as u64, "other");
        line = line.with(Role::Dim, format!(", {more}"));
    }
    let width = drawing.width.unwrap_or(usize::MAX);
    let mut lines = vec![Line::new()];
    lines.extend(line.wrapped(width));
    lines
}
