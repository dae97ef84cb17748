//! Reads what another relay of ours laid (`cmaf`): chunks and initialisation segments.
//!
//! Each is laid again from what was read of it and must come out the same: nothing that our own relay would not have
//! laid reaches a browser. What alone cannot be laid again (a payload, a decoder's record) is checked by its own lengths.

use bytes::BytesMut;

use super::capture_clock::Captured;
use super::cmaf::{self, Description, HEADER_BYTES, Sample, TIMESCALE};
use super::peer_frames::Framed;

/// A picture's times reach no further in any stream.
const TIME_MAX: u64 = 1 << 62;
const DURATION_MAX: u32 = 120 * TIMESCALE;
const COMPOSITION_MAX: u32 = 10 * TIMESCALE;
const SIDE_MAX: i64 = 16_384;
const CODEC_BYTES_MAX: usize = 64;
const NTP_AT: usize = 16;
const MEDIA_TIME_AT: usize = 24;
const DECODE_TIME_AT: usize = 92;

/// What a chunk says of its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadChunk {
    pub decode_time: u64,
    pub duration: u32,
    pub key: bool,
    pub leading: bool,
    /// The time of capture as it stands there (NTP, 64 bits).
    pub ntp: u64,
}

/// Reads the chunk of one picture; says what is wrong with anything else.
pub fn read_chunk(bytes: &[u8]) -> Result<ReadChunk, &'static str> {
    let Some((head, payload)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Err("a chunk shorter than its boxes");
    };
    let flags = word(head, 128);
    let prft_flags = word(head, 8) & 0x00ff_ffff;
    if !matches!(flags, cmaf::KEY | cmaf::DEPENDS | cmaf::LEADS)
        || !matches!(prft_flags, cmaf::AT_CAPTURE | cmaf::AT_ARRIVAL)
    {
        return Err("a chunk that is not laid out as prft, moof, mdat");
    }
    let sample = Sample {
        sequence: word(head, 52),
        decode_time: long(head, DECODE_TIME_AT),
        composition_offset: word(head, 132).cast_signed(),
        duration: word(head, 120),
        key: flags == cmaf::KEY,
        leading: flags == cmaf::LEADS,
        captured: Captured { unix_us: 0, by_camera: prft_flags == cmaf::AT_CAPTURE },
    };
    let ntp = long(head, NTP_AT);
    let mut laid = BytesMut::with_capacity(HEADER_BYTES);
    cmaf::put_head(&mut laid, &sample, payload.len());
    laid[NTP_AT..NTP_AT + 8].copy_from_slice(&ntp.to_be_bytes());
    if laid[..] != head[..] {
        return Err("a chunk that is not laid out as prft, moof, mdat, or whose sizes are wrong");
    }
    if sample.decode_time > TIME_MAX
        || sample.duration > DURATION_MAX
        || sample.composition_offset.unsigned_abs() > COMPOSITION_MAX
    {
        return Err("times that cannot be");
    }
    check_units(payload)?;
    let Sample { decode_time, duration, key, leading, .. } = sample;
    Ok(ReadChunk { decode_time, duration, key, leading, ntp })
}

/// A payload is NAL units, each behind its length.
fn check_units(mut payload: &[u8]) -> Result<(), &'static str> {
    if payload.is_empty() {
        return Err("a chunk without a picture");
    }
    while !payload.is_empty() {
        let unit = payload.split_first_chunk::<4>().and_then(|(length, rest)| {
            let length = usize::try_from(u32::from_be_bytes(*length)).ok().filter(|&length| length > 0)?;
            rest.split_at_checked(length)
        });
        let Some((_, rest)) = unit else { return Err("a picture whose units do not fill it") };
        payload = rest;
    }
    Ok(())
}

/// Tells the picture at another time: what was read of it stays true otherwise.
pub fn set_decode_time(message: &mut Framed, time: u64) {
    let payload = message.payload_mut();
    for at in [MEDIA_TIME_AT, DECODE_TIME_AT] {
        if let Some(place) = payload.get_mut(at..at + 8) {
            place.copy_from_slice(&time.to_be_bytes());
        }
    }
}

/// The description that goes before an initialisation segment, as the other relay told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub codec: String,
    pub width: u32,
    pub height: u32,
}

impl Told {
    pub fn new(codec: &str, width: i64, height: i64) -> Result<Self, &'static str> {
        let plain = codec.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        if codec.is_empty() || codec.len() > CODEC_BYTES_MAX || !plain {
            return Err("a codec that cannot be");
        }
        let side = |length: i64| u32::try_from(length).ok().filter(|_| (1..=SIDE_MAX).contains(&length));
        match (side(width), side(height)) {
            (Some(width), Some(height)) => Ok(Self { codec: codec.to_owned(), width, height }),
            _ => Err("a picture of a size that cannot be"),
        }
    }
}

