//! From RTP packets to access units, with caps on what a camera may make us hold.
//!
//! Retina's depacketisers do the reading; ordering, the 64-bit timeline and the caps are here.

use std::num::NonZeroU32;

use retina::codec::{CodecItem, Depacketizer, FrameFormat, ParametersRef, VideoParameters};
use retina::rtp::{PacketHeader, PacketMeta};
use retina::testutil::DepacketizeBuf;
use retina::{PacketContext, Timestamp};

use super::rtsp_session::{OfferedVideo, VideoCodec};
use super::{PacketPlace, SourceFault};

/// One picture as the camera coded it: NAL units, each after its 4-byte length.
#[derive(Debug)]
pub struct AccessUnit {
    /// The RTP time, unwrapped, in units of the stream's clock rate.
    pub rtp_time: i64,
    pub key: bool,
    /// Packets were lost before this picture.
    pub after_loss: bool,
    pub payload: Vec<u8>,
    /// The stream's parameters, with the first picture that uses them.
    pub parameters: Option<VideoParameters>,
}

/// Gathers the packets of one stream.
pub struct AccessUnits {
    depacketizer: Depacketizer,
    buffer: DepacketizeBuf,
    payload_type: u8,
    clock_rate_hz: NonZeroU32,
    timeline: Timeline,
    ssrc: Option<u32>,
    next_sequence: Option<u16>,
    parameters_told: bool,
    unit_bytes: u64,
    unit_bytes_max: u64,
    channel: u8,
    left_out: LeftOut,
}

/// What came since the newest access unit and made none.
#[derive(Debug, Default, Clone, Copy)]
struct LeftOut {
    /// Coded pictures for which there are no parameter sets.
    without_parameters: u64,
    other_payload: Option<(u8, PacketPlace)>,
    other_channel: Option<PacketPlace>,
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
    pub fn new(video: &OfferedVideo, channel: u8, unit_bytes_max: u64) -> Result<Self, SourceFault> {
        let encoding = match video.codec {
            VideoCodec::H264 => "h264",
            VideoCodec::H265 => "h265",
        };
        let clock_rate_hz = NonZeroU32::new(video.clock_rate_hz)
            .ok_or_else(|| SourceFault::Unreadable("a clock rate of 0".to_owned()))?;
        let mut depacketizer =
            Depacketizer::new("video", encoding, clock_rate_hz.get(), None, video.format_parameters.as_deref())
                .map_err(SourceFault::Unreadable)?;
        depacketizer.set_frame_format(FrameFormat::MP4);
        Ok(Self {
            depacketizer,
            buffer: DepacketizeBuf::new(256 * 1024),
            payload_type: video.payload_type,
            clock_rate_hz,
            timeline: Timeline::default(),
            ssrc: None,
            next_sequence: None,
            parameters_told: false,
            unit_bytes: 0,
            unit_bytes_max,
            channel,
            left_out: LeftOut::default(),
        })
    }

    /// Where a sender report's RTP time stands on the unwrapped timeline.
    pub fn place(&self, rtp_time: u32) -> i64 {
        self.timeline.place(rtp_time)
    }

    /// Notes what came on a channel where no RTP was agreed; its own RTP there means that the channels are swapped.
    pub fn note_elsewhere(&mut self, channel: u8, position: u64, packet: &[u8]) {
        if let Ok((header, _)) = PacketHeader::validate(packet)
            && header.payload_type() == self.payload_type
        {
            let rtp = Some((header.ssrc(), header.sequence_number()));
            self.left_out.other_channel = Some(PacketPlace { channel, position, rtp });
        }
    }

    /// Why what came since the newest access unit made no other, as far as that can be told.
    pub fn why_none(&self) -> Option<SourceFault> {
        let LeftOut { without_parameters, other_payload, other_channel } = self.left_out;
        if without_parameters > 0 {
            return Some(SourceFault::NoParameterSets { pictures: without_parameters });
        }
        if let Some(place) = other_channel {
            return Some(SourceFault::SwappedChannels { agreed: self.channel, place });
        }
        other_payload.map(|(sent, place)| SourceFault::WrongPayloadType { announced: self.payload_type, sent, place })
    }

    /// Takes one RTP packet, whose frame began at `position`; the pictures that it completed are appended to `out`.
    pub fn push(&mut self, packet: &[u8], position: u64, out: &mut Vec<AccessUnit>) -> Result<(), SourceFault> {
        let mut place = PacketPlace { channel: self.channel, position, rtp: None };
        let (header, payload) = PacketHeader::validate(packet)
            .map_err(|why| SourceFault::BadPacket { why: format!("no RTP: {why}"), place })?;
        place.rtp = Some((header.ssrc(), header.sequence_number()));
        if header.payload_type() != self.payload_type {
            self.left_out.other_payload = Some((header.payload_type(), place));
            return Ok(());
        }
        if *self.ssrc.get_or_insert(header.ssrc()) != header.ssrc() {
            return Err(SourceFault::BadPacket { why: "the stream's source changed in flight".to_owned(), place });
        }
        let loss = self.next_sequence.map_or(0, |next| header.sequence_number().wrapping_sub(next));
        if loss > 0x8000 {
            return Ok(());
        }
        self.next_sequence = Some(header.sequence_number().wrapping_add(1));
        let payload = &packet[usize::from(payload.start)..usize::from(payload.end)];
        self.unit_bytes += payload.len() as u64 + 16;
        if self.unit_bytes > self.unit_bytes_max {
            return Err(SourceFault::AccessUnitTooLong { limit: self.unit_bytes_max, place });
        }
        let rtp_time = self.timeline.place(header.timestamp());
        self.timeline.newest = Some(rtp_time);
        let timestamp = Timestamp::new(rtp_time, self.clock_rate_hz, 0)
            .ok_or_else(|| SourceFault::BadPacket { why: "RTP time".to_owned(), place })?;
        let meta = PacketMeta {
            // Retina lets nobody else make a true one: its errors are given the packet's place by us.
            ctx: PacketContext::dummy(),
            stream_id: 0,
            timestamp,
            sequence_number: header.sequence_number(),
            ssrc: header.ssrc(),
            mark: header.mark(),
            loss,
        };
        let bad = |why: String| SourceFault::BadPacket { why, place };
        self.buffer.push(&mut self.depacketizer, meta, payload).map_err(bad)?;
        while let Some(item) = self.depacketizer.pull() {
            let item = item.map_err(|error| bad(description(&format!("{error:?}"))))?;
            if let CodecItem::VideoFrame(frame) = item {
                self.unit_bytes = 0;
                match self.unit(frame) {
                    Some(unit) => {
                        self.left_out = LeftOut::default();
                        out.push(unit);
                    }
                    None => self.left_out.without_parameters += u64::from(!self.parameters_told),
                }
            }
        }
        Ok(())
    }

