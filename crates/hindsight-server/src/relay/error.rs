//! Why a lane is not relayed.

use hindsight_protocol::TracerId;
use vox::LaneRejectReason;

use super::places::NoPlace;
use crate::discovery::RouteError;
use crate::telemetry::Reason;

/// Why a lane is not relayed. The viewer's fault, or how things stand.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum RelayError {
    #[error("this connection may not reach apps: it comes from another site's page")]
    Forbidden,
    #[error("{named:?} is no tracer id: an app is named by 32 hex digits")]
    NotAnId { named: String },
    #[error("a lane for an app must state its channel credit in its metadata")]
    NoCredit,
    #[error("{0}")]
    Route(RouteError),
    #[error("the connection of app {tracer} is not ready")]
    NotReady { tracer: TracerId },
    #[error("{0}")]
    NoPlace(#[from] NoPlace),
}

impl RelayError {
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Forbidden => Reason::CallForbidden,
            Self::NoPlace(_) => Reason::RelayLanesMax,
            Self::NotAnId { .. } | Self::NoCredit | Self::Route(_) | Self::NotReady { .. } => {
                Reason::RelayRefused
            }
        }
    }

    pub(super) fn lane_reason(&self) -> LaneRejectReason {
        match self {
            Self::Forbidden => LaneRejectReason::Forbidden,
            Self::Route(RouteError::NotListed { .. } | RouteError::Gone { .. })
            | Self::NotReady { .. } => LaneRejectReason::NotReady,
            Self::NotAnId { .. } | Self::Route(_) => LaneRejectReason::UnknownService,
            Self::NoCredit | Self::NoPlace(_) => LaneRejectReason::PolicyRejected,
        }
    }
}
