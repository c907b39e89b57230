//! Who is connected, and what they offer.
//!
//! In: tracers that attach and connections that end. Out: the list of apps with their accounts, and
//! to the engine, in order, who came and who went. Holds: an app is connected while the newest
//! connection that attached it is open; an older connection that ends later changes nothing; what an
//! app offered is remembered after it has gone; sums over all apps include those that were forgotten.
//! Bounded: `apps_max` apps, `services_max` services and `offers_bytes_max` bytes of offers each,
//! `text_bytes_max` a text; asking an app takes at most `probe_timeout` and holds up nothing; who
//! watches gets news at most every `news_interval`, and is cut off when it does not read.

mod app;
mod news;
mod offers;
mod probe;
mod registry;
mod watch;

pub(crate) use app::{Attachment, cut_run};
pub(crate) use offers::Offers;
pub(crate) use probe::list_services;
pub(crate) use registry::{Registry, RouteError};
pub(crate) use watch::{WatchEnd, Watcher};

#[cfg(test)]
mod tests;
