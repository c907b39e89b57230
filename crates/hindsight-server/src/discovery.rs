//! Who is connected, and what they offer.
//!
//! In: tracers that attach and connections that end. Out: the list of apps with their accounts, and
//! to the engine, in order, who came and who went. Holds: an app is connected while the newest
//! connection that attached it is open; an older connection that ends later changes nothing; sums
//! over all apps include those that were forgotten. Bounded: `apps_max` apps, `services_max`
//! services each, `text_bytes_max` a text; asking an app takes at most `probe_timeout` and holds
//! up nothing.

mod app;
mod probe;
mod registry;

pub(crate) use app::{Attachment, cut_run};
pub(crate) use probe::list_services;
pub(crate) use registry::Registry;

#[cfg(test)]
mod tests;
