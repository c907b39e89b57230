//! `GET /healthz`.

use serde::{Deserialize, Serialize};

use crate::hub::{Hub, VERSION};

/// The answer of the health probe. Tells nothing about what is stored: anybody may read it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Health {
    pub(super) name: String,
    pub(super) status: String,
    /// 16 hex digits: JSON numbers lose digits of 64-bit ids.
    pub(super) hub_id: String,
    pub(super) version: String,
    pub(super) uptime_ms: u64,
}

impl Health {
    pub(super) const NAME: &str = "hindsight";

    pub(super) fn of(hub: &Hub) -> Self {
        Self {
            name: Self::NAME.to_owned(),
            status: if hub.stopping.has_begun() {
                "stopping"
            } else {
                "ok"
            }
            .to_owned(),
            hub_id: format!("{:016x}", hub.id),
            version: VERSION.to_owned(),
            uptime_ms: hub.uptime_ms(),
        }
    }

    pub(super) fn to_json(&self) -> String {
        // A struct of texts and a number always serializes.
        serde_json::to_string(self).unwrap_or_default()
    }
}
