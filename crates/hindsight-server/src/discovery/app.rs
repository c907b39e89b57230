//! What is remembered of one app.

use std::time::Duration;

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{
    AppInfo, IngestCounters, IngestReply, ReasonCount, RunInfo, TracerAccounts,
};
use hindsight_protocol::introspection::MethodInfo;

use super::offers::Offers;
use crate::config::DiscoveryLimits;
use crate::connections::ConnectionId;

#[derive(Debug)]
pub(super) struct App {
    pub(super) tracer_id: TracerId,
    run: RunInfo,
    /// The newest connection that attached it; none once that has ended.
    pub(super) connection: Option<ConnectionId>,
    transport: String,
    first_attached_ns: u64,
    pub(super) attached_ns: u64,
    pub(super) detached_ns: u64,
    pub(super) last_seen_ns: u64,
    /// None until it listed its services; what it offered last, once it is gone.
    pub(super) offers: Option<Offers>,
    offers_ns: u64,
    offers_fault: String,
    /// Revision of the registry at the newest change of who it is, how it stands or what it offers.
    pub(super) changed: u64,
    pub(super) accounts: TracerAccounts,
    pub(super) counters: IngestCounters,
    /// As many as there are names.
    reasons: Vec<ReasonCount>,
}

/// How an app presents itself when it attaches.
pub(crate) struct Attachment {
    pub(crate) tracer_id: TracerId,
    pub(crate) run: RunInfo,
    pub(crate) connection: ConnectionId,
    pub(crate) transport: String,
}

impl App {
    pub(super) fn new(attachment: Attachment, now_ns: u64) -> Self {
        Self {
            tracer_id: attachment.tracer_id,
            run: attachment.run,
            connection: Some(attachment.connection),
            transport: attachment.transport,
            first_attached_ns: now_ns,
            attached_ns: now_ns,
            detached_ns: 0,
            last_seen_ns: now_ns,
            offers: None,
            offers_ns: 0,
            offers_fault: String::new(),
            changed: 0,
            accounts: TracerAccounts::default(),
            counters: IngestCounters::default(),
            reasons: Vec::new(),
        }
    }

    /// Whether that is news, beside the time.
    pub(super) fn reattach(&mut self, attachment: Attachment, now_ns: u64) -> bool {
        let is_new_connection = self.connection != Some(attachment.connection);
        let is_news = is_new_connection || self.run != attachment.run;
        // An app attaches again over the same connection when it offers something else.
        if is_new_connection {
            self.attached_ns = now_ns;
        }
        self.run = attachment.run;
        self.connection = Some(attachment.connection);
        self.transport = attachment.transport;
        self.detached_ns = 0;
        self.last_seen_ns = now_ns;
        is_news
    }

    /// Its name and its tracer, for messages.
    pub(super) fn describe(&self) -> String {
        match self.run.service_name.as_str() {
            "" => format!("app {}", self.tracer_id),
            name => format!("app {name} ({})", self.tracer_id),
        }
    }

    pub(super) fn info(&self, now_ns: u64, grace: Duration) -> AppInfo {
        AppInfo {
            tracer_id: self.tracer_id,
            run: self.run.clone(),
            state: self.state(now_ns, grace).to_owned(),
            transport: self.transport.clone(),
            first_attached_ns: self.first_attached_ns,
            attached_ns: self.attached_ns,
            detached_ns: self.detached_ns,
            last_seen_ns: self.last_seen_ns,
            services: self.offers.as_ref().map(Offers::names).unwrap_or_default(),
            offers: self
                .offers
                .as_ref()
                .map_or_else(Vec::new, |o| o.services.clone()),
            offers_cut: self.offers.as_ref().is_some_and(|o| o.cut),
            offers_ns: self.offers_ns,
            offers_fault: self.offers_fault.clone(),
            accounts: self.accounts,
            counters: self.counters,
            reasons: self.reasons.clone(),
        }
    }

    /// What the app answered when it was asked. Whether that is news.
    pub(super) fn learn(&mut self, learned: Result<Offers, String>, now_ns: u64) -> bool {
        let (offers, fault) = match learned {
            Ok(offers) => (Some(offers), String::new()),
            Err(fault) => (None, fault),
        };
        let is_news = self.offers_fault != fault || offers.is_some() && self.offers != offers;
        self.offers_fault = fault;
        if offers.is_some() {
            self.offers = offers;
            self.offers_ns = now_ns;
        }
        is_news
    }

