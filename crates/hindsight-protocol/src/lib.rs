//! The serializable types and roam services of hindsight, and the W3C trace context codecs.
//!
//! In: nothing but values. Out: wire types (every field has a default, so that peers of other
//! versions can be read), columns of spans, header texts. No clock, randomness or IO. Sizes are
//! bounded by whoever hands bytes in; structure is checked by [`SpanBatch::check`].

pub mod batch;
pub mod hub;
pub mod id;
pub mod introspection;
pub mod service;
pub mod span;
pub mod value;
pub mod w3c;

pub use batch::{BatchBuilder, CheckedBatch, SpanBatch};
pub use hub::{HubError, LiveEvent, TracerAccounts, TracerId};
pub use id::{InvalidId, SpanId, TraceId};
pub use introspection::dodeca::{
    DodecaIntrospection, DodecaIntrospectionClient, DodecaIntrospectionDispatcher,
    dodeca_introspection_service_descriptor,
};
pub use introspection::picante::{
    PicanteIntrospection, PicanteIntrospectionClient, PicanteIntrospectionDispatcher,
    picante_introspection_service_descriptor,
};
pub use introspection::roam::{
    RoamIntrospection, RoamIntrospectionClient, RoamIntrospectionDispatcher,
    roam_introspection_service_descriptor,
};
pub use service::{
    HindsightService, HindsightServiceClient, HindsightServiceDispatcher, ServiceIntrospection,
    ServiceIntrospectionClient, ServiceIntrospectionDispatcher,
    hindsight_service_service_descriptor, service_introspection_service_descriptor,
};
pub use span::{Event, Link, OPEN_END_NS, Resource, Scope, Span, SpanKind, SpanState, StatusCode};
pub use value::{KeyValue, Value};
