//! The endpoints: `/media/<ticket>` for browsers, `/peer-media/<ticket>` for relays of other parties. Hyper reads the
//! handshake within limits; then the socket is a viewer's.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, COOKIE, HeaderMap, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::upgrade::Upgraded;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::server::TlsStream;

use super::config::Gate;
use super::events::CloseCause;
use super::locks::locked;
use super::peer_source::PEER_PATH;
use super::shared::{Shared, hash, peer_holder};
use super::socket::{self, Socket};
use super::viewer::Close;
use crate::engine::admission::Sha256;
use crate::engine::websocket;

const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);
const HEAD_BYTES_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;

/// Which of our ports somebody came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Both endpoints; a peer shows no key here, so that only tickets which are bound to none are of use.
    Browsers,
    /// The peers' endpoint alone, over TLS with keys that are pinned.
    Peers,
}

/// Who came: by which door, and whose key was shown.
#[derive(Debug, Clone)]
struct Visitor {
    door: Door,
    party: Option<Arc<str>>,
}

/// How many connections each address has.
#[derive(Debug, Default)]
pub struct Addresses {
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection's place in the count.
pub struct Place {
    addresses: Arc<Addresses>,
    address: IpAddr,
}

impl Addresses {
    fn enter(self: &Arc<Self>, address: IpAddr, of_address_max: usize, in_all_max: usize) -> Option<Place> {
        let mut open = locked(&self.open);
        if open.values().sum::<usize>() >= in_all_max {
            return None;
        }
        let count = open.entry(address).or_default();
        if *count >= of_address_max {
            return None;
        }
        *count += 1;
        Some(Place { addresses: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = locked(&self.addresses.open);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// Accepts connections until its task is aborted.
pub async fn listen(shared: Arc<Shared>, listener: TcpListener, door: Door) {
    let addresses = Arc::new(Addresses::default());
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of descriptors: what is open goes on.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let limits = (shared.config.connections_of_address_max, shared.config.connections_max);
        let Some(place) = addresses.enter(peer.ip().to_canonical(), limits.0, limits.1) else {
            shared.counters.refused_crowded.fetch_add(1, Relaxed);
            socket::reset(&stream);
            continue;
        };
        tokio::spawn(greet(Arc::clone(&shared), stream, place, door));
    }
}

async fn greet(shared: Arc<Shared>, stream: TcpStream, place: Place, door: Door) {
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(&stream).set_send_buffer_size(shared.config.send_buffer_bytes);
    let acceptor = match door {
        Door::Browsers => shared.acceptor.clone(),
        Door::Peers => shared.peer_acceptor.clone(),
    };
    let Some(acceptor) = acceptor else {
        return shake_hands(&shared, TokioIo::new(stream), place, Visitor { door, party: None }).await;
    };
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_WITHIN, acceptor.accept(stream)).await else { return };
    let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let party = shown.and_then(|certificate| shared.peer_keys.party_of(certificate));
    shake_hands(&shared, TokioIo::new(stream), place, Visitor { door, party }).await;
}

async fn shake_hands<S>(shared: &Arc<Shared>, stream: TokioIo<S>, place: Place, visitor: Visitor)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let place = Arc::new(Mutex::new(Some(place)));
    let service = hyper::service::service_fn(|request| {
        let answer = answer(shared, request, &place, &visitor);
        async move { Ok::<_, Infallible>(answer) }
    });
    let handshake = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HANDSHAKE_WITHIN)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .keep_alive(false)
        .serve_connection(stream, service)
        .with_upgrades();
    let _ = tokio::time::timeout(HANDSHAKE_WITHIN, handshake).await;
}

fn answer(
    shared: &Arc<Shared>,
    mut request: Request<Incoming>,
    place: &Mutex<Option<Place>>,
    visitor: &Visitor,
) -> Response<Empty<Bytes>> {
    let (ticket, holders) = match claim(shared, &request, visitor) {
        Ok(claim) => claim,
        Err(status) => return refusal(status),
    };
    let Some(accept) = accept_key(&request) else {
        return refusal(StatusCode::UPGRADE_REQUIRED);
    };
    let Some(place) = locked(place).take() else {
        return refusal(StatusCode::BAD_REQUEST);
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let Ok(Ok(upgraded)) = tokio::time::timeout(HANDSHAKE_WITHIN, upgrade).await else { return };
        let Some(socket) = socket_of(upgraded) else { return };
        match shared.redeem(&ticket, &holders) {
            Some(seat) => shared.seat(seat, socket).await,
            None => turn_away(socket).await,
        }
        drop(place);
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_ACCEPT, accept)
        .body(Empty::new())
        .unwrap_or_default()
}

/// The ticket in the path, and whose it may be; or with which status there is none.
fn claim(shared: &Shared, request: &Request<Incoming>, visitor: &Visitor) -> Result<(String, Vec<Sha256>), StatusCode> {
    let (path, headers) = (request.uri().path(), request.headers());
    if let (Some(ticket), Door::Browsers) = (path.strip_prefix("/media/"), visitor.door) {
        if !origin_allowed(shared, headers) {
            shared.counters.refused_origin.fetch_add(1, Relaxed);
            return Err(StatusCode::FORBIDDEN);
        }
        let sessions = cookies(headers, &shared.config.cookie_name);
        return Ok((ticket.to_owned(), sessions.iter().map(|session| hash(session)).collect()));
    }
    let ticket = path.strip_prefix(PEER_PATH).filter(|_| shared.config.gate == Gate::Tickets);
    let ticket = ticket.ok_or(StatusCode::NOT_FOUND)?;
    // No relay names one: a browser is here.
    if headers.contains_key(ORIGIN) {
        shared.counters.refused_origin.fetch_add(1, Relaxed);
        return Err(StatusCode::FORBIDDEN);
    }
    Ok((ticket.to_owned(), vec![peer_holder(visitor.party.as_deref())]))
}

/// The socket under hyper. What came with the handshake, before our answer, is no frame that we wait for.
fn socket_of(upgraded: Upgraded) -> Option<Socket> {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => Some(Socket::Clear(Arc::new(parts.io.into_inner()))),
        Err(upgraded) => {
            let parts = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>().ok()?;
            Some(Socket::Tls(Box::new(parts.io.into_inner())))
        }
    }
}

