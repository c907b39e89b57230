//! Drawing many intervals on few pixels: what falls on a pixel that is drawn is skipped by search.

/// A run of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// Place of the first interval in the list.
    pub first: usize,
    /// Place after the last.
    pub last: usize,
    /// Where it begins.
    pub left: f64,
    /// Where it ends, at least a pixel later.
    pub right: f64,
}

/// Intervals narrower than this are drawn together with what begins on the same pixel.
const OWN_PX: f64 = 2.0;

/// Calls `draw` for the runs that `count` intervals make between 0 and `width`, from left to
/// right. `interval(i)` is where interval `i` begins and ends, in pixels; they come in order of
/// their beginnings.
///
/// Calls: at most one a pixel for narrow intervals, one for each wide one. Wide ones of a lane do
/// not overlap, so that all in all there are at most `width` calls, each with a search.
pub(super) fn runs(
    count: usize,
    width: f64,
    interval: impl Fn(usize) -> (f64, f64),
    mut draw: impl FnMut(Run),
) {
    // The one before the first that begins in sight may reach into it.
    let mut at = first_from(0, count, |place| interval(place).0 >= 0.0);
    at = at.saturating_sub(1);
    while at < count {
        let (start, end) = interval(at);
        if start >= width {
            return;
        }
        let mut right = end.max(start + 1.0);
        let mut next = at + 1;
        if right - start < OWN_PX {
            let pixel_end = start.floor() + 1.0;
            next = first_from(next, count, |place| interval(place).0 >= pixel_end);
            // Only the last of those that begin on this pixel can reach beyond it.
            let (last_start, last_end) = interval(next - 1);
            match next - 1 > at && last_end - last_start >= OWN_PX {
                true => next -= 1,
                false => right = right.max(last_end),
            }
        }
        if right > 0.0 {
            draw(Run {
                first: at,
                last: next,
                left: start,
                right,
            });
        }
        at = next;
    }
}

/// The first place of `from..count` of which `is_there` is true, `count` if none; true ones follow
/// only true ones. Searches near `from` first.
pub(super) fn first_from(from: usize, count: usize, is_there: impl Fn(usize) -> bool) -> usize {
    let mut low = from;
    let mut step = 1;
    while low < count && !is_there(low) {
        let probe = low + step;
        if probe >= count || is_there(probe) {
            let mut high = probe.min(count);
            low += 1;
            while low < high {
                let middle = low + (high - low) / 2;
                match is_there(middle) {
                    true => high = middle,
                    false => low = middle + 1,
                }
            }
            return low;
        }
        low = probe + 1;
        step *= 2;
    }
    low.min(count)
}
