//! The state of a field for queries: what is offered, what is chosen.

use std::time::Duration;

use crate::reactive::prelude::*;
use hindsight_protocol::hub::{CompleteReply, CompleteRequest, Completion, QueryProblem};
use hindsight_view::query_text::{edit, recent};
use leptos::html;
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use crate::link::Link;
use crate::{browser, hub};

/// Most offers at a time.
pub(super) const OFFERS_MAX: u32 = 12;
/// The hub is asked when nothing was typed for so long.
const PAUSE: Duration = Duration::from_millis(80);
const KEY: &str = "hindsight.queries";

/// The state. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    link: Link,
    text: RwSignal<String>,
    input: NodeRef<html::Input>,
    on_submit: Callback<String>,
    offers: RwSignal<CompleteReply>,
    /// Whether the offers are whole queries that were asked before.
    is_recent: RwSignal<bool>,
    active: RwSignal<Option<usize>>,
    dismissed: RwSignal<bool>,
    /// The text that the offers are for.
    offered_for: StoredValue<String>,
    /// Whether the first offer is to be taken as soon as there are some for the present text.
    is_awaited: StoredValue<bool>,
    /// Number of the newest question, and of what made those before it void.
    question: StoredValue<u64>,
}

impl Model {
    pub(super) fn new(
        link: Link,
        text: RwSignal<String>,
        input: NodeRef<html::Input>,
        on_submit: Callback<String>,
    ) -> Self {
        Self {
            link,
            text,
            input,
            on_submit,
            offers: RwSignal::new(CompleteReply::default()),
            is_recent: RwSignal::new(false),
            active: RwSignal::new(None),
            dismissed: RwSignal::new(false),
            offered_for: StoredValue::new(String::new()),
            is_awaited: StoredValue::new(false),
            question: StoredValue::new(0),
        }
    }

    pub(super) fn offers(&self) -> Vec<Completion> {
        self.offers.with(|offers| offers.completions.clone())
    }

    pub(super) fn is_recent(&self) -> bool {
        self.is_recent.get()
    }

    pub(super) fn is_open(&self) -> bool {
        self.offers.with(|offers| !offers.completions.is_empty())
    }

    pub(super) fn active(&self) -> Option<usize> {
        self.active.get()
    }

    pub(super) fn is_dismissed(&self) -> bool {
        self.dismissed.get()
    }

    /// Whether the whole text is seen in the field.
    pub(super) fn has_room(&self) -> bool {
        let input = self.input.get_untracked();
        input.is_none_or(|input| input.scroll_width() <= input.client_width())
    }

    pub(super) fn typed(&self, text: String) {
        self.text.set(text);
        self.dismissed.set(false);
        self.active.set(None);
        self.offer();
    }

    /// An empty field offers what was asked before.
    pub(super) fn focused(&self) {
        if self.text.with_untracked(|text| text.trim().is_empty()) && !self.has_offers() {
            self.offer_recent();
        }
    }

    pub(super) fn close(&self) {
        if self.active.try_get_untracked().is_none() {
            // The view has gone; the browser tells of the blur after that.
            return;
        }
        self.question.update_value(|question| *question += 1);
        if self.has_offers() {
            self.offers.set(CompleteReply::default());
        }
        self.active.set(None);
    }

    /// Esc: away with the offers, then with what is said to be wrong; then it is the page's.
    pub(super) fn dismiss(&self) -> bool {
        let has_offers = self.has_offers();
        self.close();
        self.dismissed.set(true);
        has_offers
    }

    pub(super) fn submit(&self) {
        self.close();
        self.dismissed.set(false);
        let text = self.text.with_untracked(|text| text.trim().to_owned());
        self.on_submit.run(text);
    }

    /// To the next offer or the one before; asks for offers where there are none.
    pub(super) fn step(&self, by: isize) -> bool {
        let count = self
            .offers
            .with_untracked(|offers| offers.completions.len());
        match count {
            0 if by > 0 => self.offer(),
            0 => return false,
            _ => self.active.update(|active| {
                *active = match (*active, by > 0) {
                    (None, true) => Some(0),
                    (None, false) => Some(count - 1),
                    (Some(index), true) => Some(index + 1).filter(|next| *next < count),
                    (Some(index), false) => index.checked_sub(1),
                };
            }),
        }
        true
    }

    pub(super) fn take_active(&self) -> bool {
        let active = self.active.get_untracked();
        active.is_some_and(|index| self.take(index))
    }

    /// The chosen offer, or the first of those that complete what was typed.
    pub(super) fn take_likely(&self) -> bool {
        let is_typed = !self.is_recent.get_untracked();
        if is_typed && self.has_offers() && self.is_stale() {
            // Those that are shown were for less text; the next ones are on their way.
            self.is_awaited.set_value(true);
            return true;
        }
        let first = (is_typed && self.has_offers()).then_some(0);
        let index = self.active.get_untracked().or(first);
        index.is_some_and(|index| self.take(index))
    }

