//! From NAL units to access units: where a picture begins and ends, and whether decoding may begin with it.
//!
//! Pictures are told apart by their first slices. The RTP marker ends one sooner, once it has been right for a while.

use std::sync::Arc;

use super::cmaf::Description;
use super::nal::{self, Field, Kind, Slice};
use super::oddities::{Oddities, Oddity};
use super::parameter_sets::{Described, ParameterSets};
use super::rtp_payload::NalUnit;
use super::rtsp_description::{OfferedVideo, VideoCodec};

/// The marker is gone by once it stood at the end of so many pictures in a row, an entry point among them.
const MARKS_TO_TRUST: u32 = 8;
/// A picture of intra slices alone counts as an entry point where no better one came for so many pictures.
const PICTURES_WITHOUT_ENTRY: u32 = 25;
/// Pictures that lead an entry point come within so many behind it (the most that H.264 and H.265 hold back).
const LEADING_MAX: u32 = 16;

/// One picture as the camera coded it: NAL units, each after its 4-byte length.
#[allow(clippy::struct_excessive_bools)] // facts that do not hang together
#[derive(Debug)]
pub struct AccessUnit {
    /// The RTP time, unwrapped, in units of the stream's clock rate.
    pub rtp_time: i64,
    /// Decoding may begin here.
    pub key: bool,
    /// It may refer to pictures before the entry point that it follows, and is shown before it.
    pub leading: bool,
    /// It is shown before a picture that came earlier, or may be.
    pub bidirectional: bool,
    /// How many pictures may come before one that is shown earlier, where the stream tells.
    pub reorder_max: Option<u32>,
    /// Pictures were lost before this one.
    pub after_loss: bool,
    pub payload: Vec<u8>,
    /// What decoders are told, with the first picture that needs it.
    pub description: Option<Description>,
}

/// Gathers the units of one stream.
pub struct Assembly {
    codec: VideoCodec,
    sets: ParameterSets,
    begun: Option<Begun>,
    /// What stands before the next picture, and the recovery that it tells.
    before: Vec<u8>,
    recovery: Option<u32>,
    /// Parameter sets that are others than before, for the next picture.
    sets_before: Vec<u8>,
    marks: Marks,
    after_loss: bool,
    /// The newest picture went out because nothing came any more, on the word of its marker or of none.
    settled: Option<bool>,
    /// Slices of the newest picture.
    slices: u32,
    reorder_max: Option<u32>,
    entry: LastEntry,
    /// Coded pictures for which there are no parameter sets, since the newest access unit.
    without_sets: u64,
    oddities: Arc<Oddities>,
}

#[allow(clippy::struct_excessive_bools)] // facts that do not hang together
#[derive(Debug)]
struct Begun {
    rtp_time: i64,
    units: Vec<u8>,
    first: Slice,
    slices: u32,
    intra: bool,
    bidirectional: bool,
    /// The second field of its frame came too.
    both_fields: bool,
    marked: bool,
    damaged: bool,
    /// In how many pictures all is whole again, where it is told that decoding may begin here.
    recovery: Option<u32>,
}

/// What is thought of the RTP marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    Watched {
        right: u32,
        entry: bool,
    },
    Trusted,
    /// It stood within a picture.
    Wrong,
}

/// The newest picture at which decoding may begin.
#[derive(Debug, Clone, Copy, Default)]
struct LastEntry {
    rtp_time: i64,
    /// Pictures since it, or since the stream's begin.
    pictures: u32,
    /// In how many pictures from it on all is whole again.
    whole_after: u32,
    /// It is an IDR of H.264: nothing leads it.
    closed: bool,
    any: bool,
}

impl Assembly {
    pub fn new(video: &OfferedVideo, oddities: Arc<Oddities>) -> Self {
        let mut sets = ParameterSets::new(video.codec);
        sets.take_announced(video.format_parameters.as_deref().unwrap_or(""));
        Self {
            codec: video.codec,
            sets,
            begun: None,
            before: Vec::new(),
            recovery: None,
            sets_before: Vec::new(),
            marks: Marks::Watched { right: 0, entry: false },
            after_loss: false,
            settled: None,
            slices: 0,
            reorder_max: None,
            entry: LastEntry::default(),
            without_sets: 0,
            oddities,
        }
    }

