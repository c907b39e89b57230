//! What the operating system tells about this process.

use std::time::Duration;

use hindsight_protocol::KeyValue;

/// Its id.
pub(crate) fn id() -> u32 {
    std::process::id()
}

/// File name of the executable; `unknown_service` when the system does not tell.
pub(crate) fn executable() -> String {
    let path = std::env::current_exe().ok();
    let name = path.as_deref().and_then(std::path::Path::file_name);
    name.map_or_else(
        || "unknown_service".to_owned(),
        |n| n.to_string_lossy().into_owned(),
    )
}

/// The revision of the source around the executable, empty if there is none.
pub(crate) fn revision() -> String {
    let path = std::env::current_exe().ok();
    path.map_or_else(String::new, |path| {
        crate::process::revision::of_executable(&path)
    })
}

/// The service's name where nobody gave one.
pub(crate) fn default_service_name() -> String {
    executable()
}

/// Attributes of the resource that only this platform has; `all`: nothing redacted.
pub(crate) fn attributes(_all: bool) -> Vec<KeyValue> {
    Vec::new()
}

#[cfg(unix)]
pub(crate) fn host_name() -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the pointer and length describe `buffer`; the call writes at most that many bytes.
    let result = unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len()) };
    let end = buffer
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(buffer.len());
    match result {
        0 => String::from_utf8_lossy(&buffer[..end]).into_owned(),
        _ => String::new(),
    }
}

#[cfg(not(unix))]
pub(crate) fn host_name() -> String {
    String::new()
}

/// Age of the process, by `/proc`: uptime minus the start time in field 22 of `stat` (clock ticks,
/// 100 a second).
#[cfg(target_os = "linux")]
pub(crate) fn age() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let ticks: f64 = after_name.split_whitespace().nth(19)?.parse().ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64((uptime - ticks / 100.0).max(0.0)).ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn age() -> Option<Duration> {
    None
}
