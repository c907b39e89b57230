//! Every view of the page, for journeys that visit all.

/// A view: its name in pictures, its address, and what is there when it can be looked at.
pub(crate) struct View {
    pub(crate) name: &'static str,
    pub(crate) path: String,
    pub(crate) ready: &'static str,
}

/// All of them; `trace` is the id of a stored trace.
pub(crate) fn views(trace: &str) -> Vec<View> {
    let view = |name, path: String, ready| View { name, path, ready };
    vec![
        view("traces", "/".into(), ".traces tbody tr:nth-child(8)"),
        view("trace", format!("/trace/{trace}"), ".trace canvas"),
        view(
            "trace-gone",
            format!("/trace/{}", "1".repeat(32)),
            "main .empty",
        ),
        view("hub", "/hub".into(), ".accounts"),
        view("no-such-page", "/nowhere".into(), "main .empty"),
    ]
}
