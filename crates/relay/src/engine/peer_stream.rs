//! One camera's stream as the relay of its owner tells it: messages in, pictures and words out, with the same bytes.
//!
//! The timeline goes on over reconnections, as a camera's does (`muxer`): what comes again is left out, and where the
//! owner's relay began a timeline anew its times are moved behind those that were given.

use std::sync::Arc;

use super::SourceCause;
use super::cmaf::TIMESCALE;
use super::cmaf_reading::{self, Told};
use super::flat_json::Members;
use super::peer_frames::Framed;
use super::pictures::{Picture, Stream};

/// Times may run ahead of their arrival by so much: what an owner keeps of a slow camera comes at once.
const AHEAD_MAX: u64 = 120 * TIMESCALE as u64;
/// What comes again comes at once: so long after the session's first picture none does any more.
const AGAIN_WITHIN_US: i64 = 2_000_000;
const WAIT_MS_MAX: i64 = 600_000;
/// No two clocks are further apart than can be told in a browser (2⁵³ µs).
const CLOCK_US_MAX: i64 = 1 << 53;

/// What one message came to.
#[derive(Debug)]
pub enum Heard {
    Nothing,
    Picture(Picture),
    /// The owner's camera is lost; the words are the owner's where the cause is not among ours.
    Lost(SourceCause, String),
    /// The owner's clock, in which it tells times of capture once `origin_offset_us` is added to them.
    Clock {
        unix_us: i64,
        origin_offset_us: i64,
    },
    /// The owner cannot give a picture before its camera's next key picture.
    FirstPictureIn {
        ms: u64,
    },
}

/// The picture that was given last.
#[derive(Debug, Clone, Copy)]
struct Last {
    decode_time: u64,
    ntp: u64,
    arrived_us: i64,
}

/// How a session's first pictures stand to those that were given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// None came yet.
    Awaited,
    /// What comes was given before; since when, and whether the newest of it is the one that was given last.
    Again {
        since_us: i64,
        reached: bool,
    },
    Past,
}

/// What goes on from one session with the owner's relay to the next.
#[derive(Debug)]
pub struct PeerStream {
    stream: Option<Arc<Stream>>,
    /// How many there were.
    streams: u64,
    /// A description whose initialisation segment is to come.
    told: Option<Told>,
    described: bool,
    begin: Begin,
    /// Added to the owner's times.
    shift: i128,
    last: Option<Last>,
    waits_for_key: bool,
    left_out: u32,
}

impl Default for PeerStream {
    fn default() -> Self {
        Self {
            stream: None,
            streams: 0,
            told: None,
            described: false,
            begin: Begin::Awaited,
            shift: 0,
            last: None,
            waits_for_key: true,
            left_out: 0,
        }
    }
}

impl PeerStream {
    /// A new connection to the owner's relay: it describes its stream again, and begins at a key picture.
    pub fn begin_session(&mut self) {
        self.told = None;
        self.described = false;
        self.begin = Begin::Awaited;
        self.waits_for_key = true;
    }

    /// Nothing that was given is kept any more, and nobody watches: whoever comes later may be given it again.
    pub fn forget(&mut self) {
        *self = Self { streams: self.streams, ..Self::default() };
    }

    pub fn text(&mut self, text: &str) -> Result<Heard, String> {
        let members = Members::read(text).ok_or("a text that is no object of a relay")?;
        if let Some(codec) = members.text("codec") {
            let side = |name| members.whole(name).unwrap_or(0);
            if members.whole("timescale") != Some(i64::from(TIMESCALE)) {
                return Err("a description of another timescale".to_owned());
            }
            self.told = Some(Told::new(codec, side("width"), side("height"))?);
            self.described = false;
        } else if let Some(unix_us) = members.whole("clock") {
            let origin_offset_us = members.whole("origin_offset_us").unwrap_or(0);
            if !(0..=CLOCK_US_MAX).contains(&unix_us) || origin_offset_us.saturating_abs() > CLOCK_US_MAX {
                return Err("a clock that cannot be".to_owned());
            }
            return Ok(Heard::Clock { unix_us, origin_offset_us });
        } else if let Some(gap) = members.whole("gap") {
            self.left_out = self.left_out.saturating_add(u32::try_from(gap).unwrap_or(0));
        } else if members.text("source") == Some("lost") {
            let code = members.text("cause").unwrap_or("");
            return Ok(Heard::Lost(SourceCause::told(code), cleaned(code)));
        } else if let Some(wait) = members.whole("first_picture_in_ms") {
            return Ok(Heard::FirstPictureIn { ms: u64::try_from(wait.min(WAIT_MS_MAX)).unwrap_or(0) });
        }
        // That the source is back is told by its picture; other words are of a later relay.
        Ok(Heard::Nothing)
    }

