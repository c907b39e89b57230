//! Kinds of queries, inputs and interned values, and how often each was asked.
//!
//! In: what ingredients are made of. Out: one [`Kind`] for each id and name, for good. Always: an ingredient
//! of the same id and name has the same kind, whichever database or snapshot it belongs to. Bounded by the
//! program's text: names are static.

mod counts;

use std::sync::LazyLock;

use parking_lot::RwLock;
use picante::{Key, QueryKindId};
use rustc_hash::FxHashMap;

pub(crate) use counts::Counts;

use crate::names::Names;

/// What an ingredient holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Derived,
    Input,
    Interned,
}

/// Writes a key of a kind as text; none if it is not one.
pub(crate) type Render = fn(&Key, &Kind, &dyn Names) -> Option<String>;

/// A kind of ingredient.
pub(crate) struct Kind {
    pub(crate) id: QueryKindId,
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    /// Where ids in its keys can be looked up, where the keys are nothing but ids.
    pub(crate) interner: Option<QueryKindId>,
    pub(crate) counts: Counts,
    render: Render,
}

impl Kind {
    /// The key as text.
    pub(crate) fn key_text(&self, key: &Key, names: &dyn Names) -> String {
        (self.render)(key, self, names).unwrap_or_else(|| format!("#{:016x}", key.hash()))
    }

    /// Whether values come from outside.
    pub(crate) fn is_input(&self) -> bool {
        self.class != Class::Derived
    }
}

type Kinds = FxHashMap<(u32, &'static str), &'static Kind>;

static KINDS: LazyLock<RwLock<Kinds>> = LazyLock::new(RwLock::default);

/// The kind with this id and name, made if it is new.
pub(crate) fn kind(
    id: QueryKindId,
    name: &'static str,
    class: Class,
    interner: Option<QueryKindId>,
    render: Render,
) -> &'static Kind {
    if let Some(kind) = find(id, name) {
        return kind;
    }
    let mut kinds = KINDS.write();
    kinds.entry((id.0, name)).or_insert_with(|| {
        Box::leak(Box::new(Kind {
            id,
            name,
            class,
            interner,
            counts: Counts::default(),
            render,
        }))
    })
}

/// The kind with this id and name.
pub(crate) fn find(id: QueryKindId, name: &'static str) -> Option<&'static Kind> {
    KINDS.read().get(&(id.0, name)).copied()
}

/// All kinds.
pub(crate) fn all() -> Vec<&'static Kind> {
    KINDS.read().values().copied().collect()
}
