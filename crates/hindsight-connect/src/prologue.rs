//! The transport prologue: eight bytes each way that settle the version of roam.
//!
//! The same bytes as vox's own (`VOTH`, `VOTA`, `VOTR`, a version, three bytes that are zero),
//! with errors that name both versions, and with an answer to a peer of another version.

use vox::{LinkRx, LinkTx};

use crate::establish::HandshakeError;

/// The version of the train that hindsight pins.
pub(crate) const VERSION: u8 = 9;
const HELLO: [u8; 4] = *b"VOTH";
const ACCEPT: [u8; 4] = *b"VOTA";
const REJECT: [u8; 4] = *b"VOTR";
const REJECT_UNSUPPORTED: u8 = 1;

/// Sends our hello and reads the peer's answer.
pub(crate) async fn initiate(tx: &impl LinkTx, rx: &mut impl LinkRx) -> Result<(), HandshakeError> {
    send(tx, HELLO, 0).await?;
    let answer = receive(rx).await?;
    if answer[..4] != ACCEPT[..] && answer[..4] != REJECT[..] {
        return Err(HandshakeError::Prologue { got: answer });
    }
    check_version(answer)?;
    if answer[..4] == REJECT[..] {
        let code = answer[5];
        return Err(HandshakeError::PrologueRejected { code });
    }
    Ok(())
}

/// Reads the peer's hello and answers it.
pub(crate) async fn accept(tx: &impl LinkTx, rx: &mut impl LinkRx) -> Result<(), HandshakeError> {
    let hello = receive(rx).await?;
    if hello[..4] != HELLO[..] {
        return Err(HandshakeError::Prologue { got: hello });
    }
    if let Err(error) = check_version(hello) {
        // Older builds print the version of this answer. That it may not arrive changes nothing.
        send(tx, REJECT, REJECT_UNSUPPORTED).await.ok();
        return Err(error);
    }
    send(tx, ACCEPT, 0).await
}

fn check_version(message: [u8; 8]) -> Result<(), HandshakeError> {
    match message[4] {
        VERSION => Ok(()),
        theirs => Err(HandshakeError::Version {
            theirs,
            ours: VERSION,
        }),
    }
}

async fn send(tx: &impl LinkTx, magic: [u8; 4], code: u8) -> Result<(), HandshakeError> {
    let [a, b, c, d] = magic;
    let sent = tx.send(vec![a, b, c, d, VERSION, code, 0, 0]).await;
    sent.map_err(|error| HandshakeError::Transport(error.to_string()))
}

async fn receive(rx: &mut impl LinkRx) -> Result<[u8; 8], HandshakeError> {
    let received = rx.recv().await;
    let frame = received
        .map_err(|error| HandshakeError::Transport(error.to_string()))?
        .ok_or(HandshakeError::PeerClosed)?;
    let bytes = frame.as_bytes();
    let mut message = [0; 8];
    let len = bytes.len().min(message.len());
    message[..len].copy_from_slice(&bytes[..len]);
    if bytes.len() != message.len() {
        return Err(HandshakeError::Prologue { got: message });
    }
    Ok(message)
}
