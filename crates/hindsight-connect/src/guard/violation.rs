//! What a peer did that no peer of good will does.

/// A limit or rule that the peer broke. It is always the peer's fault: vox itself, used as its
/// documentation says, stays within all of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// Channel credit of a lane or of the handshake outside the limits.
    #[error("lane {lane}: channel credit {credit} is not within {min}..={max}")]
    ChannelCredit {
        /// The lane; 0 for the handshake.
        lane: u64,
        /// Credit in the settings, in items.
        credit: u32,
        /// Least allowed.
        min: u32,
        /// Most allowed.
        max: u32,
    },
    /// A relayed lane states another credit in its metadata than in its settings.
    #[error("lane {lane}: channel credit {settings} in the settings, {metadata} in the metadata")]
    CreditMismatch {
        /// The lane.
        lane: u64,
        /// Credit in the settings, in items.
        settings: u32,
        /// Credit in the metadata, in items.
        metadata: u64,
    },
    /// Concurrent requests of a lane or of the handshake outside the limits.
    #[error("lane {lane}: {requests} concurrent requests are not within 1..={max}")]
    RequestLimit {
        /// The lane; 0 for the handshake.
        lane: u64,
        /// Requests in the settings.
        requests: u32,
        /// Most allowed.
        max: u32,
    },
    /// A lane id that the peer must not use: of our parity, used before, or zero.
    #[error("lane {lane}: the id is not the peer's to open")]
    LaneId {
        /// The lane.
        lane: u64,
    },
    /// An answer to a lane open that was not waiting for one.
    #[error("lane {lane}: an answer to an open that is not pending")]
    LaneAnswer {
        /// The lane.
        lane: u64,
    },
    /// A message on a lane that was never opened.
    #[error("lane {lane}: a message on a lane that was never opened")]
    UnknownLane {
        /// The lane.
        lane: u64,
    },
    /// A message that does not belong on the lane it came on.
    #[error("lane {lane}: {message} does not belong on this lane")]
    Misplaced {
        /// The lane.
        lane: u64,
        /// The message.
        message: &'static str,
    },
    /// Too many lanes open.
    #[error("{open} lanes are open, the limit is {max}")]
    LanesOpen {
        /// Lanes open, the refused one included.
        open: usize,
        /// Most allowed.
        max: usize,
    },
    /// Lanes opened too fast.
    #[error("lanes opened faster than {per_sec} per second after a burst of {burst}")]
    LaneOpenRate {
        /// Burst allowed.
        burst: u32,
        /// Refill of the burst per second.
        per_sec: u32,
    },
    /// Too much that vox keeps until the connection ends.
    #[error("{residue} lanes and methods were used on this connection, the limit is {max}")]
    Residue {
        /// Lanes opened, methods called on each, calls left unanswered.
        residue: usize,
        /// Most allowed.
        max: usize,
    },
    /// Too many channels declared on open lanes.
    #[error("calls on open lanes declared {declared} channels, the limit is {max}")]
    ChannelsDeclared {
        /// Channels, those of the refused call included.
        declared: usize,
        /// Most allowed.
        max: usize,
    },
    /// Too many calls not answered.
    #[error("lane {lane}: {calls} calls in flight, the limit is {max}")]
    CallsInFlight {
        /// The lane.
        lane: u64,
        /// Calls in flight, the refused one included.
        calls: usize,
        /// Most allowed, slack included.
        max: usize,
    },
    /// A request id that is in flight already.
    #[error("lane {lane}: request id {request} is in flight already")]
    DuplicateRequest {
        /// The lane.
        lane: u64,
        /// The request.
        request: u64,
    },
    /// Arguments of calls in flight take too much memory.
    #[error("the arguments of calls in flight take {bytes} bytes, the limit is {max}")]
    CallBytes {
        /// Bytes, the refused call included.
        bytes: usize,
        /// Most allowed.
        max: usize,
    },
    /// A channel id in a call that is alive already or has our parity.
    #[error("lane {lane}: channel id {channel} is not the peer's to declare")]
    ChannelId {
        /// The lane.
        lane: u64,
        /// The channel.
        channel: u64,
    },
    /// A channel message for a channel that no call declared.
    #[error("lane {lane}: a message on channel {channel}, which no call declared")]
    UndeclaredChannel {
        /// The lane.
        lane: u64,
        /// The channel.
        channel: u64,
    },
    /// Too many channels alive.
    #[error("{live} channels are alive, the limit is {max}")]
    ChannelsLive {
        /// Channels, those of the refused call included.
        live: usize,
        /// Most allowed.
        max: usize,
    },
    /// More items than credit.
    #[error("lane {lane}: channel {channel} carried more items than its credit")]
    CreditExceeded {
        /// The lane.
        lane: u64,
        /// The channel.
        channel: u64,
    },
    /// More than one message that ends a channel.
    #[error("lane {lane}: channel {channel} was ended more than once")]
    ChannelEndedTwice {
        /// The lane.
        lane: u64,
        /// The channel.
        channel: u64,
    },
    /// Items received and not consumed take too much memory.
    #[error("unconsumed channel items take {bytes} bytes, the limit is {max}")]
    ChannelBytes {
        /// Bytes, the refused item included.
        bytes: usize,
        /// Most allowed.
        max: usize,
    },
    /// The peer granted absurd credit.
    #[error("lane {lane}: channel {channel} has {credit} items of credit, the limit is {max}")]
    GrantedCredit {
        /// The lane.
        lane: u64,
        /// The channel.
        channel: u64,
        /// Credit outstanding, the refused grant included.
        credit: u64,
        /// Most allowed.
        max: u32,
    },
    /// A schema is too large.
    #[error("lane {lane}: a schema of {bytes} bytes, the limit is {max}")]
    SchemaBytes {
        /// The lane.
        lane: u64,
        /// Bytes of the schema.
        bytes: usize,
        /// Most allowed.
        max: usize,
    },
    /// A lane exceeds a limit of its own: a relayed one, or one with an answer that is too large. It is
    /// closed, and its connection lives.
    #[error("lane {lane}: {value} {what}, the limit of the lane is {max}")]
    LaneLimit {
        /// The lane.
        lane: u64,
        /// Of what there is too much.
        what: &'static str,
        /// How much of it, what was refused included.
        value: usize,
        /// Most allowed.
        max: usize,
    },
    /// All schemas together are too large.
    #[error("schemas take {bytes} bytes, the limit is {max}")]
    SchemaBytesTotal {
        /// Bytes, the refused schema included.
        bytes: usize,
        /// Most allowed.
        max: usize,
    },
    /// The same schema again and again.
    #[error("lane {lane}: the schema of method {method:#018x} was sent more than {max} times")]
    SchemaRepeats {
        /// The lane.
        lane: u64,
        /// The method.
        method: u64,
        /// Most allowed.
        max: u32,
    },
}
