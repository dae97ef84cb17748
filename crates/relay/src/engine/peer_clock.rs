//! How far the clock of another relay is from ours, by what it tells of it and by how long a word takes there and back.
//!
//! Its clock comes late by the way here. The least late of the newest tellings counts, less half of the quickest way there
//! and back: a queue on the link makes neither ages nor clocks wrong. Times are microseconds.

use std::collections::VecDeque;

const KEPT: usize = 8;
/// No telling comes that much later than another, however slow the link: one of the clocks was set.
const STEP_US: i64 = 20_000_000;

#[derive(Debug, Default)]
pub struct PeerClock {
    /// Our clock less the other's at each arrival of what it told, in microseconds.
    tellings: VecDeque<i64>,
    there_and_back_us: VecDeque<i64>,
    origin_offset_us: i64,
}

impl PeerClock {
    /// The other's clock read `unix_us`; times of capture are told in it once `origin_offset_us` is added to them.
    pub fn told(&mut self, unix_us: i64, origin_offset_us: i64, arrived_unix_us: i64) {
        let seen = arrived_unix_us.saturating_sub(unix_us);
        if self.least().is_some_and(|least| seen.saturating_sub(least) > STEP_US) {
            self.tellings.clear();
        }
        keep(&mut self.tellings, seen);
        self.origin_offset_us = origin_offset_us;
    }

    /// A word came back after so long.
    pub fn answered(&mut self, after_us: i64) {
        keep(&mut self.there_and_back_us, after_us.max(0));
    }

    /// What is to be added to a time of capture so that it is told in our clock; None before the other told its own.
    pub fn origin_offset_us(&self) -> Option<i64> {
        let way = self.there_and_back_us.iter().copied().min().unwrap_or(0) / 2;
        Some(self.least()?.saturating_sub(way).saturating_add(self.origin_offset_us))
    }

    fn least(&self) -> Option<i64> {
        self.tellings.iter().copied().min()
    }
}

fn keep(newest: &mut VecDeque<i64>, value: i64) {
    if newest.len() == KEPT {
        newest.pop_front();
    }
    newest.push_back(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_800_000_000_000_000;

    #[test]
    fn the_least_delayed_telling_counts_less_half_the_way_there_and_back() {
        let mut clock = PeerClock::default();
        assert_eq!(clock.origin_offset_us(), None);
        // Its clock is an hour behind ours, and it is 20 ms away; some tellings wait in a queue.
        for delay in [500_000, 20_000, 90_000] {
            clock.told(NOW_US - 3_600_000_000, 7, NOW_US + delay);
            clock.answered(2 * delay);
        }
        assert_eq!(clock.origin_offset_us(), Some(3_600_000_000 + 7));
    }

    #[test]
    fn a_clock_that_is_set_is_followed_at_once() {
        let mut clock = PeerClock::default();
        for _ in 0..20 {
            clock.told(NOW_US, 0, NOW_US);
        }
        clock.told(NOW_US - 60_000_000, 0, NOW_US);
        assert_eq!(clock.origin_offset_us(), Some(60_000_000));
        clock.told(NOW_US + 60_000_000, 0, NOW_US);
        assert_eq!(clock.origin_offset_us(), Some(-60_000_000));
    }

    #[test]
    fn no_clock_overflows() {
        let mut clock = PeerClock::default();
        for (told, offset, arrived) in [(i64::MIN, i64::MAX, i64::MAX), (i64::MAX, i64::MIN, i64::MIN), (0, 0, 0)] {
            clock.told(told, offset, arrived);
            clock.answered(i64::MAX);
            let _ = clock.origin_offset_us();
        }
    }
}
