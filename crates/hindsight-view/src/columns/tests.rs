//! Columns from batches, and columns that are wrong.

use hindsight_protocol::{KeyValue, Resource, Span};

use super::*;
use crate::fixture::{TRACE, page, service, span};
use crate::tree::TraceTree;

fn of_process(attributes: Vec<KeyValue>, span: Span) -> Span {
    Span {
        resource: Resource {
            attributes,
            dropped_attributes: 0,
        },
        ..span
    }
}

#[test]
fn a_text_and_a_process_have_one_code_whatever_page_they_come_from() {
    let pages = [
        page(&[span(1, 0, "a", 0, 1), span(2, 1, "b", 0, 1)]),
        page(&[
            span(3, 1, "b", 0, 1),
            Span {
                resource: service("calc"),
                ..span(4, 1, "web", 0, 1)
            },
        ]),
    ];
    let columns = gather(TRACE, &pages).columns;
    assert_eq!(columns.names[1], columns.names[2]);
    assert_eq!(columns.names[3], columns.process(0).service);
    assert_eq!(columns.process_rows, [0, 0, 0, 1]);
    assert_eq!((columns.service(0), columns.service(3)), ("web", "calc"));
}

#[test]
fn processes_of_a_service_are_told_apart_by_instance_or_host_and_process_id() {
    let name = || KeyValue::new("service.name", "web");
    let pid = |pid: i64| KeyValue::new("process.pid", pid);
    let host = || KeyValue::new("host.name", "h");
    let instance = || KeyValue::new("service.instance.id", "i");
    let resources = [
        vec![name()],
        vec![name(), pid(1)],
        vec![name(), pid(2)],
        vec![name(), pid(2), host()],
        vec![name(), pid(2), host(), instance()],
        vec![name(), pid(3), instance()],
    ];
    let spans: Vec<_> = (1..)
        .zip(resources)
        .map(|(id, resource)| of_process(resource, span(id, 0, "any", 0, 1)))
        .collect();
    let columns = gather(TRACE, &[page(&spans)]).columns;
    let text = |process: &Process| columns.strings.get(process.instance);
    let instances: Vec<_> = columns.processes.iter().map(text).collect();
    assert_eq!(instances, ["", "1", "2", "h/2", "i"]);
    assert_eq!(columns.process_rows, [0, 1, 2, 3, 4, 4]);
}

#[test]
fn columns_that_are_wrong_are_named() {
    let good = gather(TRACE, &[page(&[span(1, 0, "a", 0, 1)])]).columns;
    assert_eq!(good.check(), Ok(()));
    let check = |change: fn(&mut TraceColumns), expected: &str| {
        let mut columns = good.clone();
        change(&mut columns);
        let error = TraceTree::new(columns).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(
        |columns| columns.kinds.push(0),
        "column kinds has 2 elements, expected 1",
    );
    check(
        |columns| columns.parent_ids.clear(),
        "column parent_ids has 0 elements, expected 1",
    );
    check(
        |columns| columns.names[0] = 99,
        "column names refers to element 99 of 3",
    );
    check(
        |columns| columns.processes[0].instance = 99,
        "column processes refers to element 99 of 3",
    );
    check(
        |columns| columns.process_rows[0] = 1,
        "column process_rows refers to element 1 of 1",
    );
}

#[test]
fn optional_columns_have_defaults() {
    let columns = TraceColumns {
        span_ids: vec![1, 2],
        parent_ids: vec![0, 1],
        starts_ns: vec![5, 6],
        names: vec![0, 0],
        ..TraceColumns::default()
    };
    let tree = TraceTree::new(columns).unwrap();
    assert_eq!((tree.end_ns(0), tree.state(0)), (None, SpanState::Running));
    assert_eq!((tree.name(1), tree.service(1)), ("", ""));
    assert_eq!(tree.parent(1), Some(0));
}

#[test]
fn a_table_of_texts_gives_back_what_was_put_in() {
    let mut strings = Strings::new();
    assert!(strings.is_empty());
    let codes = ["", "a", "", "bc"].map(|text| strings.push(text));
    assert_eq!(codes, [0, 1, 0, 2]);
    assert_eq!(codes.map(|code| strings.get(code)), ["", "a", "", "bc"]);
    assert_eq!((strings.get(99), strings.len()), ("", 3));
}
