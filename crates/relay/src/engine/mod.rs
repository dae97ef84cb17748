//! What the relay computes. No socket, no clock, no task: time and bytes come in, bytes and verdicts go out.

pub mod access_units;
pub mod admission;
pub mod capture_clock;
pub mod cmaf;
pub mod muxer;
pub mod pictures;
pub mod rtsp_frames;
pub mod rtsp_session;
pub mod sps;
pub mod websocket;

/// Why a camera's session, or a viewer's, ended. Each is a code in events and logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceFault {
    #[error("unreachable: {0}")]
    Unreachable(String),
    #[error("name `{0}` is outside the allowed networks")]
    Forbidden(String),
    #[error("{step} was not answered within {limit_ms} ms")]
    TimedOut { step: &'static str, limit_ms: u64 },
    #[error("the camera closed the connection")]
    Closed,
    #[error("no RTP for {0} ms")]
    Silent(u64),
    #[error("no picture in {bytes} bytes")]
    NoPicture { bytes: u64 },
    #[error("RTSP that cannot be read: {0}")]
    Unreadable(String),
    #[error("a message of {size} bytes; {limit} at most")]
    MessageTooLong { size: u64, limit: u64 },
    #[error("an access unit of more than {limit} bytes")]
    AccessUnitTooLong { limit: u64 },
    #[error("{step} refused with status {status}")]
    Refused { step: &'static str, status: u16 },
    #[error("the camera shows no certificate that its authorities vouch for")]
    Untrusted,
    #[error("credentials refused")]
    Unauthorised,
    #[error("the camera asks for its password in clear; use rtsps")]
    PasswordInClear,
    #[error("no H.264 or H.265 video is offered")]
    NoVideo,
    #[error("internal")]
    Internal,
}

impl SourceFault {
    /// A short code for events: never a URL, never a credential.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Forbidden(_) => "source-forbidden",
            Self::TimedOut { .. } => "timed-out",
            Self::Closed => "closed",
            Self::Silent(_) => "silent",
            Self::NoPicture { .. } => "no-picture",
            Self::Unreadable(_) => "unreadable",
            Self::MessageTooLong { .. } => "message-too-long",
            Self::AccessUnitTooLong { .. } => "access-unit-too-long",
            Self::Refused { .. } => "refused",
            Self::Untrusted => "untrusted",
            Self::Unauthorised => "unauthorised",
            Self::PasswordInClear => "password-in-clear",
            Self::NoVideo => "no-video",
            Self::Internal => "internal",
        }
    }
}
