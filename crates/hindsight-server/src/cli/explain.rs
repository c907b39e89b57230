//! `hindsight explain APP KIND KEY`: why a query of an incremental program was computed.
//!
//! In: an app, a query. Out: a sentence and the chain of causes down to what was set. Holds: the app
//! is asked while it is connected and offers `PicanteIntrospection`; otherwise stored spans tell what
//! they can, and a remark says so. Bounded: [`SPANS_MAX`] spans; by the view's bounds of an
//! explanation.

use hindsight_protocol::PicanteIntrospectionClient;
use hindsight_protocol::hub::{AppInfo, QueryRequest};
use hindsight_protocol::introspection::picante::{Cause, ExplainRequest, Explanation};
use hindsight_view::lens::picante::{STEPS_MAX, Stored, Why, shown_name, written_name};
use hindsight_view::{Line, Role, format};
use serde::Serialize;

use super::app;
use super::arguments::ExplainArguments;
use super::error::CliError;
use super::hub::Hub;
use super::output::Output;
use super::query;
use super::settings::{Format, Settings};

/// The service that an app must offer to be asked.
const SERVICE: &str = "PicanteIntrospection";
/// Stored spans that are read, and how many at once.
const SPANS_MAX: usize = 12_000;
const SPANS_AT_ONCE: u32 = 4_000;

/// Runs the command.
pub(crate) async fn run(
    arguments: ExplainArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let hub = Hub::connect(settings).await?;
    let app = app::find(&hub, &arguments.app, output).await?;
    let request = ExplainRequest {
        kind: arguments.kind,
        key: arguments.key.unwrap_or_default(),
        limit: STEPS_MAX as u32,
    };
    let (explanation, told_by) = match why_not(&app) {
        None => match ask(&hub, &app, request.clone()).await {
            Ok(explanation) => (explanation, "app"),
            Err(error) => {
                let reason = format!("{} gave no answer ({error})", app::describe(&app));
                (
                    from_spans(&hub, &app, &request, &reason, output).await?,
                    "spans",
                )
            }
        },
        Some(reason) => (
            from_spans(&hub, &app, &request, &reason, output).await?,
            "spans",
        ),
    };
    print(&explanation, told_by, &request, output)
}

/// Why the app itself cannot be asked.
fn why_not(app: &AppInfo) -> Option<String> {
    let offers = app.services.iter().any(|service| service == SERVICE);
    match (app.state.as_str(), offers) {
        ("connected", true) => None,
        ("connected", false) => Some(format!("{} does not offer {SERVICE}", app::describe(app))),
        _ => Some(format!("{} is not connected any more", app::describe(app))),
    }
}

async fn ask(hub: &Hub, app: &AppInfo, request: ExplainRequest) -> Result<Explanation, CliError> {
    let lane = hub.open_app::<PicanteIntrospectionClient>(app).await?;
    let answer = lane.call(|client| client.explain(request)).await;
    answer.map_err(|error| hub.no_answer("explain", &error))
}

/// What stored spans tell; says why they are asked.
async fn from_spans(
    hub: &Hub,
    app: &AppInfo,
    request: &ExplainRequest,
    reason: &str,
    output: &mut Output,
) -> Result<Explanation, CliError> {
    let service = app.run.service_name.as_str();
    let text = Stored::query_text(Some(service), Some(app.run.pid));
    let mut stored = Stored::default();
    let mut until_ns = 0;
    while stored.len() < SPANS_MAX {
        let request = QueryRequest {
            query: text.clone(),
            limit: SPANS_AT_ONCE,
            until_ns,
            ..QueryRequest::default()
        };
        let reply = query::ask(hub, request).await?;
        let batch = reply.batch.check().map_err(|error| CliError::Malformed {
            what: "query",
            why: error.to_string(),
        })?;
        let before = stored.len();
        stored.add(&batch);
        let oldest = batch.rows().map(|row| row.start_ns()).min();
        let is_all = batch.len() as u64 >= reply.matched;
        match oldest {
            // One more nanosecond: others may have started with it.
            Some(oldest) if !is_all && stored.len() > before => until_ns = oldest + 1,
            _ => break,
        }
    }
    let spans = format::plural(stored.len() as u64, "stored span");
    output.remark(&format!(
        "{reason}; told by {spans} of its queries: what has no span is missing"
    ))?;
    Ok(stored.explain(request))
}

fn print(
    explanation: &Explanation,
    told_by: &'static str,
    request: &ExplainRequest,
    output: &mut Output,
) -> Result<(), CliError> {
    if output.format != Format::Table {
        return output.json(&ExplanationJson::new(explanation, told_by));
    }
    let why = Why::new(explanation, output.zone);
    if !explanation.is_found {
        for query in &why.candidates {
            output.line(&Line::new().with(Role::Strong, shown_name(query)))?;
        }
        let query = format!("{}({})", request.kind, request.key);
        return Err(CliError::NotStored(match why.candidates.is_empty() {
            true => format!("no query like {query} is known: {}", why.summary),
            false => format!("{query} is not clear: name one of these with its whole key"),
        }));
    }
    let width = output.width.unwrap_or(usize::MAX);
    for line in why.lines() {
        for part in line.wrapped(width) {
            output.line(&part)?;
        }
    }
    Ok(())
}

/// The JSON shape.
#[derive(Debug, Serialize)]
struct ExplanationJson<'a> {
    told_by: &'static str,
    found: bool,
    summary: &'a str,
    causes: Vec<CauseJson<'a>>,
    cut: u64,
    candidates: Vec<String>,
}

/// One cause.
#[derive(Debug, Serialize)]
struct CauseJson<'a> {
    of: u32,
    query: String,
    kind: &'a str,
    key: &'a str,
    input: bool,
    outcome: &'a str,
    changed_at: u64,
    known_at: u64,
    at_ns: u64,
    compute_ns: u64,
    trace_id: Option<String>,
    span_id: Option<String>,
    set_by: &'a str,
    text: &'a str,
}

impl<'a> ExplanationJson<'a> {
    fn new(explanation: &'a Explanation, told_by: &'static str) -> Self {
        Self {
            told_by,
            found: explanation.is_found,
            summary: &explanation.summary,
            causes: explanation.causes.iter().map(CauseJson::from).collect(),
            cut: explanation.cut,
            candidates: explanation.candidates.iter().map(written_name).collect(),
        }
    }
}

impl<'a> From<&'a Cause> for CauseJson<'a> {
    fn from(cause: &'a Cause) -> Self {
        let has_span = cause.span_id.is_valid() && cause.trace_id.is_valid();
        Self {
            of: cause.of,
            query: written_name(&cause.query),
            kind: &cause.query.kind,
            key: &cause.query.key,
            input: cause.is_input,
            outcome: &cause.outcome,
            changed_at: cause.changed_at,
            known_at: cause.known_at,
            at_ns: cause.at_ns,
            compute_ns: cause.compute_ns,
            trace_id: has_span.then(|| cause.trace_id.to_string()),
            span_id: has_span.then(|| cause.span_id.to_string()),
            set_by: &cause.set_by,
            text: &cause.text,
        }
    }
}