    pub fn binary(&mut self, message: Framed, arrived_us: i64) -> Result<Heard, String> {
        if message.payload().get(4..8) == Some(&b"ftyp"[..]) {
            let told = self.told.take().ok_or("an initialisation segment without a description")?;
            let description = cmaf_reading::read_description(&told, message)?;
            self.described = true;
            if self.stream.as_ref().is_none_or(|stream| stream.description.init != description.init) {
                self.streams += 1;
                self.stream = Some(Arc::new(Stream { number: self.streams, description }));
            }
            return Ok(Heard::Nothing);
        }
        self.picture(message, arrived_us)
    }

    fn picture(&mut self, mut message: Framed, arrived_us: i64) -> Result<Heard, String> {
        let read = cmaf_reading::read_chunk(message.payload())?;
        let stream = match &self.stream {
            Some(stream) if self.described => Arc::clone(stream),
            _ => return Err("a picture before its description".to_owned()),
        };
        if self.begin == Begin::Awaited && !read.key {
            return Err("pictures that do not begin with a key picture".to_owned());
        }
        let Some(time) = self.place(&read, arrived_us)? else { return Ok(Heard::Nothing) };
        if self.waits_for_key && !read.key {
            self.left_out = self.left_out.saturating_add(1);
            return Ok(Heard::Nothing);
        }
        self.waits_for_key = false;
        self.last = Some(Last { decode_time: time, ntp: read.ntp, arrived_us });
        if time != read.decode_time {
            cmaf_reading::set_decode_time(&mut message, time);
        }
        Ok(Heard::Picture(Picture {
            message: message.whole(),
            key: read.key,
            leading: read.leading,
            decode_time: time,
            left_out: std::mem::take(&mut self.left_out),
            stream,
        }))
    }

    /// Where the picture stands in the timeline that is given on; None where it was given before.
    fn place(&mut self, read: &cmaf_reading::ReadChunk, arrived_us: i64) -> Result<Option<u64>, String> {
        let Some(last) = self.last else {
            self.begin = Begin::Past;
            return Ok(Some(self.shifted(read.decode_time)));
        };
        let elapsed = ticks(arrived_us.saturating_sub(last.arrived_us));
        let time = self.shifted(read.decode_time);
        let again = time <= last.decode_time;
        let ahead = time.saturating_sub(last.decode_time) > elapsed.saturating_add(AHEAD_MAX);
        // A timeline that begins anew tells other times of pictures that were taken later.
        let anew = match self.begin {
            Begin::Awaited => ahead || (again && read.ntp > last.ntp),
            Begin::Again { since_us, .. } => read.key && again && arrived_us - since_us > AGAIN_WITHIN_US,
            Begin::Past => false,
        };
        if anew {
            let time = last.decode_time.saturating_add(elapsed.max(1));
            self.shift = i128::from(time) - i128::from(read.decode_time);
            self.begin = Begin::Past;
            return Ok(Some(time));
        }
        if ahead {
            return Err("times that run away".to_owned());
        }
        match (again, self.begin) {
            (true, Begin::Past) => Err("times that go back".to_owned()),
            (true, begin) => {
                let since_us = match begin {
                    Begin::Again { since_us, .. } => since_us,
                    Begin::Awaited | Begin::Past => arrived_us,
                };
                self.begin = Begin::Again { since_us, reached: time == last.decode_time };
                Ok(None)
            }
            (false, begin) => {
                // Where the last one came again, nothing is missing between it and this one.
                if matches!(begin, Begin::Again { reached: true, .. }) && self.left_out == 0 {
                    self.waits_for_key = false;
                }
                self.begin = Begin::Past;
                Ok(Some(time))
            }
        }
    }

    fn shifted(&self, decode_time: u64) -> u64 {
        u64::try_from((i128::from(decode_time) + self.shift).max(0)).unwrap_or(u64::MAX)
    }
}

fn ticks(us: i64) -> u64 {
    u64::try_from(us).unwrap_or(0).saturating_mul(u64::from(TIMESCALE)) / 1_000_000
}

