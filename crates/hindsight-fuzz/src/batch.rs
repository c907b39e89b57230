//! Batches: decoding, the check, and everything that reads a checked batch.

use hindsight_protocol::batch::{RowCopier, RowLimits};
use hindsight_protocol::{BatchBuilder, CheckedBatch, SpanBatch};

use crate::message::decoded;

/// Small, so that small inputs reach them.
const LIMITS: RowLimits = RowLimits {
    attributes_per_span_max: 3,
    attributes_per_event_max: 2,
    events_per_span_max: 2,
    links_per_span_max: 2,
    value_bytes_max: 8,
    name_bytes_max: 6,
};

/// A batch as a peer's payload. What passes the check can be read, copied, cut and built anew, and
/// stays sound.
pub fn batch(bytes: &[u8]) {
    let Some(batch) = decoded::<SpanBatch>(bytes) else {
        return;
    };
    // Whoever reads columns has looked at the sizes first.
    let _bytes = batch.byte_len();
    let Ok(checked) = batch.check() else {
        return;
    };
    let spans = checked.to_spans();
    assert_eq!(spans.len(), checked.len());
    let mut rebuilt = BatchBuilder::new();
    for span in &spans {
        rebuilt.push(span);
    }
    sound(rebuilt.finish(), checked.len());
    for limits in [RowLimits::NONE, LIMITS] {
        let mut copier = RowCopier::with_limits(&checked, limits);
        let mut copy = BatchBuilder::new();
        for row in 0..checked.len() {
            copier.copy(row, &mut copy);
        }
        let copy = copy.finish();
        if limits == LIMITS {
            let longest = copy.rows().map(|row| row.name().len()).max();
            assert!(longest.unwrap_or(0) <= LIMITS.name_bytes_max);
        }
        sound(copy, checked.len());
    }
}

fn sound(batch: CheckedBatch, rows: usize) {
    let again = batch.into_batch().check();
    assert_eq!(again.map(|batch| batch.len()), Ok(rows));
}
