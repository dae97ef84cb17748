//! What the relay computes. No socket, no clock, no task: time and bytes come in, bytes and verdicts go out.

pub mod access_units;
pub mod admission;
mod bits;
pub mod capture_clock;
pub mod cmaf;
pub mod cmaf_reading;
pub mod flat_json;
pub mod muxer;
pub mod nal;
pub mod oddities;
pub mod parameter_sets;
pub mod peer_clock;
pub mod peer_frames;
pub mod peer_stream;
pub mod picture_assembly;
pub mod pictures;
pub mod reorder;
mod rtp_packet;
pub mod rtp_payload;
pub mod rtsp_description;
pub mod rtsp_frames;
pub mod rtsp_login;
pub mod rtsp_session;
mod source_fault;
pub mod sps;
mod timeline;
pub mod websocket;

pub use source_fault::{PacketPlace, SourceCause, SourceFault};
