//! Requests of made-up customers.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use futures_util::future::join_all;
use hindsight::{Span, SpanKind, StatusCode, Tracer};
use tokio::time::{sleep, timeout};

use super::PartArguments;
use super::part::{Peer, some_time, tracer};
use super::services::{CatalogClient, DocsClient, OrdersClient};

/// Calls of one fan-out.
const FAN_OUT: u32 = 300;
/// Requests under way at the same time, the hanging ones included.
const CONCURRENT_MAX: usize = 64;

struct Shop {
    tracer: Tracer,
    catalog: Peer<CatalogClient>,
    orders: Peer<OrdersClient>,
    docs: Peer<DocsClient>,
}

#[derive(Clone, Copy)]
enum Page {
    Browse,
    Search,
    Checkout,
    PriceList,
    Missing,
    Reindex,
    Help,
    Preview,
}

pub(super) async fn run(arguments: &PartArguments) -> anyhow::Result<()> {
    let tracer = tracer(arguments, "web");
    let [catalog, orders, docs] = arguments.call[..] else {
        return Err(anyhow!(
            "web needs --call CATALOG --call ORDERS --call DOCS"
        ));
    };
    let shop = Arc::new(Shop {
        catalog: Peer::new(catalog, &tracer, CatalogClient::with_middleware),
        orders: Peer::new(orders, &tracer, OrdersClient::with_middleware),
        docs: Peer::new(docs, &tracer, DocsClient::with_middleware),
        tracer,
    });
    let running = Arc::new(tokio::sync::Semaphore::new(CONCURRENT_MAX));
    for number in 0_u64.. {
        let slot = running.clone().acquire_owned().await?;
        let (shop, page) = (shop.clone(), pick(number));
        tokio::spawn(async move {
            shop.request(page).await;
            drop(slot);
        });
        let pause = -rand::random::<f64>().max(1e-6).ln() / arguments.rate.max(0.01);
        sleep(Duration::from_secs_f64(pause.min(10.0))).await;
    }
    Ok(())
}

/// The first requests show one of each kind; then they are drawn.
fn pick(number: u64) -> Page {
    const FIRST: [Page; 8] = [
        Page::Browse,
        Page::Checkout,
        Page::PriceList,
        Page::Missing,
        Page::Reindex,
        Page::Search,
        Page::Help,
        Page::Preview,
    ];
    if let Some(page) = FIRST.get(number as usize) {
        return *page;
    }
    match rand::random_range(0..100) {
        0..30 => Page::Browse,
        30..40 => Page::Help,
        40..60 => Page::Search,
        60..85 => Page::Checkout,
        85..92 => Page::PriceList,
        92..98 => Page::Missing,
        98 => Page::Preview,
        _ => Page::Reindex,
    }
}

impl Page {
    fn route(self) -> (&'static str, &'static str) {
        match self {
            Self::Browse => ("GET", "/browse/{category}"),
            Self::Search => ("GET", "/search"),
            Self::Checkout => ("POST", "/checkout"),
            Self::PriceList => ("GET", "/prices"),
            Self::Missing => ("GET", "/{unknown}"),
            Self::Reindex => ("POST", "/admin/reindex"),
            Self::Help => ("GET", "/help/{page}"),
            Self::Preview => ("POST", "/help/preview"),
        }
    }
}

impl Shop {
    async fn request(&self, page: Page) {
        let (method, route) = page.route();
        let span = self
            .tracer
            .span(format!("{method} {route}"))
            .with_kind(SpanKind::Server)
            .with_attribute("http.request.method", method)
            .with_attribute("http.route", route)
            .start();
        let answered = self.answer(page).await;
        let status = answered
            .as_ref()
            .map_or_else(|error| error.0, |status| *status);
        span.set_attribute("http.response.status_code", i64::from(status));
        if let Err((_, why)) = answered {
            fail(&span, &why);
        }
        span.end();
    }

    async fn answer(&self, page: Page) -> Result<u16, (u16, anyhow::Error)> {
        let result = match page {
            Page::Browse => self.browse().await,
            Page::Search => self.search().await,
            Page::Checkout => self.checkout().await,
            Page::PriceList => self.price_list().await,
            Page::Missing => return Err((404, anyhow!("no such page"))),
            Page::Reindex => self.reindex().await,
            Page::Help => self.help().await,
            Page::Preview => self.preview().await,
        };
        result.map(|()| 200).map_err(|error| (500, error))
    }

    async fn browse(&self) -> anyhow::Result<()> {
        let category = ["books", "garden", "toys", "tools"][rand::random_range(0..4)];
        let catalog = self.catalog.client().await?;
        let articles = catalog.list(category.to_owned()).await.map_err(debug)?;
        // One call an article: the classic mistake, on purpose.
        for article in articles {
            catalog.price(article).await.map_err(debug)?;
        }
        self.render(category).await;
        Ok(())
    }

    async fn search(&self) -> anyhow::Result<()> {
        let word = ["lamp", "spade", "atlas", "kite"][rand::random_range(0..4)];
        let catalog = self.catalog.client().await?;
        let found = catalog.search(word.to_owned()).await;
        found.map_err(debug)?;
        self.render("search").await;
        Ok(())
    }

    async fn checkout(&self) -> anyhow::Result<()> {
        let many = rand::random_range(0..6);
        let orders = self.orders.client().await?;
        let placed = orders.place((0..many).collect()).await;
        placed.map_err(debug).context("the order was not placed")?;
        self.render("receipt").await;
        Ok(())
    }

    async fn price_list(&self) -> anyhow::Result<()> {
        let catalog = self.catalog.client().await?;
        let gate = tokio::sync::Semaphore::new(32);
        let price = |article| {
            let (catalog, gate) = (&catalog, &gate);
            async move {
                let _slot = gate.acquire().await?;
                catalog.price(article).await.map_err(debug)
            }
        };
        let prices = join_all((0..FAN_OUT).map(price)).await;
        prices.into_iter().collect::<anyhow::Result<Vec<u64>>>()?;
        Ok(())
    }

    /// Hangs in the catalog until the customer gives up.
    async fn reindex(&self) -> anyhow::Result<()> {
        let catalog = self.catalog.client().await?;
        match timeout(Duration::from_secs(90), catalog.reindex()).await {
            Ok(answer) => answer.map(drop).map_err(debug),
            Err(_) => Err(anyhow!("the customer gave up after 90 s")),
        }
    }

    async fn help(&self) -> anyhow::Result<()> {
        let page = ["intro", "install", "usage", "limits", "faq"][rand::random_range(0..5)];
        let docs = self.docs.client().await?;
        docs.render(page.to_owned()).await.map_err(debug)?;
        Ok(())
    }

    /// Hangs in a query that nobody computes, until the writer gives up.
    async fn preview(&self) -> anyhow::Result<()> {
        let docs = self.docs.client().await?;
        let draft = format!("draft-{}", rand::random_range(0..10_000));
        match timeout(Duration::from_secs(90), docs.preview(draft)).await {
            Ok(answer) => answer.map(drop).map_err(debug),
            Err(_) => Err(anyhow!("the writer gave up after 90 s")),
        }
    }

    async fn render(&self, template: &'static str) {
        let span = self
            .tracer
            .span("render")
            .with_attribute("template", template)
            .start();
        sleep(some_time(0.5, 6.0)).await;
        span.end();
    }
}

fn fail(span: &Span, why: &anyhow::Error) {
    span.set_status(StatusCode::Error, format!("{why:#}"));
}

fn debug(error: impl std::fmt::Debug) -> anyhow::Error {
    anyhow!("{error:?}")
}
