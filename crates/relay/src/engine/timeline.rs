//! When each picture is decoded and shown: one unbroken timeline of what the camera tells, held against the arrivals.
//!
//! Times are units of `TIMESCALE` from the first picture on. A time that cannot be (twice the same, a step back, far ahead
//! of the arrivals or behind them) is repaired by the pace of the arrivals; a clock that keeps on so is not believed.

use std::collections::VecDeque;

use super::cmaf::TIMESCALE;

const SECOND: i64 = TIMESCALE as i64;
/// Pictures closer than this are no two: 120 a second are the most that a camera films.
const STEP_MIN: i64 = SECOND / 120;
/// A step of the camera's time greater than this is a new clock.
const STEP_MAX: i64 = 10 * SECOND;
/// How far ahead of the arrivals the camera's time may run: what it kept before the session may come in a burst.
const LEAD_MAX: i64 = 2 * SECOND;
/// How far behind: a network may have held pictures back.
const LAG_MAX: i64 = 8 * SECOND;
const FIRST_STEP: i64 = SECOND / 25;
/// So many pictures are the measure of the pace.
const PACE_PICTURES: usize = 16;
/// After so many repairs in a row the camera's clock is taken up anew.
const REPAIRS_TO_FOLLOW: u32 = 3;
/// The line of arrivals follows the camera's own clock by this part of the difference a picture.
const DRIFT_DIVISOR: i64 = 1_024;
/// The most that H.264 and H.265 hold back.
const REORDER_MAX: usize = 16;

/// Where one picture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub decoded: i64,
    pub shown: i64,
    pub duration: i64,
    /// The camera's time was not believed.
    pub repaired: bool,
}

/// What is known of the next picture.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// The camera's time, in units of `TIMESCALE`, from anywhere.
    pub camera: i64,
    pub arrived_us: i64,
    /// How many pictures may come before one that is shown earlier, where the stream tells.
    pub reorder_max: Option<u32>,
    /// It may be shown before one that came earlier.
    pub bidirectional: bool,
}

#[derive(Debug, Default)]
pub struct PictureTimes {
    /// What is added to the camera's time, once a session has begun.
    shift: Option<i64>,
    last: Option<Last>,
    /// Timeline less arrival, of a picture that is neither early nor late.
    line: i64,
    repairs_in_a_row: u32,
    arrivals: VecDeque<i64>,
    /// How many pictures may come before one that is shown earlier.
    depth: usize,
    /// The latest times shown, one more than `depth`: the least is the next to be decoded.
    latest: Vec<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    decoded: i64,
    shown: i64,
    duration: i64,
    arrived: i64,
}

impl PictureTimes {
    /// A new session with the camera: its time starts anywhere.
    pub fn begin_session(&mut self) {
        self.shift = None;
        self.arrivals.clear();
    }

    /// How many pictures come before one that is shown earlier.
    pub fn depth(&self) -> usize {
        self.depth
    }

    pub fn place(&mut self, told: Told) -> Place {
        let arrived = told.arrived_us.saturating_mul(SECOND) / 1_000_000;
        let deepened = self.deepen(&told);
        let Some(last) = self.last else {
            let shown = i64::try_from(self.depth).unwrap_or(0) * FIRST_STEP;
            self.shift = Some(shown.saturating_sub(told.camera));
            self.line = shown.saturating_sub(arrived);
            self.note_arrival(arrived);
            return self.put(shown, FIRST_STEP, arrived, false);
        };
        let waited = (arrived - last.arrived).max(0);
        self.note_arrival(arrived);
        let Some(shift) = self.shift else {
            // The first picture of another session: as much later as it came.
            let shown = last.shown.saturating_add(waited.max(last.duration));
            self.shift = Some(shown.saturating_sub(told.camera));
            self.line = shown.saturating_sub(arrived);
            self.latest.clear();
            return self.put(shown, last.duration, arrived, false);
        };
        let camera = told.camera.saturating_add(shift).saturating_add(deepened);
        self.shift = Some(shift.saturating_add(deepened));
        let lead = camera.saturating_sub(arrived.saturating_add(self.line));
        if self.is_possible(camera, lead, last) {
            self.repairs_in_a_row = 0;
            self.line = self.line.saturating_add(lead / DRIFT_DIVISOR);
            return self.put(camera, self.step(camera, last), arrived, false);
        }
        self.repairs_in_a_row = self.repairs_in_a_row.saturating_add(1);
        let newest = self.latest.iter().copied().max().unwrap_or(last.shown).max(last.shown);
        let step = if (-LAG_MAX..=LEAD_MAX).contains(&lead) { self.pace() } else { waited.clamp(STEP_MIN, STEP_MAX) };
        let shown = newest.saturating_add(step);
        if self.repairs_in_a_row >= REPAIRS_TO_FOLLOW || camera.abs_diff(last.shown) > STEP_MAX.unsigned_abs() {
            self.shift = Some(shown.saturating_sub(told.camera));
        }
        if !(-LAG_MAX..=LEAD_MAX).contains(&shown.saturating_sub(arrived.saturating_add(self.line))) {
            self.line = shown.saturating_sub(arrived);
        }
        self.put(shown, step, arrived, true)
    }

