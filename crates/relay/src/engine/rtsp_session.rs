//! The steps from DESCRIBE to PLAY: answers in, requests out.
//!
//! Knows no socket and no time-out; the connection's owner keeps both.

use std::fmt::Write as _;

use http_auth::PasswordClient;
use rtsp_types::{Method, Response, StatusCode, headers};
use url::Url;

use super::SourceFault;

/// Who the relay says it is.
const USER_AGENT: &str = "belvedere";
/// The channel on which RTP is asked for; RTCP has the next one.
const RTP_CHANNEL: u8 = 0;

/// A name and password for a camera. Never in a `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Credentials(…)")
    }
}

/// The video that the camera's description offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedVideo {
    pub codec: VideoCodec,
    pub payload_type: u8,
    pub clock_rate_hz: u32,
    pub format_parameters: Option<String>,
    control: String,
}

#[cfg(test)]
impl OfferedVideo {
    /// An offer with an empty track name.
    pub fn for_tests() -> Self {
        Self {
            codec: VideoCodec::H264,
            payload_type: 96,
            clock_rate_hz: 90_000,
            format_parameters: None,
            control: String::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoCodec {
    H264,
    H265,
}

/// What an answer leads to.
#[derive(Debug)]
pub enum Next {
    Send(Vec<u8>),
    Playing,
    /// An answer to a keep-alive, or one that nobody waits for.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Describe,
    Setup,
    Play,
    Playing,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Describe => "DESCRIBE",
            Self::Setup => "SETUP",
            Self::Play => "PLAY",
            Self::Playing => "keep-alive",
        }
    }
}

/// One RTSP session with a camera, as its client.
pub struct Session {
    url: Url,
    credentials: Option<Credentials>,
    challenge: Option<PasswordClient>,
    step: Step,
    sequence: u32,
    /// The password was proven for the request whose answer is awaited: not a second time.
    answered_challenge: bool,
    base: Option<Url>,
    video: Option<OfferedVideo>,
    id: Option<String>,
    timeout_s: u64,
    channel: u8,
}

impl Session {
    /// `url` carries no credentials: they are in `credentials`.
    pub fn new(url: Url, credentials: Option<Credentials>) -> Self {
        Self {
            url,
            credentials,
            challenge: None,
            step: Step::Describe,
            sequence: 0,
            answered_challenge: false,
            base: None,
            video: None,
            id: None,
            timeout_s: 60,
            channel: RTP_CHANNEL,
        }
    }

    /// The name of the step whose answer is awaited.
    pub fn step(&self) -> &'static str {
        self.step.name()
    }

    pub fn video(&self) -> Option<&OfferedVideo> {
        self.video.as_ref()
    }

    /// The interleaved channel of RTP.
    pub fn rtp_channel(&self) -> u8 {
        self.channel
    }

    /// The interleaved channel of RTCP, the next one: SETUP refuses 255 for RTP.
    pub fn rtcp_channel(&self) -> u8 {
        self.channel.saturating_add(1)
    }

    /// How often a keep-alive is due, in seconds: half of what the camera said.
    pub fn keep_alive_every_s(&self) -> u64 {
        (self.timeout_s / 2).clamp(5, 30)
    }

    /// The bytes that open the session.
    pub fn open(&mut self) -> Result<Vec<u8>, SourceFault> {
        self.request()
    }

    /// A keep-alive that is due; its answer may ask for the password once.
    pub fn keep_alive(&mut self) -> Result<Vec<u8>, SourceFault> {
        self.answered_challenge = false;
        self.get_parameter()
    }

    fn get_parameter(&mut self) -> Result<Vec<u8>, SourceFault> {
        self.build(&Method::GetParameter, &self.aggregate(), &[])
    }

    pub fn tear_down(&mut self) -> Result<Vec<u8>, SourceFault> {
        self.build(&Method::Teardown, &self.aggregate(), &[])
    }

