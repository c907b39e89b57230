//! What apps tell about themselves when they are asked: one module per service, data only.
//!
//! In and out: messages of roam services that an *app* offers and a viewer calls, through the hub. Holds:
//! every field has a default, so that an app of another version can be read; words of a closed set (states,
//! outcomes, kinds of events) travel as strings, because an unknown variant of an enum would fail the whole
//! answer. Bounded by who answers: each list says in `total` or `is_cut` what it left out.
//!
//! [`service`] is offered by every traced app. The others come with an adapter: the hub knows none of them
//! by name, and viewers turn a lens on when an app lists the service.

pub mod dodeca;
pub mod picante;
pub mod roam;
pub mod service;

use facet::Facet;

pub use service::{
    DescribeServiceReply, DescribeServiceRequest, HasMethodReply, HasMethodRequest,
    ListServicesReply, ListServicesRequest, MethodInfo, ServiceInfo,
};

/// How a stream of events ended, from the side that told them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct StreamEnd {
    /// Events that were told.
    #[facet(default)]
    pub told: u64,
    /// Events that were left out because the reader did not keep up.
    #[facet(default)]
    pub dropped: u64,
    /// Why it ended, in words: `"the reader closed the stream"`, `"the reader stalled"`, ...
    #[facet(default)]
    pub reason: String,
}

/// Asks for a stream of events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct StreamRequest {
    /// Only events whose kind is among these; all if empty.
    #[facet(default)]
    pub kinds: Vec<String>,
}
