//! One client's connection: RTSP requests in, answers and packets out.
//!
//! One session a connection; it ends with the connection. The state changes only in this task.
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::{Buf, BytesMut};
use rtsp_types::{HeaderName, HeaderValue, Message, Method, ParseError, Request, Response, StatusCode, headers};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, mpsc},
    time::{Instant, sleep_until, timeout},
};

use crate::{
    digest::Challenger,
    path::{FirstPacket, Path},
    request::{Delivery, delivery, path_name},
    rtcp,
    rtp::Packets,
    sdp::TRACK,
    server::Shared,
};

/// Bytes of a message not yet whole: more is an attack or not RTSP.
const REQUEST_BYTES_MAX: usize = 64 * 1024;
const SESSION_TIMEOUT: Duration = Duration::from_secs(60);
/// A client that takes nothing for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
const REPORT_INTERVAL: Duration = Duration::from_secs(2);
const METHODS: &str = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER";

type Answer = Response<Vec<u8>>;

/// How a connection ends.
enum End {
    /// In order: the client left, timed out, or sent what is not RTSP.
    Closed,
    /// With a TCP reset: the camera went away.
    Reset,
}

struct Session {
    id: String,
    path: Arc<Path>,
    delivery: Delivery,
    packets: Option<mpsc::Receiver<Arc<Packets>>>,
    reported: Option<Instant>,
}

/// Everything but the socket, so that it can be lent apart from it.
struct Dialogue {
    id: u64,
    shared: Arc<Shared>,
    challenger: Challenger,
    reset: Arc<Notify>,
    local: SocketAddr,
    peer: IpAddr,
    /// The path this connection named last; left when the dialogue is dropped.
    entered: Option<Arc<Path>>,
    session: Option<Session>,
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        if let Some(path) = self.entered.take() {
            path.leave(self.id);
        }
    }
}

/// Serves one client until it leaves or its camera vanishes.
pub(crate) async fn serve(mut stream: TcpStream, id: u64, shared: Arc<Shared>) {
    let (Ok(local), Ok(peer), Ok(challenger)) = (stream.local_addr(), stream.peer_addr(), Challenger::new()) else {
        return;
    };
    let mut dialogue = Dialogue {
        id,
        shared,
        challenger,
        reset: Arc::new(Notify::new()),
        local,
        peer: peer.ip(),
        entered: None,
        session: None,
    };
    let _ = stream.set_nodelay(true);
    let reset = Arc::clone(&dialogue.reset);
    let end = tokio::select! {
        biased;
        () = reset.notified() => End::Reset,
        end = converse(&mut stream, &mut dialogue) => end,
    };
    if matches!(end, End::Reset) {
        let _ = stream.set_zero_linger();
    }
}

async fn converse(stream: &mut TcpStream, dialogue: &mut Dialogue) -> End {
    let (mut reader, mut writer) = stream.split();
    let mut inbox = BytesMut::with_capacity(2048);
    let mut heard = Instant::now();
    loop {
        let deadline = heard + dialogue.patience();
        let written = tokio::select! {
            read = reader.read_buf(&mut inbox) => {
                if !matches!(read, Ok(1..)) {
                    return End::Closed;
                }
                heard = Instant::now();
                let mut outbox = Vec::new();
                let end = dialogue.hear(&mut inbox, &mut outbox);
                let written = timeout(WRITE_TIMEOUT, writer.write_all(&outbox)).await;
                if let Some(end) = end {
                    return end;
                }
                written
            }
            Some((session, packets)) = next_packets(&mut dialogue.session) => {
                match session.delivery {
                    Delivery::Interleaved { rtp, rtcp } => {
                        let bytes = interleave(&packets, session.report_due(), rtp, rtcp);
                        timeout(WRITE_TIMEOUT, writer.write_all(&bytes)).await
                    }
                    Delivery::Datagrams { rtp, rtcp } => {
                        let report_due = session.report_due();
                        dialogue.shared.datagrams.send(&packets, report_due, rtp, rtcp).await;
                        Ok(Ok(()))
                    }
                }
            }
            () = sleep_until(deadline) => return End::Closed,
        };
        if !matches!(written, Ok(Ok(()))) {
            return End::Closed;
        }
    }
}

async fn next_packets(session: &mut Option<Session>) -> Option<(&mut Session, Arc<Packets>)> {
    let session = session.as_mut()?;
    let packets = session.packets.as_mut()?.recv().await?;
    Some((session, packets))
}

