//! One camera's session: connect, play, read, reconnect. One task a camera supervises one task a session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::timeout_at;
use tokio_rustls::TlsConnector;

use super::clock::{ms, unix_us};
use super::feed::Feed;
use super::limits::IngestLimits;
use super::source::{Dialled, Network, Source, Stream};
use crate::engine::SourceFault;
use crate::engine::access_units::{AccessUnit, AccessUnits};
use crate::engine::capture_clock::{CaptureClock, read_sender_report};
use crate::engine::muxer::Muxer;
use crate::engine::rtsp_frames::{Frame, Splitter};
use crate::engine::rtsp_session::{Next, Session};

/// A camera as the relay reads it.
pub struct Ingest {
    pub feed: Arc<Feed>,
    pub source: Source,
    pub connector: Option<TlsConnector>,
    pub networks: Arc<[Network]>,
    pub limits: IngestLimits,
    pub warm: bool,
    /// Raised when a viewer comes.
    pub wanted: Arc<Notify>,
    pub started: Instant,
}

/// Reads the camera for as long as it is wanted. Ends only when its task is aborted.
pub async fn keep(ingest: Arc<Ingest>) {
    let muxer = Arc::new(tokio::sync::Mutex::new(Muxer::new()));
    loop {
        while !ingest.warm && ingest.feed.viewers() == 0 {
            ingest.wanted.notified().await;
        }
        tokio::select! {
            () = reconnect(&ingest, &muxer) => {}
            () = unwanted(&ingest) => {
                // The aborted session holds the muxer until it is gone: it pushes no picture after this.
                let _gone = muxer.lock().await;
                ingest.feed.idle();
            }
        }
    }
}

/// Returns once nobody has watched an on-demand camera for `idle`.
async fn unwanted(ingest: &Ingest) {
    if ingest.warm {
        return std::future::pending().await;
    }
    loop {
        ingest.feed.no_viewer().await;
        tokio::select! {
            () = tokio::time::sleep(ingest.limits.idle) => if ingest.feed.viewers() == 0 { return },
            () = ingest.wanted.notified() => {}
        }
    }
}

/// Ends a session's task with its owner.
struct Aborts(tokio::task::AbortHandle);

impl Drop for Aborts {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn reconnect(ingest: &Arc<Ingest>, muxer: &Arc<tokio::sync::Mutex<Muxer>>) {
    let mut pause = ingest.limits.backoff_first;
    loop {
        ingest.feed.connecting();
        let began = Instant::now();
        let session = tokio::spawn(run_session(Arc::clone(ingest), Arc::clone(muxer)));
        let _aborts = Aborts(session.abort_handle());
        // A panic ends this session only.
        let ended = session.await.unwrap_or(Ended { fault: SourceFault::Internal, connection: String::new() });
        ingest.feed.lost(ended.fault.cause(), &ended.to_string());
        if began.elapsed() > Duration::from_secs(10) {
            pause = ingest.limits.backoff_first;
        }
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(ingest.limits.backoff_max);
    }
}

/// Between half and the whole of `pause`.
fn jittered(pause: Duration) -> Duration {
    let mut random = [0u8; 2];
    let _ = getrandom::fill(&mut random);
    pause / 2 + pause * u32::from(u16::from_be_bytes(random)) / 131_072
}

/// How a session ended, and over which connection.
struct Ended {
    fault: SourceFault,
    /// Its two ends, as a packet capture shows them; empty where there was none.
    connection: String,
}

/// A camera's words are in some faults: so much of them is told.
const DETAIL_CHARACTERS_MAX: usize = 300;

impl std::fmt::Display for Ended {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fault: String = self.fault.to_string().chars().take(DETAIL_CHARACTERS_MAX).collect();
        formatter.write_str(&fault)?;
        if self.connection.is_empty() { Ok(()) } else { write!(formatter, " ({})", self.connection) }
    }
}

async fn run_session(ingest: Arc<Ingest>, muxer: Arc<tokio::sync::Mutex<Muxer>>) -> Ended {
    #[cfg(test)]
    assert_ne!(ingest.source.url.path(), "/panic", "injected");
    let Dialled { stream, local, camera } =
        match ingest.source.dial(&ingest.networks, ingest.connector.as_ref(), ingest.limits.connect).await {
            Ok(stream) => stream,
            Err(fault) => return Ended { fault, connection: String::new() },
        };
    let told = format!("{local} to {camera}");
    let mut muxer = muxer.lock().await;
    let mut connection = Connection::new(&ingest, stream, told);
    let fault = match connection.play().await {
        Ok(()) => match connection.read_pictures(&mut muxer).await {
            Ok(never) => match never {},
            Err(fault) => fault,
        },
        Err(fault) => fault,
    };
    connection.say_goodbye().await;
    Ended { fault, connection: connection.ends }
}

