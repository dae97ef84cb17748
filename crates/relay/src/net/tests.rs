//! The relay with real sockets and no camera; pictures and hostile cameras are tested from Python (tests/flows/media).

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use sha2::Digest as _;

use super::{
    Close, Config, DropCause, Event, Gate, IngestLimits, PeerSource, PictureLimits, Relay, RelayError, Source,
    SourceCause,
};

fn ordered(code: u16, cause: &str) -> Close {
    Close { code, cause: cause.to_owned(), article: None }
}

const ORIGIN: &str = "http://room.example";

fn config() -> Config {
    let limits = IngestLimits {
        connect: Duration::from_secs(4),
        answer: Duration::from_secs(4),
        silence_lost: Duration::from_secs(3),
        silence_ends: Duration::from_secs(12),
        entry_point: Duration::from_secs(4),
        access_unit_bytes: 1 << 20,
        backoff_first: Duration::from_millis(250),
        backoff_max: Duration::from_secs(1),
        busy_max: Duration::from_secs(1),
        idle: Duration::from_secs(30),
        idle_peer: Duration::from_secs(10),
    };
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        gate: Gate::Tickets,
        allowed_origins: vec![ORIGIN.to_owned()],
        cookie_name: "city".to_owned(),
        identity: None,
        source_networks: vec!["127.0.0.0/8".parse().unwrap()],
        source_authorities: None,
        peer_listen: None,
        peer_identity: None,
        close_unread_after: Duration::from_secs(30),
        source_lost_close: Duration::from_secs(60),
        ingest: limits,
        pictures: PictureLimits { pictures: 100, bytes: 1 << 20 },
        send_buffer_bytes: 128 * 1024,
        cameras_max: 100,
        viewings_max: 100,
        connections_max: 100,
        connections_of_address_max: 100,
        events_max: 100,
        threads: 1,
    }
}

fn relay(change: impl FnOnce(&mut Config)) -> Relay {
    let mut config = config();
    change(&mut config);
    let relay = Relay::start(config).unwrap();
    // Nothing listens on port 1.
    relay.add_camera("cam", Source::new("rtsp://127.0.0.1:1/", None, None).unwrap(), false).unwrap();
    relay
}

fn ticket(relay: &Relay, viewing: &str) -> String {
    relay.admit(viewing, "cam", Some(60_000)).unwrap();
    relay.issue_ticket(viewing, sha2::Sha256::digest(b"mine").into(), 30_000).unwrap()
}

