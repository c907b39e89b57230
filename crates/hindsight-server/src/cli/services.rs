//! `hindsight services`: what an app offers, and what of it may be called.
//!
//! In: what the hub remembers of the app's own list. Out: services with their methods. Bounded: by what
//! the hub remembers of an app.

mod one;

use hindsight_protocol::hub::AppInfo;
use hindsight_protocol::introspection::MethodInfo;
use hindsight_view::{Cell, Column, Line, Role, Table};

use super::app;
use super::arguments::ServicesArguments;
use super::error::CliError;
use super::hub::Hub;
use super::json::ServiceJson;
use super::output::Output;
use super::settings::{Format, Settings};

/// Runs the command.
pub(crate) async fn run(
    arguments: ServicesArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let hub = Hub::connect(settings).await?;
    if let Some(service) = &arguments.service {
        let app = app::find_connected(&hub, &arguments.app, output).await?;
        return one::run(&hub, &app, service, output).await;
    }
    let app = app::find(&hub, &arguments.app, output).await?;
    if output.format != Format::Table {
        let shapes: Vec<_> = app.offers.iter().map(ServiceJson::from).collect();
        return output.json_list(&shapes);
    }
    output.line(&Line::new().with(Role::Strong, app::heading(&app)))?;
    if !app.offers.is_empty() {
        output.line(&Line::new())?;
        output.table(table(&app))?;
    }
    for remark in remarks(&app) {
        output.remark(&remark)?;
    }
    Ok(())
}

/// A row for each service and each method.
pub(super) fn table(app: &AppInfo) -> Table {
    let mut table = Table::new(vec![
        Column::left("SERVICE, METHOD"),
        Column::left("ARGUMENTS").shrinking_to(12),
        Column::left("CALL"),
        Column::left("ABOUT").shrinking_to(20),
    ]);
    let cell = |role, text: &str| Cell::new().with(role, text);
    for offer in &app.offers {
        table.push(vec![
            cell(Role::Strong, &offer.name),
            Cell::new(),
            Cell::new(),
            cell(Role::Plain, &offer.doc),
        ]);
        for method in &offer.methods {
            table.push(row(method));
        }
    }
    table
}

fn row(method: &MethodInfo) -> Vec<Cell> {
    let may = match (method.callable, method.is_read_only) {
        (true, true) => Cell::new().with(Role::Good, "yes"),
        (true, false) => Cell::new().with(Role::Warning, "asks"),
        (false, _) => Cell::new().with(Role::Dim, "no"),
    };
    let arguments = method.argument_names.join(", ");
    vec![
        Cell::new().with(Role::Plain, format!("  {}", method.name)),
        Cell::new().with(Role::Dim, format!("({arguments})")),
        may,
        Cell::new().with(Role::Plain, method.doc.as_str()),
    ]
}

/// What else there is to know.
pub(super) fn remarks(app: &AppInfo) -> Vec<String> {
    let mut remarks = Vec::new();
    if !app.offers_fault.is_empty() {
        remarks.push(format!(
            "it was asked for its services in vain: {}",
            app.offers_fault
        ));
    }
    match (app.offers_ns, app.offers.is_empty()) {
        (0, _) if app.offers_fault.is_empty() => {
            remarks.push("it has not told what it offers; its client may be too old".to_owned());
        }
        (0, _) => {}
        (_, true) => remarks.push("it offers no services".to_owned()),
        (_, false) if app.state != "connected" => {
            remarks.push("this is what it offered last".to_owned());
        }
        _ => {}
    }
    if app.offers_cut {
        remarks.push("it told more than the hub remembers; the rest was left out".to_owned());
    }
    remarks
}
