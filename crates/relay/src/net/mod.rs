//! Moves the bytes: one task a camera, one a viewer, one for the agenda of deadlines.

mod events;
mod feed;
mod ingest;
mod relay;
mod server;
mod socket;
mod source;
#[cfg(test)]
mod tests;
mod tls;
mod viewer;

pub use crate::engine::SourceCause;
pub use crate::engine::pictures::Limits as PictureLimits;
pub use events::{CloseCause, DropCause, Event};
pub use feed::SourceState;
pub use relay::{Config, Gate, IngestLimits, Relay, RelayError, Stats};
pub use source::{Network, Source};
pub use tls::Identity;
pub use viewer::Close;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic elsewhere ends its own session only: what it had locked stays usable.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
