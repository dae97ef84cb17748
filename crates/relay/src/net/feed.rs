//! What one camera gives its viewers: the kept pictures, and word of the source's state.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use atomic_waker::AtomicWaker;
use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::events::{Event, Events};
use super::locks::locked;
use super::stats::Counters;
use crate::engine::SourceCause;
use crate::engine::oddities::Oddities;
use crate::engine::pictures::{Cursor, Limits, Picture, Pictures, Taken};

/// To so many viewers a picture is written in a row: about two milliseconds.
const WRITTEN_AT_ONCE: usize = 256;

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
    /// Why it is lost, where it is.
    pub cause: Option<SourceCause>,
    /// Since when no picture comes, where none does.
    pub without_since: Option<Instant>,
}

#[derive(Debug)]
pub struct Feed {
    pub camera: Arc<str>,
    /// What the camera does otherwise than the standards say. Written by the camera's own task alone.
    pub oddities: Arc<Oddities>,
    pictures: Mutex<Pictures>,
    word: Mutex<Word>,
    /// Another cause than the one told, which the newest attempt ended with. Written by the camera's own task alone.
    other_cause: Mutex<Option<SourceCause>>,
    /// Added to a time of capture it tells that in our clock: 0 for our own cameras. Written by the camera's own task alone.
    origin_offset_us: AtomicI64,
    /// When a peer expects its first picture. Written by the camera's own task alone.
    first_picture_due: Mutex<Option<Instant>>,
    /// Rises with each picture and each change of state.
    version: AtomicU64,
    pushed: AtomicU64,
    viewers: Mutex<Viewers>,
    /// How many bytes of pictures that are no longer kept its viewers may still hold between them.
    held_bytes_max: usize,
    last_left: Notify,
    events: Arc<Events>,
}

#[derive(Debug, Default)]
struct Viewers {
    next: u64,
    here: HashMap<u64, Arc<Standing>>,
}

/// The socket of a viewer in the clear that has all there is. Whoever brings the next picture writes it to all of them
/// in a row: to wake each viewer's task for it would cost nearly as much again as the writing.
#[derive(Debug)]
pub struct Lent {
    pub socket: Arc<TcpStream>,
    /// The place of the picture that the viewer takes next.
    pub next: u64,
    /// The stream that it was told.
    pub stream: u64,
    /// The origin's offset that it was told, and when it is to be told the clock again.
    pub origin_offset_us: i64,
    pub clock_due: Instant,
    pub counters: Arc<Counters>,
    /// When the socket took something.
    pub taken: Option<Instant>,
    /// What is left of a picture of which it took a part, and the whole size.
    pub rest: Option<(Bytes, usize)>,
}

impl Lent {
    /// Writes the picture of that place; false where the viewer has something to do or to say itself.
    fn write(&mut self, place: u64, picture: &Picture, origin_offset_us: i64, now: Instant) -> bool {
        if self.rest.is_some()
            || (place, picture.stream.number) != (self.next, self.stream)
            || picture.left_out > 0
            || origin_offset_us != self.origin_offset_us
            || now >= self.clock_due
        {
            return false;
        }
        // What goes wrong is found again, and told, by the viewer's own attempt.
        let Ok(written @ 1..) = self.socket.try_write(&picture.message) else { return false };
        self.counters.bytes_sent.fetch_add(written as u64, Ordering::Relaxed);
        self.next += 1;
        self.taken = Some(now);
        if written < picture.message.len() {
            self.rest = Some((picture.message.slice(written..), picture.message.len()));
        }
        self.rest.is_none()
    }
}

/// What the feed knows of one viewer.
#[derive(Debug, Default)]
struct Standing {
    news: AtomicWaker,
    lent: Mutex<Option<Lent>>,
    /// The place of the picture in whose midst the viewer is blocked, plus one; 0 while there is none.
    begun: AtomicU64,
    begun_bytes: AtomicUsize,
    /// What it holds is too much: it is to end.
    too_far_behind: AtomicBool,
    /// Woken for that alone: a blocked viewer sleeps through all news.
    ends: AtomicWaker,
}

impl Standing {
    /// The picture that the viewer holds although it is no longer kept: its place and size.
    fn held(&self, first_kept: u64) -> Option<(u64, usize)> {
        let place = self.begun.load(Ordering::Acquire).checked_sub(1)?;
        (place < first_kept).then(|| (place, self.begun_bytes.load(Ordering::Relaxed)))
    }

    fn is_too_far_behind(&self, context: &Context<'_>) -> bool {
        self.ends.register(context.waker());
        self.too_far_behind.load(Ordering::Acquire)
    }
}

/// A viewer's place at the feed; it leaves by being dropped.
#[derive(Debug)]
pub struct Watching {
    feed: Arc<Feed>,
    number: u64,
    standing: Arc<Standing>,
    seen: u64,
}

