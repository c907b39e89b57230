//! One method's form and its call.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::{AbortHandle, abortable};
use hindsight_connect::{EncodedCall, Flow};
use hindsight_protocol::TracerId;
use hindsight_schema::{Answer, Method, Outcome, Value, decode};
use hindsight_view::format;
use hindsight_view::lens::generic::{Edit, Form, FormRow, one_line};
use leptos::task::spawn_local;

use super::stream::{ITEM_CELLS, ITEMS_MAX};
use crate::browser;
use crate::hub::relay::{Purpose, open, trouble_of};
use crate::reactive::prelude::*;
use crate::state::App;

/// Longest sentence of an app.
const SENTENCE_CELLS: usize = 400;

/// What came back.
#[derive(Clone, PartialEq)]
pub(super) struct Answered {
    /// The answer, or the app's error.
    pub(super) value: Arc<Value>,
    /// Whether it is an error.
    pub(super) is_error: bool,
}

/// Items of a stream.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Heard {
    /// The newest, first, with their numbers.
    pub(super) items: VecDeque<(u64, String)>,
    /// How many came in all.
    pub(super) count: u64,
}

/// A method's form and its call. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Call {
    page: App,
    app: Signal<Option<TracerId>>,
    method: StoredValue<Arc<Method>>,
    form: RwSignal<Form>,
    rows: RwSignal<Vec<FormRow>>,
    is_running: RwSignal<bool>,
    trouble: RwSignal<Option<String>>,
    answered: RwSignal<Option<Answered>>,
    heard: StoredValue<Heard>,
    /// Items that came, shown or not.
    count: RwSignal<u64>,
    shown: RwSignal<Heard>,
    is_held: RwSignal<bool>,
    has_frame: StoredValue<bool>,
    abort: StoredValue<Option<AbortHandle>>,
}

impl Call {
    pub(super) fn new(app: Signal<Option<TracerId>>, method: Method) -> Self {
        let form = match &method.arguments {
            Ok(arguments) => Form::of(arguments),
            Err(_) => Form::empty(),
        };
        let rows = form.rows();
        let call = Self {
            page: App::here(),
            app,
            method: StoredValue::new(Arc::new(method)),
            form: RwSignal::new(form),
            rows: RwSignal::new(rows),
            is_running: RwSignal::new(false),
            trouble: RwSignal::new(None),
            answered: RwSignal::new(None),
            heard: StoredValue::new(Heard::default()),
            count: RwSignal::new(0),
            shown: RwSignal::new(Heard::default()),
            is_held: RwSignal::new(false),
            has_frame: StoredValue::new(false),
            abort: StoredValue::new(None),
        };
        on_cleanup(move || call.stop());
        call
    }

    /// `Shop.price`, escaped.
    pub(super) fn title(&self) -> String {
        self.method
            .with_value(|method| escaped(&format!("{}.{}", method.service, method.name)))
    }

    /// The rows of the form.
    pub(super) fn rows(&self) -> Signal<Vec<FormRow>> {
        self.rows.into()
    }

    /// Does what the reader did to a row.
    pub(super) fn edit(&self, way: &[u32], edit: Edit) {
        self.form.update(|form| form.edit(way, edit));
        self.rows.set(self.form.with_untracked(Form::rows));
    }

    /// Whether the form can be sent; says why not.
    pub(super) fn is_filled(&self) -> bool {
        let values = self.form.with_untracked(Form::values);
        self.trouble
            .set(values.as_ref().err().map(|fault| fault.text.clone()));
        values.is_ok()
    }

    /// A call or a stream is under way.
    pub(super) fn is_running(&self) -> Signal<bool> {
        self.is_running.into()
    }

    /// Why there is no answer.
    pub(super) fn trouble(&self) -> Signal<Option<String>> {
        self.trouble.into()
    }

    /// What came back last.
    pub(super) fn answered(&self) -> Signal<Option<Answered>> {
        self.answered.into()
    }

    /// The items as they are shown.
    pub(super) fn shown(&self) -> Signal<Heard> {
        self.shown.into()
    }

    /// Whether the items are held as they are.
    pub(super) fn is_held(&self) -> Signal<bool> {
        self.is_held.into()
    }

