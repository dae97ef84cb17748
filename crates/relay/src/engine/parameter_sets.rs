//! The parameter sets of one stream, all that are in use, and the description that decoders are given of them.
//!
//! Sets come with the camera's description or among its pictures; a later one of the same id replaces an earlier one.
//! Bounded in number and size, whatever a camera sends.

use std::collections::BTreeMap;

use base64::Engine as _;
use bytes::{BufMut, Bytes};
use retina::codec::h26x::Framing;
use retina::codec::{Depacketizer, ParametersRef, VideoParameters};

use super::bits::{Bits, unescape};
use super::cmaf::Description;
use super::nal::SetKind;
use super::rtsp_description::VideoCodec;
use super::sps::{self, Sps};

/// The most that one set, and all sets of a kind, may take.
const SET_BYTES_MAX: usize = 4 * 1024;
const SETS_MAX: usize = 32;

#[derive(Debug)]
pub struct ParameterSets {
    codec: VideoCodec,
    video: Kept,
    sequence: Kept,
    picture: Kept,
    /// Another set than before came since the newest description.
    changed: bool,
}

/// The sets of one kind by their id.
type Kept = BTreeMap<u32, Set>;

#[derive(Debug, Clone)]
struct Set {
    bytes: Bytes,
    /// The id of the set that it refers to, 0 where it refers to none.
    refers_to: u32,
    /// What is read of a sequence parameter set of H.264 for each slice.
    sequence: Option<Sps>,
}

impl ParameterSets {
    pub fn new(codec: VideoCodec) -> Self {
        Self { codec, video: Kept::new(), sequence: Kept::new(), picture: Kept::new(), changed: false }
    }

    /// Takes the sets of a camera's description: the parameters of its `fmtp` line. What cannot be read is left out.
    pub fn take_announced(&mut self, format_parameters: &str) {
        for parameter in format_parameters.split(';') {
            let Some((name, value)) = parameter.split_once('=') else { continue };
            let announces = ["sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps"];
            if !announces.iter().any(|known| known.eq_ignore_ascii_case(name.trim())) {
                continue;
            }
            for coded in value.split(',') {
                let padding: &[_] = &['=', '"', ' '];
                let coded = coded.trim_matches(padding);
                let Ok(unit) = base64::engine::general_purpose::STANDARD_NO_PAD.decode(coded) else { continue };
                // Some cameras put a start code before it or behind it.
                let from = unit.iter().position(|&byte| byte > 1).unwrap_or(0);
                let kind = super::nal::kind(self.codec, &unit[from..], |_| None);
                if let super::nal::Kind::Set(kind) = kind {
                    self.take(kind, &unit[from..]);
                }
            }
        }
    }

    /// Whether this is another set than is known, one that can be read.
    pub fn differs(&self, kind: SetKind, nal: &[u8]) -> bool {
        nal.len() <= SET_BYTES_MAX
            && ids(self.codec, kind, nal)
                .is_some_and(|(id, _)| self.kept(kind).get(&id).is_none_or(|known| known.bytes != nal))
    }

    fn kept(&self, kind: SetKind) -> &Kept {
        match kind {
            SetKind::Video => &self.video,
            SetKind::Sequence => &self.sequence,
            SetKind::Picture => &self.picture,
        }
    }

    /// Takes one set, header included; true where it is another than was known and there was room for it.
    pub fn take(&mut self, kind: SetKind, nal: &[u8]) -> bool {
        if !self.differs(kind, nal) {
            return false;
        }
        let Some((id, refers_to)) = ids(self.codec, kind, nal) else { return false };
        let kept = match kind {
            SetKind::Video => &mut self.video,
            SetKind::Sequence => &mut self.sequence,
            SetKind::Picture => &mut self.picture,
        };
        if kept.len() >= SETS_MAX && !kept.contains_key(&id) {
            return false;
        }
        let sequence = if kind == SetKind::Sequence && self.codec == VideoCodec::H264 { Sps::read(nal) } else { None };
        kept.insert(id, Set { bytes: Bytes::copy_from_slice(nal), refers_to, sequence });
        self.changed = true;
        true
    }

