//! Lists whose rows stay with their keys, and parts that are there or not.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use leptos::children::{ChildrenFn, ViewFn};
use leptos::prelude as theirs;
use leptos::prelude::*;

/// What tells rows apart: 128 bits, in which no two keys of a list are the same by chance.
type Digest = u128;

fn digest(key: &impl Hash) -> Digest {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        key.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// A row that may have to be made.
struct Row {
    key: Digest,
    make: Box<dyn FnOnce() -> AnyView + Send>,
}

/// A row for each of `each`; one whose `key` was there before stays as it is.
#[component]
pub(crate) fn For<E, I, T, F, K, C, V>(
    /// What there is to show.
    each: E,
    /// What tells rows apart.
    key: F,
    /// The row of one.
    children: C,
) -> AnyView
where
    E: Fn() -> I + Send + 'static,
    F: Fn(&T) -> K + Send + 'static,
    C: Fn(T) -> V + Send + Sync + 'static,
    I: IntoIterator<Item = T>,
    T: Send + 'static,
    K: Hash,
    V: IntoView + 'static,
{
    let children = Arc::new(children);
    let rows = move || {
        let row = |item: T| {
            let (key, children) = (digest(&key(&item)), Arc::clone(&children));
            let make = Box::new(move || children(item).into_any());
            Row { key, make }
        };
        each().into_iter().map(row).collect()
    };
    list(Box::new(rows))
}

#[inline(never)]
fn list(rows: Box<dyn Fn() -> Vec<Row> + Send>) -> AnyView {
    let props = theirs::ForProps::builder()
        .each(rows)
        .key(|row: &Row| row.key)
        .children(|row: Row| (row.make)())
        .build();
    theirs::For(props).into_any()
}

/// Its children while `when`, else `fallback`.
#[component]
pub(crate) fn Show<W>(
    /// Whether.
    when: W,
    /// What is there otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What is there then.
    children: ChildrenFn,
) -> AnyView
where
    W: Fn() -> bool + Send + Sync + 'static,
{
    show(Box::new(when), fallback, children)
}

#[inline(never)]
fn show(
    when: Box<dyn Fn() -> bool + Send + Sync>,
    fallback: ViewFn,
    children: ChildrenFn,
) -> AnyView {
    let when = super::Memo::new(move |_| when());
    let shown = move || match when.get() {
        true => children(),
        false => fallback.run(),
    };
    shown.into_any()
}
