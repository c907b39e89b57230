//! What the parts say to each other.

/// Sums.
#[vox::service]
pub trait Calculator {
    /// The sum of the numbers up to `n`, at the current rate.
    async fn calculate(&self, n: u64) -> u64;

    /// Changes the rate, in percent, and reads the numbers up to `n` again; answers how many they are.
    async fn set_rate(&self, percent: u64, n: u64) -> u64;
}

/// A site.
#[vox::service]
pub trait Site {
    /// Builds the site anew; answers the number of its pages.
    async fn build(&self) -> u64;
}
