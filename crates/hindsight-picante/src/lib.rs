//! picante, with spans for its queries and answers about them.
//!
//! A program takes this crate in place of picante and changes nothing else:
//!
//! ```toml
//! picante = { package = "hindsight-picante", git = "..." }
//! ```
//!
//! ```ignore
//! use picante::WithTracer;
//!
//! let runtime = Runtime::new().with_tracer(tracer);
//! let result = db.my_query.get(&db, key).await?;
//! ```
//!
//! In: calls of a program that was written for picante. Out: the same answers; spans with the attributes of
//! [`hindsight_protocol::introspection::picante::attribute`], and the service `PicanteIntrospection`.
//! Always: without a tracer, a tap or an observer every call goes straight to picante. Bounded: see
//! `docs/limits.md`; what was forgotten is counted and told.
//!
//! Everything of picante is here under its name. Three types stand in front of picante's own:
//! [`DerivedIngredient`], [`InputIngredient`] and [`InternedIngredient`].

mod access;
mod adapter;
mod adopt;
pub mod ingredient;
mod install;
mod introspection;
mod key_text;
mod kind;
mod names;
mod recorder;

// A facade has every name of what it stands for; those declared here win over the glob.
pub use picante::*;

pub use access::{Access, Dependency, Op, Outcome, Phase};
pub use adapter::{Adapter, InputChange, adapt};
pub use ingredient::{DerivedIngredient, InputIngredient, InternedIngredient};
pub use install::{WithTracer, install, observe, register, spawn, tap};
pub use introspection::Introspection;
