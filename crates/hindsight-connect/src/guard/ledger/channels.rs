//! Channel messages, against the credit that was given.

use vox::Metadata;
use vox_rt::time::Instant;
use vox_types::{ChannelBody, ChannelMessage};

use super::super::lane::Lane;
use super::{Effect, Ledger, Verdict, Violation, misplaced, payload_len};

impl Ledger {
    pub(super) fn channel_in(
        &mut self,
        id: u64,
        message: &ChannelMessage<'_>,
        now: Instant,
    ) -> Result<Verdict, Violation> {
        if id == 0 {
            return Err(misplaced(id, "a channel message"));
        }
        if let ChannelBody::Item(item) = &message.body {
            let bytes = payload_len(&item.item);
            let value = |lane: &Lane| lane.unconsumed_bytes() + bytes;
            let what = "bytes of items not consumed";
            let of_app = self
                .lanes
                .get(&id)
                .is_some_and(|lane| !lane.items_stay_here());
            self.check_relayed(id, what, value, |limits| match of_app {
                true => limits.events_bytes_max,
                false => limits.channel_bytes_max,
            })?;
        }
        let channel_bytes = self.channel_bytes;
        let limits = self.limits;
        let Some(lane) = self.lane(id)? else {
            return Ok(Verdict::Swallow);
        };
        let number = message.id.0;
        let declared = lane.was_declared(number);
        let stays = lane.items_stay_here();
        let Some(channel) = lane.channels.get_mut(&number) else {
            return match declared {
                true => Ok(Verdict::Swallow),
                false => undeclared(id, lane, message),
            };
        };
        match &message.body {
            ChannelBody::Item(item) => {
                let item_bytes = payload_len(&item.item);
                let bytes = channel_bytes + if stays { item_bytes } else { 0 };
                if bytes > limits.channel_bytes_max {
                    let max = limits.channel_bytes_max;
                    return Err(Violation::ChannelBytes { bytes, max });
                }
                if !channel.receive(item_bytes, now) {
                    return Err(Violation::CreditExceeded {
                        lane: id,
                        channel: number,
                    });
                }
                self.channel_bytes = bytes;
            }
            ChannelBody::Close(_) | ChannelBody::Reset(_) => {
                if !channel.end() {
                    return Err(Violation::ChannelEndedTwice {
                        lane: id,
                        channel: number,
                    });
                }
                if channel.is_full() {
                    return Ok(Verdict::Hold {
                        lane: id,
                        channel: number,
                    });
                }
            }
            ChannelBody::GrantCredit(grant) => {
                let credit = channel.granted(grant.additional);
                let max = limits.credit_outstanding_max;
                if credit > u64::from(max) {
                    return Err(Violation::GrantedCredit {
                        lane: id,
                        channel: number,
                        credit,
                        max,
                    });
                }
            }
        }
        Ok(Verdict::Pass)
    }

    pub(super) fn channel_out(
        &mut self,
        id: u64,
        message: &ChannelMessage<'_>,
        now: Instant,
    ) -> Effect {
        let number = message.id.0;
        let Some(lane) = self.lanes.get_mut(&id) else {
            return Effect::None;
        };
        let stays = lane.items_stay_here();
        let Some(channel) = lane.channels.get_mut(&number) else {
            return Effect::None;
        };
        match &message.body {
            ChannelBody::Item(_) => channel.sent(now),
            ChannelBody::GrantCredit(grant) => {
                let consumed = channel.grant(grant.additional);
                self.channel_bytes -= if stays { consumed } else { 0 };
                return Effect::Room {
                    lane: id,
                    channel: number,
                };
            }
            ChannelBody::Close(_) | ChannelBody::Reset(_) => {}
        }
        Effect::None
    }
}

/// Of a channel that no call declared only the end may come: the call may be right behind it.
fn undeclared(
    id: u64,
    lane: &mut Lane,
    message: &ChannelMessage<'_>,
) -> Result<Verdict, Violation> {
    let channel = message.id.0;
    if !lane.is_peers_id(channel) || !is_bare_end(&message.body) {
        return Err(Violation::UndeclaredChannel { lane: id, channel });
    }
    if !lane.end_early(channel) {
        return Err(Violation::ChannelEndedTwice { lane: id, channel });
    }
    Ok(Verdict::HoldForCall { lane: id, channel })
}

/// vox adds nothing to the ends of channels, so there is nothing that could make them large.
fn is_bare_end(body: &ChannelBody<'_>) -> bool {
    match body {
        ChannelBody::Close(close) => close.metadata == Metadata::default(),
        ChannelBody::Reset(reset) => reset.metadata == Metadata::default(),
        ChannelBody::Item(_) | ChannelBody::GrantCredit(_) => false,
    }
}
