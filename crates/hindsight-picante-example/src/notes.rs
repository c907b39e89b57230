//! Notes: parsed, outlined, listed in an index. Nothing here knows of hindsight.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "picante's macros take `pub` or nothing, and generate functions without documentation"
)]

use std::time::Duration;

use facet::Facet;
use futures_util::future::join_all;
use picante::PicanteResult;

#[picante::input]
pub struct Note {
    #[key]
    pub name: String,
    pub text: String,
}

#[picante::input]
pub struct Shelf {
    pub notes: Vec<Note>,
}

#[derive(Clone, Debug, PartialEq, Facet)]
pub struct Parsed {
    pub lines: Vec<String>,
}

#[picante::tracked]
pub async fn parse<DB: NotesTrait>(db: &DB, note: Note) -> PicanteResult<Parsed> {
    let text = note.text(db)?;
    // As if it were work.
    let takes = if text.contains("!slow") { 2000 } else { 3 };
    tokio::time::sleep(Duration::from_millis(takes)).await;
    assert!(!text.contains("!panic"), "this note cannot be parsed");
    let lines = text.lines().map(str::to_owned).collect();
    Ok(Parsed { lines })
}

#[picante::tracked]
pub async fn outline<DB: NotesTrait>(db: &DB, note: Note) -> PicanteResult<Vec<String>> {
    let parsed = parse(db, note).await?;
    let headings = parsed.lines.iter().filter(|line| line.starts_with('#'));
    Ok(headings.cloned().collect())
}

#[picante::tracked]
pub async fn index<DB: NotesTrait>(db: &DB) -> PicanteResult<Vec<String>> {
    let mut index = Vec::new();
    for note in Shelf::notes(db)?.unwrap_or_default() {
        index.extend(outline(db, note).await?);
    }
    Ok(index)
}

/// The same, all notes at once: picante then takes the dependencies of one note for those of another.
#[picante::tracked]
pub async fn index_joined<DB: NotesTrait>(db: &DB) -> PicanteResult<Vec<String>> {
    let notes = Shelf::notes(db)?.unwrap_or_default();
    let outlines = join_all(notes.into_iter().map(|note| outline(db, note))).await;
    let mut index = Vec::new();
    for outline in outlines {
        index.extend(outline?);
    }
    Ok(index)
}

#[picante::db(
    inputs(Note, Shelf),
    tracked(parse, outline, index, index_joined),
    db_trait(NotesTrait)
)]
pub struct Notes {}

impl Notes {
    pub fn of(names: &[&str]) -> anyhow::Result<Self> {
        let db = Self::new();
        let note = |name: &&str| db.edit(name, &format!("# {name}"));
        let notes = names.iter().map(note).collect::<PicanteResult<Vec<Note>>>();
        let notes = notes.map_err(|error| anyhow::anyhow!("{error}"))?;
        Shelf::set(&db, notes).map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(db)
    }

    pub fn edit(&self, name: &str, text: &str) -> PicanteResult<Note> {
        Note::new(self, name.to_owned(), text.to_owned())
    }
}
