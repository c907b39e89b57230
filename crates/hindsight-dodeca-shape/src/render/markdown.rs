//! As much of Markdown as the site needs: front matter, headings, paragraphs, links.

use crate::value::Heading;

/// A source, read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) title: String,
    pub(crate) template: Option<String>,
    pub(crate) html: String,
    pub(crate) headings: Vec<Heading>,
}

/// None where the front matter does not end.
pub(crate) fn read(text: &str) -> Option<Read> {
    let mut read = Read::default();
    let body = match text.strip_prefix("+++\n") {
        Some(rest) => {
            let (matter, body) = rest.split_once("\n+++\n")?;
            for line in matter.lines() {
                match line.split_once(" = ") {
                    Some(("title", title)) => read.title = title.to_owned(),
                    Some(("template", name)) => read.template = Some(name.to_owned()),
                    _ => {}
                }
            }
            body
        }
        None => text,
    };
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        let title = line.trim_start_matches('#');
        let level = line.len() - title.len();
        if level == 0 {
            read.html.push_str(&format!("<p>{}</p>", line_html(line)));
            continue;
        }
        let title = title.trim().to_owned();
        read.html.push_str(&format!("<h{level}>{title}</h{level}>"));
        read.headings.push(Heading {
            title,
            level: u8::try_from(level).unwrap_or(u8::MAX),
        });
    }
    Some(read)
}

/// `[text](target)` as a link.
fn line_html(line: &str) -> String {
    let mut html = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('[') {
        let link = after.split_once("](").and_then(|(text, after)| {
            let (target, after) = after.split_once(')')?;
            Some((text, target, after))
        });
        let Some((text, target, after)) = link else {
            break;
        };
        html.push_str(&format!("{before}<a href=\"{target}\">{text}</a>"));
        rest = after;
    }
    html + rest
}

/// Targets of links in HTML.
pub(crate) fn links(html: &str) -> Vec<String> {
    let parts = html.split("<a href=\"").skip(1);
    let targets = parts.filter_map(|part| part.split_once('"'));
    targets.map(|(target, _)| target.to_owned()).collect()
}