    fn is_possible(&self, camera: i64, lead: i64, last: Last) -> bool {
        if !(-LAG_MAX..=LEAD_MAX).contains(&lead) || camera.abs_diff(last.shown) > STEP_MAX.unsigned_abs() {
            return false;
        }
        if self.depth == 0 {
            return camera >= last.shown.saturating_add(STEP_MIN);
        }
        // Out of order it may be, but not before what is decoded already, nor twice the same.
        camera > last.decoded && self.latest.iter().all(|shown| shown.abs_diff(camera) >= STEP_MIN.unsigned_abs())
    }

    /// The duration that goes with a picture: the step from the former one, or the pace where they come out of order.
    fn step(&self, camera: i64, last: Last) -> i64 {
        if self.depth > 0 { self.pace() } else { camera.saturating_sub(last.shown) }
    }

    /// Has room for pictures out of order as soon as they are told or seen; returns how much later all are shown.
    fn deepen(&mut self, told: &Told) -> i64 {
        let seen = usize::from(told.bidirectional && told.reorder_max.is_none()) * 2;
        let depth = told.reorder_max.map_or(seen, |max| usize::try_from(max).unwrap_or(REORDER_MAX)).min(REORDER_MAX);
        if depth <= self.depth {
            return 0;
        }
        let deeper = i64::try_from(depth - self.depth).unwrap_or(0);
        self.depth = depth;
        if self.last.is_none() { 0 } else { deeper * self.pace() }
    }

    /// The mean step between arrivals.
    fn pace(&self) -> i64 {
        let (Some(first), Some(newest)) = (self.arrivals.front(), self.arrivals.back()) else { return FIRST_STEP };
        let steps = i64::try_from(self.arrivals.len()).unwrap_or(1) - 1;
        if steps < 3 {
            return FIRST_STEP;
        }
        ((newest - first) / steps).clamp(STEP_MIN, STEP_MAX)
    }

    fn note_arrival(&mut self, arrived: i64) {
        if self.arrivals.len() > PACE_PICTURES {
            self.arrivals.pop_front();
        }
        self.arrivals.push_back(arrived);
    }

    fn put(&mut self, shown: i64, step: i64, arrived: i64, repaired: bool) -> Place {
        let step = step.clamp(STEP_MIN, STEP_MAX);
        let behind = self.decoded_in_turn(shown, step);
        let decoded = self.last.map_or(behind.max(0), |last| behind.max(last.decoded + 1));
        let duration = match self.last {
            Some(last) if self.depth > 0 => (decoded - last.decoded).clamp(STEP_MIN, SECOND),
            _ if step <= SECOND => step,
            Some(last) => last.duration,
            None => FIRST_STEP,
        };
        self.last = Some(Last { decoded, shown, duration, arrived });
        Place { decoded, shown, duration, repaired }
    }