    /// The sequence parameter set behind a picture parameter set of H.264.
    pub fn sequence_of(&self, picture_set: u32) -> Option<Sps> {
        self.sequence.get(&self.picture.get(&picture_set)?.refers_to)?.sequence
    }

    /// Whether a picture that names this set can be decoded; one whose header could not be read counts as one that can.
    pub fn suffice_for(&self, picture_set: Option<u32>) -> bool {
        let any = || self.picture.keys().next().copied();
        let Some(picture) = picture_set.or_else(any).and_then(|id| self.picture.get(&id)) else { return false };
        let Some(sequence) = self.sequence.get(&picture.refers_to) else { return false };
        self.codec == VideoCodec::H264 || self.video.contains_key(&sequence.refers_to)
    }

    /// The description for a picture that names this set, where it is another than before; None too where decoders
    /// cannot be told: a set is missing or cannot be read.
    pub fn description(&mut self, picture_set: Option<u32>) -> Option<Described> {
        let id = picture_set.or_else(|| self.picture.keys().next().copied())?;
        let picture = self.picture.get(&id)?.clone();
        let sequence = self.sequence.get(&picture.refers_to)?.clone();
        if !std::mem::replace(&mut self.changed, false) {
            return Some(Described::AsBefore);
        }
        let described = match self.codec {
            VideoCodec::H264 => self.describe_h264(picture.refers_to, &sequence.bytes, &picture.bytes),
            VideoCodec::H265 => {
                let video = self.video.get(&sequence.refers_to)?;
                self.describe_h265(&video.bytes, &sequence.bytes, &picture.bytes)
            }
        };
        self.changed = described.is_none();
        described.map(Described::Anew)
    }

    /// How many pictures may come before one that is shown earlier, where the set in use tells.
    pub fn reorder_max(&self, picture_set: Option<u32>) -> Option<u32> {
        let id = picture_set.or_else(|| self.picture.keys().next().copied())?;
        let set = self.sequence.get(&self.picture.get(&id)?.refers_to)?;
        match self.codec {
            VideoCodec::H264 => set.sequence?.reorder_max,
            VideoCodec::H265 => h265_sequence(&set.bytes).map(|(_, _, reorder_max)| reorder_max),
        }
    }

    fn describe_h264(&self, sequence_id: u32, sequence: &[u8], picture: &[u8]) -> Option<Description> {
        let live = |set: &[u8]| sps::without_reordering(set).unwrap_or_else(|| set.to_vec());
        let in_use = live(sequence);
        let read = retina::codec::h264::parameters_from_sps_and_pps(&in_use, picture, Framing::FourByteLength).ok()?;
        let &[_, profile, compatibility, level, ..] = &in_use[..] else { return None };
        let others = self.sequence.iter().filter(|(id, _)| **id != sequence_id).map(|(_, set)| live(&set.bytes));
        let sequences: Vec<_> = std::iter::once(in_use.clone()).chain(others).take(31).collect();
        let mut record = vec![1, profile, compatibility, level, 0xff, 0xe0 | u8::try_from(sequences.len()).ok()?];
        for set in &sequences {
            put_set(&mut record, set);
        }
        record.push(u8::try_from(self.picture.len()).ok()?);
        for set in self.picture.values() {
            put_set(&mut record, &set.bytes);
        }
        Some(described(&read, *b"avc1", *b"avcC", &record))
    }

    fn describe_h265(&self, video: &[u8], sequence: &[u8], picture: &[u8]) -> Option<Description> {
        let coded = |set: &[u8]| base64::engine::general_purpose::STANDARD.encode(set);
        let told = format!("sprop-vps={};sprop-sps={};sprop-pps={}", coded(video), coded(sequence), coded(picture));
        let reader = Depacketizer::new("video", "h265", 90_000, None, Some(&told)).ok()?;
        let Some(ParametersRef::Video(read)) = reader.parameters() else { return None };
        // Retina's record up to the number of its arrays; it holds one set of each kind, we all that are in use.
        let mut record = read.extra_data().get(..22)?.to_vec();
        record.push(3);
        for (unit_type, sets) in [(32u8, &self.video), (33, &self.sequence), (34, &self.picture)] {
            record.push(0x80 | unit_type); // all sets of this kind are here
            record.put_u16(u16::try_from(sets.len()).ok()?);
            for set in sets.values() {
                put_set(&mut record, &set.bytes);
            }
        }
        Some(described(read, *b"hvc1", *b"hvcC", &record))
    }
}

