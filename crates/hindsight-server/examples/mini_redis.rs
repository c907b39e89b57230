//! A program instrumented with `tracing` by its own authors, watched by hindsight: `mini-redis`.
//!
//! Runs the crate's server and a load of clients against it in one process. The only line that
//! concerns hindsight is the first of `main`.
//!
//! `cargo run --release --example mini_redis [CLIENTS] [REQUESTS]`

use mini_redis::{client, server};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let _hs = hindsight_tracing::init();

    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let clients = arguments.next().transpose()?.unwrap_or(8);
    let requests = arguments.next().transpose()?.unwrap_or(100);

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(server::run(listener, std::future::pending::<()>()));

    let mut load = tokio::task::JoinSet::new();
    for number in 0..clients {
        load.spawn(async move {
            let mut client = client::connect(address).await?;
            for request in 0..requests {
                let key = format!("key-{}", (number * 31 + request) % 50);
                client.set(&key, format!("value {request}").into()).await?;
                client.get(&key).await?;
            }
            Ok::<u64, mini_redis::Error>(2 * requests)
        });
    }
    let mut done = 0;
    while let Some(client) = load.join_next().await {
        done += client??;
    }
    server.abort();
    println!("{done} requests answered");
    Ok(())
}
