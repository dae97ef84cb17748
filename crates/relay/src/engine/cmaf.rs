//! Fragmented MP4: an initialisation segment for a stream, one chunk (`prft`, `moof`, `mdat`) for a picture.
//!
//! Boxes are laid by hand: a chunk is built once for each picture of each camera. The tests read them with mp4-atom.

use bytes::{BufMut, Bytes, BytesMut};

use super::capture_clock::{Captured, ntp};
use super::websocket;

/// Units a second in every stream that we serve.
pub const TIMESCALE: u32 = 90_000;
const TRACK: u32 = 1;
pub(super) const HEADER_BYTES: usize = 32 + 104 + 8;
/// `prft` flags (ISO/IEC 14496-12, 8.16.5): the time of input to the encoder, or an arbitrary point of the path.
pub(super) const AT_CAPTURE: u32 = 0;
pub(super) const AT_ARRIVAL: u32 = 8;
/// Sample flags (ISO/IEC 14496-12, 8.8.3.1): of a key picture; of one that depends on others; of one among those that leads
/// the key picture before it.
pub(super) const KEY: u32 = 0x0200_0000;
pub(super) const DEPENDS: u32 = 0x0101_0000;
pub(super) const LEADS: u32 = 0x0501_0000;

/// What a viewer must know before the pictures of a stream.
#[derive(Debug, Clone)]
pub struct Description {
    /// RFC 6381, for instance `avc1.64001f`.
    pub codec: String,
    pub width: u32,
    pub height: u32,
    /// The initialisation segment as a whole WebSocket message.
    pub init: Bytes,
}

impl Description {
    /// `entry` and `record_kind` name the codec's boxes; `aspect` is the shape of a sample where it is no square.
    pub fn new(
        codec: &str,
        (width, height): (u32, u32),
        aspect: Option<(u32, u32)>,
        entry: [u8; 4],
        record_kind: [u8; 4],
        record: &[u8],
    ) -> Self {
        let mut out = Vec::with_capacity(120 + record.len());
        within(&mut out, entry, |out| put_visual_entry(out, (width, height), aspect, record_kind, record));
        // The shape on the screen: a track's size is told in square pixels (ISO/IEC 14496-12, 8.3.2).
        let shown = aspect.map_or(width, |(across, down)| scaled(width, across, down));
        let init = websocket::binary(&init_segment(&out, shown, height));
        Self { codec: codec.to_owned(), width, height, init }
    }

    /// The text that goes before the initialisation segment (api, Media).
    pub fn text(&self, camera: &str, viewing: &str) -> Bytes {
        websocket::text(&format!(
            r#"{{"codec": {}, "width": {}, "height": {}, "timescale": {TIMESCALE}, "camera": {}, "viewing": {}}}"#,
            json(&self.codec),
            self.width,
            self.height,
            json(camera),
            json(viewing),
        ))
    }
}

fn scaled(width: u32, across: u32, down: u32) -> u32 {
    let wide = (u64::from(width) * u64::from(across) + u64::from(down) / 2) / u64::from(down.max(1));
    u32::try_from(wide).unwrap_or(width).min(0xffff)
}

/// A sample entry's fields and boxes (ISO/IEC 14496-12, 12.1.3 and 12.1.4).
fn put_visual_entry(
    out: &mut Vec<u8>,
    (width, height): (u32, u32),
    aspect: Option<(u32, u32)>,
    record_kind: [u8; 4],
    record: &[u8],
) {
    out.put_bytes(0, 6);
    out.put_u16(1); // data reference
    out.put_bytes(0, 16);
    out.put_u16(u16::try_from(width).unwrap_or(0));
    out.put_u16(u16::try_from(height).unwrap_or(0));
    out.put_u32(0x0048_0000);
    out.put_u32(0x0048_0000); // 72 dots an inch
    out.put_u32(0);
    out.put_u16(1); // frames a sample
    out.put_bytes(0, 32);
    out.put_u16(0x0018);
    out.put_u16(0xffff);
    within(out, record_kind, |out| out.put_slice(record));
    if let Some((across, down)) = aspect {
        within(out, *b"pasp", |out| {
            out.put_u32(across);
            out.put_u32(down);
        });
    }
}

/// A JSON string literal.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if u32::from(control) < 0x20 => {
                out.push_str("\\u00");
                out.push(char::from_digit(u32::from(control) >> 4, 16).unwrap_or('0'));
                out.push(char::from_digit(u32::from(control) & 15, 16).unwrap_or('0'));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Where one picture stands in its stream.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub sequence: u32,
    /// Units of `TIMESCALE`.
    pub decode_time: u64,
    /// Presentation less decode time.
    pub composition_offset: i32,
    pub duration: u32,
    pub key: bool,
    /// It is shown before the key picture that it follows.
    pub leading: bool,
    pub captured: Captured,
}

impl Sample {
    fn flags(&self) -> u32 {
        match (self.key, self.leading) {
            (true, _) => KEY,
            (false, true) => LEADS,
            (false, false) => DEPENDS,
        }
    }
}