/// Reads an initialisation segment, which must be the one of what was told.
pub fn read_description(told: &Told, message: Framed) -> Result<Description, &'static str> {
    const WRONG: &str = "an initialisation segment that is not laid out as ours, or of another stream than was told";
    let entry = ["moov", "trak", "mdia", "minf", "stbl", "stsd"]
        .iter()
        .try_fold(message.payload(), |boxes, kind| child(boxes, kind.as_bytes()))
        .and_then(|described| described.get(8..))
        .ok_or(WRONG)?;
    let (entry_kind, record_kind) = match told.codec.split('.').next() {
        Some("avc1") => (*b"avc1", *b"avcC"),
        Some("hvc1") => (*b"hvc1", *b"hvcC"),
        _ => return Err("a codec that is neither H.264 nor H.265"),
    };
    let boxes = child(entry, &entry_kind).and_then(|fields| fields.get(78..)).ok_or(WRONG)?;
    let record = child(boxes, &record_kind).ok_or(WRONG)?;
    let aspect = child(boxes, b"pasp").and_then(|shape| {
        let (across, down) = shape.split_first_chunk::<4>()?;
        Some((u32::from_be_bytes(*across), u32::from_be_bytes(*down.first_chunk::<4>()?)))
    });
    check_record(&told.codec, record)?;
    let laid = Description::new(&told.codec, (told.width, told.height), aspect, entry_kind, record_kind, record);
    if laid.init == message.whole() { Ok(laid) } else { Err(WRONG) }
}

/// A decoder's record is of version 1 and tells lengths of four bytes (ISO/IEC 14496-15); H.264's codec is told in it too.
fn check_record(codec: &str, record: &[u8]) -> Result<(), &'static str> {
    let lengths_at = if codec.starts_with("avc1") { 4 } else { 21 };
    let four_bytes = record.get(lengths_at).is_some_and(|byte| byte & 3 == 3);
    let of_codec = match (codec.strip_prefix("avc1."), record) {
        (Some(told), [_, profile, compatibility, level, ..]) => {
            let written = u32::from_be_bytes([0, *profile, *compatibility, *level]);
            told.len() == 6 && u32::from_str_radix(told, 16) == Ok(written)
        }
        _ => codec.starts_with("hvc1."),
    };
    if record.first() == Some(&1) && four_bytes && of_codec {
        Ok(())
    } else {
        Err("a decoder's record that cannot be read, or is of another codec than was told")
    }
}

/// What is in the first box of that kind.
fn child<'a>(mut boxes: &'a [u8], kind: &[u8]) -> Option<&'a [u8]> {
    loop {
        let (size, rest) = boxes.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_be_bytes(*size)).ok()?.checked_sub(8)?;
        let (of, rest) = rest.split_first_chunk::<4>()?;
        let (content, rest) = rest.split_at_checked(size)?;
        if of == kind {
            return Some(content);
        }
        boxes = rest;
    }
}