impl Feed {
    pub fn new(camera: &str, limits: Limits, events: Arc<Events>) -> Self {
        Self {
            camera: camera.into(),
            oddities: Arc::default(),
            pictures: Mutex::new(Pictures::new(limits)),
            held_bytes_max: limits.bytes,
            word: Mutex::new(Word { state: SourceState::Idle, cause: None, without_since: None }),
            other_cause: Mutex::default(),
            origin_offset_us: AtomicI64::new(0),
            first_picture_due: Mutex::default(),
            version: AtomicU64::new(1),
            pushed: AtomicU64::new(0),
            viewers: Mutex::default(),
            last_left: Notify::new(),
            events,
        }
    }

    pub fn subscribe(self: &Arc<Self>) -> Watching {
        let standing = Arc::new(Standing::default());
        let mut viewers = locked(&self.viewers);
        viewers.next += 1;
        let number = viewers.next;
        viewers.here.insert(number, Arc::clone(&standing));
        Watching { feed: Arc::clone(self), number, standing, seen: 0 }
    }

    pub fn viewers(&self) -> usize {
        locked(&self.viewers).here.len()
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
        let brought = picture.clone();
        let (place, first_kept) = {
            let mut pictures = locked(&self.pictures);
            (pictures.push(picture), pictures.first())
        };
        self.pushed.fetch_add(1, Ordering::Relaxed);
        *locked(&self.first_picture_due) = None;
        if self.state() == SourceState::Live {
            self.bring(place, &brought);
        } else {
            self.tell(Word { state: SourceState::Live, cause: None, without_since: None });
        }
        self.end_those_too_far_behind(first_kept);
    }

    /// Writes a picture to viewers that lent their sockets, up to a bound: others' turns come between. Wakes the rest.
    fn bring(&self, place: u64, picture: &Picture) {
        self.version.fetch_add(1, Ordering::Release);
        let (offset, now, mut left) = (self.origin_offset_us(), Instant::now(), WRITTEN_AT_ONCE);
        for standing in locked(&self.viewers).here.values() {
            let written =
                left > 0 && locked(&standing.lent).as_mut().is_some_and(|lent| lent.write(place, picture, offset, now));
            if written {
                left -= 1;
            } else {
                standing.news.wake();
            }
        }
    }

    pub fn set_origin_offset_us(&self, offset: i64) {
        self.origin_offset_us.store(offset, Ordering::Relaxed);
    }

    pub fn origin_offset_us(&self) -> i64 {
        self.origin_offset_us.load(Ordering::Relaxed)
    }

    /// The peer that is read expects its first picture in so long; viewers are told of it.
    pub fn expect_first_picture(&self, within: Duration) {
        *locked(&self.first_picture_due) = Some(Instant::now() + within);
        self.wake();
    }

    /// In how long a peer expects its first picture, where it does.
    pub fn first_picture_in(&self) -> Option<Duration> {
        let due = (*locked(&self.first_picture_due))?;
        due.checked_duration_since(Instant::now())
    }

    /// Slow viewers may hold as many bytes of pictures that left as are kept; then those furthest behind end, so that
    /// memory is bounded however many viewers there are. What several hold counts once.
    fn end_those_too_far_behind(&self, first_kept: u64) {
        let viewers = locked(&self.viewers);
        let holding = |standing: &Arc<Standing>| standing.held(first_kept).map(|held| (held, Arc::clone(standing)));
        let mut held: Vec<_> = viewers.here.values().filter_map(holding).collect();
        held.sort_unstable_by_key(|((place, _), _)| std::cmp::Reverse(*place));
        let (mut bytes, mut newer) = (0, None);
        for ((place, size), standing) in held {
            if newer != Some(place) {
                bytes += size;
                newer = Some(place);
            }
            if bytes > self.held_bytes_max {
                standing.too_far_behind.store(true, Ordering::Release);
                standing.ends.wake();
            }
        }
    }

    /// Bytes of pictures that are no longer kept and that viewers still hold.
    pub fn held_bytes(&self) -> usize {
        let first_kept = locked(&self.pictures).first();
        let held: HashMap<u64, usize> =
            locked(&self.viewers).here.values().filter_map(|standing| standing.held(first_kept)).collect();
        held.values().sum()
    }

    /// No picture comes any more, or none came; told once until one comes. Another cause than the one told is told once
    /// two attempts in a row gave it: a camera that is refused now so, now so, does not fill the log.
    pub fn lost(&self, cause: SourceCause, detail: &str) {
        let former = self.word();
        let repeated = locked(&self.other_cause).replace(cause) == Some(cause);
        if former.state != SourceState::Lost || former.cause == Some(cause) || repeated {
            self.lost_for_long(cause, detail);
        }
    }

