//! The page's hold on its worker.
//!
//! Holds: nothing is sent before the worker listens; what is said until then waits, and is bounded
//! ([`WAITING_MAX`]). Dropping the handle ends the worker and frees what it holds.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, HtmlCanvasElement, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{Order, Told, decode, encode};
use crate::browser;

thread_local! {
    /// A worker that was started before anybody asked for it.
    static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
}

/// A worker, and what came from it before it had a handle: that is lost otherwise.
struct Prepared {
    worker: Worker,
    /// All that it says without being asked is that it listens.
    listens: Rc<Cell<bool>>,
    has_failed: Rc<Cell<bool>>,
    _heard: [Closure<dyn Fn()>; 2],
}

/// Starts a worker for a handle that is made later: it begins while the page makes its elements and
/// loads the view of a trace. Nothing happens where there are no workers; the handle says so.
pub(crate) fn prepare() {
    PREPARED.set(spawn().ok().map(|worker| {
        let note = |what: &Rc<Cell<bool>>| {
            let what = Rc::clone(what);
            Closure::<dyn Fn()>::new(move || what.set(true))
        };
        let (listens, has_failed) = (Rc::default(), Rc::default());
        let heard = [note(&listens), note(&has_failed)];
        worker.set_onmessage(Some(heard[0].as_ref().unchecked_ref()));
        worker.set_onerror(Some(heard[1].as_ref().unchecked_ref()));
        Prepared {
            worker,
            listens,
            has_failed,
            _heard: heard,
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
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let script = script().ok_or("This page does not know its own program.")?;
    let worker = Worker::new_with_options(&script, &options).map_err(lacks)?;
    let program = Message {
        content: wasm_bindgen::module(),
        moves: false,
    };
    post(&worker, &program);
    Ok(worker)
}

/// Messages that wait for the worker to listen; later ones are left out.
const WAITING_MAX: usize = 256;

/// A worker that runs. It ends when this is dropped.
pub(crate) struct Handle {
    worker: Worker,
    waiting: Rc<RefCell<Option<Vec<Message>>>>,
    _told: Closure<dyn Fn(MessageEvent)>,
    _failed: Closure<dyn Fn(ErrorEvent)>,
}

/// Something to be posted, and what of it moves to the worker instead of being copied.
struct Message {
    content: JsValue,
    moves: bool,
}

impl Handle {
    /// Starts a worker; the error says in a sentence what the browser lacks. `told` gets all that
    /// the worker says, `failed` why it ended.
    pub(crate) fn start(
        told: impl Fn(Told) + 'static,
        failed: impl Fn(String) + 'static,
    ) -> Result<Self, String> {
        // One that failed unheard is not asked: another fails again and is heard.
        let prepared = PREPARED.take().filter(|worker| !worker.has_failed.get());
        let listens = prepared.as_ref().is_some_and(|worker| worker.listens.get());
        let worker = match &prepared {
            Some(prepared) => prepared.worker.clone(),
            None => spawn()?,
        };
        let waiting = Rc::new(RefCell::new((!listens).then(Vec::new)));
        let on_told = {
            let (waiting, worker) = (Rc::clone(&waiting), worker.clone());
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let Ok(bytes) = event.data().dyn_into::<Uint8Array>() else {
                    return;
                };
                match decode(&bytes.to_vec()) {
                    Some(Told::Ready) => {
                        let said = waiting.borrow_mut().take().unwrap_or_default();
                        said.iter().for_each(|message| post(&worker, message));
                    }
                    Some(other) => told(other),
                    None => {}
                }
            })
        };
        worker.set_onmessage(Some(on_told.as_ref().unchecked_ref()));
        let on_failed = Closure::<dyn Fn(ErrorEvent)>::new(move |event: ErrorEvent| {
            let event: &JsValue = &event;
            // An event without a message comes when the script itself cannot be loaded.
            let message = js_sys::Reflect::get(event, &"message".into()).ok();
            let message = message.and_then(|message| message.as_string());
            failed(message.unwrap_or_else(|| "it cannot be loaded".into()));
        });
        worker.set_onerror(Some(on_failed.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            waiting,
            _told: on_told,
            _failed: on_failed,
        })
    }

    /// Asks for something.
    pub(crate) fn order(&self, order: &Order) {
        let content = Uint8Array::from(encode(order).as_slice()).into();
        self.say(Message {
            content,
            moves: false,
        });
    }

    /// Hands a canvas over; what it has on it is the worker's from now on. An error if the browser
    /// cannot do that.
    pub(crate) fn draw_on(&self, canvas: &HtmlCanvasElement) -> Result<(), String> {
        let lacks = |_| "This browser cannot draw on a canvas beside the page.".to_owned();
        let content = canvas
            .transfer_control_to_offscreen()
            .map_err(lacks)?
            .into();
        self.say(Message {
            content,
            moves: true,
        });
        Ok(())
    }

    fn say(&self, message: Message) {
        match self.waiting.borrow_mut().as_mut() {
            None => post(&self.worker, &message),
            Some(waiting) if waiting.len() < WAITING_MAX => waiting.push(message),
            Some(_) => {}
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn post(worker: &Worker, message: &Message) {
    let moved = Array::new();
    if message.moves {
        moved.push(&message.content);
    }
    // Bytes, programs and canvases can all be posted.
    worker
        .post_message_with_transfer(&message.content, &moved)
        .ok();
}

/// The address of the script that loads this program.
fn script() -> Option<String> {
    let document = browser::document()?;
    let element = document.query_selector("script[type=module]").ok()??;
    element.get_attribute("src")
}