fn word(bytes: &[u8; HEADER_BYTES], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn long(bytes: &[u8; HEADER_BYTES], at: usize) -> u64 {
    u64::from(word(bytes, at)) << 32 | u64::from(word(bytes, at + 4))
}

#[cfg(test)]
mod tests {
    use super::super::peer_frames::{FromPeer, PeerFrames};
    use super::super::websocket;
    use super::*;
    use bytes::Bytes;

    const PAYLOAD: [u8; 11] = [0, 0, 0, 2, 0x65, 9, 0, 0, 0, 1, 7];
    const RECORD: [u8; 11] = [1, 66, 0xc0, 30, 0xff, 0xe0, 0, 1, 2, 3, 4];

    fn sample() -> Sample {
        let captured = Captured { unix_us: 1_800_000_000_500_001, by_camera: false };
        Sample {
            sequence: 7,
            decode_time: 1 << 40,
            composition_offset: -5,
            duration: 3_600,
            key: false,
            leading: true,
            captured,
        }
    }

    fn framed(message: &Bytes) -> Framed {
        let Ok(Some(FromPeer::Binary(framed))) = PeerFrames::new(1 << 20).take(&mut &message[..]) else { panic!() };
        framed
    }

    fn described(codec: &str, aspect: Option<(u32, u32)>) -> Description {
        Description::new(codec, (704, 576), aspect, *b"avc1", *b"avcC", &RECORD)
    }

    #[test]
    fn a_chunk_of_ours_is_read_and_told_at_another_time_with_nothing_else_changed() {
        for (sample, flags) in [
            (Sample { key: true, leading: false, ..sample() }, (true, false)),
            (sample(), (false, true)),
            (Sample { leading: false, ..sample() }, (false, false)),
        ] {
            let message = cmaf::chunk(&sample, &PAYLOAD);
            let mut framed = framed(&message);
            let read = read_chunk(framed.payload()).unwrap();
            assert_eq!((read.decode_time, read.duration, (read.key, read.leading)), (1 << 40, 3_600, flags));
            set_decode_time(&mut framed, 42);
            let again = cmaf::chunk(&Sample { decode_time: 42, ..sample }, &PAYLOAD);
            assert_eq!(framed.whole(), again);
        }
    }

    #[test]
    fn whichever_byte_of_a_chunks_boxes_is_changed_it_is_another_time_or_no_chunk() {
        let message = cmaf::chunk(&sample(), &PAYLOAD);
        let sound = framed(&message).payload().to_vec();
        // What may differ: the capture's time, the sequence number, duration, flags that mean something, the composition.
        let free = [8..12, 16..24, 52..56, 120..124, 128..136];
        for at in 0..HEADER_BYTES {
            let mut bytes = sound.clone();
            bytes[at] ^= 1;
            let read = read_chunk(&bytes);
            assert!(read.is_err() || free.iter().any(|range| range.contains(&at)), "{at}: {read:?}");
        }
    }

    #[test]
    fn what_is_no_chunk_is_refused_with_its_reason() {
        let chunk = |sample: Sample, payload: &[u8]| framed(&cmaf::chunk(&sample, payload)).payload().to_vec();
        let mut longer = chunk(sample(), &PAYLOAD);
        longer.push(0);
        for (bytes, why) in [
            (Vec::new(), "shorter"),
            (vec![0; 100], "shorter"),
            (vec![0x47; 188], "laid out"),
            (longer, "sizes"),
            (chunk(sample(), &[]), "without a picture"),
            (chunk(sample(), &[0, 0, 0, 9, 1]), "do not fill"),
            (chunk(sample(), &[0, 0, 0, 0, 0, 0, 0, 1, 7]), "do not fill"),
            (chunk(sample(), &[7, 7]), "do not fill"),
            (chunk(Sample { decode_time: u64::MAX, ..sample() }, &PAYLOAD), "times"),
            (chunk(Sample { duration: u32::MAX, ..sample() }, &PAYLOAD), "times"),
            (chunk(Sample { composition_offset: i32::MIN, ..sample() }, &PAYLOAD), "times"),
        ] {
            let refused = read_chunk(&bytes).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn an_initialisation_segment_of_ours_is_read_and_no_other_is_taken_for_it() {
        for aspect in [None, Some((12, 11))] {
            let ours = described("avc1.42C01E", aspect);
            let told = Told::new("avc1.42C01E", 704, 576).unwrap();
            let read = read_description(&told, framed(&ours.init)).unwrap();
            assert_eq!((read.init, read.codec, read.width), (ours.init.clone(), ours.codec.clone(), 704));
            let sizes = Told { width: 640, ..told.clone() };
            assert!(read_description(&sizes, framed(&ours.init)).is_err(), "of another size");
            let sound = framed(&ours.init).payload().to_vec();
            // The sets in the record are the decoder's to judge.
            let record_at = sound.windows(RECORD.len()).position(|window| window == RECORD).unwrap();
            for at in (0..sound.len()).filter(|at| !(record_at + 4..record_at + RECORD.len()).contains(at)) {
                let mut bytes = sound.clone();
                bytes[at] ^= 0x10;
                assert!(read_description(&told, framed(&websocket::binary(&bytes))).is_err(), "{at}");
            }
        }
        let other = Told::new("avc1.640028", 704, 576).unwrap();
        assert!(read_description(&other, framed(&described("avc1.640028", None).init)).is_err(), "of another profile");
        let unknown = Told::new("av01.0", 704, 576).unwrap();
        assert!(read_description(&unknown, framed(&described("av01.0", None).init)).is_err());
    }

    #[test]
    fn a_description_that_cannot_be_is_not_taken() {
        for (codec, width, height) in [
            ("", 1, 1),
            ("avc1.\"", 1, 1),
            ("avc1.42C01E", 0, 1),
            ("avc1.42C01E", 1, -1),
            ("avc1.42C01E", 20_000, 1),
            (&"a".repeat(65), 1, 1),
        ] {
            assert!(Told::new(codec, width, height).is_err(), "{codec} {width} {height}");
        }
    }
}