    /// Coded pictures for which there are no parameter sets, since the newest access unit.
    pub fn without_sets(&self) -> u64 {
        self.without_sets
    }

    /// So much is held of pictures that are not complete.
    pub fn held_bytes(&self) -> usize {
        self.before.len() + self.sets_before.len() + self.begun.as_ref().map_or(0, |begun| begun.units.len())
    }

    /// Whether a picture was begun that may be whole, and whether the marker says that it is. Without its word a picture
    /// has as many slices as the one before.
    pub fn may_be_whole(&self) -> Option<bool> {
        let begun = self.begun.as_ref()?;
        let marked = begun.marked && self.marks != Marks::Wrong;
        (marked || begun.slices >= self.slices).then_some(marked)
    }

    /// Nothing came for a while: what was begun is a picture.
    pub fn settle(&mut self, out: &mut Vec<AccessUnit>) {
        self.settled = self.may_be_whole();
        self.end_before_unit(out);
    }

    /// Packets were lost before what comes next.
    pub fn lost(&mut self, out: &mut Vec<AccessUnit>) {
        match &mut self.begun {
            Some(begun) if !begun.marked || self.marks == Marks::Wrong => begun.damaged = true,
            _ => {}
        }
        self.end(out);
        self.before.clear();
        self.recovery = None;
        self.after_loss = true;
    }

    /// Takes one unit, with its time on the unwrapped timeline; pictures that it completes are appended to `out`.
    pub fn take(&mut self, unit: NalUnit<'_>, rtp_time: i64, out: &mut Vec<AccessUnit>) {
        match nal::kind(self.codec, unit.bytes, |id| self.sets.sequence_of(id)) {
            Kind::Slice(slice) => self.take_slice(slice, unit, rtp_time, out),
            Kind::Set(kind) => {
                // The same sets may stand before each slice; another one stands before a picture.
                if self.sets.differs(kind, unit.bytes) {
                    self.end_before_unit(out);
                    if self.sets.take(kind, unit.bytes) {
                        put_unit(&mut self.sets_before, unit.bytes);
                    }
                }
            }
            Kind::Supplement(recovery) => {
                self.recovery = recovery.map(|recovery| recovery.pictures).or(self.recovery);
                put_unit(&mut self.before, unit.bytes);
            }
            Kind::Before => {
                self.end_before_unit(out);
                put_unit(&mut self.before, unit.bytes);
            }
            Kind::After => {
                if let Some(begun) = &mut self.begun {
                    put_unit(&mut begun.units, unit.bytes);
                }
            }
            Kind::Ignored => {}
        }
        if unit.marked
            && let Some(begun) = &mut self.begun
        {
            begun.marked = true;
            if self.marks == Marks::Trusted {
                self.end(out);
            }
        }
    }

    fn take_slice(&mut self, slice: Slice, unit: NalUnit<'_>, rtp_time: i64, out: &mut Vec<AccessUnit>) {
        let goes_on = match &self.begun {
            None => false,
            Some(begun) => !slice.first || begun.is_completed_by(slice.field),
        };
        if goes_on {
            if self.begun.as_ref().is_some_and(|begun| begun.marked) {
                self.distrust();
            }
        } else {
            self.end_before_unit(out);
            let damaged = !slice.first;
            if damaged && (self.marks == Marks::Trusted || self.settled == Some(true)) && !self.after_loss {
                // The picture that the marker ended is not whole, and went out already.
                self.distrust();
            }
            self.settled = None;
            self.begun = Some(Begun {
                rtp_time,
                units: std::mem::take(&mut self.before),
                first: slice,
                slices: 0,
                intra: true,
                bidirectional: false,
                both_fields: false,
                marked: false,
                damaged,
                recovery: self.recovery.take(),
            });
        }
        if let Some(begun) = &mut self.begun {
            begun.units.append(&mut self.before);
            begun.recovery = begun.recovery.or(self.recovery.take());
            begun.slices += 1;
            begun.both_fields |= goes_on && slice.first;
            begun.intra &= slice.intra;
            begun.bidirectional |= slice.bidirectional;
            put_unit(&mut begun.units, unit.bytes);
        }
    }

