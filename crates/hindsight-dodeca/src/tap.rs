//! Values of queries, read by reflection.
//!
//! In: the value of `build_tree`, `build_site`, `serve_html` or `process_image`, of whatever type it is in
//! this dodeca. Out: what is told of it. Holds: a field that is missing is a warning, never a panic; values
//! themselves are not kept. Cost: of the tree and the site, one look at each page or file.

mod peek;
#[cfg(test)]
mod tests;
mod tree;

use facet_reflect::Peek;

pub(crate) use tree::{Tree, TreePage, tree};

use peek::{items, ok_or_error, variant};

/// What `build_site` made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Built {
    /// Files that are no pages.
    pub(crate) assets: u64,
    pub(crate) error: Option<String>,
    pub(crate) warnings: Vec<String>,
}

/// Reads `Result<SiteOutput, SiteError>`.
pub(crate) fn built(value: Peek<'_, '_>) -> Built {
    let mut built = Built::default();
    let output = match ok_or_error(value) {
        Ok(output) => output,
        Err(error) => {
            built.error = Some(error);
            return built;
        }
    };
    let Some(files) = peek::field(output, "files").and_then(items) else {
        let warning = "build_site has no list `files`: assets are not counted";
        built.warnings.push(warning.to_owned());
        return built;
    };
    let is_asset = |file: &Peek<'_, '_>| variant(*file).is_none_or(|name| name != "Html");
    built.assets = files.filter(is_asset).count() as u64;
    built
}

/// The error of a page, if the value is one.
pub(crate) fn page_error(value: Peek<'_, '_>) -> Option<String> {
    ok_or_error(value).err()
}

/// Sizes and forms of an image, in words; none where it was not processed.
pub(crate) fn image(value: Peek<'_, '_>) -> Option<String> {
    let image = peek::some(value)?;
    let number = |name| peek::field(image, name).map(peek::number);
    let (width, height) = (number("original_width")??, number("original_height")??);
    let variants = |name| {
        peek::field(image, name)
            .and_then(items)
            .map_or(0, Iterator::count)
    };
    let (jxl, webp) = (variants("jxl_variants"), variants("webp_variants"));
    Some(format!("{width} × {height}; {jxl} JXL, {webp} WebP"))
}
