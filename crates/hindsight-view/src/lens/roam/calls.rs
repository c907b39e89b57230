//! Calls under way, oldest first, both ends of one call in one row.

use std::collections::BTreeMap;

use hindsight_protocol::introspection::roam::{ActiveRpc, direction};
use hindsight_protocol::{SpanId, TraceId, TracerId};

use super::{AppTold, Process, Rows, method};
use crate::format;

/// Which call: stays the same from answer to answer. The app's place among the numbers is its tracer's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallKey(String);

/// Who tells of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnds {
    /// Caller and callee.
    Both,
    /// The caller: it has not reached the callee, or the callee does not tell.
    Caller,
    /// The callee: the caller has given up, or does not tell.
    Callee,
}

/// A call under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// Which.
    pub key: CallKey,
    /// `Catalog.list`, escaped.
    pub name: String,
    /// Who calls.
    pub caller: Process,
    /// Who is called.
    pub callee: Process,
    /// Who tells of it.
    pub ends: CallEnds,
    /// `1.20 s`.
    pub age: String,
    /// How old it is.
    pub age_ns: u64,
    /// Its trace; all zero where there is none.
    pub trace_id: TraceId,
    /// The span of the callee if that tells, else of the caller.
    pub span_id: SpanId,
    /// Channels that came with it.
    pub channels: u64,
    /// The apps at its ends, as far as known.
    apps: [Option<TracerId>; 2],
}

impl CallRow {
    /// What is known of its ends.
    pub fn state(&self) -> &'static str {
        match self.ends {
            CallEnds::Both => "in the callee",
            CallEnds::Caller => "seen by the caller only",
            CallEnds::Callee => "the caller gave up, or does not tell",
        }
    }
}

/// What the two ends of a call have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Joint {
    /// The caller's span.
    Span(TraceId, SpanId),
    /// Number of the connection, lane, request.
    Request(u64, u64, u64),
}

fn joints(call: &ActiveRpc) -> Vec<Joint> {
    let span = match call.direction.as_str() {
        direction::INCOMING => call.parent_id,
        _ => call.span_id,
    };
    let mut joints = Vec::new();
    if span.is_valid() && call.trace_id.is_valid() {
        joints.push(Joint::Span(call.trace_id, span));
    }
    if call.link_id != 0 && call.lane != 0 && call.request != 0 {
        joints.push(Joint::Request(call.link_id, call.lane, call.request));
    }
    joints
}

/// The calls of all apps, oldest first; only those from or to `of`, if one is given.
pub fn calls(apps: &[AppTold], of: Option<TracerId>) -> Rows<CallRow> {
    let mut outgoing: Vec<Option<(&AppTold, &ActiveRpc)>> = Vec::new();
    let mut places: BTreeMap<Joint, usize> = BTreeMap::new();
    let mut incoming = Vec::new();
    for app in apps {
        for call in &app.active.calls {
            if call.direction == direction::INCOMING {
                incoming.push((app, call));
                continue;
            }
            for joint in joints(call) {
                places.insert(joint, outgoing.len());
            }
            outgoing.push(Some((app, call)));
        }
    }
    let mut rows = Vec::new();
    for (app, call) in incoming {
        let place = joints(call)
            .iter()
            .find_map(|joint| places.get(joint))
            .copied();
        let caller = place
            .and_then(|at| outgoing.get_mut(at))
            .and_then(Option::take);
        rows.push(callee_row(app, call, caller));
    }
    let rest = outgoing.into_iter().flatten();
    rows.extend(rest.map(|(app, call)| caller_row(app, call, apps)));
    rows.retain(|row| of.is_none() || row.apps.contains(&of));
    rows.sort_by(|a, b| b.age_ns.cmp(&a.age_ns).then_with(|| a.key.cmp(&b.key)));
    let cut = apps.iter().map(|app| app.active.calls_cut);
    Rows::new(rows, cut.fold(0, u64::saturating_add))
}

/// An end that does not tell.
fn silent(peer: &str, words: &str) -> Process {
    match peer {
        "" => Process::unknown(words),
        peer => Process::named(peer),
    }
}

fn callee_row(app: &AppTold, call: &ActiveRpc, caller: Option<(&AppTold, &ActiveRpc)>) -> CallRow {
    let (process, age_ns) = match caller {
        Some((caller, sent)) => (
            Process::named(&caller.service),
            sent.age_ns.max(call.age_ns),
        ),
        None => (silent(&call.peer, "(unknown)"), call.age_ns),
    };
    CallRow {
        key: key(app, call),
        name: method(&call.service, &call.method),
        caller: process,
        callee: Process::named(&app.service),
        ends: match caller {
            Some(_) => CallEnds::Both,
            None => CallEnds::Callee,
        },
        age: format::duration(age_ns),
        age_ns,
        trace_id: call.trace_id,
        span_id: call.span_id,
        channels: call.channels,
        apps: [caller.map(|(caller, _)| caller.tracer), Some(app.tracer)],
    }
}

fn caller_row(app: &AppTold, call: &ActiveRpc, apps: &[AppTold]) -> CallRow {
    // The callee may tell of the connection, if not of the call.
    let is_other = |other: &&AppTold| {
        let mut connections = other.topology.connections.iter();
        other.tracer != app.tracer
            && call.link_id != 0
            && connections.any(|connection| connection.link_id == call.link_id)
    };
    let other = apps.iter().find(is_other);
    let callee = match other {
        Some(other) => Process::named(&other.service),
        None => silent(&call.peer, "(unknown)"),
    };
    CallRow {
        key: key(app, call),
        name: method(&call.service, &call.method),
        caller: Process::named(&app.service),
        callee,
        ends: CallEnds::Caller,
        age: format::duration(call.age_ns),
        age_ns: call.age_ns,
        trace_id: call.trace_id,
        span_id: call.span_id,
        channels: call.channels,
        apps: [Some(app.tracer), other.map(|other| other.tracer)],
    }
}

fn key(app: &AppTold, call: &ActiveRpc) -> CallKey {
    CallKey(format!(
        "{} {} {} {} {} {}",
        app.tracer, call.connection, call.lane, call.started_ns, call.span_id, call.request
    ))
}