fn interleave(packets: &Packets, report_due: bool, rtp: u8, rtcp: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(packets.rtp.iter().map(|packet| packet.len() + 4).sum::<usize>() + 64);
    let mut frame = |channel: u8, packet: &[u8]| {
        // Packets are at most 1,412 bytes, so their length fits.
        let length = u16::try_from(packet.len()).unwrap_or_default();
        bytes.extend_from_slice(&[b'$', channel]);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(packet);
    };
    if report_due {
        frame(rtcp, &rtcp::sender_report(&packets.report, now_us()));
    }
    for packet in &packets.rtp {
        frame(rtp, packet);
    }
    bytes
}

impl Session {
    fn report_due(&mut self) -> bool {
        let now = Instant::now();
        let due = self.reported.is_none_or(|at| now - at >= REPORT_INTERVAL);
        if due {
            self.reported = Some(now);
        }
        due
    }
}

impl Dialogue {
    /// How long this client may stay silent.
    fn patience(&self) -> Duration {
        match &self.session {
            // TCP itself tells that an interleaved client is gone.
            Some(Session { packets: Some(_), delivery: Delivery::Interleaved { .. }, .. }) => {
                Duration::from_secs(86_400)
            }
            Some(_) => SESSION_TIMEOUT * 2,
            None => SESSION_TIMEOUT,
        }
    }

    /// Takes every whole message out of `inbox` and writes the answers to `outbox`.
    fn hear(&mut self, inbox: &mut BytesMut, outbox: &mut Vec<u8>) -> Option<End> {
        loop {
            if inbox.is_empty() {
                return None;
            }
            match Message::<Vec<u8>>::parse(&inbox[..]) {
                Ok((message, taken)) => {
                    inbox.advance(taken);
                    // Receiver reports and answers need none.
                    if let Message::Request(request) = message {
                        let teardown = request.method() == Method::Teardown;
                        match self.answer(&request) {
                            Some(answer) => write(&answer, outbox),
                            None => return Some(End::Reset),
                        }
                        if teardown && self.session.is_none() {
                            return Some(End::Closed);
                        }
                    }
                }
                Err(ParseError::Incomplete(_)) if inbox.len() <= REQUEST_BYTES_MAX => return None,
                Err(_) => return Some(End::Closed),
            }
        }
    }

    /// Answers a request, or None where the camera is away.
    fn answer(&mut self, request: &Request<Vec<u8>>) -> Option<Answer> {
        if request.method() == Method::Options {
            let answer = reply(request, StatusCode::Ok);
            return Some(with(answer, headers::PUBLIC, METHODS));
        }
        let named = path_name(request).and_then(|name| self.shared.asked(&name));
        let Some(path) = named.or_else(|| self.session.as_ref().map(|session| Arc::clone(&session.path))) else {
            return Some(reply(request, StatusCode::NotFound));
        };
        if !self.enter(&path) {
            return None;
        }
        if let Some(credentials) = path.credentials() {
            let proof = request.header(&headers::AUTHORIZATION).map_or("", HeaderValue::as_str);
            if !self.challenger.accepts(proof, request.method().into(), &credentials) {
                let answer = reply(request, StatusCode::Unauthorized);
                return Some(with(answer, headers::WWW_AUTHENTICATE, &self.challenger.challenge()));
            }
        }
        Some(self.perform(request, path))
    }

    fn enter(&mut self, path: &Arc<Path>) -> bool {
        if self.session.is_none()
            && let Some(left) = self.entered.take_if(|entered| !Arc::ptr_eq(entered, path))
        {
            left.leave(self.id);
        }
        let entered = path.enter(self.id, &self.reset);
        if entered && self.entered.is_none() {
            self.entered = Some(Arc::clone(path));
        }
        entered
    }

    fn perform(&mut self, request: &Request<Vec<u8>>, path: Arc<Path>) -> Answer {
        if let Some(session) = &self.session
            && !Arc::ptr_eq(&session.path, &path)
        {
            path.leave(self.id);
            return reply(request, StatusCode::AggregateOperationNotAllowed);
        }
        match request.method() {
            Method::Describe => self.describe(request, &path),
            Method::Setup => self.set_up(request, path),
            Method::Play => self.in_session(request, Self::play),
            Method::Pause => self.in_session(request, Self::pause),
            Method::Teardown => self.in_session(request, Self::tear_down),
            Method::GetParameter | Method::SetParameter => {
                let answer = reply(request, StatusCode::Ok);
                match &self.session {
                    Some(session) => with(answer, headers::SESSION, &session.id),
                    None => answer,
                }
            }
            _ => with(reply(request, StatusCode::MethodNotAllowed), headers::ALLOW, METHODS),
        }
    }

