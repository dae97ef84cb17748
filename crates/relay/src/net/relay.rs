//! The relay as its owner holds it: cameras, viewings, tickets, events. Every call returns at once.

use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{self, Runtime};
use tokio::sync::{Notify, oneshot};

use super::config::Config;
use super::errors::RelayError;
use super::events::{CloseCause, DropCause, Event, Events};
use super::feed::{Feed, SourceState};
use super::ingest::{self, Ingest};
use super::locks::locked;
use super::peer_ingest::{self, PeerIngest};
use super::peer_keys::{self, PeerKeys};
use super::peer_source::{PeerSource, SharedTickets};
use super::server::{self, Door};
use super::shared::{Camera, Shared, hash, peer_holder};
use super::source::Source;
use super::stats::Stats;
use super::tls;
use super::viewer::{Close, Order};
use crate::engine::SourceCause;
use crate::engine::admission::{Admissions, Due, Refusal, Sha256};
use crate::engine::oddities::Oddity;

pub struct Relay {
    shared: Arc<Shared>,
    engine: Mutex<Option<Threads>>,
    address: SocketAddr,
    peer_address: Option<SocketAddr>,
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
        let peer_keys = Arc::<PeerKeys>::default();
        let peer_acceptor = match (&config.peer_listen, &config.peer_identity) {
            (Some(_), Some(identity)) => Some(peer_keys::acceptor(identity, Arc::clone(&peer_keys))?),
            _ => None,
        };
        let bind = |error: std::io::Error| RelayError::Bind(format!("{}: {error}", config.listen));
        let threads = Threads::start(config.threads).map_err(bind)?;
        let (listener, address) = bound(&threads, config.listen)?;
        let for_peers = config.peer_listen.map(|listen| bound(&threads, listen)).transpose()?;
        let peer_address = for_peers.as_ref().map(|(_, address)| *address);
        let events = Arc::new(Events::new(config.events_max).map_err(bind)?);
        let shared = Arc::new(Shared {
            allowed_origins: Mutex::new(config.allowed_origins.clone()),
            counters: Arc::default(),
            acceptor,
            peer_acceptor,
            peer_keys,
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
        threads.handle().spawn(server::listen(Arc::clone(&shared), listener, Door::Browsers));
        if let Some((listener, _)) = for_peers {
            threads.handle().spawn(server::listen(Arc::clone(&shared), listener, Door::Peers));
        }
        threads.handle().spawn(keep_agenda(Arc::clone(&shared)));
        Ok(Self { shared, engine: Mutex::new(Some(threads)), address, peer_address })
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

    /// Where peers are listened to, where they are.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.peer_address
    }

    /// Replaces the keys that are pinned: each by the SHA-256 of its `SubjectPublicKeyInfo` (DER), with its party.
    pub fn set_peer_keys(&self, keys: impl IntoIterator<Item = (Sha256, String)>) {
        self.shared.peer_keys.set(keys);
    }

    /// Replaces the origins that browsers may come from.
    pub fn set_allowed_origins(&self, origins: Vec<String>) {
        *locked(&self.shared.allowed_origins) = origins;
    }

    pub fn add_camera(&self, camera: &str, source: Source, warm: bool) -> Result<(), RelayError> {
        if source.is_tls() && self.shared.connector.is_none() {
            return Err(RelayError::BadSource("rtsps without authorities that vouch for cameras".to_owned()));
        }
        self.add(camera, None, |feed, wanted| {
            ingest::keep(Arc::new(Ingest {
                feed,
                source,
                connector: self.shared.connector.clone(),
                networks: self.shared.config.source_networks.clone().into(),
                limits: self.shared.config.ingest,
                warm,
                wanted,
                started: self.shared.started,
            }))
        })
    }

    /// Knows a camera of another party. It is read while somebody watches it, with tickets that are given for it.
    pub fn add_peer_camera(&self, camera: &str, source: PeerSource) -> Result<(), RelayError> {
        let no_key = || RelayError::BadSource("a peer is read over TLS with a pinned key of our own only".to_owned());
        let connector = if source.is_tls() {
            let identity = self.shared.config.peer_identity.as_ref().ok_or_else(no_key)?;
            Some(peer_keys::connector(identity, Arc::clone(&self.shared.peer_keys), &source.party)?)
        } else {
            None
        };
        let tickets = SharedTickets::default();
        self.add(camera, Some(Arc::clone(&tickets)), |feed, wanted| {
            let shared = Arc::clone(&self.shared);
            peer_ingest::keep(Arc::new(PeerIngest { shared, feed, source, connector, tickets, wanted }))
        })
    }

    /// Gives the ticket for the next connection to the owner's relay.
    pub fn give_ticket(&self, camera: &str, ticket: &str) -> Result<(), RelayError> {
        let cameras = locked(&self.shared.cameras);
        let tickets = cameras.get(camera).and_then(|known| known.tickets.as_ref());
        tickets.ok_or_else(|| RelayError::UnknownCamera(camera.to_owned()))?.give(ticket)
    }

    fn add<F: Future<Output = ()> + Send + 'static>(
        &self,
        camera: &str,
        tickets: Option<SharedTickets>,
        kept_by: impl FnOnce(Arc<Feed>, Arc<Notify>) -> F,
    ) -> Result<(), RelayError> {
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
        let task = threads.handle().spawn(kept_by(Arc::clone(&feed), Arc::clone(&wanted))).abort_handle();
        cameras.insert(camera.into(), Camera { feed, tickets, wanted, task });
        Ok(())
    }

