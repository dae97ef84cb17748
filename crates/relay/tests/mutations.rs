//! Hostile bytes: what parses takes mutations of what is sound, and neither panics nor holds more than its bounds.
//!
//! A seeded mutator in place of libFuzzer (`cargo-fuzz` is not among what a build asks for): a second in `make test`, and as
//! long as `BELVEDERE_MUTATIONS_S` says in `make mutations`. A failure prints its seed; `BELVEDERE_MUTATIONS_SEED` repeats it.
#![allow(clippy::unwrap_used, clippy::panic)] // a test fails so

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use relay::engine::access_units::AccessUnits;
use relay::engine::capture_clock::{CaptureClock, Captured, read_sender_report};
use relay::engine::cmaf_reading;
use relay::engine::muxer::{Arrival, Muxer};
use relay::engine::nal::SetKind;
use relay::engine::parameter_sets::ParameterSets;
use relay::engine::peer_frames::{FromPeer, PeerFrames};
use relay::engine::peer_stream::{Heard, PeerStream};
use relay::engine::pictures::{Cursor, Limits, Picture, Pictures};
use relay::engine::reorder::Reorder;
use relay::engine::rtsp_description::{OfferedVideo, VideoCodec};
use relay::engine::rtsp_frames::{Frame, Splitter};
use relay::engine::rtsp_login;
use relay::engine::rtsp_session::{Credentials, Habits, Session};
use relay::engine::websocket::{self, ClientFrames};
use relay::net::{Config, Gate, IngestLimits, PictureLimits, Relay};

/// Xorshift: the same seed gives the same mutations everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        let odd = [0, 1, 3, 0x7f, 0x80, 0xff, b'\r', b'\n', b'"', b'=', b',', b';', b'$'];
        match self.below(3) {
            0 => odd[self.below(odd.len())],
            _ => self.next().to_le_bytes()[0],
        }
    }

    /// Flips, cuts, doubles, drops and splices, a few times.
    fn mutate(&mut self, sound: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = sound.to_vec();
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len());
            let length = self.below(16).min(bytes.len() - at);
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..at + length)),
                2 => {
                    let again = bytes[at..at + length].to_vec();
                    bytes.splice(at..at, again);
                }
                3 => {
                    let from = self.below(other.len());
                    bytes.splice(at..at, other[from..].iter().take(64).copied());
                }
                4 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                _ if !bytes.is_empty() => bytes[at] = self.byte(),
                _ => bytes.push(self.byte()),
            }
        }
        bytes
    }
}

/// Runs `once` with fresh randomness for as long as is asked, a second where nothing is.
fn mutations(mut once: impl FnMut(&mut Random)) {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let lasts = Duration::from_millis(number("BELVEDERE_MUTATIONS_S").map_or(500, |seconds| seconds * 1_000));
    let mut seed = number("BELVEDERE_MUTATIONS_SEED").unwrap_or(0x5eed_0001);
    let (began, mut rounds) = (Instant::now(), 0u64);
    while began.elapsed() < lasts {
        let told = Told(seed);
        once(&mut Random(seed));
        std::mem::forget(told);
        (seed, rounds) = (seed + 1, rounds + 1);
    }
    println!("{rounds} rounds in {:?}", began.elapsed());
}

/// Says the seed where a round panics.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("BELVEDERE_MUTATIONS_SEED={}", self.0);
    }
}

