//! Builds a small site, or serves it while it is edited, for as long as one likes.
//!
//! `dodeca-shape build [--pages N] [--slow MS] [--title TEXT]` builds once; the text is the title of one page.
//! `dodeca-shape serve [--pages N] [--slow MS] [--every MS] [--rounds N]` asks for all pages and edits files.

use std::process::ExitCode;
use std::time::Duration;

use hindsight_dodeca_shape::{BuildError, Server, Site, Steps, build, edits};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What the arguments say.
struct Asked {
    serve: bool,
    pages: usize,
    slow: Duration,
    every: Duration,
    rounds: usize,
    title: String,
}

fn asked() -> Result<Asked, String> {
    let mut arguments = std::env::args().skip(1);
    let serve = match arguments.next().as_deref() {
        Some("build") => false,
        Some("serve") => true,
        _ => return Err("dodeca-shape build|serve [--pages N] [--slow MS] ...".to_owned()),
    };
    let mut asked = Asked {
        serve,
        pages: 0,
        slow: Duration::ZERO,
        every: Duration::from_secs(2),
        rounds: usize::MAX,
        title: String::new(),
    };
    while let Some(name) = arguments.next() {
        let text = arguments.next().unwrap_or_default();
        if name == "--title" {
            asked.title = text;
            continue;
        }
        let value: usize = text.parse().map_err(|_| format!("{name} needs a number"))?;
        let time = Duration::from_millis(value as u64);
        match name.as_str() {
            "--pages" => asked.pages = value,
            "--slow" => asked.slow = time,
            "--every" => asked.every = time,
            "--rounds" => asked.rounds = value,
            _ => return Err(format!("unknown: {name}")),
        }
    }
    Ok(asked)
}

fn main() -> ExitCode {
    // The second of the two lines.
    let _hindsight = hindsight_dodeca::init();
    tracing_subscriber::registry()
        .with(hindsight_dodeca::layer())
        .init();
    let run = async {
        let asked = asked()?;
        let run = async {
            match asked.serve {
                true => serve(&asked).await,
                false => build_once(&asked).await,
            }
        };
        run.await.map_err(|error| error.to_string())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(run));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

fn site(asked: &Asked) -> Site {
    let mut site = match asked.pages {
        0 => Site::small(),
        pages => Site::of_pages(pages),
    };
    if !asked.title.is_empty() {
        let page = format!("+++\ntitle = {}\n+++\nText.\n", asked.title);
        site.set("content/titled.md", page);
    }
    site
}

fn steps(asked: &Asked) -> Steps {
    match asked.slow.is_zero() {
        true => Steps::default(),
        false => Steps::slow(asked.slow),
    }
}

async fn build_once(asked: &Asked) -> Result<(), BuildError> {
    let built = build(&site(asked), steps(asked)).await?;
    println!("{} pages, {} assets", built.pages, built.assets);
    for url in &built.broken {
        println!("broken: {url}");
    }
    Ok(())
}

async fn serve(asked: &Asked) -> Result<(), BuildError> {
    let mut server = Server::start(site(asked), steps(asked)).await?;
    for route in ["/", "/guide", "/guide/intro", "/log/storm", "/log/calm"] {
        server.get(route).await?;
    }
    println!("serving; {} rounds of edits", asked.rounds);
    for round in 1..=asked.rounds {
        for edit in edits(round) {
            tokio::time::sleep(asked.every).await;
            println!("{}: {}", edit.path, edit.what);
            server.change(edit.path, edit.content).await?;
            server.get("/guide/intro").await?;
        }
    }
    Ok(())
}
