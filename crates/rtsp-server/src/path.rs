//! One path of the server: who watches it, what it sends, and the faults it was told to have.
use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, mpsc};

use crate::{
    changes::Changes,
    h264::{ParameterSets, is_key_frame},
    rtp::{Manner, Packets, Stream},
    sdp,
};

/// What a client must know to play a path. The password is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Counters and state of one path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PathStats {
    /// Clients that are playing.
    pub clients: usize,
    /// Access units given to at least one client.
    pub access_units: u64,
    /// Access units that a client lost because it did not read fast enough, or that it could not
    /// decode because it waited for a key frame.
    pub lost: u64,
    pub frozen: bool,
    /// Refusing every client, after a drop or during a reboot.
    pub absent: bool,
    pub ssrc: u32,
}

/// The first packet that a client will get, for RTP-Info. The number is known only to a client
/// that is alone: another one waits for the next key frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FirstPacket {
    pub(crate) sequence: Option<u16>,
    pub(crate) rtp_time: u32,
}

#[derive(Debug)]
pub(crate) struct Path {
    name: String,
    queue_access_units: usize,
    changes: Arc<Changes>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    credentials: Option<Arc<Credentials>>,
    parameters: ParameterSets,
    stream: Stream,
    /// Every connection that named this path, playing or not: a fault resets them all.
    connections: HashMap<u64, Arc<Notify>>,
    clients: HashMap<u64, Client>,
    frozen: bool,
    absent_until: Option<Instant>,
    access_units: u64,
    lost: u64,
}

#[derive(Debug)]
struct Client {
    queue: mpsc::Sender<Arc<Packets>>,
    waits_for_key_frame: bool,
}

