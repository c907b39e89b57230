//! What queries return.

use std::collections::BTreeMap;

use facet::Facet;

/// Where a page is found: `/guide/intro`; the root is `/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Facet)]
#[facet(transparent)]
pub(crate) struct Route(pub(crate) String);

impl Route {
    pub(crate) fn root() -> Self {
        Self("/".to_owned())
    }

    /// Of a source: `guide/_index.md` is `/guide`, `guide/intro.md` is `/guide/intro`.
    pub(crate) fn of_source(path: &str) -> Self {
        let path = path.strip_suffix(".md").unwrap_or(path);
        let path = path.strip_suffix("_index").unwrap_or(path);
        Self(format!("/{}", path.trim_end_matches('/')))
    }

    pub(crate) fn parent(&self) -> Self {
        match self.0.rsplit_once('/') {
            Some((parent, _)) if !parent.is_empty() => Self(parent.to_owned()),
            _ => Self::root(),
        }
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct Heading {
    pub(crate) title: String,
    pub(crate) level: u8,
}

/// Which file a page's elements come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub(crate) struct SourceMap {
    pub(crate) source_path: Option<String>,
}

/// A source, read.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct ParsedData {
    pub(crate) source_path: String,
    pub(crate) route: Route,
    pub(crate) title: String,
    pub(crate) body_html: String,
    pub(crate) is_section: bool,
    pub(crate) headings: Vec<Heading>,
    pub(crate) source_map: SourceMap,
    pub(crate) last_updated: i64,
    pub(crate) template: Option<String>,
}

/// A page that lists others.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct Section {
    pub(crate) route: Route,
    pub(crate) title: String,
    pub(crate) body_html: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) source_map: SourceMap,
    pub(crate) last_updated: i64,
    pub(crate) template: Option<String>,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct Page {
    pub(crate) route: Route,
    pub(crate) title: String,
    pub(crate) body_html: String,
    pub(crate) section_route: Route,
    pub(crate) headings: Vec<Heading>,
    pub(crate) source_map: SourceMap,
    pub(crate) last_updated: i64,
    pub(crate) template: Option<String>,
}

/// All of a site.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct SiteTree {
    pub(crate) sections: BTreeMap<Route, Section>,
    pub(crate) pages: BTreeMap<Route, Page>,
}

/// A source that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct MarkdownParseError {
    pub(crate) message: String,
}

/// Which one it was.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct SourceParseError {
    pub(crate) path: String,
    pub(crate) error: MarkdownParseError,
}

/// Sources that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct ParseErrors {
    pub(crate) errors: Vec<SourceParseError>,
}

/// A template that failed.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct TemplateRenderError {
    pub(crate) message: String,
}

/// A page that was not rendered.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct RenderError {
    pub(crate) route: Route,
    pub(crate) error: TemplateRenderError,
}

/// Why a site is not built.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
#[repr(u8)]
pub(crate) enum SiteError {
    Parse(ParseErrors),
    Render(RenderError),
}

impl std::fmt::Display for SiteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Parse(parse) => {
                let first = parse.errors.first();
                let first = first.map(|e| format!("{}: {}", e.path, e.error.message));
                f.write_str(&first.unwrap_or_default())
            }
            Self::Render(render) => write!(f, "{}: {}", render.route, render.error.message),
        }
    }
}

/// A page in HTML, links not yet resolved.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct RenderedHtml(pub(crate) String);

/// A page ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct ServedHtml {
    pub(crate) html: String,
    pub(crate) head_injections: Vec<String>,
}

/// One size of an image.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct ImageVariant {
    pub(crate) data: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// An image in all sizes.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct ProcessedImages {
    pub(crate) original_width: u32,
    pub(crate) original_height: u32,
    pub(crate) jxl_variants: Vec<ImageVariant>,
    pub(crate) webp_variants: Vec<ImageVariant>,
}

/// Size of an image, and those it is offered in.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct ImageMetadata {
    pub(crate) width: u32,
    pub(crate) variant_widths: Vec<u32>,
}

/// A file with a name that changes with its content.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct StaticFileOutput {
    pub(crate) cache_busted_path: String,
    pub(crate) content: Vec<u8>,
}

/// A style sheet with such a name.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct CssOutput {
    pub(crate) cache_busted_path: String,
    pub(crate) content: String,
}

/// What a link led to.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
#[repr(u8)]
pub(crate) enum ExternalLinkStatus {
    Ok,
    HttpError { code: u16 },
}

/// A file of the built site.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
#[repr(C)]
pub(crate) enum OutputFile {
    Html {
        route: Route,
        content: String,
        hrefs: Vec<String>,
    },
    Css {
        path: String,
        content: String,
    },
    Static {
        path: String,
        content: Vec<u8>,
    },
}

/// All files of the built site.
#[derive(Clone, Debug, PartialEq, Eq, Facet)]
pub(crate) struct SiteOutput {
    pub(crate) files: Vec<OutputFile>,
}