    fn describe(&self, request: &Request<Vec<u8>>, path: &Path) -> Answer {
        let base = format!("rtsp://{}/{}/", self.local, path.name());
        let answer = reply(request, StatusCode::Ok).replace_body(path.describe(self.local.ip()));
        with(with(answer, headers::CONTENT_TYPE, "application/sdp"), headers::CONTENT_BASE, &base)
    }

    fn set_up(&mut self, request: &Request<Vec<u8>>, path: Arc<Path>) -> Answer {
        if self.session.as_ref().is_some_and(|session| session.packets.is_some()) {
            return reply(request, StatusCode::MethodNotValidInThisState);
        }
        let Some(delivery) = delivery(request, self.peer) else {
            return reply(request, StatusCode::UnsupportedTransport);
        };
        let Ok(id) = getrandom::u64() else {
            return reply(request, StatusCode::InternalServerError);
        };
        let id = format!("{id:016x}");
        let ssrc = path.ssrc();
        let transport = match delivery {
            Delivery::Interleaved { rtp, rtcp } => {
                format!("RTP/AVP/TCP;unicast;interleaved={rtp}-{rtcp};ssrc={ssrc:08X}")
            }
            Delivery::Datagrams { rtp, rtcp } => format!(
                "RTP/AVP;unicast;client_port={}-{};server_port={}-{};ssrc={ssrc:08X}",
                rtp.port(),
                rtcp.port(),
                self.shared.datagrams.rtp_port,
                self.shared.datagrams.rtcp_port,
            ),
        };
        let answer = with(reply(request, StatusCode::Ok), headers::TRANSPORT, &transport);
        let session = format!("{id};timeout={}", SESSION_TIMEOUT.as_secs());
        self.session = Some(Session { id, path, delivery, packets: None, reported: None });
        with(answer, headers::SESSION, &session)
    }

    /// Runs `step` where the request names this connection's session.
    fn in_session(&mut self, request: &Request<Vec<u8>>, step: fn(&mut Self, Answer) -> Answer) -> Answer {
        let named =
            request.header(&headers::SESSION).map(|value| value.as_str().split(';').next().unwrap_or("").trim());
        match (&self.session, named) {
            (Some(session), Some(named)) if session.id == named => {
                let answer = with(reply(request, StatusCode::Ok), headers::SESSION, &session.id);
                step(self, answer)
            }
            _ => reply(request, StatusCode::SessionNotFound),
        }
    }

    fn play(&mut self, answer: Answer) -> Answer {
        let url = |path: &Path| format!("rtsp://{}/{}/{TRACK}", self.local, path.name());
        let Some(session) = &mut self.session else {
            return answer;
        };
        let answer = with(answer, headers::RANGE, "npt=now-");
        if session.packets.is_some() {
            return answer; // a PLAY while playing changes nothing
        }
        let (packets, first) = session.path.play(self.id, now_us());
        session.packets = Some(packets);
        session.reported = None;
        let FirstPacket { sequence, rtp_time } = first;
        let sequence = sequence.map_or_else(String::new, |sequence| format!("seq={sequence};"));
        let info = format!("url={};{sequence}rtptime={rtp_time}", url(&session.path));
        with(answer, headers::RTP_INFO, &info)
    }

    fn pause(&mut self, answer: Answer) -> Answer {
        if let Some(session) = &mut self.session {
            session.path.pause(self.id);
            session.packets = None;
        }
        answer
    }

    fn tear_down(&mut self, answer: Answer) -> Answer {
        if let Some(session) = self.session.take() {
            if let Delivery::Datagrams { rtcp, .. } = session.delivery {
                self.shared.datagrams.say_bye(session.path.ssrc(), rtcp);
            }
            session.path.leave(self.id);
            self.entered = None;
        }
        answer
    }
}

pub(crate) fn now_us() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

fn reply(request: &Request<Vec<u8>>, status: StatusCode) -> Answer {
    let mut answer = Response::builder(request.version(), status).build(Vec::new());
    if let Some(sequence) = request.header(&headers::CSEQ) {
        answer.insert_header(headers::CSEQ, sequence.clone());
    }
    answer
}

fn with(mut answer: Answer, name: HeaderName, value: &str) -> Answer {
    answer.insert_header(name, value);
    answer
}

fn write(answer: &Answer, outbox: &mut Vec<u8>) {
    // Writing to a Vec fails only where memory does.
    let _ = answer.write(outbox);
}
