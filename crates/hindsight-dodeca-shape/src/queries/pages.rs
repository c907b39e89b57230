//! From the tree to pages.

use std::collections::BTreeMap;

use picante::PicanteResult;

use super::{
    build_tree, css_output, image_input_hash, image_metadata, load_all_templates,
    static_file_output,
};
use crate::database::{CharSet, Db, StaticRegistry};
use crate::render::{Renderable, render};
use crate::steps::step;
use crate::value::{ParseErrors, RenderError, RenderedHtml, Route, ServedHtml, SiteError};

#[picante::tracked]
#[tracing::instrument(target = "dodeca::queries", skip_all, name = "render_page", fields(route = %route))]
pub async fn render_page<DB: Db>(
    db: &DB,
    route: Route,
    can_edit: bool,
) -> PicanteResult<Result<RenderedHtml, SiteError>> {
    tracing::debug!(target: "dodeca::queries", route = %route, can_edit, "Rendering page");
    render_route(db, route, can_edit, "render_page").await
}

#[picante::tracked]
#[tracing::instrument(target = "dodeca::queries", skip_all, name = "render_section", fields(route = %route))]
pub async fn render_section<DB: Db>(
    db: &DB,
    route: Route,
    can_edit: bool,
) -> PicanteResult<Result<RenderedHtml, SiteError>> {
    render_route(db, route, can_edit, "render_section").await
}

async fn render_route<DB: Db>(
    db: &DB,
    route: Route,
    can_edit: bool,
    query: &'static str,
) -> PicanteResult<Result<RenderedHtml, SiteError>> {
    let tree = match build_tree(db).await? {
        Ok(tree) => tree,
        Err(errors) => return Ok(Err(SiteError::Parse(ParseErrors { errors }))),
    };
    let templates = load_all_templates(db).await?;
    step(query, &route.0).await;
    let Some(renderable) = Renderable::find(&tree, &route) else {
        return Ok(Ok(RenderedHtml(String::new())));
    };
    Ok(match render(renderable, &tree, &templates, can_edit) {
        Ok(html) => Ok(RenderedHtml(html)),
        Err(error) => Err(SiteError::Render(RenderError { route, error })),
    })
}

#[picante::tracked]
pub async fn all_rendered_html<DB: Db>(
    db: &DB,
) -> PicanteResult<Result<BTreeMap<Route, String>, SiteError>> {
    let tree = match build_tree(db).await? {
        Ok(tree) => tree,
        Err(errors) => return Ok(Err(SiteError::Parse(ParseErrors { errors }))),
    };
    let templates = load_all_templates(db).await?;
    step("all_rendered_html", "").await;
    let mut pages = BTreeMap::new();
    for route in tree.sections.keys().chain(tree.pages.keys()) {
        let Some(renderable) = Renderable::find(&tree, route) else {
            continue;
        };
        match render(renderable, &tree, &templates, false) {
            Ok(html) => pages.insert(route.clone(), html),
            Err(error) => {
                let route = route.clone();
                return Ok(Err(SiteError::Render(RenderError { route, error })));
            }
        };
    }
    Ok(Ok(pages))
}

#[picante::tracked]
pub async fn global_char_set<DB: Db>(db: &DB) -> PicanteResult<CharSet> {
    let pages = all_rendered_html(db).await?.unwrap_or_default();
    let mut chars: Vec<char> = pages.values().flat_map(|html| html.chars()).collect();
    chars.extend(' '..='~');
    chars.sort_unstable();
    chars.dedup();
    tracing::info!(
        target: "dodeca::queries",
        num_chars = chars.len(),
        "Collected global character set for font subsetting"
    );
    CharSet::new(db, chars)
}

#[picante::tracked]
#[tracing::instrument(target = "dodeca::queries", skip(db), name = "serve_html")]
pub async fn serve_html<DB: Db>(
    db: &DB,
    route: Route,
    can_edit: bool,
) -> PicanteResult<Result<Option<ServedHtml>, SiteError>> {
    tracing::debug!(target: "dodeca::queries", route = %route, can_edit, "serve_html: rendering");
    let tree = match build_tree(db).await? {
        Ok(tree) => tree,
        Err(errors) => return Ok(Err(SiteError::Parse(ParseErrors { errors }))),
    };
    let rendered = if tree.sections.contains_key(&route) {
        render_section(db, route.clone(), can_edit).await?
    } else if tree.pages.contains_key(&route) {
        render_page(db, route.clone(), can_edit).await?
    } else {
        return Ok(Ok(None));
    };
    let mut html = match rendered {
        Ok(RenderedHtml(html)) => html,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(css) = css_output(db).await? {
        html = format!("<link href=\"/{}\">{html}", css.cache_busted_path);
    }
    for file in StaticRegistry::files(db)?.unwrap_or_default() {
        let path = file.path(db)?.to_string();
        if let Some(metadata) = image_metadata(db, file).await? {
            let hash = image_input_hash(db, file).await?;
            let name = format!("/{path}.{hash}.{}.webp", metadata.width);
            html = html.replace(&format!("/{path}"), &name);
        } else {
            let output = static_file_output(db, file).await?;
            html = html.replace(
                &format!("/{path}"),
                &format!("/{}", output.cache_busted_path),
            );
        }
    }
    step("serve_html", &route.0).await;
    Ok(Ok(Some(ServedHtml {
        html,
        head_injections: Vec::new(),
    })))
}
