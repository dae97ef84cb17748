//! From RTP packets to access units, with caps on what a camera may make us hold.
//!
//! No packet ends a session, whatever is in it: what cannot be used is left out, counted and remembered, so that a camera
//! of which nothing can be used is told as such.

use std::sync::Arc;
use std::time::Duration;

use super::oddities::{Oddities, Oddity};
pub use super::picture_assembly::AccessUnit;
use super::picture_assembly::Assembly;
use super::rtp_packet::RtpHead;
use super::rtp_payload::NalUnits;
use super::rtsp_description::OfferedVideo;
use super::{PacketPlace, SourceFault};

/// The packets of one picture come less far apart: behind one that bears the marker, and behind one that does not.
const SETTLES_MARKED: Duration = Duration::from_millis(100);
const SETTLES: Duration = Duration::from_secs(1);

/// Gathers the packets of one stream.
pub struct AccessUnits {
    units: NalUnits,
    assembly: Assembly,
    payload_type: u8,
    timeline: Timeline,
    /// The source that is followed, and the number of its next packet.
    followed: Option<(u32, u16)>,
    /// A packet of another source or number, held back until a second one shows what to make of it.
    held: Option<Held>,
    sources_followed: u64,
    unit_bytes_max: u64,
    channel: u8,
    oddities: Arc<Oddities>,
    left_out: LeftOut,
}

struct Held {
    ssrc: u32,
    next: u16,
    packet: Vec<u8>,
    position: u64,
}

/// What came since the newest access unit and made none.
#[derive(Debug, Default, Clone)]
struct LeftOut {
    other_payload: Option<(u8, PacketPlace)>,
    other_channel: Option<PacketPlace>,
    bad: Option<(&'static str, PacketPlace)>,
}

/// Unwraps 32-bit RTP times; a difference past 2³¹ is a step back.
#[derive(Debug, Default, Clone, Copy)]
struct Timeline {
    newest: Option<i64>,
}

impl Timeline {
    fn place(self, rtp_time: u32) -> i64 {
        match self.newest {
            None => i64::from(rtp_time),
            Some(newest) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let delta = rtp_time.wrapping_sub(newest as u32).cast_signed();
                newest.saturating_add(i64::from(delta))
            }
        }
    }
}

impl AccessUnits {
    /// For the video that was offered, on the channel that was agreed.
    pub fn new(video: &OfferedVideo, channel: u8, unit_bytes_max: u64, oddities: Arc<Oddities>) -> Self {
        Self {
            units: NalUnits::new(video.codec, video.numbers_units()),
            assembly: Assembly::new(video, Arc::clone(&oddities)),
            payload_type: video.payload_type,
            timeline: Timeline::default(),
            followed: None,
            held: None,
            sources_followed: 0,
            unit_bytes_max,
            channel,
            oddities,
            left_out: LeftOut::default(),
        }
    }

    /// Where a sender report's RTP time stands on the unwrapped timeline.
    pub fn place(&self, rtp_time: u32) -> i64 {
        self.timeline.place(rtp_time)
    }

    /// After how long a silence what was begun counts as a whole picture; None where nothing was, or a part is known to
    /// lack. Else each picture of a camera that gives one now and then would be shown when the next one comes.
    pub fn settles_after(&self) -> Option<Duration> {
        let marked = self.assembly.may_be_whole().filter(|_| self.units.held_bytes() == 0)?;
        Some(if marked { SETTLES_MARKED } else { SETTLES })
    }

    /// That silence is over.
    pub fn settle(&mut self, out: &mut Vec<AccessUnit>) {
        self.assembly.settle(out);
    }

    /// How many sources were followed one behind the other: the times of one mean nothing beside another's.
    pub fn sources_followed(&self) -> u64 {
        self.sources_followed
    }

    /// Notes what came on a channel where no RTP was agreed; its own RTP there means that the channels are swapped.
    pub fn note_elsewhere(&mut self, channel: u8, position: u64, packet: &[u8]) {
        if let Ok((head, _)) = RtpHead::read(packet)
            && head.payload_type == self.payload_type
        {
            let rtp = Some((head.ssrc, head.sequence));
            self.left_out.other_channel = Some(PacketPlace { channel, position, rtp });
        }
    }

