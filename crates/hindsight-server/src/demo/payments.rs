//! Payments that fail at times. The supervisor kills this part now and then.

use hindsight::Tracer;
use hindsight_roam::Traced;
use tokio::time::sleep;

use super::PartArguments;
use super::part::{chance, serve, some_time, tracer};
use super::services::{PaymentError, Payments, PaymentsDispatcher, payments_service_descriptor};

#[derive(Clone)]
struct Terminal {
    tracer: Tracer,
}

pub(super) async fn run(arguments: &PartArguments) -> anyhow::Result<()> {
    let tracer = tracer(arguments, "payments");
    let terminal = Terminal {
        tracer: tracer.clone(),
    };
    let dispatcher = Traced::new(PaymentsDispatcher::new(terminal))
        .with_tracer(tracer)
        .described(payments_service_descriptor());
    serve(arguments.listen, dispatcher).await
}

impl Payments for Terminal {
    async fn charge(&self, cents: u64) -> Result<u64, PaymentError> {
        let span = self
            .tracer
            .span("bank.authorize")
            .with_kind(hindsight::SpanKind::Client)
            .with_attribute("cents", cents)
            .start();
        sleep(some_time(10.0, 250.0)).await;
        let outcome = match rand::random_range(0..10) {
            0 => Err(PaymentError::Declined),
            1 | 2 => Err(PaymentError::Unavailable),
            _ => Ok(rand::random_range(1..1_000_000)),
        };
        if let Err(error) = &outcome {
            span.set_status(hindsight::StatusCode::Error, format!("{error:?}"));
        }
        if chance(0.02) {
            span.add_event("flagged for review");
        }
        span.end();
        outcome
    }
}
