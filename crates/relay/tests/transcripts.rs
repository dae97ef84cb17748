//! Cameras as they were met, or drawn after public reports: each transcript's packets become pictures, all of them.
//!
//! A transcript's first line says what the camera does; then stand its description, and its interleaved packets in
//! hexadecimal, a channel and a packet a line. The pictures are of a drawn clip.
#![allow(clippy::unwrap_used, clippy::panic)] // a test fails so

use std::collections::BTreeMap;
use std::sync::Arc;

use relay::engine::access_units::{AccessUnit, AccessUnits};
use relay::engine::capture_clock::Captured;
use relay::engine::muxer::{Arrival, Muxer};
use relay::engine::oddities::{Oddities, Oddity};
use relay::engine::pictures::Picture;
use relay::engine::rtsp_description::OfferedVideo;

struct Read {
    /// Access units that came out, and those of them that can be shown.
    units: usize,
    pictures: Vec<Picture>,
    /// Presentation times, in the order of decoding.
    shown: Vec<i64>,
    oddities: BTreeMap<Oddity, u64>,
}

fn transcript(name: &str) -> (OfferedVideo, Vec<Vec<u8>>) {
    let file = format!("{}/tests/transcripts/{name}.rtp", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut description = String::new();
    let mut packets = Vec::new();
    for line in text.lines().skip(1) {
        if let Some(line) = line.strip_prefix("# ") {
            description.push_str(line);
            description.push_str("\r\n");
        } else if let Some(("0", packet)) = line.split_once(' ') {
            let byte = |at: usize| u8::from_str_radix(&packet[at..at + 2], 16).unwrap();
            packets.push((0..packet.len()).step_by(2).map(byte).collect());
        }
    }
    (OfferedVideo::read(description.as_bytes()).unwrap(), packets)
}

/// Reads a transcript whose pictures arrive 25 a second.
fn read(name: &str) -> Read {
    let (video, packets) = transcript(name);
    let oddities: Arc<Oddities> = Arc::default();
    let mut units = AccessUnits::new(&video, 0, 4 << 20, Arc::clone(&oddities));
    let mut muxer = Muxer::new(Arc::clone(&oddities));
    muxer.begin_session(video.clock_rate_hz);
    let (mut came, mut pictures, mut shown, mut count) = (Vec::<AccessUnit>::new(), Vec::new(), Vec::new(), 0);
    for packet in packets {
        units.push(&packet, 0, &mut came).unwrap();
        for unit in came.drain(..) {
            let us = i64::try_from(count).unwrap() * 40_000;
            count += 1;
            let captured = Captured { unix_us: us, by_camera: false };
            if let Some(picture) = muxer.picture(unit, captured, Arrival { us, unix_us: us }) {
                shown.push(i64::try_from(picture.decode_time).unwrap() + composition_offset(&picture));
                pictures.push(picture);
            }
        }
    }
    Read { units: count, pictures, shown, oddities: oddities.met().into_iter().collect() }
}

/// Of the one sample in the chunk: the last field of its `trun`.
fn composition_offset(picture: &Picture) -> i64 {
    let bytes = &picture.message[..];
    let moof = bytes.windows(4).position(|window| window == b"moof").unwrap() - 4;
    i64::from(i32::from_be_bytes(bytes[moof + 100..moof + 104].try_into().unwrap()))
}

impl Read {
    fn keys(&self) -> usize {
        self.pictures.iter().filter(|picture| picture.key).count()
    }

    /// The steps between the times shown, once sorted.
    fn steps(&self) -> Vec<i64> {
        let mut shown = self.shown.clone();
        shown.sort_unstable();
        shown.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

#[test]
fn pictures_are_taken_up_at_recovery_points_where_there_is_no_idr() {
    let read = read("intra_refresh");
    assert!(read.keys() >= 2, "{} of {}", read.keys(), read.units);
    assert!(read.pictures.len() + 25 >= read.units, "{} of {}", read.pictures.len(), read.units);
    assert!(read.oddities.contains_key(&Oddity::RecoveryPoints));
}

#[test]
fn h265_is_taken_up_at_a_cra_without_its_leading_pictures() {
    let read = read("hevc_cra");
    assert!(read.keys() >= 2, "{} of {}", read.keys(), read.units);
    assert!(read.pictures[0].key && !read.pictures[1].leading);
    assert!(read.steps().iter().all(|&step| step % 3_600 == 0 && step > 0), "{:?}", read.steps());
}

#[test]
fn slices_that_each_bear_the_marker_make_whole_pictures() {
    let read = read("mark_per_nal_slices");
    assert_eq!(read.pictures.len(), read.units);
    assert!(read.steps().iter().all(|&step| step == 3_600), "{:?}", read.steps());
    assert_eq!(read.oddities.keys().collect::<Vec<_>>(), [&Oddity::MarksWithinPictures]);
}

#[test]
fn both_picture_parameter_sets_are_described() {
    let read = read("two_pps");
    assert_eq!(read.pictures.len(), read.units);
    let init = &read.pictures[0].stream.description.init;
    for set in [[0x68, 0xce, 0x0f, 0xc8], [0x68, 0x53, 0x83, 0xf2]] {
        assert!(init.windows(4).any(|window| window == set));
    }
    assert!(read.pictures.iter().all(|picture| picture.stream.number == 1), "described once");
}

#[test]
fn a_source_that_changes_with_each_group_is_followed() {
    let read = read("ssrc_each_gop");
    assert_eq!(read.pictures.len(), read.units);
    assert!(read.keys() >= 2 && read.pictures.iter().all(|picture| picture.left_out == 0));
    assert_eq!(read.oddities.keys().collect::<Vec<_>>(), [&Oddity::SourceChanges]);
}

#[test]
fn two_pictures_to_each_time_are_spread_and_counted() {
    let read = read("ts_pairs");
    assert_eq!(read.pictures.len(), read.units);
    assert!(read.steps().iter().all(|&step| (3_000..4_300).contains(&step)), "{:?}", read.steps());
    assert!(read.oddities[&Oddity::TimeRepaired] >= 20);
}

#[test]
fn b_pictures_are_decoded_evenly_and_shown_in_order() {
    let read = read("b_frames");
    assert_eq!(read.pictures.len(), read.units);
    assert!(read.steps().iter().all(|&step| step == 3_600), "{:?}", read.steps());
    let decoded: Vec<_> = read.pictures.windows(2).map(|pair| pair[1].decode_time - pair[0].decode_time).collect();
    assert!(decoded.iter().all(|&step| step == 3_600), "{decoded:?}");
}

#[test]
fn packets_without_payload_cost_nothing() {
    let read = read("empty_payload");
    assert_eq!(read.pictures.len(), read.units);
    assert!(read.steps().iter().all(|&step| step == 3_600), "{:?}", read.steps());
    assert_eq!(read.oddities.keys().collect::<Vec<_>>(), [&Oddity::EmptyPayload]);
}

/// A picture as it came out: its time, its bytes, and whether it follows a loss.
type Came = (i64, Vec<u8>, bool);

/// What a transcript's packets make where `silent` says, of the two packets around it, whether a silence stands between.
fn with_silences(name: &str, mut silent: impl FnMut(&[u8], &[u8]) -> bool) -> Vec<Came> {
    let (video, packets) = transcript(name);
    let mut units = AccessUnits::new(&video, 0, 4 << 20, Arc::default());
    let mut came = Vec::<AccessUnit>::new();
    for (number, packet) in packets.iter().enumerate() {
        units.push(packet, 0, &mut came).unwrap();
        let ends = packets.get(number + 1).is_none_or(|next| silent(packet, next));
        if ends && units.settles_after().is_some() {
            units.settle(&mut came);
        }
    }
    came.into_iter().map(|unit| (unit.rtp_time, unit.payload, unit.after_loss)).collect()
}

const NAMES: [&str; 8] = [
    "b_frames",
    "empty_payload",
    "hevc_cra",
    "intra_refresh",
    "mark_per_nal_slices",
    "ssrc_each_gop",
    "ts_pairs",
    "two_pps",
];

/// Draws silences, the same ones for the same seed.
fn drawn(seed: u64) -> impl FnMut() -> bool {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.is_multiple_of(5)
    }
}

#[test]
fn silences_between_pictures_change_none_of_them() {
    let time = |packet: &[u8]| packet.get(4..8).map(<[u8]>::to_vec);
    for name in NAMES {
        let whole = with_silences(name, |_, _| false);
        for seed in 0..20 {
            let mut draw = drawn(seed);
            let came = with_silences(name, |packet, next| time(packet) != time(next) && draw());
            assert!(came == whole, "{name}, {seed}");
        }
    }
}

#[test]
fn a_silence_within_a_picture_costs_that_picture_and_the_next_one_says_so() {
    let mut torn = 0;
    for name in NAMES {
        let whole = with_silences(name, |_, _| false);
        for seed in 0..20 {
            let mut draw = drawn(seed);
            let came = with_silences(name, |_, _| draw());
            assert!(came.windows(2).all(|pair| pair[0].0 <= pair[1].0 || name == "b_frames" || name == "hevc_cra"));
            for (number, (time, bytes, _)) in came.iter().enumerate() {
                let same_time = || whole.iter().filter(|(known, ..)| known == time);
                if same_time().any(|(_, known, _)| known == bytes) {
                    continue;
                }
                torn += 1;
                assert!(same_time().any(|(_, known, _)| known.starts_with(bytes)), "{name}, {seed}: {time} is no part");
                assert!(came.get(number + 1).is_none_or(|(_, _, after_loss)| *after_loss), "{name}, {seed}: {time}");
            }
        }
    }
    assert!(torn > 0, "some silence fell within a picture");
}
