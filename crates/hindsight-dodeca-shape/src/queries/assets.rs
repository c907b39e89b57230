//! Style sheets, images, fonts and other files; links.

use picante::PicanteResult;

use super::{cache_busted, global_char_set, hash_of, load_all_sass};
use crate::database::{CharSet, Db, StaticFile};
use crate::steps::step;
use crate::value::{
    CssOutput, ExternalLinkStatus, ImageMetadata, ImageVariant, ProcessedImages, StaticFileOutput,
};

#[picante::tracked]
#[tracing::instrument(target = "dodeca::queries", skip_all, name = "compile_sass")]
pub async fn compile_sass<DB: Db>(db: &DB) -> PicanteResult<Option<String>> {
    let files = load_all_sass(db).await?;
    if !files.contains_key("main.scss") {
        return Ok(None);
    }
    tracing::info!(target: "dodeca::queries", num_files = files.len(), "Compiling SASS");
    step("compile_sass", "main.scss").await;
    let css = files.into_values().collect::<Vec<_>>().join("\n");
    tracing::info!(target: "dodeca::queries", output_bytes = css.len(), "SASS compilation complete");
    Ok(Some(css))
}

#[picante::tracked]
pub async fn css_output<DB: Db>(db: &DB) -> PicanteResult<Option<CssOutput>> {
    let Some(content) = compile_sass(db).await? else {
        return Ok(None);
    };
    Ok(Some(CssOutput {
        cache_busted_path: cache_busted("main.css", content.as_bytes()),
        content,
    }))
}

#[picante::tracked]
pub async fn load_static<DB: Db>(db: &DB, file: StaticFile) -> PicanteResult<Vec<u8>> {
    file.content(db)
}

#[picante::tracked]
pub async fn optimize_svg<DB: Db>(db: &DB, file: StaticFile) -> PicanteResult<Vec<u8>> {
    let bytes = file.content(db)?;
    let text = String::from_utf8_lossy(&bytes);
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(words.join(" ").into_bytes())
}

#[picante::tracked]
#[tracing::instrument(target = "dodeca::queries", skip_all, name = "subset_font")]
pub async fn subset_font<DB: Db>(
    db: &DB,
    file: StaticFile,
    chars: CharSet,
) -> PicanteResult<Option<Vec<u8>>> {
    let path = file.path(db)?;
    step("subset_font", &path).await;
    let mut bytes = file.content(db)?;
    bytes.truncate(chars.chars(db)?.len());
    tracing::debug!(target: "dodeca::queries", font_path = %path, "Subsetted font");
    Ok(Some(bytes))
}

fn is_image(path: &str) -> bool {
    path.ends_with(".png") || path.ends_with(".jpg")
}

#[picante::tracked]
pub async fn image_metadata<DB: Db>(
    db: &DB,
    file: StaticFile,
) -> PicanteResult<Option<ImageMetadata>> {
    if !is_image(&file.path(db)?) {
        return Ok(None);
    }
    let width = file.content(db)?.len() as u32;
    Ok(Some(ImageMetadata {
        width,
        variant_widths: vec![width / 2, width],
    }))
}

#[picante::tracked]
pub async fn image_input_hash<DB: Db>(db: &DB, file: StaticFile) -> PicanteResult<String> {
    Ok(hash_of(&file.content(db)?))
}

#[picante::tracked]
#[tracing::instrument(target = "dodeca::queries", skip_all, name = "process_image")]
pub async fn process_image<DB: Db>(
    db: &DB,
    image_file: StaticFile,
) -> PicanteResult<Option<ProcessedImages>> {
    let path = image_file.path(db)?;
    let data = image_file.content(db)?;
    tracing::debug!(target: "dodeca::queries", image = %path, bytes = data.len(), "Processing image");
    step("process_image", &path).await;
    let width = data.len() as u32;
    let variant = |width: u32| ImageVariant {
        data: data[..width as usize].to_vec(),
        width,
        height: width / 2,
    };
    Ok(Some(ProcessedImages {
        original_width: width,
        original_height: width / 2,
        jxl_variants: vec![variant(width / 2), variant(width)],
        webp_variants: vec![variant(width / 2), variant(width)],
    }))
}

#[picante::tracked]
pub async fn static_file_output<DB: Db>(
    db: &DB,
    file: StaticFile,
) -> PicanteResult<StaticFileOutput> {
    let path = file.path(db)?.to_string();
    let content = if path.ends_with(".woff2") {
        let chars = global_char_set(db).await?;
        match subset_font(db, file, chars).await? {
            Some(font) => font,
            None => load_static(db, file).await?,
        }
    } else if path.ends_with(".svg") {
        optimize_svg(db, file).await?
    } else {
        load_static(db, file).await?
    };
    Ok(StaticFileOutput {
        cache_busted_path: cache_busted(&path, &content),
        content,
    })
}

#[picante::tracked]
#[tracing::instrument(target = "dodeca::queries", skip(db), name = "check_external_url")]
pub async fn check_external_url<DB: Db>(
    db: &DB,
    url: String,
    day_bucket: u32,
) -> PicanteResult<ExternalLinkStatus> {
    // A new day asks again; nothing else does.
    let _ = (db, day_bucket);
    step("check_external_url", &url).await;
    if url.contains("gone") {
        tracing::info!(target: "ddc_cell_linkcheck", url = %url, elapsed_ms = 0, status = 404, "HTTP error");
        return Ok(ExternalLinkStatus::HttpError { code: 404 });
    }
    tracing::info!(target: "ddc_cell_linkcheck", url = %url, elapsed_ms = 0, "OK");
    Ok(ExternalLinkStatus::Ok)
}
