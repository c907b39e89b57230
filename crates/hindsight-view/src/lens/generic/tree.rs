//! An answer as a tree of which only what is opened is shaped.

use std::collections::BTreeMap;

use hindsight_schema::Value;

use super::{VALUE_CELLS_MAX, one_line, outline, role};
use crate::format;
use crate::text::Role;

/// Parts of an opened value that are shown before more are asked for.
pub const CHILDREN_MAX: usize = 100;
/// Most rows of a tree.
pub const ROWS_MAX: usize = 5_000;
/// Levels that are open at first.
const OPEN_AT_FIRST: usize = 2;

/// Cells of a name.
const NAME_CELLS_MAX: usize = 60;

/// The way to a part: places within each other.
pub type Way = Vec<u32>;

/// Which parts are open, and how many of their parts are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Those that were opened or closed; else the first levels are open.
    changed: BTreeMap<Way, bool>,
    is_all: bool,
    /// Where more than usual are shown.
    shown: BTreeMap<Way, usize>,
}

impl Open {
    /// All of it, for who cannot open anything.
    pub fn all() -> Self {
        Self {
            is_all: true,
            ..Self::default()
        }
    }

    /// Whether the part at `way` is open.
    pub fn is_open(&self, way: &[u32]) -> bool {
        let changed = self.changed.get(way).copied();
        changed.unwrap_or(self.is_all || way.len() < OPEN_AT_FIRST)
    }

    /// Opens what is closed, closes what is open.
    pub fn toggle(&mut self, way: &[u32]) {
        let is_open = self.is_open(way);
        self.changed.insert(way.to_vec(), !is_open);
    }

    /// Shows ten times as many parts of it.
    pub fn more(&mut self, way: &[u32]) {
        let shown = self.shown.entry(way.to_vec()).or_insert(CHILDREN_MAX);
        *shown = shown.saturating_mul(10);
    }

    fn shown(&self, way: &[u32]) -> usize {
        if self.is_all {
            return ROWS_MAX;
        }
        self.shown.get(way).copied().unwrap_or(CHILDREN_MAX)
    }
}

/// A row of a tree, escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// The way to the part.
    pub way: Way,
    /// How far it is indented.
    pub depth: usize,
    /// Of a field, `3` of an element; empty for the whole.
    pub name: String,
    /// The value, or what it holds.
    pub text: String,
    /// Of the value.
    pub role: Role,
    /// Whether it is open; none for what has no parts.
    pub is_open: Option<bool>,
    /// It stands for parts that are not shown; opening it shows more of them.
    pub is_rest: bool,
}

/// Rows of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Of what is opened.
    pub rows: Vec<TreeRow>,
    /// Whether there was no room for all of it.
    pub is_cut: bool,
}

/// The rows of a value, as far as it is opened.
pub fn tree(value: &Value, open: &Open) -> Tree {
    let mut tree = Tree::default();
    add(value, String::new(), &mut Vec::new(), open, &mut tree);
    tree
}

fn add(value: &Value, name: String, way: &mut Way, open: &Open, tree: &mut Tree) {
    if tree.rows.len() >= ROWS_MAX {
        tree.is_cut = true;
        return;
    }
    // What holds one value of its own is shown as that.
    let (variant, inner) = match value {
        Value::Variant(name, inner) if inner.parts() > 0 => (Some(name), &**inner),
        Value::Some(inner) => (None, &**inner),
        other => (None, other),
    };
    let parts = match inner {
        Value::Variant(..) => 0,
        inner => inner.parts(),
    };
    let is_open = (parts > 0).then(|| open.is_open(way));
    let text = match (is_open, variant) {
        (None, _) => one_line(value, VALUE_CELLS_MAX),
        (Some(true), Some(variant)) => format::escape(variant).into_owned(),
        (Some(true), None) => outline(inner),
        (Some(false), _) => one_line(value, VALUE_CELLS_MAX),
    };
    tree.rows.push(TreeRow {
        way: way.clone(),
        depth: way.len(),
        name,
        text,
        role: if is_open.is_some() {
            Role::Dim
        } else {
            role(value)
        },
        is_open,
        is_rest: false,
    });
    if is_open != Some(true) {
        return;
    }
    let shown = open.shown(way).min(parts);
    for index in 0..shown {
        let Some((name, part)) = part(inner, index) else {
            break;
        };
        way.push(index as u32);
        add(part, name, way, open, tree);
        way.pop();
    }
    if shown < parts && !tree.is_cut {
        let rest = (parts - shown) as u64;
        tree.rows.push(TreeRow {
            way: way.clone(),
            depth: way.len() + 1,
            name: String::new(),
            text: format!("{} more", format::count(rest)),
            role: Role::Dim,
            is_open: None,
            is_rest: true,
        });
    }
}

/// A part and its name.
fn part(value: &Value, index: usize) -> Option<(String, &Value)> {
    let cut = |text: &str| format::truncate(&format::escape(text), NAME_CELLS_MAX).into_owned();
    match value {
        Value::List(list) => Some((index.to_string(), list.get(index)?)),
        Value::Struct(fields) => {
            let (name, value) = fields.get(index)?;
            Some((cut(name), value))
        }
        Value::Map(entries) => {
            let (key, value) = entries.get(index)?;
            Some((one_line(key, NAME_CELLS_MAX), value))
        }
        _ => None,
    }
}
