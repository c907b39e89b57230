//! An attacker that has passed the handshake and sends whatever messages it likes.

use std::io;
use std::time::{Duration, Instant};

use tokio::time::{timeout, timeout_at};
use vox::{
    BareConduit, Conduit, ConduitRx, ConduitTx, ConnectionSettings, LaneId, MessageFamily,
    MessagePlan, Metadata, Parity, Payload, RequestCall,
};
use vox_core::{BareConduitRx, BareConduitTx};
use vox_types::{
    ChannelBody, ChannelId, ChannelItem, ChannelMessage, LaneOpen, Message, MessagePayload, Ping,
    RequestBody, RequestId, RequestMessage, SchemaBytes, SplitLink,
};

use super::wire::{WireRx, WireTx, connect, open};
use super::{Method, Observation, SEND_TIMEOUT, Target};

pub(super) struct Peer {
    wire: WireTx,
    tx: BareConduitTx<MessageFamily, WireTx>,
    rx: BareConduitRx<MessageFamily, WireRx>,
    next_lane: u64,
    seen: Observation,
}

/// A message of the target's that an attacker waits for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    LaneOpened(LaneId),
    LaneAccepted(LaneId),
    LaneRejected(LaneId),
    Answer,
    Pong,
    Other,
}

impl Peer {
    /// Connects and passes the handshake like an honest peer.
    pub(super) async fn establish(target: &Target) -> io::Result<Self> {
        let establishing = Self::handshake(target);
        timeout(SEND_TIMEOUT, establishing).await?
    }

    async fn handshake(target: &Target) -> io::Result<Self> {
        let (tx, rx) = open(connect(target.addr).await?).await?;
        let link = SplitLink { tx, rx };
        let link = vox::initiate_transport(link).await;
        let SplitLink { tx, mut rx } = link.map_err(io::Error::other)?;
        let mut metadata = vox::metadata().str("hindsight.app", "attacker");
        if let Some(token) = &target.token {
            metadata = metadata.str("#authorization", format!("Bearer {token}"));
        }
        let settings = settings(64, 16);
        let result = vox::handshake_as_initiator(&tx, &mut rx, settings, metadata.build()).await;
        let result = result.map_err(io::Error::other)?;
        let plan = MessagePlan::from_handshake(&result).map_err(io::Error::other)?;
        let wire = tx.clone();
        let conduit = BareConduit::with_message_plan(SplitLink { tx, rx }, plan);
        let (tx, rx) = conduit.split();
        Ok(Self {
            wire,
            tx,
            rx,
            next_lane: 1,
            seen: Observation::default(),
        })
    }

    /// Sends a frame that need not be a message.
    pub(super) async fn frame(&self, bytes: &[u8]) -> io::Result<()> {
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.wire.raw(&len.to_le_bytes()).await?;
        self.wire.raw(bytes).await
    }

    pub(super) async fn send(&self, lane: u64, payload: MessagePayload<'_>) -> io::Result<()> {
        let message = Message {
            lane_id: LaneId(lane),
            payload,
        };
        let prepared = self.tx.prepare_send(message).map_err(io::Error::other)?;
        let sending = self.tx.send_prepared(prepared);
        timeout(SEND_TIMEOUT, sending)
            .await?
            .map_err(io::Error::other)
    }

    /// Asks for the next lane without waiting for the answer.
    pub(super) async fn ask_lane(
        &mut self,
        settings: ConnectionSettings,
        metadata: Metadata,
    ) -> io::Result<u64> {
        let lane = self.next_lane;
        self.next_lane += 2;
        let open = LaneOpen {
            connection_settings: settings,
            metadata,
        };
        self.send(lane, MessagePayload::LaneOpen(open)).await?;
        Ok(lane)
    }

    /// Opens a lane for the target's service like an honest peer.
    pub(super) async fn open_lane(&mut self, target: &Target) -> io::Result<u64> {
        let metadata = service(&target.service);
        let lane = self.ask_lane(settings(64, 16), metadata).await?;
        self.wait_for(&Heard::LaneAccepted(LaneId(lane)), SEND_TIMEOUT)
            .await?;
        Ok(lane)
    }

