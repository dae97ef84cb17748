//! The relay's handle. What can block runs detached from the interpreter.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ::relay::net::{
    self, Close, CloseCause, Config, DropCause, Gate, Identity, IngestLimits, Network, Oddity, PeerSource,
    PictureLimits, Source, SourceCause, SourceState,
};
use pyo3::prelude::*;

use crate::errors::{BadConfigError, raise};

/// A single-use right to open one socket. Its path is a secret: it is not in its repr.
#[pyclass(frozen, module = "belvedere_relay._relay")]
struct Ticket {
    #[pyo3(get)]
    path: String,
}

#[pymethods]
impl Ticket {
    #[allow(clippy::unused_self)]
    fn __repr__(&self) -> &'static str {
        "Ticket(…)"
    }
}

/// One thing that happened: `kind` is the name of a class of `belvedere.media`.
#[pyclass(frozen, get_all, module = "belvedere_relay._relay")]
struct Event {
    kind: &'static str,
    subject: String,
    cause: Option<String>,
    detail: Option<String>,
    count: u64,
}

/// A moment's figures.
#[pyclass(frozen, get_all, module = "belvedere_relay._relay")]
struct Stats {
    cameras: u64,
    cameras_live: u64,
    cameras_lost: u64,
    viewings: u64,
    sockets: u64,
    tickets: u64,
    kept_bytes: u64,
    held_bytes: u64,
    pictures_read: u64,
    bytes_sent: u64,
    gaps: u64,
    refused_ticket: u64,
    refused_origin: u64,
    refused_crowded: u64,
    sessions_panicked: u64,
    events_lost: u64,
    packets_left_out: u64,
    times_repaired: u64,
}

#[pyclass(frozen, module = "belvedere_relay._relay")]
struct Relay {
    relay: net::Relay,
}

