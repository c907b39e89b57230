//! The service that `front` calls and `back` offers.

#[vox::service]
pub trait Calculator {
    /// The sum of all numbers up to `n`.
    async fn calculate(&self, n: u64) -> u64;
}
