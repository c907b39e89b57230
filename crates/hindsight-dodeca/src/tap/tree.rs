//! The tree of a site.

use std::collections::BTreeSet;

use facet_reflect::Peek;

use super::peek::{field, map_values, ok_or_error, text_field};

/// Pages and sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) pages: Vec<TreePage>,
    pub(crate) error: Option<String>,
    pub(crate) warnings: Vec<String>,
}

/// A page of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TreePage {
    pub(crate) route: String,
    pub(crate) title: String,
    pub(crate) is_section: bool,
    pub(crate) source_path: String,
    pub(crate) template: String,
}

/// Reads `Result<SiteTree, Vec<SourceParseError>>`.
pub(crate) fn tree(value: Peek<'_, '_>) -> Tree {
    let mut read = Tree::default();
    let tree = match ok_or_error(value) {
        Ok(tree) => tree,
        Err(error) => {
            read.error = Some(error);
            return read;
        }
    };
    let mut missing = BTreeSet::new();
    for (name, is_section) in [("sections", true), ("pages", false)] {
        let Some(all) = field(tree, name).and_then(map_values) else {
            read.warnings.push(format!(
                "build_tree has no map `{name}`: its pages are not listed"
            ));
            continue;
        };
        for page in all {
            read.pages.extend(tree_page(page, is_section, &mut missing));
        }
    }
    let missing = missing
        .into_iter()
        .map(|what| format!("build_tree: {what}"));
    read.warnings.extend(missing);
    read
}

fn tree_page(
    page: Peek<'_, '_>,
    is_section: bool,
    missing: &mut BTreeSet<&'static str>,
) -> Option<TreePage> {
    let Some(route) = text_field(page, "route") else {
        missing.insert("a page has no text `route`: it is not listed");
        return None;
    };
    let title = text_field(page, "title");
    if title.is_none() {
        missing.insert("a page has no text `title`");
    }
    if field(page, "template").is_none() {
        missing.insert("a page has no field `template`");
    }
    let source = field(page, "source_map").and_then(|map| text_field(map, "source_path"));
    Some(TreePage {
        route,
        title: title.unwrap_or_default(),
        is_section,
        source_path: source.map_or(String::new(), |path| format!("content/{path}")),
        template: text_field(page, "template").unwrap_or_default(),
    })
}