    /// Takes an answer and says what follows.
    pub fn answer(&mut self, response: &Response<Vec<u8>>) -> Result<Next, SourceFault> {
        let answered = response.header(&headers::CSEQ).and_then(|value| value.as_str().trim().parse::<u32>().ok());
        if answered.is_some_and(|answered| answered != self.sequence) {
            return Ok(Next::Nothing);
        }
        if self.step == Step::Playing {
            return match u16::from(response.status()) {
                // The session is gone on the camera's side; it would fall silent.
                454 => Err(self.refused(response)),
                401 => self.authenticate_anew(response),
                _ => Ok(Next::Nothing),
            };
        }
        match response.status() {
            StatusCode::Unauthorized => return self.authenticate(response),
            status if u16::from(status) / 100 == 2 => self.answered_challenge = false,
            _ => return Err(self.refused(response)),
        }
        self.step = match self.step {
            Step::Describe => {
                self.take_description(response)?;
                Step::Setup
            }
            Step::Setup => {
                self.take_setup(response)?;
                Step::Play
            }
            Step::Play | Step::Playing => {
                self.step = Step::Playing;
                return Ok(Next::Playing);
            }
        };
        Ok(Next::Send(self.request()?))
    }

    fn refused(&self, response: &Response<Vec<u8>>) -> SourceFault {
        SourceFault::Refused { step: self.step.name(), status: u16::from(response.status()) }
    }

    fn authenticate(&mut self, response: &Response<Vec<u8>>) -> Result<Next, SourceFault> {
        let step = self.step.name();
        if self.credentials.is_none() {
            return Err(SourceFault::NoPassword { step });
        }
        if self.answered_challenge {
            return Err(SourceFault::WrongPassword { step });
        }
        self.challenge = Some(self.challenged(response)?);
        self.answered_challenge = true;
        Ok(Next::Send(self.request()?))
    }

    /// A keep-alive was refused: the camera's nonce has aged, so it is sent again with the fresh one, once. Where there
    /// is none, or it was refused too, the camera may still go on, so the session does: silence would end it.
    fn authenticate_anew(&mut self, response: &Response<Vec<u8>>) -> Result<Next, SourceFault> {
        if self.credentials.is_none() || self.answered_challenge {
            return Ok(Next::Nothing);
        }
        let Ok(fresh) = self.challenged(response) else { return Ok(Next::Nothing) };
        if nonce(&fresh).is_none() || nonce(&fresh) == self.challenge.as_ref().and_then(nonce) {
            return Ok(Next::Nothing);
        }
        self.challenge = Some(fresh);
        self.answered_challenge = true;
        Ok(Next::Send(self.get_parameter()?))
    }

    /// Reads what the camera asks for: a digest wherever it offers one. A password goes out as it is over TLS only, or
    /// whoever stands between could read it by asking for it so.
    fn challenged(&self, response: &Response<Vec<u8>>) -> Result<PasswordClient, SourceFault> {
        let mut builder = PasswordClient::builder();
        for (name, value) in response.headers() {
            if *name == headers::WWW_AUTHENTICATE {
                builder = builder.challenges(value.as_str());
            }
        }
        match builder.build().map_err(SourceFault::Unreadable)? {
            PasswordClient::Digest(digest) => Ok(PasswordClient::Digest(digest)),
            _ if self.url.scheme() != "rtsps" => Err(SourceFault::PasswordInClear),
            other => Ok(other),
        }
    }

    fn take_description(&mut self, response: &Response<Vec<u8>>) -> Result<(), SourceFault> {
        self.base = [&headers::CONTENT_BASE, &headers::CONTENT_LOCATION]
            .into_iter()
            .find_map(|name| response.header(name))
            .and_then(|value| self.url.join(value.as_str().trim()).ok())
            // The description may rename the path, never the host: no redirects.
            .filter(|base| base.host() == self.url.host() && base.port() == self.url.port());
        let description = sdp_types::Session::parse(response.body())
            .map_err(|error| SourceFault::Unreadable(format!("description: {error}")))?;
        self.video = Some(offered_video(&description).ok_or(SourceFault::NoVideo)?);
        Ok(())
    }

