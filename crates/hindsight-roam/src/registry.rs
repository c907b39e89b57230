//! What a process knows of its roam connections, lanes and calls.
//!
//! In: lanes as they open and end, calls as they begin and end, from the wrappers of this crate; nobody
//! else is seen, so neither are the tracer's own connection and the services that viewers call through
//! it. Out: lists for `RoamIntrospection`. Holds: a call takes the lock of its lane only; the list of
//! connections has a lock of its own, taken when a lane opens or ends, and by viewers. Bounded:
//! [`CONNECTIONS_MAX`] connections, the lanes, methods and calls of each, and [`ENDED_FOR_NS`] for what has
//! ended.

mod calls;
mod connection;
mod feed;
mod lane;
mod stats;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use hindsight::Tracer;
use hindsight_protocol::TracerId;
use hindsight_protocol::introspection::roam::event;
use parking_lot::Mutex;

use crate::names::Names;
use crate::task::TaskId;
pub(crate) use calls::Active;
use connection::Connection;
pub(crate) use connection::Hello;
pub(crate) use feed::{Feed, Happened};
pub(crate) use lane::{Beginning, Direction, Lane, Watched};
pub(crate) use stats::Stats;

/// Connections that are listed.
const CONNECTIONS_MAX: usize = 512;
/// Of them, those that have ended.
const ENDED_MAX: usize = 64;
/// How long what has ended is remembered, nanoseconds.
pub(crate) const ENDED_FOR_NS: u64 = 60_000_000_000;
/// Methods of ended lanes that are counted apart.
const METHODS_MAX: usize = 2048;

/// The registries of all tracers that are alive.
static REGISTRIES: Mutex<Vec<Weak<Registry>>> = Mutex::new(Vec::new());

/// A method as it is counted over all lanes.
pub(crate) type MethodKey = (&'static str, &'static str, Direction);

/// All that one tracer's process knows.
pub(crate) struct Registry {
    tracer: TracerId,
    pub(crate) process: String,
    pub(crate) feed: Arc<Feed>,
    ids: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In the order they were first seen.
    connections: Vec<Connection>,
    /// Seen while there was no room.
    connections_cut: u64,
    ended: HashMap<MethodKey, (Names, Stats)>,
    methods_cut: u64,
}

/// How a lane comes to be.
pub(crate) struct Opening {
    pub(crate) service: &'static str,
    pub(crate) direction: Direction,
    /// roam's id; 0 where not known.
    pub(crate) id: u64,
    /// The task that runs the connection, where known.
    pub(crate) task: Option<TaskId>,
    /// What the other end said, if it did already.
    pub(crate) hello: Option<Hello>,
}

impl Registry {
    /// The registry of a tracer; none for one that is off.
    pub(crate) fn of(tracer: &Tracer) -> Option<Arc<Self>> {
        let id = tracer.id()?;
        let mut registries = REGISTRIES.lock();
        registries.retain(|registry| registry.strong_count() > 0);
        let mut alive = registries.iter().filter_map(Weak::upgrade);
        if let Some(registry) = alive.find(|registry| registry.tracer == id) {
            return Some(registry);
        }
        let registry = Arc::new(Self {
            tracer: id,
            process: tracer.service_name().to_owned(),
            feed: Arc::new(Feed::new(tracer.downgrade())),
            ids: AtomicU64::new(1),
            state: Mutex::default(),
        });
        registries.push(Arc::downgrade(&registry));
        Some(registry)
    }

