//! RTP packets (RFC 3550) of one stream: sequence numbers, timestamps, counters.
use bytes::{BufMut, Bytes, BytesMut};

use crate::h264;

/// Payload bytes of one packet: with headers it fits an Ethernet frame.
const PAYLOAD_BYTES_MAX: usize = 1400;
pub(crate) const PAYLOAD_TYPE: u8 = 96;
pub(crate) const CLOCK_HZ: u32 = 90_000;

/// What a camera of the field does otherwise than the standards say; told to a path, for those who test players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    #[default]
    Plain,
    /// The RTP marker at the end of each unit, not of each picture.
    MarksEachUnit,
    /// Another SSRC with each group of pictures.
    SourceEachGroup,
    /// Sequence numbers that start anew with each group of pictures.
    NumbersAnewEachGroup,
    /// A packet without payload before each picture.
    EmptyPackets,
    /// Two pictures to each time.
    TimePairs,
    /// Times that run ten times too fast.
    TimeTenfold,
    /// Times in milliseconds.
    TimeInMilliseconds,
}

impl Manner {
    /// Each manner by its name.
    pub const ALL: [(&'static str, Self); 8] = [
        ("plain", Self::Plain),
        ("marks-each-unit", Self::MarksEachUnit),
        ("source-each-group", Self::SourceEachGroup),
        ("numbers-anew-each-group", Self::NumbersAnewEachGroup),
        ("empty-packets", Self::EmptyPackets),
        ("time-pairs", Self::TimePairs),
        ("time-tenfold", Self::TimeTenfold),
        ("time-in-milliseconds", Self::TimeInMilliseconds),
    ];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, manner)| manner)
    }
}

/// One access unit, packetised once for all clients.
#[derive(Debug)]
pub(crate) struct Packets {
    pub(crate) rtp: Vec<Bytes>,
    pub(crate) key_frame: bool,
    /// What a sender report sent with this access unit says.
    pub(crate) report: Report,
}

/// What a sender report says (RFC 3550, 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) ssrc: u32,
    pub(crate) capture_us: u64,
    pub(crate) rtp_time: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

/// The numbering of one stream, from one start of the camera to the next.
#[derive(Debug)]
pub(crate) struct Stream {
    ssrc: u32,
    sequence: u16,
    time_base: u32,
    packets: u32,
    octets: u32,
    pub(crate) manner: Manner,
    /// Pictures since the start, and the time of the newest that had one of its own.
    pictures: u32,
    newest_time: u32,
}

impl Stream {
    /// Starts with random numbers, as RFC 3550 asks.
    pub(crate) fn start() -> Result<Self, getrandom::Error> {
        Ok(Self {
            ssrc: getrandom::u32()?,
            sequence: u16::from_be_bytes(getrandom::u32()?.to_be_bytes()[..2].try_into().unwrap_or_default()),
            time_base: getrandom::u32()?,
            packets: 0,
            octets: 0,
            manner: Manner::Plain,
            pictures: 0,
            newest_time: 0,
        })
    }

    pub(crate) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub(crate) fn next_sequence(&self) -> u16 {
        self.sequence
    }

    /// The timestamp of an instant in µs since the Unix epoch. Affine, so that any instant and its
    /// timestamp may stand in a sender report.
    #[allow(clippy::cast_possible_truncation)] // wraps by design
    pub(crate) fn rtp_time(&self, capture_us: u64) -> u32 {
        let ticks = u128::from(capture_us) * u128::from(CLOCK_HZ) / 1_000_000;
        self.time_base.wrapping_add(ticks as u32)
    }

    /// The time that a picture's packets bear: its own, or what the manner makes of it.
    fn told_time(&mut self, rtp_time: u32) -> u32 {
        let number = self.pictures;
        self.pictures = number.wrapping_add(1);
        if number.is_multiple_of(2) {
            self.newest_time = rtp_time;
        }
        match self.manner {
            Manner::TimePairs => self.newest_time,
            Manner::TimeTenfold => rtp_time.wrapping_mul(10),
            Manner::TimeInMilliseconds => rtp_time / (CLOCK_HZ / 1_000),
            _ => rtp_time,
        }
    }

