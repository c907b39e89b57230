//! The queries of the documentation.
#![allow(
    unreachable_pub,
    reason = "picante's macros know no visibility between none and pub"
)]

use picante::PicanteResult;
use tokio::time::sleep;

use crate::demo::part::some_time;

/// A file of the documentation.
#[picante::input]
pub struct Source {
    #[key]
    pub path: String,
    pub text: String,
}

#[picante::tracked]
pub async fn words<DB: DatabaseTrait>(db: &DB, file: Source) -> PicanteResult<Vec<String>> {
    sleep(some_time(1.0, 5.0)).await;
    let text = file.text(db)?;
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

#[picante::tracked]
pub async fn outline<DB: DatabaseTrait>(db: &DB, file: Source) -> PicanteResult<Vec<String>> {
    let words = words(db, file).await?;
    sleep(some_time(20.0, 60.0)).await;
    let headings = words.into_iter().filter(|word| word.starts_with('#'));
    Ok(headings.collect())
}

#[picante::tracked]
pub async fn page<DB: DatabaseTrait>(db: &DB, file: Source) -> PicanteResult<String> {
    let outline = outline(db, file).await?;
    sleep(some_time(2.0, 20.0)).await;
    Ok(format!("<h1>{}</h1>", outline.join("</h1><h1>")))
}

#[picante::db(inputs(Source), tracked(words, outline, page))]
pub struct Database {}
