//! `GET /`: what this is, where it listens, what has arrived, and what to paste into a program.
//!
//! In: the hub's numbers at the time of the request. Out: one HTML document, without inline style
//! or script. Holds: all text from outside is escaped; where a token is required the document shows
//! nothing of what is stored, since a browser asks for a page without a token. Bounded:
//! [`TRACES_MAX`] traces, [`APPS_MAX`] apps, [`TEXT_CHARS_MAX`] characters of a name.

use std::fmt::Write;

use hindsight_protocol::hub::{
    AppInfo, HubError, ListTracesReply, ListTracesRequest, StatsReply, TraceSummary,
};

use crate::clock::now_ns;
use crate::hub::{Hub, VERSION};
use crate::rpc;

mod quantity;
mod snippet;

#[cfg(test)]
mod tests;

use quantity::{ago, bytes, count, duration};

const TRACES_MAX: u32 = 20;
const APPS_MAX: usize = 20;
const TEXT_CHARS_MAX: usize = 120;

/// What the page shows of what is stored.
pub(super) struct Contents {
    pub(super) stats: StatsReply,
    pub(super) traces: ListTracesReply,
    pub(super) apps: Vec<AppInfo>,
}

/// The page as of now.
pub(super) async fn render(hub: &Hub) -> Result<String, HubError> {
    let contents = match hub.config.token {
        Some(_) => None,
        None => Some(contents(hub).await?),
    };
    let endpoints = hub.addresses.endpoints();
    let port = hub.addresses.http.port();
    Ok(document(&endpoints, port, contents.as_ref()))
}

async fn contents(hub: &Hub) -> Result<Contents, HubError> {
    let newest = ListTracesRequest {
        limit: TRACES_MAX,
        ..ListTracesRequest::default()
    };
    Ok(Contents {
        stats: rpc::stats(hub).await?,
        traces: rpc::list_traces(hub, newest).await?,
        apps: hub.registry.list(false, now_ns()),
    })
}

/// The whole document.
pub(super) fn document(endpoints: &[String], port: u16, contents: Option<&Contents>) -> String {
    let arrived = contents.map_or_else(withheld, arrived);
    let foot = contents.map_or_else(String::new, foot);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>hindsight</title>\n\
         <link rel=\"stylesheet\" href=\"/assets/page.css\">\n\
         <script src=\"/assets/page.js\" defer></script>\n</head>\n<body>\n\
         <header><h1>hindsight</h1><p>A hub for traces, spoken to over roam. \
         Version {VERSION}.</p></header>\n<main>\n{arrived}{listens}{snippets}</main>\n{foot}\
         </body>\n</html>\n",
        listens = listens(endpoints),
        snippets = snippet::all(port),
    )
}

fn listens(endpoints: &[String]) -> String {
    let mut html = String::from("<section><h2>Listens on</h2>\n<ul class=\"addresses\">\n");
    for endpoint in endpoints {
        push(
            &mut html,
            format_args!("<li><code>{}</code></li>\n", escape(endpoint)),
        );
    }
    html.push_str("</ul>\n</section>\n");
    html
}

fn withheld() -> String {
    "<section><h2>Arrived</h2>\n<p>This hub wants a token, so this page does not show what is \
     stored. Try <code>hindsight traces</code> with <code>HINDSIGHT_TOKEN</code> set.</p>\n\
     </section>\n"
        .to_owned()
}

fn arrived(contents: &Contents) -> String {
    let mut html = String::from("<section><h2>Arrived</h2>\n");
    let stats = &contents.stats;
    let connected = contents.apps.iter().filter(|app| app.state == "connected");
    push(
        &mut html,
        format_args!(
            "<dl class=\"figures\"><div><dt>spans</dt><dd>{}</dd></div>\
             <div><dt>traces</dt><dd>{}</dd></div><div><dt>apps connected</dt><dd>{}</dd></div>\
             <div><dt>open spans</dt><dd>{}</dd></div></dl>\n",
            count(stats.store.live),
            count(stats.traces),
            count(connected.count() as u64),
            count(stats.open_spans),
        ),
    );
    html.push_str(&traces(contents));
    html.push_str(&apps(contents));
    html.push_str("</section>\n");
    html
}