fn connect(relay: &Relay, ticket: &str) -> TcpStream {
    let mut stream = TcpStream::connect(relay.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let request = format!(
        "GET /media/{ticket} HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\nCookie: other=1; city=mine\r\nUpgrade: websocket\r\n\
         Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "the key of RFC 6455, 1.3");
    stream
}

/// Reads text frames until the close frame: its code and reason.
fn close_of(stream: &mut TcpStream) -> (u16, String) {
    loop {
        let mut head = [0; 2];
        stream.read_exact(&mut head).unwrap();
        let mut payload = vec![0; usize::from(head[1])];
        stream.read_exact(&mut payload).unwrap();
        if head[0] == 0x88 {
            return (u16::from_be_bytes([payload[0], payload[1]]), String::from_utf8(payload.split_off(2)).unwrap());
        }
    }
}

fn events_until(relay: &Relay, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    let began = Instant::now();
    while !events.iter().any(&wanted) {
        assert!(began.elapsed() < Duration::from_secs(5), "{events:?}");
        events.extend(relay.take_events(16));
        std::thread::sleep(Duration::from_millis(5));
    }
    events
}

#[test]
fn a_panic_in_a_viewers_session_ends_that_session_only_with_cause_internal() {
    let relay = relay(|_| {});
    let (mut struck, mut other) =
        (connect(&relay, &ticket(&relay, "struck")), connect(&relay, &ticket(&relay, "other")));
    events_until(&relay, |event| matches!(event, Event::ViewingConnected { viewing } if &**viewing == "other"));
    relay.inject_panic("struck");
    let dropped = Event::ViewingDropped { viewing: "struck".into(), cause: DropCause::Internal };
    let events = events_until(&relay, |event| *event == dropped);
    assert!(!events.contains(&Event::ViewingDropped { viewing: "other".into(), cause: DropCause::Internal }));
    assert_eq!(relay.stats().sessions_panicked, 1, "the fault fired");
    let mut rest = Vec::new();
    let _ = struck.read_to_end(&mut rest);
    relay.revoke("other", &ordered(4403, "suspended")).unwrap();
    assert_eq!(close_of(&mut other).0, 4403);
    connect(&relay, &ticket(&relay, "struck"));
}

#[test]
fn a_panic_in_a_cameras_session_is_its_own_and_is_tried_again() {
    let relay = relay(|_| {});
    relay.add_camera("struck", Source::new("rtsp://127.0.0.1:1/panic", None, None).unwrap(), true).unwrap();
    let lost = Event::CameraLost { camera: "struck".into(), cause: SourceCause::Internal, detail: "internal".into() };
    events_until(&relay, |event| *event == lost);
    assert!(relay.add_camera("another", Source::new("rtsp://127.0.0.1:1/", None, None).unwrap(), true).is_ok());
    events_until(&relay, |event| matches!(event, Event::CameraLost { camera, .. } if &**camera == "another"));
}

#[test]
fn a_panic_in_a_peers_session_is_its_own_and_another_ticket_is_asked_for() {
    let relay = relay(|_| {});
    let source = PeerSource::new("ws://127.0.0.1:1", "city").unwrap();
    relay.add_peer_camera("struck", source).unwrap();
    relay.give_ticket("struck", "panic").unwrap();
    let lost = Event::CameraLost { camera: "struck".into(), cause: SourceCause::Internal, detail: "internal".into() };
    let wanted = Event::TicketWanted { camera: "struck".into() };
    let mut events = events_until(&relay, |event| *event == lost);
    if !events.contains(&wanted) {
        events.extend(events_until(&relay, |event| *event == wanted));
    }
}

#[test]
fn of_many_sockets_with_one_ticket_exactly_one_wins() {
    let relay = relay(|_| {});
    let ticket = ticket(&relay, "v");
    let refused = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..16).map(|_| scope.spawn(|| connect(&relay, &ticket))).collect();
        let mut sockets: Vec<_> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        let deadline = Instant::now() + Duration::from_secs(5);
        while relay.stats().refused_ticket < 15 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        relay.revoke("v", &ordered(4403, "end")).unwrap();
        sockets.iter_mut().map(|socket| close_of(socket).0).filter(|code| *code == 4401).count()
    });
    assert_eq!(refused, 15);
}

