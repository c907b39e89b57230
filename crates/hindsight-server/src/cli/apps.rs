//! `hindsight apps`: connected apps and those that were.

use hindsight_protocol::hub::{AppInfo, ListAppsReply, ListAppsRequest};
use hindsight_view::format;
use hindsight_view::{Cell, Column, Role, Table};

use super::arguments::AppsArguments;
use super::clock;
use super::error::CliError;
use super::hub::Hub;
use super::json::AppJson;
use super::output::Output;
use super::settings::{Format, Settings};

/// Characters of a revision: enough to tell commits apart.
const REVISION_CHARS: usize = 8;

/// Runs the command.
pub(crate) async fn run(
    arguments: AppsArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let hub = Hub::connect(settings).await?;
    let request = ListAppsRequest {
        connected_only: arguments.connected,
    };
    let call = hub.call("list_apps", |client| client.list_apps(request));
    let ListAppsReply { mut apps, left_out } = call.await?;
    apps.truncate(arguments.limit.unwrap_or(usize::MAX));
    if left_out > 0 {
        output.remark(&format!(
            "{left_out} older apps are left out for lack of room"
        ))?;
    }
    if output.format != Format::Table {
        let shapes: Vec<_> = apps.iter().map(AppJson::from).collect();
        return output.json_list(&shapes);
    }
    match apps.is_empty() {
        true => output.remark("no app has attached a tracer; `hindsight doctor` looks closer"),
        false => output.table(table(&apps, clock::now_ns())),
    }
}

/// The list for people.
pub(super) fn table(apps: &[AppInfo], now_ns: u64) -> Table {
    let mut table = Table::new(vec![
        Column::left("APP").shrinking_to(12),
        Column::right("PID"),
        Column::left("STATE"),
        Column::left("SINCE"),
        Column::right("RECORDS"),
        Column::right("DROPPED"),
        Column::right("LOST"),
        Column::right("REJECTED"),
        Column::left("VIA").shrinking_to(8),
        Column::left("SERVICES").shrinking_to(8),
    ]);
    for app in apps {
        table.push(row(app, now_ns));
    }
    table
}

fn row(app: &AppInfo, now_ns: u64) -> Vec<Cell> {
    let cell = |role, text: String| Cell::new().with(role, text);
    let losses = |number: u64| {
        let role = if number > 0 { Role::Warning } else { Role::Dim };
        cell(role, format::count(number))
    };
    let since = match app.detached_ns {
        0 => app.attached_ns,
        detached => detached,
    };
    let pid = match app.run.pid {
        0 => "-".into(),
        pid => pid.to_string(),
    };
    vec![
        name(app),
        cell(Role::Plain, pid),
        state(app),
        cell(Role::Plain, format::ago(since, now_ns)),
        cell(Role::Plain, format::count(app.counters.received)),
        losses(app.accounts.dropped),
        losses(app.lost()),
        losses(app.counters.rejected),
        cell(Role::Dim, app.transport.clone()),
        cell(Role::Plain, app.services.join(", ")),
    ]
}

fn name(app: &AppInfo) -> Cell {
    let run = &app.run;
    let name = match run.service_name.as_str() {
        "" => "(no name)",
        name => name,
    };
    let cell = Cell::new().with(Role::of_service(&run.service_name), name);
    let cell = match run.service_version.as_str() {
        "" => cell,
        version => cell.with(Role::Dim, format!(" {version}")),
    };
    match run.revision.as_str() {
        "" => cell,
        revision => {
            let short: String = revision.chars().take(REVISION_CHARS).collect();
            cell.with(Role::Dim, format!(" @{short}"))
        }
    }
}

fn state(app: &AppInfo) -> Cell {
    let role = match app.state.as_str() {
        "connected" => Role::Good,
        "disconnected" => Role::Warning,
        _ => Role::Dim,
    };
    Cell::new().with(role, app.state.as_str())
}
