//! The files of the page, built into the program.

/// A file and its type.
pub(super) struct Asset {
    pub(super) content_type: &'static str,
    pub(super) bytes: &'static [u8],
}

/// The asset with this name.
pub(super) fn find(name: &str) -> Option<Asset> {
    match name {
        "page.css" => Some(Asset {
            content_type: "text/css; charset=utf-8",
            bytes: include_bytes!("assets/page.css"),
        }),
        "page.js" => Some(Asset {
            content_type: "text/javascript; charset=utf-8",
            bytes: include_bytes!("assets/page.js"),
        }),
        _ => None,
    }
}
