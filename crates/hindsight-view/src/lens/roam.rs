//! The lens on roam: connections, calls under way, channels and how calls went, of all apps together.
//!
//! In: what apps tell of themselves ([`AppTold`]), or, where no app can be asked, what stored spans say.
//! Out: a graph of processes ([`Topology`]), calls with both their ends ([`CallRow`]), channels
//! ([`ChannelRow`]), counters ([`MethodRow`], [`ConnectionRow`]), and a log of events ([`EventLog`]), escaped
//! and ready to draw. Holds: nothing here depends on the order in which apps answer; what only one end tells
//! is shown as such. Bounded: [`ROWS_MAX`] rows of each table, [`PROCESSES_MAX`] processes, and the rest
//! counted.

mod calls;
mod channels;
mod connections;
mod log;
mod methods;
mod stored;
mod topology;

#[cfg(test)]
mod tests;

use hindsight_protocol::TracerId;
use hindsight_protocol::introspection::roam::{ActiveRpcs, Topology as Told, TransportMetrics};

use crate::format;
use crate::text::Role;

pub use calls::{CallEnds, CallKey, CallRow, calls};
pub use channels::{ChannelKey, ChannelRow, channels};
pub use connections::{ConnectionRow, connections};
pub use log::{EVENTS_MAX, EventLog, LoggedEvent};
pub use methods::{MethodRow, methods};
pub use stored::{StoredRow, stored_query, stored_rows};
pub use topology::{Edge, Node, PROCESSES_MAX, RoamLayout, Topology};

/// Rows of one table.
pub const ROWS_MAX: usize = 500;
/// Connections of one app.
const CONNECTIONS_MAX: usize = 512;
/// Lanes of one connection.
const LANES_MAX: usize = 256;
/// Calls of one app, its channels, its methods.
const LISTED_MAX: usize = 2_000;
/// Cells of a name.
const NAME_CELLS_MAX: usize = 40;

/// What one app tells. What it has not told yet is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppTold {
    /// Which process.
    pub tracer: TracerId,
    /// The name that the hub knows it by.
    pub service: String,
    /// Its connections.
    pub topology: Told,
    /// Its calls and channels.
    pub active: ActiveRpcs,
    /// Its counters.
    pub metrics: TransportMetrics,
}

impl AppTold {
    /// Cuts what is more than any app of this version tells, and counts it.
    pub fn bounded(mut self) -> Self {
        let topology = &mut self.topology;
        topology.connections_cut = cut(
            &mut topology.connections,
            CONNECTIONS_MAX,
            topology.connections_cut,
        );
        for connection in &mut topology.connections {
            connection.lanes_cut = cut(&mut connection.lanes, LANES_MAX, connection.lanes_cut);
        }
        let active = &mut self.active;
        active.calls_cut = cut(&mut active.calls, LISTED_MAX, active.calls_cut);
        active.channels_cut = cut(&mut active.channels, LISTED_MAX, active.channels_cut);
        let metrics = &mut self.metrics;
        metrics.methods_cut = cut(&mut metrics.methods, LISTED_MAX, metrics.methods_cut);
        metrics.connections.truncate(CONNECTIONS_MAX);
        self
    }
}

fn cut<T>(list: &mut Vec<T>, most: usize, before: u64) -> u64 {
    let surplus = list.len().saturating_sub(most) as u64;
    list.truncate(most);
    before.saturating_add(surplus)
}

/// A table of at most [`ROWS_MAX`] rows, and how many there are besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows<T> {
    /// In the order to be shown.
    pub rows: Vec<T>,
    /// Left out, here or by the apps.
    pub cut: u64,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            cut: 0,
        }
    }
}

impl<T> Rows<T> {
    fn new(mut rows: Vec<T>, cut: u64) -> Self {
        let surplus = rows.len().saturating_sub(ROWS_MAX) as u64;
        rows.truncate(ROWS_MAX);
        Self {
            rows,
            cut: cut.saturating_add(surplus),
        }
    }

    /// `12`, or `500 of 612`.
    pub fn size(&self) -> String {
        let shown = self.rows.len() as u64;
        match self.cut {
            0 => format::count(shown),
            cut => format!(
                "{} of {}",
                format::count(shown),
                format::count(shown.saturating_add(cut))
            ),
        }
    }
}

/// A process in a row: its name and colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Escaped.
    pub name: String,
    /// Its colour; dim where it is not known.
    pub role: Role,
}

impl Process {
    fn named(service: &str) -> Self {
        match service {
            "" => Self::unknown("(no name)"),
            service => Self {
                name: name(service),
                role: Role::of_service(service),
            },
        }
    }

    fn unknown(words: &str) -> Self {
        Self {
            name: words.to_owned(),
            role: Role::Dim,
        }
    }
}

/// All apps, or the one that is asked for.
fn of(apps: &[AppTold], of: Option<TracerId>) -> impl Iterator<Item = &AppTold> {
    apps.iter()
        .filter(move |app| of.is_none_or(|of| of == app.tracer))
}

/// Text from an app, for a cell.
fn name(text: &str) -> String {
    format::truncate(&format::escape(text), NAME_CELLS_MAX).into_owned()
}

/// `Catalog.list`.
fn method(service: &str, method: &str) -> String {
    match (service, method) {
        ("", method) => name(method),
        (service, "") => name(service),
        (service, method) => format!("{}.{}", name(service), name(method)),
    }
}
