//! WebSocket frames (RFC 6455): ours, unmasked and whole; the client's, read as little as can be.

use base64::Engine as _;
use bytes::{BufMut, Bytes, BytesMut};
use sha1::{Digest as _, Sha1};

/// RFC 6455, 1.3.
const ACCEPT_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// A client has nothing to say: this many bytes of messages in all, then it is told to go.
const CLIENT_MESSAGE_BYTES_MAX: u64 = 64 * 1024;

pub fn put_binary_header(out: &mut BytesMut, size: usize) {
    put_header(out, 0x2, size);
}

fn put_header(out: &mut BytesMut, opcode: u8, size: usize) {
    out.put_u8(0x80 | opcode);
    match size {
        0..=125 => out.put_u8(u8::try_from(size).unwrap_or(125)),
        126..=0xffff => {
            out.put_u8(126);
            out.put_u16(u16::try_from(size).unwrap_or(u16::MAX));
        }
        _ => {
            out.put_u8(127);
            out.put_u64(size as u64);
        }
    }
}

fn whole(opcode: u8, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + 10);
    put_header(&mut out, opcode, payload.len());
    out.put_slice(payload);
    out.freeze()
}

pub fn text(text: &str) -> Bytes {
    whole(0x1, text.as_bytes())
}

pub fn binary(payload: &[u8]) -> Bytes {
    whole(0x2, payload)
}

pub fn pong(payload: &[u8]) -> Bytes {
    whole(0xa, &payload[..payload.len().min(125)])
}

/// A close frame; `reason` is cut to what a control frame may carry.
pub fn close(code: u16, reason: &str) -> Bytes {
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(&reason.as_bytes()[..end]);
    whole(0x8, &payload)
}

/// What the server's answer proves of a handshake's key.
pub fn accept_of(key: &[u8]) -> String {
    let digest = Sha1::new().chain_update(key).chain_update(ACCEPT_SUFFIX).finalize();
    base64::engine::general_purpose::STANDARD.encode(digest)
}

/// What a client said that must be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Ping(Bytes),
    /// Needs no answer, but counts: a client can flood with it too.
    Pong,
    Close,
    /// It broke the protocol or talks too much.
    Violation,
}

/// Reads a client's frames, keeping at most one control frame's payload.
#[derive(Debug, Default)]
pub struct ClientFrames {
    head: BytesMut,
    /// Bytes of a message's payload still to be thrown away.
    to_skip: u64,
    message_bytes: u64,
}

impl ClientFrames {
    /// Takes bytes in; what must be answered is appended to `said`.
    pub fn read(&mut self, mut bytes: &[u8], said: &mut Vec<Said>) {
        while !bytes.is_empty() {
            if self.to_skip > 0 {
                let skipped = usize::try_from(self.to_skip).unwrap_or(usize::MAX).min(bytes.len());
                bytes = &bytes[skipped..];
                self.to_skip -= skipped as u64;
                continue;
            }
            self.head.put_u8(bytes[0]);
            bytes = &bytes[1..];
            match self.frame() {
                Ok(None) => {}
                Ok(Some(answer)) => said.push(answer),
                Err(()) => {
                    said.push(Said::Violation);
                    return;
                }
            }
        }
    }

    fn frame(&mut self) -> Result<Option<Said>, ()> {
        let [first, second] = match self.head.first_chunk::<2>() {
            Some(start) => *start,
            None => return Ok(None),
        };
        if second & 0x80 == 0 || first & 0x70 != 0 {
            return Err(()); // unmasked, or an extension never agreed on
        }
        let opcode = first & 0x0f;
        let (size, head) = match second & 0x7f {
            126 if self.head.len() < 4 => return Ok(None),
            126 => (u64::from(u16::from_be_bytes([self.head[2], self.head[3]])), 4),
            127 if self.head.len() < 10 => return Ok(None),
            127 => (self.head[2..10].iter().fold(0, |size, &byte| size << 8 | u64::from(byte)), 10),
            short => (u64::from(short), 2),
        };
        if opcode < 0x8 {
            self.message_bytes = self.message_bytes.saturating_add(size).saturating_add(2);
            if self.message_bytes > CLIENT_MESSAGE_BYTES_MAX || opcode > 2 {
                return Err(());
            }
            if self.head.len() < head + 4 {
                self.message_bytes -= size + 2;
                return Ok(None);
            }
            self.head.clear();
            self.to_skip = size;
            return Ok(None);
        }
        if size > 125 || first & 0x80 == 0 {
            return Err(());
        }
        let payload = usize::try_from(size).unwrap_or(125);
        if self.head.len() < head + 4 + payload {
            return Ok(None);
        }
        let mask = [self.head[head], self.head[head + 1], self.head[head + 2], self.head[head + 3]];
        let payload: Bytes =
            self.head[head + 4..].iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        self.head.clear();
        match opcode {
            0x8 => Ok(Some(Said::Close)),
            0x9 => Ok(Some(Said::Ping(payload))),
            0xa => Ok(Some(Said::Pong)),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = vec![first, 0x80 | u8::try_from(payload.len()).unwrap(), 1, 2, 3, 4];
        out.extend(payload.iter().zip([1, 2, 3, 4].iter().cycle()).map(|(byte, mask)| byte ^ mask));
        out
    }

    fn said(bytes: &[u8]) -> Vec<Said> {
        let mut said = Vec::new();
        let mut frames = ClientFrames::default();
        for byte in bytes {
            frames.read(&[*byte], &mut said);
        }
        said
    }

    #[test]
    fn a_ping_is_heard_with_its_payload_and_a_message_is_thrown_away() {
        let bytes = [masked(0x82, &[9; 100]), masked(0x89, b"here"), masked(0x88, &[])].concat();
        assert_eq!(said(&bytes), [Said::Ping(Bytes::from_static(b"here")), Said::Close]);
    }

    #[test]
    fn an_unmasked_frame_is_a_violation() {
        assert_eq!(said(&[0x89, 0x00]), [Said::Violation]);
    }

    #[test]
    fn a_client_that_goes_on_talking_is_a_violation() {
        let mut out = Vec::new();
        let mut frames = ClientFrames::default();
        for _ in 0..700 {
            frames.read(&masked(0x82, &[0; 100]), &mut out);
        }
        assert_eq!(out.first(), Some(&Said::Violation));
        let mut huge = vec![0x82, 0xff];
        huge.extend(u64::MAX.to_be_bytes());
        assert_eq!(said(&huge).first(), Some(&Said::Violation));
    }

    #[test]
    fn a_pong_is_heard_although_it_needs_no_answer() {
        assert_eq!(said(&[masked(0x8a, b""), masked(0x8a, b"so")].concat()), [Said::Pong, Said::Pong]);
    }

    #[test]
    fn lengths_are_written_in_their_three_forms() {
        assert_eq!(&binary(&[0; 125])[..2], [0x82, 125]);
        assert_eq!(&binary(&[0; 126])[..4], [0x82, 126, 0, 126]);
        assert_eq!(&binary(&vec![0; 0x10000])[..10], [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_close_reason_is_cut_to_123_bytes() {
        let frame = close(4403, &"é".repeat(100));
        assert_eq!(frame.len(), 2 + 2 + 122);
        assert!(std::str::from_utf8(&frame[4..]).is_ok());
    }
}
