//! What one camera gives its viewers: the kept pictures, and word of the source's state.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Context;
use std::time::Instant;

use atomic_waker::AtomicWaker;
use tokio::sync::Notify;

use super::events::{Event, Events};
use super::locked;
use crate::engine::pictures::{Cursor, Limits, Picture, Pictures};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceState {
    Idle,
    Connecting,
    Live,
    Lost,
}

/// What viewers are told of the source.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    pub state: SourceState,
    /// Since when no picture comes, where none does.
    pub without_since: Option<Instant>,
}

#[derive(Debug)]
pub struct Feed {
    pub camera: Arc<str>,
    pictures: Mutex<Pictures>,
    word: Mutex<Word>,
    /// Rises with each picture and each change of state.
    version: AtomicU64,
    pushed: AtomicU64,
    viewers: Mutex<Viewers>,
    last_left: Notify,
    events: Arc<Events>,
}

#[derive(Debug, Default)]
struct Viewers {
    next: u64,
    wakers: HashMap<u64, Arc<AtomicWaker>>,
}

/// A viewer's place at the feed; it leaves by being dropped.
#[derive(Debug)]
pub struct Watching {
    feed: Arc<Feed>,
    number: u64,
    waker: Arc<AtomicWaker>,
    seen: u64,
}

impl Feed {
    pub fn new(camera: &str, limits: Limits, events: Arc<Events>) -> Self {
        Self {
            camera: camera.into(),
            pictures: Mutex::new(Pictures::new(limits)),
            word: Mutex::new(Word { state: SourceState::Idle, without_since: None }),
            version: AtomicU64::new(1),
            pushed: AtomicU64::new(0),
            viewers: Mutex::default(),
            last_left: Notify::new(),
            events,
        }
    }

    pub fn subscribe(self: &Arc<Self>) -> Watching {
        let waker = Arc::new(AtomicWaker::new());
        let mut viewers = locked(&self.viewers);
        viewers.next += 1;
        let number = viewers.next;
        viewers.wakers.insert(number, Arc::clone(&waker));
        Watching { feed: Arc::clone(self), number, waker, seen: 0 }
    }

    pub fn viewers(&self) -> usize {
        locked(&self.viewers).wakers.len()
    }

    /// Returns once there is no viewer.
    pub async fn no_viewer(&self) {
        while self.viewers() > 0 {
            self.last_left.notified().await;
        }
    }

    pub fn word(&self) -> Word {
        *locked(&self.word)
    }

    pub fn state(&self) -> SourceState {
        self.word().state
    }

    pub fn push(&self, picture: Picture) {
        locked(&self.pictures).push(picture);
        self.pushed.fetch_add(1, Ordering::Relaxed);
        self.tell(Word { state: SourceState::Live, without_since: None });
    }

    /// No picture comes any more, or none came; told once until one comes.
    pub fn lost(&self, cause: &'static str) {
        let former = self.word();
        if former.state != SourceState::Lost {
            let since = former.without_since.unwrap_or_else(Instant::now);
            self.tell(Word { state: SourceState::Lost, without_since: Some(since) });
            self.events.push(Event::CameraLost { camera: Arc::clone(&self.camera), cause });
        }
    }

    /// A connection is attempted; a lost source stays lost until a picture comes.
    pub fn connecting(&self) {
        if self.state() == SourceState::Idle {
            self.tell(Word { state: SourceState::Connecting, without_since: Some(Instant::now()) });
        }
    }

    /// Nobody watches and the camera is not kept warm: it is not read, so nobody knows it to be lost any more.
    pub fn idle(&self) {
        locked(&self.pictures).clear();
        self.tell(Word { state: SourceState::Idle, without_since: None });
    }

    /// Sets the word and wakes every viewer; whichever way a camera leaves `Lost`, it is told back, or every screen
    /// would show it as lost for ever. Only the camera's own task calls it.
    fn tell(&self, word: Word) {
        let former = std::mem::replace(&mut *locked(&self.word), word).state;
        if former == SourceState::Lost && word.state != SourceState::Lost {
            self.events.push(Event::CameraBack { camera: Arc::clone(&self.camera) });
        }
        self.version.fetch_add(1, Ordering::Release);
        for waker in locked(&self.viewers).wakers.values() {
            waker.wake();
        }
    }

    pub fn take(&self, cursor: &mut Cursor, count: usize, out: &mut Vec<Picture>) -> u64 {
        locked(&self.pictures).take(cursor, count, out)
    }

    /// How many pictures were pushed since the start.
    pub fn pushed(&self) -> u64 {
        self.pushed.load(Ordering::Relaxed)
    }

    pub fn kept_bytes(&self) -> usize {
        locked(&self.pictures).bytes()
    }
}

impl Watching {
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// What is there now counts as seen.
    pub fn see(&mut self) {
        self.seen = self.feed.version.load(Ordering::Acquire);
    }

    /// True where something is new since `see`; else the task of `context` is woken once it is.
    pub fn is_new(&self, context: &Context<'_>) -> bool {
        self.waker.register(context.waker());
        self.feed.version.load(Ordering::Acquire) != self.seen
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut viewers = locked(&self.feed.viewers);
        viewers.wakers.remove(&self.number);
        if viewers.wakers.is_empty() {
            self.feed.last_left.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed() -> (Arc<Events>, Arc<Feed>) {
        let events = Arc::new(Events::new(16).unwrap());
        (Arc::clone(&events), Arc::new(Feed::new("cam", Limits { pictures: 9, bytes: 1_000_000 }, events)))
    }

    fn lost(cause: &'static str) -> Event {
        Event::CameraLost { camera: "cam".into(), cause }
    }

    #[test]
    fn a_lost_camera_that_nobody_reads_any_more_is_told_as_no_longer_lost() {
        let (events, feed) = feed();
        feed.connecting();
        feed.lost("closed");
        feed.idle();
        let back = Event::CameraBack { camera: "cam".into() };
        assert_eq!(events.take(9), [lost("closed"), back.clone()]);
        feed.connecting();
        feed.lost("silent");
        assert_eq!(events.take(9), [lost("silent")], "what is lost again is told again");
    }

    #[test]
    fn a_camera_that_was_never_lost_becomes_idle_without_a_word() {
        let (events, feed) = feed();
        feed.connecting();
        feed.idle();
        assert!(events.take(9).is_empty());
    }
}
