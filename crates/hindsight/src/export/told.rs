//! What the hub said of what it was sent.
//!
//! In: replies and refusals. Out: totals by name, for [`crate::ShutdownReport`], and one line on
//! stderr the first time a name comes up. Bounded: the names come from outside, so at most
//! [`NAMES_MAX`] of at most [`NAME_BYTES_MAX`] bytes are kept; further ones count under [`OTHERS`].

use hindsight_protocol::HubError;
use hindsight_protocol::hub::{IngestReply, ReasonCount};
use parking_lot::Mutex;

use crate::platform::warn;

const NAMES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 64;

/// The name of what has no name, or no room for it.
const OTHERS: &str = "others";

/// Totals since the tracer's start.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Totals>);

#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// Records refused one by one, of batches that were acknowledged.
    pub(crate) rejected: u64,
    /// In the order of the first time.
    pub(crate) reasons: Vec<ReasonCount>,
}

impl Told {
    /// A batch was stored, but perhaps not all of it as it was.
    pub(super) fn stored(&self, reply: &IngestReply) {
        let all = [&reply.rejections, &reply.truncations, &reply.notes];
        if reply.rejected == 0 && all.iter().all(|told| told.is_empty()) {
            return;
        }
        let mut totals = self.0.lock();
        totals.rejected += reply.rejected;
        for told in all.into_iter().flatten() {
            if totals.count(&told.reason, told.count) {
                let name = name(&told.reason);
                warn(&format!(
                    "the hub counts {name} {} for the first time; docs/limits.md says what it means",
                    told.count
                ));
            }
        }
    }

    /// A batch of `records` was refused whole.
    pub(super) fn refused(&self, refusal: &HubError, records: u64) {
        if self.0.lock().count(&refusal.reason, 1) {
            warn(&format!(
                "a batch of {records} records was refused: {refusal}"
            ));
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        self.0.lock().clone()
    }
}

impl Totals {
    /// Counts; whether the name is new.
    fn count(&mut self, reason: &str, times: u64) -> bool {
        let mut name = name(reason);
        let known = |totals: &Self, name| totals.reasons.iter().any(|r| r.reason == name);
        if !known(self, name) && self.reasons.len() >= NAMES_MAX {
            name = OTHERS;
        }
        let is_new = !known(self, name);
        if is_new {
            self.reasons.push(ReasonCount {
                reason: name.to_owned(),
                count: 0,
            });
        }
        let counted = self.reasons.iter_mut().find(|r| r.reason == name);
        if let Some(counted) = counted {
            counted.count = counted.count.saturating_add(times);
        }
        is_new
    }
}

/// The name to count under: names of limits are short and plain.
fn name(reason: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = !reason.is_empty() && reason.len() <= NAME_BYTES_MAX && reason.bytes().all(plain);
    if is_name { reason } else { OTHERS }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(reason: &str, count: u64) -> ReasonCount {
        ReasonCount {
            reason: reason.to_owned(),
            count,
        }
    }

    #[test]
    fn what_the_hub_says_is_added_up_by_name() {
        let all = Told::default();
        let reply = IngestReply {
            rejected: 2,
            rejections: vec![told("start_missing", 2)],
            truncations: vec![told("value_bytes", 3)],
            notes: vec![told("end_before_start", 1)],
            ..IngestReply::default()
        };
        all.stored(&reply);
        all.stored(&reply);
        all.stored(&IngestReply::default());
        let too_large = HubError::new(HubError::INVALID, "too large").because("batch_bytes_max");
        all.refused(&too_large, 7);
        let totals = all.totals();
        assert_eq!(totals.rejected, 4);
        let expected = [
            told("start_missing", 4),
            told("value_bytes", 6),
            told("end_before_start", 2),
            told("batch_bytes_max", 1),
        ];
        assert_eq!(totals.reasons, expected);
    }

    #[test]
    fn a_hub_that_makes_up_names_fills_nothing() {
        let mut totals = Totals::default();
        for number in 0..1000 {
            totals.count(&format!("name_{number}"), 1);
        }
        totals.count(&"x".repeat(1 << 20), 5);
        totals.count("\u{1b}[2J", 5);
        assert!(totals.reasons.len() <= NAMES_MAX + 1);
        let sum: u64 = totals.reasons.iter().map(|r| r.count).sum();
        assert_eq!(sum, 1010);
        assert!(
            totals
                .reasons
                .iter()
                .all(|r| r.reason.len() <= NAME_BYTES_MAX)
        );
    }
}
