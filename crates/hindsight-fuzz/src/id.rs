//! Trace ids as people paste them.

use hindsight_protocol::TraceId;

/// A text in which an id is looked for, as the command line does. What is found stands there.
pub fn trace_id(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(id) = TraceId::find_pasted(&text) else {
        return;
    };
    assert!(id.is_valid());
    let plain = text.replace('-', "").to_ascii_lowercase();
    let digits = id.to_string();
    let stands_there = plain.contains(&digits) || plain.contains(&digits[16..]);
    assert!(stands_there, "{digits} is not in {text:?}");
    assert_eq!(TraceId::find_pasted(&digits), Ok(id));
}
