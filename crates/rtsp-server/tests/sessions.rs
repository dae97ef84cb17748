//! Whole sessions over the loopback, by a client written here byte by byte: what real players do is
//! shown with ffmpeg and `GStreamer` in tests/flows/simulator.
#![allow(clippy::unwrap_used, clippy::panic)]
use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, TcpStream, UdpSocket},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use rtsp_server::{Config, Credentials, ParameterSets, Server};

const KEY: &[u8] = &[0, 0, 1, 0x67, 66, 0, 30, 0, 0, 1, 0x68, 7, 0, 0, 1, 0x65, 1, 2];
const OTHER: &[u8] = &[0, 0, 1, 0x41, 9, 9];

fn parameters() -> ParameterSets {
    ParameterSets { sequence: Bytes::from_static(&[0x67, 0x42, 0xc0, 0x1e]), picture: Bytes::from_static(&[0x68, 1]) }
}

fn server(credentials: Option<Credentials>, any_name: Option<&str>) -> Server {
    let server = Server::start(Config {
        host: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        connections_max: 16,
        queue_access_units: 8,
        any_name: any_name.map(str::to_owned),
    })
    .unwrap();
    server.add_path("cam", parameters(), credentials).unwrap();
    server
}

struct Client {
    stream: TcpStream,
    url: String,
    sequence: u32,
}

impl Client {
    fn connect(server: &Server, path: &str) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        Self { stream, url: format!("rtsp://{}/{path}", server.address()), sequence: 0 }
    }

    /// Sends a request and returns status, headers and body.
    fn ask(&mut self, method: &str, track: &str, more: &str) -> (u16, String) {
        self.sequence += 1;
        let request = format!("{method} {}{track} RTSP/1.0\r\nCSeq: {}\r\n{more}\r\n", self.url, self.sequence);
        self.stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.byte());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.contains(&format!("CSeq: {}\r\n", self.sequence)), "{head}");
        let length = field(&head, "Content-Length").map_or(0, |length| length.parse().unwrap());
        let body = (0..length).map(|_| char::from(self.byte())).collect::<String>();
        (head[9..12].parse().unwrap(), head + &body)
    }

    fn byte(&mut self) -> u8 {
        let mut byte = [0];
        self.stream.read_exact(&mut byte).unwrap();
        byte[0]
    }

    /// The next interleaved packet: channel and bytes.
    fn packet(&mut self) -> (u8, Vec<u8>) {
        assert_eq!(self.byte(), b'$');
        let channel = self.byte();
        let length = u16::from_be_bytes([self.byte(), self.byte()]);
        let packet = (0..length).map(|_| self.byte()).collect();
        (channel, packet)
    }

    fn set_up_and_play(&mut self, transport: &str) -> (String, String) {
        let (status, set_up) = self.ask("SETUP", "/track1", &format!("Transport: {transport}\r\n"));
        assert_eq!(status, 200, "{set_up}");
        let session = field(&set_up, "Session").unwrap().split(';').next().unwrap().to_owned();
        let (status, play) = self.ask("PLAY", "", &format!("Session: {session}\r\n"));
        assert_eq!(status, 200, "{play}");
        (set_up, play)
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn now_us() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_micros().try_into().unwrap()
}

const TCP: &str = "RTP/AVP/TCP;unicast;interleaved=0-1";

#[test]
fn a_session_from_options_to_teardown() {
    let server = server(None, None);
    let mut client = Client::connect(&server, "cam");
    assert!(client.ask("OPTIONS", "", "").1.contains("GET_PARAMETER"));
    let (status, described) = client.ask("DESCRIBE", "", "Accept: application/sdp\r\n");
    assert_eq!(status, 200);
    assert!(described.contains("sprop-parameter-sets=Z0LAHg=="), "{described}");
    let (_, play) = client.set_up_and_play(TCP);
    let first: u16 = play.split("seq=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
    server.push("cam", OTHER, now_us()).unwrap();
    server.push("cam", KEY, now_us()).unwrap();
    let (channel, report) = client.packet();
    assert_eq!((channel, report[1]), (1, 200));
    for index in 0..3_u16 {
        let (channel, packet) = client.packet();
        assert_eq!(channel, 0);
        assert_eq!(u16::from_be_bytes([packet[2], packet[3]]), first.wrapping_add(index));
        assert_eq!(packet[1] >> 7, u8::from(index == 2), "the marker stands on the last packet");
        let time = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
        let behind = time(&report[16..20]).wrapping_sub(time(&packet[4..8]));
        assert!(behind < 90_000 * 10, "the report is of the present, the picture just before it");
    }
    let session = server.take_changes();
    assert_eq!((session[0].clients, session[0].key_frame_wanted), (1, true));
    assert_eq!(client.ask("TEARDOWN", "", "Session: nobody's\r\n").0, 454);
    drop(client);
    let waited = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        server.take_changes().iter().any(|change| change.clients == 0)
    });
    assert!(waited, "a client that goes away is no longer counted");
}

