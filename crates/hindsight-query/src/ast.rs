//! The form of a query after parsing: no positions, no syntax, canonical.
//!
//! What comes out of the parser always holds the rules that the constructors of [`Expr`] enforce:
//! `And` and `Or` have at least two members and none of their own kind, `Not` is neither over `Not`
//! nor over a constant. Two queries that differ only in spelling are equal. What a query means is
//! written at the top of this crate.

mod pipeline;

pub use pipeline::{Aggregate, Direction, Function, Pipeline, Sort, SortKey};

use crate::{Field, Pattern, Value};

/// A whole query: which spans, and what to make of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which spans; [`Expr::Const`] true when the text names none.
    pub filter: Expr,
    /// What follows the first `|`. None: the spans themselves, in no stated order.
    pub pipeline: Option<Pipeline>,
}

/// A predicate on a span in its trace.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Every span (`*`) or none (`-*`).
    Const(bool),
    /// All of them; two or more.
    And(Vec<Expr>),
    /// At least one of them; two or more.
    Or(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// Free text: the pattern occurs somewhere in the span's texts.
    Text(Pattern),
    /// A test of a field.
    Field(Predicate),
    /// `lens:picante`: an attribute key of the trace begins with this and a dot.
    Lens(String),
    /// `has(p)`: some span of the trace matches, perhaps this one.
    Has(Box<Expr>),
    /// `parent(p)` and the like: some span in this relation matches.
    Related(Relation, Box<Expr>),
}

/// Which spans of the tree, seen from the span at hand. None of them is the span itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Its parent.
    Parent,
    /// One of its direct children.
    Child,
    /// A span on the way up: parent, parent's parent, ...
    Ancestor,
    /// A span anywhere below.
    Descendant,
    /// Another child of its parent; roots have none.
    Sibling,
}

/// A test of a field's values.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// What is tested.
    pub field: Field,
    /// `!=`, `!~`, `not in`: the field has a value and none passes. Only with [`Test::Equal`],
    /// [`Test::Matches`] and [`Test::In`].
    pub negated: bool,
    /// How.
    pub test: Test,
}

/// What a value must pass.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `exists(k)`: there is a value.
    Exists,
    /// `k:pattern` on text fields and attributes.
    Like(Pattern),
    /// `k = v`; also `k:v` on fields that are neither text nor attributes.
    Equal(Value),
    /// `k < v` and the like; not on text fields.
    Order(Order, Value),
    /// `k ~ regex`: the source of a regular expression of the `regex` crate, found anywhere.
    Matches(String),
    /// `k in (a, b)`: equal to one of them; one or more.
    In(Vec<Value>),
}

/// How an ordered comparison goes, value of the field first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl Query {
    /// Every span, as it is.
    pub const ALL: Self = Self {
        filter: Expr::Const(true),
        pipeline: None,
    };
}

impl Default for Query {
    fn default() -> Self {
        Self::ALL
    }
}

impl From<Expr> for Query {
    fn from(filter: Expr) -> Self {
        Self {
            filter,
            pipeline: None,
        }
    }
}

impl Expr {
    /// All of `members`; true if there are none.
    pub fn and(members: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for member in members {
            match member {
                Self::And(inner) => all.extend(inner),
                member => all.push(member),
            }
        }
        Self::joined(all, true, Self::And)
    }

    /// One of `members`; false if there are none.
    pub fn or(members: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for member in members {
            match member {
                Self::Or(inner) => all.extend(inner),
                member => all.push(member),
            }
        }
        Self::joined(all, false, Self::Or)
    }

    fn joined(mut members: Vec<Self>, empty: bool, join: fn(Vec<Self>) -> Self) -> Self {
        match (members.pop(), members.is_empty()) {
            (None, _) => Self::Const(empty),
            (Some(only), true) => only,
            (Some(last), false) => {
                members.push(last);
                join(members)
            }
        }
    }

    /// The opposite. Named as in the language.
    #[expect(
        clippy::should_implement_trait,
        reason = "`!expr` would read as code, not as a query"
    )]
    pub fn not(self) -> Self {
        match self {
            Self::Const(value) => Self::Const(!value),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// `field` passes `test`.
    pub fn field(field: Field, test: Test) -> Self {
        Self::Field(Predicate {
            field,
            negated: false,
            test,
        })
    }

    /// Some span of the trace matches.
    pub fn has(inner: Self) -> Self {
        Self::Has(Box::new(inner))
    }

    /// Some span in `relation` matches.
    pub fn related(relation: Relation, inner: Self) -> Self {
        Self::Related(relation, Box::new(inner))
    }
}

impl Relation {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Parent,
        Self::Child,
        Self::Ancestor,
        Self::Descendant,
        Self::Sibling,
    ];

    /// The function's name in the language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Child => "child",
            Self::Ancestor => "ancestor",
            Self::Descendant => "descendant",
            Self::Sibling => "sibling",
        }
    }
}

impl Order {
    /// The operator.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    /// Whether a value that compares like this with the literal passes.
    pub const fn admits(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterEqual => ordering.is_ge(),
        }
    }
}
