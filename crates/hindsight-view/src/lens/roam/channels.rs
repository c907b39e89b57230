//! Open channels: who sends, who waits for credit.

use hindsight_protocol::TracerId;
use hindsight_protocol::introspection::roam::{ChannelInfo, direction};

use super::{AppTold, Process, Rows, method};
use crate::format;

/// Which channel, at which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelKey {
    high: u64,
    low: u64,
    connection: u64,
    lane: u64,
    id: u64,
}

/// One end of an open channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// Which.
    pub key: ChannelKey,
    /// Whose end it is.
    pub process: Process,
    /// `Catalog.watch`, escaped.
    pub name: String,
    /// `sends` or `receives`.
    pub does: &'static str,
    /// `waits for credit`, `16 not taken`, `flows`, ...
    pub state: String,
    /// Whether that holds somebody up.
    pub is_stuck: bool,
    /// Items that may still be sent.
    pub credit: u64,
    /// Items that were sent or received.
    pub items: u64,
    /// `quiet for 3.0 s`; empty where something has just moved.
    pub quiet: String,
    silent_ns: u64,
}

/// The channels of all apps, or of one: those whose senders wait first, then those longest without progress.
pub fn channels(apps: &[AppTold], of: Option<TracerId>) -> Rows<ChannelRow> {
    let wanted = || super::of(apps, of);
    let rows = wanted().flat_map(|app| {
        let channels = app.active.channels.iter();
        channels.map(|channel| row(app, channel))
    });
    let mut rows: Vec<ChannelRow> = rows.collect();
    rows.sort_by(|a, b| {
        let by_state = b.is_stuck.cmp(&a.is_stuck);
        by_state
            .then(b.silent_ns.cmp(&a.silent_ns))
            .then(a.key.cmp(&b.key))
    });
    let cut = wanted().map(|app| app.active.channels_cut);
    Rows::new(rows, cut.fold(0, u64::saturating_add))
}

fn row(app: &AppTold, channel: &ChannelInfo) -> ChannelRow {
    let TracerId { high, low } = app.tracer;
    let is_sending = channel.direction == direction::OUTGOING;
    let state = match (channel.is_waiting, channel.queue, channel.silent_ns) {
        (true, ..) => "waits for credit".to_owned(),
        (false, queue, _) if queue > 0 => format!("{} not taken", format::count(queue)),
        (_, _, u64::MAX) => "nothing moved yet".to_owned(),
        _ => "flows".to_owned(),
    };
    ChannelRow {
        key: ChannelKey {
            high,
            low,
            connection: channel.connection,
            lane: channel.lane,
            id: channel.id,
        },
        process: Process::named(&app.service),
        name: method(&channel.service, &channel.method),
        does: match is_sending {
            true => "sends",
            false => "receives",
        },
        state,
        is_stuck: channel.is_waiting,
        credit: channel.credit,
        items: match is_sending {
            true => channel.sent,
            false => channel.received,
        },
        quiet: match channel.silent_ns {
            u64::MAX | 0..1_000_000_000 => String::new(),
            ns => format!("quiet for {}", format::duration(ns)),
        },
        silent_ns: channel.silent_ns,
    }
}
