//! Why a camera gives no pictures: a closed set of causes, and the fault of one session with what was seen of it.
//!
//! A cause is what people are told (Python has its words, `belvedere.domain.source_causes`); a fault carries what is needed
//! to find it in a packet capture. Neither carries a URL or a credential.

use std::fmt;

/// Every cause for which a camera is lost. The codes are Python's `SourceCause`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceCause {
    Unreachable,
    /// Its address is outside the networks in which cameras may be dialled.
    SourceForbidden,
    TimedOut,
    Closed,
    Untrusted,
    /// It asks for a password, and none is entered for it.
    NoPassword,
    WrongPassword,
    PasswordInClear,
    /// The account is known and may not read the stream.
    AccessDenied,
    NotFound,
    Busy,
    Redirected,
    UdpOnly,
    /// It refuses its video over TCP and over UDP.
    NoTransport,
    Refused,
    NoVideo,
    Unreadable,
    MessageTooLong,
    BadPackets,
    WrongPayloadType,
    SwappedChannels,
    NoPps,
    NoEntryPoint,
    AccessUnitTooLong,
    NoPicture,
    Silent,
    /// The relay of the camera's owner cannot be reached.
    PeerUnreachable,
    /// It shows no key that is pinned for its party.
    PeerUntrusted,
    /// It gives no access to the pictures, or none was had in time.
    PeerRefused,
    /// What it sends is not what a relay of ours sends.
    PeerUnreadable,
    /// It says nothing any more.
    PeerSilent,
    /// The session panicked.
    Internal,
}

impl SourceCause {
    /// Every cause once, for the test that compares them with Python's.
    pub const ALL: [Self; 32] = [
        Self::Unreachable,
        Self::SourceForbidden,
        Self::TimedOut,
        Self::Closed,
        Self::Untrusted,
        Self::NoPassword,
        Self::WrongPassword,
        Self::PasswordInClear,
        Self::AccessDenied,
        Self::NotFound,
        Self::Busy,
        Self::Redirected,
        Self::UdpOnly,
        Self::NoTransport,
        Self::Refused,
        Self::NoVideo,
        Self::Unreadable,
        Self::MessageTooLong,
        Self::BadPackets,
        Self::WrongPayloadType,
        Self::SwappedChannels,
        Self::NoPps,
        Self::NoEntryPoint,
        Self::AccessUnitTooLong,
        Self::NoPicture,
        Self::Silent,
        Self::PeerUnreachable,
        Self::PeerUntrusted,
        Self::PeerRefused,
        Self::PeerUnreadable,
        Self::PeerSilent,
        Self::Internal,
    ];

    /// The cause that another relay tells by its code. Of a code that is not known (a later relay's) this much is: there is no
    /// picture.
    pub fn told(code: &str) -> Self {
        Self::ALL.into_iter().find(|known| known.code() == code).unwrap_or(Self::NoPicture)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::SourceForbidden => "source-forbidden",
            Self::TimedOut => "timed-out",
            Self::Closed => "closed",
            Self::Untrusted => "untrusted",
            Self::NoPassword => "no-password",
            Self::WrongPassword => "wrong-password",
            Self::PasswordInClear => "password-in-clear",
            Self::AccessDenied => "access-denied",
            Self::NotFound => "not-found",
            Self::Busy => "busy",
            Self::Redirected => "redirected",
            Self::UdpOnly => "udp-only",
            Self::NoTransport => "no-transport",
            Self::Refused => "refused",
            Self::NoVideo => "no-video",
            Self::Unreadable => "unreadable",
            Self::MessageTooLong => "message-too-long",
            Self::BadPackets => "bad-packets",
            Self::WrongPayloadType => "wrong-payload-type",
            Self::SwappedChannels => "swapped-channels",
            Self::NoPps => "no-pps",
            Self::NoEntryPoint => "no-entry-point",
            Self::AccessUnitTooLong => "access-unit-too-long",
            Self::NoPicture => "no-picture",
            Self::Silent => "silent",
            Self::PeerUnreachable => "peer-unreachable",
            Self::PeerUntrusted => "peer-untrusted",
            Self::PeerRefused => "peer-refused",
            Self::PeerUnreadable => "peer-unreadable",
            Self::PeerSilent => "peer-silent",
            Self::Internal => "internal",
        }
    }
}