fn traces(contents: &Contents) -> String {
    if contents.traces.traces.is_empty() {
        return "<p>Waiting for the first span.</p>\n".to_owned();
    }
    let mut html = String::from(
        "<table><caption>Newest traces</caption>\n<thead><tr><th scope=\"col\">name</th>\
         <th scope=\"col\">service</th><th scope=\"col\" class=\"n\">duration</th>\
         <th scope=\"col\" class=\"n\">spans</th><th scope=\"col\" class=\"n\">errors</th>\
         <th scope=\"col\" class=\"n\">started</th><th scope=\"col\">id</th></tr></thead>\n<tbody>\n",
    );
    for trace in &contents.traces.traces {
        html.push_str(&trace_row(trace, contents.stats.now_ns));
    }
    html.push_str("</tbody></table>\n");
    html
}

fn trace_row(trace: &TraceSummary, now_ns: u64) -> String {
    let class = if trace.errors > 0 { "n bad" } else { "n" };
    let running = if trace.running > 0 {
        " and running"
    } else {
        ""
    };
    format!(
        "<tr><td>{}</td><td>{}</td><td class=\"n\">{}{running}</td><td class=\"n\">{}</td>\
         <td class=\"{class}\">{}</td><td class=\"n\">{}</td><td><code>{}</code></td></tr>\n",
        escape(&trace.name),
        escape(&trace.service),
        duration(trace.end_ns.saturating_sub(trace.start_ns)),
        count(trace.spans),
        count(trace.errors),
        ago(now_ns, trace.start_ns),
        trace.trace_id,
    )
}

fn apps(contents: &Contents) -> String {
    if contents.apps.is_empty() {
        return String::new();
    }
    let mut html = String::from(
        "<table><caption>Apps</caption>\n<thead><tr><th scope=\"col\">service</th>\
         <th scope=\"col\">state</th><th scope=\"col\">connected by</th>\
         <th scope=\"col\" class=\"n\">spans received</th>\
         <th scope=\"col\" class=\"n\">dropped</th><th scope=\"col\">offers</th></tr></thead>\n\
         <tbody>\n",
    );
    for app in contents.apps.iter().take(APPS_MAX) {
        html.push_str(&app_row(app));
    }
    html.push_str("</tbody></table>\n");
    html
}

fn app_row(app: &AppInfo) -> String {
    let run = &app.run;
    let process = match run.pid {
        0 => String::new(),
        pid => format!(" <span class=\"dim\">pid {pid}</span>"),
    };
    format!(
        "<tr><td>{}{process}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td>\
         <td class=\"n\">{}</td><td>{}</td></tr>\n",
        escape(&run.service_name),
        escape(&app.state),
        escape(&app.transport),
        count(app.counters.received),
        count(app.accounts.dropped),
        escape(&app.services.join(", ")),
    )
}

fn foot(contents: &Contents) -> String {
    let stats = &contents.stats;
    format!(
        "<footer><p>stored {} spans · {} of {} · dropped by apps {} · expired {} · evicted {}</p>\
         <p>Shown as of this page's load; reload for newer figures.</p></footer>\n",
        count(stats.store.live),
        bytes(stats.memory_bytes),
        bytes(stats.memory_limit_bytes),
        count(stats.accounts.dropped),
        count(stats.store.expired),
        count(stats.store.evicted),
    )
}

fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = html.write_fmt(text);
}

/// Text from outside as HTML, cut to a sane length.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len().min(TEXT_CHARS_MAX));
    for (index, c) in text.chars().enumerate() {
        if index == TEXT_CHARS_MAX {
            escaped.push('\u{2026}');
            break;
        }
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
