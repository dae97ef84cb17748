//! The kept pictures of one camera, and where each viewer stands among them.
//!
//! Kept: everything since the newest key picture, and before it what is younger than `LAG_KEPT` so that a viewer
//! a little behind loses nothing. Bounded in pictures and bytes, their descriptions included, whatever the camera sends.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::cmaf::{Description, TIMESCALE};

/// How far behind the newest picture a viewer may be before it is moved to the newest key picture.
const LAG_KEPT: u64 = TIMESCALE as u64;

/// A stream's description, under the number by which a viewer knows whether it was told.
#[derive(Debug)]
pub struct Stream {
    pub number: u64,
    pub description: Description,
}

/// One picture, ready to be written to any viewer.
#[derive(Debug, Clone)]
pub struct Picture {
    /// A whole WebSocket message; every viewer is written these same bytes.
    pub message: Bytes,
    pub key: bool,
    /// It is shown before the entry point that it follows, and cannot be decoded by whoever begins there.
    pub leading: bool,
    /// Units of `TIMESCALE`.
    pub decode_time: u64,
    /// Pictures that came damaged just before this one and were left out.
    pub left_out: u32,
    pub stream: Arc<Stream>,
}

/// What may be kept of one camera.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub pictures: usize,
    pub bytes: usize,
}

#[derive(Debug)]
pub struct Pictures {
    kept: VecDeque<Picture>,
    /// The place of the first kept picture; places never come twice.
    first: u64,
    newest_key: Option<u64>,
    /// When the newest key picture was decoded, kept or not, and how long the group before it was.
    key_time: Option<u64>,
    group: Option<u64>,
    bytes: usize,
    limits: Limits,
}

/// Where a viewer stands: the place of the picture that it takes next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    next: Option<u64>,
    /// Decoding begins at the picture before: those that lead it are passed over.
    begins: bool,
}

impl Cursor {
    /// The place of the picture taken last.
    pub fn newest_taken(self) -> Option<u64> {
        self.next.and_then(|next| next.checked_sub(1))
    }

    /// The place of the picture taken next, where it is taken whatever it is: nothing is to be passed over.
    pub fn goes_on_at(self) -> Option<u64> {
        self.next.filter(|_| !self.begins)
    }

    /// All pictures before that place were taken.
    pub fn stand_at(&mut self, next: u64) {
        self.next = Some(next);
    }

    /// Gives back the last `count` pictures taken: they were not sent.
    pub fn give_back(&mut self, count: u64) {
        self.next = self.next.map(|next| next.saturating_sub(count));
    }
}

impl Pictures {
    pub fn new(limits: Limits) -> Self {
        Self { kept: VecDeque::new(), first: 0, newest_key: None, key_time: None, group: None, bytes: 0, limits }
    }

    /// Keeps it, and returns its place.
    pub fn push(&mut self, picture: Picture) -> u64 {
        let newest_time = picture.decode_time;
        let place = self.first + self.kept.len() as u64;
        if picture.key {
            self.newest_key = Some(place);
            let since = self.key_time.replace(newest_time).map(|former| newest_time.saturating_sub(former));
            self.group = since.or(self.group);
        }
        self.bytes += picture.message.len();
        // A description is held by the pictures that it describes, and can weigh more than they do.
        if self.kept.back().is_none_or(|newest| newest.stream.number != picture.stream.number) {
            self.bytes += picture.stream.description.init.len();
        }
        self.kept.push_back(picture);
        while let Some(oldest) = self.kept.front() {
            let over = self.kept.len() > self.limits.pictures || self.bytes > self.limits.bytes;
            let stale = self.newest_key.is_some_and(|key| self.first < key)
                && oldest.decode_time.saturating_add(LAG_KEPT) < newest_time;
            if !over && !stale {
                break;
            }
            self.bytes -= oldest.message.len();
            if self.kept.get(1).is_none_or(|next| next.stream.number != oldest.stream.number) {
                self.bytes -= oldest.stream.description.init.len();
            }
            if self.newest_key == Some(self.first) {
                self.newest_key = None; // too long a group to be kept: a new viewer waits for the next key picture
            }
            self.first += 1;
            self.kept.pop_front();
        }
        place
    }