impl Path {
    pub(crate) fn new(
        name: String,
        parameters: ParameterSets,
        credentials: Option<Credentials>,
        queue_access_units: usize,
        changes: Arc<Changes>,
    ) -> Result<Self, getrandom::Error> {
        let state = State {
            credentials: credentials.map(Arc::new),
            parameters,
            stream: Stream::start()?,
            connections: HashMap::new(),
            clients: HashMap::new(),
            frozen: false,
            absent_until: None,
            access_units: 0,
            lost: 0,
        };
        Ok(Self { name, queue_access_units, changes, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn credentials(&self) -> Option<Arc<Credentials>> {
        self.state().credentials.clone()
    }

    pub(crate) fn describe(&self, address: IpAddr) -> Vec<u8> {
        sdp::describe(&self.name, address, &self.state().parameters)
    }

    pub(crate) fn set_parameters(&self, parameters: ParameterSets) {
        self.state().parameters = parameters;
    }

    pub(crate) fn ssrc(&self) -> u32 {
        self.state().stream.ssrc()
    }

    /// Lets a connection in, or returns false while the camera is absent.
    pub(crate) fn enter(&self, connection: u64, reset: &Arc<Notify>) -> bool {
        let mut state = self.state();
        if state.absent() {
            return false;
        }
        state.connections.entry(connection).or_insert_with(|| Arc::clone(reset));
        true
    }

    /// Forgets a connection and whatever it was playing.
    pub(crate) fn leave(&self, connection: u64) {
        let mut state = self.state();
        state.connections.remove(&connection);
        self.stop_playing(&mut state, connection);
    }

    pub(crate) fn pause(&self, connection: u64) {
        self.stop_playing(&mut self.state(), connection);
    }

    fn stop_playing(&self, state: &mut State, connection: u64) {
        if state.clients.remove(&connection).is_some() {
            self.changes.mark(&self.name, state.clients.len(), false);
        }
    }

    /// Starts to send to a connection that entered, from the next key frame on.
    pub(crate) fn play(&self, connection: u64, now_us: u64) -> (mpsc::Receiver<Arc<Packets>>, FirstPacket) {
        let (queue, packets) = mpsc::channel(self.queue_access_units);
        let mut state = self.state();
        let alone = state.clients.is_empty();
        let first = FirstPacket {
            sequence: alone.then(|| state.stream.next_sequence()),
            rtp_time: state.stream.rtp_time(now_us),
        };
        state.clients.insert(connection, Client { queue, waits_for_key_frame: true });
        self.changes.mark(&self.name, state.clients.len(), true);
        (packets, first)
    }

    /// Sends an access unit to every client that can decode it; never waits.
    pub(crate) fn push(&self, access_unit: &[u8], capture_us: u64) {
        let mut guard = self.state();
        let state = &mut *guard;
        if state.frozen || state.clients.is_empty() {
            return;
        }
        let key_frame = is_key_frame(access_unit);
        if key_frame && let Some(parameters) = ParameterSets::from_annex_b(access_unit) {
            state.parameters = parameters;
        }
        let waiting = state.clients.values().filter(|client| client.waits_for_key_frame).count();
        if !key_frame && waiting == state.clients.len() {
            state.lost += waiting as u64;
            return;
        }
        let packets = Arc::new(state.stream.packetise(access_unit, capture_us));
        if packets.rtp.is_empty() {
            return;
        }
        state.access_units += 1;
        let mut key_frame_wanted = false;
        for client in state.clients.values_mut() {
            if client.waits_for_key_frame && !packets.key_frame {
                state.lost += 1;
                continue;
            }
            client.waits_for_key_frame = client.queue.try_send(Arc::clone(&packets)).is_err();
            if client.waits_for_key_frame {
                state.lost += 1;
                key_frame_wanted = true;
            }
        }
        if key_frame_wanted {
            self.changes.mark(&self.name, state.clients.len(), true);
        }
    }

    /// What the camera does otherwise than the standards say, from its next picture on; a reboot keeps it.
    pub(crate) fn behave(&self, manner: Manner) {
        self.state().stream.manner = manner;
    }

    /// Stops RTP and leaves TCP up, or starts again from a key frame.
    pub(crate) fn freeze(&self, frozen: bool) {
        let mut state = self.state();
        state.frozen = frozen;
        for client in state.clients.values_mut() {
            client.waits_for_key_frame = true;
        }
        if !frozen && !state.clients.is_empty() {
            self.changes.mark(&self.name, state.clients.len(), true);
        }
    }

    /// Resets every connection and refuses new ones for `absence`; a camera that `restarts` comes
    /// back with other numbers, and no longer frozen.
    pub(crate) fn vanish(&self, absence: Duration, restarts: bool) -> Result<(), getrandom::Error> {
        let mut state = self.state();
        if restarts {
            let manner = state.stream.manner;
            state.stream = Stream::start()?;
            state.stream.manner = manner;
            state.frozen = false;
        }
        state.absent_until = Some(Instant::now() + absence);
        for (_, reset) in state.connections.drain() {
            reset.notify_one();
        }
        if !state.clients.is_empty() {
            state.clients.clear();
            self.changes.mark(&self.name, 0, false);
        }
        Ok(())
    }

    pub(crate) fn stats(&self) -> PathStats {
        let mut state = self.state();
        PathStats {
            clients: state.clients.len(),
            access_units: state.access_units,
            lost: state.lost,
            frozen: state.frozen,
            absent: state.absent(),
            ssrc: state.stream.ssrc(),
        }
    }
}

impl State {
    fn absent(&mut self) -> bool {
        if self.absent_until.is_some_and(|until| Instant::now() >= until) {
            self.absent_until = None;
        }
        self.absent_until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const KEY: &[u8] = &[0, 0, 1, 0x67, 66, 0, 30, 0, 0, 1, 0x68, 7, 0, 0, 1, 0x65, 1, 2];
    const OTHER: &[u8] = &[0, 0, 1, 0x41, 1, 2];

    fn path() -> (Path, Arc<Changes>) {
        let changes = Arc::new(Changes::new().unwrap());
        let parameters =
            ParameterSets { sequence: Bytes::from_static(&[0x67, 1, 2, 3]), picture: Bytes::from_static(&[0x68, 1]) };
        (Path::new("p".into(), parameters, None, 4, Arc::clone(&changes)).unwrap(), changes)
    }

    #[test]
    fn a_client_starts_with_a_key_frame_and_its_announced_number() {
        let (path, changes) = path();
        assert!(path.enter(1, &Arc::default()));
        let (mut queue, first) = path.play(1, 0);
        assert_eq!(changes.take(), [crate::Change { path: "p".into(), clients: 1, key_frame_wanted: true }]);
        path.push(OTHER, 10);
        path.push(KEY, 20);
        let packets = queue.try_recv().unwrap();
        assert!(packets.key_frame);
        assert_eq!(first.sequence, Some(u16::from_be_bytes([packets.rtp[0][2], packets.rtp[0][3]])));
        assert!(queue.try_recv().is_err());
    }

    #[test]
    fn a_client_that_does_not_read_waits_for_a_key_frame_and_asks_for_one() {
        let (path, changes) = path();
        path.enter(1, &Arc::default());
        let (mut queue, _) = path.play(1, 0);
        changes.take();
        path.push(KEY, 0);
        for at in 1..5 {
            path.push(OTHER, at);
        }
        assert!(changes.take()[0].key_frame_wanted);
        for _ in 0..4 {
            queue.try_recv().unwrap();
        }
        path.push(OTHER, 6);
        assert!(queue.try_recv().is_err());
        path.push(KEY, 7);
        assert!(queue.try_recv().unwrap().key_frame);
    }

    #[test]
    fn a_frozen_path_sends_nothing_and_thaws_with_a_key_frame() {
        let (path, changes) = path();
        path.enter(1, &Arc::default());
        let (mut queue, _) = path.play(1, 0);
        path.push(KEY, 0);
        queue.try_recv().unwrap();
        path.freeze(true);
        path.push(KEY, 1);
        assert!(queue.try_recv().is_err());
        changes.take();
        path.freeze(false);
        assert!(changes.take()[0].key_frame_wanted);
        path.push(OTHER, 2);
        assert!(queue.try_recv().is_err());
        path.push(KEY, 3);
        assert!(queue.try_recv().unwrap().key_frame);
    }

    #[test]
    fn a_reboot_ends_every_client_refuses_for_a_while_and_renumbers() {
        let (path, _) = path();
        let reset = Arc::new(Notify::new());
        path.enter(1, &reset);
        let (mut queue, _) = path.play(1, 0);
        let before = path.ssrc();
        path.vanish(Duration::from_millis(20), true).unwrap();
        assert!(matches!(queue.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
        assert!(!path.enter(2, &reset));
        std::thread::sleep(Duration::from_millis(25));
        assert!(path.enter(2, &reset));
        assert_ne!(path.ssrc(), before);
    }
}
