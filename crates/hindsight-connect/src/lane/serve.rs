//! Lanes that the peer opened and this side serves.

use std::sync::Arc;

use vox::facet::Shape;
use vox::{
    Caller, Driver, DriverReplySink, Handler, MethodId, PendingLane, RequestCall,
    SchemaRecvTracker, SelfRef,
};

use crate::connection::Scope;
use crate::guard::AnswerShapes;

/// Serves a lane that the peer opened. Unlike with `PendingLane::handle_with`, the lane is dropped
/// when the connection is aborted, even if it is stuck, and a call that is cancelled or panics
/// does not spoil later calls of the same method.
pub fn serve_lane<H>(scope: &Scope, lane: PendingLane, handler: H)
where
    H: Handler<DriverReplySink> + 'static,
{
    scope.drive(served(scope, lane, handler));
}

/// As [`serve_lane`], and returns a caller for the same lane: for its snapshots, and for calls
/// back to the peer.
pub fn serve_lane_with_caller<H>(scope: &Scope, lane: PendingLane, handler: H) -> Caller
where
    H: Handler<DriverReplySink> + 'static,
{
    let driver = served(scope, lane, handler);
    let caller = Caller::new(driver.caller());
    scope.drive(driver);
    caller
}

fn served<H>(scope: &Scope, lane: PendingLane, handler: H) -> Driver<Served<H>>
where
    H: Handler<DriverReplySink> + 'static,
{
    let handle = lane.into_handle();
    let handler = Arc::new(handler);
    let shapes: Arc<dyn AnswerShapes> = Arc::new(Shapes(Arc::clone(&handler)));
    scope.answers().serve(handle.lane_id().0, shapes);
    Driver::new(handle, Served(handler))
}

/// A handler that the guard can ask for the shapes of its answers.
struct Served<H>(Arc<H>);

impl<H: Handler<DriverReplySink>> Handler<DriverReplySink> for Served<H> {
    fn args_have_channels(&self, method: MethodId) -> bool {
        self.0.args_have_channels(method)
    }

    fn response_wire_shape(&self, method: MethodId) -> Option<&'static Shape> {
        self.0.response_wire_shape(method)
    }

    async fn handle(
        &self,
        call: SelfRef<RequestCall<'static>>,
        reply: DriverReplySink,
        schemas: Arc<SchemaRecvTracker>,
    ) {
        self.0.handle(call, reply, schemas).await;
    }
}

struct Shapes<H>(Arc<H>);

impl<H: Handler<DriverReplySink>> AnswerShapes for Shapes<H> {
    fn answer_shape(&self, method: MethodId) -> Option<&'static Shape> {
        self.0.response_wire_shape(method)
    }
}
