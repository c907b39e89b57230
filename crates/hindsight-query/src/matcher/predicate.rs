//! One predicate made ready, put to single values: for executors that look at columns.

use hindsight_protocol::TraceId;
use hindsight_protocol::batch::ValueRef;

use super::MatcherError;
use super::test::{Reading, ValueTest};
use crate::{Limits, Predicate};

/// The test of a [`Predicate`], made ready. It knows neither the field's way to its values nor
/// [`Predicate::negated`]: those are the executor's.
#[derive(Clone, Debug)]
pub struct PredicateMatcher {
    test: ValueTest,
}

impl PredicateMatcher {
    /// Makes the test ready, with `now_ns` for relative times and [`Limits::DEFAULT`].
    pub fn new(predicate: &Predicate, now_ns: u64) -> Result<Self, MatcherError> {
        let test = ValueTest::new(&predicate.test, now_ns, &Limits::DEFAULT)?;
        Ok(Self { test })
    }

    /// Whether the value of an attribute passes.
    pub fn passes(&self, value: ValueRef<'_>) -> bool {
        self.test.passes(Reading::Attribute(value))
    }

    /// Whether the text of a field passes; the empty text is no value and never does.
    pub fn passes_text(&self, text: &str) -> bool {
        self.test.passes(Reading::Text(text))
    }

    /// Whether a count, a duration or a time passes.
    pub fn passes_number(&self, number: u64) -> bool {
        self.test.passes(Reading::Number(number))
    }

    /// Whether a status, a kind or a state passes.
    pub fn passes_code(&self, code: u8) -> bool {
        self.test.passes(Reading::Code(code))
    }

    /// Whether the id of a trace passes.
    pub fn passes_trace(&self, id: TraceId) -> bool {
        self.test.passes(Reading::Trace(id))
    }
}
