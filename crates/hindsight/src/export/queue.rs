//! Batches on their way: numbered, kept until they are acknowledged.
//!
//! Bounded by bytes: when full, the oldest batch that is not in flight goes, and its records count
//! as dropped.

use std::collections::VecDeque;
use std::sync::Arc;

use hindsight_protocol::hub::IngestRequest;
use hindsight_protocol::{SpanBatch, TracerAccounts, TracerId};

use super::ingest::Arguments;

/// A batch that is not acknowledged.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) sequence: u64,
    pub(super) records: u64,
    pub(super) bytes: usize,
    pub(super) in_flight: bool,
    /// Shared with the call while there is one.
    arguments: Arc<Arguments>,
}

impl Pending {
    /// The arguments of a call, with the accounts of now.
    pub(super) fn arguments(&mut self, accounts: TracerAccounts) -> Arc<Arguments> {
        // Not shared: the call before is over. Were it, this would copy.
        Arc::make_mut(&mut self.arguments).0.accounts = accounts;
        self.arguments.clone()
    }

    /// The batch, unless a call still has it.
    pub(super) fn into_batch(self) -> Option<SpanBatch> {
        let (request,) = Arc::into_inner(self.arguments)?;
        Some(request.batch)
    }
}

#[derive(Debug)]
pub(super) struct Queue {
    tracer_id: TracerId,
    batches: VecDeque<Pending>,
    bytes: usize,
    bytes_max: usize,
    next_sequence: u64,
    /// Records of batches that had to go.
    pub(super) dropped: u64,
}

impl Queue {
    pub(super) fn new(tracer_id: TracerId, bytes_max: usize) -> Self {
        Self {
            tracer_id,
            batches: VecDeque::new(),
            bytes: 0,
            bytes_max,
            next_sequence: 1,
            dropped: 0,
        }
    }

    pub(super) fn push(&mut self, batch: SpanBatch) {
        let bytes = batch.byte_len();
        let records = batch.len() as u64;
        let request = IngestRequest {
            tracer_id: self.tracer_id,
            sequence: self.next_sequence,
            batch,
            accounts: TracerAccounts::default(),
        };
        self.batches.push_back(Pending {
            sequence: self.next_sequence,
            records,
            bytes,
            in_flight: false,
            arguments: Arc::new((request,)),
        });
        self.next_sequence += 1;
        self.bytes += bytes;
        while self.bytes > self.bytes_max && self.drop_oldest() {}
    }

    fn drop_oldest(&mut self) -> bool {
        let Some(at) = self.batches.iter().position(|pending| !pending.in_flight) else {
            return false;
        };
        if let Some(gone) = self.batches.remove(at) {
            self.bytes -= gone.bytes;
            self.dropped += gone.records;
        }
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The newest number given.
    pub(super) fn last_sequence(&self) -> u64 {
        self.next_sequence - 1
    }

    /// The oldest number not settled yet.
    pub(super) fn oldest_sequence(&self) -> Option<u64> {
        self.batches.front().map(|pending| pending.sequence)
    }

    /// The oldest batch that is not in flight, marked so now.
    pub(super) fn send_next(&mut self) -> Option<&mut Pending> {
        let pending = self.batches.iter_mut().find(|pending| !pending.in_flight)?;
        pending.in_flight = true;
        Some(pending)
    }

    /// Takes a batch off the queue, if it is there.
    pub(super) fn settle(&mut self, sequence: u64) -> Option<Pending> {
        let at = self.batches.iter().position(|p| p.sequence == sequence)?;
        let settled = self.batches.remove(at)?;
        self.bytes -= settled.bytes;
        Some(settled)
    }

    /// A batch has to be sent again.
    pub(super) fn unsend(&mut self, sequence: u64) {
        if let Some(pending) = self.batches.iter_mut().find(|p| p.sequence == sequence) {
            pending.in_flight = false;
        }
    }

    /// Everything has to be sent again: the connection is gone.
    pub(super) fn unsend_all(&mut self) {
        for pending in &mut self.batches {
            pending.in_flight = false;
        }
    }

    /// Everything is given up.
    pub(super) fn drop_all(&mut self) {
        self.unsend_all();
        while self.drop_oldest() {}
    }
}
