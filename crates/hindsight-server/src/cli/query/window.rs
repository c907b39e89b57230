//! `--since` and `--until`.

use hindsight_query::value::{duration, time};

use crate::cli::arguments::WindowArguments;
use crate::cli::error::CliError;

/// A stretch of time, in nanoseconds since the Unix epoch; 0 is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) since_ns: u64,
    pub(crate) until_ns: u64,
}

impl Window {
    /// The window that was asked for at `now_ns`.
    pub(crate) fn new(arguments: &WindowArguments, now_ns: u64) -> Result<Self, CliError> {
        let ns = |flag, text: &Option<String>| match text {
            Some(text) => point(flag, text, now_ns),
            None => Ok(0),
        };
        Ok(Self {
            since_ns: ns("--since", &arguments.since)?,
            until_ns: ns("--until", &arguments.until)?,
        })
    }
}

/// A duration is that long ago.
fn point(flag: &str, text: &str, now_ns: u64) -> Result<u64, CliError> {
    let text = text.trim();
    if let Ok(ago) = duration::parse(text) {
        return Ok(now_ns.saturating_sub(ago));
    }
    let (time, _) = time::parse(text).map_err(|error| {
        let example = "write 10m, 2026-11-22T14:32 or now-1h";
        CliError::Config(format!("{flag} {text:?}: {error}; {example}"))
    })?;
    Ok(time.resolve(now_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_ago_and_a_time_is_a_time() {
        const NOW_NS: u64 = 1_795_357_930_000_000_000;
        let check = |text: &str, expected: u64| {
            let arguments = WindowArguments {
                since: Some(text.to_owned()),
                until: None,
            };
            let window = Window::new(&arguments, NOW_NS).expect(text);
            assert_eq!((window.since_ns, window.until_ns), (expected, 0), "{text}");
        };
        check("10m", NOW_NS - 600_000_000_000);
        check("-10m", NOW_NS - 600_000_000_000);
        check("now-1s", NOW_NS - 1_000_000_000);
        check("now", NOW_NS);
        check("2026-11-22T14:32:10Z", NOW_NS);
        let wrong = WindowArguments {
            since: None,
            until: Some("soon".to_owned()),
        };
        let error = Window::new(&wrong, NOW_NS).unwrap_err();
        assert_eq!(error.code(), 2);
        insta::assert_snapshot!(error.to_string(), @r#"--until "soon": not a time; write 10m, 2026-11-22T14:32 or now-1h"#);
    }
}
