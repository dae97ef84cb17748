//! From RTP packets to access units, with caps on what a camera may make us hold.
//!
//! Retina's depacketisers do the reading; ordering, the 64-bit timeline and the caps are here.

use std::num::NonZeroU32;

use retina::codec::{CodecItem, Depacketizer, FrameFormat, ParametersRef, VideoParameters};
use retina::rtp::{PacketHeader, PacketMeta};
use retina::testutil::DepacketizeBuf;
use retina::{PacketContext, Timestamp};

use super::SourceFault;
use super::rtsp_session::{OfferedVideo, VideoCodec};

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
    pub fn new(video: &OfferedVideo, unit_bytes_max: u64) -> Result<Self, SourceFault> {
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
        })
    }

    /// Where a sender report's RTP time stands on the unwrapped timeline.
    pub fn place(&self, rtp_time: u32) -> i64 {
        self.timeline.place(rtp_time)
    }

    /// Takes one RTP packet; the pictures that it completed are appended to `out`.
    pub fn push(&mut self, packet: &[u8], out: &mut Vec<AccessUnit>) -> Result<(), SourceFault> {
        let (header, payload) =
            PacketHeader::validate(packet).map_err(|why| SourceFault::Unreadable(format!("RTP: {why}")))?;
        if header.payload_type() != self.payload_type {
            return Ok(());
        }
        if *self.ssrc.get_or_insert(header.ssrc()) != header.ssrc() {
            return Err(SourceFault::Unreadable("the stream's source changed in flight".to_owned()));
        }
        let loss = self.next_sequence.map_or(0, |next| header.sequence_number().wrapping_sub(next));
        if loss > 0x8000 {
            return Ok(());
        }
        self.next_sequence = Some(header.sequence_number().wrapping_add(1));
        let payload = &packet[usize::from(payload.start)..usize::from(payload.end)];
        self.unit_bytes += payload.len() as u64 + 16;
        if self.unit_bytes > self.unit_bytes_max {
            return Err(SourceFault::AccessUnitTooLong { limit: self.unit_bytes_max });
        }
        let rtp_time = self.timeline.place(header.timestamp());
        self.timeline.newest = Some(rtp_time);
        let timestamp = Timestamp::new(rtp_time, self.clock_rate_hz, 0)
            .ok_or_else(|| SourceFault::Unreadable("RTP time".to_owned()))?;
        let meta = PacketMeta {
            ctx: PacketContext::dummy(),
            stream_id: 0,
            timestamp,
            sequence_number: header.sequence_number(),
            ssrc: header.ssrc(),
            mark: header.mark(),
            loss,
        };
        self.buffer.push(&mut self.depacketizer, meta, payload).map_err(SourceFault::Unreadable)?;
        while let Some(item) = self.depacketizer.pull() {
            let item = item.map_err(|error| SourceFault::Unreadable(format!("{error:?}")))?;
            if let CodecItem::VideoFrame(frame) = item {
                self.unit_bytes = 0;
                out.extend(self.unit(frame));
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

#[cfg(test)]
mod tests {
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
        let mut units = AccessUnits::new(&OfferedVideo::for_tests(), 100_000).unwrap();
        let mut out = Vec::new();
        let mut sent = 0;
        let fault = loop {
            // A fragmented key picture: started once, never ended.
            let start = if sent == 0 { 0x85 } else { 0x05 };
            let mut payload = vec![0x7c, start];
            payload.extend([0xaa; 1000]);
            if let Err(fault) = units.push(&packet(sent, 1, false, &payload), &mut out) {
                break fault;
            }
            sent += 1;
            assert!(sent < 200);
        };
        assert_eq!(fault.code(), "access-unit-too-long");
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
        let mut units = AccessUnits::new(&OfferedVideo::for_tests(), 100_000).unwrap();
        assert_eq!(units.push(b"no", &mut Vec::new()).unwrap_err().code(), "unreadable");
    }
}
