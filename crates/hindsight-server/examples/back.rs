//! The called half of two processes in one trace.
//!
//! `cargo run --example back`, then, with the address it prints, `cargo run --example front ADDRESS`.
//! Prints the ids of the span in which each call runs.

mod calculator;

use calculator::{Calculator, CalculatorDispatcher};
use hindsight::{Context, Tracer};

#[derive(Clone)]
struct Sums {
    tracer: Tracer,
}

impl Calculator for Sums {
    async fn calculate(&self, n: u64) -> u64 {
        if let Some(context) = Context::current() {
            println!(
                "handler trace={} span={}",
                context.trace_id(),
                context.span_id()
            );
        }
        let span = self.tracer.span("sum").with_attribute("n", n).start();
        let sum = (1..=n).sum();
        span.end();
        sum
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tracer = Tracer::builder().service_name("back").connect().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let sums = Sums {
            tracer: tracer.clone(),
        };
        let acceptor = vox::lane_acceptor_fn(move |_request, lane: vox::PendingLane| {
            hindsight_roam::serve(lane, CalculatorDispatcher::new(sums.clone()));
            Ok(())
        });
        let link = vox::transport::tcp::StreamLink::tcp(stream);
        tokio::spawn(async move {
            match vox::acceptor_on(link)
                .on_lane(acceptor)
                .establish_connection()
                .await
            {
                Ok(connection) => connection.closed().await,
                Err(error) => eprintln!("handshake failed: {error}"),
            }
        });
    }
}
