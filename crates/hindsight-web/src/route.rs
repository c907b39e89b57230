//! Which view the address bar names.
//!
//! In: the path and query of a URL, from anybody. Out: a [`Route`]. Holds: a route that is printed
//! and parsed again is the same; no text makes parsing fail, what names no view is
//! [`Route::Unknown`]. Bounded: [`QUERY_BYTES_MAX`] bytes of a search.

use std::fmt;

use hindsight_protocol::{SpanId, TraceId, TracerId};
use hindsight_view::TraceTab;
use hindsight_view::compare::CompareOrder;
use hindsight_view::format;
use hindsight_view::lens::Lens;
use hindsight_view::service_map::MapWindow;

mod dodeca;
pub mod list;
mod now;
mod percent;
mod picante;
mod roam;

pub use dodeca::Dodeca;
pub use now::{LONG_MS_DEFAULT, Now};
pub use picante::Picante;
pub use roam::Roam;

#[cfg(test)]
mod tests;

/// Longest search that a URL carries; what is beyond is cut.
pub const QUERY_BYTES_MAX: usize = 4096;

/// Longest name of a column to sort by; what is beyond is cut.
pub const SORT_BYTES_MAX: usize = 32;

/// A view and its state, as far as a link to it should carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`, `/?q=service:web`: the list of traces.
    Traces {
        /// The search; empty for all.
        query: String,
    },
    /// `/trace/{id}`, `/trace/{id}?view=table&sort=self&q=status:error&clocks=aligned&span={id}`: one
    /// trace. On input the id may have any form that [`TraceId::parse_pasted`] reads.
    Trace {
        /// The trace.
        id: TraceId,
        /// The span that is selected.
        span: Option<SpanId>,
        /// How it is looked at.
        look: TraceLook,
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
    /// `/map`, `/map?q=kind:server&since=5m`: which services call which.
    Map {
        /// Which spans count; empty for all.
        query: String,
        /// Since when.
        window: MapWindow,
    },
    /// `/compare/{a}/{b}`, `/compare/{a}/{b}?by=self&q=db`: two traces side by side. With one id or
    /// none the view asks for what is missing; `-` stands for a first one that is missing. Ids may
    /// have any form that [`TraceId::parse_pasted`] reads.
    Compare {
        /// The trace to compare with.
        a: Option<TraceId>,
        /// The trace that is compared.
        b: Option<TraceId>,
        /// How operations are sorted.
        order: CompareOrder,
        /// What is looked for among them; empty for all.
        find: String,
    },
    /// `/roam`, `/roam?app={tracer}`: calls, channels and connections of an app.
    Roam(Roam),
    /// `/picante`, `/picante?app={tracer}`: queries of an app and what they depend on.
    Picante(Picante),
    /// `/dodeca`, `/dodeca?app={tracer}`: builds of an app.
    Dodeca(Dodeca),
    /// `/hub`: what is stored, and the hub's counters.
    Hub,
    /// Nothing that exists.
    Unknown,
}

/// How a trace is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceLook {
    /// Which tab.
    pub tab: TraceTab,
    /// What its list is sorted by (`hindsight_view::listing::SortBy`); empty for its own order.
    pub sort: String,
    /// The search within the trace; empty for none.
    pub query: String,
    /// Whether times are shown in one clock instead of as recorded.
    pub is_aligned: bool,
}

impl Route {
    /// A trace as it is opened first.
    pub fn of_trace(id: TraceId) -> Self {
        Self::Trace {
            id,
            span: None,
            look: TraceLook::default(),
        }
    }

