//! Variables that apps started from this shell would see.

use super::Check;
use crate::cli::settings::{Key, Settings, Source};

const NAME: &str = "environment";

/// Where a tracer sends without being told.
const TRACER_DEFAULT: &str = "localhost:1990";

/// What of the environment keeps apps from sending, or from sending here.
pub(crate) fn environment(
    variable: &dyn Fn(&str) -> Option<String>,
    settings: &Settings,
) -> Vec<Check> {
    let set = |name: &str| variable(name).map(|value| value.trim().to_owned());
    let found: Vec<_> = [
        disabled(&set),
        sampler(&set),
        elsewhere(&set, settings),
        otlp(&set),
    ]
    .into_iter()
    .flatten()
    .collect();
    match found.is_empty() {
        true => vec![Check::ok(NAME, "nothing here keeps apps from sending")],
        false => found,
    }
}

type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

fn disabled(set: Variables<'_>) -> Option<Check> {
    let value = set("OTEL_SDK_DISABLED")?;
    value.eq_ignore_ascii_case("true").then(|| {
        Check::warn(
            NAME,
            "OTEL_SDK_DISABLED=true: apps started from here record nothing",
            "unset OTEL_SDK_DISABLED",
        )
    })
}

fn sampler(set: Variables<'_>) -> Option<Check> {
    let sampler = set("OTEL_TRACES_SAMPLER")?;
    let argument = set("OTEL_TRACES_SAMPLER_ARG").unwrap_or_default();
    let by_ratio = sampler.ends_with("traceidratio");
    let ratio = argument.parse::<f64>().unwrap_or(1.0);
    let advice = "unset OTEL_TRACES_SAMPLER to record everything";
    match sampler.as_str() {
        _ if sampler.ends_with("always_off") || (by_ratio && ratio <= 0.0) => {
            let found = format!("OTEL_TRACES_SAMPLER={sampler}: no trace is recorded");
            Some(Check::warn(NAME, found, advice))
        }
        _ if by_ratio && ratio < 1.0 => {
            let found =
                format!("OTEL_TRACES_SAMPLER={sampler}: {ratio} of the traces are recorded");
            Some(Check::warn(NAME, found, advice))
        }
        _ => None,
    }
}

/// Whether apps would send to another hub than the one that is looked at.
fn elsewhere(set: Variables<'_>, settings: &Settings) -> Option<Check> {
    let asked = settings.value(Key::Endpoint);
    if matches!(asked.source, Source::Environment(_)) {
        return None;
    }
    let apps = set("HINDSIGHT_ENDPOINT").filter(|text| !text.is_empty());
    let named = apps.as_deref().unwrap_or(TRACER_DEFAULT);
    (named != asked.text.trim()).then(|| {
        let asked = &asked.text;
        Check::warn(
            NAME,
            format!("apps started from here send to {named}, not to {asked}, unless told so"),
            format!("export HINDSIGHT_ENDPOINT={asked}"),
        )
    })
}

fn otlp(set: Variables<'_>) -> Option<Check> {
    let endpoint = set("OTEL_EXPORTER_OTLP_ENDPOINT")?;
    let port = endpoint.trim_end_matches('/').rsplit(':').next()?;
    matches!(port, "1990" | "1991").then(|| {
        Check::warn(
            NAME,
            format!("OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}: the hub's own ports speak roam"),
            "send OTLP to an OTLP bridge instead",
        )
    })
}
