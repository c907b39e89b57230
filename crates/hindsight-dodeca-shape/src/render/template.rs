//! Templates: text with `{{ name }}` in it.

use std::collections::HashMap;

use super::Renderable;
use crate::value::SiteTree;

/// What a template may ask for.
pub(super) struct Values<'t> {
    title: &'t str,
    content: &'t str,
    can_edit: bool,
    tree: &'t SiteTree,
}

impl<'t> Values<'t> {
    pub(super) fn of(renderable: &Renderable<'t>, tree: &'t SiteTree, can_edit: bool) -> Self {
        let (title, content) = match renderable {
            Renderable::Page(page) => (&page.title, &page.body_html),
            Renderable::Section(section) => (&section.title, &section.body_html),
        };
        Self {
            title,
            content,
            can_edit,
            tree,
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        match name {
            "title" => Some(self.title.to_owned()),
            "content" => Some(self.content.to_owned()),
            "can_edit" => Some(self.can_edit.to_string()),
            "toc" => Some(self.table_of_contents()),
            _ => None,
        }
    }

    fn table_of_contents(&self) -> String {
        let items = self.tree.pages.values();
        let item =
            |page: &crate::value::Page| format!("<a href=\"{}\">{}</a>", page.route, page.title);
        items.map(item).collect()
    }
}

/// The template with its names replaced.
pub(super) fn fill(
    name: &str,
    templates: &HashMap<String, String>,
    values: &Values<'_>,
) -> Result<String, String> {
    let mut rest = templates
        .get(name)
        .ok_or_else(|| format!("there is no template {name}"))?
        .as_str();
    let mut html = String::new();
    while let Some((before, after)) = rest.split_once("{{") {
        let (asked, after) = after.split_once("}}").ok_or("{{ without }}")?;
        let asked = asked.trim();
        let value = values.get(asked);
        html.push_str(before);
        html.push_str(&value.ok_or_else(|| format!("{name}: unknown name {asked}"))?);
        rest = after;
    }
    html.push_str(rest);
    Ok(html)
}
