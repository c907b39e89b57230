//! A page's WebSocket as a roam link.
//!
//! In: a URL, or a WebSocket. Out: an open link, or nothing if nobody answers in time. Always holds: a frame is given
//! to the browser only while less than [`BUFFERED_BYTES_MAX`] wait there, so what a slow network does
//! not take stays in queues of ours, which have bounds and counters; a socket whose halves are gone
//! is closed and calls nothing of ours any more. Bounded: bytes that the browser holds, and
//! [`INBOX_BYTES_MAX`] of frames that were received and not read.
//!
//! Why not vox's own: it waits for ever when nobody listens, gives the browser whatever comes, and
//! leaves its listeners on the socket when it drops them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use vox::{Backing, Link, LinkRx, LinkTx};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

/// Bytes that may wait in the browser before more is given to it. A frame on top is at most the
/// link's largest.
const BUFFERED_BYTES_MAX: u32 = 256 << 10;
/// How often a full browser is asked again: it has no event for that.
const BUFFERED_AGAIN: Duration = Duration::from_millis(20);
/// Bytes of frames received and not read beyond which the socket is closed. Only a page that hangs
/// gets there: whoever reads does so before the next frame comes.
const INBOX_BYTES_MAX: usize = 64 << 20;

/// A link over a WebSocket of the browser.
pub struct PageSocket {
    shared: Rc<Shared>,
}

impl std::fmt::Debug for PageSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let socket = &self.shared.socket;
        f.debug_struct("PageSocket")
            .field("ready_state", &socket.ready_state())
            .finish_non_exhaustive()
    }
}

impl PageSocket {
    /// Opens a WebSocket; none if nobody answers within `timeout`, or the server refuses: browsers do
    /// not tell pages which.
    pub async fn open(url: &str, timeout: Duration) -> Option<Self> {
        Self::adopt(WebSocket::new(url).ok()?, timeout).await
    }

    /// The same with a WebSocket that was made elsewhere and on which nobody has listened; none too
    /// if it has closed meanwhile.
    pub async fn adopt(socket: WebSocket, timeout: Duration) -> Option<Self> {
        socket.set_binary_type(BinaryType::Arraybuffer);
        let inbox = Inbox::default();
        // What happens from now on the listeners say.
        inbox.become_(match socket.ready_state() {
            WebSocket::CONNECTING => State::Opening,
            WebSocket::OPEN => State::Open,
            _ => State::Closed,
        });
        let shared = Rc::new(Shared {
            listening: RefCell::new(None),
            inbox: Rc::new(inbox),
            socket,
        });
        shared.listen();
        let inbox = Rc::clone(&shared.inbox);
        let opened = async {
            while inbox.state.get() == State::Opening {
                inbox.changed.notified().await;
            }
        };
        // In case of a timeout it is still opening; dropped, it closes.
        vox_rt::time::timeout(timeout, opened).await.ok()?;
        (inbox.state.get() == State::Open).then_some(Self { shared })
    }
}

impl Link for PageSocket {
    type Tx = PageSocketTx;
    type Rx = PageSocketRx;

    fn split(self) -> (Self::Tx, Self::Rx) {
        let shared = self.shared;
        let tx = PageSocketTx {
            shared: Rc::clone(&shared),
        };
        (tx, PageSocketRx { shared })
    }
}

/// The socket, closed when the last half goes.
struct Shared {
    socket: WebSocket,
    inbox: Rc<Inbox>,
    listening: RefCell<Option<Listeners>>,
}

/// What the browser calls.
struct Listeners {
    _event: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
}

impl Shared {
    fn listen(&self) {
        let inbox = Rc::clone(&self.inbox);
        let event = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            // `error` is followed by `close` and says nothing.
            match event.type_().as_str() {
                "open" => inbox.become_(State::Open),
                "close" => inbox.become_(State::Closed),
                _ => {}
            }
        });
        let inbox = Rc::clone(&self.inbox);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // Roam sends no text; such a message is none of it.
            if let Ok(buffer) = event.data().dyn_into::<js_sys::ArrayBuffer>() {
                inbox.push(&js_sys::Uint8Array::new(&buffer));
            }
        });
        let on_event = Some(event.as_ref().unchecked_ref());
        self.socket.set_onopen(on_event);
        self.socket.set_onclose(on_event);
        let on_message = Some(message.as_ref().unchecked_ref());
        self.socket.set_onmessage(on_message);
        *self.listening.borrow_mut() = Some(Listeners {
            _event: event,
            _message: message,
        });
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onclose(None);
        self.socket.set_onmessage(None);
        // Closed already, or never open.
        self.socket.close().ok();
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Opening,
    Open,
    Closed,
    /// Its reader is too slow.
    Overrun,
}

/// Frames that came and were not read.
#[derive(Debug, Default)]
struct Inbox {
    frames: RefCell<VecDeque<Vec<u8>>>,
    bytes: Cell<usize>,
    state: Cell<State>,
    changed: Notify,
}

impl Inbox {
    fn become_(&self, state: State) {
        if self.state.get() != State::Overrun {
            self.state.set(state);
        }
        self.changed.notify_one();
    }

    fn push(&self, frame: &js_sys::Uint8Array) {
        if self.state.get() == State::Overrun {
            // A frame is missing: what follows makes no sense.
            return;
        }
        let bytes = self.bytes.get() + frame.length() as usize;
        if bytes > INBOX_BYTES_MAX {
            return self.become_(State::Overrun);
        }
        self.bytes.set(bytes);
        self.frames.borrow_mut().push_back(frame.to_vec());
        self.changed.notify_one();
    }

    /// Frames first: what came before the end is read before it.
    async fn pop(&self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(frame) = self.frames.borrow_mut().pop_front() {
                self.bytes.set(self.bytes.get() - frame.len());
                return Ok(Some(frame));
            }
            match self.state.get() {
                State::Opening | State::Open => {}
                State::Closed => return Ok(None),
                State::Overrun => {
                    return Err(io::Error::other(format!(
                        "more than {INBOX_BYTES_MAX} bytes were received and not read"
                    )));
                }
            }
            self.changed.notified().await;
        }
    }
}

/// Sending half of a [`PageSocket`].
pub struct PageSocketTx {
    shared: Rc<Shared>,
}

impl LinkTx for PageSocketTx {
    async fn send(&self, bytes: Vec<u8>) -> io::Result<()> {
        let socket = &self.shared.socket;
        while socket.buffered_amount() >= BUFFERED_BYTES_MAX {
            vox_rt::time::sleep(BUFFERED_AGAIN).await;
        }
        // A browser takes what is sent to a socket that is closing, and drops it.
        if socket.ready_state() != WebSocket::OPEN {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let sent = socket.send_with_u8_array(&bytes);
        sent.map_err(|error| io::Error::other(format!("{error:?}")))
    }

    async fn close(self) -> io::Result<()> {
        let closed = self.shared.socket.close();
        closed.map_err(|error| io::Error::other(format!("{error:?}")))
    }
}

/// Receiving half of a [`PageSocket`].
pub struct PageSocketRx {
    shared: Rc<Shared>,
}

impl LinkRx for PageSocketRx {
    type Error = io::Error;

    async fn recv(&mut self) -> io::Result<Option<Backing>> {
        let frame = self.shared.inbox.pop().await?;
        Ok(frame.map(|frame| Backing::Boxed(frame.into_boxed_slice())))
    }
}
