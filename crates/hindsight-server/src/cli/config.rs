//! `hindsight config`: each setting, its value and where it came from.

use hindsight_view::{Cell, Column, Role, Table};
use serde::Serialize;

use super::error::CliError;
use super::output::Output;
use super::settings::{Format, Key, Settings, SettingsError, Source};

/// One setting.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    setting: &'static str,
    value: String,
    source: String,
    #[serde(skip)]
    is_default: bool,
}

/// Runs the command. A value that cannot be used is an error here too, after the list.
pub(crate) fn run(settings: &Settings, output: &mut Output) -> Result<(), CliError> {
    let rows = rows(settings);
    match output.format {
        Format::Table => output.table(table(&rows))?,
        Format::Json | Format::JsonLines => output.json_list(&rows)?,
    }
    output.finish()?;
    Ok(check(settings)?)
}

fn check(settings: &Settings) -> Result<(), SettingsError> {
    settings.http_port()?;
    settings.tcp_port()?;
    settings.bind()?;
    settings.ttl()?;
    settings.memory_limit_bytes()?;
    settings.query_deadline()?;
    settings.endpoint()?;
    settings.limit()?;
    settings.token()?;
    Ok(())
}

/// All settings in the order of their table, then the token, whose text is not shown.
pub(super) fn rows(settings: &Settings) -> Vec<Row> {
    let mut rows: Vec<_> = Key::ALL.iter().map(|key| row(settings, *key)).collect();
    let token = settings.token_value();
    rows.push(Row {
        setting: "token",
        value: token.map_or("", |_| "(set, not shown)").into(),
        source: token.map_or_else(|| Source::Default.to_string(), |t| t.source.to_string()),
        is_default: token.is_none(),
    });
    rows
}

fn row(settings: &Settings, key: Key) -> Row {
    let value = settings.value(key);
    Row {
        setting: key.name(),
        value: value.text.clone(),
        source: value.source.to_string(),
        is_default: value.source == Source::Default,
    }
}

/// The list for people.
pub(super) fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(vec![
        Column::left("SETTING"),
        Column::left("VALUE").shrinking_to(20),
        Column::left("FROM"),
    ]);
    for row in rows {
        let (role, value) = match row.value.as_str() {
            "" => (Role::Dim, "(none)"),
            value if row.is_default => (Role::Plain, value),
            value => (Role::Strong, value),
        };
        table.push(vec![
            Cell::new().with(Role::Key, row.setting),
            Cell::new().with(role, value),
            Cell::new().with(Role::Dim, row.source.as_str()),
        ]);
    }
    table
}
