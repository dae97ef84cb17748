//! Tells decoders not to wait for pictures out of order, where the stream proves that it has none.
//!
//! A sequence parameter set without `bitstream_restriction` makes decoders hold up to 16 pictures (ITU-T H.264, E.2.1).
//! Only the live copy is changed.

/// Returns the set with `max_num_reorder_frames` = 0, or None where it must be left as it is: B pictures are
/// possible, a restriction is already told, or the set cannot be read. `nal` includes its header byte.
pub fn without_reordering(nal: &[u8]) -> Option<Vec<u8>> {
    let (&header, body) = nal.split_first()?;
    let rbsp = unescape(body);
    let bits = Bits { bytes: &rbsp, at: 0 };
    let found = find_restriction(bits)?;
    let mut out = BitWriter::default();
    let mut copied = Bits { bytes: &rbsp, at: 0 };
    for _ in 0..found.copied_bits {
        out.bit(copied.bit()?);
    }
    if found.whole_vui_lacks {
        out.bit(true); // vui_parameters_present_flag
        for _ in 0..8 {
            out.bit(false); // aspect, overscan, signal, chroma, timing, nal_hrd, vcl_hrd, pic_struct
        }
    }
    out.bit(true); // bitstream_restriction_flag
    out.bit(true); // motion_vectors_over_pic_boundaries_flag
    for value in [2, 1, 15, 15, 0, found.reference_frames] {
        // max_bytes_per_pic_denom, max_bits_per_mb_denom, log2_max_mv_length (horizontal, vertical),
        // max_num_reorder_frames, max_dec_frame_buffering
        out.unsigned(value);
    }
    let mut nal = vec![header];
    nal.extend(escape(&out.finish()));
    Some(nal)
}

struct Restriction {
    copied_bits: usize,
    whole_vui_lacks: bool,
    reference_frames: u32,
}

fn find_restriction(mut bits: Bits<'_>) -> Option<Restriction> {
    let profile = bits.number(8)?;
    bits.number(16)?; // constraints, level
    bits.unsigned()?; // seq_parameter_set_id
    if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(&profile) {
        skip_chroma(&mut bits)?;
    }
    bits.unsigned()?; // log2_max_frame_num
    let order = bits.unsigned()?;
    match order {
        0 => {
            bits.unsigned()?;
        }
        1 => {
            bits.number(1)?;
            bits.unsigned()?;
            bits.unsigned()?;
            for _ in 0..bits.unsigned().filter(|&count| count <= 255)? {
                bits.unsigned()?;
            }
        }
        _ => {}
    }
    // Output follows decoding (8.2.1.3), or a profile without B slices (A.2.1).
    if order != 2 && profile != 66 {
        return None;
    }
    let reference_frames = bits.unsigned()?;
    bits.number(1)?; // gaps_in_frame_num
    bits.unsigned()?;
    bits.unsigned()?; // width, height
    if bits.number(1)? == 0 {
        bits.number(1)?; // mb_adaptive_frame_field
    }
    bits.number(1)?; // direct_8x8_inference
    if bits.number(1)? == 1 {
        for _ in 0..4 {
            bits.unsigned()?;
        }
    }
    let before_vui = bits.at;
    if bits.number(1)? == 0 {
        return Some(Restriction { copied_bits: before_vui, whole_vui_lacks: true, reference_frames });
    }
    skip_vui(&mut bits)?;
    let before_flag = bits.at;
    (bits.number(1)? == 0).then_some(Restriction { copied_bits: before_flag, whole_vui_lacks: false, reference_frames })
}

