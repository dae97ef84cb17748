//! One viewer's socket: the same bytes as every other viewer's, at its own pace.
//!
//! Revocation never waits behind a blocked write: the close frame goes out at a frame boundary within
//! `CLOSE_WITHIN`, else the connection is reset.
//!
//! A socket that a later ticket of its viewing replaced is closed with 1000 and the cause `replaced`, by which its
//! player knows that it has a successor and is not to ask again, as it would after a cut. Nothing is revoked then, so
//! a slow viewer may finish its begun picture for `REPLACED_WITHIN` to reach that frame, unless the viewing ends.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use tokio::sync::{Notify, oneshot};
use tokio::time::Sleep;

use super::clock::{ms, unix_us};
use super::events::{CloseCause, DropCause};
use super::feed::{Feed, Lent, Watching};
use super::socket::Socket;
use super::stats::Counters;
use crate::engine::SourceCause;
use crate::engine::cmaf::TIMESCALE;
use crate::engine::pictures::{Cursor, Picture, Taken};
use crate::engine::websocket::{self, ClientFrames, Said};

const CLOSE_WITHIN: Duration = Duration::from_millis(20);
const REPLACED_WITHIN: Duration = Duration::from_secs(5);
/// A viewer that took nothing for this long will not take a close frame within `CLOSE_WITHIN` either.
const STALLED_AFTER: Duration = Duration::from_millis(500);
/// How long a closed viewer may take to close its side.
const LINGER: Duration = Duration::from_secs(1);
const CLOCK_EVERY: Duration = Duration::from_secs(5);
/// A peer's clock that turns out to be further off than this is told anew at once.
const CLOCK_DIFFERENCE_US: u64 = 10_000;
const BATCH: usize = 16;
const CONTROLS_A_SECOND_MAX: u32 = 10;
const READS_AT_ONCE: usize = 16;

/// Why a socket ends, as told to the viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub cause: String,
    pub article: Option<String>,
}

impl Close {
    pub fn by_relay(code: u16, cause: CloseCause) -> Self {
        Self { code, cause: cause.code().to_owned(), article: None }
    }

