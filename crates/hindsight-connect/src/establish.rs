//! Handshakes of both sides, under a time limit, up to a guarded [`Connection`].
//!
//! In: a link and options. Out: a connection, or a [`HandshakeError`] that says who is at fault.
//! Always holds: the whole handshake takes at most the time given and the frames of
//! [`LinkLimits::handshake_frame_bytes_max`]; on failure the link is closed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use vox::{
    BareConduit, ConnectionHandle, ConnectionSettings, Decline, EstablishmentRejectReason,
    HandshakeResult, IdentityResolver, Link, MaybeSend, MessagePlan, Metadata, Parity,
    PeerEvidence, VoxObserverHandle, meta_set, metadata_get_str,
};
use vox_rt::time::{Instant, timeout};
use vox_types::SplitLink;

use crate::connection::{Connection, Lanes, Scope};
use crate::fate::CloseReason;
use crate::guard::{Guard, GuardLimits, Ledger, Violation};
use crate::link::{ControlledLink, LinkControl, LinkFault, LinkLimits, Unblock};
use crate::prologue;

/// Handshake metadata key that carries the token, as `Bearer <token>`. The `#` keeps it out of
/// vox's own logs.
pub const TOKEN_METADATA_KEY: &str = "#authorization";

const CONTROL_REQUESTS_MAX: u32 = 64;
const CONTROL_CREDIT: u32 = 16;

/// The token in a peer's handshake metadata, without `Bearer`. For identity resolvers; compare
/// it in constant time.
pub fn bearer(metadata: &Metadata) -> Option<&str> {
    metadata_get_str(metadata, TOKEN_METADATA_KEY)?.strip_prefix("Bearer ")
}

/// Why a handshake came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// It took too long. The peer's or the network's fault.
    #[error("the roam handshake was not over after {0:?}")]
    TimedOut(Duration),
    /// The peer closed the link first.
    #[error("the peer closed the connection during the roam handshake")]
    PeerClosed,
    /// The link failed.
    #[error("the link failed during the roam handshake: {0}")]
    Link(#[from] LinkFault),
    /// The transport below failed in a way that only its text describes.
    #[error("the transport failed during the roam handshake: {0}")]
    Transport(String),
    /// The peer's build of roam does not interoperate with this one. Nobody's fault: update the
    /// older side.
    #[error(
        "the peer speaks version {theirs} of roam's transport, this build speaks {ours}: \
         both sides must be built with the same release of roam (vox 0.10.0-rc.5)"
    )]
    Version {
        /// The peer's version.
        theirs: u8,
        /// This build's version.
        ours: u8,
    },
    /// The first message is not roam's. The peer's fault.
    #[error("the peer's first message is not a roam prologue: {got:02x?}")]
    Prologue {
        /// The first eight bytes of it.
        got: [u8; 8],
    },
    /// The peer refused our prologue.
    #[error("the peer rejected the roam prologue (code {code})")]
    PrologueRejected {
        /// The code it gave.
        code: u8,
    },
    /// One side's policy declined the other: this side's resolver, or the peer's.
    #[error("declined: {0}{hint}", hint = decline_hint(*.0))]
    Declined(EstablishmentRejectReason),
    /// The peer's lane settings break the guard's limits. The peer's fault.
    #[error("the peer's settings are refused: {0}")]
    Violation(#[from] Violation),
    /// The peers' message schemas do not fit, or the peer broke the handshake's protocol.
    #[error("the roam handshake failed: {0}")]
    Protocol(String),
}

/// Why an [`accept`] came to nothing.
pub type AcceptError = HandshakeError;

fn decline_hint(reason: EstablishmentRejectReason) -> &'static str {
    match reason {
        EstablishmentRejectReason::Unauthenticated => " (the token is missing or wrong)",
        _ => "",
    }
}

/// How the hub accepts a connection.
#[derive(Clone)]
pub struct AcceptOptions {
    /// For the whole handshake. Default 3 s.
    pub timeout: Duration,
    /// What this side says about itself.
    pub metadata: Metadata,
    /// What the peer may do.
    pub guard: GuardLimits,
    /// What becomes of lanes that the peer opens.
    pub lanes: Lanes,
    /// Decides who the peer is, from its metadata (`claims`) and the evidence below. Default:
    /// everyone is anonymous and welcome. It must not block.
    pub identity: Arc<dyn IdentityResolver>,
    /// What the transport knows about the peer, such as its user id.
    pub evidence: PeerEvidence,
    /// Sees what vox reports about this connection.
    pub observer: Option<VoxObserverHandle>,
}

