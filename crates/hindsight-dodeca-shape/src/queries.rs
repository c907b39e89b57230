//! The queries, named and keyed as dodeca's.
#![allow(
    unreachable_pub,
    missing_docs,
    reason = "picante's macros make public items without documentation"
)]

mod assets;
mod build;
mod pages;
mod source;

pub use assets::*;
pub use build::*;
pub use pages::*;
pub use source::*;

/// A short hash for names of files.
fn hash_of(bytes: &[u8]) -> String {
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, mix);
    format!("{:08x}", sum as u32)
}

/// `main.css` as `main.1a2b3c4d.css`.
fn cache_busted(path: &str, bytes: &[u8]) -> String {
    match path.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{}.{extension}", hash_of(bytes)),
        None => format!("{path}.{}", hash_of(bytes)),
    }
}
