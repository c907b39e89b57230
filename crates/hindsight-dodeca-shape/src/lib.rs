//! A small site generator in the shape of dodeca: the same queries over the same inputs, with the same
//! keys, spans and events, and nothing of what makes them expensive.
//!
//! In: a [`Site`] in memory, and changes of its files. Out: pages, and what `hindsight-dodeca` makes of how
//! they came about. Holds, as in dodeca: everything runs on one thread, a build is one query, in serve mode
//! each request and each rendering after a change runs on a snapshot of the database, a page renders from the
//! whole tree, and inputs are set on a blocking thread. Bounded by the site.
//!
//! dodeca itself takes too long to build for a test, and needs more than the registry has. The names that
//! matter are in [`crate::Site`]'s files and in the module of queries; `docs/dodeca.md` says what was compared.

mod build;
mod database;
mod queries;
mod render;
mod script;
mod serve;
mod site;
mod steps;
mod value;

pub use build::{Build, BuildError, build};
pub use script::{Edit, edits};
pub use serve::{Response, Server};
pub use site::Site;
pub use steps::Steps;
