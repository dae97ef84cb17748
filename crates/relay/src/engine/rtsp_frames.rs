//! Splits the bytes of an RTSP connection into interleaved packets and messages, with a cap on each.
//!
//! Owns nothing but the unread bytes, never more than `MESSAGE_BYTES_MAX` and one read. Knows no session.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};

use super::SourceFault;
use super::oddities::{Oddities, Oddity};

/// The most that a head (status line and headers) may take.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// The most that a message, head and body, may take; an interleaved packet cannot pass 64 KiB by its format.
pub const MESSAGE_BYTES_MAX: usize = 128 * 1024;

/// One thing read from the connection.
#[derive(Debug)]
pub enum Frame {
    /// `position` is where the frame began, in bytes from the start of the connection.
    Interleaved {
        channel: u8,
        packet: Bytes,
        position: u64,
    },
    Message(rtsp_types::Message<Vec<u8>>),
}

/// The most that is passed over, while a camera plays, to find its next packet or message.
const STRAY_BYTES_MAX: usize = 256 * 1024;

/// The unread bytes of one RTSP connection.
#[derive(Debug, Default)]
pub struct Splitter {
    unread: BytesMut,
    /// How far the unread bytes were already searched for the end of a head.
    searched: usize,
    /// How many bytes were taken out.
    taken: u64,
    /// A frame was read: from then on stray bytes are passed over.
    began: bool,
    /// Bytes passed over since the newest frame.
    stray: usize,
    oddities: Arc<Oddities>,
}

impl Splitter {
    pub fn new(oddities: Arc<Oddities>) -> Self {
        Self { oddities, ..Self::default() }
    }

    /// The buffer into which the connection reads; room for one read is kept.
    pub fn buffer(&mut self) -> &mut BytesMut {
        self.unread.reserve(32 * 1024);
        &mut self.unread
    }

