//! The stretch of time that is seen, and where it lies in pixels.

/// Shortest stretch that can be seen, in nanoseconds.
const WINDOW_MIN_NS: f64 = 20.0;

/// The same as a part of the trace: numbers must still tell its pixels apart.
const WINDOW_MIN_PART: f64 = 1e-11;

/// A window on the time of a trace. Times are nanoseconds since the trace's start.
///
/// Holds: the window lies within the trace and is at least 20 ns and 10^-11 of the trace long, or the
/// whole trace if that is shorter. Times of more than 104 days are exact to 256 ns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeAxis {
    length_ns: f64,
    from_ns: f64,
    to_ns: f64,
    width: f64,
    /// The end follows the trace as it grows.
    fits: bool,
}

impl TimeAxis {
    /// The whole of a trace of `length_ns` on `width` pixels.
    pub fn new(length_ns: u64, width: f64) -> Self {
        let length_ns = (length_ns as f64).max(1.0);
        Self {
            length_ns,
            from_ns: 0.0,
            to_ns: length_ns,
            width: width.max(1.0),
            fits: true,
        }
    }

    /// The window: from and to.
    pub fn window_ns(&self) -> (f64, f64) {
        (self.from_ns, self.to_ns)
    }

    /// How long the trace is.
    pub fn length_ns(&self) -> f64 {
        self.length_ns
    }

    /// Pixels of the window.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Whether the whole trace is seen.
    pub fn is_whole(&self) -> bool {
        self.fits
    }

    /// Puts the same window on other pixels.
    pub fn set_width(&mut self, width: f64) {
        self.width = width.max(1.0);
    }

    /// The trace has another length: a window on the whole trace stays one.
    pub fn set_length(&mut self, length_ns: u64) {
        self.length_ns = (length_ns as f64).max(1.0);
        match self.fits {
            true => self.to_ns = self.length_ns,
            false => self.show(self.from_ns, self.to_ns),
        }
    }

    /// Where a time lies, perhaps outside of the pixels.
    pub fn px(&self, ns: f64) -> f64 {
        (ns - self.from_ns) * self.px_per_ns()
    }

    /// The time at a pixel.
    pub fn ns(&self, px: f64) -> f64 {
        self.from_ns + px / self.px_per_ns()
    }

    fn shortest_ns(&self) -> f64 {
        let shortest = WINDOW_MIN_NS.max(self.length_ns * WINDOW_MIN_PART);
        shortest.min(self.length_ns)
    }

    fn px_per_ns(&self) -> f64 {
        self.width / (self.to_ns - self.from_ns)
    }

    /// Shows everything.
    pub fn fit(&mut self) {
        self.show(0.0, self.length_ns);
    }

    /// Shows a stretch, moved and cut to the trace. Times that are no numbers change nothing.
    pub fn show(&mut self, from_ns: f64, to_ns: f64) {
        if !from_ns.is_finite() || !to_ns.is_finite() {
            return;
        }
        let shortest = self.shortest_ns();
        let length = (to_ns - from_ns).clamp(shortest, self.length_ns);
        let middle = from_ns + (to_ns - from_ns) / 2.0;
        let from = (middle - length / 2.0).clamp(0.0, self.length_ns - length);
        self.from_ns = from;
        self.to_ns = (from + length).min(self.length_ns);
        self.fits = length >= self.length_ns;
    }

    /// Makes the window `factor` times as long; the time at pixel `px` stays where it is.
    pub fn zoom(&mut self, factor: f64, px: f64) {
        let at = self.ns(px);
        let shortest = self.shortest_ns();
        let window = self.to_ns - self.from_ns;
        let length = (window * factor).clamp(shortest, self.length_ns);
        let before = (at - self.from_ns) * (length / window);
        let from = (at - before).clamp(0.0, self.length_ns - length);
        self.show(from, from + length);
    }

    /// Moves the window by `px`, later times come into sight for positive ones.
    pub fn pan(&mut self, px: f64) {
        let window = self.to_ns - self.from_ns;
        let from = self.from_ns + px / self.px_per_ns();
        let from = from.clamp(0.0, self.length_ns - window);
        self.show(from, from + window);
    }
}
