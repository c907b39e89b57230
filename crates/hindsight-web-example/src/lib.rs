//! A page that traces itself: a click makes a span, calls the page's server over roam, and the server
//! goes on with the trace.
//!
//! In: clicks. Out: spans of two apps in one trace, at the hub that the page's address names
//! (`?hub=localhost:1990`). The page is this library compiled to WebAssembly (`cargo xtask web
//! --example`); natively there are only the services. The server is this package's program.

#[cfg(target_arch = "wasm32")]
mod page;
#[allow(
    missing_docs,
    reason = "roam's macro writes functions without documentation"
)]
mod services;

#[cfg(target_arch = "wasm32")]
pub use page::start;
pub use services::{
    Calculator, CalculatorClient, CalculatorDispatcher, Clicks, ClicksDispatcher,
    clicks_service_descriptor,
};
