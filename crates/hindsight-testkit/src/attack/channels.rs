//! Attacks with channels.

use std::io;
use std::time::Duration;

use vox_types::{ChannelBody, ChannelClose, ChannelGrantCredit, ChannelReset};

use super::peer::Peer;
use super::{Method, Observation, Target};

/// Sends one item on each of `channels` channels that no call declared.
pub async fn undeclared_channels(
    target: &Target,
    channels: u64,
    limit: Duration,
) -> io::Result<Observation> {
    let mut peer = Peer::establish(target).await?;
    let lane = peer.open_lane(target).await?;
    for channel in 0..channels {
        if peer.item(lane, 2 * channel + 1, &[0; 64]).await.is_err() {
            break;
        }
    }
    Ok(peer.watch(limit).await)
}

/// Sends 2,000 items on a channel that no call declared, then hangs up. Unguarded, the target's
/// lane never ends.
pub async fn overflow_undeclared_channel(target: &Target) -> io::Result<()> {
    let mut peer = Peer::establish(target).await?;
    let lane = peer.open_lane(target).await?;
    for _ in 0..2_000 {
        if peer.item(lane, 1, &[0; 64]).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Calls the streaming method, sends 2,000 items on its channel regardless of credit, and hangs
/// up or watches.
pub async fn overflow_declared_channel(
    target: &Target,
    limit: Duration,
) -> io::Result<Observation> {
    let (peer, lane) = stream(target).await?;
    for _ in 0..2_000 {
        if peer.item(lane, 1, &[0; 4]).await.is_err() {
            break;
        }
    }
    Ok(peer.watch(limit).await)
}

/// Fills the channel of the streaming method with all its credit, then ends it twice over.
/// Unguarded, the second message blocks the target's lane, and later its connection, for ever.
pub async fn ends_of_a_full_channel(target: &Target, limit: Duration) -> io::Result<Observation> {
    let (peer, lane) = stream(target).await?;
    for _ in 0..16 {
        peer.item(lane, 1, &[0; 4]).await?;
    }
    let close = ChannelClose {
        metadata: vox::Metadata::default(),
    };
    peer.channel(lane, 1, ChannelBody::Close(close)).await?;
    peer.channel(lane, 1, ChannelBody::Reset(bare_reset()))
        .await?;
    Ok(peer.watch(limit).await)
}

/// Ends the channel of a call of the streaming method and makes the call after that, as vox does
/// when a receiver is dropped before its call is sent. Not an attack: it is to be answered.
pub async fn end_before_call(target: &Target, limit: Duration) -> io::Result<Observation> {
    let (method, mut peer) = (streaming(target)?, Peer::establish(target).await?);
    let lane = peer.open_lane(target).await?;
    peer.channel(lane, 1, ChannelBody::Reset(bare_reset()))
        .await?;
    peer.call(lane, 1, method, &[1]).await?;
    Ok(peer.watch_answers(1, limit).await)
}

/// Ends channels that no call ever declares.
pub async fn ends_without_calls(
    target: &Target,
    channels: u64,
    limit: Duration,
) -> io::Result<Observation> {
    let mut peer = Peer::establish(target).await?;
    let lane = peer.open_lane(target).await?;
    for channel in 0..channels {
        peer.channel(lane, 2 * channel + 1, ChannelBody::Reset(bare_reset()))
            .await?;
    }
    Ok(peer.watch_answers(0, limit).await)
}

/// Calls the streaming method and grants it absurd credit again and again.
pub async fn absurd_credit_grant(target: &Target, limit: Duration) -> io::Result<Observation> {
    let (peer, lane) = stream(target).await?;
    for _ in 0..100 {
        let grant = ChannelGrantCredit {
            additional: u32::MAX,
        };
        let granting = peer.channel(lane, 1, ChannelBody::GrantCredit(grant));
        if granting.await.is_err() {
            break;
        }
    }
    Ok(peer.watch(limit).await)
}

async fn stream(target: &Target) -> io::Result<(Peer, u64)> {
    let method = streaming(target)?;
    let mut peer = Peer::establish(target).await?;
    let lane = peer.open_lane(target).await?;
    let channels: Vec<u64> = (0..method.channels as u64).map(|i| 2 * i + 1).collect();
    peer.call(lane, 1, method, &channels).await?;
    Ok((peer, lane))
}

fn streaming(target: &Target) -> io::Result<&Method> {
    let method = target.streaming.as_ref();
    method.ok_or_else(|| io::Error::other("the target names no streaming method"))
}

fn bare_reset() -> ChannelReset {
    ChannelReset {
        metadata: vox::Metadata::default(),
    }
}
