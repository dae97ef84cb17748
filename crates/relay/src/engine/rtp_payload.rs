//! From RTP payloads to whole NAL units: RFC 6184 (H.264, packets that are not interleaved) and RFC 7798 (H.265).
//!
//! Whatever cannot be read is left out and named; nothing that a packet holds ends a session. Knows no picture.

use memchr::memmem;

use super::oddities::Oddity;
use super::rtsp_description::VideoCodec;

/// Puts NAL units together, and takes them out of what packs several.
#[derive(Debug)]
pub struct NalUnits {
    codec: VideoCodec,
    /// Each unit carries its number in decoding order (RFC 7798, `sprop-max-don-diff` above 0).
    numbered: bool,
    fragment: Option<Fragment>,
}

/// A NAL unit that came in part.
#[derive(Debug)]
struct Fragment {
    bytes: Vec<u8>,
    rtp_time: u32,
}

/// One whole NAL unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NalUnit<'a> {
    /// Its header first; no start code, no zeros behind.
    pub bytes: &'a [u8],
    pub rtp_time: u32,
    /// The last of a packet that bears the RTP marker.
    pub marked: bool,
}

impl NalUnits {
    pub fn new(codec: VideoCodec, numbered: bool) -> Self {
        Self { codec, numbered: numbered && codec == VideoCodec::H265, fragment: None }
    }

    /// So much is held of a unit that came in part.
    pub fn held_bytes(&self) -> usize {
        self.fragment.as_ref().map_or(0, |fragment| fragment.bytes.len())
    }

    /// Packets were lost: what came in part stays so. True where something did.
    pub fn cut(&mut self) -> bool {
        self.fragment.take().is_some()
    }

