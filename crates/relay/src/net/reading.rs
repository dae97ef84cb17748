//! What is read of a camera that plays: packets in, pictures to its feed, and word of what keeps pictures away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::busy::Sessions;
use super::clock::{ms, unix_us};
use super::feed::Feed;
use super::limits::IngestLimits;
use crate::engine::SourceFault;
use crate::engine::access_units::{AccessUnit, AccessUnits};
use crate::engine::capture_clock::{CaptureClock, read_sender_report};
use crate::engine::muxer::{Arrival, Muxer};
use crate::engine::oddities::Oddity;
use crate::engine::rtsp_description::OfferedVideo;
use crate::engine::rtsp_session::Habits;

/// A camera slower than this, on purpose, is waited for longer than others.
const SLOW_PACE: Duration = Duration::from_secs(1);
/// No slower pace is learnt.
const SLOWEST_PACE: Duration = Duration::from_secs(20);

/// A camera's words are in some faults: so much of them is told.
const DETAIL_CHARACTERS_MAX: usize = 300;

/// What was seen, for who searches: the fault, and the connection where there was one.
pub fn detail(fault: &SourceFault, connection: &str) -> String {
    let mut told: String = fault.to_string().chars().take(DETAIL_CHARACTERS_MAX).collect();
    if !connection.is_empty() {
        told = format!("{told} ({connection})");
    }
    told
}

/// What goes on from one session with a camera to the next. A session holds it for as long as it lives.
pub struct Kept {
    pub muxer: Muxer,
    pub sessions: Sessions,
    pub pace: Pace,
    pub habits: Habits,
}

impl Kept {
    pub fn new(feed: &Feed) -> Self {
        Self {
            muxer: Muxer::new(Arc::clone(&feed.oddities)),
            sessions: Sessions::default(),
            pace: Pace::default(),
            habits: Habits::default(),
        }
    }
}

/// The pace at which a camera gives pictures, by its newest two waits: one alone may be a fault.
#[derive(Debug, Default, Clone, Copy)]
pub struct Pace {
    waits: [Duration; 2],
}

impl Pace {
    pub fn note(&mut self, wait: Duration) {
        self.waits = [self.waits[1], wait];
    }

    /// The wait that is usual, where that is long.
    pub fn slow(self) -> Duration {
        let usual = self.waits[0].min(self.waits[1]).min(SLOWEST_PACE);
        if usual >= SLOW_PACE { usual } else { Duration::ZERO }
    }
}

/// What is read of a camera that plays.
pub struct Reading {
    feed: Arc<Feed>,
    limits: IngestLimits,
    /// When the relay began: arrivals are told from then on.
    started: Instant,
    /// The connection's two ends, as a packet capture shows them.
    connection: String,
    units: AccessUnits,
    clock: CaptureClock,
    clock_rate_hz: u32,
    /// How many sources were followed when the clock began.
    sources: u64,
    completed: Vec<AccessUnit>,
    rtp_channel: u8,
    /// When the newest packet of pictures came, and when the newest access unit was complete.
    heard: Instant,
    newest: Instant,
    /// Bytes of whatever kind since then.
    bytes_since: u64,
    /// A picture of this session was shown.
    shown: bool,
    /// An access unit of this session came.
    began: bool,
    /// Since when coded pictures come and none can be shown, for want of an entry point.
    waits_since: Option<Instant>,
    /// That no picture comes was told, and none came since.
    told: bool,
}

impl Reading {
    pub fn new(
        video: &OfferedVideo,
        rtp_channel: u8,
        feed: &Arc<Feed>,
        limits: IngestLimits,
        started: Instant,
        connection: &str,
    ) -> Self {
        Self {
            feed: Arc::clone(feed),
            limits,
            started,
            connection: connection.to_owned(),
            units: AccessUnits::new(video, rtp_channel, limits.access_unit_bytes, Arc::clone(&feed.oddities)),
            clock: CaptureClock::new(video.clock_rate_hz),
            clock_rate_hz: video.clock_rate_hz,
            sources: 0,
            completed: Vec::new(),
            rtp_channel,
            heard: Instant::now(),
            newest: Instant::now(),
            bytes_since: 0,
            shown: false,
            began: false,
            waits_since: None,
            told: false,
        }
    }

    /// Counts what was read: nothing, however small, is listened to for ever without a picture.
    pub fn count(&mut self, bytes: u64) -> Result<(), SourceFault> {
        self.bytes_since += bytes;
        if self.bytes_since > self.limits.access_unit_bytes.saturating_mul(4) {
            return Err(self.units.why_none().unwrap_or(SourceFault::NoPicture { bytes: self.bytes_since }));
        }
        Ok(())
    }

