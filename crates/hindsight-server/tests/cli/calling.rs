//! Methods of an app, called on the command line.

// What the macro generates is `pub`.
#![allow(missing_docs, unreachable_pub)]

use std::time::Instant;

use facet::Facet;
use hindsight::{Service, Tracer};

use crate::hub::Hub;
use crate::process::{Finished, PATIENCE};

#[derive(Clone, Debug, PartialEq, Facet)]
pub struct Item {
    pub id: u64,
    pub name: String,
    pub price: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum ShopError {
    Missing(u64),
}

#[derive(Clone, Debug, PartialEq, Facet)]
pub struct Search {
    pub prefix: String,
    pub ids: Vec<u64>,
    pub trace_id: hindsight_protocol::TraceId,
}

#[vox::service]
pub trait Shop {
    /// What was searched for.
    async fn search(&self, request: Search) -> Search;
    /// Items whose name begins so.
    async fn list(&self, prefix: String, limit: Option<u32>) -> Vec<Item>;
    /// One of them.
    async fn item(&self, id: u64) -> Result<Item, ShopError>;
    /// Numbers up to one.
    async fn count(&self, up_to: u64, out: vox::Tx<u64>) -> u64;
    /// Not for viewers.
    async fn close(&self);
}

#[vox::service]
pub trait Till {
    /// Takes money.
    async fn take(&self, cents: i64) -> i64;
}

#[derive(Clone)]
struct Here;

fn items() -> Vec<Item> {
    let item = |id, name: &str, price| Item {
        id,
        name: name.into(),
        price,
    };
    vec![
        item(1, "tea", Some(2.5)),
        item(u64::MAX, "tea\u{1b}[31m\u{202e}pot", None),
        item(3, "lamp", Some(30.0)),
    ]
}

impl Shop for Here {
    async fn search(&self, request: Search) -> Search {
        request
    }

    async fn list(&self, prefix: String, limit: Option<u32>) -> Vec<Item> {
        let mut all = items();
        all.retain(|item| item.name.starts_with(&prefix));
        all.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
        all
    }

    async fn item(&self, id: u64) -> Result<Item, ShopError> {
        let mut all = items().into_iter();
        all.find(|item| item.id == id).ok_or(ShopError::Missing(id))
    }

    async fn count(&self, up_to: u64, out: vox::Tx<u64>) -> u64 {
        for number in 0..up_to {
            if out.send(number).await.is_err() {
                return number;
            }
        }
        out.close(Default::default()).await.ok();
        up_to
    }

    async fn close(&self) {}
}

impl Till for Here {
    async fn take(&self, cents: i64) -> i64 {
        cents
    }
}

/// An app that offers both, and what keeps it there.
fn shop(hub: &Hub) -> (tokio::runtime::Runtime, Tracer) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let tracer = runtime.block_on(async {
        let builder = Tracer::builder().endpoint(hub.tcp.as_str());
        let tracer = builder.service_name("shop").lazy();
        let shop = Service::new(shop_service_descriptor(), ShopDispatcher::new(Here));
        tracer.expose(shop.read_only(["search", "list", "item", "count"]));
        let till = Service::new(till_service_descriptor(), TillDispatcher::new(Here));
        tracer.expose(till.allow_calls());
        tracer
    });
    let started = Instant::now();
    loop {
        let listed = hub.run(&["services", "shop"]);
        if listed.stdout.contains("Till") {
            return (runtime, tracer);
        }
        assert!(started.elapsed() < PATIENCE, "{listed:?}");
    }
}

#[track_caller]
fn refused(told: &Finished, code: i32, text: &str) {
    assert_eq!(told.code, Some(code), "{told:?}");
    assert!(told.stderr.contains(text), "{told:?}");
    assert_eq!(told.stdout, "", "{told:?}");
}

