//! The conduit that asks the ledger, and acts on what it says.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::sync::Notify;
use vox::{ConduitRx, ConduitTx, FrameFds, IntoConduit, MessageFamily, Metadata, SelfRef};
use vox_core::PreparedFrame;
use vox_rt::time::Instant;
use vox_types::{
    BindingDirection, Conduit, LaneClose, LaneId, Message, MessagePayload, ProtocolError,
    RequestBody, SchemaBytes,
};

use super::accounts::{Accounts, LaneAccounts};
use super::answers::Answers;
use super::ledger::{Effect, Ledger, Verdict};
use super::overflow;
use super::violation::Violation;
use crate::fate::{CloseReason, Fate};

/// Longest text of a peer's complaint that is kept, in characters.
const COMPLAINT_CHARS_MAX: usize = 256;

type Received = SelfRef<Message<'static>>;

/// A conduit under guard.
#[derive(Debug)]
pub(crate) struct Guard<C> {
    inner: C,
    ledger: Ledger,
    answers: Answers,
    accounts: Accounts,
    fate: Arc<Fate>,
}

impl<C> Guard<C> {
    /// `accounts` will let others look into the ledger.
    pub(crate) fn new(
        inner: C,
        ledger: Ledger,
        (answers, accounts): (Answers, Accounts),
        fate: Arc<Fate>,
    ) -> Self {
        Self {
            inner,
            ledger,
            answers,
            accounts,
            fate,
        }
    }
}

impl<C> IntoConduit for Guard<C> {
    type Conduit = Self;

    fn into_conduit(self) -> Self {
        self
    }
}

impl<C: Conduit<Msg = MessageFamily>> Conduit for Guard<C>
where
    C::Tx: ConduitTx<Prepared = PreparedFrame> + vox::MaybeSend + vox::MaybeSync + 'static,
    C::Rx: vox::MaybeSend + 'static,
{
    type Msg = MessageFamily;
    type Tx = GuardTx<C::Tx>;
    type Rx = GuardRx<C::Tx, C::Rx>;

    fn split(self) -> (Self::Tx, Self::Rx) {
        let (tx, rx) = self.inner.split();
        let shared = Arc::new(Shared {
            tx,
            answer_bytes_max: self.ledger.answer_bytes_max(),
            books: Mutex::new(Books {
                ledger: self.ledger,
                held: HashMap::new(),
                early: HashMap::new(),
                released: VecDeque::new(),
            }),
            released: Notify::new(),
            answers: self.answers,
            fate: self.fate,
        });
        let accounts: Arc<dyn LaneAccounts> = Arc::clone(&shared) as _;
        self.accounts.bind(&accounts);
        let rx = GuardRx {
            inner: rx,
            shared: Arc::clone(&shared),
        };
        (GuardTx { shared }, rx)
    }
}

#[derive(Debug)]
struct Shared<T> {
    tx: T,
    answer_bytes_max: usize,
    books: Mutex<Books>,
    released: Notify,
    answers: Answers,
    fate: Arc<Fate>,
}

struct Books {
    ledger: Ledger,
    /// Ends of channels that wait for room: at most one per live channel.
    held: HashMap<(u64, u64), Received>,
    /// Ends of channels whose call has not come: as many as the ledger remembers.
    early: HashMap<(u64, u64), Received>,
    /// Those that have room now, and those whose call has come.
    released: VecDeque<Received>,
}

impl std::fmt::Debug for Books {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Books")
            .field("ledger", &self.ledger)
            .field("held", &self.held.len())
            .field("early", &self.early.len())
            .finish_non_exhaustive()
    }
}

impl<T> LaneAccounts for Shared<T>
where
    T: ConduitTx<Msg = MessageFamily, Prepared = PreparedFrame> + vox::MaybeSend + vox::MaybeSync,
{
    fn unread_for(&self, lane: u64) -> Option<Duration> {
        let books = self.books.lock();
        books.ledger.unread_for(lane, Instant::now())
    }

    fn take_fault(&self, lane: u64) -> Option<Violation> {
        self.books.lock().ledger.take_fault(lane)
    }

    fn close_lane(&self, lane: u64) {
        let close = lane_close(lane);
        {
            let mut books = self.books.lock();
            if !books.ledger.is_open(lane) {
                return;
            }
            books.ledger.outbound(&close, Instant::now());
        }
        self.answers.forget(lane);
        if let Ok(prepared) = self.tx.prepare_send(close) {
            // A send on our links never waits, and the link's own fault is known to its fate.
            let _sent = self.tx.send_prepared(prepared).now_or_never();
        }
    }
}

