//! How a relay listens, whom it lets in and what it bounds.

use std::net::SocketAddr;
use std::time::Duration;

use super::errors::RelayError;
use super::limits::IngestLimits;
use super::source::Network;
use super::tls;
use crate::engine::pictures;

/// Who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// A single-use ticket, its session's cookie and an allowed `Origin`.
    Tickets,
    /// The relay alone, for measuring: `/media/<camera>`, on the loopback only.
    Open,
}

/// How a relay listens and what it bounds. It has no defaults: whoever starts one says all of it, and the figures of a
/// node stand in one place (`RelayConfig` in Python).
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub gate: Gate,
    pub allowed_origins: Vec<String>,
    pub cookie_name: String,
    /// With it, browsers are served over TLS.
    pub identity: Option<tls::Identity>,
    pub source_networks: Vec<Network>,
    /// A PEM file of the authorities that vouch for cameras; without it `rtsps` is refused.
    pub source_authorities: Option<std::path::PathBuf>,
    /// Where peers find pictures, and nobody else anything.
    pub peer_listen: Option<SocketAddr>,
    /// Our pinned key towards peers, listening and dialling.
    pub peer_identity: Option<tls::Identity>,
    pub close_unread_after: Duration,
    pub source_lost_close: Duration,
    pub ingest: IngestLimits,
    pub pictures: pictures::Limits,
    pub send_buffer_bytes: usize,
    pub cameras_max: usize,
    pub viewings_max: usize,
    pub connections_max: usize,
    pub connections_of_address_max: usize,
    pub events_max: usize,
    pub threads: usize,
}

impl Config {
    pub fn check(&self) -> Result<(), RelayError> {
        if self.gate == Gate::Open && !self.listen.ip().is_loopback() {
            return Err(RelayError::BadConfig("without tickets the relay listens on the loopback only".to_owned()));
        }
        if self.gate == Gate::Tickets && self.cookie_name.is_empty() {
            return Err(RelayError::BadConfig("no cookie name".to_owned()));
        }
        if self.peer_listen.is_some() && self.peer_identity.is_none() {
            return Err(RelayError::BadConfig("peers are listened to with a pinned key only".to_owned()));
        }
        if self.threads == 0 || self.events_max == 0 || self.send_buffer_bytes < 4_096 {
            return Err(RelayError::BadConfig("threads, events or send buffer too small".to_owned()));
        }
        if self.pictures.pictures == 0 || self.ingest.backoff_first.is_zero() {
            return Err(RelayError::BadConfig("no picture is kept, or no pause between attempts".to_owned()));
        }
        Ok(())
    }
}
