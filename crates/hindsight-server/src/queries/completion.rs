//! Completions, all for the same part of the text.

use hindsight_protocol::hub::{CompleteReply, Completion};
use hindsight_query::{Catalog, CompletionKind, complete};

/// Longer values are nothing to pick from a list.
const TEXT_BYTES_MAX: usize = 1_024;

/// What may stand at byte `cursor` of `text`, at most `limit`.
///
/// Candidates replace different parts of the text (a word, or nothing behind it); here each is
/// extended by what it leaves in place, so that one range serves all.
pub(crate) fn completions(
    text: &str,
    cursor: usize,
    catalog: &impl Catalog,
    limit: usize,
) -> CompleteReply {
    let cursor = text.floor_char_boundary(cursor);
    let mut found = complete(text, cursor, catalog, limit);
    found.retain(|found| found.text.len() <= TEXT_BYTES_MAX);
    let start = found.iter().map(|c| c.range.start).min().unwrap_or(cursor);
    let end = found.iter().map(|c| c.range.end).max().unwrap_or(cursor);
    let completion = |found: hindsight_query::Completion| Completion {
        text: [
            &text[start..found.range.start],
            &found.text,
            &text[found.range.end..end],
        ]
        .concat(),
        kind: kind(found.kind).to_owned(),
        detail: found.detail,
        count: found.count.unwrap_or(0),
    };
    CompleteReply {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
        completions: found.into_iter().map(completion).collect(),
    }
}

fn kind(kind: CompletionKind) -> &'static str {
    match kind {
        CompletionKind::Value => "value",
        CompletionKind::Operator => "operator",
        CompletionKind::Field => "field",
        CompletionKind::Key => "key",
        CompletionKind::Function => "function",
        CompletionKind::Keyword => "keyword",
    }
}
