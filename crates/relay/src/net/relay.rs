//! The relay as its owner holds it: cameras, viewings, tickets, events. Every call returns at once.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use sha2::{Digest as _, Sha256 as Hasher};
use tokio::net::TcpSocket;
use tokio::runtime::{self, Runtime};
use tokio::sync::{Notify, oneshot};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::events::{CloseCause, DropCause, Event, Events};
use super::feed::{Feed, SourceState};
use super::ingest::{self, Ingest};
use super::socket::Socket;
use super::source::{Network, Source};
use super::viewer::{Close, Ending, Handle, Order, Viewer};
use super::{locked, server, tls};
use crate::engine::SourceCause;
use crate::engine::admission::{Admissions, Due, Refusal, Sha256};
use crate::engine::pictures;

/// Each kind has one class in Python.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    #[error("cannot listen on {0}")]
    Bind(String),
    #[error("configuration: {0}")]
    BadConfig(String),
    #[error("source: {0}")]
    BadSource(String),
    #[error("camera `{0}` is known already")]
    CameraKnown(String),
    #[error("camera `{0}` is unknown")]
    UnknownCamera(String),
    #[error("viewing `{0}` is unknown")]
    UnknownViewing(String),
    #[error("as many {0} as may be")]
    Full(&'static str),
    #[error("the relay is closed")]
    Closed,
}

impl RelayError {
    /// The name of the kind, as Python's class has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bind(_) => "BindError",
            Self::BadConfig(_) => "BadConfigError",
            Self::BadSource(_) => "BadSourceError",
            Self::CameraKnown(_) => "CameraKnownError",
            Self::UnknownCamera(_) => "UnknownCameraError",
            Self::UnknownViewing(_) => "UnknownViewingError",
            Self::Full(_) => "FullError",
            Self::Closed => "ClosedError",
        }
    }

    /// Every kind once, for the test that compares them with Python's classes.
    pub fn all() -> Vec<Self> {
        let none = String::new;
        vec![
            Self::Bind(none()),
            Self::BadConfig(none()),
            Self::BadSource(none()),
            Self::CameraKnown(none()),
            Self::UnknownCamera(none()),
            Self::UnknownViewing(none()),
            Self::Full(""),
            Self::Closed,
        ]
    }
}

/// Who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// A single-use ticket, its session's cookie and an allowed `Origin`.
    Tickets,
    /// The relay alone, for measuring: `/media/<camera>`, on the loopback only.
    Open,
}

