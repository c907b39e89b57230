//! `hindsight explain`: told by the app while it is there, by its spans afterwards.

use hindsight::Tracer;
use hindsight_testkit::queries::{QueryApp, Script};

use crate::hub::Hub;
use crate::process::PATIENCE;

/// Asks until the answer is what the test wants.
fn wait_for(hub: &Hub, arguments: &[&str], is: impl Fn(&str) -> bool) -> String {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let told = hub.read(arguments);
        if is(&told) {
            return told;
        }
        assert!(std::time::Instant::now() < until, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_explained_by_its_app_and_by_stored_spans_once_that_has_gone() {
    let hub = Hub::start(&[]);
    let builder = Tracer::builder().endpoint(hub.http.clone());
    let tracer = builder.service_name("site").connect().await;
    let tracer = tracer.expect("connects");
    let app = QueryApp::new(Script::default());
    app.offer_on(&tracer);
    app.run(&tracer);
    app.run(&tracer);
    assert!(tracer.flush(PATIENCE).await);
    wait_for(&hub, &["apps", "--format", "json"], |apps| {
        apps.contains("PicanteIntrospection")
    });

    let told = hub.run(&["explain", "site", "outline", "00000"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(
        told.stdout.contains("because 00000.md was edited"),
        "{told:?}"
    );
    assert!(
        told.stdout
            .contains("SourceFile::data(00000.md): set by edit 00000.md, which made revision 5"),
        "{told:?}"
    );
    assert_eq!(told.stderr, "");

    let stats = ["call", "site", "PicanteIntrospection.get_cache_stats"];
    let stats = hub.read(&[&stats[..], &["--format", "json"]].concat());
    assert!(stats.contains(r#""kind": "outline""#), "{stats}");

    let unclear = hub.run(&["explain", "site", "outline", ".md"]);
    assert_eq!(unclear.code, Some(1), "{unclear:?}");
    assert!(unclear.stdout.contains("outline(00002.md)"), "{unclear:?}");
    let nobody = hub.run(&["explain", "nobody", "outline"]);
    assert!(
        nobody.stderr.contains("no app is called \"nobody\""),
        "{nobody:?}"
    );

    tracer.shutdown(PATIENCE).await;
    wait_for(&hub, &["apps", "--format", "json"], |apps| {
        !apps.contains("\"connected\"")
    });
    let told = hub.run(&["explain", "site", "outline", "00000"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(
        told.stderr.contains("is not connected any more; told by"),
        "{told:?}"
    );
    assert!(
        told.stdout
            .contains("outline(00000.md) was computed in revision 5"),
        "{told:?}"
    );
    assert!(
        told.stdout
            .contains("SourceFile::data(00000.md): set, which made revision 5"),
        "{told:?}"
    );
    let json = hub.read(&["explain", "site", "outline", "00000", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["told_by"], "spans");
    assert_eq!(json["causes"][0]["query"], "outline(00000.md)");
    let none = hub.run(&["explain", "site", "render"]);
    assert!(
        none.stderr.contains("no query like render() is known"),
        "{none:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_does_not_offer_it_is_said_not_to() {
    let hub = Hub::start(&[]);
    let builder = Tracer::builder().endpoint(hub.http.clone());
    let tracer = builder.service_name("plain").connect().await;
    let _tracer = tracer.expect("connects");
    let told = hub.run(&["explain", "plain", "parse_file"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(
        told.stderr.contains("does not offer PicanteIntrospection"),
        "{told:?}"
    );
}
