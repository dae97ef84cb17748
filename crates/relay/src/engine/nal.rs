//! What one NAL unit is: its place in an access unit, and of a slice how its picture begins.
//!
//! H.264: ITU-T H.264, 7.3.1 and 7.3.3. H.265: ITU-T H.265, 7.3.1 and 7.3.6. Reads the first bytes only.

use super::bits::{Bits, unescape};
use super::rtsp_description::VideoCodec;
use super::sps::Sps;

/// So many bytes of a slice hold what is read of its header, escapes included.
const SLICE_HEAD_BYTES: usize = 48;
/// A recovery longer than this is no entry point: nobody waits for it.
const RECOVERY_PICTURES_MAX: u32 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Slice(Slice),
    Set(SetKind),
    /// Supplemental information before a picture, with the recovery that it tells.
    Supplement(Option<Recovery>),
    /// Another unit that stands before a picture: a delimiter, or reserved.
    Before,
    /// A unit that stands behind its picture: the end of a sequence, filler, suffixes.
    After,
    /// Of a layer or kind that no player reads.
    Ignored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    Video,
    Sequence,
    Picture,
}

/// Pictures are whole again so many pictures later, if decoding begins here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    pub pictures: u32,
}

#[allow(clippy::struct_excessive_bools)] // facts that do not hang together
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// It is the first of its picture.
    pub first: bool,
    /// Its picture is one at which decoding may begin: IDR, CRA, BLA.
    pub entry: bool,
    /// Its picture may refer to pictures before the entry point that it follows (RASL).
    pub leading: bool,
    /// It refers to no other picture.
    pub intra: bool,
    /// It may refer to a picture that is shown later.
    pub bidirectional: bool,
    /// The picture parameter set that it names; None where that cannot be read here.
    pub picture_set: Option<u32>,
    /// The number of its frame, and its field; read once its sequence parameter set is known.
    pub field: Option<Field>,
}

/// Which field of which frame an interlaced slice is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub frame_number: u32,
    pub bottom: bool,
}

impl Field {
    /// Both are of one frame, which is one access unit.
    pub fn completes(self, first: Self) -> bool {
        self.frame_number == first.frame_number && self.bottom != first.bottom
    }
}

/// Reads a unit, header included; `sequence_of` gives the sequence parameter set behind a picture parameter set.
pub fn kind(codec: VideoCodec, nal: &[u8], sequence_of: impl Fn(u32) -> Option<Sps>) -> Kind {
    match codec {
        VideoCodec::H264 => h264(nal, sequence_of),
        VideoCodec::H265 => h265(nal),
    }
}

fn h264(nal: &[u8], sequence_of: impl Fn(u32) -> Option<Sps>) -> Kind {
    let Some((&header, body)) = nal.split_first() else { return Kind::Ignored };
    match header & 0x1f {
        1 | 2 | 5 => h264_slice(header & 0x1f == 5, body, sequence_of).map_or(Kind::Ignored, Kind::Slice),
        6 => Kind::Supplement(recovery(body, VideoCodec::H264)),
        7 => Kind::Set(SetKind::Sequence),
        8 => Kind::Set(SetKind::Picture),
        9 | 14..=18 => Kind::Before,
        // Data partitions B and C follow their A.
        3 | 4 | 10..=12 | 19 => Kind::After,
        _ => Kind::Ignored,
    }
}

fn h264_slice(entry: bool, body: &[u8], sequence_of: impl Fn(u32) -> Option<Sps>) -> Option<Slice> {
    let head = unescape(&body[..body.len().min(SLICE_HEAD_BYTES)]);
    let mut bits = Bits::new(&head);
    let first = bits.unsigned()? == 0;
    let (kind, picture_set) = (bits.unsigned()? % 5, bits.unsigned()?);
    let field = sequence_of(picture_set).filter(|sequence| !sequence.frames_only).and_then(|sequence| {
        if sequence.separate_planes {
            bits.skip(2)?;
        }
        let frame_number = bits.number(sequence.frame_number_bits)?;
        let of_a_field = bits.bit()?;
        let bottom = of_a_field && bits.bit()?;
        of_a_field.then_some(Field { frame_number, bottom })
    });
    Some(Slice {
        first,
        entry,
        leading: false,
        intra: matches!(kind, 2 | 4),
        bidirectional: kind == 1,
        picture_set: Some(picture_set),
        field,
    })
}

fn h265(nal: &[u8]) -> Kind {
    let &[high, low, ref body @ ..] = nal else { return Kind::Ignored };
    if high & 1 != 0 || low >> 3 != 0 {
        return Kind::Ignored; // another layer than the base
    }
    match high >> 1 & 0x3f {
        unit @ 0..=31 => h265_slice(unit, body).map_or(Kind::Ignored, Kind::Slice),
        32 => Kind::Set(SetKind::Video),
        33 => Kind::Set(SetKind::Sequence),
        34 => Kind::Set(SetKind::Picture),
        39 => Kind::Supplement(recovery(body, VideoCodec::H265)),
        35 | 41..=44 => Kind::Before,
        36..=38 | 40 | 45..=47 => Kind::After,
        _ => Kind::Ignored,
    }
}

