//! Documentation pages, made by an incremental program; previews that hang.
//!
//! ```text
//! Source -> words -> outline -> page
//! ```
//!
//! Somebody edits a file every few seconds: at times only its spaces, so that its words are the same and
//! nothing behind them runs. A preview gives up on an outline half-way and asks for the page then; nobody
//! carries on what was given up, and the page waits for it.

use std::sync::Arc;
use std::time::Duration;

use hindsight::Tracer;
use hindsight_roam::Traced;
use picante::PicanteResult;
use tokio::time::{sleep, timeout};

mod queries;

use queries::{Database, Source, outline, page};

use super::PartArguments;
use super::part::{chance, serve, tracer};
use super::services::{Docs, DocsDispatcher, docs_service_descriptor};

/// Pages that there are.
const PAGES: [&str; 6] = ["intro", "install", "usage", "limits", "faq", "changes"];
/// Between two edits.
const EDIT_EVERY: Duration = Duration::from_secs(3);
/// How long a preview waits for an outline before it goes on without.
const OUTLINE_LIMIT: Duration = Duration::from_millis(15);
/// How long a page may take: longer than those who ask for it wait.
const PAGE_LIMIT: Duration = Duration::from_secs(95);

#[derive(Clone)]
struct Site {
    tracer: Tracer,
    database: Arc<Database>,
    /// One for each of [`PAGES`].
    files: Arc<[Source]>,
}

pub(super) async fn run(arguments: &PartArguments) -> anyhow::Result<()> {
    let tracer = tracer(arguments, "docs");
    picante::install(&tracer);
    let database = Arc::new(Database::new());
    picante::register(&database);
    let first = |name| write(&database, name, &format!("# {name}\nSome words."));
    let files: PicanteResult<Vec<Source>> = PAGES.into_iter().map(first).collect();
    let site = Site {
        tracer: tracer.clone(),
        files: files?.into(),
        database,
    };
    let editor = site.clone();
    tokio::spawn(async move { editor.keep_editing().await });
    let dispatcher = Traced::new(DocsDispatcher::new(site))
        .with_tracer(tracer)
        .described(docs_service_descriptor());
    serve(arguments.listen, dispatcher).await
}

fn write(database: &Database, name: &str, text: &str) -> PicanteResult<Source> {
    Source::new(database, format!("{name}.md"), text.to_owned())
}

impl Site {
    async fn keep_editing(&self) {
        for number in 0_u64.. {
            sleep(EDIT_EVERY).await;
            let name = PAGES[rand::random_range(0..PAGES.len())];
            let spaces_only = chance(0.4);
            let span = self
                .tracer
                .span("edit")
                .with_attribute("file", name)
                .start();
            let text = match spaces_only {
                true => format!("#  {name}\n\nSome   words, {} times.", number / 8),
                false => format!("# {name}\n# Part {number}\nSome words."),
            };
            // The next edit may do better.
            if let Err(error) = write(&self.database, name, &text) {
                span.record_error(&*error);
            }
            span.end();
        }
    }

    async fn preview_of(&self, draft: String) -> PicanteResult<String> {
        let file = write(&self.database, &draft, "# Draft\nNot done yet.")?;
        let span = self.tracer.span("guess_outline").start();
        let outlined = timeout(OUTLINE_LIMIT, outline(&*self.database, file)).await;
        span.set_attribute("in_time", outlined.is_ok());
        span.end();
        match timeout(PAGE_LIMIT, page(&*self.database, file)).await {
            Ok(page) => page,
            Err(_) => Ok(String::new()),
        }
    }
}

impl Docs for Site {
    async fn render(&self, name: String) -> Option<String> {
        let place = PAGES.into_iter().position(|page| page == name)?;
        page(&*self.database, self.files[place]).await.ok()
    }

    async fn preview(&self, draft: String) -> Option<String> {
        self.preview_of(draft).await.ok()
    }
}
