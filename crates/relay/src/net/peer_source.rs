//! Where the relay of a camera's owner is, how it is dialled, and the tickets that open its pictures.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};

use super::clock::ms;
use super::errors::RelayError;
use super::locks::locked;
use super::source::{Dialled, Stream};
use crate::engine::SourceFault;
use crate::engine::admission::TICKET_TTL_MS_MAX;
use crate::engine::peer_frames;

const STEP: &str = "the connection to the owner's relay";
pub const PEER_PATH: &str = "/peer-media/";
const TICKET_BYTES_MAX: usize = 256;

/// The owner's relay: where it listens for peers, and whose key it must show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerSource {
    url: Url,
    pub(super) party: String,
}

impl PeerSource {
    /// `url` is `wss://host:port`, or `ws://` with an address of the loopback.
    pub fn new(url: &str, party: &str) -> Result<Self, RelayError> {
        let url = Url::parse(url).map_err(|error| RelayError::BadSource(error.to_string()))?;
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(_)) => false,
            None => return Err(RelayError::BadSource("no host".to_owned())),
        };
        match url.scheme() {
            "wss" => {}
            "ws" if loopback => {}
            "ws" => return Err(RelayError::BadSource("without TLS a peer is read on the loopback only".to_owned())),
            other => return Err(RelayError::BadSource(format!("scheme `{other}`: a peer is read over wss"))),
        }
        let bare = url.path() == "/" && url.query().is_none() && url.username().is_empty() && url.password().is_none();
        if !bare || party.is_empty() {
            return Err(RelayError::BadSource("a peer is named by host and port alone, and by its party".to_owned()));
        }
        Ok(Self { url, party: party.to_owned() })
    }

    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "wss"
    }

    /// Connects, and asks for the pictures that `ticket` opens.
    pub(super) async fn dial(
        &self,
        ticket: &str,
        connector: Option<&TlsConnector>,
        limit: Duration,
    ) -> Result<Dialled, SourceFault> {
        let timed_out = || SourceFault::PeerUnreachable(format!("no answer within {} ms", ms(limit)));
        let dialled = tokio::time::timeout(limit, self.connect(connector)).await.map_err(|_| timed_out())?;
        let mut dialled = dialled?;
        tokio::time::timeout(limit, self.ask(&mut *dialled.stream, ticket)).await.map_err(|_| timed_out())??;
        Ok(dialled)
    }

    async fn connect(&self, connector: Option<&TlsConnector>) -> Result<Dialled, SourceFault> {
        let unreachable = |error: std::io::Error| SourceFault::PeerUnreachable(format!("{STEP}: {}", error.kind()));
        let port = self.url.port_or_known_default().unwrap_or(443);
        let stream = match self.url.host() {
            Some(Host::Ipv4(address)) => TcpStream::connect(SocketAddr::from((address, port))).await,
            Some(Host::Ipv6(address)) => TcpStream::connect(SocketAddr::from((address, port))).await,
            Some(Host::Domain(name)) => TcpStream::connect((name, port)).await,
            None => return Err(SourceFault::PeerUnreachable("no host".to_owned())),
        }
        .map_err(unreachable)?;
        let _ = stream.set_nodelay(true);
        let (local, camera) = (stream.local_addr().map_err(unreachable)?, stream.peer_addr().map_err(unreachable)?);
        if !self.is_tls() {
            return Ok(Dialled { stream: Box::new(stream), local, camera });
        }
        let connector = connector.ok_or(SourceFault::PeerUntrusted)?;
        // Its key says who it is; its name counts for nothing.
        let name = ServerName::from(IpAddr::from([0, 0, 0, 0]));
        match connector.connect(name, stream).await {
            Ok(stream) => Ok(Dialled { stream: Box::new(stream), local, camera }),
            // What rustls itself finds wrong has this kind.
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(SourceFault::PeerUntrusted),
            Err(error) => Err(unreachable(error)),
        }
    }

    /// The handshake of RFC 6455. What comes behind the answer's head is left in the stream.
    async fn ask(&self, stream: &mut dyn Stream, ticket: &str) -> Result<(), SourceFault> {
        let closed = |error: std::io::Error| SourceFault::PeerRefused(format!("{STEP} was cut: {}", error.kind()));
        let mut key = [0u8; 16];
        getrandom::fill(&mut key).map_err(|_| SourceFault::Internal)?;
        let key = base64::engine::general_purpose::STANDARD.encode(key);
        let host = self.url.host_str().unwrap_or("");
        let request = peer_frames::request(host, &format!("{PEER_PATH}{ticket}"), &key);
        stream.write_all(request.as_bytes()).await.map_err(closed)?;
        stream.flush().await.map_err(closed)?;
        let mut head = Vec::with_capacity(256);
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() >= peer_frames::ANSWER_BYTES_MAX {
                return Err(SourceFault::PeerRefused("an answer without end".to_owned()));
            }
            // Byte by byte, a few hundred once a connection: the first message stays where it is.
            head.push(stream.read_u8().await.map_err(closed)?);
        }
        peer_frames::read_answer(&head, &key).map_err(|status| {
            SourceFault::PeerRefused(
                status
                    .map_or_else(|| "an answer that is no WebSocket's".to_owned(), |status| format!("status {status}")),
            )
        })
    }
}

