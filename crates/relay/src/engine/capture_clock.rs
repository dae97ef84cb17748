//! When was a picture taken, told in the relay's own clock.
//!
//! A camera's sender reports tie its RTP time to its own clock; how far that clock is from ours is the greatest
//! difference seen between a report's time and its arrival (the one least delayed). Times are microseconds since the Unix epoch.

use std::collections::VecDeque;

const REPORTS_KEPT: usize = 8;
/// A picture told to be older than this at its arrival is not believed.
const AGE_US_MAX: i64 = 20_000_000;
const NTP_TO_UNIX_S: i64 = 2_208_988_800;

#[derive(Debug)]
pub struct CaptureClock {
    clock_rate_hz: i64,
    /// An RTP time and the camera's own time at it.
    anchor: Option<(i64, i64)>,
    /// Camera's clock less ours, one per report.
    offsets_us: VecDeque<i64>,
}

/// A picture's time of capture, and whether the camera itself told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured {
    pub unix_us: i64,
    pub by_camera: bool,
}

impl CaptureClock {
    pub fn new(clock_rate_hz: u32) -> Self {
        Self { clock_rate_hz: i64::from(clock_rate_hz.max(1)), anchor: None, offsets_us: VecDeque::new() }
    }

    /// A sender report: at `rtp_time` the camera's clock read `ntp` (RFC 3550, 64 bits).
    pub fn sender_report(&mut self, rtp_time: i64, ntp: u64, arrived_unix_us: i64) {
        let camera_us = unix_us(ntp);
        let offset = camera_us.saturating_sub(arrived_unix_us);
        // No report comes that late: the camera's clock was set, and what it said before means nothing.
        if self.offset_us().is_some_and(|known| known.saturating_sub(offset) > AGE_US_MAX) {
            self.offsets_us.clear();
        }
        self.anchor = Some((rtp_time, camera_us));
        if self.offsets_us.len() == REPORTS_KEPT {
            self.offsets_us.pop_front();
        }
        self.offsets_us.push_back(offset);
    }

    /// The camera's clock less ours, in microseconds, once it told its time.
    pub fn offset_us(&self) -> Option<i64> {
        self.offsets_us.iter().copied().max()
    }

    pub fn captured(&self, rtp_time: i64, arrived_unix_us: i64) -> Captured {
        let arrival = Captured { unix_us: arrived_unix_us, by_camera: false };
        let (Some((anchor_rtp, anchor_us)), Some(offset)) = (self.anchor, self.offset_us()) else { return arrival };
        let since = i128::from(rtp_time.saturating_sub(anchor_rtp)) * 1_000_000 / i128::from(self.clock_rate_hz);
        let Ok(told) = i64::try_from(i128::from(anchor_us) + since - i128::from(offset)) else { return arrival };
        match arrived_unix_us.saturating_sub(told) {
            ..0 => Captured { unix_us: arrived_unix_us, by_camera: true },
            0..=AGE_US_MAX => Captured { unix_us: told, by_camera: true },
            _ => arrival,
        }
    }
}

fn unix_us(ntp: u64) -> i64 {
    let seconds = i64::try_from(ntp >> 32).unwrap_or(0) - NTP_TO_UNIX_S;
    let micros = i64::try_from(((ntp & 0xffff_ffff) * 1_000_000) >> 32).unwrap_or(0);
    seconds * 1_000_000 + micros
}

/// The NTP form (64 bits) of microseconds since the Unix epoch.
pub fn ntp(unix_us: i64) -> u64 {
    let micros = u64::try_from(unix_us.saturating_add(NTP_TO_UNIX_S * 1_000_000)).unwrap_or(0);
    ((micros / 1_000_000) << 32) | (((micros % 1_000_000) << 32) / 1_000_000)
}

/// Finds the sender report at the head of an RTCP packet: (RTP time, NTP time).
pub fn read_sender_report(packet: &[u8]) -> Option<(u32, u64)> {
    let (first, _) = retina::rtcp::PacketRef::parse(packet).ok()?;
    let report = first.as_sender_report().ok()??;
    Some((report.rtp_timestamp(), report.ntp_timestamp().0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_800_000_000_000_000;

    #[test]
    fn ntp_and_unix_time_agree() {
        let there = unix_us(ntp(NOW_US + 123_457));
        assert!((there - NOW_US - 123_457).abs() <= 1);
    }

    #[test]
    fn without_a_report_the_arrival_counts() {
        let clock = CaptureClock::new(90_000);
        assert_eq!(clock.captured(5, NOW_US), Captured { unix_us: NOW_US, by_camera: false });
    }

    #[test]
    fn a_delayed_picture_is_told_as_old_even_where_the_cameras_clock_is_an_hour_off() {
        let mut clock = CaptureClock::new(90_000);
        let hour_us = 3_600_000_000;
        clock.sender_report(0, ntp(NOW_US + hour_us), NOW_US);
        let captured = clock.captured(90_000, NOW_US + 3_000_000);
        assert!(captured.by_camera);
        assert!((captured.unix_us - (NOW_US + 1_000_000)).abs() <= 2);
    }

    #[test]
    fn a_camera_whose_clock_is_set_back_is_believed_from_its_next_report_on() {
        let mut clock = CaptureClock::new(90_000);
        let hour_us = 3_600_000_000;
        clock.sender_report(0, ntp(NOW_US + hour_us), NOW_US);
        clock.sender_report(450_000, ntp(NOW_US + 5_000_000), NOW_US + 5_000_000);
        let captured = clock.captured(450_000, NOW_US + 5_100_000);
        assert!(captured.by_camera);
        assert!((captured.unix_us - (NOW_US + 5_000_000)).abs() <= 2);
    }

    #[test]
    fn a_time_that_cannot_be_is_not_believed() {
        let mut clock = CaptureClock::new(90_000);
        clock.sender_report(0, ntp(NOW_US), NOW_US);
        assert!(!clock.captured(-90_000 * 3600, NOW_US).by_camera);
        assert_eq!(clock.captured(90_000, NOW_US).unix_us, NOW_US, "never in the future");
    }

    #[test]
    fn no_time_that_a_camera_tells_overflows() {
        let ends = [i64::MIN, i64::MIN + NOW_US, i64::MIN / 2, -1, 0, 1, i64::MAX / 2, i64::MAX - NOW_US, i64::MAX];
        for clock_rate_hz in [1, 90_000, 1_000_000, u32::MAX] {
            for anchor in ends {
                for ntp in [0, ntp(NOW_US), u64::MAX] {
                    let mut clock = CaptureClock::new(clock_rate_hz);
                    clock.sender_report(anchor, ntp, NOW_US);
                    for rtp_time in ends {
                        let captured = clock.captured(rtp_time, NOW_US);
                        assert!((NOW_US - AGE_US_MAX..=NOW_US).contains(&captured.unix_us));
                    }
                }
            }
        }
    }
}
