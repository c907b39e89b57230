//! What is let in: the limits of a batch, and the check of its structure.
//!
//! In: a batch as decoded from a peer. Out: a [`CheckedBatch`], or why not. Holds: what the engine
//! gets has sound structure and at most `batch_bytes_max` bytes and `batch_spans_max` spans; the
//! sizes are looked at before the structure, so a refusal is cheap. Bounded: by those two.

use hindsight_protocol::batch::BatchError;
use hindsight_protocol::{CheckedBatch, SpanBatch};

use crate::config::IngestLimits;
use crate::telemetry::Reason;

#[cfg(test)]
mod tests;

/// Why a batch is refused whole. The sender's fault; sending it again will not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the batch has {bytes} bytes, at most {bytes_max} are taken; send smaller ones")]
    Bytes { bytes: usize, bytes_max: usize },
    #[error("the batch has {spans} spans, at most {spans_max} are taken; send smaller ones")]
    Spans { spans: usize, spans_max: usize },
    #[error("the batch is malformed: {0}")]
    Malformed(#[from] BatchError),
}

impl Refused {
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Bytes { .. } => Reason::BatchBytesMax,
            Self::Spans { .. } => Reason::BatchSpansMax,
            Self::Malformed(_) => Reason::BatchMalformed,
        }
    }
}

/// Checks sizes and structure.
pub(crate) fn admit(batch: SpanBatch, limits: &IngestLimits) -> Result<CheckedBatch, Refused> {
    check_spans(batch.len(), limits)?;
    check_bytes(batch.byte_len(), limits)?;
    Ok(batch.check()?)
}

/// Checks the size of a batch that was built here.
pub(crate) fn admit_checked(
    batch: CheckedBatch,
    limits: &IngestLimits,
) -> Result<CheckedBatch, Refused> {
    check_bytes(batch.byte_len(), limits)?;
    Ok(batch)
}

/// Checks the number of spans.
pub(crate) fn check_spans(spans: usize, limits: &IngestLimits) -> Result<(), Refused> {
    let spans_max = limits.batch_spans_max;
    let too_many = Refused::Spans { spans, spans_max };
    (spans <= spans_max).then_some(()).ok_or(too_many)
}

fn check_bytes(bytes: usize, limits: &IngestLimits) -> Result<(), Refused> {
    let bytes_max = limits.batch_bytes_max;
    let too_large = Refused::Bytes { bytes, bytes_max };
    (bytes <= bytes_max).then_some(()).ok_or(too_large)
}
