//! Two lanes joined into one, as a hub does between a viewer and an app.
//!
//! In: a lane that a viewer opened and the one that was opened for it at an app. Out: all messages of
//! either side at the other one, unread, and why it ended. Always holds: when one side ends, stalls, or
//! exceeds a limit of its guard, both lanes are closed, also when the future is dropped; neither
//! connection waits for the other, because a send on a link never waits; the connections live.
//! Bounded: by the guards of both connections ([`RelayedLimits`](crate::RelayedLimits)), and by the
//! queue of each link.
//!
//! What counts as a stall: on some channel of the lane, as many items as there is credit for wait for
//! their reader, and for a whole `stall` none of them was consumed. So it is data that waits and does
//! not move. These are no stalls: a lane without calls; a call that takes long; a stream whose sender
//! has nothing to say; a reader that is slow and reads on. A reader that stopped while less than its
//! credit came is not told apart from a quiet stream, and costs no more than one. A peer that stopped
//! reading its socket with more to write than fits there ends with its whole connection, after
//! [`LinkLimits::stall_timeout`](crate::LinkLimits::stall_timeout).

use std::fmt;
use std::time::Duration;

use vox::{ConnectionError, LaneHandle, LaneId};
use vox_rt::time::sleep;

use crate::connection::Scope;
use crate::guard::Violation;

/// How often within a `stall` a relay is looked at.
const LOOKS: u32 = 5;

/// Why a relay ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RelayEnd {
    /// One of the sides closed its lane, or its connection ended.
    Closed,
    /// Items waited for their reader for this long and none was consumed.
    Stalled(Duration),
    /// One of the sides exceeded a limit of relayed lanes.
    Limit(Violation),
}

impl fmt::Display for RelayEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("one side closed the lane"),
            Self::Stalled(time) => write!(f, "nothing of what waits was read for {time:?}"),
            Self::Limit(violation) => violation.fmt(f),
        }
    }
}

/// One side of a relay: a lane and the connection it belongs to. Dropping it closes the lane.
pub struct RelaySide {
    scope: Scope,
    lane: LaneId,
    handle: Option<LaneHandle>,
}

impl fmt::Debug for RelaySide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelaySide")
            .field("lane", &self.lane)
            .finish_non_exhaustive()
    }
}

impl RelaySide {
    /// A lane of the connection that `scope` belongs to.
    pub fn new(scope: &Scope, handle: LaneHandle) -> Self {
        Self {
            scope: scope.clone(),
            lane: handle.lane_id(),
            handle: Some(handle),
        }
    }
}

impl Drop for RelaySide {
    /// vox closes a lane that it handed out only when it is asked to.
    fn drop(&mut self) {
        super::close_in_background(&self.scope, self.lane);
    }
}

/// Joins the lanes until one side ends, exceeds a limit, or leaves data unread for `stall`.
pub async fn relay(mut viewer: RelaySide, mut app: RelaySide, stall: Duration) -> RelayEnd {
    let (Some(left), Some(right)) = (viewer.handle.take(), app.handle.take()) else {
        return RelayEnd::Closed;
    };
    let joined = async {
        // It fails for lanes of equal parity only, which those of an acceptor and an opener are not.
        let _joined: Result<(), ConnectionError> = vox::proxy_lanes(left, right).await;
    };
    // The viewer's guard sees the items of both directions.
    let stalled = async {
        loop {
            sleep(stall / LOOKS).await;
            let unread = viewer.scope.unread_for(viewer.lane);
            if unread.is_some_and(|unread| unread >= stall) {
                return;
            }
        }
    };
    tokio::select! {
        biased;
        () = joined => {}
        () = stalled => return RelayEnd::Stalled(stall),
    }
    let of_app = || app.scope.take_lane_fault(app.lane);
    let fault = viewer.scope.take_lane_fault(viewer.lane).or_else(of_app);
    fault.map_or(RelayEnd::Closed, RelayEnd::Limit)
}
