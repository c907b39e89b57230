//! Descriptions of shapes, values of them, and what people write for them.

use hindsight_schema::{Answer, decode, encode, fit, fit_text, json, read_schema};

/// The first two bytes are the length of a description; what follows it is a value of it.
pub fn schema(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
    let (description, value) = rest.split_at(length);
    // Either is fine.
    let _answer = Answer::decode(value, description);
    let text = String::from_utf8_lossy(value);
    if let Ok(parsed) = json::parse(&text) {
        let printed = json::print(&parsed);
        assert_eq!(json::parse(&printed), Ok(parsed), "what is printed is read");
    }
    let Ok(shape) = read_schema(description) else {
        return;
    };
    shape.definitions();
    if let Ok(fitted) = fit_text(&shape, &text) {
        assert!(encode(&shape, &fitted).is_ok(), "what fits is written");
    }
    if let Ok(read) = decode(&shape, value) {
        let printed = json::print(&read);
        if let Ok(parsed) = json::parse(&printed) {
            // Whether it fits again is another matter: what describes itself loses its names.
            let _fitted = fit(&shape, &parsed);
        }
    }
}