    /// Forgets all pictures, after which cursors wait for the next key picture.
    pub fn clear(&mut self) {
        self.first += self.kept.len() as u64;
        self.kept.clear();
        self.newest_key = None;
        self.key_time = None;
        self.bytes = 0;
    }

    /// In how long the next key picture comes, if groups stay as long as the last one was; units of `TIMESCALE`.
    fn next_key_in(&self) -> Option<u64> {
        let since = self.kept.back()?.decode_time.saturating_sub(self.key_time?);
        self.group?.checked_sub(since).filter(|&left| left > 0)
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The place of the oldest kept picture, or of the next one where none is kept.
    pub fn first(&self) -> u64 {
        self.first
    }

    pub fn len(&self) -> usize {
        self.kept.len()
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Appends up to `count` pictures from where `cursor` stands, all of one row, and moves it.
    pub fn take(&self, cursor: &mut Cursor, count: usize, out: &mut Vec<Picture>) -> Taken {
        let mut missed = 0;
        let mut from = match cursor.next {
            Some(next) if next >= self.first => next,
            behind => {
                let Some(key) = self.newest_key else { return Taken { waits: self.next_key_in(), ..Taken::default() } };
                missed = behind.map_or(0, |next| key - next);
                cursor.begins = true;
                key
            }
        };
        let kept_from = |place: u64| self.kept.iter().skip(usize::try_from(place - self.first).unwrap_or(usize::MAX));
        if cursor.begins {
            from += kept_from(from).take_while(|picture| picture.leading).count() as u64;
        }
        let before = out.len();
        for picture in kept_from(from).take(count) {
            if cursor.begins && picture.leading {
                break; // passed over next time: what may be given back stands in one row
            }
            cursor.begins &= picture.key;
            out.push(picture.clone());
        }
        let next = from + (out.len() - before) as u64;
        if out.len() > before || cursor.next.is_some() {
            cursor.next = Some(next);
        }
        missed += out[before..].iter().map(|picture| u64::from(picture.left_out)).sum::<u64>();
        Taken { missed, more: next < self.first + self.kept.len() as u64, waits: None }
    }
}

/// What taking pictures came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// How many pictures the viewer missed before the first of them.
    pub missed: u64,
    /// Others wait.
    pub more: bool,
    /// None can be had before the next key picture, which is expected in so long (units of `TIMESCALE`).
    pub waits: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Limits = Limits { pictures: 2_048, bytes: 1_000_000 };

    fn pictures(limits: Limits, count: u64, key_every: u64) -> Pictures {
        let mut pictures = Pictures::new(limits);
        for number in 0..count {
            push(&mut pictures, number, number % key_every == 0);
        }
        pictures
    }

    fn push(pictures: &mut Pictures, number: u64, key: bool) {
        let description = Description { codec: String::new(), width: 1, height: 1, init: Bytes::new() };
        pictures.push(Picture {
            message: Bytes::from(vec![u8::try_from(number % 251).unwrap(); 100]),
            key,
            leading: false,
            decode_time: number * 3_600,
            left_out: 0,
            stream: Arc::new(Stream { number: 1, description }),
        });
    }

    fn take(pictures: &Pictures, cursor: &mut Cursor) -> (u64, Vec<u8>) {
        let mut out = Vec::new();
        let missed = pictures.take(cursor, 10_000, &mut out).missed;
        (missed, out.iter().map(|picture| picture.message[0]).collect())
    }

    #[test]
    fn a_new_viewer_starts_on_the_newest_key_picture() {
        let kept = pictures(WIDE, 60, 25);
        let (missed, taken) = take(&kept, &mut Cursor::default());
        assert_eq!((missed, taken), (0, (50..60).collect()));
    }

    #[test]
    fn a_viewer_a_little_behind_a_new_key_picture_loses_nothing() {
        let mut kept = pictures(WIDE, 48, 25);
        let mut cursor = Cursor::default();
        take(&kept, &mut cursor);
        for number in 48..53 {
            push(&mut kept, number, number == 50);
        }
        assert_eq!(take(&kept, &mut cursor), (0, (48..53).collect()));
    }

    #[test]
    fn a_slow_viewer_is_moved_to_the_newest_key_picture_and_told_what_it_missed() {
        let mut kept = pictures(WIDE, 30, 25);
        let mut cursor = Cursor::default();
        take(&kept, &mut cursor);
        for number in 30..110 {
            push(&mut kept, number, number % 25 == 0);
        }
        let (missed, taken) = take(&kept, &mut cursor);
        assert_eq!((missed, taken), (70, (100..110).collect()));
    }

    #[test]
    fn a_group_without_end_stays_within_its_bounds_and_new_viewers_wait_for_a_key_picture() {
        let limits = Limits { pictures: 50, bytes: 1_000_000 };
        let mut kept = pictures(limits, 1_000, 10_000);
        assert_eq!(kept.len(), 50);
        let mut cursor = Cursor::default();
        assert_eq!(take(&kept, &mut cursor), (0, vec![]));
        push(&mut kept, 1_000, true);
        assert_eq!(take(&kept, &mut cursor).1.len(), 1);
        let small = pictures(Limits { pictures: 1_000, bytes: 2_000 }, 1_000, 10_000);
        assert!(small.bytes() <= 2_000);
    }

    #[test]
    fn who_cannot_begin_within_a_long_group_learns_in_how_long_the_next_one_is_due() {
        let limits = Limits { pictures: 50, bytes: 1_000_000 };
        let waits = |kept: &Pictures| kept.take(&mut Cursor::default(), 10, &mut Vec::new()).waits;
        let mut kept = pictures(limits, 160, 10_000);
        assert_eq!(waits(&kept), None, "how long groups are is not known yet");
        for number in 160..300 {
            push(&mut kept, number, number == 200);
        }
        assert_eq!(waits(&kept), Some((400 - 299) * 3_600));
        let mut late = pictures(limits, 1, 1);
        for number in 1..300 {
            push(&mut late, number, number == 100);
        }
        assert_eq!(waits(&late), None, "it was due before");
        push(&mut kept, 300, true);
        assert_eq!(waits(&kept), None, "and it is there");
    }

    #[test]
    fn descriptions_count_among_the_kept_bytes() {
        let mut kept = Pictures::new(Limits { pictures: 1_000, bytes: 10_000 });
        let described = |number, init: &[u8]| {
            let init = Bytes::copy_from_slice(init);
            Arc::new(Stream { number, description: Description { codec: String::new(), width: 1, height: 1, init } })
        };
        let picture = |number, stream| {
            let message = Bytes::from_static(&[0; 10]);
            Picture { message, key: true, leading: false, decode_time: number, left_out: 0, stream }
        };
        for number in 0..100 {
            kept.push(picture(number, described(number, &[0; 3_000])));
            assert!(kept.bytes() <= 10_000);
        }
        assert_eq!((kept.len(), kept.bytes()), (3, 9_030));
        let steady = described(100, &[0; 3_000]);
        for number in 100..150 {
            kept.push(picture(number, Arc::clone(&steady)));
        }
        assert_eq!((kept.len(), kept.bytes()), (52, 2 * 3_010 + 3_000 + 500), "one that goes on counts once");
    }

    #[test]
    fn who_begins_at_an_entry_point_is_not_given_the_pictures_that_lead_it() {
        let mut kept = pictures(WIDE, 30, 10);
        let (first, place) = (kept.first(), 21);
        for picture in kept.kept.iter_mut().skip(place - usize::try_from(first).unwrap()).take(2) {
            picture.leading = true;
        }
        let mut begins = Cursor::default();
        let mut goes_on = Cursor { next: Some(18), begins: false };
        assert_eq!(take(&kept, &mut begins), (0, vec![20]));
        let mut out = Vec::new();
        assert!(kept.take(&mut begins, 3, &mut out).more);
        assert_eq!(out.iter().map(|picture| picture.message[0]).collect::<Vec<_>>(), [23, 24, 25]);
        begins.give_back(2);
        assert_eq!(take(&kept, &mut begins), (0, (24..30).collect()));
        assert_eq!(take(&kept, &mut goes_on), (0, (18..30).collect()));
    }

    #[test]
    fn after_a_clear_nobody_is_given_a_picture_that_needs_an_older_one() {
        let mut kept = pictures(WIDE, 30, 25);
        let mut cursor = Cursor::default();
        take(&kept, &mut cursor);
        kept.clear();
        assert_eq!(take(&kept, &mut cursor), (0, vec![]));
        push(&mut kept, 31, true);
        assert_eq!(take(&kept, &mut cursor), (0, vec![31]));
    }
}
