//! What the control plane is told: a bounded queue, and a file descriptor that says when it is not empty.

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex};

use rustix::event::{EventfdFlags, eventfd};

use super::locked;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    ViewingConnected {
        viewing: Arc<str>,
    },
    ViewingDropped {
        viewing: Arc<str>,
        cause: &'static str,
    },
    TicketLapsed {
        viewing: Arc<str>,
    },
    DeadlinePassed {
        viewing: Arc<str>,
    },
    CameraLost {
        camera: Arc<str>,
        cause: &'static str,
    },
    CameraBack {
        camera: Arc<str>,
    },
    /// So many events were not kept: the queue was full.
    EventsLost {
        count: u64,
    },
}

#[derive(Debug)]
pub struct Events {
    queue: Mutex<Queue>,
    signal: OwnedFd,
    kept_max: usize,
}

#[derive(Debug, Default)]
struct Queue {
    kept: VecDeque<Event>,
    lost: u64,
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
            if queue.kept.len() >= self.kept_max {
                queue.lost += 1;
                queue.lost_ever += 1;
            } else {
                queue.kept.push_back(event);
            }
        }
        self.raise();
    }

    /// Takes up to `count` events; the descriptor stays readable while more wait.
    pub fn take(&self, count: usize) -> Vec<Event> {
        let _ = rustix::io::read(self.signal.as_fd(), &mut [0u8; 8]);
        let mut queue = locked(&self.queue);
        let mut taken = Vec::new();
        if queue.lost > 0 {
            taken.push(Event::EventsLost { count: std::mem::take(&mut queue.lost) });
        }
        let room = count.saturating_sub(taken.len()).min(queue.kept.len());
        taken.extend(queue.kept.drain(..room));
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
    fn a_full_queue_says_how_many_it_lost() {
        let events = Events::new(3).unwrap();
        for number in 0..10 {
            events.push(event(number));
        }
        assert_eq!(events.take(2), [Event::EventsLost { count: 7 }, event(0)]);
        assert_eq!(events.take(9), [event(1), event(2)]);
        assert!(events.take(9).is_empty());
        assert_eq!(events.lost_ever(), 7);
    }
}
