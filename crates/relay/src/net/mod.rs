//! Moves the bytes: one task a camera, one a viewer, one for the agenda of deadlines.
//!
//! Its modules import each other one way; `tests/unit/house/test_crates.py` refuses a circle.

mod busy;
mod clock;
mod config;
mod datagrams;
mod errors;
mod events;
mod feed;
mod ingest;
mod limits;
mod locks;
mod peer_ingest;
mod peer_keys;
mod peer_source;
mod reading;
mod relay;
mod server;
mod shared;
mod socket;
mod source;
mod stats;
#[cfg(test)]
mod tests;
mod tls;
mod viewer;

pub use crate::engine::SourceCause;
pub use crate::engine::oddities::Oddity;
pub use crate::engine::pictures::Limits as PictureLimits;
pub use config::{Config, Gate};
pub use errors::RelayError;
pub use events::{CloseCause, DropCause, Event};
pub use feed::SourceState;
pub use limits::IngestLimits;
pub use peer_source::PeerSource;
pub use relay::Relay;
pub use source::{Network, Source};
pub use stats::Stats;
pub use tls::Identity;
pub use viewer::Close;