/// Waits until so many sockets are served.
fn sockets(relay: &Relay, count: u64) {
    let began = Instant::now();
    while relay.stats().sockets != count {
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", relay.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_replaced_socket_is_told_so_and_its_viewing_is_never_told_as_dropped() {
    let relay = relay(|_| {});
    let mut former = connect(&relay, &ticket(&relay, "v"));
    sockets(&relay, 1);
    let mut later = connect(&relay, &ticket(&relay, "v"));
    assert_eq!(close_of(&mut former), (1000, r#"{"cause": "replaced", "article": null}"#.to_owned()));
    drop(former);
    sockets(&relay, 1);
    let connected = Event::ViewingConnected { viewing: "v".into() };
    let mut events = relay.take_events(9);
    events.retain(|event| !matches!(event, Event::CameraLost { .. }));
    assert_eq!(events, [connected.clone(), connected]);
    assert_eq!(relay.connected(), ["v".into()]);
    relay.revoke("v", &ordered(4403, "suspended")).unwrap();
    assert_eq!(close_of(&mut later).0, 4403);
    assert!(relay.connected().is_empty());
}

#[test]
fn who_has_a_socket_can_be_asked_after_events_were_lost() {
    let relay = relay(|config| config.events_max = 1);
    let stays = connect(&relay, &ticket(&relay, "stays"));
    let leaves = connect(&relay, &ticket(&relay, "leaves"));
    sockets(&relay, 2);
    drop(leaves);
    sockets(&relay, 1);
    relay.admit("never-came", "cam", None).unwrap();
    let events = relay.take_events(9);
    assert!(matches!(events[..], [Event::ViewingConnected { .. }, Event::EventsLost { count: 1.. }]), "{events:?}");
    assert_eq!(relay.connected(), ["stays".into()]);
    drop(stays);
}

#[test]
fn the_deadline_is_kept_although_nobody_calls_the_relay() {
    let relay = relay(|_| {});
    let ticket = ticket(&relay, "v");
    relay.extend("v", 300).unwrap();
    let began = Instant::now();
    let mut socket = connect(&relay, &ticket);
    let (code, reason) = close_of(&mut socket);
    assert_eq!((code, reason.as_str()), (4408, r#"{"cause": "deadline", "article": null}"#));
    let after = began.elapsed();
    assert!((Duration::from_millis(200)..Duration::from_millis(600)).contains(&after), "{after:?}");
    events_until(&relay, |event| *event == Event::DeadlinePassed { viewing: "v".into() });
}

#[test]
fn slow_headers_are_cut_off_and_do_not_hold_others() {
    let relay = relay(|_| {});
    let mut slow = TcpStream::connect(relay.address()).unwrap();
    slow.write_all(b"GET /media/x HTTP/1.1\r\nHost:").unwrap();
    connect(&relay, &ticket(&relay, "v"));
    slow.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
    let began = Instant::now();
    let mut answer = Vec::new();
    let _ = slow.read_to_end(&mut answer);
    assert!(began.elapsed() < Duration::from_secs(7));
    assert!(!answer.starts_with(b"HTTP/1.1 101"));
}

#[test]
fn huge_headers_are_refused() {
    let relay = relay(|_| {});
    let mut stream = TcpStream::connect(relay.address()).unwrap();
    let _ = stream.write_all(format!("GET /media/x HTTP/1.1\r\nCookie: {}\r\n\r\n", "a".repeat(40_000)).as_bytes());
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[test]
fn an_address_has_so_many_connections_and_no_more() {
    let relay = relay(|config| config.connections_of_address_max = 3);
    let mut held: Vec<_> = (0..3).map(|number| connect(&relay, &ticket(&relay, &number.to_string()))).collect();
    let mut refused = TcpStream::connect(relay.address()).unwrap();
    let mut nothing = Vec::new();
    assert_eq!(refused.read_to_end(&mut nothing).unwrap_or(0), 0);
    assert_eq!(relay.stats().refused_crowded, 1);
    held.pop();
    let began = Instant::now();
    while relay.stats().sockets > 2 {
        assert!(began.elapsed() < Duration::from_secs(3));
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(20));
    connect(&relay, &ticket(&relay, "3"));
}

#[test]
fn without_tickets_only_the_loopback_is_listened_on() {
    let listen = SocketAddr::from(([0, 0, 0, 0], 0));
    let config = Config { listen, gate: Gate::Open, ..config() };
    assert!(matches!(Relay::start(config), Err(RelayError::BadConfig(_))));
}

#[test]
fn a_closed_relay_says_so_and_its_sockets_end() {
    let relay = relay(|_| {});
    let mut socket = connect(&relay, &ticket(&relay, "v"));
    relay.close();
    let source = Source::new("rtsp://127.0.0.1:1/", None, None).unwrap();
    assert_eq!(relay.add_camera("late", source, false), Err(RelayError::Closed));
    let mut rest = Vec::new();
    assert!(socket.read_to_end(&mut rest).is_ok());
    assert!(TcpStream::connect(relay.address()).is_err());
}
