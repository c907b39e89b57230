//! A site of notes that is edited every second, for looking at in a hub.
//!
//! ```sh
//! hindsight serve &
//! cargo run -p hindsight-picante-example
//! ```
//!
//! Most edits change a note's body only, so that its outline is computed in vain and the index is not; every
//! fifth changes a heading; every seventh index is made with `join_all`, which loses a dependency. Lines on
//! standard input: `orphan` gives up an index half-way and asks for it again, which hangs for ever; `panic`
//! lets a parser panic; `quit` ends.

mod notes;

use std::sync::Arc;
use std::time::Duration;

use hindsight::Tracer;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{sleep, timeout};

use notes::{Notes, index, index_joined, outline};

/// Lines that may wait.
const LINES_MAX: usize = 16;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let tracer = Tracer::builder().service_name("notes").lazy();
    picante::install(&tracer);
    let db = Arc::new(Notes::of(&["birds", "trees", "rivers"])?);
    picante::register(&db);
    let mut lines = lines();
    println!("Editing a note every second. Lines: orphan, panic, quit.");
    for round in 0_u64.. {
        tokio::select! {
            line = lines.recv() => match line.as_deref().map(str::trim) {
                Some("orphan") => orphan(&tracer, &db).await?,
                Some("panic") => edit(&tracer, &db, "birds", "# Birds\n!panic").await,
                Some("quit") | None => return Ok(()),
                Some(other) => println!("{other}? Lines: orphan, panic, quit."),
            },
            () = sleep(Duration::from_secs(1)) => {
                let heading = format!("# Birds of day {}", round / 5);
                edit(&tracer, &db, "birds", &format!("{heading}\nSeen {round} of them.")).await;
                if round % 7 == 6 {
                    joined(&tracer, &db).await;
                }
            }
        }
    }
    Ok(())
}

/// Lines of standard input. Without one there is never a line.
fn lines() -> Receiver<String> {
    let (sender, receiver) = channel(LINES_MAX);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
        // The end of the input is not the end of the program.
        std::mem::forget(sender);
    });
    receiver
}

async fn edit(tracer: &Tracer, db: &Notes, name: &str, text: &str) {
    let span = tracer.span("save a note").as_root().start();
    match db.edit(name, text) {
        Ok(_) => {}
        Err(error) => eprintln!("{error}"),
    }
    span.end();
    let span = tracer.span("show the index").as_root().start();
    // Nobody waits longer for a page.
    match timeout(Duration::from_millis(500), index(db)).await {
        Ok(Ok(index)) => println!("{}", index.join(" | ")),
        Ok(Err(error)) => println!("{error}"),
        Err(_) => println!("the index does not answer"),
    }
    span.end();
}

async fn joined(tracer: &Tracer, db: &Notes) {
    let span = tracer
        .span("show the index, made at once")
        .as_root()
        .start();
    match timeout(Duration::from_millis(500), index_joined(db)).await {
        Ok(Ok(index)) => println!("at once: {}", index.join(" | ")),
        Ok(Err(error)) => println!("{error}"),
        Err(_) => println!("the index does not answer"),
    }
    span.end();
}

/// Gives up half-way; who asks next waits for ever.
async fn orphan(tracer: &Tracer, db: &Arc<Notes>) -> anyhow::Result<()> {
    let note = db
        .edit("lost", "# Lost\n!slow")
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let span = tracer.span("an impatient reader").as_root().start();
    let given_up = timeout(Duration::from_millis(50), outline(&**db, note)).await;
    println!("given up: {}", given_up.is_err());
    span.end();
    let (tracer, db) = (tracer.clone(), db.clone());
    tokio::spawn(async move {
        let span = tracer.span("a patient reader").as_root().start();
        drop(outline(&*db, note).await);
        span.end();
    });
    Ok(())
}
