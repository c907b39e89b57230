//! Attacks with calls.

use std::io;
use std::time::Duration;

use super::peer::{Peer, service, settings};
use super::{Method, Observation, Target};

/// Opens a lane that claims room for `u32::MAX` requests and sends `calls` calls on it.
pub async fn unbounded_lane_calls(
    target: &Target,
    calls: u64,
    limit: Duration,
) -> io::Result<Observation> {
    let mut peer = Peer::establish(target).await?;
    let metadata = service(&target.service);
    let lane = peer.ask_lane(settings(u32::MAX, 16), metadata).await?;
    send_calls(&peer, lane, slow(target), calls).await;
    Ok(peer.watch(limit).await)
}

/// Sends `calls` calls at once on a lane with room for 64.
pub async fn calls_beyond_lane_limit(
    target: &Target,
    calls: u64,
    limit: Duration,
) -> io::Result<Observation> {
    let mut peer = Peer::establish(target).await?;
    let lane = peer.open_lane(target).await?;
    send_calls(&peer, lane, slow(target), calls).await;
    Ok(peer.watch(limit).await)
}

fn slow(target: &Target) -> &Method {
    target.streaming.as_ref().unwrap_or(&target.unary)
}

async fn send_calls(peer: &Peer, lane: u64, method: &Method, calls: u64) {
    let count = method.channels as u64;
    for call in 0..calls {
        let channels: Vec<u64> = (0..count).map(|i| 2 * (call * count + i) + 1).collect();
        let method = match call {
            0 => method.clone(),
            _ => Method {
                schema: Vec::new(),
                ..method.clone()
            },
        };
        if peer
            .call(lane, 2 * call + 1, &method, &channels)
            .await
            .is_err()
        {
            return;
        }
    }
}

/// Calls without arguments where some are due.
pub async fn empty_args(target: &Target, limit: Duration) -> io::Result<Observation> {
    with_args(target, Vec::new(), limit).await
}

/// Calls with arguments that are nothing.
pub async fn garbage_args(target: &Target, limit: Duration) -> io::Result<Observation> {
    with_args(target, vec![0xee; 300], limit).await
}

/// Calls with arguments that claim to be 4 GiB long.
pub async fn claimed_length_args(target: &Target, limit: Duration) -> io::Result<Observation> {
    with_args(target, [[0xff; 4], [0x0f; 4], [0; 4]].concat(), limit).await
}

async fn with_args(target: &Target, args: Vec<u8>, limit: Duration) -> io::Result<Observation> {
    let method = Method {
        args,
        ..target.unary.clone()
    };
    one_call(target, &method, limit).await
}

/// Calls with a schema that is none.
pub async fn garbage_schema(target: &Target, limit: Duration) -> io::Result<Observation> {
    let method = Method {
        schema: vec![0xee; 300],
        ..target.unary.clone()
    };
    one_call(target, &method, limit).await
}

/// Calls the method whose handler panics.
pub async fn handler_panic(target: &Target, limit: Duration) -> io::Result<Observation> {
    let method = target.panicking.as_ref();
    let method = method.ok_or_else(|| io::Error::other("the target names no panicking method"))?;
    one_call(target, method, limit).await
}

/// One call on a fresh lane, and whether the connection lives on.
async fn one_call(target: &Target, method: &Method, limit: Duration) -> io::Result<Observation> {
    let mut peer = Peer::establish(target).await?;
    let lane = peer.open_lane(target).await?;
    peer.call(lane, 1, method, &[]).await?;
    Ok(peer.watch_answers(1, limit).await)
}
