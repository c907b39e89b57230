//! Methods, forms and answers as people read them.

mod answers;
mod forms;

use std::collections::BTreeMap;

use facet::Facet;
use hindsight_protocol::introspection::MethodInfo;
use hindsight_schema::Method;

/// What to look for.
#[derive(Clone, Debug, PartialEq, Facet)]
pub(crate) struct Filter {
    name: Option<String>,
    order: Order,
    tags: Vec<String>,
    limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub(crate) enum Order {
    Name,
    Price { up: bool },
    Custom(String),
}

/// Most of it may stay empty.
#[derive(Clone, Debug, PartialEq, Facet)]
pub(crate) struct Request {
    limit: u32,
    trace_id: hindsight_protocol::TraceId,
    sizes: Vec<u64>,
    raw: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Facet)]
pub(crate) struct Tree {
    label: String,
    children: Vec<Tree>,
}

#[derive(Clone, Debug, PartialEq, Facet)]
pub(crate) struct Item {
    id: u64,
    name: String,
    price: Option<f64>,
    tags: Vec<String>,
}

fn described<A: Facet<'static>, R: Facet<'static>>(name: &str, arguments: &[&str]) -> MethodInfo {
    MethodInfo {
        name: name.into(),
        doc: format!("  What {name} does.\n\n Second\u{1b}[31m line.\n"),
        argument_names: arguments.iter().map(|name| (*name).to_owned()).collect(),
        arguments_schema: vox_phon::schema_bytes::<A>().expect("it can be described"),
        answer_schema: vox_phon::schema_bytes::<R>().expect("it can be described"),
        ..MethodInfo::default()
    }
}

fn list() -> Method {
    let info = MethodInfo {
        callable: true,
        is_read_only: true,
        ..described::<(Filter, u64), Vec<Item>>("list", &["filter", "since"])
    };
    Method::read("Shop", &info)
}

fn all() -> Vec<Method> {
    let delete = described::<(u64,), ()>("delete", &["id"]);
    let import = MethodInfo {
        callable: true,
        ..described::<(Tree, BTreeMap<u32, String>), u64>("import", &["tree", "names"])
    };
    let broken = MethodInfo {
        callable: true,
        arguments_schema: vec![7; 3],
        ..described::<((),), ()>("broken\u{202e}", &[])
    };
    let told = [&delete, &import, &broken].map(|info| Method::read("Shop", info));
    told.into_iter().chain([list()]).collect()
}
