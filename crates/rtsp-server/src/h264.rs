//! H.264 access units: Annex B in, RTP payloads (RFC 6184, non-interleaved mode) out.
use bytes::{BufMut, Bytes, BytesMut};

/// The decoder's parameters, without start codes, as SDP and key frames carry them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterSets {
    pub sequence: Bytes,
    pub picture: Bytes,
}

impl ParameterSets {
    /// Returns the first SPS and PPS of an Annex B stream, if both are there.
    pub fn from_annex_b(stream: &[u8]) -> Option<Self> {
        let first = |kind| nals(stream).find(|nal| nal_type(nal) == kind).map(Bytes::copy_from_slice);
        let sequence = first(NAL_SPS).filter(|nal| nal.len() >= 4)?;
        Some(Self { sequence, picture: first(NAL_PPS)? })
    }
}

const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;
const FU_A: u8 = 28;

fn nal_type(nal: &[u8]) -> u8 {
    nal.first().map_or(0, |header| header & 0x1f)
}

/// Whether an RTP payload ends its NAL unit: a whole one, or the last part of one.
pub(crate) fn ends_unit(payload: &[u8]) -> bool {
    nal_type(payload) != FU_A || payload.get(1).is_some_and(|part| part & 0x40 != 0)
}

/// Whether an Annex B access unit holds an IDR slice.
pub(crate) fn is_key_frame(access_unit: &[u8]) -> bool {
    nals(access_unit).any(|nal| nal_type(nal) == NAL_IDR)
}

/// The NAL units of an Annex B stream, without start codes and trailing zeros; empty ones left out.
pub(crate) fn nals(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(stream, 0);
    std::iter::from_fn(move || {
        let begin = rest?;
        let (end, next) = match find_start_code(stream, begin) {
            Some(at) => (at, Some(at + 3)),
            None => (stream.len(), None),
        };
        rest = next;
        let mut nal = &stream[begin..end];
        while let [head @ .., 0] = nal {
            nal = head;
        }
        Some(nal)
    })
    .filter(|nal| !nal.is_empty())
}

fn after_start_code(stream: &[u8], from: usize) -> Option<usize> {
    find_start_code(stream, from).map(|at| at + 3)
}

fn find_start_code(stream: &[u8], from: usize) -> Option<usize> {
    stream.get(from..)?.windows(3).position(|window| window == [0, 0, 1]).map(|at| from + at)
}

/// Calls `emit` with each RTP payload of `access_unit` and whether it is the last.
pub(crate) fn packetise(access_unit: &[u8], payload_bytes_max: usize, mut emit: impl FnMut(Bytes, bool)) {
    let mut units = nals(access_unit).peekable();
    while let Some(nal) = units.next() {
        let last_unit = units.peek().is_none();
        if nal.len() <= payload_bytes_max {
            emit(Bytes::copy_from_slice(nal), last_unit);
            continue;
        }
        let (header, body) = (nal[0], &nal[1..]);
        let pieces = body.len().div_ceil(payload_bytes_max - 2);
        for (index, piece) in body.chunks(payload_bytes_max - 2).enumerate() {
            let (first, last) = (index == 0, index + 1 == pieces);
            let mut payload = BytesMut::with_capacity(piece.len() + 2);
            payload.put_u8((header & 0xe0) | FU_A);
            payload.put_u8((u8::from(first) << 7) | (u8::from(last) << 6) | (header & 0x1f));
            payload.put_slice(piece);
            emit(payload.freeze(), last_unit && last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reassemble(payloads: &[Bytes]) -> Vec<Vec<u8>> {
        let mut units: Vec<Vec<u8>> = Vec::new();
        for payload in payloads {
            if payload[0] & 0x1f == FU_A {
                if payload[1] & 0x80 != 0 {
                    units.push(vec![(payload[0] & 0xe0) | (payload[1] & 0x1f)]);
                }
                units.last_mut().unwrap().extend_from_slice(&payload[2..]);
            } else {
                units.push(payload.to_vec());
            }
        }
        units
    }

    #[test]
    fn units_of_every_size_come_back_whole() {
        for size in [1_u16, 2, 99, 100, 101, 198, 199, 200, 1000] {
            let long: Vec<u8> = std::iter::once(0x65).chain((1..size).map(|i| i.to_be_bytes()[1] | 1)).collect();
            let mut stream = vec![0, 0, 0, 1, 0x67, 66, 1, 30, 0, 0, 1, 0x68, 7, 0, 0, 0, 1];
            stream.extend_from_slice(&long);
            let (mut payloads, mut marks) = (Vec::new(), Vec::new());
            packetise(&stream, 100, |payload, last| {
                assert!(payload.len() <= 100);
                payloads.push(payload);
                marks.push(last);
            });
            assert_eq!(reassemble(&payloads), [vec![0x67, 66, 1, 30], vec![0x68, 7], long]);
            assert_eq!(marks.iter().filter(|mark| **mark).count(), 1);
            assert!(marks.last().unwrap());
            assert!(is_key_frame(&stream));
        }
    }

    #[test]
    fn bytes_without_a_start_code_hold_no_unit() {
        assert_eq!(nals(&[1, 2, 3, 4]).count(), 0);
        assert_eq!(nals(&[]).count(), 0);
        assert_eq!(nals(&[0, 0, 1]).count(), 0);
        assert_eq!(ParameterSets::from_annex_b(&[0, 0, 1, 0x67, 0, 0, 1, 0x68, 1]), None);
    }
}