fn lane_close(lane: u64) -> Message<'static> {
    Message {
        lane_id: LaneId(lane),
        payload: MessagePayload::LaneClose(LaneClose {
            metadata: Metadata::default(),
        }),
    }
}

/// What becomes of a message from the peer.
enum Judged {
    /// It goes to vox, if it is here.
    Done(Option<Received>),
    /// Its lane is closed instead.
    CloseLane { lane: u64, refused: Received },
}

impl Books {
    /// Under one lock, because what is held must be there before room for it is made.
    fn judge(&mut self, message: Received) -> Result<Judged, Violation> {
        match self.ledger.inbound(message.get(), Instant::now())? {
            Verdict::Pass => {
                self.release_for(message.get());
                return Ok(Judged::Done(Some(message)));
            }
            Verdict::Swallow => {}
            Verdict::CloseLane { lane } => {
                let refused = message;
                return Ok(Judged::CloseLane { lane, refused });
            }
            Verdict::Hold { lane, channel } => self.hold(lane, channel, message),
            Verdict::HoldForCall { lane, channel } => self.hold_for_call(lane, channel, message),
        }
        Ok(Judged::Done(None))
    }

    fn hold(&mut self, lane: u64, channel: u64, message: Received) {
        // Calls that ended before their channel had room leave theirs behind.
        let ledger = &self.ledger;
        self.held
            .retain(|(lane, channel), _| ledger.is_live(*lane, *channel));
        self.held.insert((lane, channel), message);
    }

    fn hold_for_call(&mut self, lane: u64, channel: u64, message: Received) {
        let ledger = &self.ledger;
        self.early
            .retain(|(lane, channel), _| ledger.has_ended_early(*lane, *channel));
        self.early.insert((lane, channel), message);
    }

    /// Ends that came before this call follow it.
    fn release_for(&mut self, message: &Message<'_>) {
        let MessagePayload::RequestMessage(request) = &message.payload else {
            return;
        };
        let RequestBody::Call(call) = &request.body else {
            return;
        };
        for channel in &call.channels {
            let early = self.early.remove(&(message.lane_id.0, channel.0));
            self.released.extend(early);
        }
    }
}

/// Sending half of a [`Guard`].
#[derive(Debug)]
pub(crate) struct GuardTx<T> {
    shared: Arc<Shared<T>>,
}

impl<T> ConduitTx for GuardTx<T>
where
    T: ConduitTx<Msg = MessageFamily, Prepared = PreparedFrame>
        + vox::MaybeSend
        + vox::MaybeSync
        + 'static,
{
    type Msg = MessageFamily;
    type Prepared = PreparedFrame;
    type Error = T::Error;

    fn prepare_send(&self, mut item: Message<'_>) -> Result<PreparedFrame, T::Error> {
        let shared = &self.shared;
        shared.correct_answer(&mut item);
        let effect = shared.books.lock().ledger.outbound(&item, Instant::now());
        if let MessagePayload::ProtocolError(error) = &item.payload {
            let reason = CloseReason::ProtocolError(shorten(error.description));
            shared.fate.note(reason);
        }
        if let MessagePayload::LaneClose(_) | MessagePayload::LaneReject(_) = &item.payload {
            shared.answers.forget(item.lane_id.0);
        }
        let instead = overflow::in_place_of(&item);
        let prepared = shared.tx.prepare_send(item);
        let prepared = match (prepared, instead) {
            (Ok(frame), Some(instead)) if frame.bytes.len() > shared.answer_bytes_max => {
                let text = overflow::text(frame.bytes.len(), shared.answer_bytes_max);
                instead.prepare(&text, |message| shared.tx.prepare_send(message))
            }
            (prepared, _) => prepared,
        };
        if let Effect::Room { lane, channel } = effect {
            let mut books = shared.books.lock();
            if let Some(message) = books.held.remove(&(lane, channel)) {
                books.released.push_back(message);
                shared.released.notify_one();
            }
        }
        prepared
    }

    async fn send_prepared(&self, prepared: PreparedFrame) -> Result<(), T::Error> {
        self.shared.tx.send_prepared(prepared).await
    }

    async fn close(self) -> std::io::Result<()> {
        // The receiving half shares the sender; the link closes when that half goes.
        Ok(())
    }
}

/// Receiving half of a [`Guard`].
#[derive(Debug)]
pub(crate) struct GuardRx<T, R> {
    inner: R,
    shared: Arc<Shared<T>>,
}

/// Why a guarded conduit stopped yielding messages. vox turns it into text, so the reason itself
/// goes to the connection's fate.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct GuardError(CloseReason);