#[pymethods]
impl Relay {
    #[new]
    #[pyo3(signature = (
        *, host, port, gated, allowed_origins, cookie_name, tls_certificate, tls_key, source_networks,
        source_authorities, peer_host, peer_port, peer_tls_certificate, peer_tls_key, close_unread_after_ms,
        source_lost_close_ms, idle_ingest_ms, idle_peer_ms, silence_lost_ms, silence_ends_ms, entry_point_ms, answer_ms, access_unit_bytes_max,
        backoff_first_ms, backoff_max_ms, busy_max_ms, pictures_kept_max, pictures_kept_bytes_max, send_buffer_bytes, cameras_max, viewings_max, connections_max, connections_of_address_max, events_max, threads,
    ))]
    #[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)]
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        gated: bool,
        allowed_origins: Vec<String>,
        cookie_name: String,
        tls_certificate: Option<PathBuf>,
        tls_key: Option<PathBuf>,
        source_networks: Vec<String>,
        source_authorities: Option<PathBuf>,
        peer_host: Option<&str>,
        peer_port: u16,
        peer_tls_certificate: Option<PathBuf>,
        peer_tls_key: Option<PathBuf>,
        close_unread_after_ms: u64,
        source_lost_close_ms: u64,
        idle_ingest_ms: u64,
        idle_peer_ms: u64,
        silence_lost_ms: u64,
        silence_ends_ms: u64,
        entry_point_ms: u64,
        answer_ms: u64,
        access_unit_bytes_max: u64,
        backoff_first_ms: u64,
        backoff_max_ms: u64,
        busy_max_ms: u64,
        pictures_kept_max: usize,
        pictures_kept_bytes_max: usize,
        send_buffer_bytes: usize,
        cameras_max: usize,
        viewings_max: usize,
        connections_max: usize,
        connections_of_address_max: usize,
        events_max: usize,
        threads: usize,
    ) -> PyResult<Self> {
        let ip = address(host)?;
        let identity = self::identity(tls_certificate, tls_key, "tls_certificate and tls_key go together")?;
        let peer_identity =
            self::identity(peer_tls_certificate, peer_tls_key, "peer_tls_certificate and peer_tls_key go together")?;
        let peer_listen = peer_host.map(address).transpose()?.map(|ip| SocketAddr::from((ip, peer_port)));
        let source_networks = source_networks
            .iter()
            .map(|network| network.parse::<Network>())
            .collect::<Result<_, _>>()
            .map_err(|error| raise(&error))?;
        let config = Config {
            listen: SocketAddr::from((ip, port)),
            gate: if gated { Gate::Tickets } else { Gate::Open },
            allowed_origins,
            cookie_name,
            identity,
            source_networks,
            source_authorities,
            peer_listen,
            peer_identity,
            close_unread_after: Duration::from_millis(close_unread_after_ms),
            source_lost_close: Duration::from_millis(source_lost_close_ms),
            ingest: IngestLimits {
                connect: Duration::from_millis(answer_ms),
                answer: Duration::from_millis(answer_ms),
                silence_lost: Duration::from_millis(silence_lost_ms),
                silence_ends: Duration::from_millis(silence_ends_ms),
                entry_point: Duration::from_millis(entry_point_ms),
                access_unit_bytes: access_unit_bytes_max,
                backoff_first: Duration::from_millis(backoff_first_ms),
                backoff_max: Duration::from_millis(backoff_max_ms),
                busy_max: Duration::from_millis(busy_max_ms),
                idle: Duration::from_millis(idle_ingest_ms),
                idle_peer: Duration::from_millis(idle_peer_ms),
            },
            pictures: PictureLimits { pictures: pictures_kept_max, bytes: pictures_kept_bytes_max },
            send_buffer_bytes,
            cameras_max,
            viewings_max,
            connections_max,
            connections_of_address_max,
            events_max,
            threads,
        };
        let relay = py.detach(|| net::Relay::start(config)).map_err(|error| raise(&error))?;
        Ok(Self { relay })
    }

    #[getter]
    fn port(&self) -> u16 {
        self.relay.address().port()
    }

    #[getter]
    fn peer_port(&self) -> Option<u16> {
        self.relay.peer_address().map(|address| address.port())
    }

    #[getter]
    fn event_descriptor(&self) -> i32 {
        self.relay.event_descriptor()
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.relay.close());
    }

    fn set_allowed_origins(&self, origins: Vec<String>) {
        self.relay.set_allowed_origins(origins);
    }

    #[pyo3(signature = (camera, *, url, username, password, warm))]
    fn add_camera(
        &self,
        py: Python<'_>,
        camera: &str,
        url: &str,
        username: Option<&str>,
        password: Option<&str>,
        warm: bool,
    ) -> PyResult<()> {
        let source = Source::new(url, username, password).map_err(|error| raise(&error))?;
        py.detach(|| self.relay.add_camera(camera, source, warm)).map_err(|error| raise(&error))
    }

    #[pyo3(signature = (camera, *, url, party))]
    fn add_peer_camera(&self, py: Python<'_>, camera: &str, url: &str, party: &str) -> PyResult<()> {
        let source = PeerSource::new(url, party).map_err(|error| raise(&error))?;
        py.detach(|| self.relay.add_peer_camera(camera, source)).map_err(|error| raise(&error))
    }

    /// Gives the ticket for the next connection to the owner's relay: the last segment of its path.
    #[pyo3(signature = (camera, *, ticket))]
    fn give_ticket(&self, py: Python<'_>, camera: &str, ticket: &str) -> PyResult<()> {
        py.detach(|| self.relay.give_ticket(camera, ticket)).map_err(|error| raise(&error))
    }

    /// Replaces the pinned keys: the SHA-256 of each one's `SubjectPublicKeyInfo` (DER), and its party.
    fn set_peer_keys(&self, py: Python<'_>, keys: HashMap<[u8; 32], String>) {
        py.detach(|| self.relay.set_peer_keys(keys));
    }

    fn remove_camera(&self, py: Python<'_>, camera: &str) -> PyResult<()> {
        py.detach(|| self.relay.remove_camera(camera)).map_err(|error| raise(&error))
    }

    fn camera_state(&self, camera: &str) -> PyResult<&'static str> {
        let state = self.relay.camera_state(camera).map_err(|error| raise(&error))?;
        Ok(match state {
            SourceState::Idle => "idle",
            SourceState::Connecting => "connecting",
            SourceState::Live => "live",
            SourceState::Lost => "lost",
        })
    }

    /// The cause of each lost camera.
    fn lost_cameras(&self, py: Python<'_>) -> HashMap<String, &'static str> {
        let lost = py.detach(|| self.relay.lost_cameras());
        lost.into_iter().map(|(camera, cause)| (camera.to_string(), cause.code())).collect()
    }

    fn lost_cause(&self, camera: &str) -> PyResult<Option<&'static str>> {
        let cause = self.relay.lost_cause(camera).map_err(|error| raise(&error))?;
        Ok(cause.map(SourceCause::code))
    }

    /// What the camera does otherwise than the standards say, and how often it did.
    fn oddities(&self, camera: &str) -> PyResult<HashMap<&'static str, u64>> {
        let met = self.relay.oddities(camera).map_err(|error| raise(&error))?;
        Ok(met.into_iter().map(|(oddity, count)| (oddity.code(), count)).collect())
    }

    #[pyo3(signature = (viewing, *, camera, hold_ms))]
    fn admit(&self, py: Python<'_>, viewing: &str, camera: &str, hold_ms: Option<u64>) -> PyResult<()> {
        py.detach(|| self.relay.admit(viewing, camera, hold_ms)).map_err(|error| raise(&error))
    }

    #[pyo3(signature = (viewing, *, session_sha256, ttl_ms))]
    fn issue_ticket(&self, py: Python<'_>, viewing: &str, session_sha256: [u8; 32], ttl_ms: u64) -> PyResult<Ticket> {
        let issued = py.detach(|| self.relay.issue_ticket(viewing, session_sha256, ttl_ms));
        let secret = issued.map_err(|error| raise(&error))?;
        Ok(Ticket { path: format!("/media/{secret}") })
    }

    #[pyo3(signature = (viewing, *, party, ttl_ms))]
    fn issue_peer_ticket(&self, py: Python<'_>, viewing: &str, party: Option<&str>, ttl_ms: u64) -> PyResult<Ticket> {
        let issued = py.detach(|| self.relay.issue_peer_ticket(viewing, party, ttl_ms));
        let secret = issued.map_err(|error| raise(&error))?;
        Ok(Ticket { path: format!("/peer-media/{secret}") })
    }

    #[pyo3(signature = (session_sha256))]
    fn void_tickets(&self, py: Python<'_>, session_sha256: [u8; 32]) {
        py.detach(|| self.relay.void_tickets(&session_sha256));
    }

    #[pyo3(signature = (viewing, *, hold_ms))]
    fn extend(&self, py: Python<'_>, viewing: &str, hold_ms: u64) -> PyResult<()> {
        py.detach(|| self.relay.extend(viewing, hold_ms)).map_err(|error| raise(&error))
    }

    #[pyo3(signature = (viewing, *, code, cause, article))]
    fn revoke(&self, py: Python<'_>, viewing: &str, code: u16, cause: &str, article: Option<&str>) -> PyResult<()> {
        let close = Close { code, cause: cause.to_owned(), article: article.map(str::to_owned) };
        py.detach(|| self.relay.revoke(viewing, &close)).map_err(|error| raise(&error))
    }

    /// The viewings that have a socket now.
    fn connected(&self, py: Python<'_>) -> HashSet<String> {
        py.detach(|| self.relay.connected()).iter().map(ToString::to_string).collect()
    }

    /// At most `count` events; the descriptor stays readable while more wait.
    fn take_events(&self, py: Python<'_>, count: usize) -> Vec<Event> {
        py.detach(|| self.relay.take_events(count)).into_iter().map(Event::from).collect()
    }

    fn stats(&self, py: Python<'_>) -> Stats {
        py.detach(|| self.relay.stats()).into()
    }
}

