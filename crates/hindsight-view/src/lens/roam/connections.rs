//! What went over connections, one row for each end.

use hindsight_protocol::TracerId;
use hindsight_protocol::introspection::roam::{ConnectionInfo, ConnectionMetrics};

use super::{AppTold, Process, Rows, name};
use crate::format;

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRow {
    /// Tells rows apart, and stays the same from answer to answer.
    pub key: String,
    /// Whose end it is.
    pub process: Process,
    /// The other end.
    pub peer: Process,
    /// `dialed, tcp 127.0.0.1:4711`.
    pub how: String,
    /// `2 lanes open`, `closed`.
    pub state: String,
    /// Received and sent, `1.2 MB / 340 B`; `not counted`.
    pub bytes: String,
    /// Received and sent.
    pub frames: String,
    /// `3 of 256`.
    pub queue: String,
    /// `12 ms`: since something came.
    pub silent: String,
}

/// The connections of all apps, or of one, in the order of the apps.
pub fn connections(apps: &[AppTold], of: Option<TracerId>) -> Rows<ConnectionRow> {
    let wanted = || super::of(apps, of);
    let rows = wanted().flat_map(|app| {
        let connections = app.topology.connections.iter();
        connections.map(|connection| row(app, connection, apps))
    });
    let cut = wanted().map(|app| app.topology.connections_cut);
    Rows::new(rows.collect(), cut.fold(0, u64::saturating_add))
}

fn row(app: &AppTold, connection: &ConnectionInfo, apps: &[AppTold]) -> ConnectionRow {
    let mut metrics = app.metrics.connections.iter();
    let metrics = metrics.find(|metrics| metrics.connection == connection.id);
    let counted = metrics.filter(|metrics| metrics.is_counted);
    let both = |write: fn(u64) -> String, get: fn(&ConnectionMetrics) -> (u64, u64)| {
        counted.map_or_else(
            || "not counted".to_owned(),
            |metrics| {
                let (received, sent) = get(metrics);
                format!("{} / {}", write(received), write(sent))
            },
        )
    };
    let open = connection.lanes.iter().filter(|lane| lane.closed_ns == 0);
    let open = open.count() as u64;
    let how = [
        if connection.is_dialed {
            "dialed"
        } else {
            "accepted"
        },
        &name(&connection.transport),
        &name(&connection.address),
    ];
    let how: Vec<&str> = how.into_iter().filter(|word| !word.is_empty()).collect();
    ConnectionRow {
        key: format!("{} {}", app.tracer, connection.id),
        process: Process::named(&app.service),
        peer: peer(app, connection, apps),
        how: how.join(" "),
        state: match connection.closed_ns {
            0 => format!("{} open", format::plural(open, "lane")),
            _ => "closed".to_owned(),
        },
        bytes: both(format::bytes, |m| (m.bytes_in, m.bytes_out)),
        frames: both(format::count, |m| (m.frames_in, m.frames_out)),
        queue: metrics
            .filter(|m| m.queue_max > 0)
            .map_or_else(String::new, |m| {
                format!(
                    "{} of {}",
                    format::count(m.queue),
                    format::count(m.queue_max)
                )
            }),
        silent: metrics
            .filter(|m| m.silent_ns != u64::MAX && connection.closed_ns == 0)
            .map_or_else(String::new, |m| format::duration(m.silent_ns)),
    }
}

/// The other end: by the number of the connection, else by what it said.
fn peer(app: &AppTold, connection: &ConnectionInfo, apps: &[AppTold]) -> Process {
    let has_it = |other: &&AppTold| {
        let mut connections = other.topology.connections.iter();
        other.tracer != app.tracer && connections.any(|c| c.link_id == connection.link_id)
    };
    let other = apps.iter().find(has_it).filter(|_| connection.link_id != 0);
    match (other, connection.peer.as_str()) {
        (Some(other), _) => Process::named(&other.service),
        (None, "") => Process::unknown("did not say"),
        (None, peer) => Process::named(peer),
    }
}
