//! Answers about queries.

use hindsight::Tracer;

pub(crate) fn expose(_tracer: &Tracer) {}
