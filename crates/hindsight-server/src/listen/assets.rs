//! The browser front end, built into the program.
//!
//! In: a name, and what the client can unpack. Out: a file of the bundle that `cargo xtask web`
//! made. Holds: files are stored packed with brotli and sent so to clients that say they take it,
//! which every browser does over https and to loopback; others get them unpacked. A debug build
//! reads the bundle's folder at each request, so that a new bundle needs no new hub. Bounded:
//! [`UNPACKED_BYTES_MAX`].

use std::borrow::Cow;
use std::io::Read as _;

use axum::http::HeaderMap;
use axum::http::header;
use rust_embed::RustEmbed;

#[cfg(test)]
mod tests;

/// The page, which names all other files.
pub(super) const PAGE: &str = "index.html";
/// Larger than any file of a bundle.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;

#[derive(RustEmbed)]
#[folder = "../hindsight-web/dist/"]
struct Bundle;

/// A file as it is sent.
#[derive(Debug)]
pub(super) struct Asset {
    pub(super) content_type: &'static str,
    pub(super) bytes: Cow<'static, [u8]>,
    /// Whether `bytes` are packed with brotli.
    pub(super) is_packed: bool,
}

/// The file with this name; none if there is none, or its bytes cannot be unpacked.
pub(super) fn find(name: &str, takes_brotli: bool) -> Option<Asset> {
    // Names of a bundle are plain; in a debug build this one becomes a path.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if !name.bytes().all(is_plain) {
        return None;
    }
    let packed = Bundle::get(&format!("{name}.br"))?.data;
    let bytes = match takes_brotli {
        true => packed,
        false => Cow::Owned(unpack(&packed)?),
    };
    Some(Asset {
        content_type: content_type(name),
        bytes,
        is_packed: takes_brotli,
    })
}

/// Whether `Accept-Encoding` names brotli (RFC 9110, 12.5.3) and does not refuse it.
pub(super) fn takes_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = parameters.trim().strip_prefix("q=").map(str::trim);
        let is_refused = weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case("br") && !is_refused
    })
}

fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let unpacker = brotli_decompressor::Decompressor::new(packed, 1 << 16);
    match unpacker.take(UNPACKED_BYTES_MAX).read_to_end(&mut bytes) {
        Ok(_) => Some(bytes),
        Err(error) => {
            tracing::error!("the browser bundle is damaged: {error}");
            None
        }
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        // Only with this type does a browser compile while it loads.
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
