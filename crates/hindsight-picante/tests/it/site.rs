//! A site made of files: parsed, outlined, and listed in an index.
//!
//! What a file's text makes its parser do: `!panic` panics, `!wait NAME` waits for [`open`] after telling
//! [`arrived`].

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "picante's macros take `pub` or nothing, and generate functions without documentation"
)]

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use facet::Facet;
use futures_util::future::join_all;
use picante::PicanteResult;
use tokio::sync::Semaphore;

#[picante::input]
pub struct SourceFile {
    #[key]
    pub path: String,
    pub text: String,
}

#[picante::input]
pub struct SourceRegistry {
    pub files: Vec<SourceFile>,
}

#[picante::interned]
pub struct Tag {
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Facet)]
pub struct Parsed {
    pub lines: Vec<String>,
}

#[picante::tracked]
pub async fn parse_file<DB: SiteTrait>(db: &DB, file: SourceFile) -> PicanteResult<Parsed> {
    let text = file.text(db)?;
    tokio::task::yield_now().await;
    assert!(!text.contains("!panic"), "parser exploded");
    if let Some(gate) = text.lines().find_map(|line| line.strip_prefix("!wait ")) {
        wait(gate).await;
    }
    let lines = text.lines().map(|line| line.trim().to_owned());
    Ok(Parsed {
        lines: lines.filter(|line| !line.is_empty()).collect(),
    })
}

#[picante::tracked]
pub async fn outline<DB: SiteTrait>(db: &DB, file: SourceFile) -> PicanteResult<Vec<String>> {
    let parsed = parse_file(db, file).await?;
    let headings = parsed.lines.iter().filter(|line| line.starts_with('#'));
    Ok(headings.cloned().collect())
}

async fn files<DB: SiteTrait>(db: &DB) -> PicanteResult<Vec<SourceFile>> {
    Ok(SourceRegistry::files(db)?.unwrap_or_default())
}

#[picante::tracked]
pub async fn site_index<DB: SiteTrait>(db: &DB) -> PicanteResult<Vec<String>> {
    let mut index = Vec::new();
    for file in files(db).await? {
        let path = file.path(db)?;
        for heading in outline(db, file).await? {
            index.push(format!("{path}: {heading}"));
        }
    }
    Ok(index)
}

#[picante::tracked]
pub async fn site_index_joined<DB: SiteTrait>(db: &DB) -> PicanteResult<Vec<String>> {
    let files = files(db).await?;
    let outlines = join_all(files.into_iter().map(|file| outline(db, file))).await;
    let mut index = Vec::new();
    for outline in outlines {
        index.extend(outline?);
    }
    Ok(index)
}

#[picante::tracked]
pub async fn heading_at<DB: SiteTrait>(
    db: &DB,
    file: SourceFile,
    place: u32,
) -> PicanteResult<String> {
    let outline = outline(db, file).await?;
    Ok(outline.get(place as usize).cloned().unwrap_or_default())
}

#[picante::tracked]
pub async fn tagged<DB: SiteTrait>(db: &DB, tag: Tag) -> PicanteResult<Vec<String>> {
    let name = tag.name(db)?;
    let index = site_index(db).await?;
    Ok(index
        .into_iter()
        .filter(|line| line.contains(&name))
        .collect())
}

/// Asks for another of the same, round and round: `around(0)` for `around(1)` for `around(0)`.
#[picante::tracked]
pub async fn around<DB: SiteTrait>(db: &DB, at: u32) -> PicanteResult<u32> {
    wait(&format!("around {at}")).await;
    around_again(db, 1 - at).await
}

fn around_again<DB: SiteTrait>(
    db: &DB,
    at: u32,
) -> std::pin::Pin<Box<dyn Future<Output = PicanteResult<u32>> + Send + '_>> {
    Box::pin(around(db, at))
}

#[picante::db(
    inputs(SourceFile, SourceRegistry),
    interned(Tag),
    tracked(
        parse_file,
        outline,
        site_index,
        site_index_joined,
        heading_at,
        tagged,
        around
    ),
    db_trait(SiteTrait)
)]
pub struct Site {}

impl Site {
    /// A site of two files.
    pub(crate) fn of_two(a: &str, b: &str) -> PicanteResult<Arc<Self>> {
        let db = Self::new();
        let files = vec![
            SourceFile::new(&db, "a.md".into(), a.into())?,
            SourceFile::new(&db, "b.md".into(), b.into())?,
        ];
        SourceRegistry::set(&db, files)?;
        Ok(Arc::new(db))
    }

    /// Gives a file another text.
    pub(crate) fn edit(&self, path: &str, text: &str) -> SourceFile {
        SourceFile::new(self, path.into(), text.into()).expect("edited")
    }
}

/// A gate: whether someone arrived, and whether it is open.
struct Gate {
    arrivals: Semaphore,
    open: Semaphore,
}

fn gate(name: &str) -> Arc<Gate> {
    static GATES: LazyLock<Mutex<HashMap<String, Arc<Gate>>>> = LazyLock::new(Mutex::default);
    let mut gates = GATES.lock().expect("sound");
    let new = || {
        Arc::new(Gate {
            arrivals: Semaphore::new(0),
            open: Semaphore::new(0),
        })
    };
    gates.entry(name.to_owned()).or_insert_with(new).clone()
}

async fn wait(name: &str) {
    let gate = gate(name);
    gate.arrivals.add_permits(1);
    let passed = gate.open.acquire().await.expect("never closed");
    passed.forget();
}

/// Waits until someone waits there.
pub(crate) async fn arrived(name: &str) {
    let gate = gate(name);
    gate.arrivals
        .acquire()
        .await
        .expect("never closed")
        .forget();
}

/// Lets as many pass.
pub(crate) fn open(name: &str, count: usize) {
    gate(name).open.add_permits(count);
}

/// Drops a future half-way, when `reached` is done.
pub(crate) async fn given_up_at(reached: impl Future<Output = ()>, work: impl Future) {
    tokio::select! {
        biased;
        _ = work => panic!("it was to be given up"),
        () = reached => {}
    }
}

/// Turns enough for whatever does not wait.
pub(crate) async fn many_turns() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}
