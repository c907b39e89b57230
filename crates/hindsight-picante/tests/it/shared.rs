//! What all tests of this process share, because there is one recorder: a hub, and the tracer that sends there.

use std::sync::OnceLock;

use hindsight::{Span, Tracer};
use hindsight_testkit::hub::Hub;

struct Shared {
    hub: Hub,
    tracer: Tracer,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        // The hub outlives each test's own runtime.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let hub = Hub::start().await;
                let builder = Tracer::builder().service_name("site");
                let builder = builder.endpoint(format!("http://{}", hub.address()));
                let tracer = builder.connect().await.expect("connects");
                picante::install(&tracer);
                sender.send(Shared { hub, tracer }).expect("awaited");
                std::future::pending::<()>().await;
            });
        });
        receiver.recv().expect("a hub")
    })
}

/// The tracer that picante's spans go to.
pub(crate) fn tracer() -> Tracer {
    shared().tracer.clone()
}

/// The hub that has them.
pub(crate) fn hub() -> &'static Hub {
    &shared().hub
}

/// A trace of its own for a test.
pub(crate) fn trace(name: &'static str) -> Span {
    tracer().span(name).as_root().start()
}