/// Limits around a camera's session.
#[derive(Debug, Clone, Copy)]
pub struct IngestLimits {
    pub connect: Duration,
    /// For each answer of the camera, from the request on.
    pub answer: Duration,
    /// Without a picture for this long, the viewers are told that the source is lost.
    pub silence_lost: Duration,
    /// Without a picture for this long, the session is given up.
    pub silence_ends: Duration,
    /// Without an entry point for this long from the first coded picture on, the viewers are told that the source is lost.
    pub entry_point: Duration,
    pub access_unit_bytes: u64,
    pub backoff_first: Duration,
    pub backoff_max: Duration,
    /// How long an on-demand camera is read after its last viewer.
    pub idle: Duration,
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
    fn check(&self) -> Result<(), RelayError> {
        if self.gate == Gate::Open && !self.listen.ip().is_loopback() {
            return Err(RelayError::BadConfig("without tickets the relay listens on the loopback only".to_owned()));
        }
        if self.gate == Gate::Tickets && self.cookie_name.is_empty() {
            return Err(RelayError::BadConfig("no cookie name".to_owned()));
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

/// What has been counted since the start.
#[derive(Debug, Default)]
pub struct Counters {
    pub bytes_sent: AtomicU64,
    pub sockets: AtomicU64,
    pub gaps: AtomicU64,
    pub refused_ticket: AtomicU64,
    pub refused_origin: AtomicU64,
    pub refused_crowded: AtomicU64,
    pub sessions_panicked: AtomicU64,
}

/// A moment's figures; every queue's fill is here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    pub cameras: u64,
    pub cameras_live: u64,
    pub cameras_lost: u64,
    pub viewings: u64,
    pub sockets: u64,
    pub tickets: u64,
    pub kept_bytes: u64,
    /// Of pictures that are no longer kept and that slow viewers are in the midst of.
    pub held_bytes: u64,
    pub pictures_read: u64,
    pub bytes_sent: u64,
    pub gaps: u64,
    pub refused_ticket: u64,
    pub refused_origin: u64,
    pub refused_crowded: u64,
    pub sessions_panicked: u64,
    pub events_lost: u64,
}

struct Camera {
    feed: Arc<Feed>,
    wanted: Arc<Notify>,
    task: tokio::task::AbortHandle,
}

/// What the tasks share.
pub struct Shared {
    pub config: Config,
    pub allowed_origins: Mutex<Vec<String>>,
    pub counters: Arc<Counters>,
    pub acceptor: Option<TlsAcceptor>,
    connector: Option<TlsConnector>,
    cameras: Mutex<HashMap<Arc<str>, Camera>>,
    admissions: Mutex<Admissions<Handle>>,
    /// The handles of sockets that came without a ticket.
    open_orders: Mutex<HashMap<u64, Handle>>,
    agenda_changed: Notify,
    events: Arc<Events>,
    next_socket: AtomicU64,
    started: Instant,
}

/// A viewer's right to a socket.
pub struct Seat {
    viewing: Arc<str>,
    feed: Arc<Feed>,
    wanted: Arc<Notify>,
    number: u64,
    orders: oneshot::Receiver<Order>,
}

pub struct Relay {
    shared: Arc<Shared>,
    engine: Mutex<Option<Threads>>,
    address: SocketAddr,
}

/// The threads on which everything runs. One is the cheapest for each byte: no work moves between cores.
enum Threads {
    One { handle: runtime::Handle, ends: oneshot::Sender<()>, ended: std::sync::mpsc::Receiver<()> },
    Many(Runtime),
}

impl Threads {
    fn start(count: usize) -> std::io::Result<Self> {
        if count > 1 {
            let mut builder = runtime::Builder::new_multi_thread();
            return builder.worker_threads(count).thread_name("relay").enable_all().build().map(Self::Many);
        }
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (ends, end) = oneshot::channel();
        let (tell_ended, ended) = std::sync::mpsc::channel();
        std::thread::Builder::new().name("relay".to_owned()).spawn(move || {
            let _ = runtime.block_on(end);
            drop(runtime);
            let _ = tell_ended.send(());
        })?;
        Ok(Self::One { handle, ends, ended })
    }

    fn handle(&self) -> &runtime::Handle {
        match self {
            Self::One { handle, .. } => handle,
            Self::Many(runtime) => runtime.handle(),
        }
    }

    fn stop(self, within: Duration) {
        match self {
            Self::One { ends, ended, .. } => {
                let _ = ends.send(());
                let _ = ended.recv_timeout(within);
            }
            Self::Many(runtime) => runtime.shutdown_timeout(within),
        }
    }
}

impl Relay {
    /// Binds and starts; blocks for as long as that takes.
    pub fn start(config: Config) -> Result<Self, RelayError> {
        config.check()?;
        let acceptor = config.identity.as_ref().map(tls::acceptor).transpose()?;
        let connector = config.source_authorities.as_deref().map(tls::connector).transpose()?;
        let bind = |error: std::io::Error| RelayError::Bind(format!("{}: {error}", config.listen));
        let threads = Threads::start(config.threads).map_err(bind)?;
        let listener = {
            let _inside = threads.handle().enter();
            let socket =
                if config.listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(bind)?;
            socket.set_reuseaddr(true).map_err(bind)?;
            socket.bind(config.listen).map_err(bind)?;
            socket.listen(1_024).map_err(bind)?
        };
        let address = listener.local_addr().map_err(bind)?;
        let events = Arc::new(Events::new(config.events_max).map_err(bind)?);
        let shared = Arc::new(Shared {
            allowed_origins: Mutex::new(config.allowed_origins.clone()),
            counters: Arc::default(),
            acceptor,
            connector,
            cameras: Mutex::default(),
            admissions: Mutex::new(Admissions::new(config.viewings_max)),
            open_orders: Mutex::default(),
            agenda_changed: Notify::new(),
            events,
            next_socket: AtomicU64::new(1),
            started: Instant::now(),
            config,
        });
        threads.handle().spawn(server::listen(Arc::clone(&shared), listener));
        threads.handle().spawn(keep_agenda(Arc::clone(&shared)));
        Ok(Self { shared, engine: Mutex::new(Some(threads)), address })
    }

    /// Stops every task; blocks for two seconds at most. Later calls answer `Closed`.
    pub fn close(&self) {
        let threads = locked(&self.engine).take();
        if let Some(threads) = threads {
            threads.stop(Duration::from_secs(2));
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Replaces the origins that browsers may come from.
    pub fn set_allowed_origins(&self, origins: Vec<String>) {
        *locked(&self.shared.allowed_origins) = origins;
    }

    pub fn add_camera(&self, camera: &str, source: Source, warm: bool) -> Result<(), RelayError> {
        if source.is_tls() && self.shared.connector.is_none() {
            return Err(RelayError::BadSource("rtsps without authorities that vouch for cameras".to_owned()));
        }
        let threads = locked(&self.engine);
        let threads = threads.as_ref().ok_or(RelayError::Closed)?;
        let mut cameras = locked(&self.shared.cameras);
        if cameras.contains_key(camera) {
            return Err(RelayError::CameraKnown(camera.to_owned()));
        }
        if cameras.len() >= self.shared.config.cameras_max {
            return Err(RelayError::Full("cameras"));
        }
        let feed = Arc::new(Feed::new(camera, self.shared.config.pictures, Arc::clone(&self.shared.events)));
        let wanted = Arc::new(Notify::new());
        let ingest = Arc::new(Ingest {
            feed: Arc::clone(&feed),
            source,
            connector: self.shared.connector.clone(),
            networks: self.shared.config.source_networks.clone().into(),
            limits: self.shared.config.ingest,
            warm,
            wanted: Arc::clone(&wanted),
            started: self.shared.started,
        });
        let task = threads.handle().spawn(ingest::keep(ingest)).abort_handle();
        cameras.insert(camera.into(), Camera { feed, wanted, task });
        Ok(())
    }

    /// Forgets a camera; its viewings end with 4503.
    pub fn remove_camera(&self, camera: &str) -> Result<(), RelayError> {
        let removed = locked(&self.shared.cameras).remove(camera);
        let removed = removed.ok_or_else(|| RelayError::UnknownCamera(camera.to_owned()))?;
        removed.task.abort();
        let viewings = locked(&self.shared.admissions).of_camera(camera);
        for viewing in viewings {
            if self.revoke(&viewing, &Close::by_relay(4503, CloseCause::Dropped(DropCause::CameraRemoved))).is_ok() {
                self.shared.events.push(Event::ViewingDropped { viewing, cause: DropCause::CameraRemoved });
            }
        }
        Ok(())
    }

    pub fn camera_state(&self, camera: &str) -> Result<SourceState, RelayError> {
        let cameras = locked(&self.shared.cameras);
        let known = cameras.get(camera).ok_or_else(|| RelayError::UnknownCamera(camera.to_owned()))?;
        Ok(known.feed.state())
    }

    /// Why each lost camera is lost.
    pub fn lost_cameras(&self) -> Vec<(Arc<str>, SourceCause)> {
        let cameras = locked(&self.shared.cameras);
        cameras.iter().filter_map(|(name, known)| Some((Arc::clone(name), known.feed.word().cause?))).collect()
    }

    /// Why that camera is lost, or None where it is not.
    pub fn lost_cause(&self, camera: &str) -> Result<Option<SourceCause>, RelayError> {
        let cameras = locked(&self.shared.cameras);
        let known = cameras.get(camera).ok_or_else(|| RelayError::UnknownCamera(camera.to_owned()))?;
        Ok(known.feed.word().cause)
    }

    /// Admits a viewing; without `hold_ms` it has no deadline.
    pub fn admit(&self, viewing: &str, camera: &str, hold_ms: Option<u64>) -> Result<(), RelayError> {
        if !locked(&self.shared.cameras).contains_key(camera) {
            return Err(RelayError::UnknownCamera(camera.to_owned()));
        }
        let now_ms = self.shared.now_ms();
        let admitted = locked(&self.shared.admissions).admit(viewing, camera, hold_ms, now_ms);
        self.shared.agenda_changed.notify_one();
        admitted.map_err(|refusal| of_viewing(refusal, viewing))
    }

    /// Returns the secret of a fresh ticket, the last segment of a path.
    pub fn issue_ticket(&self, viewing: &str, session: Sha256, ttl_ms: u64) -> Result<String, RelayError> {
        let mut secret = [0u8; 32];
        getrandom::fill(&mut secret).map_err(|error| RelayError::BadConfig(format!("no randomness: {error}")))?;
        let ticket = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
        let now_ms = self.shared.now_ms();
        let issued = locked(&self.shared.admissions).issue(viewing, hash(&ticket), session, ttl_ms, now_ms);
        self.shared.agenda_changed.notify_one();
        issued.map_err(|refusal| of_viewing(refusal, viewing))?;
        Ok(ticket)
    }

    /// Takes a session's unused tickets away; nothing where it has none.
    pub fn void_tickets(&self, session: &Sha256) {
        locked(&self.shared.admissions).void_tickets(session);
    }

    /// Moves the viewing's deadline to `hold_ms` from now.
    pub fn extend(&self, viewing: &str, hold_ms: u64) -> Result<(), RelayError> {
        let extended = locked(&self.shared.admissions).extend(viewing, hold_ms, self.shared.now_ms());
        self.shared.agenda_changed.notify_one();
        extended.map_err(|refusal| of_viewing(refusal, viewing))
    }

    /// Ends a viewing: forgotten at once, its socket closed within 20 ms.
    pub fn revoke(&self, viewing: &str, close: &Close) -> Result<(), RelayError> {
        let forgotten = locked(&self.shared.admissions).forget(viewing);
        let socket = forgotten.ok_or_else(|| RelayError::UnknownViewing(viewing.to_owned()))?;
        if let Some(socket) = socket {
            socket.order(Order::Close(close.clone()));
        }
        Ok(())
    }

    /// The viewings that have a socket now, at most as many as are admitted: what to go by after `EventsLost`.
    pub fn connected(&self) -> Vec<Arc<str>> {
        locked(&self.shared.admissions).connected()
    }

    /// Has the viewing's session panic, as a fault of ours would.
    #[cfg(test)]
    pub fn inject_panic(&self, viewing: &str) {
        if let Some(Some(socket)) = locked(&self.shared.admissions).take_socket(viewing) {
            socket.order(Order::Panic);
        }
    }

    pub fn take_events(&self, count: usize) -> Vec<Event> {
        self.shared.events.take(count)
    }

    /// Readable while events wait.
    pub fn event_descriptor(&self) -> RawFd {
        self.shared.events.descriptor()
    }

    pub fn stats(&self) -> Stats {
        let counters = &self.shared.counters;
        let mut stats = Stats {
            sockets: counters.sockets.load(Relaxed),
            bytes_sent: counters.bytes_sent.load(Relaxed),
            gaps: counters.gaps.load(Relaxed),
            refused_ticket: counters.refused_ticket.load(Relaxed),
            refused_origin: counters.refused_origin.load(Relaxed),
            refused_crowded: counters.refused_crowded.load(Relaxed),
            sessions_panicked: counters.sessions_panicked.load(Relaxed),
            events_lost: self.shared.events.lost_ever(),
            ..Stats::default()
        };
        {
            let cameras = locked(&self.shared.cameras);
            stats.cameras = cameras.len() as u64;
            for camera in cameras.values() {
                stats.pictures_read += camera.feed.pushed();
                stats.kept_bytes += camera.feed.kept_bytes() as u64;
                stats.held_bytes += camera.feed.held_bytes() as u64;
                match camera.feed.state() {
                    SourceState::Live => stats.cameras_live += 1,
                    SourceState::Lost => stats.cameras_lost += 1,
                    SourceState::Idle | SourceState::Connecting => {}
                }
            }
        }
        let admissions = locked(&self.shared.admissions);
        stats.viewings = admissions.len() as u64;
        stats.tickets = admissions.tickets() as u64;
        stats
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.close();
    }
}

fn of_viewing(refusal: Refusal, viewing: &str) -> RelayError {
    match refusal {
        Refusal::Full => RelayError::Full("viewings"),
        _ => RelayError::UnknownViewing(viewing.to_owned()),
    }
}

fn hash(text: &str) -> Sha256 {
    Hasher::digest(text.as_bytes()).into()
}

/// Ends viewings at their deadlines, whatever the control plane does.
async fn keep_agenda(shared: Arc<Shared>) {
    loop {
        let next = {
            let mut admissions = locked(&shared.admissions);
            for due in admissions.due(shared.now_ms()) {
                match due {
                    Due::Deadline { viewing, socket } => {
                        if let Some(socket) = socket {
                            socket.order(Order::Close(Close::by_relay(4408, CloseCause::Deadline)));
                        }
                        shared.events.push(Event::DeadlinePassed { viewing });
                    }
                    Due::TicketLapsed { viewing } => shared.events.push(Event::TicketLapsed { viewing }),
                }
            }
            admissions.next_due_ms()
        };
        let wait =
            next.map_or(Duration::from_secs(3600), |at| Duration::from_millis(at.saturating_sub(shared.now_ms())));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shared.agenda_changed.notified() => {}
        }
    }
}

impl Shared {
    fn now_ms(&self) -> u64 {
        super::source::ms(self.started.elapsed())
    }

    /// Uses the ticket up where one of `sessions` is its own. None: the same for every reason.
    pub fn redeem(&self, ticket: &str, sessions: &[String]) -> Option<Seat> {
        let number = self.next_socket.fetch_add(1, Relaxed);
        if self.config.gate == Gate::Open {
            let (feed, wanted) = self.camera(ticket)?;
            let (handle, orders, _) = Handle::new();
            // Nobody revokes here, but a dropped handle would end the socket.
            locked(&self.open_orders).insert(number, handle);
            return Some(Seat { viewing: format!("open-{number}").into(), feed, wanted, number, orders });
        }
        let ticket = hash(ticket);
        for session in sessions {
            let (handle, orders, succeeded) = Handle::new();
            let redeemed = {
                let mut admissions = locked(&self.admissions);
                let redeemed = admissions.redeem(&ticket, &hash(session), (number, handle), self.now_ms());
                let Ok(redeemed) = redeemed else { continue };
                self.events.push(Event::ViewingConnected { viewing: Arc::clone(&redeemed.viewing) });
                redeemed
            };
            if let Some(former) = redeemed.replaced {
                former.order(Order::Replaced(succeeded));
            }
            let (feed, wanted) = self.camera(&redeemed.camera)?;
            return Some(Seat { viewing: redeemed.viewing, feed, wanted, number, orders });
        }
        self.counters.refused_ticket.fetch_add(1, Relaxed);
        None
    }

    fn camera(&self, camera: &str) -> Option<(Arc<Feed>, Arc<Notify>)> {
        locked(&self.cameras).get(camera).map(|known| (Arc::clone(&known.feed), Arc::clone(&known.wanted)))
    }

    /// Serves a viewer until its socket ends, and tells the control plane.
    pub async fn seat(self: &Arc<Self>, seat: Seat, socket: Socket) {
        let mut leaving = Leaving {
            shared: Arc::clone(self),
            viewing: Arc::clone(&seat.viewing),
            number: seat.number,
            cause: DropCause::Internal,
        };
        self.counters.sockets.fetch_add(1, Relaxed);
        let viewer = Viewer {
            viewing: seat.viewing,
            feed: seat.feed,
            socket,
            orders: seat.orders,
            counters: Arc::clone(&self.counters),
            close_unread_after: self.config.close_unread_after,
            source_lost_close: self.config.source_lost_close,
        };
        leaving.cause = match viewer.run(&seat.wanted).await {
            Ending::Dropped(cause) => cause,
            Ending::Ordered => DropCause::ConnectionLost,
        };
    }
}

/// Tells that a socket ended, even where its session panicked.
struct Leaving {
    shared: Arc<Shared>,
    viewing: Arc<str>,
    number: u64,
    cause: DropCause,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.shared.counters.sockets.fetch_sub(1, Relaxed);
        if std::thread::panicking() {
            self.shared.counters.sessions_panicked.fetch_add(1, Relaxed);
        }
        locked(&self.shared.open_orders).remove(&self.number);
        // Where the relay ordered it, the viewing is forgotten already or has another socket. Told under the lock, so
        // that events of one viewing stand in the order in which its sockets came and went.
        let mut admissions = locked(&self.shared.admissions);
        if admissions.socket_lost(&self.viewing, self.number) {
            self.shared.events.push(Event::ViewingDropped { viewing: Arc::clone(&self.viewing), cause: self.cause });
        }
    }
}
