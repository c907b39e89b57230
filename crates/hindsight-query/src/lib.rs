//! The query language of hindsight, used wherever spans are looked for.
//!
//! In: the text of a query, or positions in it; spans through the traits of [`view`]. Out: a checked
//! [`Query`], diagnostics with positions, verdicts, completions. Pure: no storage, clock (relative
//! times are resolved against a `now_ns` argument), IO or tasks. Everything read is bounded by
//! [`Limits`], evaluation by a [`Budget`]. The language itself, with examples, is in
//! `docs/query-language.md`.
//!
//! # What a query means
//!
//! A query is `filter | pipeline`, both optional. The filter is a predicate **on one span in its
//! trace**; a trace is in a list when at least one of its spans matches. The pipeline says what to
//! make of the matching spans ([`Pipeline`]).
//!
//! Evaluation is three-valued ([`Verdict`], Kleene's logic): a part that needs what the view does not
//! have (other spans, facts of the trace, more budget) is *unknown*, and unknown is not a match.
//!
//! ## Leaves
//!
//! * [`Expr::Text`]: the pattern occurs, case-insensitively, in the span's name, its service, its
//!   status message, a text value of its own attributes, the name of an event or a text value of an
//!   event's attributes. Within arrays, keys and the other resource and scope attributes are not
//!   looked at.
//! * [`Expr::Lens`]: some span of the trace has an attribute of its own (not of its resource, scope
//!   or events) whose key begins with the family and a dot.
//! * [`Expr::Field`]: a test of a field's values. **It holds when the field has a value that passes
//!   the test**; a field without a value passes nothing. With [`Predicate::negated`] it holds when
//!   the field has a value and none passes: `a != v` is `exists(a) and not a = v`, while `-a=v` also
//!   holds where `a` is absent.
//!
//! ## Values of fields
//!
//! * Text fields have no value while empty; `duration` and `end` have none while the span is open;
//!   `parent` has none for a root; everything else of a span always has one. `trace.duration` is
//!   the time from the trace's earliest start to its latest end (latest start while nothing has
//!   ended). `root.name` and `root.service` are those of the span without parent (the earliest if
//!   there are several), of the earliest span where no such span is stored.
//! * `span.k`, `resource.k`, `scope.k`: the value of the first attribute with key `k`. Unprefixed
//!   `k`: the span's attribute, and if it has none the resource's. `event.name` and `event.k` have
//!   the values of all events of the span, each event's first `k`.
//! * An array exists and has the values of its direct elements.
//!   Maps, bytes, nested arrays and values of unknown type exist and pass no other test.
//!
//! ## Tests, by [`Test`] and by the type of the *stored* value
//!
//! Fields with a type of their own ([`FieldType`]) are only compared with literals of that type;
//! the parser sees to it. For attributes:
//!
//! | test | text | integer, double | boolean |
//! |---|---|---|---|
//! | `Exists` | yes | yes | yes |
//! | `Like(pattern)` | case-insensitive, whole text, `*` wildcards | the same, on its spelling | on `true`, `false` |
//! | `Equal(Text)` | same characters | no | no |
//! | `Equal(Int, Float, Duration, Size)` | its text is the literal's spelling | equal as numbers | no |
//! | `Equal(Bool)` | its text is `true` or `false` | no | the same |
//! | `Order(_, Text)` | by UTF-8 bytes | no | no |
//! | `Order(_, Int, Float, Duration, Size)` | no | as numbers | no |
//! | `Matches(regex)` | found anywhere, case-sensitive | the same, on its spelling | on `true`, `false` |
//! | `In(values)` | as `Equal` with one of them | | |
//!
//! Text is thus never ordered against numbers. The *spelling* of a number is Rust's `Display` (`200`,
//! `0.5`; a double `200.0` is spelled `200`), of a literal the canonical form of [`Value`]'s
//! `Display`. Integers and doubles compare exactly, not by rounding; NaN exists and passes no other
//! test. A duration counts nanoseconds and a size bytes. *Case-insensitive* compares what
//! [`char::to_lowercase`] makes of each character.
//!
//! ## Structure
//!
//! The tree of a trace: a span's parent is the stored span of the same trace with its parent id,
//! unless that is the span itself. Cycles are cut above their earliest span (by start, then id). Of
//! several reports of one span the final, then newest one counts. Spans whose parent is not stored
//! are roots. [`Expr::Has`] asks for any span of the trace, [`Expr::Related`] for one in a
//! [`Relation`] to the span at hand; fields within them are those of the other span.

pub mod analysis;
pub mod ast;
mod budget;
mod check;
pub mod complete;
pub mod diagnostic;
pub mod field;
mod format;
pub mod heatmap;
pub mod highlight;
mod lexer;
mod limits;
mod literal;
mod matcher;
mod parse;
mod pattern;
mod syntax;
pub mod value;
mod verdict;
pub mod view;

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod fixture;

pub use analysis::{Place, Reach, Split, Usage};
pub use ast::{
    Aggregate, Direction, Expr, Function, Order, Pipeline, Predicate, Query, Relation, Sort,
    SortKey, Test,
};
pub use budget::Budget;
pub use complete::{Catalog, Completion, CompletionKind, KeyInfo, ValueInfo, ValueTypes, complete};
pub use diagnostic::{Diagnostic, QueryError, Severity};
pub use field::{AttributeScope, Field, FieldLevel, FieldType};
pub use highlight::{Class, Highlight, highlight};
pub use limits::Limits;
pub use matcher::{Found, Matcher, MatcherError, PredicateMatcher};
pub use parse::{Parsed, parse, parse_with};
pub use pattern::{Pattern, PatternMatcher};
pub use value::{TimeValue, Value};
pub use verdict::Verdict;
