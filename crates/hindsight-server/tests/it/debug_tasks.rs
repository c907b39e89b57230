use crate::harness::*;
#[tokio::test(flavor = "multi_thread")]
async fn debug_tasks() {
    let hub = TestHub::start().await;
    let viewer = hub.client().await;
    viewer.stats().await;
    let n = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    eprintln!("before {}", n());
    for what in ["connect", "attach", "ingest"] {
        for scheme in ["tcp", "http", "ws"] {
            let b = n();
            for i in 0..5 {
                let c = Client::dial(&hub.endpoint(scheme), Default::default())
                    .await
                    .unwrap();
                if what != "connect" {
                    c.attach(1, "x").await.unwrap();
                }
                if what == "ingest" {
                    c.ingest(
                        (1, i + 1),
                        &[hindsight_testkit::builder::span(1, i + 1).build()],
                    )
                    .await
                    .unwrap();
                }
            }
            tokio::time::sleep(std::time::Duration::from_secs(3)).await;
            eprintln!(
                "{what} {scheme} {b} -> {} conns {}",
                n(),
                viewer.stats().await.connections
            );
        }
    }
}
