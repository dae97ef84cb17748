//! The steps from OPTIONS to PLAY: answers in, requests out.
//!
//! Knows no socket and no time-out; the connection's owner keeps both.

use std::fmt::Write as _;
use std::sync::Arc;

use rtsp_types::{Method, Response, StatusCode, headers};
use url::Url;

use super::SourceFault;
use super::oddities::{Oddities, Oddity};
use super::rtsp_description::OfferedVideo;
use super::rtsp_login::{self, Challenge};

/// Who the relay says it is.
const USER_AGENT: &str = "belvedere";
/// The channel on which RTP is asked for; RTCP has the next one.
const RTP_CHANNEL: u8 = 0;
/// How often a request is sent again for a nonce that the camera calls too old.
const STALE_MAX: u32 = 3;

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

/// What earlier sessions with a camera taught: it goes on from one session to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Habits {
    /// It does not answer OPTIONS before all else.
    pub no_options: bool,
    /// It hung up on signs of life by these methods.
    pub deaf_to: Vec<SignOfLife>,
    /// It sends datagrams only.
    pub over_udp: bool,
}

/// A request by which the camera knows that we are still here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOfLife {
    Options,
    GetParameter,
    SetParameter,
}

impl SignOfLife {
    const ALL: [Self; 3] = [Self::Options, Self::GetParameter, Self::SetParameter];

    fn method(self) -> Method {
        match self {
            Self::Options => Method::Options,
            Self::GetParameter => Method::GetParameter,
            Self::SetParameter => Method::SetParameter,
        }
    }
}

/// How the camera sends its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// In the connection; RTCP has the next channel.
    Interleaved { rtp_channel: u8 },
    /// In datagrams to our ports, from the camera's where it told them.
    Datagrams { server_ports: Option<(u16, u16)> },
}

/// What an answer leads to.
#[derive(Debug)]
pub enum Next {
    Send(Vec<u8>),
    /// The camera refuses TCP: two ports for datagrams are needed, then `set_up_over_udp`.
    NeedsPorts,
    Playing,
    /// An answer to a sign of life, or one that nobody waits for.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Options,
    Describe,
    Setup,
    Play,
    Playing,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Options => "OPTIONS",
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
    challenge: Option<Challenge>,
    step: Step,
    sequence: u32,
    /// The password was proven for the request whose answer is awaited: not a second time.
    answered_challenge: bool,
    stale_answers: u32,
    /// The methods that the camera has, as it told them.
    public: Option<String>,
    deaf_to: Vec<SignOfLife>,
    base: Option<String>,
    video: Option<OfferedVideo>,
    /// Where SETUP and PLAY may be asked: the first is what the standard says, the others what cameras mean.
    addresses: Vec<String>,
    set_up_at: Option<String>,
    play_at: Option<String>,
    /// Our ports for datagrams, once they are needed.
    ports: Option<(u16, u16)>,
    id: Option<String>,
    timeout_s: u64,
    delivery: Delivery,
    oddities: Arc<Oddities>,
}

impl Session {
    /// `url` carries no credentials: they are in `credentials`.
    pub fn new(url: Url, credentials: Option<Credentials>, habits: &Habits, oddities: Arc<Oddities>) -> Self {
        Self {
            url,
            credentials,
            challenge: None,
            step: if habits.no_options { Step::Describe } else { Step::Options },
            sequence: 0,
            answered_challenge: false,
            stale_answers: 0,
            public: None,
            deaf_to: habits.deaf_to.clone(),
            base: None,
            video: None,
            addresses: Vec::new(),
            set_up_at: None,
            play_at: None,
            ports: None,
            id: None,
            timeout_s: 60,
            delivery: Delivery::Interleaved { rtp_channel: RTP_CHANNEL },
            oddities,
        }
    }

