//! A thread that ends builds in which nothing happens any more.
//!
//! It sleeps until a build begins, looks every [`LOOK_EVERY`] while one is under way, and ends with the
//! program's guard.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Condvar;

use crate::attach::{Attached, now_ns};
use crate::site::Site;

/// A third of the time after which a build is over: it is told as ended that much late, at most; its span
/// ends when the last thing happened.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What the thread waits for.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    changed: Condvar,
    is_asleep: AtomicBool,
    is_over: AtomicBool,
}

impl Keeper {
    pub(crate) fn begin(attached: &Arc<Attached>) -> io::Result<()> {
        let attached = attached.clone();
        let thread = std::thread::Builder::new().name("hindsight-dodeca".to_owned());
        thread
            .spawn(move || attached.keeper.run(&attached))
            .map(drop)
    }

    fn run(&self, attached: &Attached) {
        let mut site = attached.site.lock();
        while !self.is_over.load(Ordering::Acquire) {
            if site.builds.is_open() {
                self.changed.wait_for(&mut site, LOOK_EVERY);
                site.close_quiet(now_ns());
            } else {
                self.is_asleep.store(true, Ordering::Release);
                self.changed.wait(&mut site);
            }
        }
    }

    /// A build is under way. Takes the site to show that it is locked.
    pub(crate) fn wake(&self, _locked: &mut Site) {
        if self.is_asleep.load(Ordering::Acquire) {
            self.is_asleep.store(false, Ordering::Release);
            self.changed.notify_one();
        }
    }

    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.changed.notify_one();
    }
}
