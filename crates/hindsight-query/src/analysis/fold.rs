//! Replacing parts by what is known of them.

use crate::Expr;

/// Which spans a part of a query is put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The span at hand.
    Here,
    /// Other spans of its trace: the part stands within `has`, `parent` and the like.
    Elsewhere,
}

impl Expr {
    /// Puts `decide` to every part that is not a connective (`Text`, `Field`, `Lens`, `Has`,
    /// `Related`), replaces those it decides by a constant, and simplifies.
    ///
    /// An index says with it whether anything can match: what no span here can have becomes false,
    /// and if the whole becomes [`Expr::Const`] false nothing need be read. What is known of the
    /// spans at hand alone must not be said [`Place::Elsewhere`]. Parts within `Has` and `Related`
    /// are asked before the whole.
    #[must_use]
    pub fn fold(&self, decide: &mut impl FnMut(&Self, Place) -> Option<bool>) -> Self {
        self.fold_at(Place::Here, decide)
    }

    /// Without the constants that decide nothing; constant altogether if they decide all.
    #[must_use]
    pub fn simplified(&self) -> Self {
        self.fold(&mut |_, _| None)
    }

    fn fold_at(&self, place: Place, decide: &mut impl FnMut(&Self, Place) -> Option<bool>) -> Self {
        let folded = match self {
            Self::Const(value) => return Self::Const(*value),
            Self::And(members) => return fold_members(members, true, place, decide),
            Self::Or(members) => return fold_members(members, false, place, decide),
            Self::Not(inner) => return inner.fold_at(place, decide).not(),
            Self::Text(_) | Self::Field(_) | Self::Lens(_) => self.clone(),
            Self::Has(inner) => match inner.fold_at(Place::Elsewhere, decide) {
                // The trace has at least the span at hand.
                Self::Const(value) => return Self::Const(value),
                inner => Self::has(inner),
            },
            Self::Related(relation, inner) => match inner.fold_at(Place::Elsewhere, decide) {
                Self::Const(false) => return Self::Const(false),
                inner => Self::related(*relation, inner),
            },
        };
        match decide(&folded, place) {
            Some(value) => Self::Const(value),
            None => folded,
        }
    }

    /// The same with `Not` only over parts that are not connectives.
    #[must_use]
    pub fn negations_inward(&self) -> Self {
        self.inward(false)
    }

    fn inward(&self, negate: bool) -> Self {
        let members = |members: &[Self]| -> Vec<Self> {
            members.iter().map(|member| member.inward(negate)).collect()
        };
        match self {
            Self::And(all) if negate => Self::or(members(all)),
            Self::Or(all) if negate => Self::and(members(all)),
            Self::And(all) => Self::and(members(all)),
            Self::Or(all) => Self::or(members(all)),
            Self::Not(inner) => inner.inward(!negate),
            Self::Has(inner) => Self::has(inner.inward(false)).not_if(negate),
            Self::Related(relation, inner) => {
                Self::related(*relation, inner.inward(false)).not_if(negate)
            }
            leaf => leaf.clone().not_if(negate),
        }
    }

    fn not_if(self, negate: bool) -> Self {
        if negate { self.not() } else { self }
    }
}

/// `neutral` is what decides nothing: true in a conjunction, false in a disjunction.
fn fold_members(
    members: &[Expr],
    neutral: bool,
    place: Place,
    decide: &mut impl FnMut(&Expr, Place) -> Option<bool>,
) -> Expr {
    let mut kept = Vec::with_capacity(members.len());
    for member in members {
        match member.fold_at(place, decide) {
            Expr::Const(value) if value == neutral => {}
            Expr::Const(value) => return Expr::Const(value),
            member => kept.push(member),
        }
    }
    match neutral {
        true => Expr::and(kept),
        false => Expr::or(kept),
    }
}