#[test]
fn a_method_is_called_and_its_answer_is_a_table_a_tree_or_json() {
    let hub = Hub::start(&[]);
    let _shop = shop(&hub);
    let table = hub.read(&["call", "shop", "Shop.list", "--arg", "tea"]);
    let lines: Vec<_> = table.lines().map(str::trim_end).collect();
    assert!(
        lines[0].contains("NAME") && lines[0].contains("PRICE"),
        "{table}"
    );
    assert!(
        lines[1].contains("tea") && lines[1].contains("2.5"),
        "{table}"
    );
    assert!(
        lines[2].contains("18446744073709551615  tea\\x1b[31m\\u{202e}pot"),
        "{table}"
    );
    assert_eq!(lines.len(), 3);

    let by_name = [
        "call", "shop", "list", "--arg", "limit=1", "--arg", "prefix=",
    ];
    let json = hub.json(&[&by_name[..], &["--format", "json"]].concat());
    assert_eq!(json[0]["name"], "tea");
    assert_eq!(json.as_array().map(Vec::len), Some(1));
    let arguments = r#"{"id": 18446744073709551615}"#;
    let item = hub.read(&[
        "call",
        "shop",
        "item",
        "--args-json",
        arguments,
        "--format",
        "jsonl",
    ]);
    assert!(
        item.starts_with(r#"{"id":18446744073709551615,"name":"tea"#),
        "{item}"
    );
    let tree = hub.read(&["call", "shop", "item", "--arg", "3"]);
    assert_eq!(tree, "id  3\nname  lamp\nprice  30.0\n");
}

#[test]
fn fields_of_a_request_are_written_one_by_one_and_the_rest_is_empty() {
    let hub = Hub::start(&[]);
    let _shop = shop(&hub);
    let call = |rest: &[&str]| {
        let all = [&["call", "shop", "search"], rest, &["--format", "jsonl"]].concat();
        hub.read(&all)
    };
    assert_eq!(
        call(&[]),
        "{\"prefix\":\"\",\"ids\":[],\"trace_id\":{\"high\":0,\"low\":0}}\n"
    );
    let id = "trace_id=000000000000000a000000000000000b";
    assert_eq!(
        call(&["--arg", id, "--arg-json", "ids=[1]"]),
        "{\"prefix\":\"\",\"ids\":[1],\"trace_id\":{\"high\":10,\"low\":11}}\n"
    );
    assert_eq!(
        call(&["--args-json", r#"{"prefix": "a=b"}"#]),
        "{\"prefix\":\"a=b\",\"ids\":[],\"trace_id\":{\"high\":0,\"low\":0}}\n"
    );
    refused(
        &hub.run(&["call", "shop", "search", "--arg", "prefx=a"]),
        2,
        "its fields: prefix, ids, trace_id",
    );
}

#[test]
fn a_stream_is_printed_item_by_item() {
    let hub = Hub::start(&[]);
    let _shop = shop(&hub);
    let all = hub.run(&["call", "shop", "count", "--arg", "300"]);
    assert_eq!(all.stdout.lines().count(), 300, "{all:?}");
    assert_eq!(all.stderr, "the stream has ended: 300\n");
    let some = hub.run(&[
        "call",
        "shop",
        "count",
        "--arg",
        "1000000000",
        "--limit",
        "5",
    ]);
    assert_eq!(
        (some.code, some.stdout.as_str()),
        (Some(0), "0\n1\n2\n3\n4\n")
    );
}

#[test]
fn what_cannot_be_called_says_why_and_what_to_do() {
    let hub = Hub::start(&[]);
    let _shop = shop(&hub);
    let call = |rest: &[&str]| hub.run(&[&["call", "shop"], rest].concat());
    refused(
        &call(&["Shop.lst", "--arg", "x"]),
        2,
        "did you mean \"list\"?",
    );
    refused(&call(&["Shp.list"]), 2, "did you mean \"Shop\"?");
    refused(&call(&["Shop.item"]), 2, "id: missing (u64)");
    refused(
        &call(&["item", "--arg", "-1"]),
        2,
        "id: out of range for u64",
    );
    refused(
        &call(&["item", "--arg", "1", "--arg", "2"]),
        2,
        "more values than arguments",
    );
    refused(
        &call(&["item", "--args-json", "[1"]),
        2,
        "--args-json: a comma or bracket is missing",
    );
    refused(
        &call(&["item", "--arg", "77"]),
        1,
        "Shop.item failed: {\"Missing\":77}",
    );
    let hidden = call(&["Shop.close"]);
    refused(&hidden, 1, "the app does not allow it");
    assert!(hidden.stderr.contains("hint: in the app"), "{hidden:?}");
    assert!(
        hidden.stderr.contains("service.read_only([\"close\"])"),
        "{hidden:?}"
    );
    refused(
        &hub.run(&["call", "nobody", "x.y"]),
        1,
        "no app is called \"nobody\"",
    );
}

#[test]
fn what_may_change_something_is_not_called_unasked() {
    let hub = Hub::start(&[]);
    let _shop = shop(&hub);
    let call =
        |rest: &[&str]| hub.run(&[&["call", "shop", "Till.take", "--arg", "-5"], rest].concat());
    refused(
        &call(&[]),
        2,
        "Till.take may change something, so it is not called without --yes",
    );
    assert_eq!(call(&["--yes"]).stdout, "-5\n");
}

#[test]
fn a_service_is_told_with_its_types() {
    let hub = Hub::start(&[]);
    let _shop = shop(&hub);
    let told = hub.read(&["services", "shop", "Shop"]);
    for part in [
        "list(prefix: String, limit: Option<u32>) -> Vec<Item>\n  may be called\n  Items whose name begins so.\n",
        "item(id: u64) -> Item or ShopError",
        "count(up_to: u64, out: stream of u64) -> u64\n  may be followed",
        "close()\n  may not be called",
        "struct Item { id: u64, name: String, price: Option<f64> }",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
