use hindsight_view::running::Grouping;
use proptest::prelude::*;

use super::*;

fn traces(query: &str) -> Route {
    Route::Traces {
        query: query.into(),
    }
}

fn trace(id: u128, span: Option<u64>) -> Route {
    looked_at(id, span, TraceLook::default())
}

fn looked_at(id: u128, span: Option<u64>, look: TraceLook) -> Route {
    Route::Trace {
        id: TraceId::from_u128(id),
        span: span.map(SpanId::from_u64),
        look,
    }
}

fn services(service: &str, run: Option<u64>) -> Route {
    Route::Services {
        service: Some(service.into()),
        run: run.map(|low| TracerId { high: 0xab, low }),
    }
}

fn map(query: &str, length_ns: Option<u64>) -> Route {
    Route::Map {
        query: query.into(),
        window: MapWindow { length_ns },
    }
}

fn compare(a: Option<u128>, b: Option<u128>, order: CompareOrder, find: &str) -> Route {
    Route::Compare {
        a: a.map(TraceId::from_u128),
        b: b.map(TraceId::from_u128),
        order,
        find: find.into(),
    }
}

#[test]
fn routes_print_as_people_would_write_them() {
    for (route, url) in [
        (Route::start(), "/"),
        (
            traces("service:web duration>10ms"),
            "/?q=service:web+duration%3E10ms",
        ),
        (traces("a&b=c%+#?é"), "/?q=a%26b%3Dc%25%2B%23%3F%C3%A9"),
        (
            trace(0xabc, None),
            "/trace/00000000000000000000000000000abc",
        ),
        (
            trace(0xabc, Some(0x1f)),
            "/trace/00000000000000000000000000000abc?span=000000000000001f",
        ),
        (Route::Now(Now::default()), "/now"),
        (
            Route::Now(Now {
                filter: "service:web get".into(),
                by: Grouping::Operation,
                long_ms: 60_000,
                only_long: true,
            }),
            "/now?q=service:web+get&by=operation&long-ms=60000&only=long",
        ),
        (
            Route::Services {
                service: None,
                run: None,
            },
            "/services",
        ),
        (services("my web/1", None), "/services/my+web%2F1"),
        (
            services("web", Some(0xc)),
            "/services/web?run=00000000000000ab000000000000000c",
        ),
        (services("..", None), "/services?name=.."),
        (
            looked_at(
                0xabc,
                Some(0x1f),
                TraceLook {
                    tab: TraceTab::Table,
                    sort: "-self".into(),
                    query: "status:error".into(),
                    is_aligned: true,
                },
            ),
            "/trace/00000000000000000000000000000abc?view=table&sort=-self&q=status:error\
             &clocks=aligned&span=000000000000001f",
        ),
        (Route::Hub, "/hub"),
        (Route::of_lens(Lens::Roam), "/roam"),
        (
            Route::Roam(Roam {
                app: Some(TracerId {
                    high: 0xab,
                    low: 0xc,
                }),
            }),
            "/roam?app=00000000000000ab000000000000000c",
        ),
        (Route::of_lens(Lens::Picante), "/picante"),
        (Route::of_lens(Lens::Dodeca), "/dodeca"),
        (map("", None), "/map"),
        (
            map("kind:server", Some(300_000_000_000)),
            "/map?q=kind:server&since=5m",
        ),
        (map("", Some(1_500_000)), "/map?since=1500us"),
        (compare(None, None, CompareOrder::Tree, ""), "/compare"),
        (
            compare(None, Some(0xb), CompareOrder::Tree, ""),
            "/compare/-/0000000000000000000000000000000b",
        ),
        (
            compare(Some(0xa), Some(0xb), CompareOrder::SelfTime, "db query"),
            "/compare/0000000000000000000000000000000a/0000000000000000000000000000000b?by=self&q=db+query",
        ),
    ] {
        assert_eq!(route.to_string(), url);
        assert_eq!(Route::parse(url), route, "{url}");
    }
}

