//! What bounds a camera's session.

use std::time::Duration;

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
    /// The longest that a camera which serves as many sessions as it can is left alone.
    pub busy_max: Duration,
    /// How long an on-demand camera is read after its last viewer.
    pub idle: Duration,
    /// How long a peer's camera is read after its last viewer.
    pub idle_peer: Duration,
}