    /// The same, where no attempt follows soon: whatever the cause is, it is told at once.
    pub fn lost_for_long(&self, cause: SourceCause, detail: &str) {
        *locked(&self.other_cause) = None;
        let former = self.word();
        if former.state == SourceState::Lost && former.cause == Some(cause) {
            return;
        }
        let without_since = Some(former.without_since.unwrap_or_else(Instant::now));
        self.tell(Word { state: SourceState::Lost, cause: Some(cause), without_since });
        self.events.push(Event::CameraLost { camera: Arc::clone(&self.camera), cause, detail: detail.into() });
    }

    /// A connection is attempted; a lost source stays lost until a picture comes.
    pub fn connecting(&self) {
        if self.state() == SourceState::Idle {
            self.tell(Word { state: SourceState::Connecting, cause: None, without_since: Some(Instant::now()) });
        }
    }

    /// Nobody watches and the camera is not kept warm: it is not read, so nobody knows it to be lost any more.
    pub fn idle(&self) {
        locked(&self.pictures).clear();
        *locked(&self.first_picture_due) = None;
        self.tell(Word { state: SourceState::Idle, cause: None, without_since: None });
    }

    /// Sets the word and wakes every viewer; whichever way a camera leaves `Lost`, it is told back, or every screen
    /// would show it as lost for ever. Only the camera's own task calls it.
    fn tell(&self, word: Word) {
        let former = std::mem::replace(&mut *locked(&self.word), word).state;
        if former == SourceState::Lost && word.state != SourceState::Lost {
            self.events.push(Event::CameraBack { camera: Arc::clone(&self.camera) });
        }
        self.wake();
    }

    fn wake(&self) {
        self.version.fetch_add(1, Ordering::Release);
        for standing in locked(&self.viewers).here.values() {
            standing.news.wake();
        }
    }

    pub fn take(&self, cursor: &mut Cursor, count: usize, out: &mut Vec<Picture>) -> Taken {
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

    /// Lends the socket until `take_back`.
    pub fn lend(&self, lent: Lent) {
        *locked(&self.standing.lent) = Some(lent);
    }

    /// Nobody else writes to the socket any more.
    pub fn take_back(&self) -> Option<Lent> {
        locked(&self.standing.lent).take()
    }

    /// True where something is new since `see`; else the task of `context` is woken once it is.
    pub fn is_new(&self, context: &Context<'_>) -> bool {
        self.standing.news.register(context.waker());
        self.feed.version.load(Ordering::Acquire) != self.seen
    }
}

impl Watching {
    /// The viewer is blocked in the midst of that picture (its place and size), or in none.
    pub fn begun(&self, picture: Option<(u64, usize)>) {
        self.standing.begun_bytes.store(picture.map_or(0, |(_, bytes)| bytes), Ordering::Relaxed);
        self.standing.begun.store(picture.map_or(0, |(place, _)| place + 1), Ordering::Release);
    }

    /// True where what the viewer holds is too much; else the task of `context` is woken once it is.
    pub fn is_too_far_behind(&self, context: &Context<'_>) -> bool {
        self.standing.is_too_far_behind(context)
    }

    /// Returns once what the viewer holds is too much.
    pub fn too_far_behind(&self) -> impl Future<Output = ()> + use<> {
        let standing = Arc::clone(&self.standing);
        poll_fn(move |context| if standing.is_too_far_behind(context) { Poll::Ready(()) } else { Poll::Pending })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut viewers = locked(&self.feed.viewers);
        viewers.here.remove(&self.number);
        if viewers.here.is_empty() {
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

    fn lost(cause: SourceCause) -> Event {
        Event::CameraLost { camera: "cam".into(), cause, detail: "seen".into() }
    }

    #[test]
    fn a_lost_camera_that_nobody_reads_any_more_is_told_as_no_longer_lost() {
        let (events, feed) = feed();
        feed.connecting();
        feed.lost(SourceCause::Closed, "seen");
        feed.idle();
        let back = Event::CameraBack { camera: "cam".into() };
        assert_eq!(events.take(9), [lost(SourceCause::Closed), back.clone()]);
        feed.connecting();
        feed.lost(SourceCause::Silent, "seen");
        assert_eq!(events.take(9), [lost(SourceCause::Silent)], "what is lost again is told again");
    }

    #[test]
    fn another_cause_is_told_once_two_attempts_in_a_row_gave_it() {
        use SourceCause::{Closed, Unreachable, WrongPassword};
        let (events, feed) = feed();
        feed.connecting();
        for cause in [Closed, Unreachable, Closed, Unreachable, Closed] {
            feed.lost(cause, "seen");
        }
        assert_eq!(events.take(9), [lost(Closed)]);
        for _ in 0..4 {
            feed.lost(WrongPassword, "seen");
        }
        assert_eq!(events.take(9), [lost(WrongPassword)]);
        assert_eq!(feed.word().cause, Some(WrongPassword));
    }

    #[test]
    fn a_camera_that_was_never_lost_becomes_idle_without_a_word() {
        let (events, feed) = feed();
        feed.connecting();
        feed.idle();
        assert!(events.take(9).is_empty());
    }
}
