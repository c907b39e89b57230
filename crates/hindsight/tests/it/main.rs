//! The tracer against a real hub, in this process, over real sockets.

mod context;
mod delivery;
mod expose;
mod limits;
mod open_spans;

use hindsight::{Tracer, TracerBuilder};
use hindsight_testkit::hub::Hub;

/// A tracer for `hub`, to be set up further.
fn tracer(hub: &Hub) -> TracerBuilder {
    Tracer::builder()
        .endpoint(hub.address())
        .service_name("test")
}