    fn take_setup(&mut self, response: &Response<Vec<u8>>) -> Result<(), SourceFault> {
        let session = response
            .header(&headers::SESSION)
            .ok_or_else(|| SourceFault::Unreadable("SETUP answered without Session".to_owned()))?;
        let mut parts = session.as_str().split(';');
        self.id = parts.next().map(|id| id.trim().to_owned());
        for part in parts {
            if let Some(timeout) = part.trim().strip_prefix("timeout=") {
                self.timeout_s = timeout.trim().parse().unwrap_or(60);
            }
        }
        if let Some(transport) = response.header(&headers::TRANSPORT) {
            let channel = transport
                .as_str()
                .split(';')
                .find_map(|part| part.trim().strip_prefix("interleaved="))
                .and_then(|channels| channels.split('-').next()?.trim().parse().ok());
            if channel.is_none() && is_over_udp(transport.as_str()) {
                return Err(SourceFault::UdpOnly(transport.as_str().chars().take(120).collect()));
            }
            self.channel = channel.unwrap_or(RTP_CHANNEL);
        }
        if self.channel == u8::MAX {
            return Err(SourceFault::Unreadable("SETUP leaves no channel for RTCP: RTP has 255".to_owned()));
        }
        Ok(())
    }

    fn request(&mut self) -> Result<Vec<u8>, SourceFault> {
        match self.step {
            Step::Describe => {
                let url = self.url.to_string();
                self.build(&Method::Describe, &url, &[("Accept", "application/sdp")])
            }
            Step::Setup => {
                let url = self.track();
                let transport = format!("RTP/AVP/TCP;unicast;interleaved={}-{}", RTP_CHANNEL, RTP_CHANNEL + 1);
                self.build(&Method::Setup, &url, &[("Transport", &transport)])
            }
            Step::Play => {
                let url = self.aggregate();
                self.build(&Method::Play, &url, &[("Range", "npt=0.000-")])
            }
            Step::Playing => self.get_parameter(),
        }
    }

    fn aggregate(&self) -> String {
        self.base.as_ref().unwrap_or(&self.url).to_string()
    }

    /// The track's URL. An absolute one is taken only where it stays on the same host.
    fn track(&self) -> String {
        let base = self.aggregate();
        let control = self.video.as_ref().map_or("", |video| video.control.as_str());
        if control.is_empty() || control == "*" {
            return base;
        }
        match Url::parse(control) {
            Ok(absolute) if absolute.host() == self.url.host() && absolute.port() == self.url.port() => {
                control.to_owned()
            }
            Ok(absolute) => format!("{}{}", base.trim_end_matches('/'), absolute.path()),
            Err(_) => format!("{}/{control}", base.trim_end_matches('/')),
        }
    }

