//! Inputs in `tests/corpus`: whatever a fuzzer or a person finds is put there and tried ever after.

use std::fs;
use std::path::Path;

use hindsight_query::view::RowsOfTrace;
use hindsight_query::{Budget, Matcher, complete, parse};

use crate::spans::traces;

/// Everything that is done with a text before anyone is asked.
fn exercise(text: &str) {
    let parsed = parse(text);
    for diagnostic in &parsed.diagnostics {
        assert!(!diagnostic.render(text).is_empty());
    }
    for cursor in [0, text.len() / 2, text.len()] {
        for completion in complete(text, cursor, &(), 20) {
            assert!(text.get(completion.range).is_some(), "{text:?} at {cursor}");
        }
    }
    let Some(query) = parsed.query else {
        assert!(
            !parsed.diagnostics.is_empty(),
            "{text:?} is refused without reason"
        );
        return;
    };
    let canonical = query.to_string();
    assert_eq!(
        parse(&canonical).query.as_ref(),
        Some(&query),
        "{canonical}"
    );
    let matcher = Matcher::new(&query.filter, 0).expect("parsed filters are well typed");
    for batch in &traces() {
        let trace = RowsOfTrace::new(batch.rows());
        matcher.search(&trace, &mut Budget::new(10_000));
        for row in batch.rows() {
            matcher.matches_alone(row);
        }
    }
}

#[test]
fn every_input_of_the_corpus_is_survived() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("its files can be listed").path();
        let bytes = fs::read(&path).expect("and read");
        exercise(&String::from_utf8_lossy(&bytes));
        count += 1;
    }
    assert!(count >= 20, "only {count} inputs");
}
