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

/// What is on the shelf. Offered through the hub.
#[vox::service]
pub trait Stock {
    /// Articles that match, in some order.
    async fn articles(&self, filter: ArticleFilter) -> Vec<Article>;
    /// One article by its number.
    async fn article(&self, number: u32) -> Result<Article, StockError>;
    /// Puts more of an article on the shelf; answers how many there are then.
    async fn restock(&self, number: u32, count: u32) -> Result<u32, StockError>;
    /// Every sale as it happens.
    async fn watch(&self, changes: vox::Tx<StockChange>) -> u64;
}

vox_schema::impl_reborrow_owned!(StockChange);

/// Which articles.
#[derive(Clone, Debug, PartialEq, Facet)]
pub struct ArticleFilter {
    /// Part of the name; empty for all.
    pub name: String,
    /// Only those of which there are so many.
    pub at_least: Option<u32>,
    /// In which order.
    pub order: Order,
}

/// The order of a list.
#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum Order {
    Number,
    Name,
    InStock { most_first: bool },
}

/// An article.
#[derive(Clone, Debug, PartialEq, Facet)]
pub struct Article {
    pub number: u32,
    pub name: String,
    /// None while it is sold out.
    pub cents: Option<u64>,
    pub in_stock: u32,
    pub tags: Vec<String>,
}

/// A sale, or a delivery.
#[derive(Clone, Debug, PartialEq, Facet)]
pub struct StockChange {
    pub number: u32,
    pub name: String,
    pub was: u32,
    pub is: u32,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum StockError {
    Unknown(u32),
}