    /// Puts an offer into the text.
    pub(super) fn take(&self, index: usize) -> bool {
        let offers = self.offers.get_untracked();
        let Some(offer) = offers.completions.get(index) else {
            return false;
        };
        if self.is_recent.get_untracked() {
            self.text.set(offer.text.clone());
            self.submit();
            return true;
        }
        if self.is_stale() {
            // Its place was in another text; the next offers are on their way.
            return true;
        }
        let range = offers.start as usize..offers.end as usize;
        let text = self.text.get_untracked();
        let is_last = text.get(range.end..).is_none_or(str::is_empty);
        // Behind a whole term the next one may follow.
        let gap = if offer.kind == "value" && is_last {
            " "
        } else {
            ""
        };
        let (text, cursor) = edit::replaced(&text, range, &format!("{}{gap}", offer.text));
        self.put(text, cursor);
        self.offer();
        true
    }

    /// Writes what the hub suggests in place of the fault, and asks with that.
    pub(super) fn mend(&self, problem: &QueryProblem) {
        let text = self.text.with_untracked(|text| text.trim().to_owned());
        let range = problem.start as usize..problem.end as usize;
        let (text, cursor) = edit::replaced(&text, range, &problem.suggestion);
        self.put(text, cursor);
        self.submit();
    }

    fn is_stale(&self) -> bool {
        let text = self.text.get_untracked();
        self.offered_for
            .with_value(|offered_for| *offered_for != text)
    }

    fn has_offers(&self) -> bool {
        self.offers
            .with_untracked(|offers| !offers.completions.is_empty())
    }

    fn put(&self, text: String, cursor: usize) {
        let units = edit::utf16_of_byte(&text, cursor) as u32;
        self.text.set(text.clone());
        if let Some(input) = self.input.get_untracked() {
            // The signal's effect comes later than the cursor must be set.
            input.set_value(&text);
            // A field that is not text has no selection; this one is.
            input.set_selection_range(units, units).ok();
        }
    }

    fn cursor(&self, text: &str) -> usize {
        let input = self.input.get_untracked();
        let units = input.and_then(|input| input.selection_start().ok().flatten());
        units.map_or(text.len(), |units| {
            edit::byte_of_utf16(text, units as usize)
        })
    }

    fn offer_recent(&self) {
        let completions = recent_queries().into_iter().map(|text| Completion {
            text,
            ..Completion::default()
        });
        self.is_recent.set(true);
        self.active.set(None);
        self.offers.set(CompleteReply {
            completions: completions.collect(),
            ..CompleteReply::default()
        });
    }

    /// Asks the hub what may come next, when the typing has paused.
    fn offer(&self) {
        let model = *self;
        self.question.update_value(|question| *question += 1);
        self.is_awaited.set_value(false);
        let question = self.question.get_value();
        let is_newest = move || model.question.try_get_value() == Some(question);
        if self.text.with_untracked(|text| text.trim().is_empty()) && !recent_queries().is_empty() {
            return self.offer_recent();
        }
        spawn_local(async move {
            sleep(PAUSE).await;
            if !is_newest() {
                return;
            }
            let text = model.text.get_untracked();
            let request = CompleteRequest {
                cursor: model.cursor(&text) as u32,
                text: text.clone(),
                limit: OFFERS_MAX,
            };
            let reply = hub::complete(model.link, request).await;
            if is_newest() {
                model.is_recent.set(false);
                model.active.set(None);
                // A hub that does not answer offers nothing; the status says that it is away.
                let mut reply = reply.unwrap_or_default();
                let present = text.get(reply.start as usize..reply.end as usize);
                // What stands there already is nothing to choose.
                reply
                    .completions
                    .retain(|offer| Some(offer.text.as_str()) != present);
                reply.completions.truncate(OFFERS_MAX as usize);
                model.offered_for.set_value(text);
                model.offers.set(reply);
                if model.is_awaited.try_update_value(std::mem::take) == Some(true) {
                    model.take(0);
                }
            }
        });
    }
}

fn recent_queries() -> Vec<String> {
    recent::read(&stored())
}

fn stored() -> String {
    let storage = browser::local_storage();
    let stored = storage.and_then(|storage| storage.get_item(KEY).ok()?);
    stored.unwrap_or_default()
}

/// Notes a query that the hub took, for the next time.
pub(crate) fn remember(query: &str) {
    if let Some(storage) = browser::local_storage()
        && !query.trim().is_empty()
    {
        // Where nothing can be stored nothing is offered.
        storage.set_item(KEY, &recent::with(&stored(), query)).ok();
    }
}
