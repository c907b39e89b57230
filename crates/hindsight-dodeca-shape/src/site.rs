//! Files of a site, in memory.
//!
//! Paths are relative to the project: `content/guide/intro.md`, `templates/page.html`, `sass/main.scss`,
//! `static/images/logo.png`.

use std::collections::BTreeMap;

/// A site's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    files: BTreeMap<String, Vec<u8>>,
}

impl Site {
    /// Two sections with two pages each, templates, style sheets, an image, a font and a drawing. One page
    /// asks for a template that is not there.
    pub fn small() -> Self {
        let mut site = Self::bare();
        site.set(
            "content/_index.md",
            page("Harbour", "", "Welcome. See [guide](/guide)."),
        );
        site.set("content/guide/_index.md", page("Guide", "", "How to moor."));
        site.set(
            "content/guide/intro.md",
            page("Introduction", "", "# First steps\nTies and knots."),
        );
        site.set(
            "content/guide/knots.md",
            page(
                "Knots",
                "",
                "# Bowline\nSee [more](https://knots.example/bowline).",
            ),
        );
        site.set("content/log/_index.md", page("Log", "", "What happened."));
        site.set(
            "content/log/storm.md",
            page("Storm", "log-entry.html", "# Night\nWind from the west."),
        );
        site.set(
            "content/log/calm.md",
            page("Calm", "poster.html", "# Morning\nNothing moved."),
        );
        site
    }

    /// `pages` pages in sections of fifty.
    pub fn of_pages(pages: usize) -> Self {
        let mut site = Self::bare();
        site.set("content/_index.md", page("Harbour", "", "Welcome."));
        for at in 0..pages {
            let section = format!("content/part-{:03}", at / 50);
            if at % 50 == 0 {
                site.set(format!("{section}/_index.md"), page("Part", "", "A part."));
            }
            let title = format!("Page {at}");
            site.set(
                format!("{section}/page-{at:05}.md"),
                page(&title, "", "# Here\nText."),
            );
        }
        site
    }

    fn bare() -> Self {
        let mut site = Self::default();
        site.set(
            "templates/index.html",
            "<h1>{{ title }}</h1>{{ content }}{{ toc }}",
        );
        site.set(
            "templates/section.html",
            "<h1>{{ title }}</h1>{{ content }}{{ toc }}",
        );
        site.set(
            "templates/page.html",
            "<h1>{{ title }}</h1>{{ content }}<img src=\"/images/logo.png\">",
        );
        site.set(
            "templates/log-entry.html",
            "<article>{{ title }}: {{ content }}</article>",
        );
        site.set("sass/main.scss", "@use \"colours\"; body { color: ink; }");
        site.set("sass/_colours.scss", "$ink: navy;");
        site.set("static/images/logo.png", vec![7; 640]);
        site.set("static/fonts/hull.woff2", vec![3; 900]);
        site.set("static/favicon.svg", "<svg>  <path/>  </svg>");
        site
    }

    /// Sets a file.
    pub fn set(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), content.into());
    }

    /// Removes a file; says whether it was there.
    pub fn remove(&mut self, path: &str) -> bool {
        self.files.remove(path).is_some()
    }

    /// Text of a file; empty if there is none.
    pub fn text(&self, path: &str) -> String {
        let bytes = self.files.get(path).map_or(&[][..], Vec::as_slice);
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// The files beneath a folder, without the folder's name, in order.
    pub(crate) fn beneath<'s>(
        &'s self,
        folder: &'s str,
    ) -> impl Iterator<Item = (&'s str, &'s [u8])> {
        let strip = move |path: &'s str| path.strip_prefix(folder)?.strip_prefix('/');
        self.files
            .iter()
            .filter_map(move |(path, bytes)| Some((strip(path)?, bytes.as_slice())))
    }
}

fn page(title: &str, template: &str, body: &str) -> String {
    let template = match template {
        "" => String::new(),
        name => format!("template = {name}\n"),
    };
    format!("+++\ntitle = {title}\n{template}+++\n{body}\n")
}