    #[allow(clippy::cast_possible_truncation)] // counters wrap by design
    fn packet(&mut self, payload: &[u8], marked: bool, rtp_time: u32) -> Bytes {
        let mut packet = BytesMut::with_capacity(12 + payload.len());
        packet.put_u8(0x80);
        packet.put_u8((u8::from(marked) << 7) | PAYLOAD_TYPE);
        packet.put_u16(self.sequence);
        packet.put_u32(rtp_time);
        packet.put_u32(self.ssrc);
        packet.put_slice(payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload.len() as u32);
        packet.freeze()
    }

    pub(crate) fn packetise(&mut self, access_unit: &[u8], capture_us: u64) -> Packets {
        let rtp_time = self.rtp_time(capture_us);
        let told_time = self.told_time(rtp_time);
        let mut rtp = Vec::with_capacity(access_unit.len() / PAYLOAD_BYTES_MAX + 4);
        match self.manner {
            Manner::SourceEachGroup if h264::is_key_frame(access_unit) => self.ssrc = self.ssrc.wrapping_add(1),
            Manner::NumbersAnewEachGroup if h264::is_key_frame(access_unit) => self.sequence = 0,
            Manner::EmptyPackets => rtp.push(self.packet(&[], false, told_time)),
            _ => {}
        }
        h264::packetise(access_unit, PAYLOAD_BYTES_MAX, |payload, last| {
            let marked = last || self.manner == Manner::MarksEachUnit && h264::ends_unit(&payload);
            rtp.push(self.packet(&payload, marked, told_time));
        });
        Packets {
            rtp,
            key_frame: h264::is_key_frame(access_unit),
            report: Report { ssrc: self.ssrc, capture_us, rtp_time, packets: self.packets, octets: self.octets },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_follow_each_other_and_time_moves_by_the_capture_clock() {
        let mut stream = Stream::start().unwrap();
        (stream.sequence, stream.time_base) = (65_535, u32::MAX - 10);
        let unit = [&[0, 0, 1, 0x65][..], &[0xaa; 3000]].concat();
        let first = stream.packetise(&unit, 1_000_000);
        let second = stream.packetise(&unit, 1_080_000);
        let sequences: Vec<u16> =
            first.rtp.iter().chain(&second.rtp).map(|p| u16::from_be_bytes([p[2], p[3]])).collect();
        assert_eq!(sequences, [65_535, 0, 1, 2, 3, 4]);
        assert_eq!(second.report.rtp_time.wrapping_sub(first.report.rtp_time), 7200);
        assert_eq!(second.report.packets, 6);
        assert_eq!(first.rtp.iter().filter(|p| p[1] & 0x80 != 0).count(), 1);
    }

    #[test]
    fn each_manner_shows_in_the_packets() {
        let unit = [0, 0, 1, 0x67, 66, 1, 0, 0, 1, 0x68, 7, 0, 0, 1, 0x65, 1];
        for (name, manner) in Manner::ALL {
            assert_eq!(Manner::named(name), Some(manner));
            let mut stream = Stream::start().unwrap();
            (stream.time_base, stream.sequence, stream.manner) = (0, 500, manner);
            let (ssrc, first) = (stream.ssrc(), stream.packetise(&unit, 1_000_000));
            let second = stream.packetise(&unit, 1_040_000);
            let field =
                |packets: &Packets, at: usize| u32::from_be_bytes(packets.rtp[0][at..at + 4].try_into().unwrap());
            let marks = first.rtp.iter().filter(|packet| packet[1] & 0x80 != 0).count();
            let step = field(&second, 4).wrapping_sub(field(&first, 4));
            assert_eq!(marks, if manner == Manner::MarksEachUnit { 3 } else { 1 }, "{name}");
            assert_eq!(field(&second, 8) != ssrc, manner == Manner::SourceEachGroup, "{name}");
            assert_eq!(second.rtp[0][2..4] == [0, 0], manner == Manner::NumbersAnewEachGroup, "{name}");
            assert_eq!(first.rtp[0].len() == 12, manner == Manner::EmptyPackets, "{name}");
            let wanted = match manner {
                Manner::TimePairs => 0,
                Manner::TimeTenfold => 36_000,
                Manner::TimeInMilliseconds => 40,
                _ => 3_600,
            };
            assert_eq!(step, wanted, "{name}");
        }
    }

    #[test]
    fn a_new_start_draws_new_numbers() {
        let (a, b) = (Stream::start().unwrap(), Stream::start().unwrap());
        assert_ne!((a.ssrc, a.time_base), (b.ssrc, b.time_base));
    }
}
