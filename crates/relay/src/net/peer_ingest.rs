//! A camera of another party, read from its owner's relay: dial with a ticket, read, reconnect with another one.
//!
//! Tickets are the control plane's: one is asked for by an event, and nothing is dialled without. Where the owner ends the
//! flow, every viewing of it here ends in the same moment, with the owner's words.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsConnector;

use super::clock::{ms, unix_us};
use super::events::Event;
use super::feed::Feed;
use super::ingest::{Aborts, jittered, nobody_watches};
use super::limits::IngestLimits;
use super::peer_source::{PeerSource, SharedTickets};
use super::reading::{Pace, detail};
use super::shared::Shared;
use super::source::{Dialled, Stream};
use super::viewer::Close;
use crate::engine::SourceFault;
use crate::engine::flat_json::Members;
use crate::engine::peer_clock::PeerClock;
use crate::engine::peer_frames::{self, FromPeer, PeerFrames};
use crate::engine::peer_stream::{Heard, PeerStream};

const READ_BYTES: usize = 64 * 1024;
/// The boxes around a picture, and a description, are shorter.
const BESIDE_A_PICTURE_BYTES: u64 = 64 * 1024;
/// Often enough that a link is known to be silent by the bytes alone.
const PING_EVERY: Duration = Duration::from_secs(1);
/// The owner tells by itself, a little later than it notices, that its camera is silent.
const OWNER_TELLS_WITHIN: Duration = Duration::from_secs(1);
/// An owner whose camera is lost and back all the time is heard so often.
const WORDS_EVERY: Duration = Duration::from_secs(1);
/// How long the sockets of a flow that ended may take to go.
const SOCKETS_GO_WITHIN: Duration = Duration::from_secs(1);
const CODE_BYTES_MAX: usize = 40;
/// What stands for a cause that the owner told in no code.
const UNKNOWN: &str = "unknown";

/// A peer's camera as the relay reads it.
pub struct PeerIngest {
    pub shared: Arc<Shared>,
    pub feed: Arc<Feed>,
    pub source: PeerSource,
    pub connector: Option<TlsConnector>,
    pub tickets: SharedTickets,
    /// Raised when a viewer comes.
    pub wanted: Arc<Notify>,
}

type SharedStream = Arc<tokio::sync::Mutex<PeerStream>>;

/// Reads the camera for as long as it is wanted. Ends only when its task is aborted.
pub async fn keep(ingest: Arc<PeerIngest>) {
    let kept = SharedStream::default();
    loop {
        while ingest.feed.viewers() == 0 && !ingest.tickets.is_there() {
            tokio::select! {
                () = ingest.wanted.notified() => {}
                () = ingest.tickets.came() => {}
            }
        }
        tokio::select! {
            () = follow(&ingest, &kept) => {}
            () = nobody_watches(&ingest.feed, &ingest.wanted, ingest.limits().idle_peer) => {}
        }
        // The aborted session holds what is kept until it is gone: it pushes no picture after this.
        kept.lock().await.forget();
        ingest.feed.idle();
    }
}

/// Reads, and reads again, until the owner ends the flow.
async fn follow(ingest: &Arc<PeerIngest>, kept: &SharedStream) {
    let limits = ingest.limits();
    let mut pause = limits.backoff_first;
    loop {
        ingest.feed.connecting();
        let began = Instant::now();
        let (stop, connection) = if let Some(ticket) = ingest.ticket().await {
            let session = tokio::spawn(run_session(Arc::clone(ingest), Arc::clone(kept), ticket));
            let _aborts = Aborts(session.abort_handle());
            // A panic ends this session only.
            session.await.unwrap_or_else(|_| (Stop::Fault(SourceFault::Internal), String::new()))
        } else {
            let untold = format!("no ticket within {} ms", ms(limits.answer));
            (Stop::Fault(SourceFault::PeerRefused(untold)), String::new())
        };
        match stop {
            Stop::Ended(close) => return ingest.end(&close).await,
            Stop::Fault(fault) => ingest.feed.lost(fault.cause(), &detail(&fault, &connection)),
        }
        if began.elapsed() > Duration::from_secs(10) {
            pause = limits.backoff_first;
        }
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(limits.backoff_max);
    }
}

