//! From a camera's access units to pictures ready for every viewer, over one unbroken timeline.
//!
//! The timeline goes on over reconnections: what a player has buffered never has to be thrown away.

use std::sync::Arc;

use super::access_units::AccessUnit;
use super::capture_clock::Captured;
use super::cmaf::{self, Description, Sample, TIMESCALE};
use super::pictures::{Picture, Stream};

/// A step of the camera's time greater than this is not believed; the arrival counts instead.
const STEP_MAX: i64 = 10 * TIMESCALE as i64;
const FIRST_DURATION: u32 = TIMESCALE / 25;

/// Makes the pictures of one camera.
#[derive(Debug)]
pub struct Muxer {
    stream: Option<Arc<Stream>>,
    clock_rate_hz: i64,
    /// What is added to the camera's time, once a session has begun.
    shift: Option<i64>,
    last: Option<Last>,
    waits_for_key: bool,
    left_out: u32,
    sequence: u32,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    decode_time: i64,
    duration: u32,
    arrived_us: i64,
}

impl Muxer {
    pub fn new() -> Self {
        Self {
            stream: None,
            clock_rate_hz: i64::from(TIMESCALE),
            shift: None,
            last: None,
            waits_for_key: true,
            left_out: 0,
            sequence: 0,
        }
    }

    /// A new session with the camera: its RTP time starts anywhere, its first picture must be a key picture.
    pub fn begin_session(&mut self, clock_rate_hz: u32) {
        self.clock_rate_hz = i64::from(clock_rate_hz.max(1));
        self.shift = None;
        self.waits_for_key = true;
    }

    /// Returns the picture, or None where it could not be shown: it depends on one that is missing.
    /// `arrived_us` is of a monotonic clock.
    pub fn picture(&mut self, unit: &AccessUnit, captured: Captured, arrived_us: i64) -> Option<Picture> {
        if let Some(parameters) = &unit.parameters {
            self.take_description(Description::of(parameters)?);
        }
        let stream = Arc::clone(self.stream.as_ref()?);
        self.waits_for_key |= unit.after_loss;
        if self.waits_for_key && !unit.key {
            self.left_out = self.left_out.saturating_add(1);
            return None;
        }
        self.waits_for_key = false;
        let (decode_time, composition_offset, duration) = self.place(unit.rtp_time, arrived_us);
        self.last = Some(Last { decode_time, duration, arrived_us });
        self.sequence = self.sequence.wrapping_add(1);
        let sample = Sample {
            sequence: self.sequence,
            decode_time: u64::try_from(decode_time).unwrap_or(0),
            composition_offset,
            duration,
            key: unit.key,
            captured,
        };
        Some(Picture {
            message: cmaf::chunk(&sample, &unit.payload),
            key: unit.key,
            decode_time: sample.decode_time,
            left_out: std::mem::take(&mut self.left_out),
            stream,
        })
    }

    fn take_description(&mut self, description: Description) {
        let number = match &self.stream {
            Some(stream) if stream.description.init == description.init => return,
            Some(stream) => stream.number + 1,
            None => 1,
        };
        self.stream = Some(Arc::new(Stream { number, description }));
    }

    fn place(&mut self, rtp_time: i64, arrived_us: i64) -> (i64, i32, u32) {
        let told =
            i64::try_from(i128::from(rtp_time) * i128::from(TIMESCALE) / i128::from(self.clock_rate_hz)).unwrap_or(0);
        let Some(last) = self.last else {
            self.shift = Some(told.saturating_neg());
            return (0, 0, FIRST_DURATION);
        };
        let by_arrival = last.decode_time
            + ((arrived_us - last.arrived_us).max(0).saturating_mul(i64::from(TIMESCALE)) / 1_000_000)
                .max(i64::from(last.duration));
        let mut presented = match self.shift {
            Some(shift) => told.saturating_add(shift),
            None => by_arrival,
        };
        if !(-STEP_MAX..=STEP_MAX).contains(&presented.saturating_sub(last.decode_time)) {
            presented = by_arrival;
        }
        self.shift = Some(presented.saturating_sub(told));
        // Pictures out of order (B pictures): decoded as they come, presented when they say.
        let decode_time = presented.max(last.decode_time + 1);
        let duration = match u32::try_from(presented - last.decode_time) {
            Ok(step) if (1..=TIMESCALE).contains(&step) => step,
            _ => last.duration,
        };
        (decode_time, i32::try_from(presented - decode_time).unwrap_or(0), duration)
    }
}

impl Default for Muxer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn muxer() -> Muxer {
        let description = Description { codec: String::new(), width: 1, height: 1, init: Bytes::new() };
        Muxer { stream: Some(Arc::new(Stream { number: 1, description })), ..Muxer::new() }
    }

    fn unit(rtp_time: i64, key: bool) -> AccessUnit {
        AccessUnit { rtp_time, key, after_loss: false, payload: vec![0; 10], parameters: None }
    }

    const AT: Captured = Captured { unix_us: 0, by_camera: false };

    #[test]
    fn the_timeline_goes_on_over_a_reconnection() {
        let mut muxer = muxer();
        muxer.begin_session(90_000);
        assert_eq!(muxer.picture(&unit(5_000_000, true), AT, 0).unwrap().decode_time, 0);
        assert_eq!(muxer.picture(&unit(5_003_600, false), AT, 40_000).unwrap().decode_time, 3_600);
        muxer.begin_session(90_000);
        assert!(muxer.picture(&unit(77, false), AT, 2_000_000).is_none(), "not without a key picture");
        let after = muxer.picture(&unit(3_677, true), AT, 2_040_000).unwrap();
        assert_eq!((after.decode_time, after.left_out), (3_600 + 180_000, 1));
        assert_eq!(muxer.picture(&unit(7_277, false), AT, 2_080_000).unwrap().decode_time, 187_200);
    }

    #[test]
    fn decode_times_only_rise_whatever_the_camera_says() {
        let mut muxer = muxer();
        muxer.begin_session(90_000);
        let mut before = None;
        for (number, rtp_time) in
            [0, 10_800, 3_600, 7_200, i64::MAX / 2, -9_000_000, 3, i64::MIN / 2, i64::MAX, i64::MIN, i64::MIN, 5]
                .into_iter()
                .enumerate()
        {
            let picture = muxer.picture(&unit(rtp_time, true), AT, i64::try_from(number).unwrap() * 40_000).unwrap();
            assert!(before.is_none_or(|before| picture.decode_time > before));
            before = Some(picture.decode_time);
        }
    }

    #[test]
    fn after_a_loss_pictures_wait_for_a_key_picture_and_are_counted() {
        let mut muxer = muxer();
        muxer.begin_session(90_000);
        muxer.picture(&unit(0, true), AT, 0).unwrap();
        assert!(muxer.picture(&AccessUnit { after_loss: true, ..unit(3_600, false) }, AT, 1).is_none());
        assert!(muxer.picture(&unit(7_200, false), AT, 2).is_none());
        assert_eq!(muxer.picture(&unit(10_800, true), AT, 3).unwrap().left_out, 2);
    }
}
