//! Events as they happen, to one reader.
//!
//! Bounded: a reader may be as many events behind as the recorder keeps; one that takes none for [`STALL`] is
//! cut; [`READERS_MAX`] at a time.

use std::time::Duration;

use hindsight_protocol::introspection::picante::{QueryEvent, event};
use hindsight_protocol::introspection::{StreamEnd, StreamRequest};
use tokio::sync::broadcast::error::RecvError;
use vox_rt::time::{Instant, timeout};

use crate::recorder::{recorder, unix_now_ns};

/// Something is told at least this often: only then a reader that left is noticed.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// How long an event may wait for its reader.
const STALL: Duration = Duration::from_secs(10);
/// Readers at a time.
pub(super) const READERS_MAX: usize = 32;

pub(super) async fn stream(request: &StreamRequest, events: vox::Tx<QueryEvent>) -> StreamEnd {
    let mut end = StreamEnd::default();
    let Some(mut source) = recorder().subscribe(READERS_MAX) else {
        end.reason = "too many read the events of this app".to_owned();
        return end;
    };
    let is_wanted =
        |kind: &str| request.kinds.is_empty() || request.kinds.iter().any(|wanted| wanted == kind);
    let (mut sequence, mut dropped) = (0, 0);
    let mut beat = Instant::now() + HEARTBEAT;
    loop {
        let quiet_for = beat.saturating_duration_since(Instant::now());
        let told = match timeout(quiet_for, source.recv()).await {
            Ok(Ok(happened)) if is_wanted(&happened.kind) => {
                sequence += 1;
                QueryEvent::clone(&happened)
            }
            Ok(Ok(_)) => continue,
            Ok(Err(RecvError::Lagged(missed))) => {
                dropped += missed;
                sequence += missed;
                end.dropped += missed;
                continue;
            }
            Ok(Err(RecvError::Closed)) => {
                end.reason = "the app ended the stream".to_owned();
                return end;
            }
            Err(_) => quiet(dropped),
        };
        beat = Instant::now() + HEARTBEAT;
        let is_event = told.kind != event::HEARTBEAT;
        let told = QueryEvent {
            sequence,
            dropped: std::mem::take(&mut dropped),
            ..told
        };
        match timeout(STALL, events.send(told)).await {
            Ok(Ok(())) => end.told += u64::from(is_event),
            Ok(Err(_)) => {
                end.reason = "the reader closed the stream".to_owned();
                return end;
            }
            Err(_) => {
                end.reason = "the reader stalled".to_owned();
                return end;
            }
        }
    }
}

/// What is told when nothing happened, or nothing that was asked for.
fn quiet(dropped: u64) -> QueryEvent {
    let kind = match dropped {
        0 => event::HEARTBEAT,
        _ => event::DROPPED,
    };
    QueryEvent {
        at_ns: unix_now_ns(),
        kind: kind.to_owned(),
        ..QueryEvent::default()
    }
}
