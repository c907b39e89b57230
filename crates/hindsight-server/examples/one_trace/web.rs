//! The front: makes the requests.

use std::time::Duration;

use hindsight::Tracer;

use super::services::{CalculatorClient, SiteClient};
use super::{Error, part};

/// The numbers are summed up to this one.
const UP_TO: u64 = 1000;

/// Two requests, with a change of the rate between them.
pub async fn request(stays: bool) -> Result<(), Error> {
    let tracer = Tracer::builder().service_name("web").connect().await?;
    hindsight_roam::introspect(&tracer);
    let (calc, site) = (part::start("calc")?, part::start("site")?);
    let to_calc = vox::connect(&calc.address).await?;
    let to_site = vox::connect(&site.address).await?;
    let calculator = hindsight_roam::open_lane(&to_calc, CalculatorClient::with_middleware).await?;
    let site_client = hindsight_roam::open_lane(&to_site, SiteClient::with_middleware).await?;

    handle_request(&tracer, &calculator, &site_client).await?;
    let change = tracer.span("change_rate").start();
    calculator.set_rate(50, UP_TO).await?;
    change.end();
    handle_request(&tracer, &calculator, &site_client).await?;
    if stays {
        part::input_ended().await;
    }
    tracer.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

async fn handle_request(
    tracer: &Tracer,
    calculator: &CalculatorClient,
    site: &SiteClient,
) -> Result<(), Error> {
    let request = tracer.span("handle_request").start();
    if let Some(context) = request.context() {
        println!("trace {}", context.trace_id());
    }
    let sum = calculator.calculate(UP_TO).await?;
    let pages = site.build().await?;
    let format = tracer.span("format_response").start();
    println!("sum {sum}, {pages} pages");
    format.end();
    request.end();
    Ok(())
}
