//! From observations of the system's clocks to the line that turns ticks into Unix time.
//!
//! In: ticks, monotonic and Unix time of one moment, again and again. Out: a [`Line`], or none while
//! the rate is not known. The rate follows the monotonic clock, which nobody sets; what the line is
//! off from the wall clock is made good by bending it, and by a step only beyond [`STEP_NS`].

/// Nanoseconds per tick as a fixed-point number with 32 binary digits after the point.
type Rate = u64;

/// A difference from the wall clock beyond which the line jumps to it.
pub(super) const STEP_NS: u64 = 5_000_000;
/// Time in which a smaller difference is made good.
const BEND_NS: i128 = 250_000_000;
/// Most that the rate is bent: parts per million. Removes 5 ms in two and a half seconds.
const BEND_PPM_MAX: i128 = 2_000;
/// Time over which the rate is measured at first, and later.
const FIRST_NS: u64 = 10_000_000;
const LATER_NS: u64 = 1_000_000_000;
/// A change of the rate that only a disturbance explains (the machine slept, was moved): parts per
/// million.
const DISTURBED_PPM: u64 = 1_000;
/// Shortest time over which that is judged: looking at the clocks is only so exact.
const JUDGED_NS: u64 = 2_000_000;

/// The clocks at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Observation {
    pub(super) ticks: u64,
    pub(super) monotonic_ns: u64,
    pub(super) unix_ns: u64,
}

/// Unix time as a function of ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) anchor_ticks: u64,
    pub(super) anchor_unix_ns: u64,
    /// Not 0.
    pub(super) rate: Rate,
}

impl Line {
    #[inline]
    pub(super) fn unix_ns(&self, ticks: u64) -> u64 {
        // Ticks may have been read just before the anchor was renewed.
        match ticks.checked_sub(self.anchor_ticks) {
            Some(after) => self.anchor_unix_ns.saturating_add(scaled(after, self.rate)),
            None => {
                let before = scaled(self.anchor_ticks - ticks, self.rate);
                self.anchor_unix_ns.saturating_sub(before)
            }
        }
    }
}

/// Nanoseconds of so many ticks.
#[inline]
pub(super) fn scaled(ticks: u64, rate: Rate) -> u64 {
    ((u128::from(ticks) * u128::from(rate)) >> 32) as u64
}

/// Ticks in so many nanoseconds; none at an unknown rate.
pub(super) fn ticks_in(nanos: u64, rate: Rate) -> u64 {
    let ticks = (u128::from(nanos) << 32).checked_div(u128::from(rate));
    ticks.map_or(0, |ticks| ticks.min(u128::from(u64::MAX)) as u64)
}

/// What is known from the observations so far.
#[derive(Debug, Default)]
pub(super) struct Calibration {
    /// Where the present measurement of the rate began.
    reference: Option<Observation>,
    /// The rate by the monotonic clock; 0 while unknown.
    rate: Rate,
    line: Option<Line>,
}

impl Calibration {
    /// The line in force.
    #[cfg(test)]
    pub(super) fn line(&self) -> Option<Line> {
        self.line
    }

    /// Takes an observation; the line from now on.
    pub(super) fn observe(&mut self, now: Observation) -> Option<Line> {
        let reference = *self.reference.get_or_insert(now);
        let measured = rate_between(reference, now);
        let lasted = now.monotonic_ns.saturating_sub(reference.monotonic_ns);
        if self.is_disturbed(measured, lasted) || now.ticks < reference.ticks {
            *self = Self::default();
            self.reference = Some(now);
            return None;
        }
        let enough = match self.rate {
            0 => FIRST_NS,
            _ => LATER_NS,
        };
        if let Some(measured) = measured.filter(|_| lasted >= enough) {
            self.rate = measured;
            if lasted >= LATER_NS {
                self.reference = Some(now);
            }
        }
        self.line = (self.rate != 0).then(|| self.bent(now));
        self.line
    }

    /// Whether the rate measured over `lasted_ns` cannot be the one known.
    fn is_disturbed(&self, measured: Option<Rate>, lasted_ns: u64) -> bool {
        let known = self.rate;
        let apart = measured.filter(|_| known != 0 && lasted_ns >= JUDGED_NS);
        let apart = apart.map_or(0, |measured| u128::from(measured.abs_diff(known)));
        apart * 1_000_000 > u128::from(known) * u128::from(DISTURBED_PPM)
    }

    /// The line through the present end of the old one, towards the wall clock.
    fn bent(&self, now: Observation) -> Line {
        let told = self.line.map(|line| line.unix_ns(now.ticks));
        let anchor = told.filter(|told| told.abs_diff(now.unix_ns) <= STEP_NS);
        let anchor_unix_ns = anchor.unwrap_or(now.unix_ns);
        let behind_ns = i128::from(now.unix_ns) - i128::from(anchor_unix_ns);
        let ppm = behind_ns * 1_000_000 / BEND_NS;
        let ppm = ppm.clamp(-BEND_PPM_MAX, BEND_PPM_MAX);
        let rate = i128::from(self.rate) * (1_000_000 + ppm) / 1_000_000;
        Line {
            anchor_ticks: now.ticks,
            anchor_unix_ns,
            rate: (rate as u64).max(1),
        }
    }

    /// The rate, or, before it is known, what so many ticks in so many nanoseconds suggest.
    pub(super) fn rough_rate(&self, ticks: u64, lived_ns: u64) -> Rate {
        match (self.rate, self.reference) {
            (0, Some(reference)) => {
                let now = Observation {
                    ticks,
                    monotonic_ns: lived_ns,
                    ..reference
                };
                rate_between(reference, now).unwrap_or(0)
            }
            (rate, _) => rate,
        }
    }
}

fn rate_between(from: Observation, to: Observation) -> Option<Rate> {
    let ticks = to
        .ticks
        .checked_sub(from.ticks)
        .filter(|ticks| *ticks > 0)?;
    let nanos = to.monotonic_ns.saturating_sub(from.monotonic_ns);
    let rate = (u128::from(nanos) << 32) / u128::from(ticks);
    u64::try_from(rate).ok().filter(|rate| *rate > 0)
}