fn skip_chroma(bits: &mut Bits<'_>) -> Option<()> {
    let chroma = bits.unsigned()?;
    if chroma == 3 {
        bits.number(1)?;
    }
    bits.unsigned()?;
    bits.unsigned()?; // bit depths
    bits.number(1)?;
    if bits.number(1)? == 1 {
        for list in 0..if chroma == 3 { 12 } else { 8 } {
            if bits.number(1)? == 1 {
                skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(())
}

fn skip_scaling_list(bits: &mut Bits<'_>, size: usize) -> Option<()> {
    let (mut last, mut next) = (8i64, 8i64);
    for _ in 0..size {
        if next != 0 {
            next = (last + bits.signed()? + 256) % 256;
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

fn skip_vui(bits: &mut Bits<'_>) -> Option<()> {
    if bits.number(1)? == 1 && bits.number(8)? == 255 {
        bits.number(32)?; // aspect ratio
    }
    if bits.number(1)? == 1 {
        bits.number(1)?; // overscan
    }
    if bits.number(1)? == 1 {
        bits.number(4)?; // format, range
        if bits.number(1)? == 1 {
            bits.number(24)?;
        }
    }
    if bits.number(1)? == 1 {
        bits.unsigned()?;
        bits.unsigned()?; // chroma location
    }
    if bits.number(1)? == 1 {
        bits.number(32)?;
        bits.number(32)?;
        bits.number(1)?; // timing
    }
    let nal_hrd = bits.number(1)? == 1;
    if nal_hrd {
        skip_hrd(bits)?;
    }
    let vcl_hrd = bits.number(1)? == 1;
    if vcl_hrd {
        skip_hrd(bits)?;
    }
    if nal_hrd || vcl_hrd {
        bits.number(1)?; // low_delay
    }
    bits.number(1)?; // pic_struct
    Some(())
}

fn skip_hrd(bits: &mut Bits<'_>) -> Option<()> {
    let count = bits.unsigned().filter(|&count| count <= 31)?;
    bits.number(8)?;
    for _ in 0..=count {
        bits.unsigned()?;
        bits.unsigned()?;
        bits.number(1)?;
    }
    bits.number(20)?;
    Some(())
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    fn number(&mut self, count: usize) -> Option<u32> {
        (0..count).try_fold(0u32, |number, _| Some(number << 1 | u32::from(self.bit()?)))
    }

    /// Exp-Golomb, unsigned (9.1).
    fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.number(zeros)?;
        Some((1u32 << zeros) - 1 + rest)
    }

    fn signed(&mut self) -> Option<i64> {
        let coded = i64::from(self.unsigned()?);
        Some(if coded % 2 == 1 { (coded + 1) / 2 } else { -(coded / 2) })
    }
}

#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    used: usize,
}

impl BitWriter {
    fn bit(&mut self, bit: bool) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let (true, Some(last)) = (bit, self.bytes.last_mut()) {
            *last |= 0x80 >> (self.used % 8);
        }
        self.used += 1;
    }

    fn unsigned(&mut self, value: u32) {
        let coded = value + 1;
        let width = 32 - coded.leading_zeros();
        for _ in 1..width {
            self.bit(false);
        }
        for place in (0..width).rev() {
            self.bit(coded >> place & 1 == 1);
        }
    }

    /// Ends with the stop bit.
    fn finish(mut self) -> Vec<u8> {
        self.bit(true);
        self.bytes
    }
}

fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

fn escape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 4);
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Constrained Baseline, 640×360, no VUI; written with the writer above, so that each field is known.
    pub fn plain_set(profile: u8, order: u32) -> Vec<u8> {
        let mut out = BitWriter::default();
        for byte in [profile, 0xc0, 30] {
            for place in (0..8).rev() {
                out.bit(byte >> place & 1 == 1);
            }
        }
        out.unsigned(0);
        if profile == 100 {
            for value in [1, 0, 0] {
                out.unsigned(value);
            }
            out.bit(false);
            out.bit(false);
        }
        out.unsigned(0);
        out.unsigned(order);
        if order == 0 {
            out.unsigned(2);
        }
        out.unsigned(1); // reference frames
        out.bit(false);
        out.unsigned(39);
        out.unsigned(22);
        out.bit(true);
        out.bit(true);
        out.bit(false); // cropping
        out.bit(false); // VUI
        let mut nal = vec![0x67];
        nal.extend(escape(&out.finish()));
        nal
    }

    fn restriction_of(nal: &[u8]) -> Option<(u32, u32)> {
        let rbsp = unescape(&nal[1..]);
        let parsed = find_restriction(Bits { bytes: &rbsp, at: 0 });
        if parsed.is_some() {
            return None;
        }
        let plain = plain_set(nal[1], 2);
        let before = find_restriction(Bits { bytes: &unescape(&plain[1..]), at: 0 })?.copied_bits;
        let mut bits = Bits { bytes: &rbsp, at: before + 9 };
        assert_eq!(bits.number(2), Some(3));
        for _ in 0..4 {
            bits.unsigned()?;
        }
        Some((bits.unsigned()?, bits.unsigned()?))
    }

    #[test]
    fn a_set_whose_output_follows_decoding_is_told_not_to_reorder() {
        for profile in [66, 100] {
            let changed = without_reordering(&plain_set(profile, 2)).unwrap();
            assert_eq!(restriction_of(&changed), Some((0, 1)), "profile {profile}");
            assert_eq!(without_reordering(&changed), None, "already told");
        }
    }

    #[test]
    fn a_set_that_allows_b_pictures_is_left_as_it_is() {
        assert_eq!(without_reordering(&plain_set(100, 0)), None);
        assert!(without_reordering(&plain_set(66, 0)).is_some(), "baseline has no B slices");
    }

    #[test]
    fn no_cut_or_flipped_set_panics() {
        let set = plain_set(100, 2);
        for end in 0..set.len() {
            let _ = without_reordering(&set[..end]);
        }
        for at in 1..set.len() {
            for bit in 0..8 {
                let mut hostile = set.clone();
                hostile[at] ^= 1 << bit;
                let _ = without_reordering(&hostile);
            }
        }
    }
}
