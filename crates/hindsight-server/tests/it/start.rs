//! Starting and stopping.

use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::time::Duration;

use hindsight_connect::{DialOptions, Endpoint};
use hindsight_server::{Config, ConfigError, Server, StartError, StopReason, Token};
use tokio::net::{TcpListener, UnixListener};

use crate::harness::{Client, TestHub};

/// A directory that only this user can enter.
fn private(dir: &tempfile::TempDir) -> PathBuf {
    let path = dir.path().join("private");
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&path)
        .unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn off_loopback_a_hub_does_not_start_without_a_token() {
    let mut config = Config::ephemeral();
    config.bind = "0.0.0.0".parse().unwrap();
    let refused = Server::start(config.clone()).await.unwrap_err();
    assert!(matches!(
        refused,
        StartError::Config(ConfigError::TokenMissing { .. })
    ));
    config.token = Some(Token::new("s3cret").unwrap());
    let running = Server::start(config).await.unwrap();
    running.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_told_and_by_whom() {
    let first = TestHub::start().await;
    let mut config = Config::ephemeral();
    config.http_port = first.http().port();
    let error = Server::start(config.clone()).await.unwrap_err();
    let StartError::PortTaken { by_hindsight, .. } = &error else {
        panic!("{error:?}");
    };
    let other = by_hindsight.as_ref().expect("a hub is recognised");
    assert_eq!(other.hub_id, format!("{:016x}", first.running().hub_id()));
    assert!(error.to_string().contains(&other.url), "{error}");

    let stranger = TcpListener::bind("127.0.0.1:0").await.unwrap();
    config.http_port = stranger.local_addr().unwrap().port();
    let error = Server::start(config).await.unwrap_err();
    assert!(matches!(
        error,
        StartError::PortTaken {
            by_hindsight: None,
            ..
        }
    ));
    assert!(error.to_string().contains("--http-port"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_raw_port_is_no_failure() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let hub = TestHub::with(|config| config.tcp_port = Some(port)).await;
    assert_eq!(hub.running().addresses().tcp, None);
    let endpoint = hub.endpoint("http");
    Client::dial(&endpoint, DialOptions::default())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_socket_is_private_replaces_a_stale_file_and_goes_with_the_hub() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir).join("hub.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "a stale file is there");

    let hub = TestHub::with(|config| config.local_socket = Some(path.clone())).await;
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let client = Client::dial(
        &Endpoint::Local { path: path.clone() },
        DialOptions::default(),
    )
    .await;
    let client = client.unwrap();
    client.attach(1, "local").await.unwrap();
    let pid = format!("unix pid {}", std::process::id());
    assert_eq!(client.apps().await[0].transport, pid);

    let inode = std::fs::metadata(&path).unwrap().ino();
    let second = TestHub::with(|config| config.local_socket = Some(path.clone())).await;
    assert_eq!(
        second.running().addresses().local,
        None,
        "a live owner keeps it"
    );
    second.shutdown().await;
    assert_eq!(std::fs::metadata(&path).unwrap().ino(), inode);

    hub.shutdown().await;
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_path_that_is_not_a_socket_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = private(&dir).join("hub.sock");
    std::fs::write(&path, "precious").unwrap();
    let hub = TestHub::with(|config| config.local_socket = Some(path.clone())).await;
    assert_eq!(hub.running().addresses().local, None);
    hub.shutdown().await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_socket_that_others_could_reach_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let path = dir.path().join("hub.sock");
    let hub = TestHub::with(|config| config.local_socket = Some(path.clone())).await;
    assert_eq!(hub.running().addresses().local, None);
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_ends_connections_and_frees_the_ports() {
    let hub = TestHub::start().await;
    let (http, tcp) = (hub.http(), hub.tcp());
    let client = hub.client().await;
    let idle_http = tokio::net::TcpStream::connect(http).await.unwrap();
    hub.shutdown().await;
    client.connection.closed().await;
    drop(idle_http);
    let mut config = Config::ephemeral();
    (config.http_port, config.tcp_port) = (http.port(), Some(tcp.port()));
    let again = Server::start(config).await.unwrap();
    assert_eq!(again.addresses().tcp, Some(tcp));
    let report = again.shutdown(Duration::from_secs(5)).await;
    assert_eq!(report.reason, StopReason::Asked);
}