    pub(super) async fn call(
        &self,
        lane: u64,
        request: u64,
        method: &Method,
        channels: &[u64],
    ) -> io::Result<()> {
        let call = RequestCall {
            method_id: method.id,
            channels: channels.iter().map(|id| ChannelId(*id)).collect(),
            metadata: Metadata::default(),
            args: Payload::Encoded(&method.args),
            schemas: SchemaBytes(method.schema.clone()),
        };
        let request = RequestMessage {
            id: RequestId(request),
            body: RequestBody::Call(call),
        };
        self.send(lane, MessagePayload::RequestMessage(request))
            .await
    }

    pub(super) async fn channel(
        &self,
        lane: u64,
        channel: u64,
        body: ChannelBody<'_>,
    ) -> io::Result<()> {
        let message = ChannelMessage {
            id: ChannelId(channel),
            body,
        };
        self.send(lane, MessagePayload::ChannelMessage(message))
            .await
    }

    pub(super) async fn item(&self, lane: u64, channel: u64, bytes: &[u8]) -> io::Result<()> {
        let item = ChannelItem {
            item: Payload::Encoded(bytes),
        };
        self.channel(lane, channel, ChannelBody::Item(item)).await
    }

    /// Reads the target's messages until this one; an error if the target closes or is late.
    pub(super) async fn wait_for(&mut self, wanted: &Heard, limit: Duration) -> io::Result<()> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            match timeout_at(deadline, self.hear()).await? {
                Some(heard) if heard == *wanted => return Ok(()),
                Some(_) => {}
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    /// Waits until the target opens a lane, and returns its id.
    pub(super) async fn wait_for_lane(&mut self, limit: Duration) -> io::Result<u64> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            match timeout_at(deadline, self.hear()).await? {
                Some(Heard::LaneOpened(lane)) => return Ok(lane.0),
                Some(_) => {}
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    /// Reads until the target closes or the watch is over.
    pub(super) async fn watch(mut self, limit: Duration) -> Observation {
        let started = Instant::now();
        let closed = async { while self.hear().await.is_some() {} };
        let closed = timeout(limit, closed).await;
        self.seen.closed_after = closed.ok().map(|()| started.elapsed());
        self.seen
    }

    /// Waits for `answers` answers, then asks whether the target still answers a ping.
    pub(super) async fn watch_answers(mut self, answers: usize, limit: Duration) -> Observation {
        let started = Instant::now();
        let living = async {
            while self.seen.answers < answers {
                self.wait_for(&Heard::Answer, limit).await?;
            }
            self.ping().await
        };
        match timeout(limit, living).await {
            Ok(Ok(())) => self.seen.pong = true,
            Ok(Err(error)) if error.kind() == io::ErrorKind::TimedOut => {}
            Ok(Err(_)) => self.seen.closed_after = Some(started.elapsed()),
            Err(_elapsed) => {}
        }
        self.seen
    }

    async fn ping(&mut self) -> io::Result<()> {
        let ping = MessagePayload::Ping(Ping { nonce: 7 });
        self.send(0, ping).await?;
        self.wait_for(&Heard::Pong, SEND_TIMEOUT).await
    }

    /// The next message of the target; `None` when it has closed.
    async fn hear(&mut self) -> Option<Heard> {
        let message = self.rx.recv().await.ok().flatten()?;
        let message = message.get();
        let lane = message.lane_id;
        Some(match &message.payload {
            MessagePayload::LaneOpen(_) => Heard::LaneOpened(lane),
            MessagePayload::LaneAccept(_) => {
                self.seen.lanes_accepted += 1;
                Heard::LaneAccepted(lane)
            }
            MessagePayload::LaneReject(_) => {
                self.seen.lanes_rejected += 1;
                Heard::LaneRejected(lane)
            }
            MessagePayload::RequestMessage(RequestMessage {
                body: RequestBody::Response(_),
                ..
            }) => {
                self.seen.answers += 1;
                Heard::Answer
            }
            MessagePayload::ProtocolError(error) => {
                self.seen.complaint = Some(error.description.to_owned());
                Heard::Other
            }
            MessagePayload::Pong(_) => Heard::Pong,
            _ => Heard::Other,
        })
    }
}

pub(super) fn settings(requests: u32, credit: u32) -> ConnectionSettings {
    ConnectionSettings {
        parity: Parity::Odd,
        max_concurrent_requests: requests,
        initial_channel_credit: credit,
    }
}

pub(super) fn service(name: &str) -> Metadata {
    vox::metadata()
        .str(vox::VOX_SERVICE_METADATA_KEY, name)
        .build()
}
