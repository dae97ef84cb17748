//! What the relay computes. No socket, no clock, no task: time and bytes come in, bytes and verdicts go out.

pub mod access_units;
pub mod admission;
pub mod capture_clock;
pub mod cmaf;
pub mod muxer;
pub mod pictures;
pub mod rtsp_frames;
pub mod rtsp_session;
mod source_fault;
pub mod sps;
pub mod websocket;

pub use source_fault::{PacketPlace, SourceCause, SourceFault};
