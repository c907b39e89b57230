//! Schemas, which vox keeps for as long as their lane lives.

use vox_types::{BindingDirection, SchemaMessage};

use super::super::lane::Lane;
use super::{Ledger, SCHEMA_COST, Verdict, Violation, misplaced};

impl Ledger {
    pub(super) fn schema_in(
        &mut self,
        lane: u64,
        schema: &SchemaMessage,
    ) -> Result<Verdict, Violation> {
        if lane == 0 {
            return Err(misplaced(lane, "a schema"));
        }
        if self.lane(lane)?.is_none() {
            return Ok(Verdict::Swallow);
        }
        let args = matches!(schema.direction, BindingDirection::Args);
        self.count_schema(
            lane,
            schema.method_id.0,
            args,
            schema.schemas.0.len().max(1),
        )?;
        Ok(Verdict::Pass)
    }

    /// Accounts for a schema of `bytes`; none if that is zero.
    pub(super) fn count_schema(
        &mut self,
        id: u64,
        method: u64,
        args: bool,
        bytes: usize,
    ) -> Result<(), Violation> {
        if bytes == 0 {
            return Ok(());
        }
        self.check_schema(id, bytes)?;
        let max = self.limits.schema_repeats_max;
        if let Some(lane) = self.lanes.get_mut(&id) {
            let repeats = lane.schema_repeats.entry((method, args)).or_default();
            *repeats += 1;
            if *repeats > max {
                return Err(Violation::SchemaRepeats {
                    lane: id,
                    method,
                    max,
                });
            }
        }
        self.add_schema(id, bytes)
    }

    pub(super) fn check_schema(&self, lane: u64, bytes: usize) -> Result<(), Violation> {
        let max = self.limits.schema_bytes_max;
        if bytes > max {
            return Err(Violation::SchemaBytes { lane, bytes, max });
        }
        Ok(())
    }

    pub(super) fn add_schema(&mut self, id: u64, bytes: usize) -> Result<(), Violation> {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return Ok(());
        };
        if bytes == 0 {
            return Ok(());
        }
        lane.schema_bytes += bytes + SCHEMA_COST;
        self.schema_bytes += bytes + SCHEMA_COST;
        let of_lane = |lane: &Lane| lane.schema_bytes;
        self.check_relayed(id, "bytes of schemas", of_lane, |l| l.schema_bytes_max)?;
        let (bytes, max) = (self.schema_bytes, self.limits.schema_bytes_total_max);
        if bytes > max {
            return Err(Violation::SchemaBytesTotal { bytes, max });
        }
        Ok(())
    }
}