    fn distrust(&mut self) {
        if self.marks != Marks::Wrong {
            self.oddities.count(Oddity::MarksWithinPictures);
        }
        self.marks = Marks::Wrong;
    }

    /// Another picture begins: what came so far is one, and the marker was right if it stood at its end.
    fn end_before_unit(&mut self, out: &mut Vec<AccessUnit>) {
        let Some(begun) = &self.begun else { return };
        if let Marks::Watched { right, entry } = self.marks {
            let right = if begun.marked && !begun.damaged { right + 1 } else { 0 };
            let entry = right > 0 && (entry || begun.first.entry || begun.intra);
            self.marks =
                if right >= MARKS_TO_TRUST && entry { Marks::Trusted } else { Marks::Watched { right, entry } };
        }
        self.end(out);
    }

    fn end(&mut self, out: &mut Vec<AccessUnit>) {
        let Some(begun) = self.begun.take() else { return };
        let picture_set = begun.first.picture_set;
        self.slices = begun.slices;
        if begun.damaged || !self.sets.suffice_for(picture_set) {
            self.without_sets += u64::from(!begun.damaged);
            self.after_loss |= begun.damaged;
            return;
        }
        let key = self.enters(&begun);
        let mut description = None;
        if key {
            match self.sets.description(picture_set) {
                None => {
                    self.without_sets += 1;
                    return;
                }
                Some(Described::AsBefore) => {}
                Some(Described::Anew(anew)) => {
                    self.reorder_max = self.sets.reorder_max(picture_set);
                    description = Some(anew);
                }
            }
        }
        self.without_sets = 0;
        let leading = !key && self.leads(&begun);
        // Between entry points decoders learn of other sets in the stream, at them from the description.
        let sets = std::mem::take(&mut self.sets_before);
        let payload = if key || sets.is_empty() { begun.units } else { [sets, begun.units].concat() };
        out.push(AccessUnit {
            rtp_time: begun.rtp_time,
            key,
            leading,
            bidirectional: begun.bidirectional,
            reorder_max: self.reorder_max,
            after_loss: std::mem::take(&mut self.after_loss),
            payload,
            description,
        });
    }

    /// Whether decoding may begin with this picture, and notes it if so.
    fn enters(&mut self, begun: &Begun) -> bool {
        self.entry.pictures = self.entry.pictures.saturating_add(1);
        let by_recovery = begun.recovery.filter(|&pictures| {
            // A recovery within another one is that one's; one of no pictures needs all slices to be intra.
            let possible = pictures > 0 || begun.intra || self.codec == VideoCodec::H265;
            possible && (!self.entry.any || self.entry.pictures >= self.entry.whole_after)
        });
        let by_intra = begun.intra && self.entry.pictures > PICTURES_WITHOUT_ENTRY;
        if !begun.first.entry && by_recovery.is_none() && !by_intra {
            return false;
        }
        if !begun.first.entry {
            self.oddities.count(Oddity::RecoveryPoints);
        }
        self.entry = LastEntry {
            rtp_time: begun.rtp_time,
            pictures: 0,
            whole_after: by_recovery.unwrap_or(0),
            closed: begun.first.entry && self.codec == VideoCodec::H264,
            any: true,
        };
        true
    }

    /// Whether the picture is shown before the entry point that it follows.
    fn leads(&self, begun: &Begun) -> bool {
        begun.first.leading
            || self.entry.any
                && !self.entry.closed
                && self.reorder_max != Some(0)
                && self.entry.pictures <= LEADING_MAX
                && begun.rtp_time < self.entry.rtp_time
    }
}

impl Begun {
    /// The slice begins the second field of this frame.
    fn is_completed_by(&self, field: Option<Field>) -> bool {
        !self.both_fields && field.zip(self.first.field).is_some_and(|(second, first)| second.completes(first))
    }
}

fn put_unit(into: &mut Vec<u8>, unit: &[u8]) {
    into.extend_from_slice(&u32::try_from(unit.len()).unwrap_or(u32::MAX).to_be_bytes());
    into.extend_from_slice(unit);
}