    /// When it counts as gone, if it stays away.
    pub(super) fn gone_ns(&self, grace: Duration) -> Option<u64> {
        let grace_ns = u64::try_from(grace.as_nanos()).unwrap_or(u64::MAX);
        let away = self.connection.is_none();
        away.then(|| self.detached_ns.saturating_add(grace_ns))
    }

    /// Counts what was refused, cut or noted of what the app sent.
    pub(super) fn count(&mut self, reason: &str, times: u64) {
        match self.reasons.iter_mut().find(|known| known.reason == reason) {
            Some(known) => known.count += times,
            None => self.reasons.push(ReasonCount {
                reason: reason.to_owned(),
                count: times,
            }),
        }
    }

    /// Counts what became of a batch of `records`.
    pub(super) fn add_reply(&mut self, records: u64, reply: &IngestReply) {
        add_reply(&mut self.counters, records, reply);
        let told = [&reply.rejections, &reply.truncations, &reply.notes];
        for told in told.into_iter().flatten() {
            self.count(&told.reason, told.count);
        }
    }

    fn state(&self, now_ns: u64, grace: Duration) -> &'static str {
        let away = Duration::from_nanos(now_ns.saturating_sub(self.detached_ns));
        match self.connection {
            Some(_) => "connected",
            None if away < grace => "disconnected",
            None => "gone",
        }
    }
}

/// Adds what became of a batch of `records`.
fn add_reply(counters: &mut IngestCounters, records: u64, reply: &IngestReply) {
    if reply.resent {
        counters.resent += records;
        return;
    }
    counters.received += records;
    counters.inserted += reply.inserted;
    counters.updated += reply.updated;
    counters.duplicate += reply.duplicate;
    counters.rejected += reply.rejected;
}

pub(super) fn add_accounts(sum: &mut TracerAccounts, accounts: &TracerAccounts) {
    // Apps tell these numbers, so their sum may be anything.
    sum.offered = sum.offered.saturating_add(accounts.offered);
    sum.dropped = sum.dropped.saturating_add(accounts.dropped);
    let elsewhere = accounts.acknowledged_elsewhere;
    sum.acknowledged_elsewhere = sum.acknowledged_elsewhere.saturating_add(elsewhere);
    sum.reconnects = sum.reconnects.saturating_add(accounts.reconnects);
    sum.cut = sum.cut.saturating_add(accounts.cut);
}

/// Cuts what an app says about itself; returns whether anything was cut.
pub(crate) fn cut_run(run: &mut RunInfo, limits: &DiscoveryLimits) -> bool {
    let arguments_before = run.arguments.len();
    run.arguments.truncate(limits.arguments_max);
    let mut cut = arguments_before > run.arguments.len();
    let own = [
        &mut run.service_name,
        &mut run.service_version,
        &mut run.executable,
        &mut run.host,
        &mut run.client,
        &mut run.revision,
    ];
    for text in own.into_iter().chain(&mut run.arguments) {
        cut |= cut_text(text, limits.text_bytes_max);
    }
    cut
}

pub(super) fn cut_text(text: &mut String, bytes_max: usize) -> bool {
    let too_long = text.len() > bytes_max;
    if too_long {
        text.truncate(text.floor_char_boundary(bytes_max));
    }
    too_long
}

/// About the bytes that an app takes in an answer.
pub(super) fn info_bytes(info: &AppInfo) -> usize {
    let run = &info.run;
    let texts = [
        &run.service_name,
        &run.executable,
        &run.host,
        &run.client,
        &info.transport,
    ];
    let texts: usize = texts.into_iter().map(String::len).sum();
    let lists = run.arguments.iter().chain(&info.services);
    let lists: usize = lists.map(|text| text.len() + 8).sum();
    let method = |m: &MethodInfo| {
        let arguments = m.argument_names.iter().map(|name| name.len() + 8);
        64 + m.name.len() + m.doc.len() + arguments.sum::<usize>()
    };
    let offers = info.offers.iter().map(|offer| {
        let methods = offer.methods.iter().map(method);
        32 + offer.name.len() + offer.doc.len() + methods.sum::<usize>()
    });
    512 + texts + lists + offers.sum::<usize>()
}