    /// The time of decoding: as many pictures earlier as may come out of order, so that decoding is spread evenly.
    fn decoded_in_turn(&mut self, shown: i64, step: i64) -> i64 {
        if self.depth == 0 {
            self.latest.clear();
            return shown;
        }
        let mut before = self.latest.iter().copied().min().unwrap_or(shown);
        while self.latest.len() < self.depth {
            before = before.saturating_sub(step);
            self.latest.push(before);
        }
        self.latest.push(shown);
        self.latest.sort_unstable();
        self.latest.remove(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: i64 = 3_600;

    /// Places pictures that arrive 25 a second with these times of the camera.
    fn placed(camera: impl IntoIterator<Item = i64>, reorder_max: Option<u32>) -> Vec<Place> {
        let mut times = PictureTimes::default();
        camera
            .into_iter()
            .zip(0..)
            .map(|(camera, number)| {
                times.place(Told { camera, arrived_us: number * 40_000, reorder_max, bidirectional: false })
            })
            .collect()
    }

    fn steps(places: &[Place]) -> Vec<i64> {
        places.windows(2).map(|pair| pair[1].decoded - pair[0].decoded).collect()
    }

    fn near(steps: &[i64], wanted: i64, within: i64) -> bool {
        steps.iter().all(|step| (step - wanted).abs() <= within)
    }

    #[test]
    fn a_sound_clock_is_told_as_it_is() {
        let places = placed((0..100).map(|number| 77 + number * STEP), Some(0));
        assert!(near(&steps(&places), STEP, 0));
        assert!(places.iter().all(|place| !place.repaired && place.shown == place.decoded && place.duration == STEP));
    }

    #[test]
    fn two_pictures_with_one_time_are_spread() {
        let places = placed((0..100).map(|number| number / 2 * 2 * STEP), Some(0));
        assert!(near(&steps(&places), STEP, 20), "{:?}", steps(&places));
        assert_eq!(places.iter().filter(|place| place.repaired).count(), 50);
    }

    #[test]
    fn a_clock_of_milliseconds_or_ten_times_too_fast_is_not_believed() {
        for of_the_camera in [40, 36_000] {
            let places = placed((0..250).map(|number| number * of_the_camera), Some(0));
            assert!(near(&steps(&places)[8..], STEP, 200), "{of_the_camera}: {:?}", steps(&places));
            let newest = places[249].shown;
            assert!((newest - 249 * STEP).abs() <= LEAD_MAX, "{of_the_camera}: {newest}");
        }
    }

    #[test]
    fn steps_back_and_ahead_are_repaired_and_the_clock_is_followed_again() {
        for step in [-90_000, -9_000_000, 9_000_000, 500_000_000] {
            let jump = |number| if number < 100 { 0 } else { step };
            let places = placed((0..200).map(|number| number * STEP + jump(number)), Some(0));
            assert!(near(&steps(&places), STEP, 200), "{step}: {:?}", steps(&places));
            assert!(places.iter().filter(|place| place.repaired).count() <= 4, "{step}");
        }
        let glitch = |number| if number == 50 { 40_000_000 } else { number * STEP };
        let places = placed((0..100).map(glitch), Some(0));
        assert!(near(&steps(&places), STEP, 200), "{:?}", steps(&places));
    }

    #[test]
    fn a_clock_that_drifts_is_followed_for_ever() {
        // 500 ppm fast, for four hours; the arrivals are even.
        let places = placed((0..360_000).map(|number| number * STEP + number * STEP / 2_000), Some(0));
        assert!(places.iter().all(|place| !place.repaired));
    }

    #[test]
    fn pictures_that_the_network_held_back_keep_their_times() {
        let mut times = PictureTimes::default();
        let places: Vec<_> = (0..200)
            .map(|number: i64| {
                // Nothing comes for 3 s from picture 100 on, then all at once.
                let arrived_us = if (100..175).contains(&number) { 175 * 40_000 } else { number * 40_000 };
                times.place(Told { camera: number * STEP, arrived_us, reorder_max: Some(0), bidirectional: false })
            })
            .collect();
        assert!(near(&steps(&places), STEP, 0));
    }

    /// Picture times in coding order, two B pictures between each two others.
    fn with_b_pictures(groups: i64) -> Vec<i64> {
        let mut times = vec![0];
        times.extend((0..groups).flat_map(|group| [3, 1, 2].map(|place| (group * 3 + place) * STEP)));
        times
    }

    #[test]
    fn pictures_out_of_order_are_decoded_evenly_and_shown_in_order() {
        let places = placed(with_b_pictures(60), Some(2));
        assert!(near(&steps(&places), STEP, 0), "{:?}", steps(&places));
        assert!(places.iter().all(|place| place.shown >= place.decoded && !place.repaired));
        let mut shown: Vec<_> = places.iter().map(|place| place.shown).collect();
        shown.sort_unstable();
        assert!(shown.windows(2).all(|pair| pair[1] - pair[0] == STEP));
    }

    #[test]
    fn pictures_out_of_order_that_no_set_tells_of_are_seen() {
        let mut times = PictureTimes::default();
        let places: Vec<_> = with_b_pictures(60)
            .into_iter()
            .zip(0..)
            .map(|(camera, number)| {
                let bidirectional = number > 0 && number % 3 != 1;
                times.place(Told { camera, arrived_us: number * 40_000, reorder_max: None, bidirectional })
            })
            .collect();
        assert!(near(&steps(&places)[10..], STEP, 200), "{:?}", steps(&places));
        let mut shown: Vec<_> = places[10..].iter().map(|place| place.shown).collect();
        shown.sort_unstable();
        assert!(shown.windows(2).all(|pair| (pair[1] - pair[0] - STEP).abs() <= 200), "{shown:?}");
    }

    #[test]
    fn decode_times_only_rise_whatever_the_camera_says() {
        let extremes = [0, 1, i64::MAX, i64::MIN, i64::MIN / 2, i64::MAX / 2, 5, -9_000_000, 3, i64::MAX, i64::MAX];
        for reorder_max in [None, Some(0), Some(2), Some(u32::MAX)] {
            let places = placed(extremes.into_iter().cycle().take(200), reorder_max);
            assert!(steps(&places).iter().all(|&step| step > 0));
            assert!(places.iter().all(|place| place.shown >= place.decoded && place.duration > 0));
        }
    }
}
