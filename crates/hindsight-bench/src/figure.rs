//! A figure and how it is written.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// One measured value beside its reference.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) reference_value: f64,
    pub(crate) reference: &'static str,
}

impl Figure {
    pub(crate) fn new(name: &str, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            value,
            unit,
            reference_value: value,
            reference: "itself",
        }
    }

    pub(crate) fn against(mut self, reference_value: f64, reference: &'static str) -> Self {
        self.reference_value = reference_value;
        self.reference = reference;
        self
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = if self.value < 100.0 { 2 } else { 0 };
        // A figure without another reference is its own, also when it is zero.
        let itself = self.reference_value == self.value;
        let ratio = if itself {
            1.0
        } else {
            self.value / self.reference_value
        };
        write!(
            f,
            "{} {:.digits$} {} ratio {ratio:.2} of {}",
            self.name, self.value, self.unit, self.reference
        )
    }
}

/// The middle value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    percentile(&mut values, 0.5)
}

/// The value below which this part of all lies.
pub(crate) fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (part * values.len() as f64) as usize;
    values
        .get(at.min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

/// CPU time of a process so far, from `/proc`; zero where there is none.
pub(crate) fn cpu_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = |field: usize| -> u64 {
        let field = fields.split_whitespace().nth(field);
        field.and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Resident bytes of a process, from `/proc`; zero where there is none.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    status_bytes(pid, "VmRSS:")
}

/// The most resident bytes that a process had so far, from `/proc`; zero where there is none.
pub(crate) fn resident_peak_bytes(pid: u32) -> u64 {
    status_bytes(pid, "VmHWM:")
}

fn status_bytes(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Bytes that are allocated at the moment, by the C library's own count.
pub(crate) fn heap_bytes() -> u64 {
    // SAFETY: takes no argument and only reads the allocator's counters.
    let counts = unsafe { libc::mallinfo2() };
    (counts.uordblks + counts.hblkhd) as u64
}
