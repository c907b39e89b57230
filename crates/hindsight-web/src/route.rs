//! Which view the address bar names.
//!
//! In: the path and query of a URL, from anybody. Out: a [`Route`]. Holds: a route that is printed
//! and parsed again is the same; no text makes parsing fail, what names no view is
//! [`Route::Unknown`]. Bounded: [`QUERY_BYTES_MAX`] bytes of a search.

use std::fmt;

use hindsight_protocol::{SpanId, TraceId, TracerId};

pub use now::{LONG_MS_DEFAULT, Now};

mod now;
mod percent;

#[cfg(test)]
mod tests;

/// Longest search that a URL carries; what is beyond is cut.
pub const QUERY_BYTES_MAX: usize = 4096;

/// A view and its state, as far as a link to it should carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`, `/?q=service:web`: the list of traces.
    Traces {
        /// The search; empty for all.
        query: String,
    },
    /// `/trace/{id}`, `/trace/{id}?span={id}`: one trace. On input the id may have any form that
    /// [`TraceId::parse_pasted`] reads.
    Trace {
        /// The trace.
        id: TraceId,
        /// The span that is selected.
        span: Option<SpanId>,
    },
    /// `/now`, `/now?q=reindex&by=operation`: what runs.
    Now(Now),
    /// `/services`, `/services/web`, `/services/web?run={tracer}`: who is connected or was.
    Services {
        /// `service.name`, none for all.
        service: Option<String>,
        /// The process of it that is looked at.
        run: Option<TracerId>,
    },
    /// `/hub`: what is stored, and the hub's counters.
    Hub,
    /// Nothing that exists.
    Unknown,
}

impl Route {
    /// The list of all traces.
    pub fn start() -> Self {
        Self::Traces {
            query: String::new(),
        }
    }

    /// The route of a path, its query after `?`, and perhaps a fragment, which is ignored.
    pub fn parse(url: &str) -> Self {
        let url = url.split('#').next().unwrap_or_default();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let (first, second, rest) = (parts.next(), parts.next(), parts.next());
        match (first, second, rest) {
            (None | Some("traces"), None, None) => Self::Traces {
                query: cut(parameter(query, "q").unwrap_or_default()),
            },
            (Some("trace"), Some(id), None) => Self::trace(&percent::decode(id), query),
            (Some("now"), None, None) => Self::Now(Now::parse(query)),
            (Some("services"), name, None) => {
                let name = name.map(percent::decode).or(parameter(query, "name"));
                let service = name.map(cut).filter(|name| !name.is_empty());
                let run = parameter(query, "run").and_then(|text| tracer_id(&text));
                Self::Services {
                    run: run.filter(|_| service.is_some()),
                    service,
                }
            }
            (Some("hub"), None, None) => Self::Hub,
            _ => Self::Unknown,
        }
    }

    fn trace(id: &str, query: &str) -> Self {
        let Ok(id) = TraceId::parse_pasted(id) else {
            return Self::Unknown;
        };
        let span = parameter(query, "span").and_then(|text| span_id(&text));
        Self::Trace { id, span }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Traces { query } if query.is_empty() => f.write_str("/"),
            Self::Traces { query } => write!(f, "/?q={}", percent::encode(query)),
            Self::Trace { id, span: None } => write!(f, "/trace/{id}"),
            Self::Trace {
                id,
                span: Some(span),
            } => write!(f, "/trace/{id}?span={span}"),
            Self::Now(now) => write!(f, "/now{now}"),
            Self::Services { service: None, .. } => f.write_str("/services"),
            Self::Services {
                service: Some(service),
                run,
            } => write_service(f, service, *run),
            Self::Hub => f.write_str("/hub"),
            Self::Unknown => f.write_str("/unknown"),
        }
    }
}

fn write_service(f: &mut fmt::Formatter<'_>, service: &str, run: Option<TracerId>) -> fmt::Result {
    // Browsers take `.` and `..` for folders, however they are encoded.
    let is_folder = matches!(service, "." | "..");
    match is_folder {
        true => write!(f, "/services?name={service}")?,
        false => write!(f, "/services/{}", percent::encode_segment(service))?,
    }
    match run {
        Some(run) => write!(f, "{}run={run}", if is_folder { '&' } else { '?' }),
        None => Ok(()),
    }
}

/// The first value of a parameter.
fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut values = pairs.filter(|(key, _)| percent::decode(key) == name);
    values.next().map(|(_, value)| percent::decode(value))
}

fn span_id(text: &str) -> Option<SpanId> {
    let is_id = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bits = is_id.then(|| u64::from_str_radix(text, 16).ok()).flatten();
    bits.map(SpanId::from_u64).filter(|id| id.is_valid())
}

fn tracer_id(text: &str) -> Option<TracerId> {
    let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (high, low) = text.split_at_checked(16).filter(|_| is_id)?;
    let half = |text| u64::from_str_radix(text, 16).ok();
    Some(TracerId {
        high: half(high)?,
        low: half(low)?,
    })
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(QUERY_BYTES_MAX));
    text
}