fn h265_slice(unit: u8, body: &[u8]) -> Option<Slice> {
    if matches!(unit, 10..=15 | 24..=31) {
        return None; // reserved
    }
    let head = unescape(&body[..body.len().min(SLICE_HEAD_BYTES)]);
    let mut bits = Bits::new(&head);
    let entry = (16..=23).contains(&unit);
    let first = bits.bit()?;
    if entry {
        bits.skip(1)?; // no_output_of_prior_pics
    }
    Some(Slice {
        first,
        entry,
        leading: matches!(unit, 8 | 9),
        intra: entry,
        bidirectional: false,
        picture_set: bits.unsigned(),
        field: None,
    })
}

/// The recovery point among the messages of a supplemental information unit (H.264, D.1.8; H.265, D.2.8).
fn recovery(body: &[u8], codec: VideoCodec) -> Option<Recovery> {
    const RECOVERY_POINT: usize = 6;
    let mut rest = body;
    // Two bytes are the least that a message takes; the stop bit is left.
    while rest.len() > 2 {
        let (kind, size);
        (kind, rest) = length(rest)?;
        (size, rest) = length(rest)?;
        if kind == RECOVERY_POINT {
            let message = unescape(&rest[..rest.len().min(size.max(1)).min(SLICE_HEAD_BYTES)]);
            let mut bits = Bits::new(&message);
            let pictures = match codec {
                VideoCodec::H264 => bits.unsigned()?,
                VideoCodec::H265 => u32::try_from(bits.signed()?).ok()?,
            };
            return (pictures <= RECOVERY_PICTURES_MAX).then_some(Recovery { pictures });
        }
        rest = rest.get(size..)?;
    }
    None
}

/// A number coded as bytes of 255 and a last one below.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let whole = bytes.iter().take_while(|&&byte| byte == 255).count();
    let last = *bytes.get(whole)?;
    Some((whole * 255 + usize::from(last), &bytes[whole + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_set(_: u32) -> Option<Sps> {
        None
    }

    fn slice(kind: Kind) -> Slice {
        match kind {
            Kind::Slice(slice) => slice,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_idr_slice_enters_and_a_later_slice_is_not_the_first() {
        let idr = slice(kind(VideoCodec::H264, &[0x65, 0x88, 0x84, 0x00], no_set));
        assert!(idr.first && idr.entry && idr.intra && idr.picture_set == Some(0));
        // first_mb_in_slice = 1: `010`.
        let second = slice(kind(VideoCodec::H264, &[0x41, 0b0100_1101, 0x84, 0x00], no_set));
        assert!(!second.first && !second.entry);
    }

    #[test]
    fn a_cra_and_a_bla_enter_and_a_rasl_leads() {
        for (unit, entry, leading) in
            [(21, true, false), (16, true, false), (19, true, false), (8, false, true), (1, false, false)]
        {
            let read = slice(kind(VideoCodec::H265, &[unit << 1, 1, 0xa0, 0], no_set));
            assert_eq!((read.first, read.entry, read.leading), (true, entry, leading), "{unit}");
        }
        assert_eq!(kind(VideoCodec::H265, &[1 << 1, 9, 0xa0], no_set), Kind::Ignored, "another layer");
    }

    #[test]
    fn a_recovery_point_is_found_behind_other_messages() {
        // user_data_unregistered of 3 bytes, then a recovery point of 4 pictures (`00101`).
        let unit = [0x06, 5, 3, 1, 2, 3, 6, 1, 0b0010_1000, 0x80];
        assert_eq!(kind(VideoCodec::H264, &unit, no_set), Kind::Supplement(Some(Recovery { pictures: 4 })));
        assert_eq!(kind(VideoCodec::H264, &[0x06, 5, 200, 1, 2, 3], no_set), Kind::Supplement(None));
    }

    #[test]
    fn the_two_fields_of_a_frame_are_one_picture() {
        let interlaced =
            Sps { id: 0, separate_planes: false, frame_number_bits: 4, frames_only: false, reorder_max: None };
        let of = |payload: &[u8]| slice(kind(VideoCodec::H264, payload, |_| Some(interlaced))).field.unwrap();
        // first_mb 0, slice type 0, set 0, frame number 3 in 4 bits, field_pic, bottom.
        let (top, bottom) = (of(&[0x41, 0b1110_0111, 0b0000_0000]), of(&[0x41, 0b1110_0111, 0b1000_0000]));
        assert!(bottom.completes(top) && !top.completes(top));
    }

    #[test]
    fn no_bytes_panic() {
        for codec in [VideoCodec::H264, VideoCodec::H265] {
            for high in 0..=255u8 {
                for length in 0..12 {
                    for fill in [0, 1, 3, 6, 255] {
                        let mut unit = vec![fill; length];
                        if let Some(first) = unit.first_mut() {
                            *first = high;
                        }
                        let _ = kind(codec, &unit, no_set);
                    }
                }
            }
        }
    }
}