fn transcripts() -> Vec<(String, Vec<Vec<u8>>)> {
    let folder = format!("{}/tests/transcripts", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: std::path::PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        let lines = || text.lines().skip(1);
        let description: Vec<_> = lines().filter_map(|line| line.strip_prefix("# ")).collect();
        let bytes =
            |hex: &str| (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        let packets = lines().filter_map(|line| line.strip_prefix("0 ").map(bytes)).collect();
        (description.join("\r\n") + "\r\n", packets)
    };
    files.into_iter().map(read).collect()
}

const ANSWERS: [&str; 4] = [
    "RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"r, \\\"x\\\"\", nonce=\"n\", \
     qop=\"auth, auth-int\", algorithm=SHA-256, Basic realm=\"r\"\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Base: rtsp://10.0.0.1:8554/a/\r\nContent-Length: 112\r\n\r\n\
     v=0\r\no=- 0 0 IN IP4 1\r\ns=x\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: abc;timeout=30\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: 4\r\nPublic: OPTIONS, GET_PARAMETER\r\n\r\n$\0\0\x05ab\0\x01c",
];

#[test]
fn no_answer_of_a_camera_panics() {
    mutations(|random| {
        let mut splitter = Splitter::default();
        let credentials = Credentials { username: "u".into(), password: "p".into() };
        let url = "rtsp://10.0.0.1:8554/live/1".parse().unwrap();
        let mut session = Session::new(url, Some(credentials), &Habits::default(), Arc::default());
        session.open();
        for answer in ANSWERS {
            let other = ANSWERS[random.below(4)].as_bytes();
            let bytes =
                if random.below(3) == 0 { answer.as_bytes().to_vec() } else { random.mutate(answer.as_bytes(), other) };
            for part in bytes.chunks(1 + random.below(200)) {
                splitter.buffer().extend_from_slice(part);
                while let Ok(Some(frame)) = splitter.next_frame() {
                    if let Frame::Message(rtsp_types::Message::Response(response)) = frame {
                        let _ = session.answer(&response);
                        let _ = session.keep_alive();
                    }
                }
            }
        }
        let _ = session.set_up_over_udp((6_000, 6_001));
        let _ = session.tear_down();
    });
}

#[test]
fn no_challenge_panics() {
    let sound = &ANSWERS[0].as_bytes()[60..];
    mutations(|random| {
        let bytes = random.mutate(sound, sound);
        let text = String::from_utf8_lossy(&bytes);
        if let Some(mut challenge) = rtsp_login::strongest([&*text]) {
            let credentials = Credentials { username: "u".into(), password: "p".into() };
            let _ = challenge.answer(&credentials, "PLAY", "rtsp://h/");
        }
    });
}

#[test]
fn no_description_panics() {
    let sound = transcripts();
    mutations(|random| {
        let (one, other) = (&sound[random.below(sound.len())].0, &sound[random.below(sound.len())].0);
        let bytes = random.mutate(one.as_bytes(), other.as_bytes());
        if let Ok(video) = OfferedVideo::read(&bytes) {
            let mut sets = ParameterSets::new(video.codec);
            sets.take_announced(video.format_parameters.as_deref().unwrap_or(""));
            let _ = sets.description(None);
        }
    });
}

#[test]
fn no_packets_panic_and_what_is_held_stays_bounded() {
    const UNIT_BYTES_MAX: u64 = 64 * 1024;
    let sound = transcripts();
    mutations(|random| {
        let (description, packets) = &sound[random.below(sound.len())];
        let other = &sound[random.below(sound.len())].1;
        let video = OfferedVideo::read(description.as_bytes()).unwrap();
        let mut units = AccessUnits::new(&video, 0, UNIT_BYTES_MAX, Arc::default());
        let mut muxer = Muxer::new(Arc::default());
        let mut clock = CaptureClock::new(video.clock_rate_hz);
        let mut kept = Pictures::new(Limits { pictures: 50, bytes: 100_000 });
        let mut reorder = Reorder::default();
        let (mut out, mut in_order, mut cursor, mut last) = (Vec::new(), Vec::new(), Cursor::default(), None);
        muxer.begin_session(video.clock_rate_hz);
        for (number, packet) in packets.iter().enumerate() {
            let us = i64::try_from(number).unwrap() * 40_000;
            let spliced = &other[random.below(other.len())];
            let packet = if random.below(4) == 0 { random.mutate(packet, spliced) } else { packet.clone() };
            if let Some((rtp_time, ntp)) = read_sender_report(&packet) {
                clock.sender_report(units.place(rtp_time), ntp, us);
            }
            reorder.push(&packet, us, &mut in_order);
            for packet in in_order.drain(..) {
                if units.push(&packet, 0, &mut out).is_err() {
                    return;
                }
            }
            for unit in out.drain(..) {
                assert!(unit.payload.len() as u64 <= UNIT_BYTES_MAX + 64 * 1024);
                let captured: Captured = clock.captured(unit.rtp_time, us);
                if let Some(picture) = muxer.picture(unit, captured, Arrival { us, unix_us: us }) {
                    assert!(last.is_none_or(|last| picture.decode_time > last), "decode times only rise");
                    last = Some(picture.decode_time);
                    kept.push(picture);
                }
            }
            let mut taken = Vec::new();
            kept.take(&mut cursor, 5, &mut taken);
            cursor.give_back(random.below(taken.len() + 1) as u64);
            assert!(kept.bytes() <= 100_000 || kept.len() == 1);
        }
        let _ = units.why_none();
    });
}

#[test]
fn no_parameter_set_panics() {
    let sound = transcripts();
    let kinds = [SetKind::Video, SetKind::Sequence, SetKind::Picture];
    mutations(|random| {
        let (description, packets) = &sound[random.below(sound.len())];
        let video = OfferedVideo::read(description.as_bytes()).unwrap();
        let codec = if random.below(8) == 0 { VideoCodec::H265 } else { video.codec };
        let mut sets = ParameterSets::new(codec);
        sets.take_announced(video.format_parameters.as_deref().unwrap_or(""));
        for _ in 0..4 {
            let packet = &packets[random.below(packets.len().min(30))];
            let set = random.mutate(packet.get(12..).unwrap_or(&[]), packet);
            sets.take(kinds[random.below(3)], &set);
            let named = [None, Some(0), Some(1)][random.below(3)];
            let _ = (sets.suffice_for(named), sets.reorder_max(named), sets.description(named));
        }
    });
}

#[test]
fn no_frame_of_a_client_panics() {
    let sound: &[u8] = &[0x81, 0x85, 1, 2, 3, 4, 9, 9, 9, 9, 9, 0x89, 0x80, 0, 0, 0, 0, 0x88, 0x82, 1, 1, 1, 1, 2, 2];
    mutations(|random| {
        let mut frames = ClientFrames::default();
        let mut said = Vec::new();
        let bytes = random.mutate(sound, sound);
        for part in bytes.chunks(1 + random.below(9)) {
            frames.read(part, &mut said);
        }
        assert!(said.len() <= bytes.len());
    });
}

/// The checked-in clip as an owner's relay writes it: its description, its initialisation segment, its first pictures.
fn clip() -> Vec<Bytes> {
    let file = format!("{}/../../src/belvedere/media/clip.cmaf", env!("CARGO_MANIFEST_DIR"));
    let whole = std::fs::read(file).unwrap();
    let (mut starts, mut at) = (Vec::new(), 0);
    while at < whole.len() {
        if &whole[at + 4..at + 8] == b"prft" {
            starts.push(at);
        }
        at += usize::try_from(u32::from_be_bytes(whole[at..at + 4].try_into().unwrap())).unwrap();
    }
    let told =
        r#"{"codec": "avc1.42C01E", "width": 640, "height": 360, "timescale": 90000, "camera": "c", "viewing": "v"}"#;
    let mut messages = vec![websocket::text(told), websocket::binary(&whole[..starts[0]])];
    messages.extend(starts.windows(2).take(12).map(|chunk| websocket::binary(&whole[chunk[0]..chunk[1]])));
    messages
}

/// What is given on of such messages, however they are cut; the session ends with the first that is refused.
fn given_on(stream: &mut PeerStream, bytes: &[u8], parts: usize, us: i64) -> Vec<Picture> {
    let (mut frames, mut given) = (PeerFrames::new(100_000), Vec::new());
    stream.begin_session();
    for mut part in bytes.chunks(parts) {
        while let Ok(Some(message)) = frames.take(&mut part) {
            let heard = match message {
                FromPeer::Text(text) => stream.text(&text),
                FromPeer::Binary(message) => stream.binary(message, us),
                FromPeer::Ping(_) | FromPeer::Pong(_) | FromPeer::Close(..) => Ok(Heard::Nothing),
            };
            match heard {
                Ok(Heard::Picture(picture)) => given.push(picture),
                Ok(_) => {}
                Err(_) => return given,
            }
        }
        if !part.is_empty() {
            return given;
        }
    }
    given
}

#[test]
fn no_stream_of_a_peer_panics_and_nothing_is_given_on_but_chunks_in_their_order() {
    let sound = clip();
    let pictures: Vec<_> = given_on(&mut PeerStream::default(), &sound.concat(), 777, 0);
    assert!(
        pictures.iter().map(|picture| &picture.message).eq(&sound[2..]),
        "the recorded stream, with the same bytes"
    );
    mutations(|random| {
        let mut stream = PeerStream::default();
        let mut last = None;
        for session in 0..3 {
            let mut bytes = Vec::new();
            for message in &sound {
                let spliced = &sound[random.below(sound.len())];
                match random.below(12) {
                    0 => bytes.extend(random.mutate(message, spliced)),
                    1 => bytes.extend(websocket::binary(&random.mutate(&message[4..], spliced))),
                    2 => bytes.extend(random.mutate(&message[..message.len().min(160)], spliced)),
                    3 => {}
                    _ => bytes.extend_from_slice(message),
                }
            }
            let (parts, us) = (1 + random.below(5_000), session * 40_000_000);
            for picture in given_on(&mut stream, &bytes, parts, us) {
                assert!(last.is_none_or(|last| picture.decode_time > last), "times only rise");
                last = Some(picture.decode_time);
                let Ok(Some(FromPeer::Binary(framed))) = PeerFrames::new(100_000).take(&mut &picture.message[..])
                else {
                    panic!("no message")
                };
                let read = cmaf_reading::read_chunk(framed.payload()).unwrap();
                assert_eq!((read.decode_time, read.key), (picture.decode_time, picture.key));
            }
        }
    });
}

#[test]
fn no_report_of_a_camera_panics_or_moves_a_time_of_capture_far() {
    let at_us = 1_800_000_000_000_000;
    let mut sound = vec![0x80, 200, 0, 6, 0, 0, 0, 7];
    sound.extend((1_800_000_000u64 + 2_208_988_800).wrapping_shl(32).to_be_bytes());
    sound.extend([0, 1, 0x5f, 0x90, 0, 0, 0, 9, 0, 0, 1, 0, 0x81, 202, 0, 1, 0, 0, 0, 7]);
    assert!(read_sender_report(&sound).is_some());
    mutations(|random| {
        let mut clock = CaptureClock::new([90_000, 1, u32::MAX][random.below(3)]);
        for number in 0..8 {
            let arrived_us = at_us + number * 40_000;
            if let Some((rtp_time, ntp)) = read_sender_report(&random.mutate(&sound, &sound)) {
                clock.sender_report(i64::from(rtp_time), ntp, arrived_us);
            }
            let rtp_time = random.next().cast_signed() >> random.below(64);
            let captured = clock.captured(rtp_time, arrived_us);
            assert!((arrived_us - 20_000_000..=arrived_us).contains(&captured.unix_us), "{captured:?}");
        }
    });
}

const HEAD: &str = "GET /media/ticket HTTP/1.1\r\nHost: x\r\nOrigin: http://room.example\r\nCookie: theme=dark; city=\"mine\"\r\n\
    Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

fn listening() -> Relay {
    let second = Duration::from_secs(1);
    let limits = IngestLimits {
        connect: second,
        answer: second,
        silence_lost: second,
        silence_ends: second,
        entry_point: second,
        access_unit_bytes: 1 << 20,
        backoff_first: second,
        backoff_max: second,
        busy_max: second,
        idle: second,
        idle_peer: second,
    };
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        gate: Gate::Tickets,
        allowed_origins: vec!["http://room.example".to_owned()],
        cookie_name: "city".to_owned(),
        identity: None,
        source_networks: Vec::new(),
        source_authorities: None,
        peer_listen: None,
        peer_identity: None,
        close_unread_after: second,
        source_lost_close: second,
        ingest: limits,
        pictures: PictureLimits { pictures: 10, bytes: 1 << 20 },
        send_buffer_bytes: 128 * 1024,
        cameras_max: 10,
        viewings_max: 10,
        connections_max: 1_000,
        connections_of_address_max: 1_000,
        events_max: 10,
        threads: 1,
    };
    Relay::start(config).unwrap()
}

/// What the relay answers to a head; whoever says no more gets no later answer.
fn answered(relay: &Relay, head: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(relay.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut answer = Vec::new();
    // It may have hung up before all of it was written.
    if stream.write_all(head).is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
        let _ = stream.read_to_end(&mut answer);
    }
    answer
}

/// Whether a sound head is greeted. Who asks listens first: a client that has hung up meanwhile may get no answer.
fn greeted(relay: &Relay) -> bool {
    let mut stream = TcpStream::connect(relay.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut start = [0; 13];
    stream.write_all(HEAD.as_bytes()).unwrap();
    stream.read_exact(&mut start).is_ok() && start == *b"HTTP/1.1 101 "
}

#[test]
fn no_head_of_a_client_panics() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let former = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |told| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        former(told);
    }));
    let relay = listening();
    assert!(greeted(&relay));
    mutations(|random| {
        let head = random.mutate(HEAD.as_bytes(), HEAD.as_bytes());
        let answer = answered(&relay, &head);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "{}", answer.escape_ascii());
        assert_eq!(PANICS.load(Ordering::Relaxed), 0, "{}", head.escape_ascii());
    });
    assert!(greeted(&relay), "and others are served");
    relay.close();
}