    /// Takes one packet; the channel after RTP's is RTCP's.
    pub fn take(&mut self, channel: u8, position: u64, packet: &[u8], kept: &mut Kept) -> Result<(), SourceFault> {
        let arrived_unix_us = unix_us();
        if channel != self.rtp_channel {
            let is_rtcp = channel == self.rtp_channel.saturating_add(1);
            let report = if is_rtcp { read_sender_report(packet) } else { None };
            match report {
                Some((rtp_time, ntp)) => self.clock.sender_report(self.units.place(rtp_time), ntp, arrived_unix_us),
                None => self.units.note_elsewhere(channel, position, packet),
            }
            return Ok(());
        }
        self.heard = Instant::now();
        self.units.push(packet, position, &mut self.completed)?;
        self.show(arrived_unix_us, kept);
        Ok(())
    }

    /// When a picture that was begun counts as whole, if nothing comes before.
    pub fn settles_at(&self) -> Option<Instant> {
        self.units.settles_after().map(|after| self.heard + after)
    }

    /// Gives what was begun as a picture, where that is due.
    pub fn settle(&mut self, kept: &mut Kept) {
        if self.settles_at().is_some_and(|at| at <= Instant::now()) {
            self.units.settle(&mut self.completed);
            self.show(unix_us(), kept);
        }
    }

    /// Pushes the pictures that are complete.
    fn show(&mut self, arrived_unix_us: i64, kept: &mut Kept) {
        if self.sources != self.units.sources_followed() {
            // What the former source's reports said of its times says nothing of this one's.
            self.sources = self.units.sources_followed();
            self.clock = CaptureClock::new(self.clock_rate_hz);
        }
        for unit in self.completed.drain(..) {
            if std::mem::replace(&mut self.began, true) {
                kept.pace.note(self.newest.elapsed());
            }
            self.newest = Instant::now();
            self.bytes_since = 0;
            let captured = self.clock.captured(unit.rtp_time, arrived_unix_us);
            if !captured.by_camera && self.clock.offset_us().is_some() {
                self.feed.oddities.count(Oddity::CaptureTimeRepaired);
            }
            let us = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
            match kept.muxer.picture(unit, captured, Arrival { us, unix_us: arrived_unix_us }) {
                Some(picture) => {
                    (self.shown, self.waits_since, self.told) = (true, None, false);
                    self.feed.push(picture);
                }
                None => self.waits_since = self.waits_since.or(Some(self.newest)),
            }
        }
    }

    /// Tells the viewers of a silence, or of pictures that nobody can enter; ends the session after a long silence.
    /// Returns when to look again.
    pub fn silence(&mut self, pace: Pace) -> Result<Instant, SourceFault> {
        let silent = self.newest.elapsed();
        let lost_after = self.limits.silence_lost.max(pace.slow() * 2);
        let ends_after = self.limits.silence_ends.max(pace.slow() * 3);
        if silent >= ends_after {
            return Err(self.why_silent(silent));
        }
        if silent >= lost_after {
            let fault = self.why_silent(silent);
            self.tell(&fault);
            return Ok(self.newest + ends_after);
        }
        let next = self.newest + lost_after;
        let Some(since) = self.waits_since else { return Ok(next) };
        // A camera with long groups of pictures is waited for: what it sends is read on, and may be shown yet. After a
        // loss the last picture stands meanwhile, and is given as long as a silence.
        let limit = if self.shown { self.limits.silence_ends } else { self.limits.entry_point };
        let waited = since.elapsed();
        if waited < limit {
            return Ok(next.min(since + limit));
        }
        self.tell(&SourceFault::NoEntryPoint { ms: ms(waited) });
        Ok(next)
    }

    fn why_silent(&self, silent: Duration) -> SourceFault {
        self.units.why_none().unwrap_or(SourceFault::Silent(ms(silent)))
    }

    fn tell(&mut self, fault: &SourceFault) {
        if !std::mem::replace(&mut self.told, true) {
            self.feed.lost(fault.cause(), &detail(fault, &self.connection));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_pace_is_learnt_of_two_waits_and_forgotten_of_one() {
        let seconds = Duration::from_secs;
        let mut pace = Pace::default();
        for (wait, slow) in [(seconds(4), 0), (seconds(5), 4), (seconds(4), 4), (Duration::from_millis(40), 0)] {
            pace.note(wait);
            assert_eq!(pace.slow(), seconds(slow), "{wait:?}");
        }
        pace.note(seconds(500));
        pace.note(seconds(500));
        assert_eq!(pace.slow(), SLOWEST_PACE);
    }
}
