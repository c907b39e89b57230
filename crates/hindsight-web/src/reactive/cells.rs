//! Values that are set.
//!
//! Holds: whoever reads a value in an effect, a memo or a part of a view is told when it is set.
//! Reading one whose view is gone panics, as with Leptos, and setting it does nothing; the methods with `try` say so instead.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::{Arc, RwLock};

use leptos::prelude::{ArcTrigger, GetValue, Notify, StoredValue, Track};

/// Those who read the value, and the value.
struct Cell<V: ?Sized> {
    readers: ArcTrigger,
    value: V,
}

/// A cell of any value.
type AnyCell = Arc<Cell<dyn Any + Send + Sync>>;

fn cell<T: Send + Sync + 'static>(value: T) -> AnyCell {
    Arc::new(Cell {
        readers: ArcTrigger::new(),
        value: RwLock::new(value),
    })
}

/// What is in a cell of a `T`.
fn lock<T: 'static>(cell: &AnyCell) -> &RwLock<T> {
    let value = cell.value.downcast_ref();
    value.expect("a handle is made with its cell, of one type")
}

fn read<T: 'static, O>(cell: &AnyCell, with: impl FnOnce(&T) -> O) -> O {
    with(&lock(cell).read().expect("a panic ends the program"))
}

fn write<T: 'static, O>(cell: &AnyCell, with: impl FnOnce(&mut T) -> O) -> O {
    with(&mut lock(cell).write().expect("a panic ends the program"))
}

/// Where a cell is kept for as long as its view is there.
#[derive(Clone, Copy)]
pub(super) struct Place(StoredValue<AnyCell>);

impl Place {
    fn new(cell: AnyCell) -> Self {
        Self(StoredValue::new(cell))
    }

    #[inline(never)]
    fn find(self) -> Option<AnyCell> {
        self.0.try_get_value()
    }

    #[inline(never)]
    #[track_caller]
    fn get(self) -> AnyCell {
        self.find().expect("the view of a signal is there")
    }

    #[inline(never)]
    #[track_caller]
    fn get_tracked(self) -> AnyCell {
        let cell = self.get();
        cell.readers.track();
        cell
    }

    #[track_caller]
    pub(super) fn track(self) {
        self.get_tracked();
    }

    pub(super) fn with<T: 'static, O>(self, tracked: bool, with: impl FnOnce(&T) -> O) -> O {
        let cell = match tracked {
            true => self.get_tracked(),
            false => self.get(),
        };
        read(&cell, with)
    }

    pub(super) fn try_with<T: 'static, O>(self, with: impl FnOnce(&T) -> O) -> Option<O> {
        Some(read(&*self.find().as_ref()?, with))
    }
}

/// A value that is set. Copies are the same.
pub(crate) struct RwSignal<T> {
    pub(super) place: Place,
    of: PhantomData<fn() -> T>,
}

impl<T> Copy for RwSignal<T> {}

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Default + Send + Sync + 'static> Default for RwSignal<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            place: Place::new(cell(value)),
            of: PhantomData,
        }
    }

    pub(crate) fn track(&self) {
        self.place.track();
    }

    pub(crate) fn with<O>(&self, with: impl FnOnce(&T) -> O) -> O {
        self.place.with(true, with)
    }

    pub(crate) fn with_untracked<O>(&self, with: impl FnOnce(&T) -> O) -> O {
        self.place.with(false, with)
    }

    pub(crate) fn try_with_untracked<O>(&self, with: impl FnOnce(&T) -> O) -> Option<O> {
        self.place.try_with(with)
    }

    pub(crate) fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    pub(crate) fn try_get_untracked(&self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_untracked(T::clone)
    }

    /// Nothing happens where the view of the signal is gone.
    pub(crate) fn update(&self, with: impl FnOnce(&mut T)) {
        if let Some(cell) = self.place.find() {
            write(&cell, with);
            cell.readers.notify();
        }
    }

    /// Nothing happens where the view of the signal is gone.
    pub(crate) fn set(&self, value: T) {
        self.try_set(value);
    }

    /// Gives the value back where the view of the signal is gone.
    pub(crate) fn try_set(&self, value: T) -> Option<T> {
        let Some(cell) = self.place.find() else {
            return Some(value);
        };
        write(&cell, |old| *old = value);
        cell.readers.notify();
        None
    }
}

/// A value that is set, kept for as long as somebody has it.
pub(crate) struct ArcRwSignal<T> {
    cell: AnyCell,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for ArcRwSignal<T> {
    fn clone(&self) -> Self {
        Self {
            cell: Arc::clone(&self.cell),
            of: PhantomData,
        }
    }
}

impl<T: Send + Sync + 'static> ArcRwSignal<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            cell: cell(value),
            of: PhantomData,
        }
    }

    pub(crate) fn with<O>(&self, with: impl FnOnce(&T) -> O) -> O {
        self.cell.readers.track();
        read(&self.cell, with)
    }

    pub(crate) fn with_untracked<O>(&self, with: impl FnOnce(&T) -> O) -> O {
        read(&self.cell, with)
    }

    pub(crate) fn set(&self, value: T) {
        write(&self.cell, |old| *old = value);
        self.cell.readers.notify();
    }
}
