//! A connection as far as its lanes tell: what it is called at both ends, and when it began and ended.

use std::sync::Arc;

use super::Direction;
use super::lane::Lane;
use crate::task::TaskId;

/// Lanes of one connection that are listed.
const LANES_MAX: usize = 256;
/// Of them, those that have ended.
const ENDED_LANES_MAX: usize = 32;

/// What one end says of itself with its first calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// The number that it gives the connection.
    pub(crate) link: u64,
    /// The name of its process.
    pub(crate) peer: String,
}

/// The number that both ends give a connection.
///
/// Each end makes one up, and adopts the other's if it hears that first. Where both have spoken before
/// they heard, the smaller one is in force at both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    own: u64,
    is_told: bool,
    heard: Option<u64>,
}

impl Link {
    pub(super) fn new(own: u64) -> Self {
        Self {
            own,
            is_told: false,
            heard: None,
        }
    }

    /// The number in force; 0 while neither end has spoken.
    pub(super) fn number(&self) -> u64 {
        match (self.is_told, self.heard) {
            (false, heard) => heard.unwrap_or(0),
            (true, Some(heard)) => heard.min(self.own),
            (true, None) => self.own,
        }
    }

    /// What to tell the other end.
    pub(super) fn tell(&mut self) -> u64 {
        if self.heard.is_none() {
            self.is_told = true;
        }
        self.number()
    }

    /// Takes what the other end told; false if that is about another connection.
    pub(super) fn hear(&mut self, number: u64) -> bool {
        if self.heard.is_some() {
            return self.heard == Some(number) || self.number() == number;
        }
        self.heard = Some(number);
        true
    }

    /// Whether the other end may mean this connection.
    pub(super) fn is(&self, number: u64) -> bool {
        number != 0 && (self.number() == number || self.heard == Some(number))
    }
}

/// A connection.
pub(super) struct Connection {
    pub(super) id: u64,
    pub(super) link: Link,
    /// The task that runs it, where known.
    pub(super) task: Option<TaskId>,
    pub(super) peer: String,
    pub(super) is_dialed: bool,
    pub(super) opened_ns: u64,
    /// 0 while a lane is open.
    pub(super) closed_ns: u64,
    /// In the order they were opened.
    pub(super) lanes: Vec<Arc<Lane>>,
    /// Open ones, listed or not.
    pub(super) lanes_open: u64,
    /// Left out of the list for lack of room, ever.
    pub(super) lanes_cut: u64,
    /// Of lanes that are not listed any more.
    undecodable: u64,
}

impl Connection {
    pub(super) fn new(id: u64, own_link: u64, task: Option<TaskId>, now_ns: u64) -> Self {
        Self {
            id,
            link: Link::new(own_link),
            task,
            peer: String::new(),
            is_dialed: false,
            opened_ns: now_ns,
            closed_ns: 0,
            lanes: Vec::new(),
            lanes_open: 0,
            lanes_cut: 0,
            undecodable: 0,
        }
    }

    /// Adds an open lane. Lanes that ended make room, and are returned. False if there is none.
    pub(super) fn add(&mut self, lane: &Arc<Lane>) -> (Vec<Arc<Lane>>, bool) {
        self.closed_ns = 0;
        self.lanes_open += 1;
        // The end that dials gives its lanes odd ids.
        let is_odd = lane.id() % 2 == 1 || lane.id() == 0;
        self.is_dialed = (lane.direction == Direction::Outgoing) == is_odd;
        let mut forgotten = Vec::new();
        if self.lanes.len() >= LANES_MAX {
            forgotten = self.forget(0);
        }
        let has_room = self.lanes.len() < LANES_MAX;
        match has_room {
            true => self.lanes.push(lane.clone()),
            false => self.lanes_cut += 1,
        }
        (forgotten, has_room)
    }

    /// Takes a lane away, which goes elsewhere.
    pub(super) fn remove(&mut self, lane: &Arc<Lane>) {
        self.lanes.retain(|other| !Arc::ptr_eq(other, lane));
        self.lanes_open = self.lanes_open.saturating_sub(1);
    }

    /// A lane ended; true if it was the last.
    pub(super) fn lane_ended(&mut self, now_ns: u64) -> bool {
        self.lanes_open = self.lanes_open.saturating_sub(1);
        if self.lanes_open == 0 {
            self.closed_ns = now_ns.max(1);
        }
        self.lanes_open == 0
    }

    /// Forgets lanes that ended before `since_ns`, and all but the last of the others. Returns them.
    pub(super) fn forget(&mut self, since_ns: u64) -> Vec<Arc<Lane>> {
        let ended = self.lanes.iter().filter(|lane| !lane.is_open()).count();
        let mut surplus = ended.saturating_sub(ENDED_LANES_MAX);
        let goes = |lane: &mut Arc<Lane>| {
            let goes = !lane.is_open() && (lane.closed_ns() < since_ns || surplus > 0);
            surplus = surplus.saturating_sub(usize::from(goes));
            goes
        };
        let forgotten: Vec<_> = self.lanes.extract_if(.., goes).collect();
        self.undecodable += undecodable(&forgotten);
        forgotten
    }

    /// Calls that came in and whose arguments could not be decoded.
    pub(super) fn undecodable(&self) -> u64 {
        self.undecodable + undecodable(&self.lanes)
    }
}

fn undecodable(lanes: &[Arc<Lane>]) -> u64 {
    lanes.iter().map(|lane| lane.undecodable()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_agree_whoever_speaks_first() {
        // a speaks, b hears, then b speaks.
        let (mut a, mut b) = (Link::new(7), Link::new(3));
        assert_eq!((a.number(), b.number()), (0, 0));
        let told = a.tell();
        assert!(b.hear(told));
        assert_eq!((a.number(), b.number()), (7, 7));
        let told = b.tell();
        assert!(a.hear(told));
        assert_eq!((a.number(), b.number(), a.tell(), b.tell()), (7, 7, 7, 7));
    }

    #[test]
    fn both_ends_agree_when_they_speak_at_the_same_time() {
        let (mut a, mut b) = (Link::new(7), Link::new(3));
        let (from_a, from_b) = (a.tell(), b.tell());
        // Each hears twice: a second lane was opened before the first answer.
        for _ in 0..2 {
            assert!(a.hear(from_b) && b.hear(from_a));
        }
        assert_eq!((a.number(), b.number()), (3, 3));
        assert!(a.is(3) && b.is(3) && b.hear(a.tell()));
    }

    #[test]
    fn another_number_is_another_connection() {
        let mut link = Link::new(7);
        assert!(link.hear(1));
        assert!(!link.hear(2));
        assert_eq!(link.number(), 1);
        assert!(!link.is(0) && !link.is(2));
    }
}
