//! Builds of dodeca sites as traces, and answers about them.
//!
//! Two lines change in dodeca (`docs/dodeca.md`): picante is taken by another name, and `main` begins with
//!
//! ```no_run
//! let _hindsight = hindsight_dodeca::init();
//! ```
//!
//! In: what `hindsight-picante` sees of dodeca's queries, by their names; values of a few of them, by
//! reflection; and, where [`layer`] is among the program's subscribers, dodeca's own events. Out: one trace a
//! build, attributes `dodeca.*` on its spans, and the service `DodecaIntrospection`. Always: without
//! `HINDSIGHT_ENDPOINT` nothing happens at all; nothing here names a type of dodeca, and what another version
//! of it calls otherwise is a warning in `get_build_info`. Questions are answered on the tracer's own thread,
//! also while dodeca's only one is busy. Bounded: see `docs/limits.md`.

mod attach;
mod keeper;
mod kind;
mod layer;
mod service;
mod site;
mod tap;

use std::time::Duration;

use hindsight::Tracer;

pub use layer::{DodecaLayer, Filtered, layer};
pub use service::Introspection;
pub use site::SiteMeta;

/// How long the end of the program may wait for what is buffered.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// Keeps a program attached. Dropping it ends the build under way and sends what is buffered: keep it until
/// the end of `main`.
#[derive(Debug)]
#[must_use = "dropping the guard ends the tracing of the program"]
pub struct Guard {
    attached: Option<attach::Kept>,
}

impl Guard {
    /// Whether the program is attached.
    pub fn is_attached(&self) -> bool {
        self.attached.is_some()
    }

    /// What the program tells viewers, to be asked here; none where it is not attached.
    pub fn introspection(&self) -> Option<Introspection> {
        self.attached.as_ref().map(attach::Kept::introspection)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(attached) = &self.attached {
            attached.finish(FLUSH_TIMEOUT);
        }
    }
}

/// Attaches the program to the hub that `HINDSIGHT_ENDPOINT` names; nothing at all where it is not set. The
/// site is called after the current folder.
pub fn init() -> Guard {
    let folder = std::env::current_dir().ok();
    let name = folder.as_ref().and_then(|folder| folder.file_name());
    init_with(SiteMeta {
        name: name.map_or(String::new(), |name| name.to_string_lossy().into_owned()),
        output: String::new(),
    })
}

/// [`init`] for a site whose name or output is known.
pub fn init_with(meta: SiteMeta) -> Guard {
    let endpoint = std::env::var("HINDSIGHT_ENDPOINT").unwrap_or_default();
    match endpoint.trim().is_empty() {
        true => Guard { attached: None },
        false => attach(&Tracer::builder().lazy(), meta),
    }
}

/// Attaches the program by a tracer that it has already. A disabled tracer attaches nothing; a second call
/// replaces the site that the first one began.
pub fn attach(tracer: &Tracer, meta: SiteMeta) -> Guard {
    Guard {
        attached: attach::attach(tracer, meta),
    }
}