    /// A span in its trace.
    pub fn of_span(id: TraceId, span: SpanId) -> Self {
        Self::Trace {
            id,
            span: Some(span).filter(|span| span.is_valid()),
            look: TraceLook::default(),
        }
    }

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
        if first == Some("compare") && parts.next().is_none() {
            return Self::compare(second, rest, query);
        }
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
            (Some("map"), None, None) => Self::map(query),
            (Some("roam"), None, None) => Self::Roam(Roam::parse(query)),
            (Some("picante"), None, None) => Self::Picante(Picante::parse(query)),
            (Some("dodeca"), None, None) => Self::Dodeca(Dodeca::parse(query)),
            (Some("hub"), None, None) => Self::Hub,
            _ => Self::Unknown,
        }
    }

    /// A lens as it is opened first.
    pub fn of_lens(lens: Lens) -> Self {
        match lens {
            Lens::Roam => Self::Roam(Roam::default()),
            Lens::Picante => Self::Picante(Picante::default()),
            Lens::Dodeca => Self::Dodeca(Dodeca::default()),
        }
    }

    /// The lens of the view, if it is one.
    pub fn lens(&self) -> Option<Lens> {
        match self {
            Self::Roam(_) => Some(Lens::Roam),
            Self::Picante(_) => Some(Lens::Picante),
            Self::Dodeca(_) => Some(Lens::Dodeca),
            _ => None,
        }
    }

    fn map(query: &str) -> Self {
        let since = parameter(query, "since");
        let length_ns = since.and_then(|since| format::parse_duration(&since).ok());
        Self::Map {
            query: cut(parameter(query, "q").unwrap_or_default()),
            window: MapWindow {
                length_ns: length_ns.filter(|length| *length > 0),
            },
        }
    }

    /// The comparison of two traces, as it begins.
    pub fn comparison(a: Option<TraceId>, b: Option<TraceId>) -> Self {
        Self::Compare {
            a,
            b,
            order: CompareOrder::default(),
            find: String::new(),
        }
    }

    fn compare(a: Option<&str>, b: Option<&str>, query: &str) -> Self {
        let id = |text: Option<&str>| match text {
            None | Some("-") => Some(None),
            Some(text) => TraceId::parse_pasted(&percent::decode(text)).ok().map(Some),
        };
        let (Some(a), Some(b)) = (id(a), id(b)) else {
            return Self::Unknown;
        };
        let order = parameter(query, "by").and_then(|by| CompareOrder::parse(&by));
        Self::Compare {
            a,
            b,
            order: order.unwrap_or_default(),
            find: cut(parameter(query, "q").unwrap_or_default()),
        }
    }

    fn trace(id: &str, query: &str) -> Self {
        let Ok(id) = TraceId::parse_pasted(id) else {
            return Self::Unknown;
        };
        let span = parameter(query, "span").and_then(|text| span_id(&text));
        let text = |name| parameter(query, name).unwrap_or_default();
        let look = TraceLook {
            tab: TraceTab::of_word(&text("view")).unwrap_or_default(),
            sort: cut_to(text("sort"), SORT_BYTES_MAX),
            query: cut(text("q")),
            is_aligned: text("clocks") == "aligned",
        };
        Self::Trace { id, span, look }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Traces { query } if query.is_empty() => f.write_str("/"),
            Self::Traces { query } => write!(f, "/?q={}", percent::encode(query)),
            Self::Now(now) => write!(f, "/now{now}"),
            Self::Services { service: None, .. } => f.write_str("/services"),
            Self::Services {
                service: Some(service),
                run,
            } => write_service(f, service, *run),
            Self::Map { query, window } => {
                let since = window.length_ns.map(format::compact_duration);
                let query = (!query.is_empty()).then_some(query.as_str());
                write(f, "/map", &[("q", query), ("since", since.as_deref())])
            }
            Self::Compare { a, b, order, find } => {
                let path = match (a, b) {
                    (None, None) => "/compare".to_owned(),
                    (Some(a), None) => format!("/compare/{a}"),
                    (None, Some(b)) => format!("/compare/-/{b}"),
                    (Some(a), Some(b)) => format!("/compare/{a}/{b}"),
                };
                let by = (*order != CompareOrder::default()).then(|| order.word());
                let find = (!find.is_empty()).then_some(find.as_str());
                write(f, &path, &[("by", by), ("q", find)])
            }
            Self::Trace { id, span, look } => {
                let parameters = look.parameters(*span);
                let given = parameters.iter();
                let given = given.map(|(name, value)| (*name, Some(value.as_str())));
                write(f, &format!("/trace/{id}"), &given.collect::<Vec<_>>())
            }
            Self::Roam(roam) => write!(f, "/roam{roam}"),
            Self::Picante(picante) => write!(f, "/picante{picante}"),
            Self::Dodeca(dodeca) => write!(f, "/dodeca{dodeca}"),
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

/// A path with those of the parameters that have a value.
fn write(
    f: &mut fmt::Formatter<'_>,
    path: &str,
    parameters: &[(&str, Option<&str>)],
) -> fmt::Result {
    f.write_str(path)?;
    let given = parameters
        .iter()
        .filter_map(|(name, value)| Some((name, (*value)?)));
    for (index, (name, value)) in given.enumerate() {
        let sign = if index == 0 { '?' } else { '&' };
        write!(f, "{sign}{name}={}", percent::encode(value))?;
    }
    Ok(())
}

impl TraceLook {
    /// What differs from how a trace is opened first; the span comes last.
    fn parameters(&self, span: Option<SpanId>) -> Vec<(&'static str, String)> {
        let clocks = if self.is_aligned { "aligned" } else { "" };
        let tab = match self.tab {
            TraceTab::Waterfall => "",
            tab => tab.word(),
        };
        let span = span.map(|span| span.to_string()).unwrap_or_default();
        let all = [
            ("view", tab.to_owned()),
            ("sort", self.sort.clone()),
            ("q", self.query.clone()),
            ("clocks", clocks.to_owned()),
            ("span", span),
        ];
        let given = all.into_iter().filter(|(_, value)| !value.is_empty());
        given.collect()
    }
}

/// The first value of a parameter.
fn parameter(query: &str, name: &str) -> Option<String> {
    parameters(query, name).next()
}

/// All values of a parameter.
fn parameters(query: &str, name: &str) -> impl Iterator<Item = String> {
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let values = pairs.filter(move |(key, _)| percent::decode(key) == name);
    values.map(|(_, value)| percent::decode(value))
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

fn cut(text: String) -> String {
    cut_to(text, QUERY_BYTES_MAX)
}

fn cut_to(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}
