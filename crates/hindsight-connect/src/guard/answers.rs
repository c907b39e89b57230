//! Schemas of answers, which vox at times forgets or gets wrong.
//!
//! When the first call of a method on a lane is cancelled, vox answers it with the schema of an
//! empty result and holds the method to that schema for as long as the lane lives; when the first
//! handler panics, it believes to have sent the schema and never does. Every later call of the
//! method then fails to decode. So lanes served through this crate say what their answers look
//! like, and the guard sees to it that the peer learns that.
//!
//! In: for each served lane, a function from methods to shapes. Out: schemas. Bounded: one
//! function per open lane.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use vox::facet::Shape;
use vox::{MaybeSend, MaybeSync, MethodId};

/// The shape of a method's answer on the wire, as vox's handlers know it.
pub(crate) trait AnswerShapes: MaybeSend + MaybeSync {
    fn answer_shape(&self, method: MethodId) -> Option<&'static Shape>;
}

/// The functions of all served lanes of a connection.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    lanes: Arc<Mutex<HashMap<u64, Arc<dyn AnswerShapes>>>>,
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers")
            .field("lanes", &self.lanes.lock().len())
            .finish()
    }
}

impl Answers {
    pub(crate) fn serve(&self, lane: u64, shapes: Arc<dyn AnswerShapes>) {
        self.lanes.lock().insert(lane, shapes);
    }

    pub(super) fn forget(&self, lane: u64) {
        self.lanes.lock().remove(&lane);
    }

    pub(super) fn schema(&self, lane: u64, method: MethodId) -> Option<Vec<u8>> {
        let shapes = self.lanes.lock().get(&lane).cloned()?;
        let shape = shapes.answer_shape(method)?;
        vox_phon::schema_bytes_for_shape(shape).ok()
    }
}
