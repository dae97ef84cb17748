//! What the control plane is told: a bounded queue, and a file descriptor that says when it is not empty.
//!
//! What does not fit is counted where it is missing: what comes out after `EventsLost` happened after what was lost,
//! so whoever looks anew then (`Relay::connected`) and goes on by the events ends up right.

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex};

use rustix::event::{EventfdFlags, eventfd};

use super::locks::locked;
use crate::engine::SourceCause;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    ViewingConnected {
        viewing: Arc<str>,
    },
    ViewingDropped {
        viewing: Arc<str>,
        cause: DropCause,
    },
    TicketLapsed {
        viewing: Arc<str>,
    },
    DeadlinePassed {
        viewing: Arc<str>,
    },
    CameraLost {
        camera: Arc<str>,
        cause: SourceCause,
        /// What was seen of it, for who searches: codes, numbers and addresses, never a credential.
        detail: Arc<str>,
    },
    CameraBack {
        camera: Arc<str>,
    },
    /// Somebody wants a peer's camera, and there is no ticket for it.
    TicketWanted {
        camera: Arc<str>,
    },
    /// The owner ended the flow of its camera: every viewing of it here is over and closed with the same words.
    FlowEnded {
        camera: Arc<str>,
        code: u16,
        /// As the owner told it; `unknown` where that is no code.
        cause: Arc<str>,
        article: Option<Arc<str>>,
    },
    /// So many events were not kept here: the queue was full.
    EventsLost {
        count: u64,
    },
}

/// Why a viewing has no socket any more although nobody ordered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropCause {
    ConnectionLost,
    ClosedByViewer,
    /// It talked although a viewer has nothing to say.
    Flood,
    /// It did not take the pictures.
    Unread,
    /// The camera gave no picture for too long.
    SourceLost,
    CameraRemoved,
    /// The session panicked.
    Internal,
}

impl DropCause {
    /// Every cause once, for the test that compares them with Python's.
    pub const ALL: [Self; 7] = [
        Self::ConnectionLost,
        Self::ClosedByViewer,
        Self::Flood,
        Self::Unread,
        Self::SourceLost,
        Self::CameraRemoved,
        Self::Internal,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::ConnectionLost => "connection-lost",
            Self::ClosedByViewer => "closed-by-viewer",
            Self::Flood => "flood",
            Self::Unread => "unread",
            Self::SourceLost => "source-lost",
            Self::CameraRemoved => "camera-removed",
            Self::Internal => "internal",
        }
    }
}

/// Why the relay closes a socket by itself, as the close frame says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCause {
    /// Another socket took the viewing over.
    Replaced,
    /// Nobody extended the viewing in time.
    Deadline,
    /// The ticket is unknown, used, late, or another session's.
    Ticket,
    RelayStops,
    Dropped(DropCause),
}

impl CloseCause {
    /// Every cause but those of a drop once, for the test that compares them with Python's.
    pub const ALL: [Self; 4] = [Self::Replaced, Self::Deadline, Self::Ticket, Self::RelayStops];

    pub fn code(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Deadline => "deadline",
            Self::Ticket => "ticket",
            Self::RelayStops => "relay-stops",
            Self::Dropped(cause) => cause.code(),
        }
    }
}

#[derive(Debug)]
pub struct Events {
    queue: Mutex<Queue>,
    signal: OwnedFd,
    kept_max: usize,
}

#[derive(Debug, Default)]
struct Queue {
    /// Events, and an `EventsLost` wherever some are missing.
    kept: VecDeque<Event>,
    lost_ever: u64,
}

impl Events {
    pub fn new(kept_max: usize) -> std::io::Result<Self> {
        let signal = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self { queue: Mutex::default(), signal, kept_max })
    }

    pub fn push(&self, event: Event) {
        {
            let mut queue = locked(&self.queue);
            if queue.kept.len() < self.kept_max {
                queue.kept.push_back(event);
            } else {
                queue.lost_ever += 1;
                // At most one more than `kept_max`: while it stays full the last one counts on.
                match queue.kept.back_mut() {
                    Some(Event::EventsLost { count }) => *count += 1,
                    _ => queue.kept.push_back(Event::EventsLost { count: 1 }),
                }
            }
        }
        self.raise();
    }

    /// Takes up to `count` events; the descriptor stays readable while more wait.
    pub fn take(&self, count: usize) -> Vec<Event> {
        let _ = rustix::io::read(self.signal.as_fd(), &mut [0u8; 8]);
        let mut queue = locked(&self.queue);
        let taken = count.min(queue.kept.len());
        let taken = queue.kept.drain(..taken).collect();
        if !queue.kept.is_empty() {
            self.raise();
        }
        taken
    }

    /// Readable while events wait.
    pub fn descriptor(&self) -> RawFd {
        self.signal.as_raw_fd()
    }

    pub fn lost_ever(&self) -> u64 {
        locked(&self.queue).lost_ever
    }

    fn raise(&self) {
        // Fails only where the counter is full: the descriptor is readable then.
        let _ = rustix::io::write(self.signal.as_fd(), &1u64.to_ne_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: usize) -> Event {
        Event::TicketLapsed { viewing: number.to_string().into() }
    }

    #[test]
    fn a_full_queue_says_where_and_how_many_it_lost() {
        let events = Events::new(3).unwrap();
        for number in 0..10 {
            events.push(event(number));
        }
        assert_eq!(events.take(2), [event(0), event(1)]);
        events.push(event(10));
        assert_eq!(events.take(9), [event(2), Event::EventsLost { count: 7 }, event(10)]);
        assert!(events.take(9).is_empty());
        assert_eq!(events.lost_ever(), 7);
    }

    #[test]
    fn a_queue_that_nobody_takes_from_stays_within_its_bound() {
        let events = Events::new(3).unwrap();
        for round in 0..50 {
            for number in 0..9 {
                events.push(event(number));
            }
            assert!(locked(&events.queue).kept.len() <= 4);
            if round % 7 == 0 {
                events.take(1);
            }
        }
    }
}