impl PeerIngest {
    fn limits(&self) -> &IngestLimits {
        &self.shared.config.ingest
    }

    /// The ticket that is there, or one that is asked for; None where none comes in time.
    async fn ticket(&self) -> Option<String> {
        if let Some(ticket) = self.tickets.take() {
            return Some(ticket);
        }
        self.shared.events.push(Event::TicketWanted { camera: Arc::clone(&self.feed.camera) });
        let given = async {
            loop {
                self.tickets.came().await;
                if let Some(ticket) = self.tickets.take() {
                    return ticket;
                }
            }
        };
        tokio::time::timeout(self.limits().answer, given).await.ok()
    }

    /// The owner ended the flow: nothing that was kept of it is shown to anybody any more.
    async fn end(&self, close: &Close) {
        // A ticket that waits is of the same flow.
        let _ = self.tickets.take();
        self.feed.idle();
        self.shared.end_viewings_of(&self.feed.camera, close);
        self.shared.events.push(Event::FlowEnded {
            camera: Arc::clone(&self.feed.camera),
            code: close.code,
            cause: close.cause.as_str().into(),
            article: close.article.as_deref().map(Into::into),
        });
        let by = Instant::now() + SOCKETS_GO_WITHIN;
        while self.feed.viewers() > 0 && Instant::now() < by {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Why a session is over.
enum Stop {
    Fault(SourceFault),
    /// The owner ended the flow, in these words.
    Ended(Close),
}

impl From<SourceFault> for Stop {
    fn from(fault: SourceFault) -> Self {
        Self::Fault(fault)
    }
}

enum Never {}

/// Why one session ended, and over which connection.
async fn run_session(ingest: Arc<PeerIngest>, kept: SharedStream, ticket: String) -> (Stop, String) {
    #[cfg(test)]
    assert_ne!(ticket, "panic", "injected");
    let limit = ingest.limits().connect;
    let Dialled { stream, local, camera } = match ingest.source.dial(&ticket, ingest.connector.as_ref(), limit).await {
        Ok(dialled) => dialled,
        Err(fault) => return (fault.into(), String::new()),
    };
    let mut kept = kept.lock().await;
    kept.begin_session();
    let mut session = Session::new(&ingest, stream, format!("{local} to {camera}"));
    let stop = match session.read(&mut kept).await {
        Ok(never) => match never {},
        Err(stop) => stop,
    };
    (stop, session.connection)
}

struct Session<'a> {
    ingest: &'a PeerIngest,
    stream: Box<dyn Stream>,
    /// Its two ends, as a packet capture shows them.
    connection: String,
    frames: PeerFrames,
    clock: PeerClock,
    pace: Pace,
    /// The byte, from the first message on, up to which messages were read.
    position: u64,
    heard: Instant,
    /// When the newest picture came, and how many bytes since.
    newest: Instant,
    bytes_since: u64,
    /// A picture of this session was shown.
    shown: bool,
    /// That no picture comes was told, and none came since.
    told_lost: bool,
    word_heard: Option<Instant>,
    pinged: Option<Instant>,
    pings: u64,
}

/// What a session's wait came to.
enum Came {
    Bytes(usize),
    Time,
    PingDue,
}

impl<'a> Session<'a> {
    fn new(ingest: &'a PeerIngest, stream: Box<dyn Stream>, connection: String) -> Self {
        let now = Instant::now();
        Self {
            ingest,
            stream,
            connection,
            frames: PeerFrames::new(ingest.limits().access_unit_bytes + BESIDE_A_PICTURE_BYTES),
            clock: PeerClock::default(),
            pace: Pace::default(),
            position: 0,
            heard: now,
            newest: now,
            bytes_since: 0,
            shown: false,
            told_lost: false,
            word_heard: None,
            pinged: None,
            pings: 0,
        }
    }

    async fn read(&mut self, kept: &mut PeerStream) -> Result<Never, Stop> {
        let cut = || SourceFault::PeerUnreachable("the connection was cut".to_owned());
        let mut bytes = vec![0; READ_BYTES];
        let mut pings = tokio::time::interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut turn_bytes = 0;
        loop {
            let due = self.silence()?;
            let came = tokio::select! {
                read = self.stream.read(&mut bytes) => match read {
                    Ok(0) | Err(_) => return Err(cut().into()),
                    Ok(read) => Came::Bytes(read),
                },
                () = tokio::time::sleep_until(due.into()) => Came::Time,
                _ = pings.tick() => Came::PingDue,
            };
            match came {
                Came::Bytes(read) => {
                    self.take(&bytes[..read], kept).await?;
                    turn_bytes += read;
                }
                Came::Time => {}
                Came::PingDue => self.ping().await?,
            }
            if turn_bytes >= READ_BYTES {
                // One that never pauses leaves their turns to all others.
                turn_bytes = 0;
                tokio::task::yield_now().await;
            }
        }
    }

    async fn take(&mut self, mut bytes: &[u8], kept: &mut PeerStream) -> Result<(), Stop> {
        self.heard = Instant::now();
        self.bytes_since += bytes.len() as u64;
        if self.bytes_since > self.ingest.limits().access_unit_bytes.saturating_mul(4) {
            return Err(self.unreadable(format!("no picture in {} bytes", self.bytes_since)));
        }
        loop {
            let before = bytes.len();
            let message = self.frames.take(&mut bytes).map_err(|why| self.unreadable(why))?;
            self.position += (before - bytes.len()) as u64;
            let Some(message) = message else { return Ok(()) };
            let heard = match message {
                FromPeer::Text(text) => kept.text(&text),
                FromPeer::Binary(message) => kept.binary(message, self.elapsed_us()),
                FromPeer::Ping(payload) => {
                    let answer = peer_frames::pong(&payload, mask()?);
                    self.send(&answer).await?;
                    continue;
                }
                FromPeer::Pong(payload) => {
                    self.answered(&payload);
                    continue;
                }
                FromPeer::Close(code, reason) => return Err(closed(code, &reason)),
            };
            let heard = heard.map_err(|why| self.unreadable(why))?;
            self.act_on(heard);
        }
    }

    fn act_on(&mut self, heard: Heard) {
        let feed = &self.ingest.feed;
        match heard {
            Heard::Nothing => {}
            Heard::Picture(picture) => {
                if std::mem::replace(&mut self.shown, true) {
                    self.pace.note(self.newest.elapsed());
                }
                self.newest = Instant::now();
                (self.bytes_since, self.told_lost) = (0, false);
                feed.push(picture);
            }
            Heard::Lost(cause, told) => {
                if self.word_heard.is_none_or(|heard| heard.elapsed() >= WORDS_EVERY) {
                    self.word_heard = Some(Instant::now());
                    self.told_lost = true;
                    feed.lost_for_long(cause, &detail(&SourceFault::AtOwner { cause, told }, &self.connection));
                }
            }
            Heard::Clock { unix_us: told, origin_offset_us } => {
                self.clock.told(told, origin_offset_us, unix_us());
                self.tell_offset();
            }
            Heard::FirstPictureIn { ms } => {
                if !self.shown {
                    feed.expect_first_picture(Duration::from_millis(ms));
                }
            }
        }
    }

    fn tell_offset(&self) {
        if let Some(offset) = self.clock.origin_offset_us() {
            self.ingest.feed.set_origin_offset_us(offset);
        }
    }

    /// The newest ping came back, by its number.
    fn answered(&mut self, payload: &[u8]) {
        if payload == self.pings.to_be_bytes()
            && let Some(pinged) = self.pinged.take()
        {
            self.clock.answered(i64::try_from(pinged.elapsed().as_micros()).unwrap_or(i64::MAX));
            self.tell_offset();
        }
    }

    async fn ping(&mut self) -> Result<(), Stop> {
        self.pings += 1;
        let frame = peer_frames::ping(&self.pings.to_be_bytes(), mask()?);
        self.pinged = Some(Instant::now());
        self.send(&frame).await
    }

    async fn send(&mut self, frame: &[u8]) -> Result<(), Stop> {
        let limit = self.ingest.limits().answer;
        let written = async {
            self.stream.write_all(frame).await?;
            self.stream.flush().await
        };
        match tokio::time::timeout(limit, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(SourceFault::PeerUnreachable(error.kind().to_string()).into()),
            Err(_) => Err(SourceFault::PeerSilent(ms(limit)).into()),
        }
    }

    /// Tells the viewers of a silence, the link's or the camera's; ends the session after a long one. Returns when to look
    /// again.
    fn silence(&mut self) -> Result<Instant, Stop> {
        let limits = self.ingest.limits();
        let quiet = self.heard.elapsed();
        if quiet >= limits.silence_ends {
            return Err(SourceFault::PeerSilent(ms(quiet)).into());
        }
        if quiet >= limits.silence_lost {
            self.tell(&SourceFault::PeerSilent(ms(quiet)));
            return Ok(self.heard + limits.silence_ends);
        }
        let next = self.heard + limits.silence_lost;
        if self.told_lost {
            return Ok(next);
        }
        let within = limits.silence_lost.max(self.pace.slow() * 2) + OWNER_TELLS_WITHIN;
        let silent = self.newest.elapsed();
        if silent < within {
            return Ok(next.min(self.newest + within));
        }
        self.tell(&SourceFault::Silent(ms(silent)));
        Ok(next)
    }

    fn tell(&mut self, fault: &SourceFault) {
        self.told_lost = true;
        self.ingest.feed.lost(fault.cause(), &detail(fault, &self.connection));
    }

    fn unreadable(&self, why: String) -> Stop {
        SourceFault::PeerUnreadable { why, position: self.position }.into()
    }

    fn elapsed_us(&self) -> i64 {
        i64::try_from(self.ingest.shared.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

fn mask() -> Result<[u8; 4], Stop> {
    let mut mask = [0; 4];
    getrandom::fill(&mut mask).map_err(|_| Stop::Fault(SourceFault::Internal))?;
    Ok(mask)
}

/// What the owner's close frame means: with its own codes the flow is over, save a ticket's; else another ticket may do.
fn closed(code: u16, reason: &str) -> Stop {
    let words = Members::read(reason).unwrap_or_default();
    let word = |name| words.text(name).filter(|word| is_code(word)).map(str::to_owned);
    match code {
        4402..=4999 => {
            let cause = word("cause").unwrap_or_else(|| UNKNOWN.to_owned());
            Stop::Ended(Close { code, cause, article: word("article") })
        }
        1001 => SourceFault::PeerUnreachable("it stops".to_owned()).into(),
        _ => SourceFault::PeerRefused(format!("closed with {code} {}", word("cause").unwrap_or_default())).into(),
    }
}

fn is_code(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    !word.is_empty() && word.len() <= CODE_BYTES_MAX && word.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_the_owners_own_codes_the_flow_is_over_and_with_others_another_ticket_may_do() {
        for (code, reason, cause, article) in [
            (4403, r#"{"cause": "suspended", "article": "vda-etat:art-3"}"#, "suspended", Some("vda-etat:art-3")),
            (4408, r#"{"cause": "deadline", "article": null}"#, "deadline", None),
            (4503, r#"{"cause": "<b>", "article": "a b"}"#, "unknown", None),
            (4409, "no object", "unknown", None),
        ] {
            let Stop::Ended(close) = closed(code, reason) else { panic!("{code}") };
            assert_eq!((close.code, close.cause.as_str(), close.article.as_deref()), (code, cause, article));
        }
        for code in [1000, 1001, 1005, 1008, 4401] {
            assert!(matches!(closed(code, "{}"), Stop::Fault(_)), "{code}");
        }
    }
}
