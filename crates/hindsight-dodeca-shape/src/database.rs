//! Inputs, and the database of all queries.
#![allow(
    unreachable_pub,
    missing_docs,
    reason = "picante's macros make public items without documentation"
)]

use crate::site::Site;

/// A Markdown file.
#[picante::input]
pub struct SourceFile {
    #[key]
    pub path: String,
    pub content: String,
    pub last_modified: i64,
}

/// A template.
#[picante::input]
pub struct TemplateFile {
    #[key]
    pub path: String,
    pub content: String,
}

/// A style sheet in Sass.
#[picante::input]
pub struct SassFile {
    #[key]
    pub path: String,
    pub content: String,
}

/// Any other file.
#[picante::input]
pub struct StaticFile {
    #[key]
    pub path: String,
    pub content: Vec<u8>,
}

/// Which Markdown files there are.
#[picante::input]
pub struct SourceRegistry {
    pub sources: Vec<SourceFile>,
}

/// Which templates there are.
#[picante::input]
pub struct TemplateRegistry {
    pub templates: Vec<TemplateFile>,
}

/// Which style sheets there are.
#[picante::input]
pub struct SassRegistry {
    pub files: Vec<SassFile>,
}

/// Which other files there are.
#[picante::input]
pub struct StaticRegistry {
    pub files: Vec<StaticFile>,
}

/// Characters that fonts need.
#[picante::interned]
pub struct CharSet {
    pub chars: Vec<char>,
}

/// All inputs and queries.
#[picante::db(
    inputs(
        SourceFile,
        TemplateFile,
        SassFile,
        StaticFile,
        SourceRegistry,
        TemplateRegistry,
        SassRegistry,
        StaticRegistry,
    ),
    interned(CharSet),
    tracked(
        crate::queries::load_template,
        crate::queries::load_all_templates,
        crate::queries::load_sass,
        crate::queries::load_all_sass,
        crate::queries::compile_sass,
        crate::queries::css_output,
        crate::queries::parse_file,
        crate::queries::build_tree,
        crate::queries::render_page,
        crate::queries::render_section,
        crate::queries::load_static,
        crate::queries::optimize_svg,
        crate::queries::subset_font,
        crate::queries::image_metadata,
        crate::queries::image_input_hash,
        crate::queries::process_image,
        crate::queries::all_rendered_html,
        crate::queries::global_char_set,
        crate::queries::static_file_output,
        crate::queries::serve_html,
        crate::queries::check_external_url,
        crate::queries::search_index_files,
        crate::queries::build_site,
    ),
    db_trait(Db)
)]
pub struct Database {}

impl Database {
    /// Sets all inputs to what the site has. An input whose value is the same stays as it is.
    pub(crate) fn load(&self, site: &Site) -> picante::PicanteResult<()> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut sources = Vec::new();
        for (path, bytes) in site.beneath("content") {
            sources.push(SourceFile::new(self, path.to_owned(), text(bytes), 0)?);
        }
        let mut templates = Vec::new();
        for (path, bytes) in site.beneath("templates") {
            templates.push(TemplateFile::new(self, path.to_owned(), text(bytes))?);
        }
        let mut sass = Vec::new();
        for (path, bytes) in site.beneath("sass") {
            sass.push(SassFile::new(self, path.to_owned(), text(bytes))?);
        }
        let mut files = Vec::new();
        for (path, bytes) in site.beneath("static") {
            files.push(StaticFile::new(self, path.to_owned(), bytes.to_vec())?);
        }
        SourceRegistry::set(self, sources)?;
        TemplateRegistry::set(self, templates)?;
        SassRegistry::set(self, sass)?;
        StaticRegistry::set(self, files)
    }
}