    /// Holds the items, or lets them go.
    pub(super) fn hold(&self, is_held: bool) {
        self.is_held.set(is_held);
        self.show();
    }

    /// Sends the form.
    pub(super) fn start(&self) {
        let values = match self.form.with_untracked(Form::values) {
            Ok(values) => values,
            Err(fault) => return self.trouble.set(Some(fault.text)),
        };
        self.stop();
        self.trouble.set(None);
        self.is_running.set(true);
        self.heard.set_value(Heard::default());
        self.show();
        let (calling, abort) = abortable(self.call(values));
        self.abort.set_value(Some(abort));
        let call = *self;
        spawn_local(async move {
            // An abort has said what there is to say.
            let Ok(done) = calling.await else { return };
            match done {
                Ok(answered) => call.answered.set(answered),
                Err(sentence) => call.trouble.set(Some(sentence)),
            }
            call.is_running.set(false);
            call.show();
        });
    }

    /// Gives up what is under way.
    pub(super) fn stop(&self) {
        if let Some(abort) = self.abort.try_update_value(Option::take).flatten() {
            abort.abort();
        }
        self.is_running.set(false);
    }

    async fn call(self, values: Vec<Value>) -> Result<Option<Answered>, String> {
        let method = self.method.get_value();
        let arguments = method.arguments.as_ref().map_err(ToString::to_string)?;
        let bytes = arguments.encode(&values).map_err(|error| escaped(&error))?;
        let encoded = EncodedCall {
            method: method.id,
            arguments: &bytes,
            schema: &method.arguments_schema,
        };
        let items = method.items().map(|(_, shape)| shape.clone());
        let purpose = match items {
            Some(_) => Purpose::Streams,
            None => Purpose::Calls,
        };
        let app = self.app.get_untracked();
        let lane = open(self.page, app, &method.service, purpose).await;
        let lane = lane.map_err(|trouble| trouble.sentence())?;
        let answer = match items {
            None => lane.call_encoded(encoded).await.map(Some),
            Some(shape) => {
                let receive = |bytes: &[u8]| {
                    self.hear(match decode(&shape, bytes) {
                        Ok(value) => one_line(&value, ITEM_CELLS),
                        Err(error) => format!("({})", escaped(&error)),
                    });
                    Flow::More
                };
                lane.stream_encoded(encoded, receive).await
            }
        };
        let answer = answer.map_err(|error| trouble_of(&error).sentence())?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let outcome = Answer::decode(&answer.bytes, &answer.schema);
        let outcome =
            outcome.map_err(|error| format!("The answer cannot be shown: {}.", escaped(&error)))?;
        let (value, is_error) = match outcome {
            Outcome::Answer(value) => (value, false),
            Outcome::Failed(value) => (value, true),
            Outcome::Refused(why) => return Err(format!("The app refused: {}.", escaped(&why))),
        };
        let value = Arc::new(value);
        Ok(Some(Answered { value, is_error }))
    }

    /// Keeps an item, and shows it with the next frame.
    fn hear(&self, item: String) {
        self.heard.update_value(|heard| {
            heard.count += 1;
            heard.items.push_front((heard.count, item));
            heard.items.truncate(ITEMS_MAX);
        });
        if self.has_frame.try_get_value() == Some(false) {
            self.has_frame.set_value(true);
            let call = *self;
            spawn_local(async move {
                browser::next_frame().await;
                call.has_frame.set_value(false);
                call.show();
            });
        }
    }

    fn show(&self) {
        let Some(count) = self.heard.try_with_value(|heard| heard.count) else {
            return;
        };
        self.count.set(count);
        if self.is_held.try_get_untracked() == Some(false) {
            self.heard.with_value(|heard| self.shown.set(heard.clone()));
        }
    }

    /// How many came since the items are held.
    pub(super) fn unseen(&self) -> u64 {
        let shown = self.shown.with(|shown| shown.count);
        self.count.get().saturating_sub(shown)
    }
}

fn escaped(text: &impl ToString) -> String {
    let text = text.to_string();
    format::truncate(&format::escape(&text), SENTENCE_CELLS).into_owned()
}
