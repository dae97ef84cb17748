//! Puts datagrams back in order: a packet that comes behind its successors takes its place again, within bounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::oddities::{Oddities, Oddity};

/// So many packets wait for one that is missing.
const PACKETS_MAX: u16 = 256;
/// So long one is waited for.
const WAIT_US_MAX: i64 = 80_000;

/// Packets that wait for an earlier one, by their unwrapped numbers.
#[derive(Debug, Default)]
pub struct Reorder {
    next: Option<i64>,
    waiting: BTreeMap<i64, Waiting>,
    oddities: Arc<Oddities>,
}

#[derive(Debug)]
struct Waiting {
    packet: Vec<u8>,
    since_us: i64,
}

impl Reorder {
    pub fn new(oddities: Arc<Oddities>) -> Self {
        Self { oddities, ..Self::default() }
    }

    /// Takes a datagram that came at `now_us`; those whose turn it is are appended to `out`.
    pub fn push(&mut self, packet: &[u8], now_us: i64, out: &mut Vec<Vec<u8>>) {
        let &[_, _, high, low, ..] = packet else {
            out.push(packet.to_vec()); // no RTP: told as such where packets are read
            return;
        };
        let sequence = u16::from_be_bytes([high, low]);
        let next = self.next.unwrap_or(i64::from(sequence));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let place = next + i64::from(sequence.wrapping_sub(next as u16).cast_signed());
        if place < next {
            if next - place > i64::from(PACKETS_MAX) {
                // The numbers start anew.
                self.release_all(out);
                self.next = Some(place + 1);
                out.push(packet.to_vec());
            }
            return; // too late, or twice
        }
        if place > next {
            self.waiting.entry(place).or_insert_with(|| Waiting { packet: packet.to_vec(), since_us: now_us });
            self.next.get_or_insert(next);
            self.release_overdue(now_us, out);
            return;
        }
        if !self.waiting.is_empty() {
            self.oddities.count(Oddity::Reordered);
        }
        out.push(packet.to_vec());
        self.next = Some(next + 1);
        self.release_in_turn(out);
    }

    /// When `release_overdue` is due, where packets wait.
    pub fn due_us(&self) -> Option<i64> {
        self.waiting.values().map(|waiting| waiting.since_us + WAIT_US_MAX).min()
    }

    /// Gives up what was waited for too long.
    pub fn release_overdue(&mut self, now_us: i64, out: &mut Vec<Vec<u8>>) {
        while self.waiting.len() > usize::from(PACKETS_MAX) || self.due_us().is_some_and(|due| due <= now_us) {
            let Some((place, waiting)) = self.waiting.pop_first() else { return };
            out.push(waiting.packet);
            self.next = Some(place + 1);
            self.release_in_turn(out);
        }
    }

    fn release_in_turn(&mut self, out: &mut Vec<Vec<u8>>) {
        while let Some(next) = self.next
            && let Some(waiting) = self.waiting.remove(&next)
        {
            out.push(waiting.packet);
            self.next = Some(next + 1);
        }
    }

    fn release_all(&mut self, out: &mut Vec<Vec<u8>>) {
        out.extend(std::mem::take(&mut self.waiting).into_values().map(|waiting| waiting.packet));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u16) -> Vec<u8> {
        let [high, low] = sequence.to_be_bytes();
        vec![0x80, 96, high, low]
    }

    /// The numbers that come out where these come in, a millisecond apart.
    fn ordered(sequences: &[u16]) -> Vec<u16> {
        let mut reorder = Reorder::default();
        let mut out = Vec::new();
        for (at, &sequence) in sequences.iter().enumerate() {
            reorder.push(&packet(sequence), i64::try_from(at).unwrap() * 1_000, &mut out);
        }
        reorder.release_overdue(i64::MAX / 2, &mut out);
        out.iter().map(|packet| u16::from_be_bytes([packet[2], packet[3]])).collect()
    }

    #[test]
    fn packets_that_overtake_each_other_come_out_in_order_and_once() {
        assert_eq!(ordered(&[5, 7, 6, 8, 8, 10, 9, 7]), [5, 6, 7, 8, 9, 10]);
        assert_eq!(ordered(&[65_534, 0, 65_535, 1]), [65_534, 65_535, 0, 1]);
    }

    #[test]
    fn what_never_comes_is_waited_for_within_bounds() {
        let with_a_hole: Vec<u16> = (0..50).chain(51..600).collect();
        assert_eq!(ordered(&with_a_hole), with_a_hole);
        let mut reorder = Reorder::default();
        let mut out = Vec::new();
        reorder.push(&packet(1), 0, &mut out);
        for sequence in 3..2_000 {
            reorder.push(&packet(sequence), 0, &mut out);
            assert!(reorder.waiting.len() <= usize::from(PACKETS_MAX));
        }
    }

    #[test]
    fn numbers_that_start_anew_are_passed_on() {
        assert_eq!(ordered(&[50_000, 50_001, 3, 4, 5]), [50_000, 50_001, 3, 4, 5]);
    }

    #[test]
    fn what_is_no_rtp_is_passed_on() {
        let (mut reorder, mut out) = (Reorder::default(), Vec::new());
        reorder.push(b"no", 0, &mut out);
        assert_eq!(out, [b"no"]);
    }
}
