//! Who gets in where a token is configured.

use hindsight_connect::{DialError, DialOptions, Endpoint, HandshakeError};
use hindsight_server::Token;

use crate::harness::{Client, TestHub};

fn with_token(token: Option<&str>) -> DialOptions {
    DialOptions {
        token: token.map(str::to_owned),
        ..DialOptions::default()
    }
}

fn is_unauthenticated(error: &DialError) -> bool {
    matches!(
        error,
        DialError::TokenMissing { .. }
            | DialError::TokenRejected { .. }
            | DialError::Handshake {
                source: HandshakeError::Declined(vox::EstablishmentRejectReason::Unauthenticated),
                ..
            }
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transport_wants_the_token() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("private/hub.sock");
    let hub = TestHub::with(|config| {
        config.token = Some(Token::new("s3cret").unwrap());
        config.local_socket = Some(socket.clone());
    })
    .await;
    let local = Endpoint::Local { path: socket };
    let endpoints = [
        hub.endpoint("http"),
        hub.endpoint("tcp"),
        hub.endpoint("ws"),
        local,
    ];
    for endpoint in &endpoints {
        for wrong in [None, Some("s3cre"), Some("s3cret2"), Some("")] {
            match Client::dial(endpoint, with_token(wrong)).await {
                Err(error) => assert!(is_unauthenticated(&error), "{endpoint}: {error:?}"),
                Ok(_) => panic!("{endpoint} let {wrong:?} in"),
            }
        }
        let client = Client::dial(endpoint, with_token(Some("s3cret")))
            .await
            .unwrap();
        assert_eq!(client.stats().await.hub_id, hub.running().hub_id());
    }
    let client = Client::dial(&endpoints[1], with_token(Some("s3cret")))
        .await
        .unwrap();
    assert_eq!(client.count_of("unauthenticated").await, 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_without_a_token_ignores_one() {
    let hub = TestHub::start().await;
    let endpoint = hub.endpoint("tcp");
    Client::dial(&endpoint, with_token(Some("whatever")))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_hub_with_a_token_shows_nothing_stored() {
    let hub = TestHub::with(|config| config.token = Some(Token::new("s3cret").unwrap())).await;
    let client = Client::dial(&hub.endpoint("tcp"), with_token(Some("s3cret"))).await;
    let client = client.expect("the token is right");
    client.attach(1, "secret-service").await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let page = hub.raw(request).await;
    assert!(
        page.contains("<title>hindsight</title>") && !page.contains("secret-service"),
        "{page}"
    );
}