impl Default for AcceptOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(3),
            metadata: Metadata::default(),
            guard: GuardLimits::default(),
            lanes: Lanes::refused(),
            identity: Arc::new(vox::AnonymousIdentityResolver),
            evidence: PeerEvidence::none(),
            observer: None,
        }
    }
}

/// How a client connects.
#[derive(Clone)]
pub struct DialOptions {
    /// For everything, from the look-up of the name to the end of the handshake. Default 5 s.
    pub timeout: Duration,
    /// Sent in the handshake as [`TOKEN_METADATA_KEY`].
    pub token: Option<String>,
    /// What this side says about itself.
    pub metadata: Metadata,
    /// What the hub may do. Default: [`GuardLimits::facing_hub`].
    pub guard: GuardLimits,
    /// Limits of the link.
    pub link: LinkLimits,
    /// What becomes of lanes that the hub opens.
    pub lanes: Lanes,
    /// Sees what vox reports about this connection.
    pub observer: Option<VoxObserverHandle>,
}

impl Default for DialOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            token: None,
            metadata: Metadata::default(),
            guard: GuardLimits::facing_hub(),
            link: LinkLimits::default(),
            lanes: Lanes::refused(),
            observer: None,
        }
    }
}

impl fmt::Debug for AcceptOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptOptions")
            .field("timeout", &self.timeout)
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DialOptions {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DialOptions")
            .field("timeout", &self.timeout)
            .field("guard", &self.guard)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

/// Accepts a connection: the hub's end of the handshake.
pub async fn accept<L>(link: L, options: AcceptOptions) -> Result<Connection, AcceptError>
where
    L: ControlledLink,
    L::Rx: MaybeSend,
{
    let control = link.control();
    let limit = options.timeout;
    let accepting = accept_on(link, control.clone(), options);
    within(limit, &control, accepting).await
}

/// Connects over a link of the caller's own. Its sends are made never to wait.
pub async fn establish<L>(link: L, options: DialOptions) -> Result<Connection, HandshakeError>
where
    L: Link,
{
    let link = Unblock::new(link, options.link);
    initiate(link, options).await
}

/// Connects over a link of this crate: the client's end of the handshake.
pub async fn initiate<L>(link: L, options: DialOptions) -> Result<Connection, HandshakeError>
where
    L: ControlledLink,
{
    let control = link.control();
    let limit = options.timeout;
    let initiating = initiate_on(link, control.clone(), options);
    within(limit, &control, initiating).await
}

/// Adds the time limit, and the link's own reason where vox has only a text.
async fn within(
    limit: Duration,
    control: &LinkControl,
    handshake: impl Future<Output = Result<Connection, HandshakeError>>,
) -> Result<Connection, HandshakeError> {
    match timeout(limit, handshake).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(match (error, control.fate.reason()) {
            (
                HandshakeError::Transport(_) | HandshakeError::Protocol(_),
                Some(CloseReason::Link(fault)),
            ) => HandshakeError::Link(fault.clone()),
            (error, _) => error,
        }),
        Err(_elapsed) => {
            let reason = format!("no handshake within {limit:?}");
            control.fate.condemn(CloseReason::Aborted(reason));
            Err(HandshakeError::TimedOut(limit))
        }
    }
}

async fn accept_on<L: ControlledLink>(
    link: L,
    control: LinkControl,
    options: AcceptOptions,
) -> Result<Connection, HandshakeError> {
    let (tx, mut rx) = link.split();
    prologue::accept(&tx, &mut rx).await?;
    let result = vox_core::handshake_as_acceptor_with_policy(
        &tx,
        &mut rx,
        control_settings(Parity::Even),
        options.metadata,
        options.evidence,
        &*options.identity,
    )
    .await
    .map_err(from_vox)?;
    let peer_metadata = result.peer_metadata.clone();
    let scope = Scope::new(Arc::clone(&control.fate));
    let guard = guard(
        SplitLink { tx, rx },
        &control,
        &scope,
        &result,
        options.guard,
    )?;
    let runner = scope.clone();
    let mut builder = vox::acceptor_conduit(guard, result)
        .on_lane(options.lanes.bind(scope.clone()))
        .spawn_fn(move |run| runner.run(run));
    if let Some(observer) = options.observer {
        builder = builder.observer_handle(observer);
    }
    let handle = builder.establish_connection().await;
    finish(handle, scope, control, peer_metadata)
}

