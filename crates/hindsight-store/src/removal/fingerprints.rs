//! A set of traces in 15.2 bits each that may take a stranger for a member.
//!
//! In: trace ids. Out: whether an id is one of them: yes for each that is, and for one of
//! [`STRANGERS_PER_ERROR`] of those that are not. Immutable, and the same for the same ids: there
//! is no seed. At most `u32::MAX / 2` ids.
//!
//! Each id becomes a number below `n * 2^13` (n ids); the numbers are kept in order as Elias-Fano
//! lists are: the lower 13 bits packed, the upper ones in unary, with a hint every 256 (Elias 1974,
//! Fano 1971). A search looks at one hint, about eight words of the unary part, and one number.

use hindsight_protocol::TraceId;

/// Bits of a number that are stored as they are.
const LOW_BITS: usize = 13;

/// Of so many ids that are not in the set, about one is taken for a member.
pub(crate) const STRANGERS_PER_ERROR: u64 = 1 << LOW_BITS;

/// Upper parts from one hint to the next.
const HINT_EVERY: usize = 256;

#[derive(Debug)]
pub(crate) struct Fingerprints {
    traces: usize,
    low: Box<[u64]>,
    /// For each upper part in turn: a one for each number that has it, then a zero.
    high: Box<[u64]>,
    /// Where the upper parts 0, 256, 512 ... begin.
    hints: Box<[u32]>,
}

impl Fingerprints {
    /// The set of these traces. Cost: a sort.
    pub(crate) fn of(traces: impl ExactSizeIterator<Item = TraceId>) -> Self {
        let len = traces.len();
        let mut numbers: Vec<u64> = traces.map(|trace| number(trace, len)).collect();
        numbers.sort_unstable();
        let mut low = vec![0; (len * LOW_BITS).div_ceil(64)];
        let mut high = vec![0; (2 * len).div_ceil(64)];
        let mut hints = vec![0; len.div_ceil(HINT_EVERY)];
        let mut next_hint = 0;
        for (index, number) in numbers.iter().enumerate() {
            set_bits(
                &mut low,
                index * LOW_BITS,
                number & (STRANGERS_PER_ERROR - 1),
            );
            let upper = (number >> LOW_BITS) as usize;
            while next_hint <= upper / HINT_EVERY {
                hints[next_hint] = (next_hint * HINT_EVERY + index) as u32;
                next_hint += 1;
            }
            set_bits(&mut high, upper + index, 1);
        }
        for (hint, at) in hints.iter_mut().enumerate().skip(next_hint) {
            *at = (hint * HINT_EVERY + len) as u32;
        }
        Self {
            traces: len,
            low: low.into(),
            high: high.into(),
            hints: hints.into(),
        }
    }

    /// Traces of the set.
    pub(crate) fn len(&self) -> usize {
        self.traces
    }

    /// Whether the trace is in the set, probably.
    pub(crate) fn contains(&self, trace: TraceId) -> bool {
        if self.traces == 0 {
            return false;
        }
        let number = number(trace, self.traces);
        let (upper, low) = (number >> LOW_BITS, number & (STRANGERS_PER_ERROR - 1));
        let mut at = self.start_of(upper as usize);
        // Before it stand as many zeros as there are smaller upper parts.
        while bits(&self.high, at, 1) == 1 {
            if bits(&self.low, (at - upper as usize) * LOW_BITS, LOW_BITS) == low {
                return true;
            }
            at += 1;
        }
        false
    }

    /// Where the numbers with this upper part begin in `high`: after as many zeros.
    fn start_of(&self, upper: usize) -> usize {
        let mut at = self.hints[upper / HINT_EVERY] as usize;
        let mut zeros_left = (upper % HINT_EVERY) as u32;
        while zeros_left > 0 {
            let Some(word) = self.high.get(at / 64) else {
                return self.high.len() * 64;
            };
            let mut zeros = !word & (u64::MAX << (at % 64));
            if zeros.count_ones() < zeros_left {
                zeros_left -= zeros.count_ones();
                at = (at / 64 + 1) * 64;
                continue;
            }
            for _ in 1..zeros_left {
                zeros &= zeros - 1;
            }
            return at / 64 * 64 + zeros.trailing_zeros() as usize + 1;
        }
        at
    }

    pub(crate) fn bytes(&self) -> u64 {
        (size_of_val(&*self.low) + size_of_val(&*self.high) + size_of_val(&*self.hints)) as u64
    }
}

/// The number of a trace in a set of `len`: evenly spread over `len * 2^13`.
fn number(trace: TraceId, len: usize) -> u64 {
    let mixed = mix(mix(trace.low) ^ trace.high);
    let range = (len as u128) << LOW_BITS;
    ((u128::from(mixed) * range) >> 64) as u64
}

/// The finishing steps of MurmurHash3: every bit of the input changes half of the output.
fn mix(mut bits: u64) -> u64 {
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

/// Sets bits that were zero.
fn set_bits(words: &mut [u64], at: usize, value: u64) {
    let (word, shift) = (at / 64, at % 64);
    words[word] |= value << shift;
    let carried = value.checked_shr(64 - shift as u32).unwrap_or(0);
    if carried != 0 {
        words[word + 1] |= carried;
    }
}

/// `len` bits; those beyond the end are zero.
fn bits(words: &[u64], at: usize, len: usize) -> u64 {
    let word = |index| words.get(index).copied().unwrap_or(0);
    let shift = at % 64;
    let low = word(at / 64) >> shift;
    let high = match shift {
        0 => 0,
        _ => word(at / 64 + 1) << (64 - shift),
    };
    (low | high) & ((1 << len) - 1)
}

#[cfg(test)]
mod tests;
