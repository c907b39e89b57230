//! Messages to the hub and from it, and schemas.

use facet::Facet;
use hindsight_protocol::LiveEvent;
use hindsight_protocol::hub::{
    AttachReply, AttachRequest, CompleteRequest, FindSpansRequest, GetTraceReply, GetTraceRequest,
    HubError, IngestReply, IngestRequest, IngestSpansRequest, ListAppsReply, ListTracesReply,
    ListTracesRequest, LiveRequest, QueryReply, QueryRequest, ServiceMapRequest, StatsReply,
};

/// What `bytes` are as a payload written with this version's schema of `T`.
pub(crate) fn decoded<T: for<'a> Facet<'a>>(bytes: &[u8]) -> Option<T> {
    let schema = vox_phon::schema_bytes::<T>().ok()?;
    let writer = vox_phon::parse_schema_bytes(&schema).ok()?;
    vox_phon::decode_compat(bytes, &writer).ok()
}

/// What is read is written, and then reads the same.
fn round_trip<T: for<'a> Facet<'a> + std::fmt::Debug>(bytes: &[u8]) {
    if let Some(read) = decoded::<T>(bytes) {
        let written = vox_phon::to_vec(&read).expect("what was read can be written");
        let again = decoded::<T>(&written).expect("what was written can be read");
        // By text, because a NaN differs from itself.
        assert_eq!(format!("{read:?}"), format!("{again:?}"));
    }
}

/// The first byte chooses a message, or a schema; the rest is its bytes.
pub fn message(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let readers: [fn(&[u8]); 20] = [
        round_trip::<AttachRequest>,
        round_trip::<AttachReply>,
        round_trip::<IngestRequest>,
        round_trip::<IngestSpansRequest>,
        round_trip::<IngestReply>,
        round_trip::<ListTracesRequest>,
        round_trip::<ListTracesReply>,
        round_trip::<GetTraceRequest>,
        round_trip::<GetTraceReply>,
        round_trip::<QueryRequest>,
        round_trip::<QueryReply>,
        round_trip::<FindSpansRequest>,
        round_trip::<CompleteRequest>,
        round_trip::<ServiceMapRequest>,
        round_trip::<LiveRequest>,
        round_trip::<LiveEvent>,
        round_trip::<ListAppsReply>,
        round_trip::<StatsReply>,
        round_trip::<HubError>,
        schema,
    ];
    readers[usize::from(*choice) % readers.len()](bytes);
}

/// Bytes as a schema that a peer sends: the payload after it is one of its own.
fn schema(bytes: &[u8]) {
    let Ok(writer) = vox_phon::parse_schema_bytes(bytes) else {
        return;
    };
    let payload = vox_phon::to_vec(&AttachRequest::default()).expect("can be written");
    let read: Result<AttachRequest, _> = vox_phon::decode_compat(&payload, &writer);
    // Anything but a panic will do.
    drop(read);
}
