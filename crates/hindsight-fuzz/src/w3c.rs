//! `traceparent`, `tracestate`, `baggage`.

use hindsight_protocol::w3c::{Baggage, TraceParent, TraceState};

/// A text as each of the three headers. What is read is written as a header that reads the same.
pub fn w3c(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(parent) = TraceParent::parse(&text) {
        let again = TraceParent::parse(&parent.to_header());
        assert_eq!(again.map(|again| again.to_header()), Ok(parent.to_header()));
    }
    if let Ok(mut state) = TraceState::parse(&text) {
        let header = state.to_header();
        assert_eq!(TraceState::parse(&header), Ok(state.clone()));
        state.truncate(header.len() / 2);
        assert!(state.to_header().len() <= header.len() / 2);
    }
    let (baggage, _loss) = Baggage::parse(&text);
    let header = baggage.to_header();
    let (again, loss) = Baggage::parse(&header);
    assert_eq!((again, loss), (baggage, Default::default()));
    let lines: Vec<&str> = text.lines().collect();
    drop(TraceState::parse_headers(lines.iter().copied()));
    drop(Baggage::parse_headers(lines));
}
