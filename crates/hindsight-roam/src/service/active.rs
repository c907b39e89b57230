//! Calls under way and open channels.

use std::time::Duration;

use hindsight_protocol::introspection::roam::{
    ActiveRpc, ActiveRpcs, ActiveRpcsRequest, ChannelInfo, direction,
};
use vox::{ChannelDebugSnapshot, LaneDebugSnapshot, RequestDebugSnapshot};
use vox_types::ChannelDirection;

use crate::registry::{Active, Lane, Registry, Seen};

/// Calls in one answer, unless fewer are asked for.
const CALLS_MAX: usize = 2000;
/// Channels in one answer.
const CHANNELS_MAX: usize = 1000;
/// roam's idea of a call's start may be this much later than ours.
const START_APART: Duration = Duration::from_millis(5);

pub(super) fn active(registry: &Registry, request: &ActiveRpcsRequest) -> ActiveRpcs {
    let (connections, _) = registry.connections();
    let now_ns = registry.feed.now_ns();
    let (mut calls, mut channels, mut calls_cut) = (Vec::new(), Vec::new(), 0);
    for seen in &connections {
        for lane in seen.lanes.iter().filter(|lane| lane.is_open()) {
            let place = Place { seen, lane, now_ns };
            let snapshot = lane.snapshot();
            let listed = lane.calls.lock();
            calls_cut += listed.unlisted();
            let under_way: Vec<Active> = listed.active().copied().collect();
            drop(listed);
            let told = under_way
                .iter()
                .map(|call| place.call(call, snapshot.as_deref()));
            calls.extend(told.filter(|call| call.age_ns >= request.age_min_ns));
            if let Some(snapshot) = snapshot.as_deref() {
                let open = snapshot.open_channels.iter().filter(|c| is_open(c));
                channels.extend(open.map(|channel| place.channel(channel, snapshot)));
            }
        }
    }
    calls.sort_by_key(|call| call.started_ns);
    channels.sort_by_key(|channel| std::cmp::Reverse(channel.silent_ns));
    let limit = match request.limit {
        0 => CALLS_MAX,
        limit => CALLS_MAX.min(limit as usize),
    };
    calls_cut += cut(&mut calls, limit);
    ActiveRpcs {
        process: registry.process.clone(),
        at_ns: now_ns,
        calls,
        calls_cut,
        channels_cut: cut(&mut channels, CHANNELS_MAX),
        channels,
    }
}

fn cut<T>(list: &mut Vec<T>, limit: usize) -> u64 {
    let surplus = list.len().saturating_sub(limit);
    list.truncate(limit);
    surplus as u64
}

/// roam lists every channel that a lane ever had.
pub(super) fn is_open(channel: &ChannelDebugSnapshot) -> bool {
    channel.close_reason.is_none() && channel.reset_reason.is_none()
}

/// Where a call or a channel is.
struct Place<'p> {
    seen: &'p Seen,
    lane: &'p Lane,
    now_ns: u64,
}

impl Place<'_> {
    fn call(&self, call: &Active, snapshot: Option<&LaneDebugSnapshot>) -> ActiveRpc {
        let age_ns = self.now_ns.saturating_sub(call.started_ns);
        let in_roam = snapshot.and_then(|snapshot| find(call, age_ns, snapshot));
        let channels = in_roam.map_or(0, |request| request.associated_channels.len() as u64);
        ActiveRpc {
            connection: self.seen.id,
            link_id: self.seen.link,
            lane: self.lane.id(),
            request: in_roam.map_or(call.request, |request| request.request_id.0),
            direction: self.lane.direction.word().to_owned(),
            peer: self.seen.peer.clone(),
            service: call.names.service.to_owned(),
            method: call.names.method.to_owned(),
            started_ns: call.started_ns,
            age_ns,
            trace_id: call.trace_id,
            span_id: call.span_id,
            parent_id: call.parent_id,
            channels: call.channels.max(channels),
        }
    }

    fn channel(&self, channel: &ChannelDebugSnapshot, lane: &LaneDebugSnapshot) -> ChannelInfo {
        let request = lane
            .requests
            .iter()
            .find(|request| request.associated_channels.contains(&channel.channel_id));
        let names = request.and_then(|r| self.lane.calls.lock().names_of(r.method_id));
        let is_sending = channel.direction == ChannelDirection::Tx;
        let granted = u64::from(channel.initial_credit) + channel.total_credit_granted;
        let credit = match channel.available_send_credit {
            Some(credit) => u64::from(credit),
            None => granted.saturating_sub(channel.items_received),
        };
        let moved = [
            channel.last_item_sent_at,
            channel.last_item_received_at,
            channel.last_item_consumed_at,
        ];
        let moved = moved.into_iter().flatten().max();
        ChannelInfo {
            connection: self.seen.id,
            lane: self.lane.id(),
            id: channel.channel_id.0,
            request: request.map_or(0, |request| request.request_id.0),
            service: self.lane.service.to_owned(),
            method: names.map_or("", |names| names.method).to_owned(),
            direction: match is_sending {
                true => direction::OUTGOING,
                false => direction::INCOMING,
            }
            .to_owned(),
            credit,
            queue: channel.inbound_queue_len.unwrap_or(0) as u64,
            sent: channel.sent,
            received: channel.items_received,
            is_waiting: is_sending
                && credit == 0
                && channel.sends_started > channel.sends_completed,
            silent_ns: moved.map_or(u64::MAX, |at| at.elapsed().as_nanos() as u64),
        }
    }
}

/// A call of ours among roam's: by its id where that is known, else the one of its method that began when
/// it did. roam's list also has calls whose callers gave up.
fn find<'s>(
    call: &Active,
    age_ns: u64,
    lane: &'s LaneDebugSnapshot,
) -> Option<&'s RequestDebugSnapshot> {
    if call.request != 0 {
        let mut requests = lane.requests.iter();
        return requests.find(|request| request.request_id.0 == call.request);
    }
    let apart = |request: &RequestDebugSnapshot| {
        // The snapshot may be a little old: a start is compared, not an age.
        let age = request.last_progress_at.elapsed() + request.age.saturating_sub(request.idle_for);
        (age.as_nanos() as u64).abs_diff(age_ns)
    };
    let same = lane.requests.iter().filter(|r| r.method_id == call.id);
    let (apart_ns, request) = same
        .map(|r| (apart(r), r))
        .min_by_key(|(apart, _)| *apart)?;
    (u128::from(apart_ns) <= START_APART.as_nanos()).then_some(request)
}