    /// The close frame: codes, not sentences (api, Media).
    pub fn frame(&self) -> Bytes {
        let article = self.article.as_deref().map_or_else(|| "null".to_owned(), crate::engine::cmaf::json);
        let reason = format!(r#"{{"cause": {}, "article": {article}}}"#, crate::engine::cmaf::json(&self.cause));
        if reason.len() > 123 {
            return websocket::close(self.code, r#"{"cause": null, "article": null}"#);
        }
        websocket::close(self.code, &reason)
    }
}

/// What the relay orders a socket to do.
#[derive(Debug)]
pub enum Order {
    Close(Close),
    /// Another socket took the viewing over; resolves once the viewing is no longer that one's.
    Replaced(oneshot::Receiver<()>),
    #[cfg(test)]
    Panic,
}

/// How a socket's owner reaches it. Dropped with the viewing, and with it the right of sockets that it replaced.
#[derive(Debug)]
pub struct Handle {
    orders: oneshot::Sender<Order>,
    _successor: oneshot::Sender<()>,
}

impl Handle {
    /// A handle; what it orders; what the socket before it is told to wait for.
    pub fn new() -> (Self, oneshot::Receiver<Order>, oneshot::Receiver<()>) {
        let (orders, order) = oneshot::channel();
        let (successor, succeeded) = oneshot::channel();
        (Self { orders, _successor: successor }, order, succeeded)
    }

    /// A socket that is gone already needs no order.
    pub fn order(self, order: Order) {
        let _ = self.orders.send(order);
    }
}

/// What a viewer's socket needs to live.
pub struct Viewer {
    pub viewing: Arc<str>,
    pub feed: Arc<Feed>,
    pub socket: Socket,
    pub orders: oneshot::Receiver<Order>,
    pub counters: Arc<Counters>,
    pub close_unread_after: Duration,
    pub source_lost_close: Duration,
}

/// How a socket ended.
pub enum Ending {
    /// The relay wanted it so; whoever ordered it knows.
    Ordered,
    /// The viewer, its network or its slowness; the camera.
    Dropped(DropCause),
}

/// One message that waits to be written.
struct Waiting {
    bytes: Bytes,
    what: What,
}

/// What a message says, as far as it can be taken back unsent and said again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// It stays.
    Word,
    Lost,
    /// Its whole size.
    Picture(usize),
}

struct Session {
    viewer: Viewer,
    watching: Watching,
    /// Kept over the waits; only a socket that has a limit arms it.
    timer: Pin<Box<Sleep>>,
    cursor: Cursor,
    waiting: VecDeque<Waiting>,
    /// Bytes of the front message are already out.
    front_begun: bool,
    told_stream: u64,
    /// That it waits for the next key picture was told.
    told_wait: bool,
    /// The cause with which the source was told as lost, where it was.
    told_lost: Option<SourceCause>,
    /// When the clock was told, and the origin's offset with it.
    clock_told: Option<(Instant, i64)>,
    frames: ClientFrames,
    /// Pings and pongs of the running second.
    controls: (Instant, u32),
    taken: Instant,
    began: Instant,
}

impl Viewer {
    /// Serves until the end; `wanted` wakes a camera that is read on demand.
    pub async fn run(self, wanted: &Notify) -> Ending {
        let watching = self.feed.subscribe();
        wanted.notify_one();
        let now = Instant::now();
        let mut session = Session {
            viewer: self,
            watching,
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            cursor: Cursor::default(),
            waiting: VecDeque::new(),
            front_begun: false,
            told_stream: 0,
            told_lost: None,
            told_wait: false,
            clock_told: None,
            frames: ClientFrames::default(),
            controls: (now, 0),
            taken: now,
            began: now,
        };
        let (parting, ending) = session.serve().await;
        match parting {
            Parting::Gone => {}
            Parting::Told(close) => {
                let stalled = session.taken.elapsed() > STALLED_AFTER;
                let within = if stalled { Duration::ZERO } else { CLOSE_WITHIN };
                session.close(&close, within, std::future::pending()).await;
            }
            Parting::Replaced(until) => {
                let too_far_behind = session.watching.too_far_behind();
                let ended = async {
                    tokio::select! {
                        _ = until => {}
                        () = too_far_behind => {}
                    }
                };
                session.close(&Close::by_relay(1000, CloseCause::Replaced), REPLACED_WITHIN, ended).await;
            }
        }
        ending
    }
}

/// What ended a wait.
enum Woken {
    Order(Result<Order, oneshot::error::RecvError>),
    Limit,
    /// The client said something, or left.
    Heard,
    /// There is room again, or something new.
    Anew,
    TooFarBehind,
    Broken,
}

/// What is still to be said to the viewer.
enum Parting {
    /// It is gone.
    Gone,
    Told(Close),
    Replaced(oneshot::Receiver<()>),
}

type End = (Parting, Ending);

impl Session {
    async fn serve(&mut self) -> End {
        let mut said = Vec::new();
        let mut pictures = Vec::with_capacity(BATCH);
        loop {
            // 1. What is there to say?
            self.watching.see();
            let gathers = self.waiting.is_empty();
            let more = gathers && self.gather(&mut pictures);
            pictures.clear();
            // 2. Say as much as the socket takes.
            let Ok(blocked) = self.write() else {
                return (Parting::Gone, Ending::Dropped(DropCause::ConnectionLost));
            };
            if blocked {
                self.give_back_unsent();
            } else {
                self.watching.begun(None);
            }
            if !blocked && (more || !gathers) {
                match self.viewer.orders.try_recv() {
                    Err(oneshot::error::TryRecvError::Empty) => continue,
                    Ok(order) => return ordered(Ok(order)),
                    Err(oneshot::error::TryRecvError::Closed) => return stopped(),
                }
            }
            // 3. Wait for what comes first.
            let limit = self.limit(blocked);
            if !blocked {
                self.lend();
            }
            let woken = self.woken(blocked, limit.map(|(at, _, _)| at)).await;
            self.take_back();
            match woken {
                Woken::Order(order) => return ordered(order),
                Woken::Limit => {
                    if let Some((_, code, cause)) = limit {
                        return (
                            Parting::Told(Close::by_relay(code, CloseCause::Dropped(cause))),
                            Ending::Dropped(cause),
                        );
                    }
                }
                Woken::Heard => {
                    if !self.hear(&mut said) {
                        return (Parting::Gone, Ending::Dropped(DropCause::ConnectionLost));
                    }
                    if let Some(end) = self.answer(&mut said) {
                        return end;
                    }
                }
                Woken::TooFarBehind => {
                    // No close frame would reach it before the picture that is in the way.
                    self.viewer.socket.reset();
                    return (Parting::Gone, Ending::Dropped(DropCause::Unread));
                }
                Woken::Broken => return (Parting::Gone, Ending::Dropped(DropCause::ConnectionLost)),
                Woken::Anew => {}
            }
        }
    }

