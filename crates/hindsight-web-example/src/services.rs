//! What the page and its server offer.

/// What the page's server offers.
#[vox::service]
pub trait Calculator {
    /// The sum of all numbers up to `n`.
    async fn calculate(&self, n: u64) -> u64;
}

/// What the page offers: the hub may ask it.
#[vox::service]
pub trait Clicks {
    /// How often a button was clicked since the page was loaded.
    async fn clicks(&self) -> u64;
}
