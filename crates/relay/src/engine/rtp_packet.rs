//! The head of an RTP packet (RFC 3550, 5.1), read leniently: cameras miscount their padding.

/// What a packet says before its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpHead {
    pub marked: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub time: u32,
    pub ssrc: u32,
}

impl RtpHead {
    /// Reads a packet's head; returns its payload too.
    pub fn read(packet: &[u8]) -> Result<(Self, &[u8]), &'static str> {
        let &[flags, kind, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3, ref rest @ ..] = packet else {
            return Err("no RTP: too short");
        };
        if flags >> 6 != 2 {
            return Err("no RTP: another version");
        }
        let mut payload = rest.get(4 * usize::from(flags & 0x0f)..).ok_or("no RTP: sources past its end")?;
        if flags & 0x10 != 0 {
            let &[_, _, high, low, ref after @ ..] = payload else { return Err("no RTP: extension past its end") };
            let words = usize::from(u16::from_be_bytes([high, low]));
            payload = after.get(4 * words..).ok_or("no RTP: extension past its end")?;
        }
        if flags & 0x20 != 0
            && let Some(&padding) = payload.last()
            && usize::from(padding) <= payload.len()
        {
            // A padding of 0, or one that is longer than what there is, is none.
            payload = &payload[..payload.len() - usize::from(padding)];
        }
        let head = Self {
            marked: kind & 0x80 != 0,
            payload_type: kind & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            time: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
        };
        Ok((head, payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(flags: u8, rest: &[u8]) -> Vec<u8> {
        [&[flags, 0xe0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5], rest].concat()
    }

    #[test]
    fn a_payload_stands_behind_sources_and_extension_and_before_its_padding() {
        let (head, payload) =
            RtpHead::read(&packet(0x80, &[1, 2])).map(|(head, payload)| (head, payload.to_vec())).unwrap();
        assert_eq!(head, RtpHead { marked: true, payload_type: 96, sequence: 7, time: 9, ssrc: 5 });
        assert_eq!(payload, [1, 2]);
        let payload = |flags, rest: &[u8]| RtpHead::read(&packet(flags, rest)).map(|(_, payload)| payload.to_vec());
        assert_eq!(payload(0x81, &[0, 0, 0, 1, 8]).unwrap(), [8]);
        assert_eq!(payload(0x90, &[0, 0, 0, 1, 9, 9, 9, 9, 8]).unwrap(), [8]);
        assert_eq!(payload(0xa0, &[8, 0, 2]).unwrap(), [8]);
        for miscounted in [0, 200] {
            assert_eq!(payload(0xa0, &[8, miscounted]).unwrap(), [8, miscounted]);
        }
        assert!(
            payload(0x82, &[0; 7]).is_err() && payload(0x90, &[0, 0, 0, 9]).is_err() && payload(0x40, &[]).is_err()
        );
    }
}
