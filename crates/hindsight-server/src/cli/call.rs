//! `hindsight call`: calls a method of an app through the hub.
//!
//! In: an app, a method, arguments as people write them. Out: the answer as a table, a tree or JSON;
//! items of a stream as they come. Holds: nothing is sent that does not fit the shapes that the app
//! described; what may change something is not called unasked. Bounded: by the limits of
//! `hindsight-schema`; one item is held at a time.

mod consent;
mod error;
mod find;
mod print;
mod written;

use hindsight_connect::{CallError, EncodedCall, Flow};
use hindsight_protocol::ServiceIntrospectionClient;
use hindsight_protocol::hub::AppInfo;
use hindsight_protocol::introspection::DescribeServiceRequest;
use hindsight_schema::{Answer, Method, Outcome, decode, json};

use super::app;
use super::arguments::CallArguments;
use super::error::CliError;
use super::hub::Hub;
use super::output::Output;
use super::settings::Settings;
use super::stop::Stop;

pub(crate) use error::MethodError;

/// Runs the command.
pub(crate) async fn run(
    arguments: CallArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let hub = Hub::connect(settings).await?;
    let app = app::find_connected(&hub, &arguments.app, output).await?;
    let method = described(&hub, &app, &arguments.method).await?;
    let described = method.arguments.as_ref().map_err(|error| {
        let why = error.to_string();
        MethodError::undescribed(&method, why)
    })?;
    if described.takes_stream() {
        let why = "it takes a stream, which cannot be written here".to_owned();
        return Err(MethodError::undescribed(&method, why).into());
    }
    let written = written::read(&arguments, described)?;
    let values = described.fill(&written);
    let values = values.map_err(|misfit| MethodError::wrong(&method, &misfit))?;
    let bytes = described.encode(&values);
    let bytes = bytes.map_err(|error| MethodError::undescribed(&method, error.to_string()))?;
    consent::ask(&method, &values, arguments.yes)?;
    let call = EncodedCall {
        method: method.id,
        arguments: &bytes,
        schema: &method.arguments_schema,
    };
    match method.items() {
        None => plain(&hub, &app, &method, call, arguments.limit, output).await,
        Some((_, items)) => {
            let items = items.clone();
            let take = |bytes: &[u8]| decode(&items, bytes).map_err(|error| error.to_string());
            stream(&hub, &app, &method, call, take, arguments.limit, output).await
        }
    }
}

/// The method with its shapes, as the app describes it now.
pub(super) async fn described(hub: &Hub, app: &AppInfo, named: &str) -> Result<Method, CliError> {
    let (service, name) = find::method(app, named)?;
    let methods = methods(hub, app, &service).await?;
    let known: Vec<String> = methods.iter().map(|method| method.name.clone()).collect();
    let found = methods.into_iter().find(|method| method.name == name);
    found.ok_or_else(|| find::no_method(&service, &name, &known).into())
}

/// All methods of a service with their shapes, as the app describes them now.
pub(super) async fn methods(
    hub: &Hub,
    app: &AppInfo,
    service: &str,
) -> Result<Vec<Method>, CliError> {
    let lane = hub.open_app::<ServiceIntrospectionClient>(app).await?;
    let request = DescribeServiceRequest {
        name: service.to_owned(),
    };
    let reply = lane.call(|client| client.describe_service(request)).await;
    let reply = reply.map_err(|error| no_answer(app, "describe_service", &error))?;
    match reply.service.first() {
        Some(service) => Ok(Method::of_service(service)),
        None => Err(find::no_service(app, service).into()),
    }
}

fn no_answer<E>(app: &AppInfo, what: &str, error: &CallError<E>) -> MethodError {
    MethodError::NoAnswer {
        app: app::describe(app),
        what: what.to_owned(),
        why: error.to_string(),
    }
}

async fn plain(
    hub: &Hub,
    app: &AppInfo,
    method: &Method,
    call: EncodedCall<'_>,
    limit: Option<usize>,
    output: &mut Output,
) -> Result<(), CliError> {
    let lane = hub.open_app_service(app, &method.service).await?;
    let answer = lane.call_encoded(call).await;
    let answer = answer.map_err(|error| no_answer(app, &method.name, &error))?;
    let outcome = outcome(app, method, &answer.bytes, &answer.schema)?;
    print::answer(&outcome, limit, output)
}

/// The answer, if it is one.
fn outcome(
    app: &AppInfo,
    method: &Method,
    bytes: &[u8],
    schema: &[u8],
) -> Result<hindsight_schema::Value, MethodError> {
    let read = Answer::decode(bytes, schema).map_err(|error| MethodError::Unreadable {
        app: app::describe(app),
        method: method.name.clone(),
        why: error.to_string(),
    })?;
    match read {
        Outcome::Answer(value) => Ok(value),
        Outcome::Failed(error) => Err(MethodError::Failed {
            method: format!("{}.{}", method.service, method.name),
            error: json::print(&error),
        }),
        Outcome::Refused(why) => Err(MethodError::Refused {
            app: app::describe(app),
            method: method.name.clone(),
            why,
        }),
    }
}

async fn stream(
    hub: &Hub,
    app: &AppInfo,
    method: &Method,
    call: EncodedCall<'_>,
    take: impl Fn(&[u8]) -> Result<hindsight_schema::Value, String>,
    limit: Option<usize>,
    output: &mut Output,
) -> Result<(), CliError> {
    let lane = hub.open_app_stream(app, &method.service).await?;
    let stop = Stop::on_signals();
    let mut left = limit.unwrap_or(usize::MAX);
    if left == 0 {
        return Ok(());
    }
    let mut failed = None;
    let streaming = lane.stream_encoded(call, |bytes| {
        let printed = match take(bytes) {
            Ok(value) => print::item(&value, output),
            Err(why) => Err(MethodError::Unreadable {
                app: app::describe(app),
                method: method.name.clone(),
                why,
            }
            .into()),
        };
        left -= 1;
        let is_gone = output.is_reader_gone();
        failed = printed.err();
        match failed.is_some() || left == 0 || is_gone {
            true => Flow::Enough,
            false => Flow::More,
        }
    });
    let ended = tokio::select! {
        () = stop.asked() => return output.finish(),
        ended = streaming => ended,
    };
    if let Some(failed) = failed {
        return Err(failed);
    }
    if left == 0 {
        // What the call answers then is that nobody reads any more.
        return output.finish();
    }
    let answer = ended.map_err(|error| no_answer(app, &method.name, &error))?;
    let Some(answer) = answer else {
        return output.finish();
    };
    let value = outcome(app, method, &answer.bytes, &answer.schema)?;
    output.remark(&format!("the stream has ended: {}", json::print(&value)))
}