    /// The name of the step whose answer is awaited.
    pub fn step(&self) -> &'static str {
        self.step.name()
    }

    /// Whether OPTIONS is what awaits an answer: a camera that does not know it is asked on.
    pub fn asks_options(&self) -> bool {
        self.step == Step::Options
    }

    pub fn video(&self) -> Option<&OfferedVideo> {
        self.video.as_ref()
    }

    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// How often a sign of life is due, in milliseconds: half of what the camera said.
    pub fn sign_of_life_every_ms(&self) -> u64 {
        self.timeout_s.saturating_mul(500).clamp(1_000, 60_000)
    }

    /// For how long the camera keeps a session without a sign of life, in milliseconds.
    pub fn timeout_ms(&self) -> u64 {
        self.timeout_s.saturating_mul(1_000)
    }

    /// The method of the signs of life: one that the camera has, and that it did not hang up on.
    pub fn sign_of_life(&self) -> Option<SignOfLife> {
        let has = |sign: SignOfLife| {
            let method = sign.method();
            let name: &str = (&method).into();
            self.public.as_deref().map_or(sign != SignOfLife::SetParameter, |public| {
                public.split([',', ' ']).any(|known| known.trim().eq_ignore_ascii_case(name))
            })
        };
        let willing = |sign: &SignOfLife| !self.deaf_to.contains(sign);
        SignOfLife::ALL.into_iter().filter(|sign| has(*sign)).find(willing).or_else(|| {
            // It tells no method that we could use, or has hung up on each that it tells.
            SignOfLife::ALL.into_iter().find(willing)
        })
    }

    /// The bytes that open the session.
    pub fn open(&mut self) -> String {
        self.request()
    }

    /// OPTIONS was not answered, or not with what it is for: the session goes on without.
    pub fn skip_options(&mut self) -> String {
        self.step = Step::Describe;
        self.answered_challenge = false;
        self.request()
    }

    /// A sign of life that is due, where the camera takes any; its answer may ask for the password once.
    pub fn keep_alive(&mut self) -> Option<String> {
        self.answered_challenge = false;
        self.send_sign_of_life()
    }

    fn send_sign_of_life(&mut self) -> Option<String> {
        let sign = self.sign_of_life()?;
        Some(self.build(&sign.method(), &self.aggregate(), &[]))
    }

    pub fn tear_down(&mut self) -> String {
        self.build(&Method::Teardown, &self.aggregate(), &[])
    }

    /// Asks for datagrams to these two ports of ours.
    pub fn set_up_over_udp(&mut self, ports: (u16, u16)) -> String {
        self.ports = Some(ports);
        self.answered_challenge = false;
        self.request()
    }

    /// Takes an answer and says what follows.
    pub fn answer(&mut self, response: &Response<Vec<u8>>) -> Result<Next, SourceFault> {
        if u16::from(response.status()) < 200 || !self.is_awaited(response) {
            return Ok(Next::Nothing);
        }
        if let Some(information) = header(response, "Authentication-Info")
            && let Some(Challenge::Digest(digest)) = &mut self.challenge
        {
            digest.take_next_nonce(information);
        }
        if let Some(public) = response.header(&headers::PUBLIC) {
            self.public = Some(public.as_str().to_owned());
        }
        if self.step == Step::Playing {
            return match u16::from(response.status()) {
                // The session is gone on the camera's side; it would fall silent.
                454 => Err(self.refused(response)),
                401 => Ok(self.authenticate_anew(response)),
                _ => Ok(Next::Nothing),
            };
        }
        match response.status() {
            StatusCode::Unauthorized => return self.authenticate(response),
            status if u16::from(status) / 100 == 2 => {
                self.answered_challenge = false;
                self.stale_answers = 0;
            }
            _ => return self.go_on_refused(response),
        }
        self.step = match self.step {
            Step::Options => Step::Describe,
            Step::Describe => {
                self.take_description(response)?;
                Step::Setup
            }
            Step::Setup => {
                if self.take_setup(response)? {
                    return Ok(Next::NeedsPorts);
                }
                self.addresses = self.play_addresses();
                Step::Play
            }
            Step::Play | Step::Playing => {
                self.step = Step::Playing;
                return Ok(Next::Playing);
            }
        };
        Ok(Next::Send(self.request().into_bytes()))
    }

    /// Whether this answers the newest request. While one step waits for the other there is but one; a camera that
    /// numbers its answers otherwise is put up with.
    fn is_awaited(&self, response: &Response<Vec<u8>>) -> bool {
        let answered = response.header(&headers::CSEQ).and_then(|value| value.as_str().trim().parse::<u32>().ok());
        let behind = answered.map_or(0, |answered| self.sequence.wrapping_sub(answered));
        if behind == 0 && answered.is_some() {
            return true;
        }
        // The late answer to OPTIONS, which was not waited for.
        if self.step == Step::Describe && response.header(&headers::PUBLIC).is_some() && response.body().is_empty() {
            return false;
        }
        let awaited = if self.step == Step::Playing { behind <= 1 } else { true };
        if awaited {
            self.oddities.count(Oddity::WrongCseq);
        }
        awaited
    }

    fn refused(&self, response: &Response<Vec<u8>>) -> SourceFault {
        let (step, status) = (self.step.name(), u16::from(response.status()));
        match status {
            // In seconds, or at a date by a clock that we don't know.
            453 | 503 => SourceFault::Busy {
                step,
                status,
                retry_after_s: header(response, "Retry-After").and_then(|value| value.trim().parse().ok()),
            },
            _ => SourceFault::Refused { step, status },
        }
    }

    /// A refusal that leaves another way: without OPTIONS, at another address, over UDP.
    fn go_on_refused(&mut self, response: &Response<Vec<u8>>) -> Result<Next, SourceFault> {
        let status = u16::from(response.status());
        match (self.step, status) {
            (Step::Options, _) => return Ok(Next::Send(self.skip_options().into_bytes())),
            (Step::Setup, 461) if self.ports.is_some() => return Err(SourceFault::NoTransport),
            (Step::Setup, 461) if self.is_over_tls() => {
                return Err(SourceFault::UdpOnly("status 461 over TLS".to_owned()));
            }
            (Step::Setup, 461) => return Ok(Next::NeedsPorts),
            // The address is not what the camera calls it: 404, 451, 454, 455, 459 and 460, or just 400.
            (Step::Setup | Step::Play, 400 | 404 | 405 | 451 | 454..=457 | 459 | 460) if self.addresses.len() > 1 => {
                self.addresses.remove(0);
                self.answered_challenge = false;
                return Ok(Next::Send(self.request().into_bytes()));
            }
            _ => {}
        }
        Err(self.refused(response))
    }

    fn is_over_tls(&self) -> bool {
        self.url.scheme() == "rtsps"
    }

    fn authenticate(&mut self, response: &Response<Vec<u8>>) -> Result<Next, SourceFault> {
        let step = self.step.name();
        if self.step == Step::Options && self.credentials.is_none() {
            return Ok(Next::Send(self.skip_options().into_bytes()));
        }
        if self.credentials.is_none() {
            return Err(SourceFault::NoPassword { step });
        }
        let fresh = match self.challenged(response) {
            // What OPTIONS asks for matters to nobody; DESCRIBE will ask as it means it.
            Err(_) if self.step == Step::Options => return Ok(Next::Send(self.skip_options().into_bytes())),
            challenged => challenged?,
        };
        let stale = matches!(&fresh, Challenge::Digest(digest) if digest.stale) && self.stale_answers < STALE_MAX;
        if self.answered_challenge && !stale {
            return Err(SourceFault::WrongPassword { step });
        }
        self.stale_answers += u32::from(self.answered_challenge);
        self.challenge = Some(fresh);
        self.answered_challenge = true;
        Ok(Next::Send(self.request().into_bytes()))
    }

    /// A sign of life was refused: the camera's nonce has aged, so it is sent again with the fresh one, once. Where there
    /// is none, or it was refused too, the camera may still go on, so the session does: silence would end it.
    fn authenticate_anew(&mut self, response: &Response<Vec<u8>>) -> Next {
        if self.credentials.is_none() || self.answered_challenge {
            return Next::Nothing;
        }
        let Ok(fresh) = self.challenged(response) else { return Next::Nothing };
        if nonce(&fresh).is_none() || nonce(&fresh) == self.challenge.as_ref().and_then(nonce) {
            return Next::Nothing;
        }
        self.challenge = Some(fresh);
        self.answered_challenge = true;
        self.send_sign_of_life().map_or(Next::Nothing, |request| Next::Send(request.into_bytes()))
    }

    /// Reads what the camera asks for: a digest wherever it offers one. A password goes out as it is over TLS only, or
    /// whoever stands between could read it by asking for it so.
    fn challenged(&self, response: &Response<Vec<u8>>) -> Result<Challenge, SourceFault> {
        let asked = response.headers().filter(|(name, _)| **name == headers::WWW_AUTHENTICATE);
        match rtsp_login::strongest(asked.map(|(_, value)| value.as_str())) {
            None => Err(SourceFault::Unreadable("a challenge that cannot be answered".to_owned())),
            Some(Challenge::Basic) if !self.is_over_tls() => Err(SourceFault::PasswordInClear),
            Some(challenge) => Ok(challenge),
        }
    }

    fn take_description(&mut self, response: &Response<Vec<u8>>) -> Result<(), SourceFault> {
        self.base = [&headers::CONTENT_BASE, &headers::CONTENT_LOCATION]
            .into_iter()
            .find_map(|name| response.header(name))
            .and_then(|value| self.resolve(value.as_str(), self.url.as_str()));
        let video = OfferedVideo::read(response.body())?;
        if video.clock_rate_hz == 0 {
            return Err(SourceFault::Unreadable("a clock rate of 0".to_owned()));
        }
        self.video = Some(video);
        self.addresses = self.set_up_addresses();
        Ok(())
    }

    /// Takes the answer to SETUP; true where it grants datagrams although TCP was asked for.
    fn take_setup(&mut self, response: &Response<Vec<u8>>) -> Result<bool, SourceFault> {
        self.set_up_at = self.addresses.first().cloned();
        match response.header(&headers::SESSION) {
            Some(session) => {
                let mut parts = session.as_str().split(';');
                self.id = parts.next().map(|id| id.trim().to_owned());
                for part in parts {
                    if let Some((name, timeout)) = part.split_once('=')
                        && name.trim().eq_ignore_ascii_case("timeout")
                    {
                        self.timeout_s = timeout.trim().parse().ok().filter(|&timeout| timeout > 0).unwrap_or(60);
                    }
                }
            }
            None => self.oddities.count(Oddity::OddAnswer),
        }
        let transport = response.header(&headers::TRANSPORT).map_or("", |transport| transport.as_str());
        let pair = |name: &str| {
            let parts = transport.split(';').filter_map(|part| part.trim().split_once('='));
            let told = parts.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, ports)| ports)?;
            let (rtp, rtcp) = told.split_once('-').unwrap_or((told, ""));
            let rtp = rtp.trim().parse::<u16>().ok()?;
            Some((rtp, rtcp.trim().parse::<u16>().unwrap_or(rtp.saturating_add(1))))
        };
        if let Some(ours) = self.ports {
            if pair("client_port").is_some_and(|granted| granted.0 != ours.0) || pair("interleaved").is_some() {
                return Err(SourceFault::NoTransport);
            }
            self.delivery = Delivery::Datagrams { server_ports: pair("server_port") };
            return Ok(false);
        }
        if pair("interleaved").is_none() && is_over_udp(transport) {
            if self.is_over_tls() {
                return Err(SourceFault::UdpOnly(transport.chars().take(120).collect()));
            }
            return Ok(true);
        }
        let channel = pair("interleaved").map_or(u16::from(RTP_CHANNEL), |(rtp, _)| rtp);
        match u8::try_from(channel) {
            Ok(rtp_channel) if rtp_channel < u8::MAX => {
                self.delivery = Delivery::Interleaved { rtp_channel };
                Ok(false)
            }
            _ => Err(SourceFault::Unreadable(format!("SETUP leaves no channel for RTCP: RTP has {channel}"))),
        }
    }

    fn request(&mut self) -> String {
        match self.step {
            Step::Options => {
                let url = self.url.to_string();
                self.build(&Method::Options, &url, &[])
            }
            Step::Describe => {
                let url = self.url.to_string();
                self.build(&Method::Describe, &url, &[("Accept", "application/sdp")])
            }
            Step::Setup => {
                let url = self.addresses.first().cloned().unwrap_or_else(|| self.url.to_string());
                let transport = match self.ports {
                    Some((rtp, rtcp)) => format!("RTP/AVP;unicast;client_port={rtp}-{rtcp}"),
                    None => format!("RTP/AVP/TCP;unicast;interleaved={}-{}", RTP_CHANNEL, RTP_CHANNEL + 1),
                };
                self.build(&Method::Setup, &url, &[("Transport", &transport)])
            }
            Step::Play => {
                let url = self.addresses.first().cloned().unwrap_or_else(|| self.aggregate());
                self.play_at = Some(url.clone());
                self.build(&Method::Play, &url, &[("Range", "npt=0.000-")])
            }
            Step::Playing => self.send_sign_of_life().unwrap_or_default(),
        }
    }

    /// Where the whole is controlled: as it was played, once it was.
    fn aggregate(&self) -> String {
        self.play_at.clone().unwrap_or_else(|| self.base.clone().unwrap_or_else(|| self.url.to_string()))
    }

    /// Where the whole may be played: the description's own address for it (RFC 2326, C.1.1), else its base.
    fn play_addresses(&self) -> Vec<String> {
        let base = self.base.clone().unwrap_or_else(|| self.url.to_string());
        let told = self.video.as_ref().map_or("", |video| video.session_control.as_str());
        let session = if told.is_empty() || told == "*" { None } else { self.resolve(told, &base) };
        once_each([session, Some(base), Some(self.url.to_string()), self.set_up_at.clone()])
    }

    /// Where the video may be set up: its address relative to the base, to the session's own, to what was asked for.
    fn set_up_addresses(&self) -> Vec<String> {
        let base = self.base.clone().unwrap_or_else(|| self.url.to_string());
        let (session, control) =
            self.video.as_ref().map_or(("", ""), |video| (video.session_control.as_str(), video.control.as_str()));
        let session = if session.is_empty() || session == "*" { None } else { self.resolve(session, &base) };
        if control.is_empty() || control == "*" {
            return once_each([session, Some(base), Some(self.url.to_string()), None]);
        }
        let within = |of: &str| self.resolve(control, of);
        once_each([within(&base), session.as_deref().and_then(within), within(self.url.as_str()), None])
    }

    /// An address that the camera told, at the host and port that we were given: there are no redirects. `base` is what
    /// a relative one stands in.
    fn resolve(&self, told: &str, base: &str) -> Option<String> {
        let told = told.trim();
        let authority = self.authority();
        let here = |path: &str| format!("{authority}{path}");
        if let Some((scheme, rest)) = told.split_once("://")
            && scheme.chars().all(|character| character.is_ascii_alphanumeric())
        {
            let path = rest.find('/').map_or("", |at| &rest[at..]);
            return Some(here(path));
        }
        if let Some(rest) = told.strip_prefix("//") {
            return Some(here(rest.find('/').map_or("", |at| &rest[at..])));
        }
        if told.starts_with('/') {
            return Some(here(told));
        }
        // No scheme, but the host all the same.
        let (first, path) = told.split_at(told.find('/').unwrap_or(told.len()));
        let name = self.url.host_str().unwrap_or_default();
        if first.eq_ignore_ascii_case(name)
            || first.strip_prefix(name).is_some_and(|rest| rest.starts_with(':') && rest[1..].parse::<u16>().is_ok())
        {
            return Some(here(path));
        }
        if told.is_empty() { None } else { Some(format!("{}/{told}", base.trim_end_matches('/'))) }
    }

    /// Scheme, host and port as they were given.
    fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{}://{host}:{port}", self.url.scheme()),
            None => format!("{}://{host}", self.url.scheme()),
        }
    }

    fn build(&mut self, method: &Method, url: &str, headers: &[(&str, &str)]) -> String {
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
            let _ = write!(request, "Authorization: {}\r\n", challenge.answer(credentials, method, url));
        }
        request.push_str("\r\n");
        request
    }
}