    /// Has the next picture written by whoever brings it, where all that is there was said.
    fn lend(&self) {
        let (Socket::Clear(socket), Some(next), Some((at, origin_offset_us))) =
            (&self.viewer.socket, self.cursor.goes_on_at(), self.clock_told)
        else {
            return;
        };
        if self.told_lost.is_none() && !self.told_wait {
            self.watching.lend(Lent {
                socket: Arc::clone(socket),
                next,
                stream: self.told_stream,
                origin_offset_us,
                clock_due: at + CLOCK_EVERY,
                counters: Arc::clone(&self.viewer.counters),
                taken: None,
                rest: None,
            });
        }
    }

    fn take_back(&mut self) {
        let Some(lent) = self.watching.take_back() else { return };
        self.cursor.stand_at(lent.next);
        self.taken = lent.taken.unwrap_or(self.taken);
        if let Some((bytes, size)) = lent.rest {
            self.waiting.push_front(Waiting { bytes, what: What::Picture(size) });
            self.front_begun = true;
        }
    }

    /// Waits for an order, the limit, the client, and for room while blocked or news while not.
    async fn woken(&mut self, blocked: bool, limit: Option<Instant>) -> Woken {
        if let Some(limit) = limit
            && self.timer.deadline().into_std() != limit
        {
            self.timer.as_mut().reset(limit.into());
        }
        poll_fn(|context| {
            if let Poll::Ready(order) = Pin::new(&mut self.viewer.orders).poll(context) {
                return Poll::Ready(Woken::Order(order));
            }
            if limit.is_some() && self.timer.as_mut().poll(context).is_ready() {
                return Poll::Ready(Woken::Limit);
            }
            match self.viewer.socket.poll_read_ready(context) {
                Poll::Ready(Ok(())) => return Poll::Ready(Woken::Heard),
                Poll::Ready(Err(_)) => return Poll::Ready(Woken::Broken),
                Poll::Pending => {}
            }
            if !blocked {
                return if self.watching.is_new(context) { Poll::Ready(Woken::Anew) } else { Poll::Pending };
            }
            if self.watching.is_too_far_behind(context) {
                return Poll::Ready(Woken::TooFarBehind);
            }
            match self.viewer.socket.poll_write_ready(context) {
                Poll::Ready(Ok(())) => Poll::Ready(Woken::Anew),
                Poll::Ready(Err(_)) => Poll::Ready(Woken::Broken),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Puts what is due into the queue: state, description, clock, pictures. At most one batch; true where more waits.
    fn gather(&mut self, pictures: &mut Vec<Picture>) -> bool {
        let word = self.watching.feed().word();
        let stood = self.cursor;
        let Taken { missed, more, waits } = self.viewer.feed.take(&mut self.cursor, BATCH, pictures);
        self.tell_wait(waits.or_else(|| self.peer_waits(pictures)));
        let mut another_stream = false;
        if let Some(first) = pictures.first() {
            if first.stream.number != self.told_stream {
                self.told_stream = first.stream.number;
                let description = &first.stream.description;
                self.say(description.text(&self.viewer.feed.camera, &self.viewer.viewing));
                self.say(description.init.clone());
            }
            let same = pictures.iter().take_while(|picture| picture.stream.number == self.told_stream).count();
            self.cursor.give_back((pictures.len() - same) as u64);
            another_stream = same < pictures.len();
            pictures.truncate(same);
        }
        if missed > 0 && stood != Cursor::default() {
            self.viewer.counters.gaps.fetch_add(1, Relaxed);
            self.say(websocket::text(&format!(r#"{{"gap": {missed}}}"#)));
        }
        let lost = word.cause;
        if self.told_lost.is_some() && lost.is_none() {
            self.say(websocket::text(r#"{"source": "back"}"#));
            self.told_lost = None;
        }
        self.tell_clock();
        for picture in pictures.iter() {
            let what = What::Picture(picture.message.len());
            self.waiting.push_back(Waiting { bytes: picture.message.clone(), what });
        }
        if let Some(cause) = lost
            && self.told_lost != lost
        {
            let bytes = websocket::text(&format!(r#"{{"source": "lost", "cause": "{}"}}"#, cause.code()));
            self.waiting.push_back(Waiting { bytes, what: What::Lost });
            self.told_lost = lost;
        }
        more || another_stream
    }

    /// Tells in which clock times of capture are told, every `CLOCK_EVERY` and when the origin's turns out to be another.
    fn tell_clock(&mut self) {
        let offset = self.viewer.feed.origin_offset_us();
        let due = self
            .clock_told
            .is_none_or(|(at, told)| at.elapsed() >= CLOCK_EVERY || offset.abs_diff(told) > CLOCK_DIFFERENCE_US);
        if self.told_stream > 0 && due {
            self.clock_told = Some((Instant::now(), offset));
            self.say(websocket::text(&format!(r#"{{"clock": {}, "origin_offset_us": {offset}}}"#, unix_us())));
        }
    }

    /// In how long a peer expects its first picture, where this viewer waits for it; units of `TIMESCALE`.
    fn peer_waits(&self, pictures: &[Picture]) -> Option<u64> {
        if self.told_stream > 0 || !pictures.is_empty() {
            return None;
        }
        let within = self.viewer.feed.first_picture_in()?;
        Some(ms(within) * u64::from(TIMESCALE) / 1_000)
    }

    /// Tells once that no picture can be had before the next key picture, and in how long that one is due.
    fn tell_wait(&mut self, waits: Option<u64>) {
        if let (Some(waits), false) = (waits, self.told_wait) {
            self.say(websocket::text(&format!(
                r#"{{"first_picture_in_ms": {}}}"#,
                waits * 1_000 / u64::from(TIMESCALE)
            )));
        }
        self.told_wait = waits.is_some();
    }

    fn say(&mut self, bytes: Bytes) {
        self.waiting.push_back(Waiting { bytes, what: What::Word });
    }

    /// Writes until the queue is empty (false) or the socket takes no more (true).
    fn write(&mut self) -> Result<bool, ()> {
        while !self.waiting.is_empty() {
            let mut slices = [IoSlice::new(&[]); BATCH];
            let count =
                self.waiting.iter().zip(slices.iter_mut()).map(|(from, to)| *to = IoSlice::new(&from.bytes)).count();
            match self.viewer.socket.try_write(&slices[..count]) {
                Ok(0) => return Err(()),
                Ok(written) => self.wrote(written),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return Err(()),
            }
        }
        match self.viewer.socket.try_flush() {
            Ok(()) => Ok(false),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(true),
            Err(_) => Err(()),
        }
    }

    fn wrote(&mut self, mut written: usize) {
        self.taken = Instant::now();
        self.viewer.counters.bytes_sent.fetch_add(written as u64, Relaxed);
        while let Some(front) = self.waiting.front_mut() {
            if written < front.bytes.len() {
                front.bytes.advance(written);
                self.front_begun |= written > 0;
                return;
            }
            written -= front.bytes.len();
            self.front_begun = false;
            self.waiting.pop_front();
        }
    }

    /// A viewer that is blocked holds no picture but the one that it began: the rest stays the feed's.
    fn give_back_unsent(&mut self) {
        let kept = usize::from(self.front_begun);
        let mut given = 0;
        while self.waiting.len() > kept {
            match self.waiting.back().map(|last| last.what) {
                Some(What::Picture(_)) => given += 1,
                Some(What::Lost) => self.told_lost = None,
                Some(What::Word) | None => break,
            }
            self.waiting.pop_back();
        }
        self.cursor.give_back(given);
        let begun = match self.waiting.front().map(|front| front.what) {
            Some(What::Picture(bytes)) => self.cursor.newest_taken().map(|place| (place, bytes)),
            _ => None,
        };
        self.watching.begun(begun);
    }

    /// When the socket ends if nothing changes, and how.
    fn limit(&self, blocked: bool) -> Option<(Instant, u16, DropCause)> {
        let unread = blocked.then(|| (self.taken + self.viewer.close_unread_after, 4410, DropCause::Unread));
        let without_since = self.watching.feed().word().without_since;
        let lost = without_since
            .map(|since| (since.max(self.began) + self.viewer.source_lost_close, 4503, DropCause::SourceLost));
        match (unread, lost) {
            (Some(unread), Some(lost)) => Some(if lost.0 < unread.0 { lost } else { unread }),
            (unread, lost) => unread.or(lost),
        }
    }

    /// Reads what the client says; false once it is gone.
    fn hear(&mut self, said: &mut Vec<Said>) -> bool {
        let mut bytes = [0u8; 2048];
        for _ in 0..READS_AT_ONCE {
            match self.viewer.socket.try_read(&mut bytes) {
                Ok(0) => return false,
                Ok(read) => self.frames.read(&bytes[..read], said),
                Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
            }
        }
        true
    }

    /// Counts one ping or pong.
    fn controls_too_often(&mut self) -> bool {
        if self.controls.0.elapsed() > Duration::from_secs(1) {
            self.controls = (Instant::now(), 0);
        }
        self.controls.1 += 1;
        self.controls.1 > CONTROLS_A_SECOND_MAX
    }

    fn answer(&mut self, said: &mut Vec<Said>) -> Option<End> {
        for word in said.drain(..) {
            match word {
                Said::Close => {
                    let close = Close::by_relay(1000, CloseCause::Dropped(DropCause::ClosedByViewer));
                    return Some((Parting::Told(close), Ending::Dropped(DropCause::ClosedByViewer)));
                }
                Said::Violation => return Some(flood()),
                Said::Ping(_) | Said::Pong if self.controls_too_often() => return Some(flood()),
                Said::Pong => {}
                Said::Ping(payload) => {
                    // One answer waits at most: a client that is blocked gets no pile of them.
                    if self.waiting.len() < 2 * BATCH {
                        self.say(websocket::pong(&payload));
                    }
                }
            }
        }
        None
    }

    /// Sends the close frame once the begun message is out; resets the connection after `within` or at `ended`.
    async fn close(&mut self, close: &Close, within: Duration, ended: impl Future<Output = ()>) {
        self.waiting.truncate(usize::from(self.front_begun));
        self.say(close.frame());
        let by = tokio::time::Instant::now() + within;
        let told = async {
            loop {
                match self.write() {
                    Ok(false) => return true,
                    Ok(true) if !within.is_zero() => {}
                    _ => return false,
                }
                if self.viewer.socket.writable().await.is_err() {
                    return false;
                }
            }
        };
        let told = tokio::select! {
            biased;
            told = tokio::time::timeout_at(by, told) => told == Ok(true),
            () = ended => false,
        };
        if told {
            let _ = tokio::time::timeout(LINGER, self.viewer.socket.drain()).await;
        } else {
            self.viewer.socket.reset();
        }
    }
}

fn ordered(order: Result<Order, oneshot::error::RecvError>) -> End {
    match order {
        Ok(Order::Close(close)) => (Parting::Told(close), Ending::Ordered),
        Ok(Order::Replaced(until)) => (Parting::Replaced(until), Ending::Ordered),
        #[cfg(test)]
        #[allow(clippy::panic)]
        Ok(Order::Panic) => panic!("injected"),
        Err(_) => stopped(),
    }
}

fn stopped() -> End {
    (Parting::Told(Close::by_relay(1001, CloseCause::RelayStops)), Ending::Ordered)
}

fn flood() -> End {
    (Parting::Told(Close::by_relay(1008, CloseCause::Dropped(DropCause::Flood))), Ending::Dropped(DropCause::Flood))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpStream as Client;
    use std::sync::Mutex;

    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::super::events::Events;
    use super::super::locks::locked;
    use super::*;
    use crate::engine::cmaf::Description;
    use crate::engine::pictures::{Limits, Stream};

    const PICTURE_BYTES: usize = 600_000;
    /// More than fits between a viewer that does not read and us.
    const LARGE_BYTES: usize = 60_000;

    fn feed(kept: usize) -> Arc<Feed> {
        let limits = Limits { pictures: 100, bytes: kept * PICTURE_BYTES };
        Arc::new(Feed::new("cam", limits, Arc::new(Events::new(9).unwrap())))
    }

    /// A key picture of so many bytes; it is kept where its message is.
    fn picture(number: u64) -> Picture {
        let description = Description { codec: String::new(), width: 1, height: 1, init: Bytes::new() };
        let message = Bytes::from(vec![7; PICTURE_BYTES]);
        Picture {
            message,
            key: true,
            leading: false,
            decode_time: number,
            left_out: 0,
            stream: Stream { number: 1, description }.into(),
        }
    }

    /// A viewer that never reads, blocked in its first picture; and the handle without which it would end.
    struct Idler {
        client: Client,
        handle: Handle,
        counters: Arc<Counters>,
        task: JoinHandle<Ending>,
    }

    async fn idler(feed: &Arc<Feed>) -> Idler {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::connect(listener.local_addr().unwrap()).unwrap();
        socket2::SockRef::from(&client).set_recv_buffer_size(4_096).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        socket2::SockRef::from(&stream).set_send_buffer_size(16_384).unwrap();
        let (handle, orders, _) = Handle::new();
        let counters: Arc<Counters> = Arc::default();
        let viewer = Viewer {
            viewing: "v".into(),
            feed: Arc::clone(feed),
            socket: Socket::Clear(Arc::new(stream)),
            orders,
            counters: Arc::clone(&counters),
            close_unread_after: Duration::from_secs(60),
            source_lost_close: Duration::from_secs(60),
        };
        let task = tokio::spawn(async move { viewer.run(&Notify::new()).await });
        while counters.bytes_sent.load(Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Idler { client, handle, counters, task }
    }

    #[tokio::test]
    async fn a_viewer_that_is_blocked_while_its_camera_is_lost_holds_no_picture_but_the_begun_one() {
        let feed = feed(9);
        let pictures: Vec<_> = (0..6).map(picture).collect();
        let messages: Vec<_> = pictures.iter().map(|picture| picture.message.clone()).collect();
        feed.push(Picture { key: true, ..pictures[0].clone() });
        for picture in &pictures[1..] {
            feed.push(Picture { key: false, ..picture.clone() });
        }
        drop(pictures);
        feed.lost(SourceCause::Closed, "seen");
        let _idler = idler(&feed).await;
        feed.idle();
        assert_eq!(messages.iter().filter(|message| !message.is_unique()).count(), 1);
    }

    /// The next message: text as it is, a binary one as its first byte and how many are like it.
    fn message(client: &mut Client) -> String {
        let mut head = [0; 2];
        client.read_exact(&mut head).unwrap();
        let mut length = vec![0; [0, 2, 8][usize::from(head[1] > 125) + usize::from(head[1] > 126)]];
        client.read_exact(&mut length).unwrap();
        let told = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let mut payload = vec![0; if length.is_empty() { usize::from(head[1]) } else { told }];
        client.read_exact(&mut payload).unwrap();
        if head[0] & 15 == 1 {
            return String::from_utf8(payload).unwrap();
        }
        assert!(payload.windows(2).all(|pair| pair[0] == pair[1]));
        format!("{} of {}", payload.len(), payload.first().copied().unwrap_or_default())
    }

    #[tokio::test]
    async fn a_viewer_that_has_all_there_is_is_written_the_next_picture_by_whoever_brings_it() {
        let feed = feed(9);
        let stream: Arc<Stream> = Stream {
            number: 1,
            description: Description { codec: String::new(), width: 1, height: 1, init: Bytes::new() },
        }
        .into();
        let numbered = |number: u8, size: usize, left_out: u32| Picture {
            message: websocket::binary(&vec![number; size]),
            key: number == 0,
            leading: false,
            decode_time: number.into(),
            left_out,
            stream: Arc::clone(&stream),
        };
        feed.push(numbered(0, 10, 0));
        feed.push(numbered(1, 10, 0));
        let idler = idler(&feed).await;
        let sent = || idler.counters.bytes_sent.load(Relaxed);
        let turns = || async { tokio::time::sleep(Duration::from_millis(20)).await };
        turns().await;
        // No task has its turn in between: the bytes are out when `push` returns.
        let before = sent();
        feed.push(numbered(2, 100, 0));
        feed.push(numbered(3, 200, 0));
        assert_eq!(sent() - before, 2 + 100 + 4 + 200);
        // One that does not fit is finished by the viewer; what has to be said before a picture is said before it.
        feed.push(numbered(4, LARGE_BYTES, 0));
        assert!((1..LARGE_BYTES as u64).contains(&(sent() - before - 306)));
        feed.push(numbered(5, 10, 0));
        let (tell, hear) = std::sync::mpsc::channel();
        let mut client = idler.client;
        let reading = std::thread::spawn(move || while tell.send(message(&mut client)).is_ok() {});
        let told = async |last: &str| {
            let mut told: Vec<String> = Vec::new();
            while told.last().is_none_or(|newest| newest != last) {
                match hear.try_recv() {
                    Ok(message) if message.contains("clock") || message.contains("codec") => {}
                    Ok(message) => told.push(message),
                    Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
                }
            }
            told
        };
        let large = format!("{LARGE_BYTES} of 4");
        assert_eq!(told("10 of 5").await, ["10 of 0", "10 of 1", "100 of 2", "200 of 3", &large, "10 of 5"]);
        feed.push(numbered(6, 10, 2));
        assert_eq!(told("10 of 6").await, [r#"{"gap": 2}"#, "10 of 6"]);
        feed.lost(SourceCause::Closed, "seen");
        assert_eq!(told(r#"{"source": "lost", "cause": "closed"}"#).await.len(), 1);
        feed.push(numbered(7, 10, 0));
        assert_eq!(told("10 of 7").await, [r#"{"source": "back"}"#, "10 of 7"]);
        feed.push(numbered(8, 10, 0));
        assert_eq!(told("10 of 8").await.len(), 1);
        drop((hear, reading));
        idler.handle.order(Order::Close(Close::by_relay(1000, CloseCause::RelayStops)));
        assert!(matches!(idler.task.await.unwrap(), Ending::Ordered));
    }

    #[tokio::test]
    async fn those_furthest_behind_end_before_slow_viewers_hold_more_than_is_kept() {
        const KEPT: usize = 3;
        let feed = feed(KEPT);
        let mut idlers = Vec::new();
        let messages = Mutex::new(Vec::new());
        for number in 0..8 {
            let picture = picture(number);
            locked(&messages).push(picture.message.clone());
            feed.push(picture);
            tokio::task::yield_now().await; // whoever is to end has its turn
            assert!(feed.held_bytes() <= KEPT * PICTURE_BYTES);
            // Two share each picture: it counts once.
            idlers.push([idler(&feed).await, idler(&feed).await]);
        }
        for [one, other] in idlers.drain(..8 - 2 * KEPT) {
            for idler in [one, other] {
                let ended = tokio::time::timeout(Duration::from_secs(30), idler.task).await.unwrap().unwrap();
                assert!(matches!(ended, Ending::Dropped(DropCause::Unread)));
            }
        }
        assert!(idlers.iter().flatten().all(|idler| !idler.task.is_finished()));
        assert_eq!(feed.held_bytes(), KEPT * PICTURE_BYTES);
        let alive = locked(&messages).iter().filter(|message| !message.is_unique()).count();
        assert_eq!(alive, 2 * KEPT, "kept, or held");
    }
}
