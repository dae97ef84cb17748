//! One RTSP server for many H.264 paths.
//!
//! Owns: the listening socket, RTSP sessions, RTP packets and RTCP sender reports.
//! Does not know: how a picture is made, nor Python. Whoever makes pictures pushes whole access
//! units and learns from [`Server::take_changes`] which paths are being watched.
//!
//! Every queue is bounded: a client that does not read loses access units up to the next key
//! frame, then its connection; a change of a path is a mark on a set, which cannot overflow.
#![forbid(unsafe_code)]

mod changes;
mod connection;
mod digest;
mod h264;
mod path;
mod request;
mod rtcp;
mod rtp;
mod sdp;
mod server;

pub use changes::Change;
pub use h264::ParameterSets;
pub use path::{Credentials, PathStats};
pub use rtp::Manner;
pub use server::{Config, Error, Server};