    /// A number for a connection that no other process makes up.
    fn new_link(&self, id: u64) -> u64 {
        // The tracer's id is random; what follows spreads the count over it (the finisher of SplitMix64).
        let mut number = self.tracer.high ^ self.tracer.low.rotate_left(32);
        number = number.wrapping_add(id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)).max(1)
    }

    /// A lane was opened.
    pub(crate) fn open(&self, opening: Opening) -> Arc<Lane> {
        let Opening {
            service,
            direction,
            id,
            task,
            hello,
        } = opening;
        let lane = Arc::new(Lane::new(self.feed.clone(), service, direction, id));
        let mut state = self.state.lock();
        let now_ns = lane.opened_ns;
        state.forget(now_ns);
        let by_task = |c: &Connection| task.is_some() && c.task == task;
        let by_link = |c: &Connection| hello.as_ref().is_some_and(|h| c.link.is(h.link));
        let all = &state.connections;
        let at = all.iter().position(by_task);
        let at = at.or_else(|| all.iter().position(by_link));
        self.settle(&mut state, at, &lane, task, now_ns);
        drop(state);
        self.feed.tell(|| lane.happened(event::LANE_OPENED, now_ns));
        if let Some(hello) = hello {
            self.hear(&lane, hello);
        }
        lane
    }

    /// Adds a lane to a connection, or to a new one.
    fn settle(
        &self,
        state: &mut State,
        at: Option<usize>,
        lane: &Arc<Lane>,
        task: Option<TaskId>,
        now_ns: u64,
    ) {
        let was_open = at
            .and_then(|at| state.connections.get(at))
            .map(|c| c.closed_ns == 0);
        let at = match at {
            None if state.connections.len() >= CONNECTIONS_MAX => {
                state.connections_cut += 1;
                return;
            }
            None => {
                let id = self.ids.fetch_add(1, Ordering::Relaxed);
                let new = Connection::new(id, self.new_link(id), task, now_ns);
                state.connections.push(new);
                state.connections.len() - 1
            }
            Some(at) => at,
        };
        let connection = &mut state.connections[at];
        lane.connection.store(connection.id, Ordering::Relaxed);
        let (forgotten, is_listed) = connection.add(lane);
        lane.is_listed.store(is_listed, Ordering::Relaxed);
        state.count(&forgotten);
        if was_open != Some(true) {
            self.feed.tell(|| Happened {
                lane: 0,
                direction: None,
                service: "",
                ..lane.happened(event::CONNECTION_OPENED, now_ns)
            });
        }
    }

    /// What to tell the other end of a lane.
    pub(crate) fn hello(&self, lane: &Lane) -> Option<u64> {
        let mut state = self.state.lock();
        let connection = state.of(lane)?;
        Some(connection.link.tell())
    }

    /// The other end of a lane has said who it is.
    pub(crate) fn hear(&self, lane: &Arc<Lane>, hello: Hello) {
        let mut state = self.state.lock();
        let Some(connection) = state.of(lane) else {
            return;
        };
        if connection.link.hear(hello.link) {
            connection.peer = hello.peer;
            return;
        }
        // Told apart by the other end, which knows better.
        let task = connection.task;
        connection.remove(lane);
        let all = &state.connections;
        let at = all.iter().position(|c| c.link.is(hello.link));
        self.settle(&mut state, at, lane, task, lane.opened_ns);
        if let Some(connection) = state.of(lane) {
            connection.link.hear(hello.link);
            connection.peer = hello.peer;
        }
    }

    /// A lane has ended.
    pub(crate) fn close(&self, lane: &Arc<Lane>) {
        let now_ns = self.feed.now_ns();
        if !lane.end(now_ns) {
            return;
        }
        let mut state = self.state.lock();
        if !lane.is_listed.load(Ordering::Relaxed) {
            state.count(std::slice::from_ref(lane));
        }
        self.feed.tell(|| lane.happened(event::LANE_CLOSED, now_ns));
        let was_last = state.of(lane).is_some_and(|c| c.lane_ended(now_ns));
        if was_last {
            self.feed.tell(|| Happened {
                lane: 0,
                direction: None,
                service: "",
                ..lane.happened(event::CONNECTION_CLOSED, now_ns)
            });
        }
        state.forget(now_ns);
    }

    /// All connections that are remembered, oldest first, and how many were left out.
    pub(crate) fn connections(&self) -> (Vec<Seen>, u64) {
        let now_ns = self.feed.now_ns();
        let mut state = self.state.lock();
        state.forget(now_ns);
        let seen = state.connections.iter().map(Seen::of).collect();
        (seen, state.connections_cut)
    }

    /// The other end of a connection; empty where it is not known.
    pub(crate) fn peer(&self, connection: u64) -> String {
        let state = self.state.lock();
        let mut all = state.connections.iter();
        all.find(|c| c.id == connection)
            .map_or_else(String::new, |c| c.peer.clone())
    }

    /// How calls went, over all lanes, and how many methods were left out.
    pub(crate) fn methods(&self) -> (HashMap<MethodKey, (Names, Stats)>, u64) {
        let state = self.state.lock();
        let mut sums = state.ended.clone();
        let lanes = state.connections.iter().flat_map(|c| &c.lanes);
        for lane in lanes {
            for (names, stats) in lane.calls.lock().methods() {
                let key = (names.service, names.method, lane.direction);
                let sum = sums.entry(key).or_insert_with(|| (names, Stats::default()));
                sum.1.add(stats);
            }
        }
        (sums, state.methods_cut)
    }
}