    /// Forgets a camera; its viewings end with 4503.
    pub fn remove_camera(&self, camera: &str) -> Result<(), RelayError> {
        let removed = locked(&self.shared.cameras).remove(camera);
        let removed = removed.ok_or_else(|| RelayError::UnknownCamera(camera.to_owned()))?;
        removed.task.abort();
        let close = Close::by_relay(4503, CloseCause::Dropped(DropCause::CameraRemoved));
        for viewing in self.shared.end_viewings_of(camera, &close) {
            self.shared.events.push(Event::ViewingDropped { viewing, cause: DropCause::CameraRemoved });
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

    /// What that camera does otherwise than the standards say, and how often it did.
    pub fn oddities(&self, camera: &str) -> Result<Vec<(Oddity, u64)>, RelayError> {
        let cameras = locked(&self.shared.cameras);
        let known = cameras.get(camera).ok_or_else(|| RelayError::UnknownCamera(camera.to_owned()))?;
        Ok(known.feed.oddities.met())
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

    /// The same for a peer: for whoever shows a key of `party`, or without one for a connection that shows none.
    pub fn issue_peer_ticket(&self, viewing: &str, party: Option<&str>, ttl_ms: u64) -> Result<String, RelayError> {
        self.issue_ticket(viewing, peer_holder(party), ttl_ms)
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
                stats.packets_left_out += camera.feed.oddities.packets_left_out();
                stats.times_repaired += camera.feed.oddities.of(Oddity::TimeRepaired);
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

/// A listener, and where it is bound.
fn bound(threads: &Threads, listen: SocketAddr) -> Result<(TcpListener, SocketAddr), RelayError> {
    let bind = |error: std::io::Error| RelayError::Bind(format!("{listen}: {error}"));
    let _inside = threads.handle().enter();
    let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(bind)?;
    socket.set_reuseaddr(true).map_err(bind)?;
    socket.bind(listen).map_err(bind)?;
    let listener = socket.listen(1_024).map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    Ok((listener, address))
}

fn of_viewing(refusal: Refusal, viewing: &str) -> RelayError {
    match refusal {
        Refusal::Full => RelayError::Full("viewings"),
        _ => RelayError::UnknownViewing(viewing.to_owned()),
    }
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
