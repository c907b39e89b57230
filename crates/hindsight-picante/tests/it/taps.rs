//! Taps, observers and adapters: the program's own code, called by the recorder.

use std::sync::Mutex;

use hindsight_protocol::introspection::picante::{
    CurrentGraphRequest, PicanteIntrospection, QueryGraph,
};
use picante::{Access, Introspection, Phase};

use crate::shared::trace;
use crate::site::{Site, heading_at, outline, site_index};

#[tokio::test]
async fn a_tap_sees_each_value_after_it_was_computed() {
    trace("warm up").end();
    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    picante::tap("outline", |key, value| {
        if key == "tapped.md" {
            let list = value.into_list_like().expect("a list");
            let first = list.get(0).and_then(|first| first.as_str());
            SEEN.lock()
                .expect("sound")
                .push(first.unwrap_or_default().to_owned());
        }
    });
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("tapped.md", "# one");
    drop(outline(&*db, file).await);
    drop(outline(&*db, file).await);
    db.edit("tapped.md", "# two");
    drop(heading_at(&*db, file, 0).await);
    assert_eq!(*SEEN.lock().expect("sound"), ["# one", "# two"]);
}

#[tokio::test]
async fn a_panic_of_an_observer_is_not_the_querys() {
    trace("warm up").end();
    picante::observe(|access: &Access| {
        assert_ne!(&*access.key, "observed.md", "an observer's own")
    });
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("observed.md", "# O");
    assert_eq!(outline(&*db, file).await.expect("an outline"), ["# O"]);
}

#[tokio::test]
async fn starts_and_ends_are_told_once_each() {
    trace("warm up").end();
    static SEEN: Mutex<Vec<(u64, Phase)>> = Mutex::new(Vec::new());
    picante::observe(|access: &Access| {
        if &*access.key == "paired.md" {
            SEEN.lock().expect("sound").push((access.id, access.phase));
        }
    });
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("paired.md", "# P");
    drop(outline(&*db, file).await);
    let seen = SEEN.lock().expect("sound");
    let [outer, inner, inner_end, outer_end] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!((outer.0, inner.0), (outer_end.0, inner_end.0));
    assert_eq!((outer.1, outer_end.1), (Phase::Started, Phase::Ended));
}

#[tokio::test]
async fn a_graph_of_ten_thousand_queries_is_told_in_pages() {
    trace("warm up").end();
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("many.md", "# M");
    const MANY: u32 = 10_000;
    for place in 0..MANY {
        drop(heading_at(&*db, file, place).await);
    }
    drop(site_index(&*db).await);
    let page = |cursor, depth| {
        Introspection.get_current_graph(CurrentGraphRequest {
            kind: "heading_at".into(),
            find: "many.md, ".into(),
            depth,
            limit: 0,
            cursor,
        })
    };
    let (mut told, mut cursor) = (0, 0);
    loop {
        let graph: QueryGraph = page(cursor, 0).await;
        assert!(graph.nodes.len() <= 2000, "{}", graph.nodes.len());
        assert_eq!(graph.nodes_total, u64::from(MANY));
        told += graph.nodes.len();
        cursor = graph.next;
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(told, MANY as usize);
    // All of them depend on one.
    let around = page(0, 1).await;
    assert!(around.nodes.len() <= 2000 && around.edges.len() >= 1000);
}