/// Where an RTP packet stands in what the camera sent. With the connection's two addresses it is found in a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketPlace {
    /// The interleaved channel.
    pub channel: u8,
    /// Where its frame begins, in bytes from the start of the connection; over TLS, of what was decrypted.
    pub position: u64,
    /// The stream's source and the packet's number, where its header could be read.
    pub rtp: Option<(u32, u16)>,
}

impl fmt::Display for PacketPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "channel {}, byte {}", self.channel, self.position)?;
        match self.rtp {
            Some((ssrc, sequence)) => write!(formatter, ", ssrc {ssrc:08x}, seq {sequence}"),
            None => Ok(()),
        }
    }
}

/// Why one session with a camera ended, or gives no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceFault {
    #[error("unreachable: {0}")]
    Unreachable(String),
    #[error("name `{0}` is outside the allowed networks")]
    Forbidden(String),
    #[error("{step} was not answered within {limit_ms} ms")]
    TimedOut { step: &'static str, limit_ms: u64 },
    #[error("the camera closed the connection during {step}")]
    Closed { step: &'static str },
    #[error("no RTP for {0} ms")]
    Silent(u64),
    #[error("no picture in {bytes} bytes")]
    NoPicture { bytes: u64 },
    #[error("RTSP that cannot be read: {0}")]
    Unreadable(String),
    #[error("a message of {size} bytes; {limit} at most")]
    MessageTooLong { size: u64, limit: u64 },
    #[error("an access unit of more than {limit} bytes: {place}")]
    AccessUnitTooLong { limit: u64, place: PacketPlace },
    #[error("{step} refused with status {status}")]
    Refused { step: &'static str, status: u16 },
    #[error("{step} refused with status {status}: it serves as many as it can")]
    Busy { step: &'static str, status: u16, retry_after_s: Option<u64> },
    #[error("the camera shows no certificate that its authorities vouch for")]
    Untrusted,
    #[error("{step} refused with status 401, and no credentials are entered")]
    NoPassword { step: &'static str },
    #[error("{step} refused with status 401 after the credentials were proven")]
    WrongPassword { step: &'static str },
    #[error("the camera asks for its password in clear; use rtsps")]
    PasswordInClear,
    #[error("the camera sends over UDP only, which TLS does not cover: {0}")]
    UdpOnly(String),
    #[error("SETUP refused over TCP and over UDP (status 461, or another transport than asked for)")]
    NoTransport,
    #[error("no H.264 or H.265 video is offered")]
    NoVideo,
    #[error("packet that cannot be read: {why}: {place}")]
    BadPacket { why: String, place: PacketPlace },
    #[error("payload type {sent} where the description announces {announced}: {place}")]
    WrongPayloadType { announced: u8, sent: u8, place: PacketPlace },
    #[error("RTP where channel {agreed} was agreed: {place}")]
    SwappedChannels { agreed: u8, place: PacketPlace },
    #[error("no usable parameter sets in the description nor before {pictures} coded pictures")]
    NoParameterSets { pictures: u64 },
    #[error("no entry point in {ms} ms of coded pictures")]
    NoEntryPoint { ms: u64 },
    #[error("the owner's relay cannot be reached: {0}")]
    PeerUnreachable(String),
    #[error("the owner's relay shows no key that is pinned for its party")]
    PeerUntrusted,
    #[error("the owner's relay gives no pictures: {0}")]
    PeerRefused(String),
    #[error("the owner's relay sends what none of ours would: {why}: byte {position}")]
    PeerUnreadable { why: String, position: u64 },
    #[error("nothing of the owner's relay for {0} ms")]
    PeerSilent(u64),
    #[error("lost at its owner: {told}")]
    AtOwner { cause: SourceCause, told: String },
    #[error("internal")]
    Internal,
}

impl SourceFault {
    pub fn cause(&self) -> SourceCause {
        match self {
            Self::Unreachable(_) => SourceCause::Unreachable,
            Self::Forbidden(_) => SourceCause::SourceForbidden,
            Self::TimedOut { .. } => SourceCause::TimedOut,
            Self::Closed { .. } => SourceCause::Closed,
            Self::Silent(_) => SourceCause::Silent,
            Self::NoPicture { .. } => SourceCause::NoPicture,
            Self::Unreadable(_) => SourceCause::Unreadable,
            Self::MessageTooLong { .. } => SourceCause::MessageTooLong,
            Self::AccessUnitTooLong { .. } => SourceCause::AccessUnitTooLong,
            Self::Refused { status, .. } => refusal(*status),
            Self::Busy { .. } => SourceCause::Busy,
            Self::Untrusted => SourceCause::Untrusted,
            Self::NoPassword { .. } => SourceCause::NoPassword,
            Self::WrongPassword { .. } => SourceCause::WrongPassword,
            Self::PasswordInClear => SourceCause::PasswordInClear,
            Self::UdpOnly(_) => SourceCause::UdpOnly,
            Self::NoTransport => SourceCause::NoTransport,
            Self::NoVideo => SourceCause::NoVideo,
            Self::BadPacket { .. } => SourceCause::BadPackets,
            Self::WrongPayloadType { .. } => SourceCause::WrongPayloadType,
            Self::SwappedChannels { .. } => SourceCause::SwappedChannels,
            Self::NoParameterSets { .. } => SourceCause::NoPps,
            Self::NoEntryPoint { .. } => SourceCause::NoEntryPoint,
            Self::PeerUnreachable(_) => SourceCause::PeerUnreachable,
            Self::PeerUntrusted => SourceCause::PeerUntrusted,
            Self::PeerRefused(_) => SourceCause::PeerRefused,
            Self::PeerUnreadable { .. } => SourceCause::PeerUnreadable,
            Self::PeerSilent(_) => SourceCause::PeerSilent,
            Self::AtOwner { cause, .. } => *cause,
            Self::Internal => SourceCause::Internal,
        }
    }
}

/// What a status other than 401 means to who stands in front of the camera (RFC 2326, 11; RFC 7826, 17).
fn refusal(status: u16) -> SourceCause {
    match status {
        300..=399 => SourceCause::Redirected,
        403 => SourceCause::AccessDenied,
        404 | 410 => SourceCause::NotFound,
        461 => SourceCause::NoTransport,
        _ => SourceCause::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_a_code_of_its_own() {
        let codes: std::collections::HashSet<_> = SourceCause::ALL.into_iter().map(SourceCause::code).collect();
        assert_eq!(codes.len(), SourceCause::ALL.len());
    }

    #[test]
    fn a_status_names_its_cause() {
        for (status, cause) in [
            (301, SourceCause::Redirected),
            (403, SourceCause::AccessDenied),
            (404, SourceCause::NotFound),
            (461, SourceCause::NoTransport),
            (500, SourceCause::Refused),
        ] {
            assert_eq!(SourceFault::Refused { step: "SETUP", status }.cause(), cause, "{status}");
        }
    }

    #[test]
    fn a_bad_packet_is_found_in_a_capture_by_what_its_fault_says() {
        let place = PacketPlace { channel: 0, position: 4_711, rtp: Some((0xabc, 65_535)) };
        let fault = SourceFault::BadPacket { why: "forbidden bit".to_owned(), place };
        assert_eq!(
            fault.to_string(),
            "packet that cannot be read: forbidden bit: channel 0, byte 4711, ssrc 00000abc, seq 65535"
        );
    }
}