impl<T, R> ConduitRx for GuardRx<T, R>
where
    T: ConduitTx<Msg = MessageFamily, Prepared = PreparedFrame>
        + vox::MaybeSend
        + vox::MaybeSync
        + 'static,
    R: ConduitRx<Msg = MessageFamily> + vox::MaybeSend + 'static,
{
    type Msg = MessageFamily;
    type Error = GuardError;

    /// Cancel-safe, as the conduit below is.
    async fn recv(&mut self) -> Result<Option<Received>, GuardError> {
        loop {
            if let Some(message) = self.shared.books.lock().released.pop_front() {
                return Ok(Some(message));
            }
            let received = tokio::select! {
                biased;
                () = self.shared.released.notified() => continue,
                received = self.inner.recv() => received,
            };
            let message = match received {
                Ok(Some(message)) => message,
                Ok(None) => {
                    self.shared.fate.note(CloseReason::PeerClosed);
                    return Ok(None);
                }
                Err(error) => return Err(self.shared.fail(&error.to_string())),
            };
            if let Some(message) = self.shared.judge(message).await? {
                return Ok(Some(message));
            }
        }
    }

    fn take_frame_fds(&mut self) -> FrameFds {
        self.inner.take_frame_fds()
    }
}

impl<T> Shared<T>
where
    T: ConduitTx<Msg = MessageFamily, Prepared = PreparedFrame>
        + vox::MaybeSend
        + vox::MaybeSync
        + 'static,
{
    /// Puts the schema of an answer right; see the module `answers`.
    fn correct_answer(&self, message: &mut Message<'_>) {
        let lane = message.lane_id.0;
        match &mut message.payload {
            MessagePayload::SchemaMessage(schema)
                if matches!(schema.direction, BindingDirection::Response) =>
            {
                if let Some(bytes) = self.answers.schema(lane, schema.method_id) {
                    schema.schemas = SchemaBytes(bytes);
                }
            }
            MessagePayload::RequestMessage(request) => {
                let RequestBody::Response(response) = &mut request.body else {
                    return;
                };
                let method = self.books.lock().ledger.first_answer(lane, request.id.0);
                let schema = method.and_then(|method| self.answers.schema(lane, method));
                if let Some(bytes) = schema {
                    response.schemas = SchemaBytes(bytes);
                }
            }
            _ => {}
        }
    }

    async fn judge(&self, message: Received) -> Result<Option<Received>, GuardError> {
        match &message.get().payload {
            MessagePayload::ProtocolError(error) => {
                let reason = CloseReason::PeerError(shorten(error.description));
                self.fate.note(reason);
            }
            MessagePayload::LaneClose(_) => self.answers.forget(message.get().lane_id.0),
            _ => {}
        }
        let judged = self.books.lock().judge(message);
        let violation = match judged {
            Ok(Judged::Done(message)) => return Ok(message),
            Ok(Judged::CloseLane { lane, refused }) => {
                return Ok(Some(self.close_lane(lane, refused).await));
            }
            Err(violation) => violation,
        };
        let reason = CloseReason::Violation(violation);
        self.fate.note(reason.clone());
        self.complain(&reason).await;
        Err(GuardError(reason))
    }

    /// Tells the peer that a lane is closed, and vox the same in place of the message.
    async fn close_lane(&self, lane: u64, message: Received) -> Received {
        self.answers.forget(lane);
        if let Ok(prepared) = self.tx.prepare_send(lane_close(lane)) {
            // The link's own fault is known to its fate.
            self.tx.send_prepared(prepared).await.ok();
        }
        message.map(|_refused| lane_close(lane))
    }

    /// Tells the peer what it did, as far as the link still takes messages.
    async fn complain(&self, reason: &CloseReason) {
        let description = reason.to_string();
        let complaint = Message {
            lane_id: LaneId::CONTROL,
            payload: MessagePayload::ProtocolError(ProtocolError {
                description: &description,
            }),
        };
        if let Ok(prepared) = self.tx.prepare_send(complaint) {
            // The connection ends either way; the link's own fault is known to its fate.
            self.tx.send_prepared(prepared).await.ok();
        }
    }

    fn fail(&self, error: &str) -> GuardError {
        // A fault of the link has been noted by the link; what remains is a message that the
        // conduit could not decode.
        self.fate.note(CloseReason::Malformed(shorten(error)));
        let reason = self.fate.reason().cloned();
        GuardError(reason.unwrap_or(CloseReason::Local))
    }
}

impl<T, R> Drop for GuardRx<T, R> {
    /// vox drops its receiver when the connection's loop ends, however it ends.
    fn drop(&mut self) {
        self.shared.fate.finish();
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(COMPLAINT_CHARS_MAX).collect()
}
