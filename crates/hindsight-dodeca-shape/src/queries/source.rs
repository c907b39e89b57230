//! From files to the tree of the site.

use std::collections::{BTreeMap, HashMap};

use picante::PicanteResult;

use crate::database::{
    Db, SassFile, SassRegistry, SourceFile, SourceRegistry, TemplateFile, TemplateRegistry,
};
use crate::render::markdown;
use crate::steps::step;
use crate::value::{
    MarkdownParseError, Page, ParsedData, Route, Section, SiteTree, SourceMap, SourceParseError,
};

#[picante::tracked]
pub async fn load_template<DB: Db>(db: &DB, template: TemplateFile) -> PicanteResult<String> {
    template.content(db)
}

#[picante::tracked]
pub async fn load_all_templates<DB: Db>(db: &DB) -> PicanteResult<HashMap<String, String>> {
    let mut templates = HashMap::new();
    for template in TemplateRegistry::templates(db)?.unwrap_or_default() {
        let path = template.path(db)?.to_string();
        templates.insert(path, load_template(db, template).await?);
    }
    Ok(templates)
}

#[picante::tracked]
pub async fn load_sass<DB: Db>(db: &DB, sass: SassFile) -> PicanteResult<String> {
    sass.content(db)
}

#[picante::tracked]
pub async fn load_all_sass<DB: Db>(db: &DB) -> PicanteResult<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for file in SassRegistry::files(db)?.unwrap_or_default() {
        let path = file.path(db)?.to_string();
        files.insert(path, load_sass(db, file).await?);
    }
    Ok(files)
}

#[picante::tracked]
#[tracing::instrument(
    target = "dodeca::queries",
    skip_all,
    name = "parse_file",
    fields(path)
)]
pub async fn parse_file<DB: Db>(
    db: &DB,
    source: SourceFile,
) -> PicanteResult<Result<ParsedData, MarkdownParseError>> {
    let path = source.path(db)?.to_string();
    tracing::Span::current().record("path", path.as_str());
    let content = source.content(db)?;
    step("parse_file", &path).await;
    let Some(read) = markdown::read(&content) else {
        let message = "front matter is not closed".to_owned();
        return Ok(Err(MarkdownParseError { message }));
    };
    let stem = path.trim_end_matches(".md");
    Ok(Ok(ParsedData {
        route: Route::of_source(&path),
        is_section: stem.ends_with("_index"),
        title: read.title,
        body_html: read.html,
        headings: read.headings,
        source_map: SourceMap {
            source_path: Some(path.clone()),
        },
        last_updated: source.last_modified(db)?,
        template: read.template,
        source_path: path,
    }))
}

#[picante::tracked]
pub async fn build_tree<DB: Db>(db: &DB) -> PicanteResult<Result<SiteTree, Vec<SourceParseError>>> {
    let mut tree = SiteTree {
        sections: BTreeMap::new(),
        pages: BTreeMap::new(),
    };
    let mut errors = Vec::new();
    for source in SourceRegistry::sources(db)?.unwrap_or_default() {
        match parse_file(db, source).await? {
            Ok(parsed) => add(&mut tree, parsed),
            Err(error) => errors.push(SourceParseError {
                path: source.path(db)?.to_string(),
                error,
            }),
        }
    }
    match errors.is_empty() {
        true => Ok(Ok(tree)),
        false => Ok(Err(errors)),
    }
}

fn add(tree: &mut SiteTree, parsed: ParsedData) {
    let route = parsed.route.clone();
    if parsed.is_section {
        let section = Section {
            route: parsed.route,
            title: parsed.title,
            body_html: parsed.body_html,
            headings: parsed.headings,
            source_map: parsed.source_map,
            last_updated: parsed.last_updated,
            template: parsed.template,
        };
        tree.sections.insert(route, section);
        return;
    }
    let page = Page {
        section_route: route.parent(),
        route: parsed.route,
        title: parsed.title,
        body_html: parsed.body_html,
        headings: parsed.headings,
        source_map: parsed.source_map,
        last_updated: parsed.last_updated,
        template: parsed.template,
    };
    tree.pages.insert(route, page);
}
