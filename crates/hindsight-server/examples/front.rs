//! The calling half of two processes in one trace; see `back`.
//!
//! The call is a child of `handle_request` because that span is current: nothing is passed by hand.

mod calculator;

use std::time::Duration;

use calculator::CalculatorClient;
use hindsight::Tracer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let back = std::env::args().nth(1).ok_or("usage: front ADDRESS")?;
    let tracer = Tracer::builder().service_name("front").connect().await?;
    let connection = vox::connect(&back).await?;
    let rpc_client =
        hindsight_roam::open_lane(&connection, CalculatorClient::with_middleware).await?;

    let span = tracer.span("handle_request").start();
    if let Some(context) = span.context() {
        println!(
            "request trace={} span={}",
            context.trace_id(),
            context.span_id()
        );
    }
    let result = rpc_client.calculate(1000).await?;
    let format = tracer.span("format_response").start();
    println!("result {result}");
    format.end();
    span.end();

    let report = tracer.shutdown(Duration::from_secs(5)).await;
    println!("sent {} of {}", report.acknowledged, report.offered);
    Ok(())
}