impl State {
    fn of(&mut self, lane: &Lane) -> Option<&mut Connection> {
        let id = lane.connection();
        self.connections.iter_mut().find(|c| c.id == id)
    }

    /// Keeps the counters of lanes that are not listed any more.
    fn count(&mut self, lanes: &[Arc<Lane>]) {
        for lane in lanes {
            self.count_lane(lane);
        }
    }

    fn count_lane(&mut self, lane: &Lane) {
        for (names, stats) in lane.calls.lock().methods() {
            let key = (names.service, names.method, lane.direction);
            let has_room = self.ended.len() < METHODS_MAX;
            match self.ended.get_mut(&key) {
                Some(sum) => sum.1.add(stats),
                None if has_room => {
                    self.ended.insert(key, (names, stats.clone()));
                }
                None => self.methods_cut += 1,
            }
        }
    }

    /// Forgets what ended long ago, and the first of too many that ended lately.
    fn forget(&mut self, now_ns: u64) {
        let since_ns = now_ns.saturating_sub(ENDED_FOR_NS);
        let is_old = |c: &Connection| c.closed_ns != 0 && c.closed_ns < since_ns;
        // One that lost its only lane to another never was.
        let is_nothing = |c: &Connection| c.lanes.is_empty() && c.lanes_open == 0;
        let ended = self.connections.iter().filter(|c| c.closed_ns != 0).count();
        let mut surplus = ended.saturating_sub(ENDED_MAX);
        let mut forgotten = Vec::new();
        self.connections.retain_mut(|connection| {
            forgotten.append(&mut connection.forget(since_ns));
            let is_ended = connection.closed_ns != 0;
            let goes = is_old(connection) || is_nothing(connection) || is_ended && surplus > 0;
            if goes {
                surplus = surplus.saturating_sub(usize::from(is_ended));
                forgotten.append(&mut connection.lanes);
            }
            !goes
        });
        self.count(&forgotten);
    }
}

/// A connection at the moment it was looked at.
pub(crate) struct Seen {
    pub(crate) id: u64,
    pub(crate) link: u64,
    pub(crate) task: Option<TaskId>,
    pub(crate) peer: String,
    pub(crate) is_dialed: bool,
    pub(crate) opened_ns: u64,
    pub(crate) closed_ns: u64,
    pub(crate) lanes: Vec<Arc<Lane>>,
    pub(crate) lanes_cut: u64,
    /// Calls that came in and whose arguments could not be decoded.
    pub(crate) undecodable: u64,
}

impl Seen {
    fn of(connection: &Connection) -> Self {
        Self {
            id: connection.id,
            link: connection.link.number(),
            task: connection.task,
            peer: connection.peer.clone(),
            is_dialed: connection.is_dialed,
            opened_ns: connection.opened_ns,
            closed_ns: connection.closed_ns,
            lanes: connection.lanes.clone(),
            lanes_cut: connection.lanes_cut,
            undecodable: connection.undecodable(),
        }
    }
}

#[cfg(test)]
mod tests;
