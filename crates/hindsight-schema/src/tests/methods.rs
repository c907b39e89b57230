//! Methods, from what an app's tracer says of them.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the attribute macro makes public functions without documentation"
)]

use facet::Facet;
use hindsight_protocol::introspection::MethodInfo;
use vox::MethodDescriptor;

use super::*;
use crate::{Answer, Content, Input, Method, Outcome, Written, json};

#[derive(Clone, Debug, PartialEq, Facet)]
pub struct Item {
    id: u64,
    name: String,
    price: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum ShopError {
    Missing(u64),
    Closed,
}

vox_schema::impl_reborrow_owned!(Item);

#[vox::service]
pub trait Shop {
    async fn list(&self, prefix: String, limit: Option<u32>) -> Vec<Item>;
    async fn price(&self, id: u64) -> Result<f64, ShopError>;
    async fn watch(&self, from: u64, items: vox::Tx<Item>) -> u64;
    async fn fill(&self, items: vox::Rx<Item>) -> u64;
    async fn close(&self);
}

/// As the tracer describes them.
fn info(method: &'static MethodDescriptor) -> MethodInfo {
    let plan = vox_types::SchemaSendTracker::plan_for_method_args(method);
    MethodInfo {
        name: method.method_name.into(),
        id: method.id.0,
        argument_names: method.args.iter().map(|a| a.name.to_owned()).collect(),
        arguments_schema: plan.expect("it can be described").bytes.to_vec(),
        answer_schema: vox_phon::schema_bytes_for_shape(method.response_wire_shape)
            .expect("it can be described"),
        callable: true,
        ..MethodInfo::default()
    }
}

fn method(name: &str) -> Method {
    let mut methods = shop_service_descriptor().methods.iter();
    let found = methods.find(|method| method.method_name == name);
    Method::read("Shop", &info(found.expect("it is a method")))
}

fn text(name: Option<&str>, text: &str) -> Written {
    Written {
        name: name.map(Into::into),
        content: Content::Text(text.into()),
    }
}

#[test]
fn methods_read_as_they_were_written() {
    let names = ["list", "price", "watch", "fill", "close"];
    let told = names.map(|name| method(name).signature());
    insta::assert_snapshot!(told.join("\n"), @r"
    list(prefix: String, limit: Option<u32>) -> Vec<Item>
    price(id: u64) -> f64 or ShopError
    watch(from: u64, items: stream of Item) -> u64
    fill(items: stream of Item from the caller) -> u64
    close()
    ");
    insta::assert_snapshot!(method("price").definitions().join("\n"), @r"enum ShopError { Missing(u64), Closed }");
}

#[test]
fn arguments_are_taken_by_name_and_else_in_their_order() {
    let arguments = method("list").arguments.expect("it is described");
    let fill = |written: &[Written]| match arguments.fill(written) {
        Ok(values) => json::print(&Value::List(values)),
        Err(misfit) => misfit.to_string(),
    };
    let told = [
        fill(&[text(None, "a")]),
        fill(&[text(None, "a"), text(None, "3")]),
        fill(&[text(Some("limit"), "3"), text(None, "a")]),
        fill(&[text(Some("limit"), "3"), text(Some("prefix"), "a=b")]),
        fill(&[Written {
            name: Some("prefix".into()),
            content: Content::Json(Value::int(3)),
        }]),
        fill(&[]),
        fill(&[text(None, "a"), text(None, "three")]),
        fill(&[text(None, "a"), text(None, "3"), text(None, "4")]),
        fill(&[text(Some("prefx"), "a")]),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    ["a",null]
    ["a",3]
    ["a",3]
    ["a=b",3]
    prefix: 3 is no String
    prefix: missing (String)
    limit: "three" is no u32
    there are more values than arguments; there are: prefix, limit
    prefx: there is no such argument; there are: prefix, limit
    "#);
}

#[test]
fn the_message_is_the_one_that_a_generated_client_sends() {
    let arguments = method("list").arguments.expect("it is described");
    let values = arguments.fill(&[text(None, "ab"), text(None, "7")]);
    let bytes = arguments.encode(&values.expect("they fit"));
    let sent = vox_phon::to_vec(&("ab".to_owned(), Some(7_u32))).expect("it can be sent");
    assert_eq!(bytes, Ok(sent));
    let none = method("close").arguments.expect("it is described");
    assert_eq!(none.encode(&[]), Ok(Vec::new()));
}

#[test]
fn a_stream_is_an_argument_that_nobody_gives() {
    let watch = method("watch");
    let (index, items) = watch.items().expect("it streams");
    assert_eq!((index, items.to_string()), (1, "Item".into()));
    let arguments = watch.arguments.expect("it is described");
    assert_eq!(arguments.given().count(), 1);
    let fill = method("fill").arguments.expect("it is described");
    assert!(matches!(fill.list[0].input, Input::Stream(_)));
    assert!(fill.encode(&[]).is_err());
}

#[test]
fn an_answer_is_told_from_an_error() {
    type Price = Result<f64, vox::VoxError<ShopError>>;
    let schema = vox_phon::schema_bytes::<Price>().expect("it can be described");
    let read = |answer: Price| {
        let bytes = vox_phon::to_vec(&answer).expect("it can be sent");
        Answer::decode(&bytes, &schema).expect("it can be read")
    };
    assert!(matches!(read(Ok(1.5)), Outcome::Answer(Value::Number(_))));
    let user = |error| read(Err(vox::VoxError::User(Box::new(error))));
    let Outcome::Failed(missing) = user(ShopError::Missing(7)) else {
        panic!("the app's own error");
    };
    assert_eq!(json::print(&missing), r#"{"Missing":7}"#);
    assert_eq!(
        read(Err(vox::VoxError::InvalidPayload("not allowed".into()))),
        Outcome::Refused("not allowed".into())
    );
    assert_eq!(
        read(Err(vox::VoxError::UnknownMethod)),
        Outcome::Refused("the app has no such method".into())
    );
}

#[test]
fn a_method_that_is_not_described_says_so_where_it_matters() {
    let info = MethodInfo {
        name: "price".into(),
        arguments_schema: vec![1, 2, 3],
        ..MethodInfo::default()
    };
    let method = Method::read("Shop", &info);
    assert!(method.arguments.is_err() && method.answer.is_err());
    assert!(
        method
            .signature()
            .starts_with("price(… the description cannot be read")
    );
}
