//! What is counted while the relay runs, and a moment's figures.

use std::sync::atomic::AtomicU64;

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
    /// Of cameras: packets that could not be read, or were of another kind than was agreed.
    pub packets_left_out: u64,
    /// Pictures whose camera told a time that could not be.
    pub times_repaired: u64,
}
