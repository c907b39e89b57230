//! Fields that nobody wrote.

use hindsight_protocol::introspection::MethodInfo;

use super::*;
use crate::shape::{Field, Scalar, Type, Types};
use crate::{Content, Gaps, Method, Written, json};

#[derive(Facet)]
struct Page {
    after: u64,
    share: f32,
    is_last: bool,
}

#[derive(Facet)]
struct Request {
    name: String,
    tags: Vec<String>,
    page: Page,
    limit: Option<u32>,
    raw: Vec<u8>,
    counts: BTreeMap<String, u32>,
    pair: (u8, [i16; 2]),
    nothing: (),
    trace_id: hindsight_protocol::TraceId,
}

#[derive(Facet)]
struct Sorted {
    name: String,
    by: Sorting,
}

#[derive(Facet)]
struct Sorting {
    order: Order,
}

fn method<A: Facet<'static>>(names: &[&str], is_read_only: bool) -> Method {
    let info = MethodInfo {
        name: "find".into(),
        argument_names: names.iter().map(|name| (*name).to_owned()).collect(),
        arguments_schema: vox_phon::schema_bytes::<A>().expect("it can be described"),
        callable: true,
        is_read_only,
        ..MethodInfo::default()
    };
    Method::read("Shop", &info)
}

/// What is sent for texts such as `name=lamp`, or without a name.
fn sent(method: &Method, texts: &[&str]) -> String {
    let arguments = method.arguments.as_ref().expect("they are described");
    let written = texts.iter().map(|text| {
        let (name, text) = match text.split_once('=') {
            Some((name, text)) => (Some(name.to_owned()), text),
            None => (None, *text),
        };
        let content = Content::Text(text.to_owned());
        Written { name, content }
    });
    match arguments.fill(&written.collect::<Vec<_>>()) {
        Ok(values) => {
            assert!(arguments.encode(&values).is_ok(), "{values:?}");
            json::print(&Value::List(values))
        }
        Err(misfit) => misfit.to_string(),
    }
}