/// The chunk of one picture as a whole WebSocket message.
pub fn chunk(sample: &Sample, payload: &[u8]) -> Bytes {
    let size = HEADER_BYTES + payload.len();
    let mut out = BytesMut::with_capacity(10 + size);
    websocket::put_binary_header(&mut out, size);
    put_head(&mut out, sample, payload.len());
    out.put_slice(payload);
    out.freeze()
}

/// A chunk up to its payload.
pub(super) fn put_head(out: &mut BytesMut, sample: &Sample, payload_bytes: usize) {
    put_prft(out, sample);
    put_moof(out, sample, len_u32(payload_bytes));
    out.put_u32(len_u32(payload_bytes + 8));
    out.put_slice(b"mdat");
}

fn len_u32(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn put_prft(out: &mut BytesMut, sample: &Sample) {
    out.put_u32(32);
    out.put_slice(b"prft");
    out.put_u32(1 << 24 | if sample.captured.by_camera { AT_CAPTURE } else { AT_ARRIVAL });
    out.put_u32(TRACK);
    out.put_u64(ntp(sample.captured.unix_us));
    out.put_u64(sample.decode_time);
}

fn put_moof(out: &mut BytesMut, sample: &Sample, payload_bytes: u32) {
    out.put_u32(104);
    out.put_slice(b"moof");
    out.put_u32(16);
    out.put_slice(b"mfhd");
    out.put_u32(0);
    out.put_u32(sample.sequence);
    out.put_u32(80);
    out.put_slice(b"traf");
    out.put_u32(16);
    out.put_slice(b"tfhd");
    out.put_u32(0x0002_0000); // default-base-is-moof
    out.put_u32(TRACK);
    out.put_u32(20);
    out.put_slice(b"tfdt");
    out.put_u32(1 << 24);
    out.put_u64(sample.decode_time);
    out.put_u32(36);
    out.put_slice(b"trun");
    out.put_u32(1 << 24 | 0x0000_0f01); // data offset; duration, size, flags, composition offset
    out.put_u32(1);
    out.put_u32(104 + 8);
    out.put_u32(sample.duration);
    out.put_u32(payload_bytes);
    out.put_u32(sample.flags());
    out.put_i32(sample.composition_offset);
}

/// Duration 0 and no `mehd`: the stream has no known end, and Chromium starts on its first picture.
fn init_segment(entry: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(800);
    within(&mut out, *b"ftyp", |out| {
        out.put_slice(b"cmfc");
        out.put_u32(0);
        out.put_slice(b"cmfciso6mp41");
    });
    within(&mut out, *b"moov", |out| {
        within(out, *b"mvhd", |out| {
            out.put_bytes(0, 12);
            out.put_u32(TIMESCALE);
            out.put_u32(0); // duration
            out.put_u32(0x0001_0000);
            out.put_u16(0x0100);
            out.put_bytes(0, 10);
            put_matrix(out);
            out.put_bytes(0, 24);
            out.put_u32(TRACK + 1);
        });
        within(out, *b"trak", |out| put_track(out, entry, width, height));
        within(out, *b"mvex", |out| {
            within(out, *b"trex", |out| {
                out.put_u32(0);
                out.put_u32(TRACK);
                out.put_u32(1);
                out.put_bytes(0, 12);
            });
        });
    });
    out
}

fn put_track(out: &mut Vec<u8>, entry: &[u8], width: u32, height: u32) {
    within(out, *b"tkhd", |out| {
        out.put_u32(0x0000_0007);
        out.put_bytes(0, 8);
        out.put_u32(TRACK);
        out.put_bytes(0, 4 + 4 + 8 + 8);
        put_matrix(out);
        out.put_u32(width << 16);
        out.put_u32(height << 16);
    });
    within(out, *b"mdia", |out| {
        within(out, *b"mdhd", |out| {
            out.put_bytes(0, 12);
            out.put_u32(TIMESCALE);
            out.put_u32(0);
            out.put_u16(0x55c4); // und
            out.put_u16(0);
        });
        within(out, *b"hdlr", |out| {
            out.put_bytes(0, 8);
            out.put_slice(b"vide");
            out.put_bytes(0, 12);
            out.put_slice(b"camera\0");
        });
        within(out, *b"minf", |out| {
            within(out, *b"vmhd", |out| {
                out.put_u32(1);
                out.put_bytes(0, 8);
            });
            within(out, *b"dinf", |out| {
                within(out, *b"dref", |out| {
                    out.put_u32(0);
                    out.put_u32(1);
                    within(out, *b"url ", |out| out.put_u32(1));
                });
            });
            within(out, *b"stbl", |out| {
                within(out, *b"stsd", |out| {
                    out.put_u32(0);
                    out.put_u32(1);
                    out.put_slice(entry);
                });
                within(out, *b"stts", |out| out.put_bytes(0, 8));
                within(out, *b"stsc", |out| out.put_bytes(0, 8));
                within(out, *b"stsz", |out| out.put_bytes(0, 12));
                within(out, *b"stco", |out| out.put_bytes(0, 8));
            });
        });
    });
}

fn put_matrix(out: &mut Vec<u8>) {
    for value in [0x0001_0000u32, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000] {
        out.put_u32(value);
    }
}

fn within(out: &mut Vec<u8>, kind: [u8; 4], fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.put_u32(0);
    out.put_slice(&kind);
    fill(out);
    let size = len_u32(out.len() - start);
    out[start..start + 4].copy_from_slice(&size.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::nal::SetKind;
    use super::super::parameter_sets::{Described, ParameterSets};
    use super::super::rtsp_description::VideoCodec;
    use super::super::sps;
    use super::*;
    use mp4_atom::ReadFrom as _;

    const PPS: [u8; 4] = [0x68, 0xce, 0x3c, 0x80];

    fn sample() -> Sample {
        let captured = Captured { unix_us: 1_800_000_000_500_000, by_camera: true };
        Sample {
            sequence: 7,
            decode_time: 1 << 40,
            composition_offset: -5,
            duration: 3_600,
            key: true,
            leading: false,
            captured,
        }
    }

    /// The message without its WebSocket header.
    fn unframed(message: &Bytes) -> Bytes {
        let head = match message[1] {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        message.slice(head..)
    }

    #[test]
    fn a_chunk_is_prft_moof_mdat_as_an_independent_reader_sees_it() {
        let payload = vec![9u8; 20_000];
        let mut bytes = &unframed(&chunk(&sample(), &payload))[..];
        let prft = mp4_atom::Any::read_from(&mut bytes).unwrap();
        assert!(format!("{prft:?}").contains("Prft"), "{prft:?}");
        let mp4_atom::Any::Moof(moof) = mp4_atom::Any::read_from(&mut bytes).unwrap() else { panic!() };
        assert_eq!(moof.mfhd.sequence_number, 7);
        let track = &moof.traf[0];
        assert_eq!(track.tfdt.as_ref().unwrap().base_media_decode_time, 1 << 40);
        let run = &track.trun[0];
        assert_eq!(run.data_offset, Some(104 + 8));
        let entry = run.samples.get(0).unwrap();
        assert_eq!((entry.size, entry.duration, entry.cts), (Some(20_000), Some(3_600), Some(-5)));
        assert_eq!(entry.flags, Some(0x0200_0000));
        let mp4_atom::Any::Mdat(mdat) = mp4_atom::Any::read_from(&mut bytes).unwrap() else { panic!() };
        assert_eq!(mdat.data, payload);
        assert!(bytes.is_empty());
    }

    #[test]
    fn the_initialisation_segment_has_no_end_and_the_live_copy_no_reordering() {
        let original = sps::tests::plain_set(66, 2);
        let mut sets = ParameterSets::new(VideoCodec::H264);
        sets.take(SetKind::Sequence, &original);
        sets.take(SetKind::Picture, &PPS);
        let Some(Described::Anew(description)) = sets.description(None) else { panic!() };
        assert_eq!((description.codec.as_str(), description.width, description.height), ("avc1.42C01E", 640, 368));
        let moov = moov_of(&description);
        assert_eq!(moov.mvhd.duration, 0);
        assert!(moov.mvex.as_ref().is_some_and(|mvex| mvex.mehd.is_none()));
        let mp4_atom::Codec::Avc1(avc1) = &moov.trak[0].mdia.minf.stbl.stsd.codecs[0] else { panic!() };
        let told = &avc1.avcc.sequence_parameter_sets[0];
        assert_ne!(*told, original, "the live copy was changed");
        assert_eq!(sps::without_reordering(told), None, "it tells the restriction");
    }

    fn moov_of(description: &Description) -> mp4_atom::Moov {
        let mut bytes = &unframed(&description.init)[..];
        let mp4_atom::Any::Ftyp(_) = mp4_atom::Any::read_from(&mut bytes).unwrap() else { panic!() };
        let mp4_atom::Any::Moov(moov) = mp4_atom::Any::read_from(&mut bytes).unwrap() else { panic!() };
        moov
    }

    #[test]
    fn samples_that_are_no_squares_are_told_in_both_places() {
        // 704×576 of 12:11, the picture of a PAL camera: 768 wide on the screen.
        let description = Description::new("avc1.42C01E", (704, 576), Some((12, 11)), *b"avc1", *b"avcC", &[1]);
        let entry = b"pasp\0\0\0\x0c\0\0\0\x0b";
        assert!(description.init.windows(entry.len()).any(|window| window == entry));
        let track: Vec<u8> = [768u32 << 16, 576 << 16].iter().flat_map(|size| size.to_be_bytes()).collect();
        assert!(description.init.windows(8).any(|window| window == track));
        assert_eq!((description.width, description.height), (704, 576));
    }

    #[test]
    fn names_cannot_break_out_of_the_description() {
        assert_eq!(json("a\"b\\c\n\u{7}é"), r#""a\"b\\c\u000a\u0007é""#);
    }
}
