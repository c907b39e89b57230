//! A program under test: a hub, a tracer, the guard.

use std::sync::Once;
use std::time::{Duration, Instant};

use hindsight::Tracer;
use hindsight_dodeca::{Guard, Introspection, SiteMeta};
use hindsight_protocol::DodecaIntrospection;
use hindsight_protocol::introspection::dodeca::{
    BuildInfo, BuildInfoRequest, ChangeExplanation, ExplainChangeRequest, ListPages,
    ListPagesRequest, state,
};
use hindsight_testkit::hub::{Hub, PATIENCE};
use tokio::sync::{Mutex, MutexGuard};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
static SUBSCRIBER: Once = Once::new();

/// An attached program.
pub(crate) struct Attached {
    pub(crate) hub: Hub,
    pub(crate) tracer: Tracer,
    pub(crate) ask: Introspection,
    pub(crate) guard: Guard,
    _turn: MutexGuard<'static, ()>,
}

impl Attached {
    pub(crate) async fn start() -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
        let hub = Hub::start().await;
        let tracer = Tracer::builder()
            .endpoint(hub.address())
            .service_name("harbour")
            .flush_interval(Duration::from_millis(5))
            .lazy();
        let meta = SiteMeta {
            name: "harbour".to_owned(),
            output: "public".to_owned(),
        };
        let guard = hindsight_dodeca::attach(&tracer, meta);
        SUBSCRIBER.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(hindsight_dodeca::layer());
            subscriber.init();
        });
        Self {
            hub,
            ask: guard.introspection().expect("attached"),
            tracer,
            guard,
            _turn: turn,
        }
    }

    pub(crate) async fn info(&self) -> BuildInfo {
        self.ask.get_build_info(BuildInfoRequest::default()).await
    }

    pub(crate) async fn pages(&self, request: ListPagesRequest) -> ListPages {
        self.ask.list_pages(request).await
    }

    pub(crate) async fn explain(&self, path: &str) -> ChangeExplanation {
        let path = path.to_owned();
        let request = ExplainChangeRequest { path, limit: 0 };
        self.ask.explain_change(request).await
    }

    /// Waits until no build is under way.
    pub(crate) async fn settled(&self) -> BuildInfo {
        let until = Instant::now() + PATIENCE;
        loop {
            let info = self.info().await;
            if info.state != state::BUILDING {
                return info;
            }
            assert!(Instant::now() < until, "still building: {info:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) async fn flushed(&self) {
        assert!(self.tracer.flush(PATIENCE).await, "the hub has all spans");
    }
}
