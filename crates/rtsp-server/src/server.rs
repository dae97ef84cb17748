//! The server: its sockets, its paths, its thread.
use std::{
    collections::HashMap,
    fmt, io,
    net::{IpAddr, SocketAddr},
    os::fd::BorrowedFd,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::{
    net::{TcpListener, UdpSocket},
    runtime::Runtime,
    sync::Semaphore,
};

use crate::{
    Change, Credentials, ParameterSets, PathStats,
    changes::Changes,
    connection,
    path::Path,
    rtcp,
    rtp::{Manner, Packets},
};

/// Where to listen and how much to hold.
#[derive(Debug, Clone)]
pub struct Config {
    pub host: IpAddr,
    /// 0 for any free port.
    pub port: u16,
    pub connections_max: usize,
    /// Access units held for one client that does not read; then it waits for a key frame.
    pub queue_access_units: usize,
    /// The path that answers for every name that is no path's: a server of one camera.
    pub any_name: Option<String>,
}

/// Why a server did not do what it was asked.
#[derive(Debug)]
pub enum Error {
    /// A socket or thread could not be made.
    Io(io::Error),
    /// The system gives no random numbers.
    Random(getrandom::Error),
    UnknownPath(String),
    PathExists(String),
    /// A path must be non-empty, without slashes at its ends.
    BadPath(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the RTSP server's sockets failed: {error}"),
            Self::Random(error) => write!(f, "no random numbers for RTP: {error}"),
            Self::UnknownPath(path) => write!(f, "no path `{path}` on this RTSP server"),
            Self::PathExists(path) => write!(f, "path `{path}` is already served"),
            Self::BadPath(path) => write!(f, "`{path}` cannot be a path: empty, or a slash at an end"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<getrandom::Error> for Error {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}

/// What every connection shares.
#[derive(Debug)]
pub(crate) struct Shared {
    paths: RwLock<HashMap<String, Arc<Path>>>,
    any_name: Option<String>,
    pub(crate) datagrams: Datagrams,
}

impl Shared {
    /// The path of this very name.
    fn path(&self, name: &str) -> Option<Arc<Path>> {
        self.paths.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The path that a client's name stands for.
    pub(crate) fn asked(&self, name: &str) -> Option<Arc<Path>> {
        self.path(name).or_else(|| self.path(self.any_name.as_deref()?))
    }
}

/// The pair of sockets from which every datagram client is sent to; streams differ by SSRC.
#[derive(Debug)]
pub(crate) struct Datagrams {
    rtp: UdpSocket,
    rtcp: UdpSocket,
    pub(crate) rtp_port: u16,
    pub(crate) rtcp_port: u16,
}

impl Datagrams {
    /// Binds an even port and the next one, as RFC 3550 likes it.
    async fn bind(host: IpAddr) -> io::Result<Self> {
        const ATTEMPTS: usize = 64;
        let mut failure = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..ATTEMPTS {
            let rtp = UdpSocket::bind((host, 0)).await?;
            let rtp_port = rtp.local_addr()?.port();
            if rtp_port % 2 == 1 || rtp_port == u16::MAX - 1 {
                continue;
            }
            match UdpSocket::bind((host, rtp_port + 1)).await {
                Ok(rtcp) => return Ok(Self { rtp, rtcp, rtp_port, rtcp_port: rtp_port + 1 }),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Sends an access unit; a datagram that cannot be sent is a lost one.
    pub(crate) async fn send(&self, packets: &Packets, report_due: bool, rtp: SocketAddr, rtcp: SocketAddr) {
        if report_due {
            let _ = self.rtcp.send_to(&rtcp::sender_report(&packets.report, connection::now_us()), rtcp).await;
        }
        for packet in &packets.rtp {
            let _ = self.rtp.send_to(packet, rtp).await;
        }
    }

    pub(crate) fn say_bye(&self, ssrc: u32, rtcp: SocketAddr) {
        let _ = self.rtcp.try_send_to(&rtcp::bye(ssrc), rtcp);
    }
}

/// An RTSP server on a thread of its own; dropping it closes every connection.
#[derive(Debug)]
pub struct Server {
    runtime: Option<Runtime>,
    shared: Arc<Shared>,
    changes: Arc<Changes>,
    address: SocketAddr,
    queue_access_units: usize,
}

impl Server {
    /// Binds and starts to accept.
    ///
    /// # Errors
    /// [`Error::Io`] if the port is taken or a thread cannot start.
    pub fn start(config: Config) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("rtsp-server")
            .enable_all()
            .build()?;
        let (listener, datagrams) = runtime.block_on(async {
            let listener = TcpListener::bind((config.host, config.port)).await?;
            io::Result::Ok((listener, Datagrams::bind(config.host).await?))
        })?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { paths: RwLock::default(), any_name: config.any_name, datagrams });
        runtime.spawn(accept(listener, Arc::clone(&shared), config.connections_max));
        Ok(Self {
            runtime: Some(runtime),
            shared,
            changes: Arc::new(Changes::new()?),
            address,
            queue_access_units: config.queue_access_units.max(1),
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves a new path; without `credentials` anyone may play it.
    pub fn add_path(
        &self,
        name: &str,
        parameters: ParameterSets,
        credentials: Option<Credentials>,
    ) -> Result<(), Error> {
        if name.is_empty() || name.trim_matches('/') != name {
            return Err(Error::BadPath(name.to_owned()));
        }
        let path =
            Path::new(name.to_owned(), parameters, credentials, self.queue_access_units, Arc::clone(&self.changes))?;
        let mut paths = self.shared.paths.write().unwrap_or_else(PoisonError::into_inner);
        if paths.contains_key(name) {
            return Err(Error::PathExists(name.to_owned()));
        }
        paths.insert(name.to_owned(), Arc::new(path));
        Ok(())
    }

    fn path(&self, name: &str) -> Result<Arc<Path>, Error> {
        self.shared.path(name).ok_or_else(|| Error::UnknownPath(name.to_owned()))
    }

    /// Says what DESCRIBE announces from now on; key frames that carry their own update it too.
    pub fn set_parameters(&self, name: &str, parameters: ParameterSets) -> Result<(), Error> {
        self.path(name)?.set_parameters(parameters);
        Ok(())
    }

    /// Sends one Annex B access unit, captured at `capture_us` since the Unix epoch; never waits.
    pub fn push(&self, name: &str, access_unit: &[u8], capture_us: u64) -> Result<(), Error> {
        self.path(name)?.push(access_unit, capture_us);
        Ok(())
    }

    /// Has a path's camera do otherwise than the standards say, from its next picture on.
    pub fn behave(&self, name: &str, manner: Manner) -> Result<(), Error> {
        self.path(name)?.behave(manner);
        Ok(())
    }

    /// Stops RTP and leaves TCP up, or starts again.
    pub fn freeze(&self, name: &str, frozen: bool) -> Result<(), Error> {
        self.path(name)?.freeze(frozen);
        Ok(())
    }

    /// Resets a path's connections and refuses new ones for `absence`.
    pub fn drop_clients(&self, name: &str, absence: Duration) -> Result<(), Error> {
        Ok(self.path(name)?.vanish(absence, false)?)
    }

    /// As `drop_clients`, and comes back with a new SSRC, sequence and timestamps.
    pub fn reboot(&self, name: &str, absence: Duration) -> Result<(), Error> {
        Ok(self.path(name)?.vanish(absence, true)?)
    }

    /// Counters of one path.
    pub fn stats(&self, name: &str) -> Result<PathStats, Error> {
        Ok(self.path(name)?.stats())
    }

    /// What changed since it was last asked.
    pub fn take_changes(&self) -> Vec<Change> {
        self.changes.take()
    }

    /// Readable while there are changes to take.
    pub fn signal(&self) -> BorrowedFd<'_> {
        self.changes.signal()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, connections_max: usize) {
    const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(50);
    let seats = Arc::new(Semaphore::new(connections_max));
    let mut id = 0_u64;
    loop {
        // Out of file descriptors, most likely: wait for some to be closed.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
            continue;
        };
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            continue; // full: closed at once
        };
        id += 1;
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            connection::serve(stream, id, shared).await;
            drop(seat);
        });
    }
}
