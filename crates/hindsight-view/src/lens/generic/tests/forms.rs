use hindsight_schema::{Value, json};

use super::*;
use crate::lens::generic::{Control, Edit, Form, sheets};

fn text(form: &Form) -> String {
    let rows = form.rows();
    let lines = rows.iter().map(|row| {
        let control = match &row.control {
            Control::Line(text) => format!("[{text}]"),
            Control::Json(text) => format!("json [{text}]"),
            Control::Check(is) => format!("check {is}"),
            Control::Choose { options, chosen } => format!("{} of {options:?}", options[*chosen]),
            Control::Given(is) => format!("given {is}"),
            Control::Add(count) => format!("add to {count}"),
            Control::Heading => String::new(),
        };
        let mark = if row.can_go { " -" } else { "" };
        let indent = "  ".repeat(row.depth);
        format!("{indent}{}{mark} ({}) {control}", row.label, row.hint)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn form(method: &Method) -> Form {
    Form::of(method.arguments.as_ref().expect("it is described"))
}

fn values(form: &Form) -> String {
    match form.values() {
        Ok(values) => json::print(&Value::List(values)),
        Err(fault) => format!("{:?} {}", fault.way, fault.text),
    }
}

#[test]
fn methods_that_may_be_called_come_first_and_what_apps_say_is_escaped() {
    let sheets = sheets(&all());
    let told = sheets.iter().map(|sheet| {
        format!(
            "{:?} {}\n  doc: {:?}\n  where: {:?}\n  obstacle: {:?}",
            sheet.consent, sheet.signature, sheet.doc, sheet.definitions, sheet.obstacle
        )
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    Ask import(tree: Tree, names: Map<u32, String>) -> u64
      doc: ["What import does.", "", "Second\\x1b[31m line."]
      where: ["struct Tree { label: String, children: Vec<Tree> }"]
      obstacle: None
    Ask broken\u{202e}(… the description cannot be read: schema bundle root: UnexpectedEof { needed: 8, remaining: 3 })
      doc: ["What broken\\u{202e} does.", "", "Second\\x1b[31m line."]
      where: []
      obstacle: Some("It cannot be called from here: the description cannot be read: schema bundle root: UnexpectedEof { needed: 8, remaining: 3 }.")
    Free list(filter: Filter, since: u64) -> Vec<Item>
      doc: ["What list does.", "", "Second\\x1b[31m line."]
      where: ["struct Filter { name: Option<String>, order: Order, tags: Vec<String>, limit: Option<u32> }", "enum Order { Name, Price { up: bool }, Custom(String) }", "struct Item { id: u64, name: String, price: Option<f64>, tags: Vec<String> }"]
      obstacle: None
    No delete(id: u64)
      doc: ["What delete does.", "", "Second\\x1b[31m line."]
      where: []
      obstacle: None
    "#);
    assert!(!sheets[1].can_be_called());
}

#[test]
fn a_form_has_a_row_for_each_part_and_grows_as_it_is_filled_in() {
    let mut form = form(&list());
    insta::assert_snapshot!(text(&form), @r#"
    filter (Filter) 
      name (Option<String>, may be empty) given false
      order (Order) Name of ["Name", "Price", "Custom"]
      tags (Vec<String>) add to 0
      limit (Option<u32>, may be empty) []
    since (u64) []
    "#);
    for (way, edit) in [
        (&[0, 0][..], Edit::Check(true)),
        (&[0, 0, 0], Edit::Write("a name".into())),
        (&[0, 1], Edit::Choose(1)),
        (&[0, 1, 0, 0], Edit::Check(true)),
        (&[0, 2], Edit::Add),
        (&[0, 2], Edit::Add),
        (&[0, 2, 0], Edit::Write("first".into())),
        (&[0, 2, 1], Edit::Write("second".into())),
        (&[0, 2, 0], Edit::Remove),
        (&[0, 3], Edit::Write("7".into())),
        (&[1], Edit::Write("18446744073709551615".into())),
    ] {
        form.edit(way, edit);
    }
    insta::assert_snapshot!(text(&form), @r#"
    filter (Filter) 
      name (Option<String>, may be empty) given true
        name (String) [a name]
      order (Order) Price of ["Name", "Price", "Custom"]
        Price ({ up: bool }) 
          up (bool) check true
      tags (Vec<String>) add to 1
        0 - (String) [second]
      limit (Option<u32>, may be empty) [7]
    since (u64) [18446744073709551615]
    "#);
    insta::assert_snapshot!(values(&form), @r#"[{"name":"a name","order":{"Price":{"up":true}},"tags":["second"],"limit":7},18446744073709551615]"#);
    let arguments = list().arguments.expect("it is described");
    let sent = form.values().expect("it fits");
    assert!(arguments.encode(&sent).is_ok());
}

#[test]
fn the_row_that_does_not_fit_is_named() {
    let mut form = form(&list());
    assert_eq!(values(&form), r#"[1] since: missing (u64)"#);
    form.edit(&[1], Edit::Write("1".into()));
    form.edit(&[0, 3], Edit::Write("-1".into()));
    assert_eq!(
        values(&form),
        "[0, 3] filter.limit: out of range for u32 (0 to 4294967295)"
    );
}

#[test]
fn a_field_of_a_method_that_changes_nothing_may_stay_empty() {
    let described = |is_read_only| MethodInfo {
        callable: true,
        is_read_only,
        ..described::<(Request,), ()>("find", &["request"])
    };
    let mut free = form(&Method::read("Shop", &described(true)));
    insta::assert_snapshot!(text(&free), @r"
    request (Request) 
      limit (u32, 0 to 4294967295, 0 if empty) []
      trace_id (TraceId, 32 hex digits, may be empty) []
      sizes (Vec<u64>) add to 0
      raw (bytes, hex digits, as 0x00ff, may be empty) []
    ");
    insta::assert_snapshot!(values(&free), @r#"[{"limit":0,"trace_id":{"high":0,"low":0},"sizes":[],"raw":"0x"}]"#);
    free.edit(
        &[0, 1],
        Edit::Write("00000000000000010000000000000002".into()),
    );
    free.edit(&[0, 2], Edit::Add);
    insta::assert_snapshot!(values(&free), @r"[0, 2, 0] request.sizes[0]: missing (u64)");
    free.edit(&[0, 2, 0], Edit::Write("3".into()));
    insta::assert_snapshot!(values(&free), @r#"[{"limit":0,"trace_id":{"high":1,"low":2},"sizes":[3],"raw":"0x"}]"#);
    let asked = form(&Method::read("Shop", &described(false)));
    insta::assert_snapshot!(text(&asked), @r"
    request (Request) 
      limit (u32, 0 to 4294967295) []
      trace_id (TraceId, 32 hex digits) []
      sizes (Vec<u64>) add to 0
      raw (bytes, hex digits, as 0x00ff) []
    ");
    insta::assert_snapshot!(values(&asked), @r"[0, 0] request.limit: missing (u32)");
}

#[test]
fn maps_are_pairs_and_a_type_within_itself_has_no_end() {
    let mut form = form(&all()[1]);
    for (way, edit) in [
        (&[1][..], Edit::Add),
        (&[1, 0, 0], Edit::Write("7".into())),
        (&[1, 0, 1], Edit::Write("seven".into())),
    ] {
        form.edit(way, edit);
    }
    let mut way = vec![0];
    for _ in 0..6 {
        way.push(1);
        form.edit(&way, Edit::Add);
        way.push(0);
    }
    insta::assert_snapshot!(text(&form), @r"
    tree (Tree) 
      label (String) []
      children (Vec<Tree>) add to 1
        0 - (Tree) 
          label (String) []
          children (Vec<Tree>) add to 1
            0 - (Tree) 
              label (String) []
              children (Vec<Tree>) add to 1
                0 - (Tree) 
                  label (String) []
                  children (Vec<Tree>) add to 1
                    0 - (Tree) 
                      label (String) []
                      children (Vec<Tree>) json []
    names (Map<u32, String>) add to 1
      0 - () 
        key (u32, 0 to 4294967295) [7]
        value (String) [seven]
    ");
    insta::assert_snapshot!(values(&form), @r"[0, 1, 0, 1, 0, 1, 0, 1, 0, 1] tree.children[0].children[0].children[0].children[0].children: a Vec<Tree> is written as JSON: a value is missing at character 1");
}

#[test]
fn edits_that_make_no_sense_change_nothing() {
    let mut form = form(&list());
    let before = text(&form);
    for way in [
        &[][..],
        &[9],
        &[0, 9],
        &[0, 0, 0],
        &[0, 2, 7],
        &[1, 0],
        &[0, 1, 0, 5],
    ] {
        for edit in [Edit::Remove, Edit::Write("x".into()), Edit::Choose(99)] {
            form.edit(way, edit);
        }
    }
    assert_eq!(text(&form), before);
}