    /// Why what came since the newest access unit made no other, as far as that can be told.
    pub fn why_none(&self) -> Option<SourceFault> {
        let LeftOut { other_payload, other_channel, bad } = &self.left_out;
        if self.assembly.without_sets() > 0 {
            return Some(SourceFault::NoParameterSets { pictures: self.assembly.without_sets() });
        }
        if let Some(place) = *other_channel {
            return Some(SourceFault::SwappedChannels { agreed: self.channel, place });
        }
        if let Some((sent, place)) = *other_payload {
            return Some(SourceFault::WrongPayloadType { announced: self.payload_type, sent, place });
        }
        bad.map(|(why, place)| SourceFault::BadPacket { why: why.to_owned(), place })
    }

    /// Takes one RTP packet, whose frame began at `position`; the pictures that it completed are appended to `out`.
    /// Fails only where what must be held passes its bound.
    pub fn push(&mut self, packet: &[u8], position: u64, out: &mut Vec<AccessUnit>) -> Result<(), SourceFault> {
        let mut place = PacketPlace { channel: self.channel, position, rtp: None };
        let head = match RtpHead::read(packet) {
            Ok((head, _)) => head,
            Err(why) => {
                self.leave_out(Oddity::BadPacket, why, place);
                return Ok(());
            }
        };
        place.rtp = Some((head.ssrc, head.sequence));
        if head.payload_type != self.payload_type {
            self.oddities.count(Oddity::OtherPayloadType);
            self.left_out.other_payload = Some((head.payload_type, place));
            return Ok(());
        }
        let RtpHead { ssrc, sequence, .. } = head;
        let Some((followed, next)) = self.followed else {
            self.followed = Some((ssrc, sequence));
            return self.read(packet, place, 0, out);
        };
        let ahead = sequence.wrapping_sub(next);
        if ssrc == followed && ahead < 0x8000 {
            if self.held.take().is_some_and(|held| held.ssrc != ssrc) {
                self.oddities.count(Oddity::StraySource);
            }
            return self.read(packet, place, ahead, out);
        }
        self.hold(ssrc, sequence, packet, position, out)
    }

    /// Takes a packet that does not follow: it is held back, and followed once the next one follows it.
    fn hold(
        &mut self,
        ssrc: u32,
        sequence: u16,
        packet: &[u8],
        position: u64,
        out: &mut Vec<AccessUnit>,
    ) -> Result<(), SourceFault> {
        let follows_held = |held: &mut Held| held.next == sequence;
        let Some(held) = self.held.take_if(follows_held) else {
            if let Some((followed, next)) = self.followed
                && ssrc == followed
                && next.wrapping_sub(sequence) == 1
            {
                return Ok(()); // the newest packet once more
            }
            if self.held.as_ref().is_some_and(|held| Some(held.ssrc) != self.followed.map(|(ssrc, _)| ssrc)) {
                self.oddities.count(Oddity::StraySource);
            }
            self.held = Some(Held { ssrc, next: sequence.wrapping_add(1), packet: packet.to_vec(), position });
            return Ok(());
        };
        let former = self.followed;
        let goes_on = former.is_some_and(|(_, next)| next == held.next.wrapping_sub(1));
        let restarts = former.is_some_and(|(followed, _)| followed == ssrc);
        self.oddities.count(if restarts { Oddity::SequenceRestarts } else { Oddity::SourceChanges });
        if !goes_on {
            self.lose(out);
        }
        self.sources_followed += u64::from(!restarts);
        let place = |packet: &[u8], position| PacketPlace {
            channel: self.channel,
            position,
            rtp: RtpHead::read(packet).ok().map(|(head, _)| (head.ssrc, head.sequence)),
        };
        let (first, second) = (place(&held.packet, held.position), place(packet, position));
        self.read(&held.packet, first, 0, out)?;
        self.read(packet, second, 0, out)
    }