/// As much is read of a camera that never pauses before every other task had its turn.
const TURN_BYTES: usize = 64 * 1024;

enum Never {}

struct Connection<'a> {
    ingest: &'a Ingest,
    stream: Box<dyn Stream>,
    /// Its two ends, as a packet capture shows them.
    ends: String,
    splitter: Splitter,
    session: Session,
    /// Bytes read since all others had their turn.
    turn_bytes: usize,
}

impl<'a> Connection<'a> {
    fn new(ingest: &'a Ingest, stream: Box<dyn Stream>, ends: String) -> Self {
        let session = Session::new(ingest.source.url.clone(), ingest.source.credentials.clone());
        Self { ingest, stream, ends, splitter: Splitter::default(), session, turn_bytes: 0 }
    }

    /// From DESCRIBE to the answer of PLAY; each answer has its own time limit, however slowly it trickles.
    async fn play(&mut self) -> Result<(), SourceFault> {
        let mut request = self.session.open()?;
        loop {
            let step = self.session.step();
            let limit = self.ingest.limits.answer;
            let by = tokio::time::Instant::now() + limit;
            let answered = timeout_at(by, self.exchange(&request)).await;
            match answered.unwrap_or(Err(SourceFault::TimedOut { step, limit_ms: ms(limit) }))? {
                Next::Send(next) => request = next,
                Next::Playing => return Ok(()),
                Next::Nothing => return Err(SourceFault::Unreadable(format!("{step} answered out of order"))),
            }
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Next, SourceFault> {
        self.send(request).await?;
        loop {
            while let Some(frame) = self.splitter.next_frame()? {
                // Some cameras send RTP before they answer PLAY.
                if let Frame::Message(rtsp_types::Message::Response(response)) = frame {
                    return self.session.answer(&response);
                }
            }
            self.read().await?;
        }
    }

    async fn send(&mut self, request: &[u8]) -> Result<(), SourceFault> {
        let step = self.session.step();
        let closed = |_| SourceFault::Closed { step };
        self.stream.write_all(request).await.map_err(closed)?;
        self.stream.flush().await.map_err(closed)
    }

    /// Sends to a camera that plays, which may have stopped reading.
    async fn send_within(&mut self, request: &[u8]) -> Result<(), SourceFault> {
        let (step, limit) = (self.session.step(), self.ingest.limits.answer);
        let written = tokio::time::timeout(limit, self.send(request)).await;
        written.map_err(|_| SourceFault::TimedOut { step, limit_ms: ms(limit) })?
    }

    /// Reads once; may be dropped while it waits.
    async fn read(&mut self) -> Result<u64, SourceFault> {
        if self.turn_bytes >= TURN_BYTES {
            self.turn_bytes = 0;
            tokio::task::yield_now().await;
        }
        match self.stream.read_buf(self.splitter.buffer()).await {
            Ok(0) | Err(_) => Err(SourceFault::Closed { step: self.session.step() }),
            Ok(read) => {
                self.turn_bytes += read;
                Ok(read as u64)
            }
        }
    }

    async fn read_pictures(&mut self, muxer: &mut Muxer) -> Result<Never, SourceFault> {
        let video = self.session.video().ok_or(SourceFault::NoVideo)?.clone();
        let mut reading = Reading {
            units: AccessUnits::new(&video, self.session.rtp_channel(), self.ingest.limits.access_unit_bytes)?,
            clock: CaptureClock::new(video.clock_rate_hz),
            completed: Vec::new(),
            rtp_channel: self.session.rtp_channel(),
            rtcp_channel: self.session.rtcp_channel(),
            newest: Instant::now(),
            bytes_since: 0,
            shown: false,
            waits_since: None,
            told: false,
        };
        muxer.begin_session(video.clock_rate_hz);
        let mut keep_alive = tokio::time::interval(Duration::from_secs(self.session.keep_alive_every_s()));
        keep_alive.reset();
        loop {
            while let Some(frame) = self.splitter.next_frame()? {
                match frame {
                    Frame::Interleaved { channel, packet, position } => {
                        reading.take(channel, position, &packet, muxer, self.ingest)?;
                    }
                    Frame::Message(rtsp_types::Message::Response(response)) => {
                        if let Next::Send(again) = self.session.answer(&response)? {
                            self.send_within(&again).await?;
                        }
                    }
                    Frame::Message(_) => {}
                }
            }
            let silent = reading.silence(self.ingest)?;
            tokio::select! {
                read = self.read() => reading.heard(read?, self.ingest.limits.access_unit_bytes)?,
                () = tokio::time::sleep_until(silent.into()) => {}
                _ = keep_alive.tick() => {
                    let request = self.session.keep_alive()?;
                    self.send_within(&request).await?;
                }
            }
        }
    }

    async fn say_goodbye(&mut self) {
        if let Ok(request) = self.session.tear_down() {
            let _ = tokio::time::timeout(Duration::from_millis(200), self.send(&request)).await;
        }
    }
}

/// What is read of a camera that plays.
struct Reading {
    units: AccessUnits,
    clock: CaptureClock,
    completed: Vec<AccessUnit>,
    rtp_channel: u8,
    rtcp_channel: u8,
    /// When the newest access unit was complete.
    newest: Instant,
    /// Bytes of whatever kind since then.
    bytes_since: u64,
    /// A picture of this session was shown.
    shown: bool,
    /// Since when coded pictures come and none can be shown, for want of an entry point.
    waits_since: Option<Instant>,
    /// That no picture comes was told, and none came since.
    told: bool,
}

impl Reading {
    /// Counts what was read: nothing, however small, is listened to for ever without a picture.
    fn heard(&mut self, bytes: u64, access_unit_bytes_max: u64) -> Result<(), SourceFault> {
        self.bytes_since += bytes;
        if self.bytes_since > access_unit_bytes_max.saturating_mul(4) {
            return Err(self.units.why_none().unwrap_or(SourceFault::NoPicture { bytes: self.bytes_since }));
        }
        Ok(())
    }

    fn take(
        &mut self,
        channel: u8,
        position: u64,
        packet: &[u8],
        muxer: &mut Muxer,
        ingest: &Ingest,
    ) -> Result<(), SourceFault> {
        let arrived_unix_us = unix_us();
        if channel != self.rtp_channel {
            let report = if channel == self.rtcp_channel { read_sender_report(packet) } else { None };
            match report {
                Some((rtp_time, ntp)) => self.clock.sender_report(self.units.place(rtp_time), ntp, arrived_unix_us),
                None => self.units.note_elsewhere(channel, position, packet),
            }
            return Ok(());
        }
        self.units.push(packet, position, &mut self.completed)?;
        for unit in self.completed.drain(..) {
            self.newest = Instant::now();
            self.bytes_since = 0;
            let captured = self.clock.captured(unit.rtp_time, arrived_unix_us);
            let arrived_us = i64::try_from(ingest.started.elapsed().as_micros()).unwrap_or(i64::MAX);
            match muxer.picture(&unit, captured, arrived_us) {
                Some(picture) => {
                    (self.shown, self.waits_since, self.told) = (true, None, false);
                    ingest.feed.push(picture);
                }
                None => self.waits_since = self.waits_since.or(Some(self.newest)),
            }
        }
        Ok(())
    }

    /// Tells the viewers of a silence, or of pictures that nobody can enter; ends the session after a long silence.
    /// Returns when to look again.
    fn silence(&mut self, ingest: &Ingest) -> Result<Instant, SourceFault> {
        let silent = self.newest.elapsed();
        let limits = &ingest.limits;
        if silent >= limits.silence_ends {
            return Err(self.why_silent(silent));
        }
        if silent >= limits.silence_lost {
            let fault = self.why_silent(silent);
            self.tell(ingest, &fault);
            return Ok(self.newest + limits.silence_ends);
        }
        let next = self.newest + limits.silence_lost;
        let Some(since) = self.waits_since else { return Ok(next) };
        // A camera with long groups of pictures is waited for: what it sends is read on, and may be shown yet. After a
        // loss the last picture stands meanwhile, and is given as long as a silence.
        let limit = if self.shown { limits.silence_ends } else { limits.entry_point };
        let waited = since.elapsed();
        if waited < limit {
            return Ok(next.min(since + limit));
        }
        self.tell(ingest, &SourceFault::NoEntryPoint { ms: ms(waited) });
        Ok(next)
    }

    fn why_silent(&self, silent: Duration) -> SourceFault {
        self.units.why_none().unwrap_or(SourceFault::Silent(ms(silent)))
    }

    fn tell(&mut self, ingest: &Ingest, fault: &SourceFault) {
        if !std::mem::replace(&mut self.told, true) {
            ingest.feed.lost(fault.cause(), &fault.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::pin::Pin;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::task::{Context, Poll};

    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    use super::super::events::Events;
    use super::super::locks::locked;
    use super::*;
    use crate::engine::pictures;

    const AU_BYTES: u64 = 64 * 1024;
    const DESCRIPTION: &str =
        "v=0\r\no=- 0 0 IN IP4 1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";

    /// A camera that answers up to PLAY and then says the same again and again, as fast as it is read.
    struct Flood {
        answers: VecDeque<String>,
        said: Vec<u8>,
        bytes_read: Arc<AtomicU64>,
    }

    impl AsyncRead for Flood {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            into: &mut ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            if let Some(answer) = self.answers.pop_front() {
                into.put_slice(answer.as_bytes());
            } else if self.bytes_read.load(Relaxed) < 64 * AU_BYTES {
                let whole = into.remaining() / self.said.len() * self.said.len();
                into.put_slice(&self.said.repeat(whole / self.said.len()));
                self.bytes_read.fetch_add(whole as u64, Relaxed);
            }
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Flood {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn ingest() -> Ingest {
        let limits = pictures::Limits { pictures: 100, bytes: 1 << 20 };
        let second = Duration::from_secs(1);
        Ingest {
            feed: Arc::new(Feed::new("cam", limits, Arc::new(Events::new(9).unwrap()))),
            source: Source::new("rtsp://127.0.0.1/", None, None).unwrap(),
            connector: None,
            networks: Arc::new([]),
            limits: IngestLimits {
                connect: 60 * second,
                answer: 60 * second,
                silence_lost: 60 * second,
                silence_ends: 60 * second,
                entry_point: 60 * second,
                access_unit_bytes: AU_BYTES,
                backoff_first: second,
                backoff_max: second,
                idle: second,
            },
            warm: true,
            wanted: Arc::default(),
            started: Instant::now(),
        }
    }

    /// Reads such a camera to its end beside another task; returns the fault, the bytes, the other task's turns.
    async fn flooded(answers: usize, said: &[u8]) -> (SourceFault, u64, u64) {
        let ingest = ingest();
        let body = format!("Content-Length: {}\r\n\r\n{DESCRIPTION}", DESCRIPTION.len());
        let answers = [
            format!("RTSP/1.0 200 OK\r\nCSeq: 1\r\n{body}"),
            "RTSP/1.0 200 OK\r\nCSeq: 2\r\nSession: 1\r\n\r\n".to_owned(),
            "RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n".to_owned(),
        ]
        .into_iter()
        .take(answers)
        .collect();
        let bytes_read = Arc::new(AtomicU64::new(0));
        let flood = Flood { answers, said: said.to_vec(), bytes_read: Arc::clone(&bytes_read) };
        let turns = Arc::new(Mutex::new(0u64));
        let counted = Arc::clone(&turns);
        let other = tokio::spawn(async move {
            loop {
                *locked(&counted) += 1;
                tokio::task::yield_now().await;
            }
        });
        let mut connection = Connection::new(&ingest, Box::new(flood), String::new());
        let fault = match connection.play().await {
            Ok(()) => connection.read_pictures(&mut Muxer::new()).await.err().unwrap(),
            Err(fault) => fault,
        };
        other.abort();
        let turns = *locked(&turns);
        (fault, bytes_read.load(Relaxed), turns)
    }

    /// Frames of no picture: empty packets, answers to nothing, requests.
    const SMALL: [&[u8]; 3] =
        [b"$\x09\0\0", b"RTSP/1.0 200 OK\r\nCSeq: 0\r\n\r\n", b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"];

    #[tokio::test]
    async fn what_never_makes_a_picture_ends_the_session_however_small_its_frames() {
        for said in SMALL {
            let (fault, bytes, _) = flooded(3, said).await;
            assert_eq!(fault.cause().code(), "no-picture", "{}", said.escape_ascii());
            assert!(bytes < 5 * AU_BYTES, "{bytes}");
        }
    }

    #[tokio::test]
    async fn a_camera_that_never_pauses_leaves_their_turns_to_all_others() {
        for (answers, said) in SMALL.into_iter().map(|said| (3, said)).chain([(0, SMALL[0])]) {
            let (_, bytes, turns) = flooded(answers, said).await;
            assert!(
                turns >= bytes / (4 * TURN_BYTES as u64),
                "{turns} turns in {bytes} bytes: {}",
                said.escape_ascii()
            );
        }
    }
}
