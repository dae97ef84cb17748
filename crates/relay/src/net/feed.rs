//! What one camera gives its viewers: the kept pictures, and word of the source's state.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::watch;

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

/// What viewers wait on: it changes with each picture and each change of state.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    pub pushed: u64,
    pub state: SourceState,
    /// Since when no picture comes, where none does.
    pub without_since: Option<Instant>,
}

#[derive(Debug)]
pub struct Feed {
    pub camera: Arc<str>,
    pictures: Mutex<Pictures>,
    word: watch::Sender<Word>,
    events: Arc<Events>,
}

impl Feed {
    pub fn new(camera: &str, limits: Limits, events: Arc<Events>) -> Self {
        let word = Word { pushed: 0, state: SourceState::Idle, without_since: None };
        Self {
            camera: camera.into(),
            pictures: Mutex::new(Pictures::new(limits)),
            word: watch::Sender::new(word),
            events,
        }
    }

    /// Each receiver is a viewer.
    pub fn subscribe(&self) -> watch::Receiver<Word> {
        self.word.subscribe()
    }

    pub fn viewers(&self) -> usize {
        self.word.receiver_count()
    }

    /// Returns once the last viewer is gone.
    pub async fn no_viewer(&self) {
        self.word.closed().await;
    }

    pub fn state(&self) -> SourceState {
        self.word.borrow().state
    }

    pub fn push(&self, picture: Picture) {
        locked(&self.pictures).push(picture);
        let mut back = false;
        self.word.send_modify(|word| {
            back = word.state == SourceState::Lost;
            word.pushed += 1;
            word.state = SourceState::Live;
            word.without_since = None;
        });
        if back {
            self.events.push(Event::CameraBack { camera: Arc::clone(&self.camera) });
        }
    }

    /// No picture comes any more, or none came; told once until one comes.
    pub fn lost(&self, cause: &'static str) {
        let mut told = false;
        self.word.send_if_modified(|word| {
            told = word.state == SourceState::Lost;
            word.state = SourceState::Lost;
            word.without_since.get_or_insert_with(Instant::now);
            !told
        });
        if !told {
            self.events.push(Event::CameraLost { camera: Arc::clone(&self.camera), cause });
        }
    }

    /// A connection is attempted; a lost source stays lost until a picture comes.
    pub fn connecting(&self) {
        self.word.send_if_modified(|word| {
            let fresh = word.state == SourceState::Idle;
            if fresh {
                word.state = SourceState::Connecting;
                word.without_since = Some(Instant::now());
            }
            fresh
        });
    }

    /// Nobody watches and the camera is not kept warm.
    pub fn idle(&self) {
        locked(&self.pictures).clear();
        self.word.send_modify(|word| {
            word.state = SourceState::Idle;
            word.without_since = None;
        });
    }

    pub fn take(&self, cursor: &mut Cursor, count: usize, out: &mut Vec<Picture>) -> u64 {
        locked(&self.pictures).take(cursor, count, out)
    }

    pub fn kept_bytes(&self) -> usize {
        locked(&self.pictures).bytes()
    }
}
