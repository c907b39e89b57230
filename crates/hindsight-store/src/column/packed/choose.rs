//! Choosing base and width of a column.
//!
//! The full range of the values always works. A sorted sample shows whether leaving out a few
//! values would allow fewer bits; if so, one pass counts them, and the smaller form wins.

/// Rows below which exceptions are not worth looking for.
const ROWS_MIN: usize = 64;

/// Values looked at.
const SAMPLE: usize = 256;

/// Bytes of an exception.
const EXCEPTION_BYTES: usize = 12;

/// How a column is stored.
pub(super) struct Layout {
    pub(super) base: u64,
    /// 0, 1, 8, 16, 32 or 64.
    pub(super) bits: usize,
    pub(super) has_exceptions: bool,
    pub(super) min: u64,
    pub(super) max: u64,
}

/// The layout of these values; none if there are none.
pub(super) fn choose<T: Copy + Ord + Into<u64>>(values: &[T]) -> Option<Layout> {
    let first = *values.first()?;
    // In the values' own width, so that several are compared at a time.
    let widen = |(min, max): (T, T), value: &T| (min.min(*value), max.max(*value));
    let (min, max) = values.iter().fold((first, first), widen);
    let (min, max): (u64, u64) = (min.into(), max.into());
    let bits = bits_for(max - min);
    let full = Layout {
        base: min,
        bits,
        has_exceptions: false,
        min,
        max,
    };
    match bits {
        0 => Some(full),
        _ if values.len() < ROWS_MIN => Some(full),
        _ => Some(with_exceptions(values, &full).unwrap_or(full)),
    }
}

fn with_exceptions<T: Copy + Into<u64>>(values: &[T], full: &Layout) -> Option<Layout> {
    let sample = sample(values);
    let at = |part: usize| sample[sample.len() * part / 100];
    let (bits, base) = match at(6) == at(93) {
        true => (0, at(50)),
        false => narrow(at(2), at(97), full)?,
    };
    let end = if bits == 0 { 1 } else { capacity(bits) };
    let is_exception = |value: &&T| (**value).into().wrapping_sub(base) >= end;
    let exceptions = values.iter().filter(is_exception).count();
    let narrow_bytes = exceptions * EXCEPTION_BYTES + values.len() * bits / 8;
    (narrow_bytes < values.len() * full.bits / 8).then_some(Layout {
        base,
        bits,
        has_exceptions: exceptions > 0,
        ..*full
    })
}

/// Bits and base for values about `low..=high`, with room on both sides; none if that takes as
/// many bits as the full range.
fn narrow(low: u64, high: u64, full: &Layout) -> Option<(usize, u64)> {
    let margin = (high - low) / 8;
    let bits = bits_for((high - low).saturating_add(margin)).max(8);
    if bits >= full.bits {
        return None;
    }
    let room = (capacity(bits) - (high - low)) / 2;
    Some((bits, low - room.min(low - full.min)))
}

fn sample<T: Copy + Into<u64>>(values: &[T]) -> Vec<u64> {
    let step = values.len().div_ceil(SAMPLE);
    let mut sample: Vec<u64> = values.iter().step_by(step).map(|v| (*v).into()).collect();
    sample.sort_unstable();
    sample
}

/// The width that holds `difference`.
fn bits_for(difference: u64) -> usize {
    match difference {
        0 => 0,
        1 => 1,
        2..=0xff => 8,
        0x100..=0xffff => 16,
        0x1_0000..=0xffff_ffff => 32,
        _ => 64,
    }
}

/// The largest difference of a width, which marks exceptions.
fn capacity(bits: usize) -> u64 {
    u64::MAX >> (64 - bits)
}
