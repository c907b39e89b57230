//! A tracer announces itself.

use facet::Facet;

/// Random identity of a tracer (one per `Tracer` and process start).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Facet)]
pub struct TracerId {
    /// First half.
    #[facet(default)]
    pub high: u64,
    /// Second half.
    #[facet(default)]
    pub low: u64,
}

impl TracerId {
    /// Reads what [`Display`](std::fmt::Display) writes: 32 hex digits, in either case. `None` for
    /// anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let half = |digits: &str| u64::from_str_radix(digits, 16).ok();
        let (high, low) = is_id.then(|| text.split_at(16))?;
        let (high, low) = (half(high)?, half(low)?);
        Some(Self { high, low })
    }
}

impl std::fmt::Display for TracerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}{:016x}", self.high, self.low)
    }
}

/// Announces a tracer.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct AttachRequest {
    /// Who it is.
    #[facet(default)]
    pub tracer_id: TracerId,
    /// [`super::PROTOCOL_VERSION`] of the sender.
    #[facet(default)]
    pub protocol_version: u32,
    /// The process.
    #[facet(default)]
    pub run: RunInfo,
    /// The hub the tracer was attached to before, 0 if none.
    #[facet(default)]
    pub previous_hub_id: u64,
}

/// One process start of an app, as it describes itself. Arguments are redacted by the sender.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct RunInfo {
    /// `service.name`.
    #[facet(default)]
    pub service_name: String,
    /// `service.version`, empty if unknown.
    #[facet(default)]
    pub service_version: String,
    /// Process id, 0 if there is none.
    #[facet(default)]
    pub pid: u32,
    /// Name of the executable, without its directory.
    #[facet(default)]
    pub executable: String,
    /// Arguments after redaction.
    #[facet(default)]
    pub arguments: Vec<String>,
    /// Host name, empty if unknown.
    #[facet(default)]
    pub host: String,
    /// Process start, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub started_ns: u64,
    /// Name and version of the client library.
    #[facet(default)]
    pub client: String,
    /// Revision of the source it was built from or runs in, such as a commit of git; empty if unknown.
    #[facet(default)]
    pub revision: String,
}

/// The hub's answer to [`AttachRequest`].
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct AttachReply {
    /// Random identity of this hub process; another one means that the hub was restarted.
    #[facet(default)]
    pub hub_id: u64,
    /// [`super::PROTOCOL_VERSION`] of the hub.
    #[facet(default)]
    pub protocol_version: u32,
    /// Most bytes of one batch.
    #[facet(default)]
    pub batch_bytes_max: u64,
    /// Most spans of one batch.
    #[facet(default)]
    pub batch_spans_max: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tracer_id_reads_what_it_writes_and_nothing_else() {
        let id = TracerId { high: 1, low: 0xab };
        assert_eq!(TracerId::parse(&id.to_string()), Some(id));
        assert_eq!(TracerId::parse(&id.to_string().to_uppercase()), Some(id));
        let long = format!("0{id}");
        let signed = format!("+{}", &id.to_string()[1..]);
        for wrong in ["", "1", &long, &signed, "ääääääääääääääää"] {
            assert_eq!(TracerId::parse(wrong), None, "{wrong}");
        }
    }
}