/// The ticket for the next connection to the owner's relay, as the control plane got it.
#[derive(Debug, Default)]
pub struct PeerTickets {
    newest: Mutex<Option<(String, Instant)>>,
    came: Notify,
}

impl PeerTickets {
    /// Takes the last segment of the path that the owner told.
    pub fn give(&self, ticket: &str) -> Result<(), RelayError> {
        let plain = ticket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
        if ticket.is_empty() || ticket.len() > TICKET_BYTES_MAX || !plain {
            return Err(RelayError::BadSource("a ticket that cannot be".to_owned()));
        }
        *locked(&self.newest) = Some((ticket.to_owned(), Instant::now()));
        self.came.notify_one();
        Ok(())
    }

    pub fn is_there(&self) -> bool {
        locked(&self.newest).as_ref().is_some_and(|(_, since)| ms(since.elapsed()) < TICKET_TTL_MS_MAX)
    }

    /// The ticket, once; none that its owner has forgotten.
    pub fn take(&self) -> Option<String> {
        let (ticket, since) = locked(&self.newest).take()?;
        (ms(since.elapsed()) < TICKET_TTL_MS_MAX).then_some(ticket)
    }

    /// Returns once one may have come.
    pub async fn came(&self) {
        self.came.notified().await;
    }
}

/// As the camera's entry holds it.
pub type SharedTickets = Arc<PeerTickets>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_read_over_tls_and_on_the_loopback_alone_without() {
        assert!(PeerSource::new("wss://city.example:8445", "city").is_ok());
        assert!(PeerSource::new("ws://127.0.0.1:8445", "city").is_ok());
        assert!(PeerSource::new("ws://[::1]:8445/", "city").is_ok());
        for (url, party) in [
            ("ws://city.example:8445", "city"),
            ("ws://10.0.0.1:8445", "city"),
            ("ws://localhost:8445", "city"),
            ("https://city.example", "city"),
            ("rtsp://127.0.0.1/", "city"),
            ("wss://city.example/media/x", "city"),
            ("wss://u:p@city.example", "city"),
            ("wss://city.example", ""),
            ("city.example", "city"),
        ] {
            assert!(matches!(PeerSource::new(url, party), Err(RelayError::BadSource(_))), "{url}");
        }
    }

    #[test]
    fn a_ticket_is_given_once_and_cannot_leave_its_place_in_a_path() {
        let tickets = PeerTickets::default();
        tickets.give("former").unwrap();
        tickets.give("a-Z_0").unwrap();
        assert!(tickets.is_there());
        assert_eq!((tickets.take().as_deref(), tickets.take(), tickets.is_there()), (Some("a-Z_0"), None, false));
        for ticket in ["", "a/b", "a b", "a\r\nOrigin: x", "a?b", &"a".repeat(300)] {
            assert!(tickets.give(ticket).is_err(), "{ticket}");
        }
    }
}
