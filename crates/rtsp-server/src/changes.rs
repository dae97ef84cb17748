//! Which paths changed since they were last asked about. Level-triggered: a mark per path, so
//! nothing overflows and nothing is lost; an eventfd tells that there is at least one.
use std::{
    collections::HashMap,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Mutex, PoisonError},
};

use rustix::event::{EventfdFlags, eventfd};

/// What is true of one path now, told because it differs from what was told before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    /// Clients that are playing.
    pub clients: usize,
    /// Somebody cannot decode until the next key frame.
    pub key_frame_wanted: bool,
}

#[derive(Debug)]
pub(crate) struct Changes {
    marked: Mutex<HashMap<String, Change>>,
    signal: OwnedFd,
}

impl Changes {
    pub(crate) fn new() -> std::io::Result<Self> {
        let signal = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self { marked: Mutex::default(), signal })
    }

    /// Marks `path`; a key frame once wanted stays wanted until taken.
    pub(crate) fn mark(&self, path: &str, clients: usize, key_frame_wanted: bool) {
        {
            let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
            let change = marked.entry(path.to_owned()).or_insert_with(|| Change {
                path: path.to_owned(),
                clients,
                key_frame_wanted: false,
            });
            change.clients = clients;
            change.key_frame_wanted |= key_frame_wanted;
        }
        // EAGAIN means that the counter is full, so already readable.
        let _ = rustix::io::write(&self.signal, &1_u64.to_ne_bytes());
    }

    pub(crate) fn take(&self) -> Vec<Change> {
        let mut count = [0_u8; 8];
        let _ = rustix::io::read(&self.signal, &mut count);
        let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
        marked.drain().map(|(_, change)| change).collect()
    }

    pub(crate) fn signal(&self) -> BorrowedFd<'_> {
        self.signal.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_count_wins_and_a_wanted_key_frame_is_kept() {
        let changes = Changes::new().unwrap();
        changes.mark("a", 1, true);
        changes.mark("a", 2, false);
        let taken = changes.take();
        assert_eq!(taken, [Change { path: "a".into(), clients: 2, key_frame_wanted: true }]);
        assert!(changes.take().is_empty());
    }
}