    /// Reads the packet that follows, `loss` packets behind the one expected.
    fn read(
        &mut self,
        packet: &[u8],
        place: PacketPlace,
        loss: u16,
        out: &mut Vec<AccessUnit>,
    ) -> Result<(), SourceFault> {
        let Ok((head, payload)) = RtpHead::read(packet) else { return Ok(()) };
        self.followed = Some((head.ssrc, head.sequence.wrapping_add(1)));
        if loss > 0 {
            self.lose(out);
        }
        let rtp_time = self.timeline.place(head.time);
        self.timeline.newest = Some(rtp_time);
        let before = out.len();
        let Self { units, assembly, timeline, .. } = self;
        let read = units.push(payload, head.time, head.marked, |unit| {
            assembly.take(unit, timeline.place(unit.rtp_time), out);
        });
        if let Err(oddity) = read {
            self.leave_out(oddity, oddity.code(), place);
        }
        if out.len() > before {
            self.left_out = LeftOut::default();
        }
        let held = self.units.held_bytes().saturating_add(self.assembly.held_bytes());
        if held as u64 > self.unit_bytes_max {
            return Err(SourceFault::AccessUnitTooLong { limit: self.unit_bytes_max, place });
        }
        Ok(())
    }

    fn lose(&mut self, out: &mut Vec<AccessUnit>) {
        self.units.cut();
        self.assembly.lost(out);
    }

    fn leave_out(&mut self, oddity: Oddity, why: &'static str, place: PacketPlace) {
        self.oddities.count(oddity);
        self.left_out.bad = Some((why, place));
    }
}

#[cfg(test)]
mod tests {
    use super::super::SourceCause;
    use super::*;

    const SPS: &[u8] = b"\x67\x42\xc0\x0d\xda\x05\x07\xe8\x40\0\0\x03\0\x40\0\0\x0c\xa3\xc5\x0a\xa8";
    const PPS: &[u8] = &[0x68, 0xce, 0x0f, 0xc8];
    const IDR: &[u8] = &[0x65, 0x88, 0x84, 0x00, 0x10];
    const P: &[u8] = &[0x41, 0x9a, 0x84, 0x00, 0x10];

