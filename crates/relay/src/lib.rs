//! The media relay: `engine` computes (time and bytes in, bytes out), `net` moves bytes.
#![forbid(unsafe_code)]

pub mod engine;
pub mod net;
