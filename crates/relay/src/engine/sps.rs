//! Tells decoders not to wait for pictures out of order, where the stream proves that it has none.
//!
//! A sequence parameter set without `bitstream_restriction` makes decoders hold up to 16 pictures (ITU-T H.264, E.2.1).
//! Only the live copy is changed. What else is read of a set stands here too.

use super::bits::{BitWriter, Bits, escape, unescape};

/// Returns the set with `max_num_reorder_frames` = 0, or None where it must be left as it is: B pictures are
/// possible, a restriction is already told, or the set cannot be read. `nal` includes its header byte.
pub fn without_reordering(nal: &[u8]) -> Option<Vec<u8>> {
    let (&header, body) = nal.split_first()?;
    let rbsp = unescape(body);
    let found = read(Bits::new(&rbsp)).filter(|found| found.never_reorders)?;
    let (copied_bits, whole_vui_lacks) = match found.restriction {
        Restriction::WithoutVui(before) => (before, true),
        Restriction::Lacks(before) => (before, false),
        Restriction::Told | Restriction::Unreadable => return None,
    };
    let mut out = BitWriter::default();
    let mut copied = Bits::new(&rbsp);
    for _ in 0..copied_bits {
        out.bit(copied.bit()?);
    }
    if whole_vui_lacks {
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

/// What of a sequence parameter set of H.264 the relay goes by (7.3.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sps {
    pub id: u32,
    pub separate_planes: bool,
    pub frame_number_bits: usize,
    /// No picture is coded as two fields.
    pub frames_only: bool,
    /// How many pictures may precede one in decoding that follow it on the screen, where the set tells.
    pub reorder_max: Option<u32>,
}

impl Sps {
    /// Reads a set; `nal` includes its header byte.
    pub fn read(nal: &[u8]) -> Option<Self> {
        read(Bits::new(&unescape(nal.get(1..)?))).map(|found| found.sps)
    }
}

struct Found {
    sps: Sps,
    /// B pictures cannot be: output follows decoding (8.2.1.3), or the profile has none (A.2.1).
    never_reorders: bool,
    reference_frames: u32,
    restriction: Restriction,
}

enum Restriction {
    /// There are no usability parameters; so many bits stand before their flag.
    WithoutVui(usize),
    /// They lack the restriction; so many bits stand before its flag.
    Lacks(usize),
    Told,
    /// The usability parameters end within themselves.
    Unreadable,
}

fn read(mut bits: Bits<'_>) -> Option<Found> {
    let profile = bits.number(8)?;
    bits.skip(16)?; // constraints, level
    let id = bits.unsigned().filter(|&id| id < 32)?;
    let mut separate_planes = false;
    if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(&profile) {
        separate_planes = skip_chroma(&mut bits)?;
    }
    let frame_number_bits = usize::try_from(bits.unsigned().filter(|&more| more <= 12)?).ok()? + 4;
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
    let reference_frames = bits.unsigned()?;
    bits.number(1)?; // gaps_in_frame_num
    bits.unsigned()?;
    bits.unsigned()?; // width, height
    let frames_only = bits.number(1)? == 1;
    if !frames_only {
        bits.number(1)?; // mb_adaptive_frame_field
    }
    bits.number(1)?; // direct_8x8_inference
    if bits.number(1)? == 1 {
        for _ in 0..4 {
            bits.unsigned()?;
        }
    }
    let never_reorders = order == 2 || profile == 66;
    let before_vui = bits.position();
    let (restriction, told) = if bits.number(1)? == 0 {
        (Restriction::WithoutVui(before_vui), None)
    } else {
        read_vui(&mut bits).unwrap_or((Restriction::Unreadable, None))
    };
    let reorder_max = if never_reorders { Some(0) } else { told };
    let sps = Sps { id, separate_planes, frame_number_bits, frames_only, reorder_max };
    Some(Found { sps, never_reorders, reference_frames, restriction })
}

/// Reads the usability parameters up to their end: whether they restrict, and the pictures out of order that they allow.
fn read_vui(bits: &mut Bits<'_>) -> Option<(Restriction, Option<u32>)> {
    skip_vui(bits)?;
    let before_flag = bits.position();
    if bits.number(1)? == 0 {
        return Some((Restriction::Lacks(before_flag), None));
    }
    bits.number(1)?; // motion_vectors_over_pic_boundaries
    for _ in 0..4 {
        bits.unsigned()?;
    }
    Some((Restriction::Told, Some(bits.unsigned()?)))
}

/// Returns whether the planes are coded apart.
fn skip_chroma(bits: &mut Bits<'_>) -> Option<bool> {
    let chroma = bits.unsigned()?;
    let separate_planes = chroma == 3 && bits.bit()?;
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
    Some(separate_planes)
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

    fn told(nal: &[u8]) -> bool {
        matches!(read(Bits::new(&unescape(&nal[1..]))).unwrap().restriction, Restriction::Told)
    }

    #[test]
    fn a_set_whose_output_follows_decoding_is_told_not_to_reorder() {
        for profile in [66, 100] {
            let changed = without_reordering(&plain_set(profile, 2)).unwrap();
            assert!(told(&changed), "profile {profile}");
            assert_eq!(Sps::read(&changed).unwrap().reorder_max, Some(0), "profile {profile}");
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
