//! `hindsight services APP SERVICE`: what the methods of a service take and answer.

use hindsight_protocol::hub::AppInfo;
use hindsight_view::lens::generic::{Consent, MethodSheet, sheets};
use hindsight_view::{Line, Role};
use serde::Serialize;

use crate::cli::call::methods;
use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::output::Output;
use crate::cli::settings::Format;

/// A method of `services APP SERVICE`.
#[derive(Debug, Serialize)]
struct SheetJson<'a> {
    method: &'a str,
    signature: &'a str,
    types: &'a [String],
    doc: String,
    callable: bool,
    read_only: bool,
}

/// Prints each method of a service.
pub(super) async fn run(
    hub: &Hub,
    app: &AppInfo,
    service: &str,
    output: &mut Output,
) -> Result<(), CliError> {
    let sheets = sheets(&methods(hub, app, service).await?);
    if output.format != Format::Table {
        let shapes: Vec<_> = sheets.iter().map(SheetJson::from).collect();
        return output.json_list(&shapes);
    }
    for (index, sheet) in sheets.iter().enumerate() {
        if index > 0 {
            output.line(&Line::new())?;
        }
        for line in lines(sheet) {
            output.line(&line)?;
        }
    }
    Ok(())
}

/// Signature, whether it may be called, documentation, types.
fn lines(sheet: &MethodSheet) -> Vec<Line> {
    let (role, may) = match (sheet.consent, sheet.is_stream) {
        (Consent::Free, false) => (Role::Good, "may be called"),
        (Consent::Free, true) => (Role::Good, "may be followed"),
        (Consent::Ask, _) => (Role::Warning, "asks before it is called"),
        (Consent::No, _) => (Role::Dim, "may not be called"),
    };
    let head = Line::new().with(Role::Strong, sheet.signature.as_str());
    let indented = |role, text: &str| Line::new().with(role, format!("  {text}"));
    let mut lines = vec![head, indented(role, may)];
    lines.extend(sheet.doc.iter().map(|line| indented(Role::Plain, line)));
    let types = sheet.definitions.iter();
    lines.extend(types.map(|definition| indented(Role::Dim, definition)));
    lines
}

impl<'a> From<&'a MethodSheet> for SheetJson<'a> {
    fn from(sheet: &'a MethodSheet) -> Self {
        Self {
            method: &sheet.name,
            signature: &sheet.signature,
            types: &sheet.definitions,
            doc: sheet.doc.join("\n"),
            callable: sheet.consent != Consent::No,
            read_only: sheet.consent == Consent::Free,
        }
    }
}
