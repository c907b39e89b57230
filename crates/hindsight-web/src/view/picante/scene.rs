//! A graph of queries and how it is looked at: what picture and panel share, in every view that has
//! them.

use std::sync::Arc;

use hindsight_protocol::introspection::picante::QueryRef;
use hindsight_view::graph::Area;
use hindsight_view::lens::picante::{BoxText, Item, Look, Picture, Queries, Shown, Structure};

use crate::reactive::prelude::*;

/// What the reader goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Towards {
    /// This query.
    Query(QueryRef),
    /// The queries of this kind, one by one, or together again.
    Kind(String),
}

/// Takes the reader there.
type Go = Arc<dyn Fn(Towards) + Send + Sync>;

/// See the module's documentation. Copies are the same.
#[derive(Clone, Copy)]
pub(crate) struct Scene {
    queries: Signal<Arc<Queries>>,
    shown: Memo<Shown>,
    picture: Memo<Arc<Picture>>,
    go: StoredValue<Go>,
    /// The box that is pointed at or has the focus.
    lit: RwSignal<Option<usize>>,
    /// Whether the pointer or the focus is in the picture.
    is_held: RwSignal<bool>,
}

impl Scene {
    pub(crate) fn new(
        queries: Signal<Arc<Queries>>,
        look: Signal<Look>,
        go: impl Fn(Towards) + Send + Sync + 'static,
    ) -> Self {
        let shown =
            Memo::new(move |_| queries.with(|queries| look.with(|look| Shown::new(queries, look))));
        let structure = Memo::new(move |_| {
            queries.with(|queries| shown.with(|shown| Structure::new(queries, shown)))
        });
        let picture =
            Memo::new(move |_| structure.with(|structure| Arc::new(Picture::new(structure))));
        Self {
            queries,
            shown,
            picture,
            go: StoredValue::new(Arc::new(go)),
            lit: RwSignal::new(None),
            is_held: RwSignal::new(false),
        }
    }

    /// All queries.
    pub(crate) fn queries(&self) -> Signal<Arc<Queries>> {
        self.queries
    }

    /// Those that are drawn.
    pub(crate) fn shown(&self) -> Signal<Shown> {
        self.shown.into()
    }

    /// Where they stand.
    pub(crate) fn picture(&self) -> Signal<Arc<Picture>> {
        self.picture.into()
    }

    /// The texts of the box at `at`.
    pub(crate) fn text(&self, at: usize) -> BoxText {
        self.queries.with(|queries| {
            self.shown.with(|shown| match shown.items.get(at) {
                Some(item) => BoxText::new(queries, item),
                None => BoxText::default(),
            })
        })
    }

    /// Where the selected query stands.
    pub(crate) fn home(&self) -> Option<Area> {
        let at = self.shown.with(Shown::selected_item)?;
        self.picture.with(|picture| picture.boxes.get(at).copied())
    }

    /// Goes to what the box at `at` stands for.
    pub(crate) fn open(&self, at: usize) {
        let shown: Signal<Shown> = self.shown.into();
        let towards = self.queries.with_untracked(|queries| {
            shown.with_untracked(|shown| match shown.items.get(at)? {
                Item::Query(index) => Some(Towards::Query(queries.node(*index).query.clone())),
                Item::Kind(counts) => Some(Towards::Kind(counts.kind.clone())),
                Item::More(..) => None,
            })
        });
        if let Some(towards) = towards {
            self.go(towards);
        }
    }

    /// Takes the reader there.
    pub(crate) fn go(&self, towards: Towards) {
        // Called out of the place where it is kept: it may end the view.
        let go = self.go.get_value();
        go(towards);
    }

    pub(crate) fn lit(&self) -> Signal<Option<usize>> {
        self.lit.into()
    }

    /// Points at a box, or no longer at any.
    pub(crate) fn light(&self, at: Option<usize>) {
        // What has the focus loses it when the view goes.
        if self.lit.try_with_untracked(|before| *before != at) == Some(true) {
            self.lit.set(at);
        }
    }

    /// Whether boxes must stay where they are.
    pub(crate) fn is_held(&self) -> Signal<bool> {
        self.is_held.into()
    }

    pub(crate) fn hold(&self, is_held: bool) {
        if self.is_held.try_with_untracked(|before| *before != is_held) == Some(true) {
            self.is_held.set(is_held);
        }
    }
}
