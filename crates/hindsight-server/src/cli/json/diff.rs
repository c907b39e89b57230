//! Two traces compared.

use hindsight_view::diff::{AttributeChange, Seen, Side, TraceDiff};
use hindsight_view::format;
use serde::Serialize;

/// Cells of a value.
const VALUE_CELLS_MAX: usize = 4000;

/// Names above an operation that are told, those next to it.
const PATH_NAMES_MAX: usize = 100;

/// One element of `diff`.
#[derive(Debug, Serialize)]
pub(crate) struct DiffJson<'a> {
    path: Vec<&'a str>,
    service: &'a str,
    name: &'a str,
    kind: &'static str,
    a: SideJson,
    b: SideJson,
    attributes: Vec<ChangeJson<'a>>,
}

#[derive(Debug, Serialize)]
struct SideJson {
    spans: u64,
    errors: u64,
    total_ns: u64,
    self_ns: u64,
}

#[derive(Debug, Serialize)]
struct ChangeJson<'a> {
    key: &'a str,
    a: SeenJson,
    b: SeenJson,
}

#[derive(Debug, Serialize)]
struct SeenJson {
    seen: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl<'a> DiffJson<'a> {
    pub(crate) fn new(diff: &TraceDiff<'a>, index: usize) -> Self {
        let node = &diff.nodes[index];
        let above = std::iter::successors(node.parent, |up| diff.nodes[*up].parent);
        let above = above.map(|up| diff.nodes[up].name);
        let mut path: Vec<&str> = above.take(PATH_NAMES_MAX).collect();
        path.reverse();
        path.push(node.name);
        Self {
            path,
            service: node.service,
            name: node.name,
            kind: node.kind.as_str(),
            a: SideJson::from(node.a),
            b: SideJson::from(node.b),
            attributes: node.attributes.iter().map(ChangeJson::from).collect(),
        }
    }
}

impl From<Side> for SideJson {
    fn from(side: Side) -> Self {
        Self {
            spans: side.spans,
            errors: side.errors,
            total_ns: side.total_ns,
            self_ns: side.self_ns,
        }
    }
}

impl<'a> From<&AttributeChange<'a>> for ChangeJson<'a> {
    fn from(change: &AttributeChange<'a>) -> Self {
        Self {
            key: change.key,
            a: change.a.into(),
            b: change.b.into(),
        }
    }
}

impl From<Seen<'_>> for SeenJson {
    fn from(seen: Seen<'_>) -> Self {
        let (seen, value) = match seen {
            Seen::Nowhere => ("nowhere", None),
            Seen::Varies => ("varies", None),
            Seen::Always(value) => ("always", Some(format::value(value, VALUE_CELLS_MAX))),
        };
        Self { seen, value }
    }
}