    /// Takes one payload; `take` is given each unit that it completes.
    pub fn push(
        &mut self,
        payload: &[u8],
        rtp_time: u32,
        marked: bool,
        mut take: impl FnMut(NalUnit<'_>),
    ) -> Result<(), Oddity> {
        let Some(&header) = payload.first() else { return Err(Oddity::EmptyPayload) };
        if payload.starts_with(&[0, 0, 1]) || payload.starts_with(&[0, 0, 0, 1]) {
            self.complete(&mut take);
            split(payload, rtp_time, marked, &mut take);
            return Ok(());
        }
        if header & 0x80 != 0 {
            return Err(Oddity::BadPacket);
        }
        match self.codec {
            VideoCodec::H264 => self.push_h264(header, payload, rtp_time, marked, &mut take),
            VideoCodec::H265 => self.push_h265(header, payload, rtp_time, marked, &mut take),
        }
    }

    fn push_h264(
        &mut self,
        header: u8,
        payload: &[u8],
        rtp_time: u32,
        marked: bool,
        take: &mut impl FnMut(NalUnit<'_>),
    ) -> Result<(), Oddity> {
        match header & 0x1f {
            1..=23 => {
                self.complete(take);
                split(payload, rtp_time, marked, take);
                Ok(())
            }
            24 => {
                self.complete(take);
                aggregated(&payload[1..], 0, rtp_time, marked, take)
            }
            28 => {
                let &[_, part, ref body @ ..] = payload else { return Err(Oddity::BadPacket) };
                let head = [(header & 0xe0) | (part & 0x1f)];
                self.fragment(part, &head, body, rtp_time, marked, take)
            }
            _ => Err(Oddity::UnexpectedPayload),
        }
    }

    fn push_h265(
        &mut self,
        header: u8,
        payload: &[u8],
        rtp_time: u32,
        marked: bool,
        take: &mut impl FnMut(NalUnit<'_>),
    ) -> Result<(), Oddity> {
        let &[_, low, ref body @ ..] = payload else { return Err(Oddity::BadPacket) };
        match header >> 1 & 0x3f {
            48 => {
                self.complete(take);
                let body = if self.numbered { body.get(2..).ok_or(Oddity::BadPacket)? } else { body };
                aggregated(body, usize::from(self.numbered), rtp_time, marked, take)
            }
            49 => {
                let Some((&part, body)) = body.split_first() else { return Err(Oddity::BadPacket) };
                let numbered = self.numbered && part & 0x80 != 0;
                let body = if numbered { body.get(2..).ok_or(Oddity::BadPacket)? } else { body };
                let head = [(header & 0x81) | (part & 0x3f) << 1, low];
                self.fragment(part, &head, body, rtp_time, marked, take)
            }
            0..=47 => {
                self.complete(take);
                if self.numbered {
                    let body = body.get(2..).ok_or(Oddity::BadPacket)?;
                    split(&[&[header, low], body].concat(), rtp_time, marked, take);
                } else {
                    split(payload, rtp_time, marked, take);
                }
                Ok(())
            }
            _ => Err(Oddity::UnexpectedPayload),
        }
    }

    /// Takes one part of a unit; the highest bit of `part` says that it is the first, the next one that it is the last.
    fn fragment(
        &mut self,
        part: u8,
        head: &[u8],
        body: &[u8],
        rtp_time: u32,
        marked: bool,
        take: &mut impl FnMut(NalUnit<'_>),
    ) -> Result<(), Oddity> {
        if part & 0x80 != 0 {
            self.complete(take);
            self.fragment = Some(Fragment { bytes: head.to_vec(), rtp_time });
        }
        let Some(fragment) = &mut self.fragment else { return Err(Oddity::TornUnit) };
        fragment.bytes.extend_from_slice(body);
        if (part & 0x40 != 0 || marked)
            && let Some(Fragment { bytes, rtp_time }) = self.fragment.take()
        {
            split(&bytes, rtp_time, marked, take);
        }
        Ok(())
    }

    /// No packet is missing and something else begins: some cameras never say which part is the last.
    fn complete(&mut self, take: &mut impl FnMut(NalUnit<'_>)) {
        if let Some(Fragment { bytes, rtp_time }) = self.fragment.take() {
            split(&bytes, rtp_time, false, take);
        }
    }
}

/// Units one behind the other, each after its length; `number_bytes` of its place stand before each but the first.
fn aggregated(
    body: &[u8],
    number_bytes: usize,
    rtp_time: u32,
    marked: bool,
    take: &mut impl FnMut(NalUnit<'_>),
) -> Result<(), Oddity> {
    let (mut rest, mut first) = (body, true);
    while !rest.is_empty() {
        if !std::mem::replace(&mut first, false) {
            rest = rest.get(number_bytes..).ok_or(Oddity::BadPacket)?;
        }
        let &[high, low, ref after @ ..] = rest else { return Err(Oddity::BadPacket) };
        let size = usize::from(u16::from_be_bytes([high, low]));
        let unit = after.get(..size).ok_or(Oddity::BadPacket)?;
        rest = &after[size..];
        // A length of 0, or zeros that fill the packet up, hold no unit.
        split(unit, rtp_time, marked && rest.is_empty(), take);
    }
    Ok(())
}

/// Gives the units of what should be one and may be several, parted by start codes as in a file (Annex B).
fn split(bytes: &[u8], rtp_time: u32, marked: bool, take: &mut impl FnMut(NalUnit<'_>)) {
    let mut give = |unit: &[u8], last: bool| {
        let end = unit.iter().rposition(|&byte| byte != 0).map_or(0, |at| at + 1);
        if end > 0 {
            take(NalUnit { bytes: &unit[..end], rtp_time, marked: marked && last });
        }
    };
    let mut from = 0;
    for code in memmem::find_iter(bytes, &[0, 0, 1]) {
        if code >= from {
            give(&bytes[from..code], bytes[code + 3..].iter().all(|&byte| byte == 0));
            from = code + 3;
        }
    }
    give(&bytes[from..], true);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `payloads` make; each is marked where its flag says so.
    fn units(mut of: NalUnits, payloads: &[(&[u8], bool)]) -> (Vec<(Vec<u8>, bool)>, Vec<Oddity>) {
        let (mut units, mut odd) = (Vec::new(), Vec::new());
        for (payload, marked) in payloads {
            let taken = of.push(payload, 7, *marked, |unit| units.push((unit.bytes.to_vec(), unit.marked)));
            odd.extend(taken.err());
        }
        (units, odd)
    }

    fn h264() -> NalUnits {
        NalUnits::new(VideoCodec::H264, false)
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_named_and_the_rest_goes_on() {
        let (units, odd) = units(
            h264(),
            &[
                (&[0x41, 1], true),
                (&[], true),
                (&[0x7c, 0x45, 9], true),
                (&[0x00, 9], false),
                (&[0x1e, 9], false),
                (&[0x79, 9, 9], false),
                (&[0xc1, 9], false),
                (&[0x7c], false),
                (&[0x41, 2], true),
            ],
        );
        assert_eq!(units, [(vec![0x41, 1], true), (vec![0x41, 2], true)]);
        let unexpected = Oddity::UnexpectedPayload;
        let bad = Oddity::BadPacket;
        assert_eq!(odd, [Oddity::EmptyPayload, Oddity::TornUnit, unexpected, unexpected, unexpected, bad, bad]);
    }

    #[test]
    fn a_fragmented_unit_is_put_together_whether_or_not_its_last_part_says_so() {
        for last in [0x45, 0x05] {
            let (units, odd) =
                units(h264(), &[(&[0x7c, 0x85, 1], false), (&[0x7c, 0x05, 2], false), (&[0x7c, last, 3], true)]);
            assert_eq!((units, odd), (vec![(vec![0x65, 1, 2, 3], true)], vec![]));
        }
        let (units, _) = units(h264(), &[(&[0x7c, 0x85, 1], false), (&[0x7c, 0x05, 2], false), (&[0x41, 3], true)]);
        assert_eq!(units, [(vec![0x65, 1, 2], false), (vec![0x41, 3], true)]);
    }

    #[test]
    fn units_in_one_packet_and_units_parted_by_start_codes_come_apart() {
        let packed = [0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 2, 0, 0, 0, 2, 0x65, 3];
        let (found, odd) = units(h264(), &[(&packed, true)]);
        assert_eq!(found, [(vec![0x67, 1], false), (vec![0x68, 2], false), (vec![0x65, 3], true)]);
        assert_eq!(odd, []);
        let coded = [0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x65, 3, 0];
        assert_eq!(units(h264(), &[(&coded, true)]).0, found);
        let (first, _) = units(h264(), &[(&[&[0, 0, 0, 1][..], &coded].concat(), true)]);
        assert_eq!(first, found);
        let (_, odd) = units(h264(), &[(&[0x78, 0, 9, 0x67], false)]);
        assert_eq!(odd, [Oddity::BadPacket]);
    }

    #[test]
    fn h265_is_read_with_and_without_numbers() {
        let plain: [&[u8]; 4] =
            [&[0x60, 1, 0, 3, 0x42, 1, 5, 0, 3, 0x44, 1, 6], &[0x62, 1, 0x93, 1], &[0x62, 1, 0x53, 2], &[0x02, 1, 7]];
        let numbered: [&[u8]; 4] = [
            &[0x60, 1, 0, 1, 0, 3, 0x42, 1, 5, 0, 0, 3, 0x44, 1, 6],
            &[0x62, 1, 0x93, 0, 2, 1],
            &[0x62, 1, 0x53, 2],
            &[0x02, 1, 0, 3, 7],
        ];
        for (payloads, numbered) in [(plain, false), (numbered, true)] {
            let payloads = payloads.map(|payload| (payload, false));
            let (units, odd) = units(NalUnits::new(VideoCodec::H265, numbered), &payloads);
            let units: Vec<_> = units.into_iter().map(|(unit, _)| unit).collect();
            assert_eq!(units, [vec![0x42, 1, 5], vec![0x44, 1, 6], vec![0x26, 1, 1, 2], vec![0x02, 1, 7]]);
            assert_eq!(odd, []);
        }
    }
}
