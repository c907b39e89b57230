//! Limits of lanes between viewers and apps.

use std::time::Duration;

/// How many lanes the hub relays, and how long they may take. What one lane may carry is in the guard's
/// [`RelayedLimits`](hindsight_connect::RelayedLimits). The sums stay below what an app's own guard
/// allows its hub ([`GuardLimits::facing_hub`](hindsight_connect::GuardLimits::facing_hub)), so that no
/// viewer, nor all together, make an app end its connection.
#[derive(Clone, Debug)]
pub struct RelayLimits {
    /// Lanes in all. Default 1,024.
    pub lanes_max: usize,
    /// Lanes of one viewer's connection. Default 32.
    pub lanes_per_viewer_max: usize,
    /// Lanes to one app's connection. Default 200.
    pub lanes_per_app_max: usize,
    /// Lanes opened to one app's connection in a burst. Default 1,000.
    pub opens_per_app_burst: u32,
    /// Lane opens per second that refill the burst. Default 32.
    pub opens_per_app_per_sec: u32,
    /// Longest time an app may take to accept a lane. Default 2 s.
    pub open_timeout: Duration,
    /// Longest time in which nothing is read of what waits on a lane. Default 5 s.
    pub stall_timeout: Duration,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            lanes_max: 1_024,
            lanes_per_viewer_max: 32,
            lanes_per_app_max: 200,
            opens_per_app_burst: 1_000,
            opens_per_app_per_sec: 32,
            open_timeout: Duration::from_secs(2),
            stall_timeout: Duration::from_secs(5),
        }
    }
}