/// A header's value by its name, for those that the library does not name.
fn header<'a>(response: &'a Response<Vec<u8>>, name: &str) -> Option<&'a str> {
    let mut all = response.headers();
    all.find(|(known, _)| known.as_str().eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn once_each(addresses: [Option<String>; 4]) -> Vec<String> {
    let mut once = Vec::new();
    for address in addresses.into_iter().flatten() {
        if !once.contains(&address) {
            once.push(address);
        }
    }
    once
}

/// Whether the answer to SETUP, which asked for TCP, grants datagrams: some cameras say 200 and send where we don't listen.
fn is_over_udp(transport: &str) -> bool {
    transport
        .split(';')
        .map(str::trim)
        .any(|part| part.eq_ignore_ascii_case("RTP/AVP/UDP") || part.starts_with("server_port="))
}

fn nonce(challenge: &Challenge) -> Option<&str> {
    match challenge {
        Challenge::Digest(digest) => Some(&digest.nonce),
        Challenge::Basic => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rtsp_description::VideoCodec;
    use super::*;

    fn session(credentials: Option<(&str, &str)>) -> Session {
        let credentials = credentials
            .map(|(username, password)| Credentials { username: username.into(), password: password.into() });
        let habits = Habits { no_options: true, ..Habits::default() };
        Session::new(Url::parse("rtsp://10.0.0.1:8554/live/1").unwrap(), credentials, &habits, Arc::default())
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
        assert!(session.open().starts_with("DESCRIBE rtsp://10.0.0.1:8554/live/1 RTSP/1.0\r\nCSeq: 1\r\n"));
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
        assert_eq!(session.delivery(), Delivery::Interleaved { rtp_channel: 4 });
        assert_eq!(session.sign_of_life_every_ms(), 15_000);
    }

    #[test]
    fn a_camera_cannot_send_us_to_another_host() {
        for (control, asked) in [
            ("rtsp://169.254.169.254/latest", "/latest"),
            ("http://10.0.0.1:8554/x", "/x"),
            ("rtsp://10.0.0.1:22/x?y", "/x?y"),
            ("//192.168.0.9/z", "/z"),
            ("t", "/elsewhere/t"),
        ] {
            let mut session = session(None);
            session.open();
            let base = "200 OK\r\nCSeq: 1\r\nContent-Base: rtsp://192.168.0.9/elsewhere/";
            let setup = sent(session.answer(&response(base, &description(control))));
            assert!(setup.starts_with(&format!("SETUP rtsp://10.0.0.1:8554{asked} RTSP/1.0")), "{setup}");
        }
        let mut moved = session(None);
        moved.open();
        let answer = moved.answer(&response("302 Moved\r\nCSeq: 1\r\nLocation: rtsp://192.168.0.9/", ""));
        assert_eq!(answer.unwrap_err().cause().code(), "redirected");
    }

    #[test]
    fn a_password_is_sent_by_digest_once_and_never_guessed_again() {
        let mut session = session(Some(("u", "canary")));
        session.open();
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
        session.open();
        let asked = session.answer(&response(&challenge(1, "Digest realm=\"r\", nonce=\"n\""), ""));
        assert_eq!(asked.unwrap_err(), SourceFault::NoPassword { step: "DESCRIBE" });
    }

    #[test]
    fn each_refusal_of_setup_names_its_cause() {
        for (answer, cause) in [
            ("453 Not Enough Bandwidth\r\nCSeq: 2", "busy"),
            ("503 Service Unavailable\r\nCSeq: 2", "busy"),
            ("403 Forbidden\r\nCSeq: 2", "access-denied"),
            ("500 Internal Server Error\r\nCSeq: 2", "refused"),
        ] {
            let mut session = session(None);
            session.open();
            sent(session.answer(&response("200 OK\r\nCSeq: 1", &description("t"))));
            assert_eq!(session.answer(&response(answer, "")).unwrap_err().cause().code(), cause, "{answer}");
        }
    }

    /// A session that plays, after a challenge with nonce `n`, at `CSeq` 4 and with no answer outstanding.
    fn playing() -> Session {
        let mut session = session(Some(("u", "canary")));
        session.open();
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
            let keep_alive = session.keep_alive().unwrap();
            assert!(keep_alive.starts_with("OPTIONS ") && keep_alive.contains(&format!("CSeq: {sequence}\r\n")));
            let fresh = format!("Digest realm=\"r\", nonce=\"fresh-{round}\", stale=true");
            let again = sent(session.answer(&response(&challenge(sequence, &fresh), "")));
            assert!(again.starts_with("OPTIONS ") && again.contains(&format!("nonce=\"fresh-{round}\"")), "{again}");
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
        clear.open();
        assert_eq!(clear.answer(&response(&basic, "")).unwrap_err(), SourceFault::PasswordInClear);
        // Nor where a man in the middle spoils the digest that the camera offers.
        let spoilt = challenge(1, "Digest realm=\"r\", Basic realm=\"r\"");
        let mut clear = session(Some(("u", "canary")));
        clear.open();
        assert_eq!(clear.answer(&response(&spoilt, "")).unwrap_err(), SourceFault::PasswordInClear);
        let both = challenge(1, "Basic realm=\"r\"\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"");
        let mut clear = session(Some(("u", "canary")));
        clear.open();
        assert!(sent(clear.answer(&response(&both, ""))).contains("Authorization: Digest "));
        // Nor later, once a digest was accepted.
        let mut later = playing();
        later.keep_alive().unwrap();
        let answer = later.answer(&response(&challenge(5, "Basic realm=\"r\""), ""));
        assert!(matches!(answer, Ok(Next::Nothing)));
    }

    #[test]
    fn what_options_asks_for_and_cannot_be_answered_is_passed_over() {
        let credentials = Credentials { username: "u".into(), password: "canary".into() };
        let url = Url::parse("rtsp://10.0.0.1/live/1").unwrap();
        for offered in
            ["Basic realm=\"r\"", "Bearer realm=\"r\"", "Digest realm=\"r\", algorithm=SHA-1024, nonce=\"n\""]
        {
            let mut session = Session::new(url.clone(), Some(credentials.clone()), &Habits::default(), Arc::default());
            session.open();
            let describe = sent(session.answer(&response(&challenge(1, offered), "")));
            assert!(describe.starts_with("DESCRIBE ") && !describe.contains("Authorization"), "{describe}");
        }
    }

    #[test]
    fn a_password_may_be_told_over_tls() {
        let credentials = Credentials { username: "u".into(), password: "canary".into() };
        let url = Url::parse("rtsps://10.0.0.1/live/1").unwrap();
        let mut secure = Session::new(url, Some(credentials), &Habits::default(), Arc::default());
        secure.open();
        let again = sent(secure.answer(&response(&challenge(1, "Basic realm=\"r\""), "")));
        assert!(again.contains("Authorization: Basic dTpjYW5hcnk=\r\n"), "{again}");
    }

    #[test]
    fn a_channel_that_leaves_none_for_rtcp_is_refused() {
        for (offered, channel) in [("0-1", Some(0)), ("254-255", Some(254)), ("255-256", None), ("255", None)] {
            let mut session = session(None);
            session.open();
            sent(session.answer(&response("200 OK\r\nCSeq: 1", &description("t"))));
            let head = format!("200 OK\r\nCSeq: 2\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved={offered}");
            match (session.answer(&response(&head, "")), channel) {
                (Ok(Next::Send(_)), Some(channel)) => {
                    assert_eq!(session.delivery(), Delivery::Interleaved { rtp_channel: channel });
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
                session.open();
                let _ = session.answer(&answer);
            }
        }
    }
}
