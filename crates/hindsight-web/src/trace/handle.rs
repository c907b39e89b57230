//! The page's hold on its worker.
//!
//! Holds: what is said to a worker before its program listens is kept for it by the start script, and
//! what it says before it has a handle is kept here; both are bounded. Dropping the handle ends the
//! worker and frees what it holds.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use hindsight_protocol::TraceId;
use js_sys::{Array, Uint8Array};
use vox_rt::time::sleep;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, HtmlCanvasElement, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{Order, Told, decode, encode};
use crate::browser;
use crate::link;

/// Most messages that are kept of a worker without a handle; later ones are left out. It says a few
/// for each trace.
const HEARD_MAX: usize = 256;
/// After a worker has ended, until the next one is made ready.
const NEXT_AFTER: Duration = Duration::from_secs(1);

thread_local! {
    /// A worker that was started before anybody asked for it.
    static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
    /// Handles that there are: while a trace is looked at, none is made ready for the next.
    static HANDLES: Cell<usize> = const { Cell::new(0) };
}

/// A worker, and what came from it before it had a handle: that is lost otherwise.
struct Prepared {
    worker: Worker,
    follows: Option<TraceId>,
    heard: Rc<RefCell<Vec<Told>>>,
    has_failed: Rc<Cell<bool>>,
    _message: Closure<dyn Fn(MessageEvent)>,
    _error: Closure<dyn Fn()>,
}

/// Starts a worker for a handle that is made later: it loads, and reads the trace `follows`, while the
/// page makes its elements; or it waits for a trace to be opened. Nothing happens while there is a handle,
/// or where there are no workers; a handle says so.
pub(crate) fn prepare(follows: Option<TraceId>) {
    if PREPARED.with_borrow(Option::is_some) || HANDLES.get() > 0 {
        return;
    }
    PREPARED.set(spawn().ok().map(|worker| {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let has_failed = Rc::new(Cell::new(false));
        let message = {
            let heard = Rc::clone(&heard);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let mut heard = heard.borrow_mut();
                if heard.len() < HEARD_MAX {
                    heard.extend(told_by(&event));
                }
            })
        };
        let error = {
            let has_failed = Rc::clone(&has_failed);
            Closure::<dyn Fn()>::new(move || has_failed.set(true))
        };
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        if let Some(trace) = follows {
            post(&worker, &link::stored_token().into(), false);
            post(&worker, &content_of(&Order::Follow(trace)), false);
        }
        Prepared {
            worker,
            follows,
            heard,
            has_failed,
            _message: message,
            _error: error,
        }
    }));
}

/// A worker that has its program and has not said anything.
fn spawn() -> Result<Worker, String> {
    let lacks = |_| {
        "This browser cannot draw traces beside the page: it lacks module workers. The list of \
         traces and `hindsight trace` in a terminal show them."
            .to_owned()
    };
    let worker = match browser::left_by_start("hindsightWorker") {
        Some(worker) => worker,
        None => {
            let options = WorkerOptions::new();
            options.set_type(WorkerType::Module);
            let script = script().ok_or("This page does not know its own program.")?;
            Worker::new_with_options(&script, &options).map_err(lacks)?
        }
    };
    post(&worker, &wasm_bindgen::module(), false);
    Ok(worker)
}

/// A worker that runs. It ends when this is dropped.
pub(crate) struct Handle {
    worker: Worker,
    _told: Closure<dyn Fn(MessageEvent)>,
    _failed: Closure<dyn Fn(ErrorEvent)>,
}

impl Handle {
    /// Starts a worker, or takes the one that is ready, with the trace that it follows already; the
    /// error says in a sentence what the browser lacks. `told` gets all that the worker says, `failed`
    /// why it ended.
    pub(crate) fn start(
        told: impl Fn(Told) + 'static,
        failed: impl Fn(String) + 'static,
    ) -> Result<(Self, Option<TraceId>), String> {
        // One that failed unheard is not asked: another fails again and is heard.
        let prepared = PREPARED.take().filter(|worker| !worker.has_failed.get());
        let worker = match &prepared {
            Some(prepared) => prepared.worker.clone(),
            None => spawn()?,
        };
        if let Some(prepared) = &prepared {
            prepared.heard.take().into_iter().for_each(&told);
        }
        let on_told = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            told_by(&event).into_iter().for_each(&told);
        });
        worker.set_onmessage(Some(on_told.as_ref().unchecked_ref()));
        let on_failed = Closure::<dyn Fn(ErrorEvent)>::new(move |event: ErrorEvent| {
            let event: &JsValue = &event;
            // An event without a message comes when the script itself cannot be loaded.
            let message = js_sys::Reflect::get(event, &"message".into()).ok();
            let message = message.and_then(|message| message.as_string());
            failed(message.unwrap_or_else(|| "it cannot be loaded".into()));
        });
        worker.set_onerror(Some(on_failed.as_ref().unchecked_ref()));
        HANDLES.set(HANDLES.get() + 1);
        let handle = Self {
            worker,
            _told: on_told,
            _failed: on_failed,
        };
        Ok((handle, prepared.and_then(|prepared| prepared.follows)))
    }

    /// Has it call the hub now, with this token; empty for none.
    pub(crate) fn connect(&self, token: &str) {
        post(&self.worker, &token.into(), false);
    }

    /// Asks for something.
    pub(crate) fn order(&self, order: &Order) {
        post(&self.worker, &content_of(order), false);
    }

    /// Hands a canvas over; what it has on it is the worker's from now on. An error if the browser
    /// cannot do that.
    pub(crate) fn draw_on(&self, canvas: &HtmlCanvasElement) -> Result<(), String> {
        let lacks = |_| "This browser cannot draw on a canvas beside the page.".to_owned();
        let content = canvas.transfer_control_to_offscreen();
        post(&self.worker, &content.map_err(lacks)?.into(), true);
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        HANDLES.set(HANDLES.get() - 1);
        spawn_local(async {
            sleep(NEXT_AFTER).await;
            prepare(None);
        });
    }
}

fn told_by(event: &MessageEvent) -> Option<Told> {
    let bytes = event.data().dyn_into::<Uint8Array>().ok()?;
    decode(&bytes.to_vec())
}

fn content_of(order: &Order) -> JsValue {
    Uint8Array::from(encode(order).as_slice()).into()
}

/// Says something to a worker; with `moves` it goes there instead of being copied.
fn post(worker: &Worker, content: &JsValue, moves: bool) {
    let moved = Array::new();
    if moves {
        moved.push(content);
    }
    // Texts, bytes, programs and canvases can all be posted.
    worker.post_message_with_transfer(content, &moved).ok();
}

/// The address of the script that loads this program.
fn script() -> Option<String> {
    let document = browser::document()?;
    let element = document.query_selector("script[type=module]").ok()??;
    element.get_attribute("src")
}