/// What became of a stream's description.
#[derive(Debug)]
pub enum Described {
    AsBefore,
    Anew(Description),
}

fn described(read: &VideoParameters, entry: [u8; 4], kind: [u8; 4], record: &[u8]) -> Description {
    let aspect = read.pixel_aspect_ratio().filter(|(width, height)| *width > 0 && *height > 0 && width != height);
    Description::new(read.rfc6381_codec(), read.pixel_dimensions(), aspect, entry, kind, record)
}

/// A set behind its length.
fn put_set(record: &mut Vec<u8>, set: &[u8]) {
    // At most `SET_BYTES_MAX`, or a few bytes more.
    record.put_u16(u16::try_from(set.len()).unwrap_or(0));
    record.extend_from_slice(set);
}

/// A set's id, and that of the set that it refers to (0 where it refers to none).
fn ids(codec: VideoCodec, kind: SetKind, nal: &[u8]) -> Option<(u32, u32)> {
    match (codec, kind) {
        (VideoCodec::H264, SetKind::Sequence) => Sps::read(nal).map(|set| (set.id, 0)),
        (VideoCodec::H264, SetKind::Picture) => {
            let body = unescape(nal.get(1..)?);
            let mut bits = Bits::new(&body);
            Some((bits.unsigned().filter(|&id| id < 256)?, bits.unsigned().filter(|&id| id < 32)?))
        }
        (VideoCodec::H264, SetKind::Video) => None,
        (VideoCodec::H265, SetKind::Video) => Some((u32::from(*nal.get(2)?) >> 4, 0)),
        (VideoCodec::H265, SetKind::Sequence) => h265_sequence(nal).map(|(id, video, _)| (id, video)),
        (VideoCodec::H265, SetKind::Picture) => {
            let body = unescape(nal.get(2..)?);
            let mut bits = Bits::new(&body);
            Some((bits.unsigned().filter(|&id| id < 64)?, bits.unsigned().filter(|&id| id < 16)?))
        }
    }
}

