//! Why a tracer could not be made.

use hindsight_connect::{DialError, EndpointError, HandshakeError, LaneError};

/// Why connecting failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The endpoint's text makes no sense. The caller's fault.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The hub could not be reached or refused. The environment's fault.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The handshake over the given link failed. The peer's fault.
    #[error("the roam handshake failed: {0}")]
    Handshake(HandshakeError),
    /// The peer does not offer the hub's service. The peer's fault.
    #[error("the peer is no hindsight hub: {0}")]
    NoHubService(#[from] LaneError),
    /// The hub refused the tracer.
    #[error("the hub refused the tracer: {0}")]
    Refused(String),
    /// The exporter's thread could not be started. The environment's fault.
    #[error("cannot start the exporter thread: {0}")]
    Thread(#[from] std::io::Error),
    /// The exporter ended while connecting.
    #[error("the exporter ended before it was connected")]
    ExporterGone,
}
