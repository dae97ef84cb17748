//! One camera's session: connect, play, read, reconnect. One task a camera supervises one task a session.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::timeout_at;
use tokio_rustls::TlsConnector;

use super::clock::ms;
use super::datagrams::{DATAGRAM_BYTES_MAX, Datagrams};
use super::feed::Feed;
use super::limits::IngestLimits;
use super::reading::{Kept, Reading, detail};
use super::source::{Dialled, Network, Source, Stream};
use crate::engine::SourceFault;
use crate::engine::oddities::Oddity;
use crate::engine::reorder::Reorder;
use crate::engine::rtsp_frames::{Frame, Splitter};
use crate::engine::rtsp_session::{Delivery, Habits, Next, Session};

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

type SharedKept = Arc<tokio::sync::Mutex<Kept>>;

/// Reads the camera for as long as it is wanted. Ends only when its task is aborted.
pub async fn keep(ingest: Arc<Ingest>) {
    let kept = Arc::new(tokio::sync::Mutex::new(Kept::new(&ingest.feed)));
    loop {
        while !ingest.warm && ingest.feed.viewers() == 0 {
            ingest.wanted.notified().await;
        }
        tokio::select! {
            () = reconnect(&ingest, &kept) => {}
            () = unwanted(&ingest) => {
                // The aborted session holds what is kept until it is gone: it pushes no picture after this.
                let _gone = kept.lock().await;
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
    nobody_watches(&ingest.feed, &ingest.wanted, ingest.limits.idle).await;
}

/// Returns once nobody has watched for `idle`.
pub(super) async fn nobody_watches(feed: &Feed, wanted: &Notify, idle: Duration) {
    loop {
        feed.no_viewer().await;
        tokio::select! {
            () = tokio::time::sleep(idle) => if feed.viewers() == 0 { return },
            () = wanted.notified() => {}
        }
    }
}

/// Ends a session's task with its owner.
pub(super) struct Aborts(pub tokio::task::AbortHandle);

impl Drop for Aborts {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn reconnect(ingest: &Arc<Ingest>, kept: &SharedKept) {
    let mut pause = ingest.limits.backoff_first;
    loop {
        ingest.feed.connecting();
        let left_alone = kept.lock().await.sessions.left_alone_for(Instant::now());
        if let Some((left, cause)) = left_alone {
            // Told to whoever came meanwhile, too.
            ingest.feed.lost(cause, &format!("dialled again in {} s", left.as_secs() + 1));
            tokio::time::sleep(left).await;
        }
        let began = Instant::now();
        let session = tokio::spawn(run_session(Arc::clone(ingest), Arc::clone(kept)));
        let _aborts = Aborts(session.abort_handle());
        // A panic ends this session only.
        let panicked = Ended { fault: SourceFault::Internal, connection: String::new(), left_alone: None };
        let ended = session.await.unwrap_or(panicked);
        let told = detail(&ended.fault, &ended.connection);
        match ended.left_alone {
            Some(left) => ingest
                .feed
                .lost_for_long(ended.fault.cause(), &format!("{told}; dialled again in {} s", left.as_secs())),
            None => ingest.feed.lost(ended.fault.cause(), &told),
        }
        if began.elapsed() > Duration::from_secs(10) {
            pause = ingest.limits.backoff_first;
        }
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(ingest.limits.backoff_max);
    }
}

/// Between half and the whole of `pause`.
pub(super) fn jittered(pause: Duration) -> Duration {
    let mut random = [0u8; 2];
    let _ = getrandom::fill(&mut random);
    pause / 2 + pause * u32::from(u16::from_be_bytes(random)) / 131_072
}

/// How a session ended, and over which connection.
struct Ended {
    fault: SourceFault,
    /// Its two ends, as a packet capture shows them; empty where there was none.
    connection: String,
    /// For how long the camera is not dialled.
    left_alone: Option<Duration>,
}

async fn run_session(ingest: Arc<Ingest>, kept: SharedKept) -> Ended {
    #[cfg(test)]
    assert_ne!(ingest.source.url.path(), "/panic", "injected");
    let Dialled { stream, local, camera } =
        match ingest.source.dial(&ingest.networks, ingest.connector.as_ref(), ingest.limits.connect).await {
            Ok(stream) => stream,
            Err(fault) => return Ended { fault, connection: String::new(), left_alone: None },
        };
    let mut kept = kept.lock().await;
    let ends = Ends { local: local.ip(), camera: camera.ip(), told: format!("{local} to {camera}") };
    let mut connection = Connection::new(&ingest, stream, ends, &kept.habits);
    let fault = match connection.play().await {
        Ok(()) => match connection.read_pictures(&mut kept).await {
            Ok(never) => match never {},
            Err(fault) => fault,
        },
        Err(fault) => fault,
    };
    connection.learn(&fault, &mut kept);
    connection.say_goodbye().await;
    let left_alone = match fault {
        SourceFault::Busy { status, retry_after_s, .. } => {
            kept.sessions.refused(status, retry_after_s, Instant::now(), ingest.limits.busy_max)
        }
        SourceFault::WrongPassword { .. } => kept.sessions.refused_login(Instant::now()),
        _ => None,
    };
    Ended { fault, connection: connection.ends.told, left_alone }
}

/// As much is read of a camera that never pauses before every other task had its turn.
const TURN_BYTES: usize = 64 * 1024;
/// How long a camera may take to answer OPTIONS before it is asked on without.
const OPTIONS_WITHIN: Duration = Duration::from_secs(1);
/// The most that is kept of what a camera sends before it has answered PLAY.
const EARLY_BYTES_MAX: usize = 1024 * 1024;
/// A camera that hangs up so soon behind a sign of life did not like it.
const HANGS_UP_WITHIN: Duration = Duration::from_secs(3);

pub enum Never {}

/// The two ends of a connection, and as a packet capture shows them.
struct Ends {
    local: IpAddr,
    camera: IpAddr,
    told: String,
}

struct Connection<'a> {
    ingest: &'a Ingest,
    stream: Box<dyn Stream>,
    ends: Ends,
    splitter: Splitter,
    session: Session,
    datagrams: Option<Datagrams>,
    /// Packets that came before the answer to PLAY: channel, packet, place.
    early: VecDeque<(u8, Bytes, u64)>,
    early_bytes: usize,
    /// Bytes read since all others had their turn.
    turn_bytes: usize,
    played: Option<Instant>,
    gave_sign_of_life: Option<Instant>,
}

impl<'a> Connection<'a> {
    fn new(ingest: &'a Ingest, stream: Box<dyn Stream>, ends: Ends, habits: &Habits) -> Self {
        let oddities = &ingest.feed.oddities;
        let source = &ingest.source;
        Self {
            ingest,
            stream,
            ends,
            splitter: Splitter::new(Arc::clone(oddities)),
            session: Session::new(source.url.clone(), source.credentials.clone(), habits, Arc::clone(oddities)),
            datagrams: None,
            early: VecDeque::new(),
            early_bytes: 0,
            turn_bytes: 0,
            played: None,
            gave_sign_of_life: None,
        }
    }

    /// From OPTIONS to the answer of PLAY; each answer has its own time limit, however slowly it trickles.
    async fn play(&mut self) -> Result<(), SourceFault> {
        let mut request = self.session.open().into_bytes();
        loop {
            let (step, limit) = (self.session.step(), self.ingest.limits.answer);
            let limit = if self.session.asks_options() { limit.min(OPTIONS_WITHIN) } else { limit };
            let by = tokio::time::Instant::now() + limit;
            let answered = match timeout_at(by, self.exchange(&request)).await {
                Err(_) if self.session.asks_options() => {
                    request = self.session.skip_options().into_bytes();
                    continue;
                }
                answered => answered.unwrap_or(Err(SourceFault::TimedOut { step, limit_ms: ms(limit) }))?,
            };
            request = match answered {
                Next::Send(next) => next,
                Next::NeedsPorts => self.datagram_request().await?,
                Next::Playing => {
                    self.played = Some(Instant::now());
                    return Ok(());
                }
                Next::Nothing => return Err(SourceFault::Unreadable(format!("{step} answered out of order"))),
            };
        }
    }

    /// Asks for datagrams, to ports that are ours from now on.
    async fn datagram_request(&mut self) -> Result<Vec<u8>, SourceFault> {
        let no_ports = |error: std::io::Error| SourceFault::Unreachable(format!("no ports: {}", error.kind()));
        let datagrams = Datagrams::bind(self.ends.local, self.ends.camera).await.map_err(no_ports)?;
        let request = self.session.set_up_over_udp(datagrams.ports().map_err(no_ports)?);
        self.datagrams = Some(datagrams);
        Ok(request.into_bytes())
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Next, SourceFault> {
        self.send(request).await?;
        loop {
            while let Some(frame) = self.splitter.next_frame()? {
                match frame {
                    Frame::Message(rtsp_types::Message::Response(response)) => match self.session.answer(&response)? {
                        Next::Nothing => {}
                        next => return Ok(next),
                    },
                    Frame::Message(_) => {}
                    Frame::Interleaved { channel, packet, position } => self.keep_early(channel, &packet, position),
                }
            }
            self.read().await?;
        }
    }

    /// Some cameras send before they answer PLAY: their first pictures are not lost.
    fn keep_early(&mut self, channel: u8, packet: &Bytes, position: u64) {
        if self.early_bytes + packet.len() <= EARLY_BYTES_MAX {
            self.early_bytes += packet.len();
            // A copy: the packet would hold the whole of the read that it came with.
            self.early.push_back((channel, Bytes::copy_from_slice(packet), position));
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

    async fn read_pictures(&mut self, kept: &mut Kept) -> Result<Never, SourceFault> {
        let video = self.session.video().ok_or(SourceFault::NoVideo)?.clone();
        let rtp_channel = match self.session.delivery() {
            Delivery::Interleaved { rtp_channel } => rtp_channel,
            Delivery::Datagrams { server_ports } => {
                self.ingest.feed.oddities.count(Oddity::OverUdp);
                if let (Some(datagrams), Some(ports)) = (&self.datagrams, server_ports) {
                    datagrams.open_way(ports).await;
                }
                0
            }
        };
        let mut reading = Reading::new(
            &video,
            rtp_channel,
            &self.ingest.feed,
            self.ingest.limits,
            self.ingest.started,
            &self.ends.told,
        );
        kept.muxer.begin_session(video.clock_rate_hz);
        if !self.early.is_empty() {
            self.ingest.feed.oddities.count(Oddity::EarlyPackets);
        }
        for (channel, packet, position) in std::mem::take(&mut self.early) {
            reading.take(channel, position, &packet, kept)?;
        }
        let mut sign_of_life = tokio::time::interval(Duration::from_millis(self.session.sign_of_life_every_ms()));
        sign_of_life.reset();
        let mut reorder = Reorder::new(Arc::clone(&self.ingest.feed.oddities));
        let size = if self.datagrams.is_some() { DATAGRAM_BYTES_MAX } else { 0 };
        let (mut rtp, mut rtcp, mut in_order) = (vec![0; size], vec![0; size], Vec::new());
        loop {
            while let Some(frame) = self.splitter.next_frame()? {
                match frame {
                    Frame::Interleaved { channel, packet, position } => {
                        reading.take(channel, position, &packet, kept)?;
                    }
                    Frame::Message(rtsp_types::Message::Response(response)) => {
                        if let Next::Send(again) = self.session.answer(&response)? {
                            self.send_within(&again).await?;
                        }
                    }
                    Frame::Message(_) => {}
                }
            }
            let silent = reading.silence(kept.pace)?;
            let overdue = reorder.due_us().map_or(silent, |due| silent.min(self.ingest.at_us(due)));
            let overdue = reading.settles_at().map_or(overdue, |due| overdue.min(due));
            let datagrams = self.datagrams.take();
            let came = tokio::select! {
                read = self.read() => Came::Bytes(read?),
                received = receive(datagrams.as_ref(), &mut rtp, &mut rtcp) => Came::Datagram(received?),
                () = tokio::time::sleep_until(overdue.into()) => Came::Time,
                _ = sign_of_life.tick() => Came::SignOfLifeDue,
            };
            self.datagrams = datagrams;
            let now_us = self.ingest.elapsed_us();
            match came {
                Came::Bytes(read) => reading.count(read)?,
                Came::Datagram((true, size)) => {
                    reading.count(size as u64)?;
                    reorder.push(&rtp[..size], now_us, &mut in_order);
                }
                Came::Datagram((false, size)) => {
                    reading.count(size as u64)?;
                    reading.take(rtp_channel + 1, 0, &rtcp[..size], kept)?;
                }
                Came::Time => reading.settle(kept),
                Came::SignOfLifeDue => {
                    if let Some(request) = self.session.keep_alive() {
                        self.gave_sign_of_life = Some(Instant::now());
                        self.send_within(request.as_bytes()).await?;
                    }
                }
            }
            reorder.release_overdue(now_us, &mut in_order);
            for packet in in_order.drain(..) {
                reading.take(rtp_channel, 0, &packet, kept)?;
            }
        }
    }

    /// What this session's end teaches for the next one.
    fn learn(&self, fault: &SourceFault, kept: &mut Kept) {
        if self.played.is_some() {
            kept.sessions.ended(Duration::from_millis(self.session.timeout_ms()), Instant::now());
        }
        let habits = &mut kept.habits;
        let hung_up = matches!(fault, SourceFault::Closed { .. });
        if self.session.asks_options() && (hung_up || matches!(fault, SourceFault::Unreadable(_))) {
            habits.no_options = true;
        }
        let (true, Some(played)) = (hung_up, self.played) else { return };
        match (self.gave_sign_of_life, self.session.sign_of_life()) {
            (Some(given), Some(sign)) => {
                // Hung up on at once; or when its time-out was over, as if none had been given.
                let timeout = Duration::from_millis(self.session.timeout_ms());
                let since = played.elapsed();
                let in_vain = since >= timeout.mul_f64(0.9) && since <= timeout.mul_f64(1.3);
                if given.elapsed() <= HANGS_UP_WITHIN || in_vain {
                    habits.deaf_to.push(sign);
                }
            }
            // Without any it hangs up too.
            (None, None) => habits.deaf_to.clear(),
            _ => {}
        }
    }

    async fn say_goodbye(&mut self) {
        let request = self.session.tear_down();
        let _ = tokio::time::timeout(Duration::from_millis(200), self.send(request.as_bytes())).await;
    }
}

/// What a session's wait came to.
enum Came {
    Bytes(u64),
    /// Whether it is RTP, and its size.
    Datagram((bool, usize)),
    Time,
    SignOfLifeDue,
}

async fn receive(datagrams: Option<&Datagrams>, rtp: &mut [u8], rtcp: &mut [u8]) -> Result<(bool, usize), SourceFault> {
    match datagrams {
        None => std::future::pending().await,
        Some(datagrams) => {
            let failed = |error: std::io::Error| SourceFault::Unreachable(format!("datagrams: {}", error.kind()));
            datagrams.receive(rtp, rtcp).await.map_err(failed)
        }
    }
}

impl Ingest {
    /// Microseconds since the relay's start, by a clock that never steps.
    pub fn elapsed_us(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn at_us(&self, us: i64) -> Instant {
        self.started + Duration::from_micros(u64::try_from(us).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
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
                busy_max: second,
                idle: second,
                idle_peer: second,
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
        let ends = Ends { local: [127, 0, 0, 1].into(), camera: [127, 0, 0, 1].into(), told: String::new() };
        let mut kept = Kept::new(&ingest.feed);
        kept.habits.no_options = true;
        let mut connection = Connection::new(&ingest, Box::new(flood), ends, &kept.habits);
        let fault = match connection.play().await {
            Ok(()) => connection.read_pictures(&mut kept).await.err().unwrap(),
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
