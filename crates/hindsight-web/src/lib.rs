//! The browser front end of hindsight, compiled to WebAssembly and built into the hub.
//!
//! In: the hub this page came from, over roam in a WebSocket; the address bar; keys and pointer.
//! Out: DOM. Holds: what is shown is shaped by `hindsight-view`, so that a terminal shows the same;
//! here is only what needs a browser, and what a browser alone has: routes and the connection's
//! state. Bounded: what is buffered from the hub (`hub::live`), rows of a list
//! (`hindsight_view::trace_list::ROWS_MAX`).
//!
//! [`route`] and the parts of [`link`] that need no browser are built and tested natively.
//! Everything else exists on wasm32 only; `cargo xtask web` builds it.
#![cfg_attr(
    target_arch = "wasm32",
    allow(
        unreachable_pub,
        reason = "leptos makes a component's properties `pub`, whatever the component is"
    )
)]

pub mod link;
pub mod route;
pub mod trace;

#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
pub mod hub;
#[cfg(target_arch = "wasm32")]
mod parts;
#[cfg(target_arch = "wasm32")]
mod reactive;
#[cfg(target_arch = "wasm32")]
mod settled;
#[cfg(target_arch = "wasm32")]
mod state;
#[cfg(target_arch = "wasm32")]
mod theme;
#[cfg(target_arch = "wasm32")]
mod view;

#[cfg(target_arch = "wasm32")]
pub use app::start;
