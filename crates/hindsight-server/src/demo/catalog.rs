//! Lists, prices, searches, and a hang.

use hindsight::{Service, Tracer};
use hindsight_roam::Traced;
use tokio::time::sleep;

use super::PartArguments;
use super::part::{chance, serve, some_time, tracer};
use super::services::{Catalog, CatalogDispatcher, catalog_service_descriptor};
use super::stock::Shelf;

#[derive(Clone)]
struct Articles {
    tracer: Tracer,
}

pub(super) async fn run(arguments: &PartArguments) -> anyhow::Result<()> {
    let tracer = tracer(arguments, "catalog");
    let articles = Articles {
        tracer: tracer.clone(),
    };
    let described = catalog_service_descriptor();
    let offered = Service::new(described, CatalogDispatcher::new(articles.clone()));
    tracer.expose(offered.read_only(["list", "price"]));
    tracer.expose(Shelf::open().service());
    let dispatcher = Traced::new(CatalogDispatcher::new(articles))
        .with_tracer(tracer)
        .described(described);
    serve(arguments.listen, dispatcher).await
}

impl Articles {
    async fn query(&self, statement: &'static str, least_ms: f64, most_ms: f64) {
        let span = self
            .tracer
            .span("db.query")
            .with_kind(hindsight::SpanKind::Client)
            .with_attribute("db.system", "sqlite")
            .with_attribute("db.statement", statement)
            .start();
        sleep(some_time(least_ms, most_ms)).await;
        span.end();
    }
}

impl Catalog for Articles {
    async fn list(&self, category: String) -> Vec<u32> {
        self.query("select id from article where category = ?", 1.0, 8.0)
            .await;
        let few = category.len() as u32 % 7 + 6;
        (0..few).collect()
    }

    async fn price(&self, article: u32) -> u64 {
        sleep(some_time(0.1, 3.0)).await;
        u64::from(article) * 100 + 99
    }

    async fn search(&self, word: String) -> Vec<u32> {
        let span = self
            .tracer
            .span("scan_index")
            .with_attribute("word", word)
            .start();
        let slow = chance(0.15);
        sleep(if slow {
            some_time(400.0, 1500.0)
        } else {
            some_time(5.0, 40.0)
        })
        .await;
        if slow {
            span.add_event("index was cold");
        }
        span.set_attribute("cold", slow);
        span.end();
        vec![1, 2, 3]
    }

    async fn reindex(&self) -> bool {
        let span = self
            .tracer
            .span("wait_for_lock")
            .with_attribute("lock", "index")
            .start();
        span.add_event("the lock is held by nobody who will give it back");
        std::future::pending::<()>().await;
        true
    }
}
