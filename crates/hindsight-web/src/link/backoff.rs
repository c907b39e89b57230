//! How long to wait before the hub is called again.

use std::time::Duration;

#[cfg(test)]
mod tests;

/// First pause.
const FIRST: Duration = Duration::from_millis(250);
/// Longest pause.
const LONGEST: Duration = Duration::from_secs(5);

/// Pauses that double from a quarter of a second to five, less up to a quarter by chance: pages
/// that lost the same hub do not come back at the same moment.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more failure; `chance` is from 0 to 1.
    pub fn next(&mut self, chance: f64) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        doubled
            .min(LONGEST)
            .mul_f64(1.0 - chance.clamp(0.0, 1.0) / 4.0)
    }

    /// The hub answered.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}
