//! `hindsight diff A B`: two traces compared.

use hindsight_view::diff::{TraceDiff, attribute_line, diff_table};
use hindsight_view::{Line, Role};

use super::arguments::DiffArguments;
use super::clock;
use super::error::CliError;
use super::hub::Hub;
use super::json::DiffJson;
use super::output::Output;
use super::settings::{Format, Settings};
use super::trace::{Fetched, fetch, not_stored, pasted_trace_id};

/// Attribute changes that are listed.
const ATTRIBUTES_SHOWN: usize = 100;

/// Runs the command.
pub(crate) async fn run(
    arguments: DiffArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let hub = Hub::connect(settings).await?;
    let a = stored(&hub, &arguments.a, output).await?;
    let b = stored(&hub, &arguments.b, output).await?;
    let diff = TraceDiff::new(&a.trace, &b.trace, clock::now_ns());
    let shown: Vec<usize> = match arguments.all {
        true => (0..diff.nodes.len()).collect(),
        false => diff.changed().collect(),
    };
    if output.format != Format::Table {
        let shapes = shown.iter().map(|index| DiffJson::new(&diff, *index));
        return output.json_list(&shapes.collect::<Vec<_>>());
    }
    if diff.is_empty() {
        output.remark("the traces do not differ")?;
    }
    if shown.is_empty() {
        return Ok(());
    }
    output.table(diff_table(&diff, shown.iter().copied(), &output.glyphs))?;
    attributes(&diff, &shown, output)
}

async fn stored(hub: &Hub, id: &str, output: &Output) -> Result<Fetched, CliError> {
    let trace_id = pasted_trace_id(id)?;
    let fetched = fetch(hub, trace_id).await?;
    match fetched.trace.is_empty() {
        true => Err(CliError::NotStored(not_stored(
            trace_id,
            &fetched.removals,
            output.zone,
        ))),
        false => Ok(fetched),
    }
}

/// The attributes that changed, below the table.
fn attributes(diff: &TraceDiff<'_>, shown: &[usize], output: &mut Output) -> Result<(), CliError> {
    let nodes = shown.iter().map(|index| &diff.nodes[*index]);
    let changes: Vec<Line> = nodes
        .flat_map(|node| {
            node.attributes.iter().map(|change| {
                Line::new()
                    .with(Role::Strong, node.name)
                    .truncated(40)
                    .with(Role::Plain, "  ")
                    .followed_by(attribute_line(change))
            })
        })
        .collect();
    if changes.is_empty() {
        return Ok(());
    }
    output.line(&Line::new())?;
    output.line(&Line::new().with(Role::Strong, "attributes"))?;
    let width = output.width.unwrap_or(usize::MAX);
    for line in changes.iter().take(ATTRIBUTES_SHOWN) {
        output.line(&line.clone().truncated(width))?;
    }
    match changes.len().saturating_sub(ATTRIBUTES_SHOWN) {
        0 => Ok(()),
        more => output.remark(&format!(
            "{more} more changed attributes; --format json has all"
        )),
    }
}