    fn packet_of(ssrc: u32, sequence: u16, rtp_time: u32, mark: bool, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x80, if mark { 96 + 0x80 } else { 96 }];
        packet.extend(sequence.to_be_bytes());
        packet.extend(rtp_time.to_be_bytes());
        packet.extend(ssrc.to_be_bytes());
        packet.extend(payload);
        packet
    }

    fn packet(sequence: u16, rtp_time: u32, mark: bool, payload: &[u8]) -> Vec<u8> {
        packet_of(7, sequence, rtp_time, mark, payload)
    }

    fn units() -> AccessUnits {
        AccessUnits::new(&OfferedVideo::for_tests(), 0, 100_000, Arc::default())
    }

    /// A picture's time, whether it is a key picture, and whether it follows a loss.
    type Seen = (i64, bool, bool);

    /// What `packets` make, and the oddities met.
    fn pictures(packets: &[Vec<u8>]) -> (Vec<Seen>, Vec<(Oddity, u64)>) {
        let mut units = units();
        let mut out = Vec::new();
        for packet in packets {
            units.push(packet, 0, &mut out).unwrap();
        }
        let pictures = out.iter().map(|unit| (unit.rtp_time, unit.key, unit.after_loss)).collect();
        (pictures, units.oddities.met())
    }

    /// Parameter sets, a key picture and `count` others, each of one packet, numbered from `sequence` on.
    fn group(ssrc: u32, sequence: u16, rtp_time: u32, count: u16) -> Vec<Vec<u8>> {
        let mut packets = vec![
            packet_of(ssrc, sequence, rtp_time, false, SPS),
            packet_of(ssrc, sequence.wrapping_add(1), rtp_time, false, PPS),
            packet_of(ssrc, sequence.wrapping_add(2), rtp_time, true, IDR),
        ];
        for number in 1..=count {
            let time = rtp_time.wrapping_add(u32::from(number) * 3_600);
            packets.push(packet_of(ssrc, sequence.wrapping_add(2 + number), time, true, P));
        }
        packets
    }

    #[test]
    fn an_access_unit_that_never_ends_is_refused_at_the_cap() {
        let mut units = units();
        let mut out = Vec::new();
        let mut sent = 0;
        let fault = loop {
            // A fragmented key picture: started once, never ended.
            let start = if sent == 0 { 0x85 } else { 0x05 };
            let mut payload = vec![0x7c, start];
            payload.extend([0xaa; 1000]);
            if let Err(fault) = units.push(&packet(sent, 1, false, &payload), 0, &mut out) {
                break fault;
            }
            sent += 1;
            assert!(sent < 200);
        };
        assert_eq!(fault.cause().code(), "access-unit-too-long");
        assert!(out.is_empty());
    }

    #[test]
    fn rtp_time_goes_on_past_its_32_bits() {
        let mut timeline = Timeline::default();
        timeline.newest = Some(timeline.place(u32::MAX - 10));
        assert_eq!(timeline.place(5), i64::from(u32::MAX) + 6);
    }

    /// The fault that is told where nothing but `packets` comes.
    fn why_none(packets: &[Vec<u8>]) -> Option<SourceFault> {
        let mut units = units();
        let mut out = Vec::new();
        for packet in packets {
            units.push(packet, 77, &mut out).unwrap();
        }
        assert!(out.is_empty());
        units.why_none()
    }

    #[test]
    fn pictures_without_a_picture_parameter_set_are_not_silence() {
        let packets = [packet(1, 1, false, SPS), packet(2, 1, true, IDR), packet(3, 3_601, true, IDR)];
        assert_eq!(why_none(&packets).unwrap().cause(), SourceCause::NoPps);
    }

    #[test]
    fn another_payload_type_than_announced_is_not_silence() {
        let mut other = packet(1, 1, true, IDR);
        other[1] = 98;
        assert_eq!(why_none(&[other]).unwrap().cause(), SourceCause::WrongPayloadType);
        assert_eq!(why_none(&[]), None);
    }

    #[test]
    fn pictures_on_another_channel_than_agreed_are_not_silence() {
        let mut units = units();
        units.note_elsewhere(1, 90, &[0x80, 200, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0]);
        assert_eq!(units.why_none(), None, "a sender report");
        units.note_elsewhere(1, 90, &packet(5, 1, true, IDR));
        let place = PacketPlace { channel: 1, position: 90, rtp: Some((7, 5)) };
        assert_eq!(units.why_none(), Some(SourceFault::SwappedChannels { agreed: 0, place }));
    }

    #[test]
    fn packets_of_which_nothing_can_be_used_are_told_with_the_place_of_the_newest() {
        let torn = why_none(&[packet(9, 1, true, &[0x7c, 0x45, 1])]).unwrap();
        assert_eq!(torn.cause(), SourceCause::BadPackets);
        assert!(torn.to_string().ends_with(": channel 0, byte 77, ssrc 00000007, seq 9"), "{torn}");
        let no_rtp = why_none(&[b"no".to_vec()]).unwrap();
        assert_eq!(no_rtp.cause(), SourceCause::BadPackets);
        assert!(no_rtp.to_string().ends_with(": channel 0, byte 77"), "{no_rtp}");
    }

    #[test]
    fn packets_that_hold_nothing_cost_no_picture() {
        let mut packets = group(7, 1, 0, 3);
        packets.push(packet(7, 14_400, false, &[]));
        packets.push(packet(8, 14_400, false, &[0x1f, 1, 2]));
        packets.push(packet(9, 14_400, true, P));
        packets.push(packet(10, 18_000, true, P));
        let (pictures, met) = pictures(&packets);
        assert_eq!(pictures.iter().map(|(time, ..)| *time).collect::<Vec<_>>(), [0, 3_600, 7_200, 10_800, 14_400]);
        assert!(pictures.iter().all(|(_, _, after_loss)| !after_loss));
        assert_eq!(met, [(Oddity::EmptyPayload, 1), (Oddity::UnexpectedPayload, 1)]);
    }

    #[test]
    fn a_source_that_changes_is_followed_without_a_loss_and_a_stray_one_ignored() {
        let mut packets = group(7, 1, 0, 5);
        packets.extend(group(8, 9, 21_600, 5));
        packets.insert(12, packet_of(99, 4_711, 1, true, P));
        let (pictures, met) = pictures(&packets);
        let times: Vec<_> = pictures.iter().map(|(time, ..)| *time).collect();
        assert_eq!(times, (0..12).map(|number| number * 3_600).collect::<Vec<_>>());
        assert!(pictures.iter().all(|(_, _, after_loss)| !after_loss), "{pictures:?}");
        assert_eq!(met, [(Oddity::StraySource, 1), (Oddity::SourceChanges, 1)]);
    }

    #[test]
    fn numbers_that_start_anew_are_followed() {
        for again in [1, 40_000, 60_000] {
            let mut packets = group(7, 50_000, 0, 5);
            packets.extend(group(7, again, 21_600, 5));
            let (pictures, met) = pictures(&packets);
            assert_eq!(pictures.len(), 12, "{again}");
            assert!(pictures[5].1 || pictures[6].1, "the key picture of the second group");
            assert!(met.iter().all(|(oddity, _)| *oddity == Oddity::SequenceRestarts), "{met:?}");
        }
    }

    #[test]
    fn a_packet_that_comes_twice_is_read_once() {
        let packets: Vec<_> = group(7, 1, 0, 9).into_iter().flat_map(|packet| [packet.clone(), packet]).collect();
        let (pictures, met) = pictures(&packets);
        assert_eq!((pictures.len(), met), (10, vec![]));
    }

    #[test]
    fn after_a_loss_the_next_picture_says_so() {
        let mut packets = group(7, 1, 0, 12);
        packets.remove(8);
        let (pictures, _) = pictures(&packets);
        assert_eq!(pictures.iter().filter(|(_, _, after_loss)| *after_loss).count(), 1);
        assert!(pictures.iter().any(|(time, _, after_loss)| *after_loss && *time == 7 * 3_600), "{pictures:?}");
    }

    #[test]
    fn slices_that_each_bear_the_marker_make_whole_pictures() {
        // first_mb_in_slice = 1: a second slice.
        let (second_of_idr, second_of_p) = ([0x65, 0x4c, 0x84, 0x00, 0x10], [0x41, 0x4c, 0x84, 0x00, 0x10]);
        let mut packets = vec![packet(1, 0, true, SPS), packet(2, 0, true, PPS)];
        packets.push(packet(3, 0, true, IDR));
        packets.push(packet(4, 0, true, &second_of_idr));
        for number in 1..20u16 {
            packets.push(packet(3 + 2 * number, u32::from(number) * 3_600, true, P));
            packets.push(packet(4 + 2 * number, u32::from(number) * 3_600, true, &second_of_p));
        }
        let mut units = units();
        let mut out = Vec::new();
        for packet in &packets {
            units.push(packet, 0, &mut out).unwrap();
        }
        assert_eq!(out.len(), 19, "the last one may go on");
        assert!(out.iter().all(|unit| unit.payload.len() == 2 * (4 + 5) && !unit.after_loss));
        assert_eq!(units.oddities.met(), [(Oddity::MarksWithinPictures, 1)]);
    }

    #[test]
    fn a_picture_whose_successor_is_late_is_given_after_a_silence() {
        let mut units = units();
        let mut out = Vec::new();
        for packet in group(7, 1, 0, 0) {
            units.push(&packet, 0, &mut out).unwrap();
        }
        assert_eq!((out.len(), units.settles_after()), (0, Some(SETTLES_MARKED)));
        units.settle(&mut out);
        assert_eq!((out.len(), units.settles_after()), (1, None));
        units.push(&packet(4, 3_600, false, &[0x7c, 0x81, 0x9a, 0x84]), 0, &mut out).unwrap();
        assert_eq!(units.settles_after(), None, "a unit is in part");
    }

    #[test]
    fn parameter_sets_before_each_slice_part_no_picture() {
        let second_of_idr = [0x65, 0x4c, 0x84, 0x00, 0x10];
        let mut packets = vec![packet(1, 0, false, SPS), packet(2, 0, false, PPS), packet(3, 0, false, IDR)];
        packets.extend([packet(4, 0, false, SPS), packet(5, 0, false, PPS), packet(6, 0, true, &second_of_idr)]);
        packets.extend((7..12).map(|number| packet(number, u32::from(number) * 3_600, true, P)));
        let (pictures, met) = pictures(&packets);
        assert_eq!((pictures.len(), met), (5, vec![]));
        assert!(pictures[0].1 && pictures.iter().all(|(_, _, after_loss)| !after_loss));
    }

    #[test]
    fn a_marker_that_was_right_for_a_while_ends_a_picture_at_once() {
        let packets = group(7, 1, 0, 20);
        let mut units = units();
        let mut out = Vec::new();
        let waits: Vec<_> = packets[2..]
            .iter()
            .enumerate()
            .map(|(number, packet)| {
                if number == 0 {
                    units.push(&packets[0], 0, &mut out).unwrap();
                    units.push(&packets[1], 0, &mut out).unwrap();
                }
                units.push(packet, 0, &mut out).unwrap();
                number + 1 - out.len()
            })
            .collect();
        assert_eq!((waits[0], waits[20]), (1, 0));
    }
}
