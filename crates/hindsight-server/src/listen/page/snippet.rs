//! What to paste into a program so that its spans arrive.

use super::escape;

/// All snippets, for a hub on this port.
pub(super) fn all(port: u16) -> String {
    let connect = format!(
        "let tracer = hindsight::Tracer::connect_http(\"localhost:{port}\").await?;\n\
         let span = tracer.span(\"my_operation\").with_attribute(\"key\", \"value\").start();\n\
         // ... do work ...\nspan.end();"
    );
    let install = "let _hindsight = hindsight_tracing::init();\n\
                   tracing::info_span!(\"my_operation\").in_scope(|| work());";
    let endpoint = format!("HINDSIGHT_ENDPOINT=localhost:{port} cargo run");
    let look = "hindsight traces\nhindsight tail\nhindsight tui";
    let parts = [
        ("From Rust", connect.as_str()),
        ("From programs that use tracing", install),
        (
            "For programs that are instrumented already",
            endpoint.as_str(),
        ),
        ("To look at what arrived", look),
    ];
    let parts: String = parts.iter().map(|(title, code)| one(title, code)).collect();
    format!("<section><h2>Send spans</h2>\n{parts}</section>\n")
}

/// The button does its work only where there is script; without it, it stays hidden.
fn one(title: &str, code: &str) -> String {
    let lines: Vec<String> = code.lines().map(escape).collect();
    format!(
        "<figure><figcaption>{} <button type=\"button\" data-copy hidden>copy</button>\
         </figcaption><pre><code>{}</code></pre></figure>\n",
        escape(title),
        lines.join("\n"),
    )
}
