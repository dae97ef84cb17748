//! Splits the bytes of an RTSP connection into interleaved packets and messages, with a cap on each.
//!
//! Owns nothing but the unread bytes, never more than `MESSAGE_BYTES_MAX` and one read. Knows no session.

use bytes::{Buf, Bytes, BytesMut};

use super::SourceFault;

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

/// The unread bytes of one RTSP connection.
#[derive(Debug, Default)]
pub struct Splitter {
    unread: BytesMut,
    /// How far the unread bytes were already searched for the end of a head.
    searched: usize,
    /// How many bytes were taken out.
    taken: u64,
}

impl Splitter {
    /// The buffer into which the connection reads; room for one read is kept.
    pub fn buffer(&mut self) -> &mut BytesMut {
        self.unread.reserve(32 * 1024);
        &mut self.unread
    }

    /// Takes the next whole frame out, or None until more bytes come.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, SourceFault> {
        while self.unread.starts_with(b"\r\n") {
            self.unread.advance(2);
            self.taken += 2;
        }
        match self.unread.first() {
            None => Ok(None),
            Some(b'$') => Ok(self.interleaved()),
            Some(_) => self.message(),
        }
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
        let end = self.unread[from..].windows(4).position(|window| window == b"\r\n\r\n").map(|at| from + at + 4);
        let head = end.unwrap_or(self.unread.len());
        if head > HEAD_BYTES_MAX {
            return Err(too_long(head, HEAD_BYTES_MAX));
        }
        let Some(end) = end else {
            self.searched = self.unread.len();
            if plausible(&self.unread) {
                return Ok(None);
            }
            return Err(SourceFault::Unreadable("neither a message nor a packet".to_owned()));
        };
        let body = content_length(&self.unread[..end])?;
        let size = end.saturating_add(body);
        if size > MESSAGE_BYTES_MAX {
            return Err(too_long(size, MESSAGE_BYTES_MAX));
        }
        if self.unread.len() < size {
            return Ok(None);
        }
        self.searched = 0;
        let bytes = self.unread.split_to(size);
        self.taken += size as u64;
        match rtsp_types::Message::<Vec<u8>>::parse(&bytes[..]) {
            Ok((message, _)) => Ok(Some(Frame::Message(message))),
            Err(error) => Err(SourceFault::Unreadable(format!("{error:?}"))),
        }
    }
}

fn too_long(size: usize, limit: usize) -> SourceFault {
    SourceFault::MessageTooLong { size: size as u64, limit: limit as u64 }
}

/// A message starts with printable ASCII; anything else will never become one.
fn plausible(start: &[u8]) -> bool {
    start.iter().take(64).all(|&byte| byte == b'\r' || byte == b'\n' || byte == b'\t' || (32..127).contains(&byte))
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
    fn garbage_is_refused_at_once() {
        assert_eq!(splitter(b"\x00\xff\x13garbage").next_frame().unwrap_err().cause().code(), "unreadable");
    }
}
