//! A service that the catalog offers to whoever looks at it through the hub.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hindsight::Service;
use parking_lot::Mutex;
use tokio::time::sleep;

use super::part::chance;
use super::services::{
    Article, ArticleFilter, Order, Stock, StockChange, StockDispatcher, StockError,
    stock_service_descriptor,
};

/// What there is of each article.
const FIRST: [(&str, u32, &[&str]); 6] = [
    ("teapot", 12, &["kitchen", "short and stout"]),
    ("lamp", 3, &["light"]),
    ("umbrella", 0, &["rain"]),
    ("notebook", 140, &["paper", "school"]),
    ("kettle", 7, &["kitchen"]),
    ("candle", 61, &["light", "wax"]),
];

/// Counts of articles by their numbers.
#[derive(Clone)]
pub(super) struct Shelf {
    counts: Arc<Mutex<BTreeMap<u32, u32>>>,
}

impl Shelf {
    /// As it is at first, sold from now and then.
    pub(super) fn open() -> Self {
        let counts = FIRST.iter().enumerate();
        let counts = counts.map(|(number, (_, count, _))| (number as u32, *count));
        let shelf = Self {
            counts: Arc::new(Mutex::new(counts.collect())),
        };
        let selling = shelf.clone();
        tokio::spawn(async move {
            loop {
                sleep(Duration::from_millis(700)).await;
                selling.sell();
            }
        });
        shelf
    }

    /// As it is offered: reading is free, restocking asks.
    pub(super) fn service(&self) -> Service {
        let dispatcher = StockDispatcher::new(self.clone());
        Service::new(stock_service_descriptor(), dispatcher)
            .read_only(["articles", "article", "watch"])
            .allow_calls()
    }

    fn sell(&self) {
        for count in self.counts.lock().values_mut() {
            if chance(0.2) {
                // Sold out is filled up again.
                *count = count.checked_sub(1).unwrap_or(25);
            }
        }
    }

    fn find(&self, number: u32) -> Option<Article> {
        let (name, _, tags) = FIRST.get(number as usize)?;
        let in_stock = self.counts.lock().get(&number).copied()?;
        Some(Article {
            number,
            name: (*name).to_owned(),
            cents: (in_stock > 0).then(|| u64::from(number) * 100 + 99),
            in_stock,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        })
    }
}

impl Stock for Shelf {
    async fn articles(&self, filter: ArticleFilter) -> Vec<Article> {
        let all = (0..FIRST.len() as u32).filter_map(|number| self.find(number));
        let mut found: Vec<Article> = all
            .filter(|article| article.name.contains(&filter.name))
            .filter(|article| {
                filter
                    .at_least
                    .is_none_or(|least| article.in_stock >= least)
            })
            .collect();
        match filter.order {
            Order::Number => {}
            Order::Name => found.sort_by(|a, b| a.name.cmp(&b.name)),
            Order::InStock { most_first } => {
                found.sort_by_key(|article| article.in_stock);
                if most_first {
                    found.reverse();
                }
            }
        }
        found
    }

    async fn article(&self, number: u32) -> Result<Article, StockError> {
        self.find(number).ok_or(StockError::Unknown(number))
    }

    async fn restock(&self, number: u32, count: u32) -> Result<u32, StockError> {
        let mut counts = self.counts.lock();
        let there = counts.get_mut(&number);
        let there = there.ok_or(StockError::Unknown(number))?;
        *there = there.saturating_add(count);
        Ok(*there)
    }

    async fn watch(&self, changes: vox::Tx<StockChange>) -> u64 {
        let mut told = 0;
        let mut before = self.counts.lock().clone();
        loop {
            sleep(Duration::from_millis(100)).await;
            let now = self.counts.lock().clone();
            for (number, count) in &now {
                let was = before.get(number).copied().unwrap_or_default();
                if was == *count {
                    continue;
                }
                let name = FIRST.get(*number as usize).map_or("?", |first| first.0);
                let change = StockChange {
                    number: *number,
                    name: name.to_owned(),
                    was,
                    is: *count,
                };
                if changes.send(change).await.is_err() {
                    // Nobody reads any more.
                    return told;
                }
                told += 1;
            }
            before = now;
        }
    }
}
