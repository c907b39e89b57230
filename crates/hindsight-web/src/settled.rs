//! Whether the view that a page begins with is there: what stands around it comes after it.
//!
//! In: that view's word ([`Settled::set`]). Out: a signal, and something to wait for. Holds: it becomes
//! true once and stays so, at the latest [`LATEST`] after the start.

use std::time::Duration;

use futures_channel::oneshot;
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use crate::reactive::prelude::*;

/// A hub that is away, or slow, keeps nothing else from being shown for longer.
const LATEST: Duration = Duration::from_secs(1);

/// See the module's documentation. Copies are the same.
#[derive(Clone, Copy)]
pub(crate) struct Settled {
    is_so: RwSignal<bool>,
    waiting: StoredValue<Vec<oneshot::Sender<()>>>,
}

impl Settled {
    /// Not yet.
    pub(crate) fn new() -> Self {
        let settled = Self {
            is_so: RwSignal::new(false),
            waiting: StoredValue::new(Vec::new()),
        };
        spawn_local(async move {
            sleep(LATEST).await;
            settled.set();
        });
        settled
    }

    /// Whether it is so; tracked.
    pub(crate) fn get(&self) -> bool {
        self.is_so.get()
    }

    /// From now on.
    pub(crate) fn set(&self) {
        if !self.is_so.get_untracked() {
            self.is_so.set(true);
            let waiting = self.waiting.try_update_value(std::mem::take);
            for tell in waiting.unwrap_or_default() {
                // Somebody may have stopped to wait.
                tell.send(()).ok();
            }
        }
    }

    /// Returns once it is so.
    pub(crate) async fn reached(self) {
        if !self.is_so.get_untracked() {
            let (tell, told) = oneshot::channel();
            self.waiting.update_value(|waiting| waiting.push(tell));
            // Dropped untold only with the page.
            told.await.ok();
        }
    }
}