fn refusal(status: StatusCode) -> Response<Empty<Bytes>> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    response
}

/// Exactly one `Origin`, equal to an allowed one; standing alone the relay serves the loopback and asks for none.
fn origin_allowed(shared: &Shared, headers: &HeaderMap) -> bool {
    if matches!(shared.config.gate, Gate::Open) {
        return true;
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next().and_then(|origin| origin.to_str().ok()), origins.next()) {
        (Some(origin), None) => locked(&shared.allowed_origins).iter().any(|allowed| allowed == origin),
        _ => false,
    }
}

fn accept_key(request: &Request<Incoming>) -> Option<String> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let upgrades = request.method() == Method::GET
        && header(UPGRADE)?.eq_ignore_ascii_case("websocket")
        && header(CONNECTION)?.split(',').any(|token| token.trim().eq_ignore_ascii_case("upgrade"))
        && header(SEC_WEBSOCKET_VERSION)? == "13";
    let key = request.headers().get(SEC_WEBSOCKET_KEY)?.as_bytes();
    if !upgrades || key.len() != 24 {
        return None;
    }
    Some(websocket::accept_of(key))
}

/// The values of every cookie of that name.
fn cookies(headers: &HeaderMap, name: &str) -> Vec<String> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(of, _)| *of == name)
        .map(|(_, value)| value.trim_matches('"').to_owned())
        .collect()
}

/// A ticket unknown, used, late, or another session's: the same answer for all (api, Media).
async fn turn_away(mut socket: Socket) {
    let frame = Close::by_relay(4401, CloseCause::Ticket).frame();
    let told = tokio::time::timeout(Duration::from_secs(1), socket.send(&frame)).await;
    if matches!(told, Ok(Ok(()))) {
        let _ = tokio::time::timeout(Duration::from_secs(1), socket.drain()).await;
    }
}