#[test]
fn urls_of_others_are_read_as_far_as_they_make_sense() {
    for (url, route) in [
        ("", Route::start()),
        ("/traces/", Route::start()),
        ("//hub//", Route::Hub),
        ("/roam?app=nobody", Route::of_lens(Lens::Roam)),
        ("/picante/?app=", Route::of_lens(Lens::Picante)),
        ("/hub#fragment?q=1", Route::Hub),
        ("/?q=a%20b&q=c", traces("a b")),
        ("/?x&q", traces("")),
        ("/?q=%zz%f", traces("%zz%f")),
        ("/?q=%ff", traces("\u{fffd}")),
        ("/?q=%e", traces("%e")),
        (
            "/trace/4BF92F35-77B34DA6-A3CE929D-0E0E4736",
            trace(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, None),
        ),
        (
            "/trace/00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            trace(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, None),
        ),
        ("/trace/00000000000000ab?span=0", trace(0xab, None)),
        (
            "/trace/00000000000000ab?span=+00000000000000f",
            trace(0xab, None),
        ),
        (
            "/now/?by=nothing&long-ms=0&only=short",
            Route::Now(Now::default()),
        ),
        (
            "/now?long-ms=99999999999999999999",
            Route::Now(Now::default()),
        ),
        ("/services/web?run=x", services("web", None)),
        (
            "/services?run=00000000000000ab000000000000000c",
            Route::Services {
                service: None,
                run: None,
            },
        ),
        ("/services/web/more", Route::Unknown),
        ("/map?since=never&q=", map("", None)),
        ("/map?since=0s", map("", None)),
        ("/map/more", Route::Unknown),
        (
            "/compare/00000000000000ab/-?by=luck",
            compare(Some(0xab), None, CompareOrder::Tree, ""),
        ),
        ("/compare/x/y", Route::Unknown),
        (
            "/compare/00000000000000ab/00000000000000ab/more",
            Route::Unknown,
        ),
        (
            "/trace/00000000000000ab?view=nothing&clocks=1&q=",
            trace(0xab, None),
        ),
        ("/trace/0", Route::Unknown),
        ("/trace/", Route::Unknown),
        ("/trace/00000000000000ab/more", Route::Unknown),
        ("/../etc/passwd", Route::Unknown),
        ("javascript:alert(1)", Route::Unknown),
    ] {
        assert_eq!(Route::parse(url), route, "{url}");
    }
}

#[test]
fn a_search_longer_than_the_limit_is_cut_between_characters() {
    let Route::Traces { query } = Route::parse(&format!("/?q={}", "é".repeat(QUERY_BYTES_MAX)))
    else {
        panic!("another view");
    };
    assert_eq!(query, "é".repeat(QUERY_BYTES_MAX / 2));
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_filter("a name", |name| !name.is_empty()),
        "[./?&#%+]{1,3}"
    ]
}

fn any_now() -> impl Strategy<Value = Now> {
    let by = prop::sample::select(Grouping::ALL.to_vec());
    (any::<String>(), by, 1..1_000_000_u64, any::<bool>()).prop_map(
        |(filter, by, long_ms, only_long)| Now {
            filter,
            by,
            long_ms,
            only_long,
        },
    )
}

fn any_look() -> impl Strategy<Value = TraceLook> {
    let tab = prop::sample::select(TraceTab::ALL.to_vec());
    (tab, "[ -~]{0,32}", any::<String>(), any::<bool>()).prop_map(
        |(tab, sort, query, is_aligned)| TraceLook {
            tab,
            sort,
            query,
            is_aligned,
        },
    )
}

fn any_comparison() -> impl Strategy<Value = Route> {
    let id = || prop::option::of(1..=u128::MAX);
    let order = prop::sample::select(CompareOrder::ALL.to_vec());
    (id(), id(), order, any::<String>()).prop_map(|(a, b, order, find)| compare(a, b, order, &find))
}

fn any_route() -> impl Strategy<Value = Route> {
    prop_oneof![
        any::<String>().prop_map(|query| traces(&query)),
        (1..=u128::MAX, prop::option::of(1..=u64::MAX), any_look())
            .prop_map(|(id, span, look)| looked_at(id, span, look)),
        any_now().prop_map(Route::Now),
        Just(Route::Services {
            service: None,
            run: None
        }),
        (any_name(), prop::option::of(any::<u64>())).prop_map(|(name, run)| services(&name, run)),
        (any::<String>(), prop::option::of(1..=u64::MAX))
            .prop_map(|(query, length)| map(&query, length)),
        any_comparison(),
        prop::option::of((any::<u64>(), any::<u64>())).prop_map(|app| {
            let app = app.map(|(high, low)| TracerId { high, low });
            Route::Roam(Roam { app })
        }),
        Just(Route::Hub),
        Just(Route::Unknown),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(route in any_route()) {
        let url = route.to_string();
        prop_assert!(url.is_ascii() && !url.contains([' ', '"', '<', '>', '#']));
        prop_assert_eq!(Route::parse(&url), route);
    }

    #[test]
    fn any_text_is_some_route_that_prints_and_parses(url in "[/?&=%+#a-z0-9é\\x00-\\x7f]{0,64}") {
        let route = Route::parse(&url);
        prop_assert_eq!(Route::parse(&route.to_string()), route);
    }
}
