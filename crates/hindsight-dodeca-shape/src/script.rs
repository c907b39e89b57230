//! Edits of a site, one after the other, as a person at work would make them.

/// A change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which file, relative to the project.
    pub path: &'static str,
    /// What it has after the change.
    pub content: Vec<u8>,
    /// What the change is, in words.
    pub what: &'static str,
}

/// The edits of one round, for [`crate::Site::small`]: white space only, a body, a heading, a template, an
/// image, a style sheet, a template that fails, and one that works again. Rounds differ.
pub fn edits(round: usize) -> Vec<Edit> {
    let intro = |body: &str| format!("+++\ntitle = Introduction\n+++\n{body}\n").into_bytes();
    let text = |text: String| text.into_bytes();
    let page = |rest: &str| {
        let image = "<img src=\"/images/logo.png\">";
        text(format!(
            "<h1>{{{{ title }}}}</h1>{{{{ content }}}}{image}{rest}"
        ))
    };
    let edit = |path, content, what| Edit {
        path,
        content,
        what,
    };
    let (body, image) = (format!("Ties and knots, {round}."), vec![round as u8; 600]);
    let template = page(&format!("<footer>{round}</footer>"));
    vec![
        edit(
            "content/guide/intro.md",
            intro(&format!("# First steps\n\n\n{body}\n")),
            "a body",
        ),
        edit(
            "content/guide/intro.md",
            intro(&format!("# First steps\n{body}")),
            "white space only",
        ),
        edit(
            "content/guide/intro.md",
            intro(&format!("# Steps, round {round}\n{body}")),
            "a heading",
        ),
        edit("templates/page.html", template.clone(), "a template"),
        edit("static/images/logo.png", image, "an image"),
        edit(
            "sass/_colours.scss",
            text(format!("$ink: navy; /* {round} */")),
            "a style sheet",
        ),
        edit(
            "templates/page.html",
            page("{{ nobody }}"),
            "a template that fails",
        ),
        edit("templates/page.html", template, "the template as before"),
    ]
}
