//! The thread that seals segments, so that batches do not wait for it.
//!
//! In: jobs of the store. Out: sealed parts, in the order of the jobs, and a wake for the writer.
//! Bounded: by [`SEALS_MAX`] jobs. When the thread is gone, nothing more comes out, and the store
//! seals by itself.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Weak};

use hindsight_store::{SealJob, SealedPart};

use super::{Command, Shared};

/// Full segments that may wait or be worked on; the writer waits when there are so many.
pub(super) const SEALS_MAX: usize = 2;

pub(super) struct Sealer {
    jobs: SyncSender<SealJob>,
    done: Receiver<SealedPart>,
    /// Jobs that were handed over and have not come back.
    outstanding: usize,
}

impl Sealer {
    /// Starts the thread; it ends with this handle.
    pub(super) fn start(shared: &Arc<Shared>) -> std::io::Result<Self> {
        let (jobs, inbox) = sync_channel::<SealJob>(SEALS_MAX);
        let (outbox, done) = sync_channel(SEALS_MAX);
        let shared = Arc::downgrade(shared);
        let run = move || {
            for job in inbox {
                if outbox.send(job.run()).is_err() {
                    return;
                }
                wake(&shared);
            }
        };
        let builder = std::thread::Builder::new().name("hindsight-seal".to_owned());
        builder.spawn(run)?;
        Ok(Self {
            jobs,
            done,
            outstanding: 0,
        })
    }

    /// Whether another job may be handed over.
    pub(super) fn has_room(&self) -> bool {
        self.outstanding < SEALS_MAX
    }

    /// Hands a job over, if there is room.
    pub(super) fn seal(&mut self, job: SealJob) {
        // Without the thread, the store does it when its turn comes.
        let _ = self.jobs.try_send(job);
        self.outstanding += 1;
    }

    /// A part that is done.
    pub(super) fn finished(&mut self) -> Option<SealedPart> {
        let part = self.done.try_recv().ok()?;
        self.outstanding -= 1;
        Some(part)
    }

    /// Waits for a job that was handed over; none if there is none, or the thread is gone.
    pub(super) fn wait(&mut self) -> Option<SealedPart> {
        if self.outstanding == 0 {
            return None;
        }
        let part = self.done.recv().ok()?;
        self.outstanding -= 1;
        Some(part)
    }
}

/// The writer may be asleep.
fn wake(shared: &Weak<Shared>) {
    if let Some(shared) = shared.upgrade()
        && !shared.wake_sent.swap(true, Ordering::AcqRel)
    {
        // A writer that has ended needs no wake.
        let _ = shared.commands.try_send(Command::Wake);
    }
}
