//! The whole site, and what is made of all pages.

use picante::PicanteResult;

use super::{build_tree, cache_busted, css_output, process_image, serve_html, static_file_output};
use crate::database::{Db, StaticRegistry};
use crate::render::markdown;
use crate::steps::step;
use crate::value::{OutputFile, ParseErrors, SiteError, SiteOutput, StaticFileOutput};

#[picante::tracked]
pub async fn search_index_files<DB: Db>(db: &DB) -> PicanteResult<Vec<StaticFileOutput>> {
    let Ok(tree) = build_tree(db).await? else {
        return Ok(Vec::new());
    };
    step("search_index_files", "").await;
    let titles = tree.pages.values().map(|page| page.title.as_str());
    let content = titles.collect::<Vec<_>>().join("\n").into_bytes();
    Ok(vec![StaticFileOutput {
        cache_busted_path: cache_busted("search/index.bin", &content),
        content,
    }])
}

#[picante::tracked]
pub async fn build_site<DB: Db>(db: &DB) -> PicanteResult<Result<SiteOutput, SiteError>> {
    tracing::debug!(target: "dodeca::queries", "build_site: starting");
    let tree = match build_tree(db).await? {
        Ok(tree) => tree,
        Err(errors) => return Ok(Err(SiteError::Parse(ParseErrors { errors }))),
    };
    let mut files = Vec::new();
    for route in tree.sections.keys().chain(tree.pages.keys()) {
        match serve_html(db, route.clone(), false).await? {
            Ok(Some(served)) => files.push(OutputFile::Html {
                route: route.clone(),
                hrefs: markdown::links(&served.html),
                content: served.html,
            }),
            Ok(None) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    if let Some(css) = css_output(db).await? {
        files.push(OutputFile::Css {
            path: css.cache_busted_path,
            content: css.content,
        });
    }
    let statics = StaticRegistry::files(db)?.unwrap_or_default();
    tracing::debug!(target: "dodeca::queries", count = statics.len(), "build_site: processing static files");
    for file in statics {
        let path = file.path(db)?.to_string();
        if path.ends_with(".png") {
            let images = process_image(db, file).await?;
            for variant in images.into_iter().flat_map(|images| images.webp_variants) {
                files.push(OutputFile::Static {
                    path: cache_busted(&format!("{path}.{}.webp", variant.width), &variant.data),
                    content: variant.data,
                });
            }
            continue;
        }
        let output = static_file_output(db, file).await?;
        files.push(OutputFile::Static {
            path: output.cache_busted_path,
            content: output.content,
        });
    }
    for output in search_index_files(db).await? {
        files.push(OutputFile::Static {
            path: output.cache_busted_path,
            content: output.content,
        });
    }
    Ok(Ok(SiteOutput { files }))
}