/// Of a sequence parameter set of H.265: its id, its video parameter set's, and `sps_max_num_reorder_pics` (7.3.2.2.1).
fn h265_sequence(nal: &[u8]) -> Option<(u32, u32, u32)> {
    let body = unescape(nal.get(2..)?);
    let mut bits = Bits::new(&body);
    let video = bits.number(4)?;
    let sub_layers = bits.number(3).filter(|&layers| layers < 7)?;
    bits.skip(1)?; // temporal_id_nesting
    bits.skip(88 + 8)?; // general profile, tier and level
    let mut told = Vec::new();
    for _ in 0..sub_layers {
        told.push((bits.bit()?, bits.bit()?));
    }
    if sub_layers > 0 {
        bits.skip(2 * usize::try_from(8 - sub_layers).ok()?)?;
    }
    for (profile, level) in told {
        bits.skip(if profile { 88 } else { 0 } + if level { 8 } else { 0 })?;
    }
    let id = bits.unsigned().filter(|&id| id < 16)?;
    if bits.unsigned()? == 3 {
        bits.skip(1)?; // separate_colour_plane
    }
    bits.unsigned()?;
    bits.unsigned()?; // width, height
    if bits.bit()? {
        for _ in 0..4 {
            bits.unsigned()?; // conformance window
        }
    }
    for _ in 0..3 {
        bits.unsigned()?; // bit depths, log2_max_pic_order_cnt_lsb
    }
    let each_layer = bits.bit()?;
    let mut reorder_max = 0;
    for _ in 0..if each_layer { sub_layers + 1 } else { 1 } {
        bits.unsigned()?; // sps_max_dec_pic_buffering
        reorder_max = bits.unsigned()?;
        bits.unsigned()?; // sps_max_latency_increase
    }
    Some((id, video, reorder_max))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Of drawn clips encoded by x264 and x265.
    const TWO_PICTURE_SETS: &str = "packetization-mode=1;profile-level-id=42C00D;\
        sprop-parameter-sets=Z0LADdoFB+hAAAADAEAAAAyjxQqo,aM4PyA==,aFODEg==";
    const H265: &str = "sprop-vps=QAEMAf//AWAAAAMAkAAAAwAAAwA8lZAJ; \
        sprop-sps=QgEBAWAAAAMAkAAAAwAAAwA8oAoIDxZZWRKTC5oCAAADAAIAAAMAMhA=;sprop-pps=RAHAc8GJ";

    fn announced(codec: VideoCodec, told: &str) -> ParameterSets {
        let mut sets = ParameterSets::new(codec);
        sets.take_announced(told);
        sets
    }

    #[test]
    fn all_picture_parameter_sets_in_use_are_in_the_description() {
        let mut sets = announced(VideoCodec::H264, TWO_PICTURE_SETS);
        assert!(sets.suffice_for(Some(0)) && sets.suffice_for(Some(1)) && !sets.suffice_for(Some(2)));
        let Some(Described::Anew(described)) = sets.description(Some(0)) else { panic!() };
        assert_eq!((described.width, described.height), (320, 240));
        let init = &described.init[..];
        for set in [[0x68, 0xce, 0x0f, 0xc8], [0x68, 0x53, 0x83, 0x12]] {
            assert!(init.windows(4).any(|window| window == set), "{set:x?}");
        }
        assert!(matches!(sets.description(Some(1)), Some(Described::AsBefore)));
        assert!(!sets.take(SetKind::Picture, &[0x68, 0xce, 0x0f, 0xc8]), "known already");
    }

    #[test]
    fn the_sets_of_h265_are_read_out_of_band() {
        let mut sets = announced(VideoCodec::H265, H265);
        assert!(sets.suffice_for(Some(0)));
        let Some(Described::Anew(described)) = sets.description(Some(0)) else { panic!() };
        assert_eq!((described.width, described.height), (320, 240));
        assert!(described.codec.starts_with("hvc1.1."), "{}", described.codec);
        assert_eq!(sets.reorder_max(None), Some(2));
    }

    #[test]
    fn without_each_of_its_sets_a_picture_cannot_be_decoded() {
        for without in ["sprop-vps", "sprop-sps", "sprop-pps"] {
            let mut sets = announced(VideoCodec::H265, &H265.replace(without, "other"));
            assert!(!sets.suffice_for(Some(0)) && !sets.suffice_for(None));
            assert!(sets.description(None).is_none());
        }
        assert!(!announced(VideoCodec::H264, "sprop-parameter-sets=Z0LADdoFB+hAAAADAEAAAAyjxQqo").suffice_for(None));
    }

    #[test]
    fn sets_without_end_stay_within_their_bounds() {
        let mut sets = announced(VideoCodec::H264, TWO_PICTURE_SETS);
        for first in 0..=255u8 {
            for second in 0..=255u8 {
                sets.take(SetKind::Picture, &[0x68, first, second, 0x80]);
            }
        }
        assert!(sets.picture.len() <= SETS_MAX);
        assert!(!sets.take(SetKind::Picture, &[0x68; SET_BYTES_MAX + 1]));
    }

    #[test]
    fn no_cut_or_flipped_set_panics() {
        for (codec, told) in [(VideoCodec::H264, TWO_PICTURE_SETS), (VideoCodec::H265, H265)] {
            let whole = announced(codec, told);
            let kinds = [SetKind::Video, SetKind::Sequence, SetKind::Picture];
            for (kind, kept) in kinds.into_iter().zip([&whole.video, &whole.sequence, &whole.picture]) {
                for Set { bytes: set, .. } in kept.values() {
                    for at in 0..set.len() {
                        for bit in 0..8 {
                            let mut hostile = set.to_vec();
                            hostile[at] ^= 1 << bit;
                            let mut sets = announced(codec, told);
                            sets.take(kind, &hostile);
                            sets.take(kind, &set[..at]);
                            let _ = sets.description(None);
                        }
                    }
                }
            }
        }
    }
}
