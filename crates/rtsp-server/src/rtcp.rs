//! RTCP sender reports (RFC 3550, 6.4.1), with the CNAME that the RFC asks for in each.
use bytes::{BufMut, Bytes, BytesMut};

use crate::rtp::{CLOCK_HZ, Report};

/// Seconds from 1900 (NTP) to 1970 (Unix).
const NTP_UNIX_OFFSET_S: u64 = 2_208_988_800;
const CNAME: &[u8; 16] = b"camera@belvedere";

/// Returns the compound packet SR + SDES of a report sent at `sent_us` since the Unix epoch: that
/// instant, and the RTP time that a picture captured then would carry.
#[allow(clippy::cast_possible_truncation)] // NTP seconds wrap in 2036, RTP time every 13 hours, by design
pub(crate) fn sender_report(report: &Report, sent_us: u64) -> Bytes {
    let seconds = sent_us / 1_000_000 + NTP_UNIX_OFFSET_S;
    let fraction = ((sent_us % 1_000_000) << 32) / 1_000_000;
    let since_capture = u128::from(sent_us.saturating_sub(report.capture_us)) * u128::from(CLOCK_HZ) / 1_000_000;
    let mut packet = BytesMut::with_capacity(56);
    packet.put_slice(&[0x80, 200, 0, 6]);
    packet.put_u32(report.ssrc);
    packet.put_u32(seconds as u32);
    packet.put_u32(fraction as u32);
    packet.put_u32(report.rtp_time.wrapping_add(since_capture as u32));
    packet.put_u32(report.packets);
    packet.put_u32(report.octets);
    packet.put_slice(&[0x81, 202, 0, 6]);
    packet.put_u32(report.ssrc);
    packet.put_slice(&[1, 16]);
    packet.put_slice(CNAME);
    packet.put_slice(&[0, 0]); // end of the item list, to a multiple of four
    packet.freeze()
}

/// Returns the packet that says that a stream ends.
pub(crate) fn bye(ssrc: u32) -> Bytes {
    let mut packet = BytesMut::with_capacity(8);
    packet.put_slice(&[0x81, 203, 0, 1]);
    packet.put_u32(ssrc);
    packet.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_gives_the_time_of_sending_back_to_the_microsecond_and_its_rtp_time() {
        let sent_us = 1_774_408_327_654_321;
        let report = Report { ssrc: 1, capture_us: sent_us - 10_000, rtp_time: u32::MAX, packets: 3, octets: 4000 };
        let packet = sender_report(&report, sent_us);
        let word = |at: usize| u64::from(u32::from_be_bytes(packet[at..at + 4].try_into().unwrap()));
        let back_us = (word(8) - NTP_UNIX_OFFSET_S) * 1_000_000 + ((word(12) * 1_000_000) >> 32);
        assert!(sent_us - back_us <= 1);
        assert_eq!(packet.len(), 28 + 28);
        assert_eq!(word(16), 899, "900 ticks in 10 ms, over the turn of the counter");
    }
}
