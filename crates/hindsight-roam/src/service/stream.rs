//! Events as they happen, to one reader.
//!
//! Bounded: [`RING`](crate::registry) events behind; a reader that takes none for [`STALL`] is cut.

use std::time::Duration;

use hindsight_protocol::introspection::roam::{RpcEvent, event};
use hindsight_protocol::introspection::{StreamEnd, StreamRequest};
use tokio::sync::broadcast::error::RecvError;
use vox_rt::time::{Instant, timeout};

use crate::registry::{Happened, Registry};

/// Something is told at least this often: only then a reader that left is noticed.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// How long an event may wait for its reader.
const STALL: Duration = Duration::from_secs(10);

pub(super) async fn stream(
    registry: &Registry,
    request: &StreamRequest,
    events: vox::Tx<RpcEvent>,
) -> StreamEnd {
    let mut end = StreamEnd::default();
    let Some(mut listening) = registry.feed.listen() else {
        end.reason = "too many read the events of this app".to_owned();
        return end;
    };
    let is_wanted =
        |kind: &str| request.kinds.is_empty() || request.kinds.iter().any(|k| k == kind);
    let mut sequence = 0_u64;
    let mut dropped = 0;
    // The first tells that the stream has begun.
    let mut beat = Instant::now();
    loop {
        let quiet_for = beat.saturating_duration_since(Instant::now());
        let told = match timeout(quiet_for, listening.events.recv()).await {
            Ok(Ok(happened)) if is_wanted(happened.kind) => {
                sequence += 1;
                told(registry, &happened, sequence)
            }
            Ok(Ok(_)) => continue,
            Ok(Err(RecvError::Lagged(missed))) => {
                dropped += missed;
                sequence += missed;
                end.dropped += missed;
                continue;
            }
            Ok(Err(RecvError::Closed)) => {
                end.reason = "the app ended the stream".to_owned();
                break;
            }
            Err(_) => quiet(registry, dropped, sequence),
        };
        beat = Instant::now() + HEARTBEAT;
        let is_event = told.kind != event::HEARTBEAT;
        let told = RpcEvent {
            dropped: std::mem::take(&mut dropped),
            ..told
        };
        match timeout(STALL, events.send(told)).await {
            Ok(Ok(())) => end.told += u64::from(is_event),
            Ok(Err(_)) => {
                end.reason = "the reader closed the stream".to_owned();
                break;
            }
            Err(_) => {
                end.reason = "the reader stalled".to_owned();
                break;
            }
        }
    }
    end
}

/// What is told when nothing happened, or nothing that was asked for.
fn quiet(registry: &Registry, dropped: u64, sequence: u64) -> RpcEvent {
    let kind = match dropped {
        0 => event::HEARTBEAT,
        _ => event::DROPPED,
    };
    RpcEvent {
        sequence,
        at_ns: registry.feed.now_ns(),
        kind: kind.to_owned(),
        ..RpcEvent::default()
    }
}

fn told(registry: &Registry, happened: &Happened, sequence: u64) -> RpcEvent {
    let direction = happened.direction.map_or("", |direction| direction.word());
    RpcEvent {
        sequence,
        at_ns: happened.at_ns,
        kind: happened.kind.to_owned(),
        dropped: 0,
        connection: happened.connection,
        lane: happened.lane,
        peer: registry.peer(happened.connection),
        direction: direction.to_owned(),
        service: happened.service.to_owned(),
        method: happened.method.to_owned(),
        channel: happened.channel,
        outcome: happened.outcome.to_owned(),
        duration_ns: happened.duration_ns,
        trace_id: happened.trace_id,
        span_id: happened.span_id,
    }
}