#[test]
fn fields_of_a_request_that_nobody_wrote_are_empty() {
    let find = method::<(Request,)>(&["request"], true);
    let told = [
        sent(&find, &[]),
        sent(&find, &["{}"]),
        sent(&find, &[r#"{"page": {"is_last": true}}"#]),
        sent(&find, &["name=lamp", "page.after=7", r#"tags=["a"]"#]),
        sent(
            &find,
            &[
                "request.name=lamp",
                r#"request={"name": "tea", "raw": "0xff"}"#,
            ],
        ),
        sent(&find, &["trace_id=4bf92f3577b34da6a3ce929d0e0e4736"]),
        sent(&find, &["limit=3"]),
        sent(&find, &["limit="]),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    [{"name":"","tags":[],"page":{"after":0,"share":0.0,"is_last":false},"limit":null,"raw":"0x","counts":{},"pair":[0,[0,0]],"nothing":null,"trace_id":{"high":0,"low":0}}]
    [{"name":"","tags":[],"page":{"after":0,"share":0.0,"is_last":false},"limit":null,"raw":"0x","counts":{},"pair":[0,[0,0]],"nothing":null,"trace_id":{"high":0,"low":0}}]
    [{"name":"","tags":[],"page":{"after":0,"share":0.0,"is_last":true},"limit":null,"raw":"0x","counts":{},"pair":[0,[0,0]],"nothing":null,"trace_id":{"high":0,"low":0}}]
    [{"name":"lamp","tags":["a"],"page":{"after":7,"share":0.0,"is_last":false},"limit":null,"raw":"0x","counts":{},"pair":[0,[0,0]],"nothing":null,"trace_id":{"high":0,"low":0}}]
    [{"name":"lamp","tags":[],"page":{"after":0,"share":0.0,"is_last":false},"limit":null,"raw":"0xff","counts":{},"pair":[0,[0,0]],"nothing":null,"trace_id":{"high":0,"low":0}}]
    [{"name":"","tags":[],"page":{"after":0,"share":0.0,"is_last":false},"limit":null,"raw":"0x","counts":{},"pair":[0,[0,0]],"nothing":null,"trace_id":{"high":5474458728733560230,"low":11803532876627986230}}]
    [{"name":"","tags":[],"page":{"after":0,"share":0.0,"is_last":false},"limit":3,"raw":"0x","counts":{},"pair":[0,[0,0]],"nothing":null,"trace_id":{"high":0,"low":0}}]
    [{"name":"","tags":[],"page":{"after":0,"share":0.0,"is_last":false},"limit":null,"raw":"0x","counts":{},"pair":[0,[0,0]],"nothing":null,"trace_id":{"high":0,"low":0}}]
    "#);
}

#[test]
fn what_has_no_empty_value_has_to_be_written() {
    let find = method::<(Sorted, u64)>(&["request", "since"], true);
    let told = [
        sent(&find, &[]),
        sent(&find, &["name=lamp", "since=1"]),
        sent(&find, &["order=Name", "since=1"]),
        sent(&find, &["by.order=Name", "since=1"]),
        sent(&find, &["by.order=Name"]),
        sent(&find, &["by=Name", "since=1"]),
        sent(&find, &["by.order=Nome", "since=1"]),
        sent(
            &find,
            &["name=a", "since=1", "since=2", r#"by={"order":"Name"}"#],
        ),
        sent(
            &find,
            &["name=a", "name=b", "since=1", r#"by={"order":"Name"}"#],
        ),
        sent(&find, &["lamp", "1"]),
        sent(&find, &[r#"{"by":{"order":"Name"}}"#, "1", "2"]),
        sent(&find, &[r#"by={"order":"Name"}"#, "1", "nane=3"]),
        sent(&find, &["request=3", "name=a", "since=1"]),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    request.by.order: missing (Order), and has no empty value; there are: Name, Price, Both, Custom
    request.by.order: missing (Order), and has no empty value; there are: Name, Price, Both, Custom
    order: there is no such argument; there are: request, since; fields of request: name, by
    [{"name":"","by":{"order":"Name"}},1]
    since: missing (u64)
    request.by: a Sorting is written as JSON: this is no value of JSON (texts are written in quotes) at character 1
    request.by.order: there is no variant "Nome"; there are: Name, Price, Both, Custom
    since: given twice
    name: given twice
    request: a Sorted is written as FIELD=VALUE or as JSON; its fields: name, by
    there are more values than arguments; there are: request, since; fields of request: name, by
    nane: there is no such argument; there are: request, since; fields of request: name, by
    request.name: given as a whole that has no fields
    "#);
}

#[test]
fn of_a_method_that_may_change_something_every_field_is_written() {
    let set = method::<(Page,)>(&["page"], false);
    let told = [
        sent(&set, &[]),
        sent(&set, &["after=7"]),
        sent(&set, &["after=7", "share=0.5", "is_last=true"]),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    page: missing (Page)
    page.share: missing (f32)
    [{"after":7,"share":0.5,"is_last":true}]
    "#);
}

#[test]
fn an_id_is_hex_digits_and_nothing_less() {
    let find = method::<(Request,)>(&["request"], true);
    for wrong in [
        "4bf92f35",
        "4bf92f3577b34da6a3ce929d0e0e473g",
        "+bf92f3577b34da6a3ce929d0e0e4736",
        "é",
    ] {
        let told = sent(&find, &[&format!("trace_id={wrong}")]);
        assert_eq!(told, "request.trace_id: a TraceId is 32 hex digits");
    }
    let numbers = sent(&find, &[r#"trace_id={"high": 1, "low": 2}"#]);
    assert!(numbers.contains(r#"{"high":1,"low":2}"#), "{numbers}");
    // Another type of this name is none.
    #[derive(Facet)]
    struct SpanId {
        text: String,
    }
    assert_eq!(shape::<SpanId>().id_digits(), None);
    assert_eq!(shape::<hindsight_protocol::SpanId>().id_digits(), Some(16));
}

/// Types that are made to be endless.
#[test]
fn an_empty_value_of_anything_ends() {
    let shape = |types: Vec<Type>| Shape {
        of: types.len() as u32 - 1,
        all: std::sync::Arc::new(Types { types }),
    };
    let field = |of| Field {
        name: "inner".into(),
        of,
    };
    let within_itself = shape(vec![Type::Struct("S".into(), vec![field(0), field(0)])]);
    let wide = shape(vec![
        Type::Scalar(Scalar::Unsigned(8)),
        Type::Array(0, u64::MAX),
    ]);
    let mut steps = vec![Type::Struct("S".into(), Vec::new())];
    steps.extend((0..40).map(|step| Type::Tuple(vec![step; 9])));
    let told = [&within_itself, &wide, &shape(steps)].map(|shape| {
        let misfit = shape.empty().expect_err("it has no end");
        misfit.problem
    });
    insta::assert_snapshot!(told.join("\n"), @r"
    nested deeper than 100
    more than 500000 values
    more than 500000 values
    ");
    assert_eq!(Gaps::default(), Gaps::Refused);
}