fn address(host: &str) -> PyResult<IpAddr> {
    host.parse().map_err(|_| BadConfigError::new_err(format!("`{host}` is no IP address")))
}

fn identity(certificate: Option<PathBuf>, key: Option<PathBuf>, together: &'static str) -> PyResult<Option<Identity>> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(Identity { certificate, key })),
        (None, None) => Ok(None),
        _ => Err(BadConfigError::new_err(together)),
    }
}

impl From<net::Event> for Event {
    fn from(event: net::Event) -> Self {
        let mut detail = None;
        let (kind, subject, cause, count) = match event {
            net::Event::ViewingConnected { viewing } => ("ViewingConnected", viewing.to_string(), None, 0),
            net::Event::ViewingDropped { viewing, cause } => {
                ("ViewingDropped", viewing.to_string(), Some(cause.code().to_owned()), 0)
            }
            net::Event::TicketLapsed { viewing } => ("TicketLapsed", viewing.to_string(), None, 0),
            net::Event::DeadlinePassed { viewing } => ("DeadlinePassed", viewing.to_string(), None, 0),
            net::Event::CameraLost { camera, cause, detail: seen } => {
                detail = Some(seen.to_string());
                ("CameraLost", camera.to_string(), Some(cause.code().to_owned()), 0)
            }
            net::Event::CameraBack { camera } => ("CameraBack", camera.to_string(), None, 0),
            net::Event::TicketWanted { camera } => ("TicketWanted", camera.to_string(), None, 0),
            net::Event::FlowEnded { camera, code, cause, article } => {
                detail = article.map(|article| article.to_string());
                ("FlowEnded", camera.to_string(), Some(cause.to_string()), u64::from(code))
            }
            net::Event::EventsLost { count } => ("EventsLost", String::new(), None, count),
        };
        Self { kind, subject, cause, detail, count }
    }
}

