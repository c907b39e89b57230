//! Values that are computed, and what is done when they change.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{self as theirs, Get, GetUntracked, GetValue};

use super::cells::RwSignal;

/// A computed value of any type.
#[derive(Clone)]
struct Value(Arc<dyn Any + Send + Sync>);

impl Value {
    fn of<T: 'static>(&self) -> &T {
        let value = self.0.downcast_ref();
        value.expect("a handle is made with what computes it, of one type")
    }
}

/// The value before, if any; the new one, and whether it is another.
type Compute = Box<dyn Fn(Option<Value>) -> (Value, bool) + Send + Sync>;

#[inline(never)]
fn memo(compute: Compute) -> theirs::Memo<Value> {
    theirs::Memo::new_owning(compute)
}

#[inline(never)]
#[track_caller]
fn computed(memo: theirs::Memo<Value>) -> Value {
    memo.get()
}

#[inline(never)]
#[track_caller]
fn computed_untracked(memo: theirs::Memo<Value>) -> Value {
    memo.get_untracked()
}

/// A value that is computed when what it is made of changes, and tells its readers only if it is
/// another one then. Copies are the same.
pub(crate) struct Memo<T> {
    memo: theirs::Memo<Value>,
    of: PhantomData<fn() -> T>,
}

impl<T> Copy for Memo<T> {}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// `compute` gets the value before, if there is one.
    pub(crate) fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self
    where
        T: PartialEq,
    {
        let compute = move |before: Option<Value>| {
            let old = before.as_ref().map(Value::of::<T>);
            let new = compute(old);
            match before {
                Some(before) if *before.of::<T>() == new => (before, false),
                _ => (Value(Arc::new(new)), true),
            }
        };
        Self {
            memo: memo(Box::new(compute)),
            of: PhantomData,
        }
    }

    pub(crate) fn with<O>(&self, with: impl FnOnce(&T) -> O) -> O {
        with(computed(self.memo).of())
    }

    pub(crate) fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }
}

/// A closure that computes; the value behind the pointer is a `Box<dyn Fn() -> T + Send + Sync>`.
type Function = theirs::StoredValue<Value>;

/// Something to read. Copies are the same.
pub struct Signal<T> {
    from: From<T>,
}

enum From<T> {
    Set(RwSignal<T>),
    Memo(Memo<T>),
    Derived(Function),
}

impl<T> Copy for Signal<T> {}

impl<T> Clone for Signal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for From<T> {}

impl<T> Clone for From<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> std::convert::From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self {
            from: From::Set(signal),
        }
    }
}

impl<T> std::convert::From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self {
            from: From::Memo(memo),
        }
    }
}

impl<T: Send + Sync + 'static> Signal<T> {
    /// Computes anew at each reading.
    pub(crate) fn derive(compute: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let compute: Box<dyn Fn() -> T + Send + Sync> = Box::new(compute);
        let compute = Value(Arc::new(compute));
        Self {
            from: From::Derived(Function::new(compute)),
        }
    }

    pub(crate) fn with<O>(&self, with: impl FnOnce(&T) -> O) -> O {
        self.read(true, with)
    }

    pub(crate) fn with_untracked<O>(&self, with: impl FnOnce(&T) -> O) -> O {
        self.read(false, with)
    }

    fn read<O>(&self, tracked: bool, with: impl FnOnce(&T) -> O) -> O {
        let value;
        let function;
        match self.from {
            From::Set(signal) => signal.place.with(tracked, with),
            From::Memo(memo) => {
                value = match tracked {
                    true => computed(memo.memo),
                    false => computed_untracked(memo.memo),
                };
                with(value.of())
            }
            From::Derived(stored) => {
                function = stored.get_value();
                let compute = function.of::<Box<dyn Fn() -> T + Send + Sync>>();
                let value = match tracked {
                    true => compute(),
                    false => theirs::untrack(compute),
                };
                with(&value)
            }
        }
    }

    pub(crate) fn track(&self) {
        self.with(|_| ());
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

    /// Nothing where the view of the signal is gone.
    pub(crate) fn try_with_untracked<O>(&self, with: impl FnOnce(&T) -> O) -> Option<O> {
        match self.from {
            From::Set(signal) => signal.try_with_untracked(with),
            From::Memo(memo) => Some(with(memo.memo.try_get_untracked()?.of())),
            From::Derived(stored) => {
                let function = stored.try_get_value()?;
                let compute = function.of::<Box<dyn Fn() -> T + Send + Sync>>();
                Some(with(&theirs::untrack(compute)))
            }
        }
    }
}

/// Something that is done, and done again when what it read has changed.
pub(crate) struct Effect;

impl Effect {
    /// Does it after this turn of the page, for as long as the view is there.
    pub(crate) fn new(run: impl FnMut() + 'static) {
        start(Box::new(run));
    }
}

#[inline(never)]
fn start(run: Box<dyn FnMut()>) {
    theirs::Effect::new(run);
}
