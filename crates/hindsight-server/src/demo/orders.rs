//! Orders, with retries of payments.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hindsight::Tracer;
use hindsight_roam::Traced;
use tokio::time::{sleep, timeout};

use super::PartArguments;
use super::part::{Peer, serve, some_time, tracer};
use super::services::{
    OrderError, Orders, OrdersDispatcher, PaymentsClient, orders_service_descriptor,
};

const ATTEMPTS: u32 = 3;

#[derive(Clone)]
struct Desk {
    tracer: Tracer,
    payments: Arc<Peer<PaymentsClient>>,
}

pub(super) async fn run(arguments: &PartArguments) -> anyhow::Result<()> {
    let tracer = tracer(arguments, "orders");
    let payments = arguments
        .call
        .first()
        .context("orders needs --call PAYMENTS")?;
    let desk = Desk {
        payments: Arc::new(Peer::new(
            *payments,
            &tracer,
            PaymentsClient::with_middleware,
        )),
        tracer: tracer.clone(),
    };
    let dispatcher = Traced::new(OrdersDispatcher::new(desk))
        .with_tracer(tracer)
        .described(orders_service_descriptor());
    serve(arguments.listen, dispatcher).await
}

impl Desk {
    async fn pay(&self, cents: u64, attempt: u32) -> Result<u64, String> {
        let span = self
            .tracer
            .span("attempt_payment")
            .with_attribute("attempt", attempt)
            .start();
        let paid = span.scope(self.charge(cents)).await;
        if let Err(why) = &paid {
            span.set_status(hindsight::StatusCode::Error, why.clone());
        }
        span.end();
        paid
    }

    async fn charge(&self, cents: u64) -> Result<u64, String> {
        let client = self
            .payments
            .client()
            .await
            .map_err(|error| format!("{error:#}"))?;
        match timeout(Duration::from_secs(2), client.charge(cents)).await {
            Ok(answer) => answer.map_err(|error| format!("{error:?}")),
            Err(_) => Err("no answer within 2 s".to_owned()),
        }
    }
}

impl Orders for Desk {
    async fn place(&self, articles: Vec<u32>) -> Result<u64, OrderError> {
        if articles.is_empty() {
            return Err(OrderError::Empty);
        }
        let validate = self
            .tracer
            .span("validate")
            .with_attribute("articles", articles.len())
            .start();
        sleep(some_time(0.5, 4.0)).await;
        validate.end();
        let cents = articles
            .iter()
            .map(|article| u64::from(*article) * 100 + 99)
            .sum();
        let mut why = String::new();
        for attempt in 1..=ATTEMPTS {
            match self.pay(cents, attempt).await {
                Ok(receipt) => return Ok(receipt),
                Err(error) => why = error,
            }
            sleep(Duration::from_millis(20 << attempt)).await;
        }
        Err(OrderError::NotPaid(why))
    }
}
