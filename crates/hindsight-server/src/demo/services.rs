//! What the parts say to each other.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the attribute macro generates public items without documentation"
)]

use facet::Facet;

#[vox::service]
pub trait Catalog {
    /// Articles of a category.
    async fn list(&self, category: String) -> Vec<u32>;
    /// Price of an article, in cents.
    async fn price(&self, article: u32) -> u64;
    /// Articles whose name contains a word; slow for rare words.
    async fn search(&self, word: String) -> Vec<u32>;
    /// Rebuilds the index: waits for a lock that nobody gives back.
    async fn reindex(&self) -> bool;
}

#[vox::service]
pub trait Orders {
    /// Places an order; tries the payment up to three times.
    async fn place(&self, articles: Vec<u32>) -> Result<u64, OrderError>;
}

#[vox::service]
pub trait Payments {
    /// Charges a card.
    async fn charge(&self, cents: u64) -> Result<u64, PaymentError>;
}

#[vox::service]
pub trait Docs {
    /// A page of the documentation; none if there is no such page.
    async fn render(&self, name: String) -> Option<String>;
    /// A page that is still being written; hangs, because its outline was given up half-way.
    async fn preview(&self, draft: String) -> Option<String>;
}

/// Why an order was not placed.
#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum OrderError {
    Empty,
    NotPaid(String),
}

/// Why a card was not charged.
#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum PaymentError {
    Declined,
    Unavailable,
}
