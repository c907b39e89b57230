//! The shape of dodeca, attached to a real hub: what it tells of its builds.
//!
//! Queries are watched for the whole process, so one test runs at a time.

mod attached;
mod build;
mod events;
mod hub;
mod rebuild;
mod relayed;
mod text;