    fn build(&mut self, method: &Method, url: &str, headers: &[(&str, &str)]) -> Result<Vec<u8>, SourceFault> {
        self.sequence += 1;
        let method: &str = method.into();
        let mut request = format!("{method} {url} RTSP/1.0\r\nCSeq: {}\r\nUser-Agent: {USER_AGENT}\r\n", self.sequence);
        for (name, value) in headers {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        if let Some(id) = &self.id {
            let _ = write!(request, "Session: {id}\r\n");
        }
        if let (Some(challenge), Some(credentials)) = (&mut self.challenge, &self.credentials) {
            let authorization = challenge
                .respond(&http_auth::PasswordParams {
                    username: &credentials.username,
                    password: &credentials.password,
                    uri: url,
                    method,
                    body: Some(&[]),
                })
                .map_err(SourceFault::Unreadable)?;
            let _ = write!(request, "Authorization: {authorization}\r\n");
        }
        request.push_str("\r\n");
        Ok(request.into_bytes())
    }
}

/// Whether the answer to SETUP, which asked for TCP, grants datagrams: some cameras say 200 and send where we don't listen.
fn is_over_udp(transport: &str) -> bool {
    transport
        .split(';')
        .map(str::trim)
        .any(|part| part.eq_ignore_ascii_case("RTP/AVP/UDP") || part.starts_with("server_port="))
}

fn nonce(challenge: &PasswordClient) -> Option<&str> {
    match challenge {
        PasswordClient::Digest(digest) => Some(digest.nonce()),
        _ => None,
    }
}

fn offered_video(description: &sdp_types::Session) -> Option<OfferedVideo> {
    description.medias.iter().filter(|media| media.media == "video").find_map(|media| {
        let attribute = |name: &'static str| {
            media.attributes.iter().filter(move |a| a.attribute == name).filter_map(|a| a.value.as_deref())
        };
        let (payload_type, codec, clock_rate_hz) = attribute("rtpmap").find_map(|map| {
            let (payload_type, encoding) = map.trim().split_once(' ')?;
            let mut parts = encoding.trim().split('/');
            let codec = match parts.next()?.to_ascii_lowercase().as_str() {
                "h264" => VideoCodec::H264,
                "h265" => VideoCodec::H265,
                _ => return None,
            };
            Some((payload_type.parse::<u8>().ok()?, codec, parts.next()?.trim().parse::<u32>().ok()?))
        })?;
        let format_parameters = attribute("fmtp").find_map(|line| {
            let (of, parameters) = line.trim().split_once(' ')?;
            (of.parse() == Ok(payload_type)).then(|| parameters.trim().to_owned())
        });
        let control = attribute("control").next().unwrap_or("").trim().to_owned();
        Some(OfferedVideo { codec, payload_type, clock_rate_hz, format_parameters, control })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(credentials: Option<(&str, &str)>) -> Session {
        let credentials = credentials
            .map(|(username, password)| Credentials { username: username.into(), password: password.into() });
        Session::new(Url::parse("rtsp://10.0.0.1:8554/live/1").unwrap(), credentials)
    }

    fn response(head: &str, body: &str) -> Response<Vec<u8>> {
        let text = format!("RTSP/1.0 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        match rtsp_types::Message::<Vec<u8>>::parse(&text).unwrap().0 {
            rtsp_types::Message::Response(response) => response,
            _ => panic!(),
        }
    }

    fn description(control: &str) -> String {
        format!(
            "v=0\r\no=- 0 0 IN IP4 10.0.0.1\r\ns=x\r\nt=0 0\r\na=control:*\r\nm=audio 0 RTP/AVP 0\r\na=control:audio\r\n\
             m=video 0 RTP/AVP 97\r\na=rtpmap:97 H265/90000\r\na=fmtp:97 sprop-vps=x\r\na=control:{control}\r\n"
        )
    }

    fn sent(next: Result<Next, SourceFault>) -> String {
        match next {
            Ok(Next::Send(request)) => String::from_utf8(request).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_session_goes_from_describe_to_play() {
        let mut session = session(None);
        assert!(session.open().unwrap().starts_with(b"DESCRIBE rtsp://10.0.0.1:8554/live/1 RTSP/1.0\r\nCSeq: 1\r\n"));
        let base = "200 OK\r\nCSeq: 1\r\nContent-Base: rtsp://10.0.0.1:8554/live/1/";
        let setup = sent(session.answer(&response(base, &description("track2"))));
        assert!(setup.starts_with("SETUP rtsp://10.0.0.1:8554/live/1/track2 RTSP/1.0\r\n"), "{setup}");
        assert_eq!(session.video().unwrap().codec, VideoCodec::H265);
        assert_eq!(session.video().unwrap().format_parameters.as_deref(), Some("sprop-vps=x"));
        let head = "200 OK\r\nCSeq: 2\r\nSession: abc;timeout=30\r\nTransport: RTP/AVP/TCP;interleaved=4-5";
        let play = sent(session.answer(&response(head, "")));
        assert!(
            play.starts_with("PLAY rtsp://10.0.0.1:8554/live/1/ ") && play.contains("\r\nSession: abc\r\n"),
            "{play}"
        );
        assert!(matches!(session.answer(&response("200 OK\r\nCSeq: 3", "")), Ok(Next::Playing)));
        assert_eq!((session.rtp_channel(), session.keep_alive_every_s()), (4, 15));
    }

    #[test]
    fn a_camera_cannot_send_us_to_another_host() {
        for control in ["rtsp://169.254.169.254/latest", "http://10.0.0.1:8554/x", "rtsp://10.0.0.1:22/x"] {
            let mut session = session(None);
            session.open().unwrap();
            let base = "200 OK\r\nCSeq: 1\r\nContent-Base: rtsp://192.168.0.9/elsewhere/";
            let setup = sent(session.answer(&response(base, &description(control))));
            assert!(setup.starts_with("SETUP rtsp://10.0.0.1:8554/live/1/"), "{setup}");
        }
        let mut moved = session(None);
        moved.open().unwrap();
        let answer = moved.answer(&response("302 Moved\r\nCSeq: 1\r\nLocation: rtsp://192.168.0.9/", ""));
        assert_eq!(answer.unwrap_err().cause().code(), "redirected");
    }

    #[test]
    fn a_password_is_sent_by_digest_once_and_never_guessed_again() {
        let mut session = session(Some(("u", "canary")));
        session.open().unwrap();
        let challenge = "401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"";
        let again = sent(session.answer(&response(challenge, "")));
        assert!(again.contains("\r\nAuthorization: Digest username=\"u\""), "{again}");
        assert!(!again.contains("canary"));
        let refused = session.answer(&response(&challenge.replace("CSeq: 1", "CSeq: 2"), ""));
        assert_eq!(refused.unwrap_err(), SourceFault::WrongPassword { step: "DESCRIBE" });
    }

    #[test]
    fn a_camera_that_asks_for_a_password_where_none_is_entered_is_told_apart() {
        let mut session = session(None);
        session.open().unwrap();
        let asked = session.answer(&response(&challenge(1, "Digest realm=\"r\", nonce=\"n\""), ""));
        assert_eq!(asked.unwrap_err(), SourceFault::NoPassword { step: "DESCRIBE" });
    }

    #[test]
    fn each_refusal_of_setup_names_its_cause() {
        let udp = "200 OK\r\nCSeq: 2\r\nSession: 1\r\nTransport: RTP/AVP;unicast;client_port=0-1;server_port=5000-5001";
        for (answer, cause) in [
            ("461 Unsupported Transport\r\nCSeq: 2", "udp-only"),
            (udp, "udp-only"),
            ("453 Not Enough Bandwidth\r\nCSeq: 2", "busy"),
            ("503 Service Unavailable\r\nCSeq: 2", "busy"),
            ("404 Not Found\r\nCSeq: 2", "not-found"),
            ("403 Forbidden\r\nCSeq: 2", "access-denied"),
            ("455 Method Not Valid\r\nCSeq: 2", "refused"),
        ] {
            let mut session = session(None);
            session.open().unwrap();
            sent(session.answer(&response("200 OK\r\nCSeq: 1", &description("t"))));
            assert_eq!(session.answer(&response(answer, "")).unwrap_err().cause().code(), cause, "{answer}");
        }
    }

    /// A session that plays, after a challenge with nonce `n`, at `CSeq` 4 and with no answer outstanding.
    fn playing() -> Session {
        let mut session = session(Some(("u", "canary")));
        session.open().unwrap();
        sent(session.answer(&response(&challenge(1, "Digest realm=\"r\", nonce=\"n\""), "")));
        sent(session.answer(&response("200 OK\r\nCSeq: 2", &description("t"))));
        sent(session.answer(&response("200 OK\r\nCSeq: 3\r\nSession: 1", "")));
        assert!(matches!(session.answer(&response("200 OK\r\nCSeq: 4", "")), Ok(Next::Playing)));
        session
    }

    fn challenge(sequence: u32, offered: &str) -> String {
        format!("401 Unauthorized\r\nCSeq: {sequence}\r\nWWW-Authenticate: {offered}")
    }

    #[test]
    fn a_keep_alive_refused_for_its_old_nonce_is_sent_again_with_the_fresh_one_once() {
        let mut session = playing();
        for round in 0..3 {
            let sequence = 5 + 2 * round;
            let keep_alive = String::from_utf8(session.keep_alive().unwrap()).unwrap();
            assert!(keep_alive.starts_with("GET_PARAMETER ") && keep_alive.contains(&format!("CSeq: {sequence}\r\n")));
            let fresh = format!("Digest realm=\"r\", nonce=\"fresh-{round}\", stale=true");
            let again = sent(session.answer(&response(&challenge(sequence, &fresh), "")));
            assert!(
                again.starts_with("GET_PARAMETER ") && again.contains(&format!("nonce=\"fresh-{round}\"")),
                "{again}"
            );
            let fresher = challenge(sequence + 1, "Digest realm=\"r\", nonce=\"fresher\"");
            assert!(matches!(session.answer(&response(&fresher, "")), Ok(Next::Nothing)), "once a keep-alive");
        }
    }

    #[test]
    fn a_keep_alive_refused_for_a_nonce_that_it_used_is_not_sent_again() {
        for offered in ["Digest realm=\"r\", nonce=\"n\"", "Digest realm=\"r\", nonce=\"n\", stale=true", "nonsense"] {
            let mut session = playing();
            session.keep_alive().unwrap();
            assert!(matches!(session.answer(&response(&challenge(5, offered), "")), Ok(Next::Nothing)), "{offered}");
        }
    }

    #[test]
    fn a_password_is_never_told_in_clear() {
        let basic = challenge(1, "Basic realm=\"r\"");
        let mut clear = session(Some(("u", "canary")));
        clear.open().unwrap();
        assert_eq!(clear.answer(&response(&basic, "")).unwrap_err(), SourceFault::PasswordInClear);
        // Nor where a man in the middle spoils the digest that the camera offers.
        let spoilt = challenge(1, "Digest realm=\"r\", Basic realm=\"r\"");
        let mut clear = session(Some(("u", "canary")));
        clear.open().unwrap();
        assert_eq!(clear.answer(&response(&spoilt, "")).unwrap_err(), SourceFault::PasswordInClear);
        let both = challenge(1, "Basic realm=\"r\"\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"");
        let mut clear = session(Some(("u", "canary")));
        clear.open().unwrap();
        assert!(sent(clear.answer(&response(&both, ""))).contains("Authorization: Digest "));
        // Nor later, once a digest was accepted.
        let mut later = playing();
        later.keep_alive().unwrap();
        let answer = later.answer(&response(&challenge(5, "Basic realm=\"r\""), ""));
        assert!(matches!(answer, Ok(Next::Nothing)));
    }

    #[test]
    fn a_password_may_be_told_over_tls() {
        let credentials = Credentials { username: "u".into(), password: "canary".into() };
        let mut secure = Session::new(Url::parse("rtsps://10.0.0.1/live/1").unwrap(), Some(credentials));
        secure.open().unwrap();
        let again = sent(secure.answer(&response(&challenge(1, "Basic realm=\"r\""), "")));
        assert!(again.contains("Authorization: Basic dTpjYW5hcnk=\r\n"), "{again}");
    }

    #[test]
    fn a_channel_that_leaves_none_for_rtcp_is_refused() {
        for (offered, channel) in [("0-1", Some(0)), ("254-255", Some(254)), ("255-256", None), ("255", None)] {
            let mut session = session(None);
            session.open().unwrap();
            sent(session.answer(&response("200 OK\r\nCSeq: 1", &description("t"))));
            let head = format!("200 OK\r\nCSeq: 2\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved={offered}");
            match (session.answer(&response(&head, "")), channel) {
                (Ok(Next::Send(_)), Some(channel)) => {
                    assert_eq!((session.rtp_channel(), session.rtcp_channel()), (channel, channel + 1));
                }
                (Err(fault), None) => assert_eq!(fault.cause().code(), "unreadable"),
                (other, _) => panic!("{offered}: {other:?}"),
            }
        }
    }

    #[test]
    fn no_flipped_bit_of_an_answer_panics() {
        let whole = format!(
            "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Base: rtsp://10.0.0.1:8554/a/\r\nContent-Length: {}\r\n\r\n{}",
            description("t").len(),
            description("t")
        );
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let mut splitter = crate::engine::rtsp_frames::Splitter::default();
                splitter.buffer().extend_from_slice(&bytes);
                let Ok(Some(crate::engine::rtsp_frames::Frame::Message(message))) = splitter.next_frame() else {
                    continue;
                };
                let rtsp_types::Message::Response(answer) = message else { continue };
                let mut session = session(None);
                session.open().unwrap();
                let _ = session.answer(&answer);
            }
        }
    }
}