async fn initiate_on<L: ControlledLink>(
    link: L,
    control: LinkControl,
    options: DialOptions,
) -> Result<Connection, HandshakeError> {
    let (tx, mut rx) = link.split();
    prologue::initiate(&tx, &mut rx).await?;
    let mut metadata = options.metadata;
    if let Some(token) = options.token {
        meta_set(&mut metadata, TOKEN_METADATA_KEY, format!("Bearer {token}"));
    }
    let result = vox_core::handshake_as_initiator_with_policy(
        &tx,
        &mut rx,
        control_settings(Parity::Odd),
        metadata,
        PeerEvidence::none(),
        &vox::AnonymousIdentityResolver,
    )
    .await
    .map_err(from_vox)?;
    let peer_metadata = result.peer_metadata.clone();
    let scope = Scope::new(Arc::clone(&control.fate));
    let guard = guard(
        SplitLink { tx, rx },
        &control,
        &scope,
        &result,
        options.guard,
    )?;
    let runner = scope.clone();
    let mut builder = vox::initiator_conduit(guard, result)
        .on_lane(options.lanes.bind(scope.clone()))
        .spawn_fn(move |run| runner.run(run));
    if let Some(observer) = options.observer {
        builder = builder.observer_handle(observer);
    }
    let handle = builder.establish_connection().await;
    finish(handle, scope, control, peer_metadata)
}

type GuardedConduit<Tx, Rx> = Guard<BareConduit<vox::MessageFamily, SplitLink<Tx, Rx>>>;

fn guard<Tx: vox::LinkTx, Rx: vox::LinkRx>(
    link: SplitLink<Tx, Rx>,
    control: &LinkControl,
    scope: &Scope,
    result: &HandshakeResult,
    limits: GuardLimits,
) -> Result<GuardedConduit<Tx, Rx>, HandshakeError> {
    let plan = MessagePlan::from_handshake(result).map_err(HandshakeError::Protocol)?;
    let ledger = Ledger::new(limits, result.our_settings.parity, Instant::now());
    ledger.handshake(&result.peer_settings)?;
    control.set_frame_bytes_max(control.limits.frame_bytes_max);
    let conduit = BareConduit::with_message_plan(link, plan);
    let fate = Arc::clone(&control.fate);
    let views = (scope.answers().clone(), scope.accounts().clone());
    Ok(Guard::new(conduit, ledger, views, fate))
}

fn finish(
    handle: Result<ConnectionHandle, vox::ConnectionError>,
    scope: Scope,
    control: LinkControl,
    peer_metadata: Metadata,
) -> Result<Connection, HandshakeError> {
    let handle = handle.map_err(|error| HandshakeError::Protocol(error.to_string()))?;
    scope.bind(handle.clone());
    Ok(Connection::new(scope, handle, control, peer_metadata))
}

fn control_settings(parity: Parity) -> ConnectionSettings {
    ConnectionSettings {
        parity,
        max_concurrent_requests: CONTROL_REQUESTS_MAX,
        initial_channel_credit: CONTROL_CREDIT,
    }
}

fn from_vox(error: vox::HandshakeError) -> HandshakeError {
    match error {
        vox::HandshakeError::PeerClosed => HandshakeError::PeerClosed,
        vox::HandshakeError::Io(error) => HandshakeError::Transport(error.to_string()),
        vox::HandshakeError::Declined(Decline { reason, .. }) => HandshakeError::Declined(reason),
        vox::HandshakeError::Encode(text)
        | vox::HandshakeError::Decode(text)
        | vox::HandshakeError::Protocol(text)
        | vox::HandshakeError::Sorry(text) => HandshakeError::Protocol(text),
    }
}
