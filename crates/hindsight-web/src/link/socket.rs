//! Opening a WebSocket, in time.
//!
//! Why not vox's own: it waits for ever when nobody listens, because it reads a field of the error
//! event that browsers do not set.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, WebSocket};

use crate::browser;

/// Takes vox's listeners off a socket when dropped, and closes it. vox leaves them there when it
/// drops their closures, and the browser reports each call of one as an error of the page.
pub(super) struct Silenced(pub(super) WebSocket);

impl Drop for Silenced {
    fn drop(&mut self) {
        let Self(socket) = self;
        socket.set_onmessage(None);
        socket.set_onclose(None);
        socket.set_onerror(None);
        // Closed already, as a rule.
        socket.close().ok();
    }
}

/// An open WebSocket, or none if nobody answers within `timeout_ms`.
pub(super) async fn open(url: &str, timeout_ms: i32) -> Option<WebSocket> {
    let socket = WebSocket::new(url).ok()?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    let (told, outcome) = oneshot::channel();
    let told = Rc::new(RefCell::new(Some(told)));
    let telling = |is_open: bool| {
        let told = Rc::clone(&told);
        Closure::<dyn FnMut()>::new(move || {
            if let Some(told) = told.borrow_mut().take() {
                // The receiver is gone only when nobody waits any more.
                told.send(is_open).ok();
            }
        })
    };
    let (opened, closed, late) = (telling(true), telling(false), telling(false));
    socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
    socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
    let timer = browser::set_timeout(&late, timeout_ms);
    let is_open = outcome.await.unwrap_or(false);
    browser::clear_timeout(timer);
    socket.set_onopen(None);
    socket.set_onclose(None);
    if is_open {
        return Some(socket);
    }
    // It is closing already, or never was open.
    socket.close().ok();
    None
}