#[test]
fn datagrams_go_to_the_ports_asked_for() {
    let server = server(None, None);
    let (rtp, rtcp) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    for socket in [&rtp, &rtcp] {
        socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    }
    let (rtp_port, rtcp_port) = (rtp.local_addr().unwrap().port(), rtcp.local_addr().unwrap().port());
    let mut client = Client::connect(&server, "cam");
    client.set_up_and_play(&format!("RTP/AVP;unicast;client_port={rtp_port}-{rtcp_port}"));
    server.push("cam", KEY, 5).unwrap();
    let mut packet = [0; 1500];
    assert_eq!(rtp.recv(&mut packet).unwrap(), 16);
    assert_eq!(packet[12] & 0x1f, 7);
    rtcp.recv(&mut packet).unwrap();
    assert_eq!(packet[1], 200);
}

#[test]
fn a_path_with_a_password_is_closed_to_who_does_not_know_it() {
    let credentials = Credentials { username: "user".into(), password: "secret".into() };
    let server = server(Some(credentials), None);
    let mut client = Client::connect(&server, "cam");
    for method in ["DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER"] {
        let (status, answer) = client.ask(method, "", "Transport: RTP/AVP/TCP;interleaved=0-1\r\n");
        assert_eq!(status, 401);
        assert!(answer.contains(r#"WWW-Authenticate: Digest realm="belvedere""#), "{answer}");
        assert!(!answer.contains("secret"));
    }
}

#[test]
fn an_unknown_path_is_not_found_unless_one_camera_answers_for_all() {
    let many = server(None, None);
    assert_eq!(Client::connect(&many, "other").ask("DESCRIBE", "", "").0, 404);
    let one = server(None, Some("cam"));
    for path in ["other", "", "live/ch0"] {
        assert_eq!(Client::connect(&one, path).ask("DESCRIBE", "", "").0, 200, "{path}");
    }
}

#[test]
fn a_dropped_camera_resets_its_clients_and_no_others() {
    let server = server(None, None);
    server.add_path("other", parameters(), None).unwrap();
    let (mut client, mut bystander) = (Client::connect(&server, "cam"), Client::connect(&server, "other"));
    client.set_up_and_play(TCP);
    bystander.set_up_and_play(TCP);
    server.drop_clients("cam", Duration::from_millis(300)).unwrap();
    let ended = client.stream.read(&mut [0]);
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let mut refused = Client::connect(&server, "cam");
    refused.stream.write_all(format!("DESCRIBE {} RTSP/1.0\r\nCSeq: 1\r\n\r\n", refused.url).as_bytes()).unwrap();
    assert!(matches!(refused.stream.read(&mut [0]), Err(_) | Ok(0)));
    server.push("other", KEY, 0).unwrap();
    assert_eq!(bystander.packet().0, 1);
    std::thread::sleep(Duration::from_millis(350));
    assert_eq!(Client::connect(&server, "cam").ask("DESCRIBE", "", "").0, 200);
}

#[test]
fn garbage_and_endless_requests_end_their_own_connection_only() {
    let server = server(None, None);
    let mut client = Client::connect(&server, "cam");
    client.set_up_and_play(TCP);
    for hostile in [&b"\x00\x01\x02\x03\r\n\r\n"[..], &vec![b'A'; 200_000], b"PLAY rtsp://h/cam RTSP/9.9\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let _ = stream.write_all(hostile);
        assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
    }
    server.push("cam", KEY, 0).unwrap();
    assert_eq!(client.packet().0, 1);
}

#[test]
fn a_paused_client_gets_nothing_until_it_plays_again() {
    let server = server(None, None);
    let mut client = Client::connect(&server, "cam");
    let (set_up, _) = client.set_up_and_play(TCP);
    let session = field(&set_up, "Session").unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(client.ask("PAUSE", "", &format!("Session: {session}\r\n")).0, 200);
    server.push("cam", KEY, 0).unwrap();
    assert_eq!(client.ask("PLAY", "", &format!("Session: {session}\r\n")).0, 200);
    server.push("cam", KEY, 80_000).unwrap();
    assert_eq!(client.packet().0, 1);
}
