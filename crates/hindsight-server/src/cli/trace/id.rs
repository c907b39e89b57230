//! Trace ids as people find them.

use hindsight_protocol::{InvalidId, TraceId};

/// The id in `text`: any form of [`TraceId::parse_pasted`], or a URL or a log line with one in it.
pub(crate) fn pasted_trace_id(text: &str) -> Result<TraceId, InvalidId> {
    let refused = match TraceId::parse_pasted(text) {
        Ok(id) => return Ok(id),
        Err(refused) => refused,
    };
    let within = |c: char| c.is_ascii_hexdigit() || c == '-';
    text.split(|c| !within(c))
        .filter(|word| word.len() >= 32)
        .find_map(|word| TraceId::parse_pasted(word).ok())
        .ok_or(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_urls_and_log_lines() {
        let id = TraceId::from_u128(0x4bf92f3577b34da6a3ce929d0e0e4736);
        for text in [
            "4BF92F3577B34DA6A3CE929D0E0E4736",
            "http://localhost:1990/trace/4bf92f3577b34da6a3ce929d0e0e4736?span=00f067aa0ba902b7",
            "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "trace_id=4bf92f35-77b3-4da6-a3ce-929d0e0e4736 done",
        ] {
            assert_eq!(pasted_trace_id(text), Ok(id), "{text}");
        }
        let error = pasted_trace_id("http://localhost/trace/\u{1b}[2J").unwrap_err();
        assert!(error.to_string().contains("is not a trace id"), "{error}");
    }
}
