//! Where a camera is, and whether the relay may go there.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};

use super::clock::ms;
use super::errors::RelayError;
use crate::engine::SourceFault;
use crate::engine::rtsp_session::Credentials;

/// A connection to a camera, in the clear or not.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection that was made, and its two ends: what picks it out of a packet capture.
pub(super) struct Dialled {
    pub stream: Box<dyn Stream>,
    pub local: SocketAddr,
    pub camera: SocketAddr,
}

/// A camera's address and credentials. Never whole in a `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    pub(super) url: Url,
    pub(super) credentials: Option<Credentials>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Source(…)")
    }
}

impl Source {
    /// `url` is `rtsp://` or `rtsps://` with a host, and without credentials.
    pub fn new(url: &str, username: Option<&str>, password: Option<&str>) -> Result<Self, RelayError> {
        let url = Url::parse(url).map_err(|error| RelayError::BadSource(error.to_string()))?;
        if !matches!(url.scheme(), "rtsp" | "rtsps") {
            return Err(RelayError::BadSource(format!("scheme `{}`: only rtsp and rtsps are spoken", url.scheme())));
        }
        if url.host().is_none() {
            return Err(RelayError::BadSource("no host".to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RelayError::BadSource("credentials go beside the URL, not in it".to_owned()));
        }
        let credentials = username.map(|username| Credentials {
            username: username.to_owned(),
            password: password.unwrap_or_default().to_owned(),
        });
        Ok(Self { url, credentials })
    }

    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "rtsps"
    }

    /// Connects. The name is resolved once, and the address that is checked is the one dialled.
    pub(super) async fn dial(
        &self,
        networks: &[Network],
        connector: Option<&TlsConnector>,
        limit: Duration,
    ) -> Result<Dialled, SourceFault> {
        let timed_out = SourceFault::TimedOut { step: "connection", limit_ms: ms(limit) };
        tokio::time::timeout(limit, self.dial_as_told(networks, connector)).await.unwrap_or(Err(timed_out))
    }

    async fn dial_as_told(
        &self,
        networks: &[Network],
        connector: Option<&TlsConnector>,
    ) -> Result<Dialled, SourceFault> {
        let stream = self.dial_allowed(networks).await?;
        let unreachable = |error: std::io::Error| SourceFault::Unreachable(error.kind().to_string());
        let (local, camera) = (stream.local_addr().map_err(unreachable)?, stream.peer_addr().map_err(unreachable)?);
        if !self.is_tls() {
            return Ok(Dialled { stream: Box::new(stream), local, camera });
        }
        let untrusted = || SourceFault::Untrusted;
        let connector = connector.ok_or_else(untrusted)?;
        let name = match self.url.host().ok_or_else(untrusted)? {
            Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|_| untrusted())?,
            Host::Ipv4(address) => ServerName::from(IpAddr::from(address)),
            Host::Ipv6(address) => ServerName::from(IpAddr::from(address)),
        };
        let stream = connector.connect(name, stream).await.map_err(|_| untrusted())?;
        Ok(Dialled { stream: Box::new(stream), local, camera })
    }

    async fn dial_allowed(&self, networks: &[Network]) -> Result<TcpStream, SourceFault> {
        let unreachable = |error: std::io::Error| SourceFault::Unreachable(error.kind().to_string());
        let port = self.url.port().unwrap_or(if self.is_tls() { 322 } else { 554 });
        let (name, found): (String, Vec<SocketAddr>) = match self.url.host() {
            Some(Host::Ipv4(address)) => (address.to_string(), vec![SocketAddr::from((address, port))]),
            Some(Host::Ipv6(address)) => (address.to_string(), vec![SocketAddr::from((address, port))]),
            Some(Host::Domain(name)) => {
                (name.to_owned(), tokio::net::lookup_host((name, port)).await.map_err(unreachable)?.collect())
            }
            None => return Err(SourceFault::Unreachable("no host".to_owned())),
        };
        let address = found
            .into_iter()
            .find(|address| networks.iter().any(|network| network.holds(address.ip())))
            .ok_or(SourceFault::Forbidden(name))?;
        let stream = TcpStream::connect(address).await.map_err(unreachable)?;
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

/// A network in CIDR form, for instance `10.20.0.0/16`; a bare address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(network) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(network) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

impl std::str::FromStr for Network {
    type Err = RelayError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || RelayError::BadConfig(format!("`{text}` is no network such as 10.20.0.0/16"));
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(widest);
        if prefix > widest { Err(bad()) } else { Ok(Self { address, prefix }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_other() {
        let network: Network = "10.20.0.0/16".parse().unwrap();
        assert!(network.holds("10.20.255.1".parse().unwrap()));
        assert!(!network.holds("10.21.0.1".parse().unwrap()));
        assert!(network.holds("::ffff:10.20.0.1".parse().unwrap()), "the same address in IPv6 clothes");
        assert!(!"127.0.0.1".parse::<Network>().unwrap().holds("127.0.0.2".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().holds("8.8.8.8".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err() && "x".parse::<Network>().is_err());
    }

    #[test]
    fn only_rtsp_with_a_host_and_without_credentials_is_a_source() {
        for bad in ["http://10.0.0.1/", "file:///etc/passwd", "rtsp:///x", "rtsp://a:b@10.0.0.1/", "10.0.0.1", ""] {
            assert!(matches!(Source::new(bad, None, None), Err(RelayError::BadSource(_))), "{bad}");
        }
        let source = Source::new("rtsp://10.0.0.1/x", Some("u"), Some("canary")).unwrap();
        assert!(!format!("{source:?}").contains("canary"));
    }

    #[tokio::test]
    async fn an_address_outside_the_allowed_networks_is_not_dialled() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("rtsp://localhost:{}/", listener.local_addr().unwrap().port());
        let source = Source::new(&url, None, None).unwrap();
        let elsewhere = ["10.0.0.0/8".parse().unwrap()];
        let fault = source.dial(&elsewhere, None, Duration::from_secs(2)).await.err().unwrap();
        assert_eq!(fault.cause().code(), "source-forbidden");
        assert!(tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_err());
        assert!(source.dial(&["127.0.0.0/8".parse().unwrap()], None, Duration::from_secs(2)).await.is_ok());
    }
}
