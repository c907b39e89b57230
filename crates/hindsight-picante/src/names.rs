//! Interned values by id, as text: what makes keys readable.
//!
//! In: interned ingredients that are alive. Out: the text of a value. An ingredient is found by its address,
//! which is what a database tells of it ([`DbNames`]); an input, which is not told its database's other
//! ingredients, is given the one that its keys came from ([`last_interned`]). Bounded by the ingredients that
//! are alive.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};

use parking_lot::RwLock;
use picante::{IngredientLookup, InternId, QueryKindId, RuntimeId};
use rustc_hash::FxHashMap;

use crate::kind::{self, Kind};

/// Where ids are looked up.
pub(crate) trait Names {
    /// The text of a value of an interned kind.
    fn interned(&self, kind: QueryKindId, id: InternId) -> Option<String>;

    /// The kind of this id, in the database at hand.
    fn kind(&self, id: QueryKindId) -> Option<&'static Kind>;
}

/// Interned values of one ingredient.
pub(crate) trait Interner: Send + Sync {
    /// The value as text. Does not count as reading it.
    fn text(&self, id: InternId) -> Option<String>;
}

type ByAddress = FxHashMap<usize, Arc<dyn Interner>>;

static BY_ADDRESS: LazyLock<RwLock<ByAddress>> = LazyLock::new(RwLock::default);

/// Lets the ingredient at this address be found, until [`forget`].
pub(crate) fn remember(address: usize, interner: Arc<dyn Interner>) {
    BY_ADDRESS.write().insert(address, interner);
}

/// The ingredient at this address is no more.
pub(crate) fn forget(address: usize) {
    BY_ADDRESS.write().remove(&address);
}

fn at(address: usize) -> Option<Arc<dyn Interner>> {
    BY_ADDRESS.read().get(&address).cloned()
}

/// Names of a database.
pub(crate) struct DbNames<'a, DB>(pub(crate) &'a DB);

impl<DB: IngredientLookup> Names for DbNames<'_, DB> {
    fn interned(&self, kind: QueryKindId, id: InternId) -> Option<String> {
        let ingredient = self.0.ingredient(kind)?;
        at(std::ptr::from_ref(ingredient).addr())?.text(id)
    }

    fn kind(&self, id: QueryKindId) -> Option<&'static Kind> {
        kind::find(id, self.0.ingredient(id)?.kind_name())
    }
}

thread_local! {
    /// What was interned last on this thread: kind, address, id.
    static LAST: Cell<Option<(QueryKindId, usize, InternId)>> = const { Cell::new(None) };
}

/// Remembers that a value was interned on this thread.
pub(crate) fn interned(kind: QueryKindId, address: usize, id: InternId) {
    // When the thread is ending there is no need to.
    LAST.try_with(|last| last.set(Some((kind, address, id))))
        .unwrap_or_default();
}

/// Where the keys of inputs come from: picante's macro interns an input's key and sets its value directly
/// afterwards.
static OF_INPUTS: LazyLock<RwLock<FxHashMap<(RuntimeId, u32), usize>>> =
    LazyLock::new(RwLock::default);

/// Families whose inputs' interners are remembered.
const OF_INPUTS_MAX: usize = 4096;

/// Names of an input whose keys are ids of this kind.
pub(crate) struct InputNames {
    family: RuntimeId,
    interner: Option<QueryKindId>,
}

impl InputNames {
    pub(crate) fn new(family: RuntimeId, interner: Option<QueryKindId>) -> Self {
        Self { family, interner }
    }

    fn address(&self, kind: QueryKindId, id: InternId) -> Option<usize> {
        let place = (self.family, kind.0);
        let last = LAST.try_with(Cell::get).ok().flatten();
        if let Some((last_kind, address, last_id)) = last
            && (last_kind, last_id) == (kind, id)
        {
            let mut known = OF_INPUTS.write();
            if known.len() >= OF_INPUTS_MAX {
                known.clear();
            }
            known.insert(place, address);
            return Some(address);
        }
        OF_INPUTS.read().get(&place).copied()
    }
}

impl Names for InputNames {
    fn interned(&self, kind: QueryKindId, id: InternId) -> Option<String> {
        (self.interner == Some(kind)).then_some(())?;
        at(self.address(kind, id)?)?.text(id)
    }

    fn kind(&self, _id: QueryKindId) -> Option<&'static Kind> {
        None
    }
}