    fn unit(&mut self, frame: retina::codec::VideoFrame) -> Option<AccessUnit> {
        let parameters = match self.depacketizer.parameters() {
            Some(ParametersRef::Video(parameters)) if frame.has_new_parameters() || !self.parameters_told => {
                self.parameters_told = true;
                Some(parameters.clone())
            }
            _ => None,
        };
        if !self.parameters_told || frame.data().is_empty() {
            return None;
        }
        Some(AccessUnit {
            rtp_time: frame.timestamp().timestamp(),
            key: frame.is_random_access_point(),
            after_loss: frame.loss() > 0,
            parameters,
            payload: frame.into_data(),
        })
    }
}

/// What retina says of a packet, without its own contexts beside it: those are placeholders here, and its fields private.
fn description(debug: &str) -> String {
    let said = debug.split_once("description: ").map_or(debug, |(_, said)| said);
    said.trim_end_matches(" }").trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::SourceCause;
    use super::*;

    fn packet(sequence: u16, rtp_time: u32, mark: bool, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x80, if mark { 96 + 0x80 } else { 96 }];
        packet.extend(sequence.to_be_bytes());
        packet.extend(rtp_time.to_be_bytes());
        packet.extend(7u32.to_be_bytes());
        packet.extend(payload);
        packet
    }

    #[test]
    fn an_access_unit_that_never_ends_is_refused_at_the_cap() {
        let mut units = AccessUnits::new(&OfferedVideo::for_tests(), 0, 100_000).unwrap();
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

    #[test]
    fn a_packet_that_is_no_rtp_is_refused() {
        let mut units = AccessUnits::new(&OfferedVideo::for_tests(), 0, 100_000).unwrap();
        let fault = units.push(b"no", 12, &mut Vec::new()).unwrap_err();
        assert_eq!(fault.cause(), SourceCause::BadPackets);
        assert!(fault.to_string().ends_with(": channel 0, byte 12"), "{fault}");
    }

    const SPS: &[u8] = &[0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x47, 0xfe, 0x88];
    const IDR: &[u8] = &[0x65, 0x88, 0x84, 0x00, 0x10];

    /// The fault that is told where nothing but `packets` comes.
    fn why_none(packets: &[Vec<u8>]) -> Option<SourceCause> {
        let mut units = AccessUnits::new(&OfferedVideo::for_tests(), 0, 100_000).unwrap();
        let mut out = Vec::new();
        for packet in packets {
            units.push(packet, 0, &mut out).unwrap();
        }
        assert!(out.is_empty());
        units.why_none().map(|fault| fault.cause())
    }

    #[test]
    fn pictures_without_a_picture_parameter_set_are_not_silence() {
        let packets = [packet(1, 1, false, SPS), packet(2, 1, true, IDR), packet(3, 3_601, true, IDR)];
        assert_eq!(why_none(&packets), Some(SourceCause::NoPps));
    }

    #[test]
    fn another_payload_type_than_announced_is_not_silence() {
        let mut other = packet(1, 1, true, IDR);
        other[1] = 98;
        assert_eq!(why_none(&[other]), Some(SourceCause::WrongPayloadType));
        assert_eq!(why_none(&[]), None);
    }

    #[test]
    fn pictures_on_another_channel_than_agreed_are_not_silence() {
        let mut units = AccessUnits::new(&OfferedVideo::for_tests(), 0, 100_000).unwrap();
        units.note_elsewhere(1, 90, &[0x80, 200, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0]);
        assert_eq!(units.why_none(), None, "a sender report");
        units.note_elsewhere(1, 90, &packet(5, 1, true, IDR));
        let place = PacketPlace { channel: 1, position: 90, rtp: Some((7, 5)) };
        assert_eq!(units.why_none(), Some(SourceFault::SwappedChannels { agreed: 0, place }));
    }

    #[test]
    fn what_retina_refuses_is_told_with_the_packets_place() {
        let mut units = AccessUnits::new(&OfferedVideo::for_tests(), 0, 100_000).unwrap();
        // A fragment's tail without its start.
        let fault = units.push(&packet(9, 1, true, &[0x7c, 0x45, 1]), 77, &mut Vec::new()).unwrap_err();
        assert_eq!(fault.cause(), SourceCause::BadPackets);
        assert!(fault.to_string().ends_with(": channel 0, byte 77, ssrc 00000007, seq 9"), "{fault}");
        assert!(!fault.to_string().contains("dummy"), "{fault}");
    }
}
