//! What a camera does otherwise than the standards say although its pictures are shown: a closed set, counted per camera.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// One kind of behaviour that is put up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Oddity {
    /// Its answers lack the reason phrase, or lines that no standard knows stand among their headers.
    OddAnswer,
    /// It answers with another `CSeq` than that of the request.
    WrongCseq,
    /// What it sends between packets is neither a packet nor a message.
    StrayBytes,
    /// It sends before it has answered PLAY.
    EarlyPackets,
    /// A packet is no RTP, or its payload cannot be read.
    BadPacket,
    EmptyPayload,
    /// A payload of a kind that was not agreed (RFC 6184, types 0, 25–27, 29–31; RFC 7798, 50 and above).
    UnexpectedPayload,
    /// The tail of a NAL unit without its head.
    TornUnit,
    OtherPayloadType,
    /// A packet of another source, and none behind it.
    StraySource,
    /// The SSRC changes within a session.
    SourceChanges,
    /// The sequence numbers start anew within a session.
    SequenceRestarts,
    /// The RTP marker stands elsewhere than at the end of a picture.
    MarksWithinPictures,
    /// Pictures come in another order than they are shown: as long as that takes, they come later.
    Reorders,
    /// A picture's time could not be, and was told by its arrival.
    TimeRepaired,
    /// Times of capture could not be, and were told by the arrival.
    CaptureTimeRepaired,
    /// Pictures are taken up at recovery points: it sends no IDR.
    RecoveryPoints,
    /// It is read over UDP, since it refuses TCP.
    OverUdp,
    /// Over UDP: a packet came behind its successors.
    Reordered,
}

impl Oddity {
    /// Every kind once.
    pub const ALL: [Self; 19] = [
        Self::OddAnswer,
        Self::WrongCseq,
        Self::StrayBytes,
        Self::EarlyPackets,
        Self::BadPacket,
        Self::EmptyPayload,
        Self::UnexpectedPayload,
        Self::TornUnit,
        Self::OtherPayloadType,
        Self::StraySource,
        Self::SourceChanges,
        Self::SequenceRestarts,
        Self::MarksWithinPictures,
        Self::Reorders,
        Self::TimeRepaired,
        Self::CaptureTimeRepaired,
        Self::RecoveryPoints,
        Self::OverUdp,
        Self::Reordered,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::OddAnswer => "odd-answer",
            Self::WrongCseq => "wrong-cseq",
            Self::StrayBytes => "stray-bytes",
            Self::EarlyPackets => "early-packets",
            Self::BadPacket => "bad-packet",
            Self::EmptyPayload => "empty-payload",
            Self::UnexpectedPayload => "unexpected-payload",
            Self::TornUnit => "torn-unit",
            Self::OtherPayloadType => "other-payload-type",
            Self::StraySource => "stray-source",
            Self::SourceChanges => "source-changes",
            Self::SequenceRestarts => "sequence-restarts",
            Self::MarksWithinPictures => "marks-within-pictures",
            Self::Reorders => "reorders",
            Self::TimeRepaired => "time-repaired",
            Self::CaptureTimeRepaired => "capture-time-repaired",
            Self::RecoveryPoints => "recovery-points",
            Self::OverUdp => "over-udp",
            Self::Reordered => "reordered",
        }
    }
}

/// How often each oddity was met; shared between a camera's sessions and whoever asks.
#[derive(Debug, Default)]
pub struct Oddities {
    counts: [AtomicU64; Oddity::ALL.len()],
}

impl Oddities {
    pub fn count(&self, oddity: Oddity) {
        if let Some(count) = self.counts.get(oddity as usize) {
            count.fetch_add(1, Relaxed);
        }
    }

    pub fn of(&self, oddity: Oddity) -> u64 {
        self.counts.get(oddity as usize).map_or(0, |count| count.load(Relaxed))
    }

    /// Packets of which nothing was used.
    pub fn packets_left_out(&self) -> u64 {
        let left_out = [
            Oddity::BadPacket,
            Oddity::EmptyPayload,
            Oddity::UnexpectedPayload,
            Oddity::TornUnit,
            Oddity::OtherPayloadType,
            Oddity::StraySource,
        ];
        left_out.into_iter().map(|oddity| self.of(oddity)).sum()
    }

    /// Those that were met, with their counts.
    pub fn met(&self) -> Vec<(Oddity, u64)> {
        Oddity::ALL.into_iter().map(|oddity| (oddity, self.of(oddity))).filter(|(_, count)| *count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_oddity_has_a_code_and_a_count_of_its_own() {
        let codes: std::collections::HashSet<_> = Oddity::ALL.into_iter().map(Oddity::code).collect();
        assert_eq!(codes.len(), Oddity::ALL.len());
        let oddities = Oddities::default();
        for (place, oddity) in Oddity::ALL.into_iter().enumerate() {
            assert_eq!(oddity as usize, place);
            oddities.count(oddity);
        }
        assert!(oddities.met().iter().all(|(_, count)| *count == 1));
        assert_eq!(oddities.met().len(), Oddity::ALL.len());
    }
}
