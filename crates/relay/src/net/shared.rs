//! What the relay's tasks share: cameras, admissions, events; and how a socket with a ticket becomes a viewer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use sha2::{Digest as _, Sha256 as Hasher};
use tokio::sync::{Notify, oneshot};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::clock::ms;
use super::config::{Config, Gate};
use super::events::{DropCause, Event, Events};
use super::feed::Feed;
use super::locks::locked;
use super::peer_keys::PeerKeys;
use super::peer_source::SharedTickets;
use super::socket::Socket;
use super::stats::Counters;
use super::viewer::{Close, Ending, Handle, Order, Viewer};
use crate::engine::admission::{Admissions, Sha256};

pub struct Camera {
    pub feed: Arc<Feed>,
    /// Of a peer's camera alone.
    pub tickets: Option<SharedTickets>,
    pub wanted: Arc<Notify>,
    pub task: tokio::task::AbortHandle,
}

/// What the tasks share.
pub struct Shared {
    pub config: Config,
    pub allowed_origins: Mutex<Vec<String>>,
    pub counters: Arc<Counters>,
    pub acceptor: Option<TlsAcceptor>,
    pub peer_acceptor: Option<TlsAcceptor>,
    pub peer_keys: Arc<PeerKeys>,
    pub connector: Option<TlsConnector>,
    pub cameras: Mutex<HashMap<Arc<str>, Camera>>,
    pub admissions: Mutex<Admissions<Handle>>,
    /// The handles of sockets that came without a ticket.
    pub open_orders: Mutex<HashMap<u64, Handle>>,
    pub agenda_changed: Notify,
    pub events: Arc<Events>,
    pub next_socket: AtomicU64,
    pub started: Instant,
}

/// A viewer's right to a socket.
pub struct Seat {
    viewing: Arc<str>,
    feed: Arc<Feed>,
    wanted: Arc<Notify>,
    number: u64,
    orders: oneshot::Receiver<Order>,
}

pub fn hash(text: &str) -> Sha256 {
    Hasher::digest(text.as_bytes()).into()
}

/// What a ticket for a party's relay is bound to, in place of a session; without a party, to a connection that shows no
/// key. No cookie's value holds a NUL, so that no browser's session is the same.
pub fn peer_holder(party: Option<&str>) -> Sha256 {
    hash(&format!("peer\0{}", party.unwrap_or_default()))
}

impl Shared {
    pub fn now_ms(&self) -> u64 {
        ms(self.started.elapsed())
    }

    /// Uses the ticket up where one of `holders` (sessions, or a peer) is its own. None: the same for every reason.
    pub fn redeem(&self, ticket: &str, holders: &[Sha256]) -> Option<Seat> {
        let number = self.next_socket.fetch_add(1, Relaxed);
        if self.config.gate == Gate::Open {
            let (feed, wanted) = self.camera(ticket)?;
            let (handle, orders, _) = Handle::new();
            // Nobody revokes here, but a dropped handle would end the socket.
            locked(&self.open_orders).insert(number, handle);
            return Some(Seat { viewing: format!("open-{number}").into(), feed, wanted, number, orders });
        }
        let ticket = hash(ticket);
        for holder in holders {
            let (handle, orders, succeeded) = Handle::new();
            let redeemed = {
                let mut admissions = locked(&self.admissions);
                let redeemed = admissions.redeem(&ticket, holder, (number, handle), self.now_ms());
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

    /// Ends every viewing of that camera: forgotten at once, its socket closed within 20 ms. Returns them.
    pub fn end_viewings_of(&self, camera: &str, close: &Close) -> Vec<Arc<str>> {
        let mut admissions = locked(&self.admissions);
        let viewings = admissions.of_camera(camera);
        for viewing in &viewings {
            if let Some(Some(socket)) = admissions.forget(viewing) {
                socket.order(Order::Close(close.clone()));
            }
        }
        viewings
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