/// What is shown of a code that another relay told.
fn cleaned(code: &str) -> String {
    code.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::super::capture_clock::Captured;
    use super::super::cmaf::{self, Description, Sample};
    use super::super::peer_frames::{FromPeer, PeerFrames};
    use super::*;
    use bytes::Bytes;

    const TOLD: &str =
        r#"{"codec": "avc1.42C01E", "width": 640, "height": 360, "timescale": 90000, "camera": "c", "viewing": "v"}"#;
    const STEP: u64 = 3_600;

    fn framed(message: &Bytes) -> Framed {
        let Ok(Some(FromPeer::Binary(framed))) = PeerFrames::new(1 << 20).take(&mut &message[..]) else { panic!() };
        framed
    }

    fn init(width: u32) -> Framed {
        let record = [1, 66, 0xc0, 30, 0xff, 0xe0];
        framed(&Description::new("avc1.42C01E", (width, 360), None, *b"avc1", *b"avcC", &record).init)
    }

    fn chunk(time: u64, key: bool, captured_us: i64) -> Bytes {
        let captured = Captured { unix_us: 1_800_000_000_000_000 + captured_us, by_camera: true };
        let sample = Sample {
            sequence: 1,
            decode_time: time,
            composition_offset: 0,
            duration: 3_600,
            key,
            leading: false,
            captured,
        };
        cmaf::chunk(&sample, &[0, 0, 0, 1, 7])
    }

    fn begun() -> PeerStream {
        let mut stream = PeerStream::default();
        begin(&mut stream);
        stream
    }

    fn begin(stream: &mut PeerStream) {
        stream.begin_session();
        stream.text(TOLD).unwrap();
        stream.binary(init(640), 1).unwrap();
    }

    /// Gives picture `number` of a timeline that began at `from`; a key picture every ten, 40 ms apart.
    fn give(stream: &mut PeerStream, from: u64, number: u64, us: i64) -> Result<Heard, String> {
        let captured_us = i64::try_from(number).unwrap() * 40_000;
        stream.binary(framed(&chunk(from + number * STEP, number.is_multiple_of(10), captured_us)), us)
    }

    fn given(heard: Result<Heard, String>) -> Option<Picture> {
        match heard.unwrap() {
            Heard::Picture(picture) => Some(picture),
            Heard::Nothing => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pictures_are_given_on_with_the_same_bytes() {
        let mut stream = begun();
        for number in 0..3 {
            let sent = chunk(77 + number * STEP, number == 0, 0);
            let picture = given(stream.binary(framed(&sent), 40_000)).unwrap();
            assert_eq!((picture.message, picture.key, picture.decode_time), (sent, number == 0, 77 + number * STEP));
            assert_eq!(picture.stream.description.width, 640);
        }
    }

    #[test]
    fn what_the_owner_left_out_is_told_on_with_the_picture_behind_it() {
        let mut stream = begun();
        given(give(&mut stream, 0, 0, 0)).unwrap();
        assert!(matches!(stream.text(r#"{"gap": 39}"#), Ok(Heard::Nothing)));
        assert_eq!(given(give(&mut stream, 0, 40, 20)).unwrap().left_out, 39);
        assert_eq!(given(give(&mut stream, 0, 41, 30)).unwrap().left_out, 0);
    }

    #[test]
    fn over_a_reconnection_where_pictures_are_missing_the_next_key_picture_is_waited_for() {
        let mut stream = begun();
        for number in 0..3 {
            given(give(&mut stream, 0, number, 0)).unwrap();
        }
        begin(&mut stream);
        assert!(given(give(&mut stream, 0, 0, 300_000)).is_none(), "it was given before");
        assert!(given(give(&mut stream, 0, 5, 300_000)).is_none(), "it depends on what is missing");
        assert_eq!(given(give(&mut stream, 0, 10, 300_000)).unwrap().left_out, 1);
    }

    #[test]
    fn over_a_reconnection_what_comes_again_is_left_out_and_the_timeline_goes_on() {
        let mut stream = begun();
        for number in 0..5 {
            given(give(&mut stream, 0, number, 0)).unwrap();
        }
        begin(&mut stream);
        for number in 0..5 {
            assert!(given(give(&mut stream, 0, number, 300_000)).is_none(), "{number} was given before");
        }
        assert_eq!(
            given(give(&mut stream, 0, 5, 300_000)).unwrap().decode_time,
            5 * STEP,
            "no key picture is waited for"
        );
        begin(&mut stream);
        assert_eq!(given(give(&mut stream, 0, 20, 900_000)).unwrap().decode_time, 20 * STEP, "a later group");
    }

    #[test]
    fn where_the_owner_began_a_timeline_anew_its_times_are_moved_behind_those_that_were_given() {
        let mut stream = begun();
        for number in 0..5 {
            given(give(&mut stream, 1_000_000, number, 0)).unwrap();
        }
        begin(&mut stream);
        let later = |stream: &mut PeerStream, time, key| {
            given(stream.binary(framed(&chunk(time, key, 9_000_000)), 2_000_000)).unwrap()
        };
        let first = later(&mut stream, 0, true);
        assert_eq!(first.decode_time, 1_000_000 + 4 * STEP + 180_000, "two seconds later");
        assert_eq!(cmaf_reading::read_chunk(framed(&first.message).payload()).unwrap().decode_time, first.decode_time);
        assert_eq!(later(&mut stream, STEP, false).decode_time, first.decode_time + STEP);
    }

    #[test]
    fn a_timeline_anew_of_a_clock_that_was_set_back_is_waited_for_two_seconds() {
        let mut stream = begun();
        for number in 0..5 {
            given(give(&mut stream, 1_000_000, number, 0)).unwrap();
        }
        begin(&mut stream);
        for number in 0..=60 {
            let us = 40_000 * i64::try_from(number).unwrap();
            let heard = stream.binary(framed(&chunk(number * STEP, number.is_multiple_of(10), -9_000_000)), us);
            assert_eq!(given(heard).is_some(), number == 60, "{number}: the first key picture after two seconds");
        }
    }

    #[test]
    fn times_that_go_back_or_run_away_end_the_session() {
        for (number, why) in [(4, "go back"), (5, "go back"), (100_000, "run away")] {
            let mut stream = begun();
            given(give(&mut stream, 0, 0, 0)).unwrap();
            given(give(&mut stream, 0, 5, 0)).unwrap();
            assert!(give(&mut stream, 0, number, 0).unwrap_err().contains(why));
        }
        let mut stream = begun();
        given(give(&mut stream, 0, 0, 0)).unwrap();
        assert!(given(give(&mut stream, 0, 100_000, 4_000_000_000)).is_some(), "after an hour without a picture");
    }

    #[test]
    fn what_is_no_stream_of_ours_ends_the_session_with_its_reason() {
        let chunk = || framed(&chunk(0, true, 0));
        let early = PeerStream::default().binary(chunk(), 0).unwrap_err();
        assert!(early.contains("before its description"));
        let mut stream = begun();
        assert!(give(&mut stream, 0, 1, 0).unwrap_err().contains("key picture"));
        assert!(stream.binary(init(640), 0).unwrap_err().contains("without a description"));
        stream.text(TOLD).unwrap();
        assert!(stream.binary(chunk(), 0).unwrap_err().contains("before its description"), "described anew by half");
        stream.text(TOLD).unwrap();
        assert!(stream.binary(init(320), 0).unwrap_err().contains("another stream than was told"));
        for text in ["", "[]", r#"{"codec": "avc1", "width": 1, "height": 1, "timescale": 1}"#, r#"{"codec": "a b"}"#] {
            assert!(stream.text(text).is_err(), "{text}");
        }
        assert!(stream.text(r#"{"clock": -1}"#).is_err());
        assert!(matches!(stream.text(r#"{"of a later relay": 1}"#), Ok(Heard::Nothing)));
    }

    #[test]
    fn a_description_that_changes_is_another_stream_and_one_that_is_repeated_is_not() {
        let mut stream = begun();
        let first = given(give(&mut stream, 0, 0, 0)).unwrap().stream.number;
        begin(&mut stream);
        assert_eq!(given(give(&mut stream, 0, 10, 1)).unwrap().stream.number, first);
        stream.text(&TOLD.replace("640", "320")).unwrap();
        stream.binary(init(320), 2).unwrap();
        assert_eq!(given(give(&mut stream, 0, 20, 3)).unwrap().stream.number, first + 1);
    }

    #[test]
    fn what_was_given_before_all_was_forgotten_may_be_given_again() {
        let mut stream = begun();
        let first = given(give(&mut stream, 0, 0, 0)).unwrap();
        stream.forget();
        begin(&mut stream);
        let again = given(give(&mut stream, 0, 0, 1)).unwrap();
        assert_eq!(again.message, first.message);
        assert_ne!(again.stream.number, first.stream.number);
    }

    #[test]
    fn the_owners_words_on_its_camera_are_passed_on_by_our_own_codes() {
        let mut stream = begun();
        let lost = |stream: &mut PeerStream, text: &str| match stream.text(text).unwrap() {
            Heard::Lost(cause, told) => (cause, told),
            other => panic!("{other:?}"),
        };
        let told = lost(&mut stream, r#"{"source": "lost", "cause": "no-entry-point"}"#);
        assert_eq!(told, (SourceCause::NoEntryPoint, "no-entry-point".to_owned()));
        let later = lost(&mut stream, r#"{"source": "lost", "cause": "<b>of-a-later-relay"}"#);
        assert_eq!(later, (SourceCause::NoPicture, "bof-a-later-relay".to_owned()));
        assert!(matches!(
            stream.text(r#"{"first_picture_in_ms": 99999999999}"#),
            Ok(Heard::FirstPictureIn { ms: 600_000 })
        ));
        let Ok(Heard::Clock { unix_us, origin_offset_us }) = stream.text(r#"{"clock": 5, "origin_offset_us": -3}"#)
        else {
            panic!()
        };
        assert_eq!((unix_us, origin_offset_us), (5, -3));
    }
}
