//! Trace ids as people find them.

use hindsight_protocol::{InvalidId, TraceId};

/// The id in `text`; see [`TraceId::find_pasted`].
pub(crate) fn pasted_trace_id(text: &str) -> Result<TraceId, InvalidId> {
    TraceId::find_pasted(text)
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