impl From<net::Stats> for Stats {
    fn from(stats: net::Stats) -> Self {
        Self {
            cameras: stats.cameras,
            cameras_live: stats.cameras_live,
            cameras_lost: stats.cameras_lost,
            viewings: stats.viewings,
            sockets: stats.sockets,
            tickets: stats.tickets,
            kept_bytes: stats.kept_bytes,
            held_bytes: stats.held_bytes,
            pictures_read: stats.pictures_read,
            bytes_sent: stats.bytes_sent,
            gaps: stats.gaps,
            refused_ticket: stats.refused_ticket,
            refused_origin: stats.refused_origin,
            refused_crowded: stats.refused_crowded,
            sessions_panicked: stats.sessions_panicked,
            events_lost: stats.events_lost,
            packets_left_out: stats.packets_left_out,
            times_repaired: stats.times_repaired,
        }
    }
}

/// Every cause of `ViewingDropped`, for the test of equality with Python's.
#[pyfunction]
fn drop_causes() -> Vec<&'static str> {
    DropCause::ALL.into_iter().map(DropCause::code).collect()
}

/// Every cause with which the relay closes a socket by itself, beside those of a drop; for the same test.
#[pyfunction]
fn close_causes() -> Vec<&'static str> {
    CloseCause::ALL.into_iter().map(CloseCause::code).collect()
}

/// Every cause for which a camera is lost, for the test of equality with Python's.
#[pyfunction]
fn source_causes() -> Vec<&'static str> {
    SourceCause::ALL.into_iter().map(SourceCause::code).collect()
}

/// Every oddity that a camera may have although it plays, for the test of the page that lists them.
#[pyfunction]
fn source_oddities() -> Vec<&'static str> {
    Oddity::ALL.into_iter().map(Oddity::code).collect()
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(close_causes, module)?)?;
    module.add_function(wrap_pyfunction!(drop_causes, module)?)?;
    module.add_function(wrap_pyfunction!(source_causes, module)?)?;
    module.add_function(wrap_pyfunction!(source_oddities, module)?)?;
    module.add_class::<Relay>()?;
    module.add_class::<Ticket>()?;
    module.add_class::<Event>()?;
    module.add_class::<Stats>()?;
    Ok(())
}
