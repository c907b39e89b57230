//! The calculator: its answers are queries of an incremental program.

use std::sync::Arc;
use std::time::Duration;

use hindsight::Tracer;
use picante::PicanteResult;

use super::services::{Calculator, CalculatorDispatcher};
use super::{Error, part};

/// Numbers to sum.
#[picante::input]
pub struct Numbers {
    #[key]
    pub name: String,
    pub max: u64,
}

/// What sums are multiplied by.
#[picante::input]
pub struct Rate {
    #[key]
    pub name: String,
    pub percent: u64,
}

#[picante::tracked]
pub async fn load_data<DB: DatabaseTrait>(db: &DB, numbers: Numbers) -> PicanteResult<Vec<u64>> {
    tokio::time::sleep(Duration::from_millis(5)).await;
    Ok((1..=numbers.max(db)?).collect())
}

#[picante::tracked]
pub async fn compute<DB: DatabaseTrait>(
    db: &DB,
    numbers: Numbers,
    rate: Rate,
) -> PicanteResult<u64> {
    let data = load_data(db, numbers).await?;
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(data.iter().sum::<u64>() * rate.percent(db)? / 100)
}

#[picante::db(inputs(Numbers, Rate), tracked(load_data, compute))]
pub struct Database {}

#[derive(Clone)]
struct Sums {
    database: Arc<Database>,
    rate: Rate,
}

impl Sums {
    async fn sum(&self, n: u64) -> PicanteResult<u64> {
        let database = &*self.database;
        let numbers = Numbers::new(database, "numbers".into(), n)?;
        load_data(database, numbers).await?;
        compute(database, numbers, self.rate).await
    }

    /// Sets the rate, and looks at the data again: the next request finds it in memory.
    async fn change_rate(&self, percent: u64, n: u64) -> PicanteResult<u64> {
        let database = &*self.database;
        Rate::new(database, RATE.into(), percent)?;
        let numbers = Numbers::new(database, "numbers".into(), n)?;
        Ok(load_data(database, numbers).await?.len() as u64)
    }
}

impl Calculator for Sums {
    async fn calculate(&self, n: u64) -> u64 {
        self.sum(n).await.unwrap_or_default()
    }

    async fn set_rate(&self, percent: u64, n: u64) -> u64 {
        self.change_rate(percent, n).await.unwrap_or_default()
    }
}

const RATE: &str = "rate";

/// Answers until the standard input ends.
pub async fn serve() -> Result<(), Error> {
    let tracer = Tracer::builder().service_name("calc").connect().await?;
    hindsight_roam::introspect(&tracer);
    picante::install(&tracer);
    let database = Arc::new(Database::new());
    picante::register(&database);
    let sums = Sums {
        rate: Rate::new(&*database, RATE.into(), 100)?,
        database,
    };
    part::serve(move |lane| {
        hindsight_roam::serve(lane, CalculatorDispatcher::new(sums.clone()));
    })
    .await?;
    tracer.shutdown(Duration::from_secs(5)).await;
    Ok(())
}
