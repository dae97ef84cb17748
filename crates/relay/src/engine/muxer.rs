//! From a camera's access units to pictures ready for every viewer, over one unbroken timeline.
//!
//! The timeline goes on over reconnections: what a player has buffered never has to be thrown away.

use std::sync::Arc;

use super::access_units::AccessUnit;
use super::capture_clock::Captured;
use super::cmaf::{self, Description, Sample, TIMESCALE};
use super::oddities::{Oddities, Oddity};
use super::pictures::{Picture, Stream};
use super::timeline::{PictureTimes, Told};

/// Makes the pictures of one camera.
#[derive(Debug)]
pub struct Muxer {
    stream: Option<Arc<Stream>>,
    clock_rate_hz: i64,
    times: PictureTimes,
    waits_for_key: bool,
    /// Decoding began at the newest entry point: pictures that lead it cannot be decoded.
    leads_left_out: bool,
    left_out: u32,
    sequence: u32,
    oddities: Arc<Oddities>,
}

/// When a picture came, by both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Of a monotonic clock.
    pub us: i64,
    pub unix_us: i64,
}

impl Muxer {
    pub fn new(oddities: Arc<Oddities>) -> Self {
        Self {
            stream: None,
            clock_rate_hz: i64::from(TIMESCALE),
            times: PictureTimes::default(),
            waits_for_key: true,
            leads_left_out: false,
            left_out: 0,
            sequence: 0,
            oddities,
        }
    }

    /// A new session with the camera: its RTP time starts anywhere, its first picture must be a key picture.
    pub fn begin_session(&mut self, clock_rate_hz: u32) {
        self.clock_rate_hz = i64::from(clock_rate_hz.max(1));
        self.times.begin_session();
        self.waits_for_key = true;
    }

    /// Returns the picture, or None where it could not be shown: it depends on one that is missing.
    pub fn picture(&mut self, unit: AccessUnit, captured: Captured, arrival: Arrival) -> Option<Picture> {
        if let Some(description) = unit.description {
            self.take_description(description);
        }
        let stream = Arc::clone(self.stream.as_ref()?);
        self.waits_for_key |= unit.after_loss;
        if self.waits_for_key && !unit.key {
            self.left_out = self.left_out.saturating_add(1);
            return None;
        }
        if unit.leading && self.leads_left_out {
            return None;
        }
        if unit.key || !unit.leading {
            self.leads_left_out = self.waits_for_key;
        }
        self.waits_for_key = false;
        let camera = i128::from(unit.rtp_time) * i128::from(TIMESCALE) / i128::from(self.clock_rate_hz);
        let (depth, told) = (
            self.times.depth(),
            Told {
                camera: i64::try_from(camera).unwrap_or(0),
                arrived_us: arrival.us,
                reorder_max: unit.reorder_max,
                bidirectional: unit.bidirectional,
            },
        );
        let place = self.times.place(told);
        if self.times.depth() > depth {
            self.oddities.count(Oddity::Reorders);
        }
        let captured = if place.repaired {
            self.oddities.count(Oddity::TimeRepaired);
            // Its time of capture comes of the same clock.
            Captured { unix_us: arrival.unix_us, by_camera: false }
        } else {
            captured
        };
        self.sequence = self.sequence.wrapping_add(1);
        let sample = Sample {
            sequence: self.sequence,
            decode_time: u64::try_from(place.decoded).unwrap_or(0),
            composition_offset: i32::try_from(place.shown.saturating_sub(place.decoded)).unwrap_or(0),
            duration: u32::try_from(place.duration).unwrap_or(TIMESCALE),
            key: unit.key,
            leading: unit.leading,
            captured,
        };
        Some(Picture {
            message: cmaf::chunk(&sample, &unit.payload),
            key: unit.key,
            leading: unit.leading,
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn muxer() -> Muxer {
        let description = Description { codec: String::new(), width: 1, height: 1, init: Bytes::new() };
        Muxer { stream: Some(Arc::new(Stream { number: 1, description })), ..Muxer::new(Arc::default()) }
    }

    fn unit(rtp_time: i64, key: bool) -> AccessUnit {
        AccessUnit {
            rtp_time,
            key,
            leading: false,
            bidirectional: false,
            reorder_max: Some(0),
            after_loss: false,
            payload: vec![0; 10],
            description: None,
        }
    }

    const AT: Captured = Captured { unix_us: 0, by_camera: false };

    fn at(us: i64) -> Arrival {
        Arrival { us, unix_us: 1_800_000_000_000_000 + us }
    }

    #[test]
    fn the_timeline_goes_on_over_a_reconnection() {
        let mut muxer = muxer();
        muxer.begin_session(90_000);
        assert_eq!(muxer.picture(unit(5_000_000, true), AT, at(0)).unwrap().decode_time, 0);
        assert_eq!(muxer.picture(unit(5_003_600, false), AT, at(40_000)).unwrap().decode_time, 3_600);
        muxer.begin_session(90_000);
        assert!(muxer.picture(unit(77, false), AT, at(2_000_000)).is_none(), "not without a key picture");
        let after = muxer.picture(unit(3_677, true), AT, at(2_040_000)).unwrap();
        assert_eq!((after.decode_time, after.left_out), (3_600 + 180_000, 1));
        assert_eq!(muxer.picture(unit(7_277, false), AT, at(2_080_000)).unwrap().decode_time, 187_200);
    }

    #[test]
    fn after_a_loss_pictures_wait_for_a_key_picture_and_are_counted() {
        let mut muxer = muxer();
        muxer.begin_session(90_000);
        muxer.picture(unit(0, true), AT, at(0)).unwrap();
        assert!(muxer.picture(AccessUnit { after_loss: true, ..unit(3_600, false) }, AT, at(40_000)).is_none());
        assert!(muxer.picture(unit(7_200, false), AT, at(80_000)).is_none());
        assert_eq!(muxer.picture(unit(10_800, true), AT, at(120_000)).unwrap().left_out, 2);
    }

    #[test]
    fn pictures_that_lead_the_first_entry_point_are_left_out_and_later_ones_are_shown() {
        let mut muxer = muxer();
        muxer.begin_session(90_000);
        let leads = |rtp_time| AccessUnit { leading: true, ..unit(rtp_time, false) };
        muxer.picture(unit(10_800, true), AT, at(0)).unwrap();
        assert!(muxer.picture(leads(3_600), AT, at(40_000)).is_none());
        assert!(muxer.picture(leads(7_200), AT, at(80_000)).is_none());
        muxer.picture(unit(14_400, false), AT, at(120_000)).unwrap();
        muxer.picture(unit(25_200, true), AT, at(160_000)).unwrap();
        assert!(muxer.picture(leads(21_600), AT, at(200_000)).is_some_and(|picture| picture.leading));
    }

    #[test]
    fn a_time_that_was_repaired_tells_no_time_of_capture() {
        let mut muxer = muxer();
        muxer.begin_session(90_000);
        let captured = Captured { unix_us: 1, by_camera: true };
        muxer.picture(unit(0, true), captured, at(0)).unwrap();
        muxer.picture(unit(0, false), captured, at(40_000)).unwrap();
        assert_eq!(muxer.oddities.of(Oddity::TimeRepaired), 1);
    }
}
