//! What all views share: the link, the route, and the hub's numbers.
//!
//! Holds: one [`App`] a page, given to views as a context; the address bar and
//! [`App::route`] always say the same. Bounded: the newest numbers and those before.

use std::time::Duration;

use crate::reactive::prelude::*;
use hindsight_protocol::hub::{
    AppInfo, AppsEvent, ListAppsRequest, StatsReply, StatsRequest, WatchAppsRequest,
};
use hindsight_view::Rates;
use hindsight_view::query_text::edit;
use hindsight_view::trace_list::ListShape;
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use crate::browser;
use crate::hub;
use crate::link::{Link, Status};
use crate::route::{Route, list};
use crate::settled::Settled;
use crate::view::query_bar::Faults;

/// How often the hub's numbers are asked for while the tab is looked at.
const NUMBERS_INTERVAL: Duration = Duration::from_secs(1);

/// What views share. Copies are the same.
#[derive(Clone, Copy)]
pub(crate) struct App {
    /// The connection.
    pub(crate) link: Link,
    /// Whether the first view is there.
    pub(crate) settled: Settled,
    route: RwSignal<Route>,
    stats: RwSignal<Option<StatsReply>>,
    rates: RwSignal<Rates>,
    apps: RwSignal<Vec<AppInfo>>,
    query: RwSignal<String>,
    faults: RwSignal<Option<Faults>>,
    width: RwSignal<f64>,
    list: RwSignal<ListShape>,
}

impl App {
    /// Starts the link and reads the address bar.
    pub(crate) fn start() -> Self {
        let route = Route::parse(&browser::url());
        let settled = Settled::new();
        // A trace is read by its worker, over a connection of its own.
        let is_trace = matches!(route, Route::Trace { .. });
        let link = Link::start_after(async move {
            if is_trace {
                settled.reached().await;
            }
        });
        let app = Self {
            link,
            settled,
            route: RwSignal::new(route),
            stats: RwSignal::new(None),
            rates: RwSignal::new(Rates::default()),
            apps: RwSignal::new(Vec::new()),
            query: RwSignal::new(String::new()),
            faults: RwSignal::new(None),
            width: RwSignal::new(browser::width()),
            list: RwSignal::new(list::shape(&browser::url())),
        };
        let width = app.width;
        browser::on_window::<web_sys::Event>("resize", move |_| width.set(browser::width()));
        let route = app.route;
        Effect::new(move || {
            if let Route::Traces { query } = route.get() {
                app.query.set(query);
            }
        });
        browser::on_window::<web_sys::PopStateEvent>("popstate", move |_| {
            let url = browser::url();
            let new = Route::parse(&url);
            if let Route::Traces { .. } = new {
                app.list.set(list::shape(&url));
            }
            route.set(new);
        });
        let link = app.link;
        browser::on_document::<web_sys::Event>("visibilitychange", move |_| {
            if !browser::is_hidden() {
                link.try_now();
            }
        });
        let epoch = link.epoch();
        Effect::new(move || {
            if settled.get() && epoch.get() > 0 {
                spawn_local(app.refresh());
            }
        });
        spawn_local(app.keep_numbers());
        spawn_local(app.watch_apps());
        app
    }

    /// The app of this page.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// The view that is shown.
    pub(crate) fn route(&self) -> Signal<Route> {
        self.route.into()
    }

    /// Goes to a view; the way back is in the browser's history.
    pub(crate) fn go(&self, route: Route) {
        if self.route.with_untracked(|here| *here == route) {
            return;
        }
        browser::set_url(&self.url(&route), true);
        self.route.set(route);
    }

    /// Names the same view in another state; the way back does not stop here.
    pub(crate) fn replace(&self, route: Route) {
        if self.route.with_untracked(|here| *here != route) {
            browser::set_url(&self.url(&route), false);
            self.route.set(route);
        }
    }

    /// Columns and order of the list; they stay while other views are shown.
    pub(crate) fn list(&self) -> Signal<ListShape> {
        self.list.into()
    }

    /// Changes columns or order of the list; the way back does not stop here.
    pub(crate) fn reshape(&self, change: impl FnOnce(&mut ListShape)) {
        self.list.update(change);
        let route = self.route.get_untracked();
        browser::set_url(&self.url(&route), false);
    }

    fn url(&self, route: &Route) -> String {
        match route {
            Route::Traces { .. } => self
                .list
                .with_untracked(|shape| list::with_shape(route.to_string(), shape)),
            other => other.to_string(),
        }
    }

    /// The hub's newest numbers; they stay when the hub is away.
    pub(crate) fn stats(&self) -> Signal<Option<StatsReply>> {
        self.stats.into()
    }

    /// What the hub receives in a second.
    pub(crate) fn rates(&self) -> Signal<Rates> {
        self.rates.into()
    }

    /// Apps, the most recently connected first.
    pub(crate) fn apps(&self) -> Signal<Vec<AppInfo>> {
        self.apps.into()
    }

    /// The query of the list; another view leaves it as it was.
    pub(crate) fn query(&self) -> Signal<String> {
        self.query.into()
    }

    /// Goes to the list with one term more in its query.
    pub(crate) fn add_term(&self, term: &str, is_excluded: bool) {
        let query = self.query.get_untracked();
        let query = edit::with_term(&query, term, is_excluded);
        self.go(Route::Traces { query });
    }

    /// Width of the window, for what is drawn to fit.
    pub(crate) fn width(&self) -> Signal<f64> {
        self.width.into()
    }

    /// What the hub says against the list's query, if it refused it.
    pub(crate) fn faults(&self) -> RwSignal<Option<Faults>> {
        self.faults
    }

    /// Asks for the numbers now.
    pub(crate) async fn refresh(self) {
        if let Ok(stats) = hub::stats(self.link, StatsRequest::default()).await {
            let before = self.stats.get_untracked();
            self.rates.set(Rates::between(before.as_ref(), &stats));
            self.stats.set(Some(stats));
        }
        if let Ok(reply) = hub::list_apps(self.link, ListAppsRequest::default()).await {
            if self.apps.with_untracked(|apps| *apps != reply.apps) {
                self.apps.set(reply.apps);
            }
        }
    }

    /// Asks for the apps as soon as one of them comes, goes, or offers something else. An older hub
    /// does not tell; then it is seen with the numbers.
    async fn watch_apps(self) {
        self.settled.reached().await;
        let mut epoch = 0;
        loop {
            epoch = self.link.connection_after(epoch).await;
            let Some(lane) = self.link.streams() else {
                continue;
            };
            let (sender, events) = vox::channel::<AppsEvent>();
            let call = lane
                .client()
                .watch_apps(WatchAppsRequest::default(), sender);
            let news = move |events: Vec<AppsEvent>| {
                if events.iter().any(|event| !event.apps.is_empty()) {
                    spawn_local(self.refresh());
                }
            };
            // However it ends, the next connection is asked again.
            hub::relay::follow(call, events, news).await.ok();
        }
    }

    async fn keep_numbers(self) {
        self.settled.reached().await;
        loop {
            let is_online = self
                .link
                .status()
                .with_untracked(|now| *now == Status::Online);
            if is_online && !browser::is_hidden() {
                self.refresh().await;
            }
            sleep(NUMBERS_INTERVAL).await;
        }
    }
}
