//! What the fuzzers do with bytes: one function for each place where bytes from outside are read.
//!
//! In: any bytes. Out: nothing; a function panics when something does that must not, or when what
//! was read breaks a rule (written again it reads the same, what was checked stays sound). Bounded:
//! by the input. The targets in `fuzz/` call these functions, and so do this crate's tests, with
//! [`seeds`] and changes of them.

mod batch;
mod id;
mod message;
mod query;
mod schema;
pub mod seeds;
mod w3c;

pub use batch::batch;
pub use id::trace_id;
pub use message::message;
pub use query::query;
pub use schema::schema;
pub use w3c::w3c;

/// A function and its name, under which `fuzz/` has a target.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("batch", batch),
    ("message", message),
    ("query", query),
    ("schema", schema),
    ("trace_id", trace_id),
    ("w3c", w3c),
];
