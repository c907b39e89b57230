use hindsight_schema::{Value, json};

use crate::lens::generic::{AnswerTable, Open, one_line, tree};

fn value(text: &str) -> Value {
    json::parse(text).expect("it is JSON")
}

fn text(value: &Value, open: &Open) -> String {
    let tree = tree::tree(value, open);
    let lines = tree.rows.iter().map(|row| {
        let mark = match (row.is_rest, row.is_open) {
            (true, _) => "…",
            (false, Some(true)) => "-",
            (false, Some(false)) => "+",
            (false, None) => " ",
        };
        let indent = "  ".repeat(row.depth);
        format!("{indent}{mark} {}: {}", row.name, row.text)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn table(value: &Value, rows: usize) -> String {
    let Some(table) = AnswerTable::of(value, rows) else {
        return "no table".into();
    };
    let lines = table.into_table().lines(Some(60));
    let lines: Vec<_> = lines.iter().map(crate::Line::to_plain).collect();
    lines.join("\n")
}

#[test]
fn an_answer_is_a_tree_whose_first_levels_are_open() {
    let value = value(
        r#"{"id": 18446744073709551615, "name": "a\u001b[31m\nb", "at": {"x": {"y": [1, 2]}}, "none": null, "empty": []}"#,
    );
    let mut open = Open::default();
    insta::assert_snapshot!(text(&value, &open), @r#"
    - : 5 fields
        id: 18446744073709551615
        name: a\x1b[31m\nb
      - at: 1 field
        + x: {"y":[1,2]}
        none: –
        empty: []
    "#);
    open.toggle(&[2]);
    insta::assert_snapshot!(text(&value, &open), @r#"
    - : 5 fields
        id: 18446744073709551615
        name: a\x1b[31m\nb
      + at: {"x":{"y":[1,2]}}
        none: –
        empty: []
    "#);
}

#[test]
fn what_is_closed_costs_nothing_and_what_is_long_is_shown_in_parts() {
    let list = Value::List((0..250_000).map(|n: i64| Value::int(n)).collect());
    let mut open = Open::default();
    let rows = |open: &Open| tree::tree(&list, open).rows.len();
    assert_eq!(rows(&open), 1 + tree::CHILDREN_MAX + 1);
    let last = tree::tree(&list, &open).rows.pop().expect("a row");
    assert!(last.is_rest);
    assert_eq!(last.text, "249,900 more");
    open.more(&last.way);
    assert_eq!(rows(&open), 1 + 10 * tree::CHILDREN_MAX + 1);
    open.more(&[]);
    assert_eq!(rows(&open), tree::ROWS_MAX);
    assert!(tree::tree(&list, &open).is_cut);
    open.toggle(&[]);
    assert_eq!(rows(&open), 1);
}

#[test]
fn variants_are_named_where_they_carry_something() {
    let shop = |payload| Value::Variant("Closed\u{202e}".into(), Box::new(payload));
    let told = [
        text(&shop(Value::Null), &Open::default()),
        text(&shop(Value::int(3)), &Open::default()),
        text(&shop(value(r#"{"a": 1}"#)), &Open::default()),
        text(&Value::Some(Box::new(Value::Null)), &Open::default()),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
      : Closed\u{202e}
      : {"Closed\u{202e}":3}
    - : Closed\u{202e}
        a: 1
      : null
    "#);
}

#[test]
fn a_list_of_structs_is_a_table() {
    let list = value(
        r#"[{"id": 1, "name": "long name of something", "price": 1.5, "tags": ["a"]},
            {"id": 20, "name": "b\u0007", "price": null, "tags": []},
            {"id": 300, "name": "c", "price": 2.0, "extra": {"x": 1}}]"#,
    );
    insta::assert_snapshot!(table(&list, 2), @r#"
    ID  NAME                    PRICE  TAGS   EXTRA
     1  long name of something    1.5  ["a"]
    20  b\x07                       –  []
    "#);
    let cut = AnswerTable::of(&list, 2).expect("a table");
    assert_eq!((cut.rows.len(), cut.total), (2, 3));
    let page = Value::Struct(vec![("items".into(), list)]);
    assert_eq!(table(&page, 9).lines().count(), 4);
    for none in ["[]", "[1]", "[{}]", "{\"a\": 1, \"b\": []}", "3"] {
        assert_eq!(table(&value(none), 9), "no table", "{none}");
    }
}

#[test]
fn a_map_to_structs_is_a_table_with_its_keys() {
    let entry = |key: i32, row: &str| (Value::int(key), value(row));
    let map = Value::Map(vec![entry(7, r#"{"n": 1}"#), entry(8, r#"{"n": 22}"#)]);
    insta::assert_snapshot!(table(&map, 9), @r"
    KEY   N
    7     1
    8    22
    ");
}

#[test]
fn very_wide_structs_lose_columns_and_say_so() {
    let fields = (0..40).map(|index| (format!("f{index}").as_str().into(), Value::int(index)));
    let row = Value::Struct(fields.collect());
    let table = AnswerTable::of(&Value::List(vec![row]), 9).expect("a table");
    assert_eq!((table.columns.len(), table.columns_left_out), (16, 24));
}

#[test]
fn a_value_in_one_line_is_not_written_out_to_be_cut() {
    let long = Value::text("x".repeat(10_000_000));
    assert_eq!(one_line(&long, 10), "xxxxxxxxx…");
    let told = [
        one_line(&value(r#"{"a": [1, 2, {"b": null}]}"#), 40),
        one_line(&value(r#"{"a": [1, 2, {"b": null}]}"#), 12),
        one_line(&Value::Bytes(vec![0; 70_000]), 40),
        one_line(&Value::List(vec![Value::Null; 70_000]), 40),
        one_line(
            &Value::Struct(vec![("a".into(), Value::List(vec![Value::Null; 90]))]),
            40,
        ),
        one_line(&Value::Null, 40),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    {"a":[1,2,{"b":null}]}
    {"a":[1,2,{…
    70.0 kB
    70,000 elements
    1 field
    –
    "#);
}