    /// Takes the next whole frame out, or None until more bytes come.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, SourceFault> {
        loop {
            while self.unread.starts_with(b"\r\n") {
                self.pass_over(2);
            }
            let found = match self.unread.first() {
                None => return Ok(None),
                Some(b'$') => Ok(self.interleaved()),
                Some(_) => self.message(),
            };
            match found {
                Ok(None) => return Ok(None),
                Ok(Some(frame)) => {
                    (self.began, self.stray) = (true, 0);
                    return Ok(Some(frame));
                }
                Err(SourceFault::Unreadable(_)) if self.began && self.stray < STRAY_BYTES_MAX => {
                    if !self.find_frame() {
                        return Ok(None);
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    fn pass_over(&mut self, count: usize) {
        self.unread.advance(count);
        self.taken += count as u64;
        self.searched = 0;
    }

    /// Passes over what is no frame; false where none begins in what was read.
    fn find_frame(&mut self) -> bool {
        if self.stray == 0 {
            self.oddities.count(Oddity::StrayBytes);
        }
        let begins = |bytes: &[u8]| match bytes {
            // A packet of a low channel whose payload says that it is RTP or RTCP.
            [b'$', 0..=15, _, _, version, ..] => version >> 6 == 2,
            [b'$', ..] | [] => bytes.len() < 5,
            _ => b"RTSP/1.".starts_with(&bytes[..bytes.len().min(7)]),
        };
        let from = (1..self.unread.len()).find(|&at| begins(&self.unread[at..]));
        let passed = from.unwrap_or(self.unread.len());
        self.stray += passed;
        self.pass_over(passed);
        from.is_some()
    }

    fn interleaved(&mut self) -> Option<Frame> {
        let &[_, channel, high, low] = self.unread.first_chunk::<4>()?;
        let size = usize::from(u16::from_be_bytes([high, low]));
        if self.unread.len() < 4 + size {
            return None;
        }
        self.unread.advance(4);
        let packet = self.unread.split_to(size).freeze();
        let position = self.taken;
        self.taken += 4 + size as u64;
        Some(Frame::Interleaved { channel, packet, position })
    }

    fn message(&mut self) -> Result<Option<Frame>, SourceFault> {
        let from = self.searched.saturating_sub(3).min(self.unread.len());
        let end = end_of_head(&self.unread[from..]).map(|end| from + end);
        let head = end.unwrap_or(self.unread.len());
        if !plausible(&self.unread[..head]) {
            return Err(SourceFault::Unreadable("neither a message nor a packet".to_owned()));
        }
        if head > HEAD_BYTES_MAX {
            return Err(too_long(head, HEAD_BYTES_MAX));
        }
        let Some(end) = end else {
            self.searched = self.unread.len();
            return Ok(None);
        };
        let body = content_length(&self.unread[..end])?;
        let size = end.saturating_add(body);
        if size > MESSAGE_BYTES_MAX {
            return Err(too_long(size, MESSAGE_BYTES_MAX));
        }
        if self.unread.len() < size {
            return Ok(None);
        }
        let parsed = rtsp_types::Message::<Vec<u8>>::parse(&self.unread[..size]).map(|(message, _)| message);
        let message = match parsed {
            Ok(message) => message,
            Err(_) => self.mended(end, size)?,
        };
        self.pass_over(size);
        Ok(Some(Frame::Message(message)))
    }

    /// Reads a message as it was meant: without a reason phrase, with lines that are no headers, or ends of lines by
    /// halves.
    fn mended(&self, end: usize, size: usize) -> Result<rtsp_types::Message<Vec<u8>>, SourceFault> {
        let head = String::from_utf8_lossy(&self.unread[..end]);
        let mut lines = head.lines().map(str::trim_end);
        let mut first = lines.next().unwrap_or("").to_owned();
        if first.starts_with("RTSP/") && first.split_whitespace().count() == 2 {
            first.push_str(" OK");
        }
        let mut mended = first.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in lines {
            let Some((name, value)) = line.split_once(':') else { continue };
            let name = name.trim();
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if !name.is_empty() && name.bytes().all(is_name) {
                let value: String = value.trim().chars().filter(|character| !character.is_control()).collect();
                let _ = write!(mended, "\r\n{name}: {value}");
            }
        }
        let mut bytes = mended.into_bytes();
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes.extend_from_slice(&self.unread[end..size]);
        match rtsp_types::Message::<Vec<u8>>::parse(&bytes[..]) {
            Ok((message, _)) => {
                self.oddities.count(Oddity::OddAnswer);
                Ok(message)
            }
            Err(error) => Err(SourceFault::Unreadable(format!("{error:?}"))),
        }
    }
}

/// Where the first empty line ends.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).find_map(|at| match &bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

fn too_long(size: usize, limit: usize) -> SourceFault {
    SourceFault::MessageTooLong { size: size as u64, limit: limit as u64 }
}

/// A message starts with printable ASCII, and with a version or a method; anything else will never become one.
fn plausible(start: &[u8]) -> bool {
    let printable = |&byte: &u8| byte == b'\r' || byte == b'\n' || byte == b'\t' || (32..127).contains(&byte);
    let word = start.split(|&byte| byte == b' ').next().unwrap_or(&[]);
    let method = |&byte: &u8| byte.is_ascii_uppercase() || byte == b'_';
    let begins = b"RTSP/".starts_with(&word[..word.len().min(5)]) || word.iter().take(64).all(method);
    begins && start.iter().take(64).all(printable)
}

fn content_length(head: &[u8]) -> Result<usize, SourceFault> {
    let head = String::from_utf8_lossy(head);
    let mut found = None;
    for line in head.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if !name.trim().eq_ignore_ascii_case("content-length") {
            continue;
        }
        let length = value.trim().parse::<u64>().map_err(|_| SourceFault::Unreadable("Content-Length".to_owned()))?;
        if length > MESSAGE_BYTES_MAX as u64 {
            return Err(SourceFault::MessageTooLong { size: length, limit: MESSAGE_BYTES_MAX as u64 });
        }
        found = Some(usize::try_from(length).unwrap_or(MESSAGE_BYTES_MAX));
    }
    Ok(found.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splitter(bytes: &[u8]) -> Splitter {
        let mut splitter = Splitter::default();
        splitter.buffer().extend_from_slice(bytes);
        splitter
    }

    #[test]
    fn a_packet_and_a_message_are_told_apart() {
        let mut splitter =
            splitter(b"$\x00\x00\x02hiRTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 2\r\n\r\nok$\x01\0\0");
        assert!(
            matches!(splitter.next_frame(), Ok(Some(Frame::Interleaved { channel: 0, packet, position: 0 })) if &packet[..] == b"hi")
        );
        let Ok(Some(Frame::Message(rtsp_types::Message::Response(response)))) = splitter.next_frame() else { panic!() };
        assert_eq!(response.body(), b"ok");
        let next = splitter.next_frame();
        assert!(matches!(next, Ok(Some(Frame::Interleaved { channel: 1, position: 55, .. }))), "{next:?}");
        assert!(matches!(splitter.next_frame(), Ok(None)));
    }

    #[test]
    fn every_cut_of_the_bytes_gives_the_same_frames() {
        let bytes = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 2\r\n\r\nok$\x01\x00\x01x";
        for cut in 0..bytes.len() {
            let mut splitter = splitter(&bytes[..cut]);
            let mut frames = 0;
            while let Ok(Some(_)) = splitter.next_frame() {
                frames += 1;
            }
            splitter.buffer().extend_from_slice(&bytes[cut..]);
            while let Ok(Some(_)) = splitter.next_frame() {
                frames += 1;
            }
            assert_eq!(frames, 2, "cut at {cut}");
        }
    }

    #[test]
    fn a_message_that_never_ends_is_refused_at_the_cap() {
        let mut endless = splitter(b"RTSP/1.0 200 OK\r\n");
        let mut fed = 0;
        let fault = loop {
            endless.buffer().extend_from_slice(&[b'a'; 1000]);
            fed += 1000;
            match endless.next_frame() {
                Ok(None) => assert!(fed <= HEAD_BYTES_MAX),
                Ok(Some(_)) => panic!(),
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault.cause().code(), "message-too-long");
    }

    #[test]
    fn a_body_of_400_megabytes_is_refused_by_its_announcement() {
        let mut huge = splitter(b"RTSP/1.0 200 OK\r\nContent-Length: 400000000\r\n\r\n");
        assert_eq!(huge.next_frame().unwrap_err().cause().code(), "message-too-long");
    }

    #[test]
    fn an_answer_is_read_without_a_reason_phrase_and_with_lines_that_are_no_headers() {
        for answer in [
            "RTSP/1.0 200\r\nCSeq: 3\r\nContent-Length: 2\r\n\r\nok",
            "RTSP/1.0 200 \r\nCSeq: 3\r\nContent-Length: 2\r\n\r\nok",
            "RTSP/1.0  200 OK\r\nCSeq : 3\r\nno header\r\n: x\r\nContent-Length: 2\r\n\r\nok",
            "RTSP/1.0 200 OK\nCSeq: 3\nContent-Length: 2\n\nok",
        ] {
            let mut splitter = splitter(answer.as_bytes());
            let Ok(Some(Frame::Message(rtsp_types::Message::Response(response)))) = splitter.next_frame() else {
                panic!("{answer:?}")
            };
            assert_eq!((u16::from(response.status()), &response.body()[..]), (200, &b"ok"[..]), "{answer:?}");
            assert_eq!(response.header(&rtsp_types::headers::CSEQ).unwrap().as_str(), "3", "{answer:?}");
        }
    }

    #[test]
    fn stray_bytes_between_packets_are_passed_over_and_without_end_refused() {
        let packet = b"$\x00\x00\x02\x80!";
        let mut split = splitter(&[&packet[..], b"\x00\xffstray$bytes", &packet[..], b"more", &packet[..]].concat());
        for position in [0, 19, 29] {
            let frame = split.next_frame().unwrap().unwrap();
            assert!(
                matches!(&frame, Frame::Interleaved { packet, position: at, .. } if packet.len() == 2 && *at == position),
                "{frame:?}"
            );
        }
        assert_eq!(split.oddities.of(Oddity::StrayBytes), 2);
        let mut endless = splitter(packet);
        let mut fed = 0;
        let fault = loop {
            match endless.next_frame() {
                Ok(_) => endless.buffer().extend_from_slice(&[0xff; 1000]),
                Err(fault) => break fault,
            }
            fed += 1000;
            assert!(fed < 2 * STRAY_BYTES_MAX);
        };
        assert_eq!(fault.cause().code(), "unreadable");
    }

    #[test]
    fn garbage_is_refused_at_once() {
        assert_eq!(splitter(b"\x00\xff\x13garbage").next_frame().unwrap_err().cause().code(), "unreadable");
    }
}
