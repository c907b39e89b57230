//! Values that nobody is told of.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use leptos::prelude::{GetValue, LocalStorage, StoredValue as Theirs};

/// A value that is kept for as long as its view is there. Copies are the same.
///
/// Reading one whose view is gone panics, and changing it does nothing; the methods with `try` say so
/// instead.
pub(crate) struct StoredValue<T> {
    place: Theirs<Rc<dyn Any>, LocalStorage>,
    of: PhantomData<fn() -> T>,
}

impl<T> Copy for StoredValue<T> {}

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

#[inline(never)]
fn place(value: Rc<dyn Any>) -> Theirs<Rc<dyn Any>, LocalStorage> {
    Theirs::new_local(value)
}

#[inline(never)]
fn find(place: Theirs<Rc<dyn Any>, LocalStorage>) -> Option<Rc<dyn Any>> {
    place.try_get_value()
}

impl<T: 'static> StoredValue<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            place: place(Rc::new(RefCell::new(value))),
            of: PhantomData,
        }
    }

    pub(crate) fn try_with_value<O>(&self, with: impl FnOnce(&T) -> O) -> Option<O> {
        let value = find(self.place)?;
        let value: &RefCell<T> = value.downcast_ref()?;
        Some(with(&value.borrow()))
    }

    pub(crate) fn try_update_value<O>(&self, with: impl FnOnce(&mut T) -> O) -> Option<O> {
        let value = find(self.place)?;
        let value: &RefCell<T> = value.downcast_ref()?;
        Some(with(&mut value.borrow_mut()))
    }

    #[track_caller]
    pub(crate) fn with_value<O>(&self, with: impl FnOnce(&T) -> O) -> O {
        let seen = self.try_with_value(with);
        seen.expect("the view of a stored value is there")
    }

    pub(crate) fn update_value(&self, with: impl FnOnce(&mut T)) {
        self.try_update_value(with);
    }

    pub(crate) fn set_value(&self, value: T) {
        self.try_update_value(|old| *old = value);
    }

    pub(crate) fn get_value(&self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    pub(crate) fn try_get_value(&self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_value(T::clone)
    }
}
