use super::*;

async fn upgrade_with(answer: &[u8]) -> Result<Bytes, UpgradeError> {
    let (mut client, mut server) = tokio::io::duplex(64 << 10);
    server.write_all(answer).await.unwrap();
    let task = tokio::spawn(async move {
        let mut request = [0; 16];
        server.read_exact(&mut request).await.unwrap();
        assert_eq!(&request, b"GET / HTTP/1.1\r\n");
    });
    let upgraded = upgrade(&mut client, "hub:1990", "/").await;
    task.await.unwrap();
    upgraded
}

#[tokio::test]
async fn bytes_after_the_head_are_kept() {
    let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: Roam\r\n\r\nVOXL\x01\x00";
    assert_eq!(&upgrade_with(answer).await.unwrap()[..], b"VOXL\x01\x00");
}

#[tokio::test]
async fn a_refusal_carries_status_and_first_lines() {
    let answer =
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nno\x1b[31m\r\n\r\nentry\n3\n4";
    let error = upgrade_with(answer).await.unwrap_err();
    assert_eq!(error.to_string(), "HTTP 403: no[31m / entry / 3");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_shown() {
    let error = upgrade_with(b"SSH-2.0-OpenSSH_9.6\r\n").await.unwrap_err();
    assert!(matches!(&error, UpgradeError::NotHttp(text) if text.starts_with("SSH-2.0")));
}

#[tokio::test]
async fn a_head_without_end_is_cut() {
    let mut answer = b"HTTP/1.1 101 x\r\n".to_vec();
    answer.resize(20 << 10, b'a');
    let error = upgrade_with(&answer).await.unwrap_err();
    assert!(matches!(error, UpgradeError::HeadTooLarge));
}

#[tokio::test]
async fn an_early_end_and_another_protocol_are_told_apart() {
    let error = upgrade_with(b"HTTP/1.1 101 x\r\n").await.unwrap_err();
    assert!(matches!(error, UpgradeError::Closed));
    let error = upgrade_with(b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n")
        .await
        .unwrap_err();
    assert!(matches!(error, UpgradeError::OtherProtocol(name) if name == "h2c"));
}
