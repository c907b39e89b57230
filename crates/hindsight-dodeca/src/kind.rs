//! What dodeca's queries and inputs mean: the table between their names and builds of a site.
//!
//! A name that is not here has no meaning and costs one look at the table. Names that a later dodeca gives up
//! are never seen; pages are then known by what still is.

use hindsight_protocol::introspection::dodeca::phase;

/// What the key of a query names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A page, by its route.
    Route,
    /// A file, relative to the folder.
    File(&'static str),
    /// A link.
    Url,
    /// Nothing: there is one for the site; its events are called this.
    Site(&'static str),
}

/// What a query does for a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// A word of `phase`.
    pub(crate) phase: &'static str,
    pub(crate) subject: Subject,
    pub(crate) role: Role,
}

/// What is done with it besides counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing.
    Step,
    /// It renders a page with its template.
    Render,
    /// It makes a page ready to be sent.
    Page,
    /// It is the whole build.
    Build,
    /// It is the tree of pages.
    Tree,
}

/// The meaning of a query; none for those that only pass on what others made.
pub(crate) fn meaning(kind: &str) -> Option<Meaning> {
    use Subject::{File, Route, Site, Url};
    let (phase, subject, role) = match kind {
        "parse_file" => (phase::PARSE, File("content"), Role::Step),
        "load_and_parse_data_file" => (phase::PARSE, File("data"), Role::Step),
        "build_tree" => ("", Site("site tree"), Role::Tree),
        "render_page" | "render_section" => (phase::RENDER, Route, Role::Render),
        "serve_html" => ("", Route, Role::Page),
        "render_page_markdown" => (phase::RENDER, Route, Role::Step),
        "all_rendered_html" => (phase::FONT, Site("text of all pages"), Role::Step),
        "compile_sass" => (phase::STYLE, Site("main.scss"), Role::Step),
        "css_output" => (phase::STYLE, Site("main.css"), Role::Step),
        "source_css_outputs" => (phase::STYLE, Site("style sheets of sources"), Role::Step),
        "process_image" => (phase::IMAGE, File("static"), Role::Step),
        "decompress_font" | "subset_font" => (phase::FONT, File("static"), Role::Step),
        "optimize_svg" | "static_file_output" => (phase::ASSET, File("static"), Role::Step),
        "check_external_url" => (phase::LINK, Url, Role::Step),
        "search_index_files" => (phase::SEARCH, Site("search index"), Role::Step),
        "page_chunks_embedded" => (phase::SEARCH, Site("meaning of pages"), Role::Step),
        "build_site" => ("", Site("site"), Role::Build),
        _ => return None,
    };
    Some(Meaning {
        phase,
        subject,
        role,
    })
}

/// All phases, in the order in which they are told.
pub(crate) const PHASES: [&str; 8] = [
    phase::PARSE,
    phase::RENDER,
    phase::STYLE,
    phase::IMAGE,
    phase::FONT,
    phase::ASSET,
    phase::LINK,
    phase::SEARCH,
];

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A file of the folder.
    File(&'static str),
    /// Which files a folder has.
    Folder(&'static str),
    /// Something that is set with a file or at the start, and no cause by itself.
    Other,
}

/// The meaning of an input. Names are as picante has them: `SourceFile::data`.
pub(crate) fn input(kind: &str) -> Input {
    match kind.split("::").next().unwrap_or_default() {
        "SourceFile" => Input::File("content"),
        "TemplateFile" => Input::File("templates"),
        "SassFile" => Input::File("sass"),
        "StaticFile" => Input::File("static"),
        "DataFile" => Input::File("data"),
        "CodeFile" => Input::File(""),
        "SourceRegistry" => Input::Folder("content"),
        "TemplateRegistry" => Input::Folder("templates"),
        "SassRegistry" => Input::Folder("sass"),
        "StaticRegistry" => Input::Folder("static"),
        "DataRegistry" => Input::Folder("data"),
        "IncludedFileRegistry" => Input::Folder("included files"),
        "ConfigRegistry" => Input::Folder("configuration"),
        _ => Input::Other,
    }
}

/// The first text of a key: `"/guide"` of `("/guide", false)`, `intro.md` of `intro.md`.
pub(crate) fn first_text(key: &str) -> String {
    let key = key.trim_start_matches(['(', '[', ' ']);
    if let Some((before, quoted)) = key.split_once('"')
        && !before.contains(',')
    {
        return unquoted(quoted);
    }
    let end = key.find(", ").unwrap_or(key.len());
    key[..end].trim_end_matches([')', ']', ' ']).to_owned()
}

/// Up to the closing quote.
fn unquoted(quoted: &str) -> String {
    let mut text = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    text
}

/// What a query is about, readable: a route, a path from the project's root, a link.
pub(crate) fn subject_of(meaning: Meaning, key: &str) -> String {
    match meaning.subject {
        Subject::Route | Subject::Url => first_text(key),
        Subject::File(folder) => path_in(folder, &first_text(key)),
        Subject::Site(name) => name.to_owned(),
    }
}

/// A path from the project's root.
pub(crate) fn path_in(folder: &str, path: &str) -> String {
    match folder {
        "" => path.to_owned(),
        folder => format!("{folder}/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_text_of_keys_of_all_forms_is_found() {
        let cases = [
            ("intro.md", "intro.md"),
            ("\"/guide\"", "/guide"),
            ("(\"/guide\", false)", "/guide"),
            ("/guide, false", "/guide"),
            ("(/guide, true)", "/guide"),
            ("Route(\"/a \\\" b\"), false", "/a \" b"),
            ("[b.md, 0]", "b.md"),
            ("with (brackets) in.md", "with (brackets) in.md"),
            ("", ""),
            ("\"never closed", "never closed"),
        ];
        for (key, text) in cases {
            assert_eq!(first_text(key), text, "of {key}");
        }
    }

    #[test]
    fn a_query_is_called_by_what_it_is_about() {
        let called = |kind, key| subject_of(meaning(kind).expect("a meaning"), key);
        assert_eq!(
            called("parse_file", "guide/intro.md"),
            "content/guide/intro.md"
        );
        assert_eq!(called("render_page", "(\"/guide\", false)"), "/guide");
        assert_eq!(called("compile_sass", "()"), "main.scss");
        assert_eq!(meaning("load_template"), None);
    }
}
