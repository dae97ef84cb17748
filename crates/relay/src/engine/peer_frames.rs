//! The other end of our own WebSocket (RFC 6455): frames of a relay that is read, and what is said to it.
//!
//! A binary message is kept with its frame's head, as it came: it can be written to viewers as it stands.

use bytes::{BufMut, Bytes, BytesMut};

use super::websocket;

const TEXT_BYTES_MAX: u64 = 4 * 1024;
const CONTROL_BYTES_MAX: u64 = 125;
pub const ANSWER_BYTES_MAX: usize = 8 * 1024;

/// One whole message of the other relay.
#[derive(Debug, PartialEq, Eq)]
pub enum FromPeer {
    Text(String),
    Binary(Framed),
    Ping(Bytes),
    Pong(Bytes),
    /// Its code (1005 where it tells none, RFC 6455, 7.4.1) and reason.
    Close(u16, String),
}

/// A binary message and its frame's head before it.
#[derive(Debug, PartialEq, Eq)]
pub struct Framed {
    bytes: BytesMut,
    head: usize,
}

impl Framed {
    pub fn payload(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    pub fn payload_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.head..]
    }

    /// The message as it is written to viewers.
    pub fn whole(self) -> Bytes {
        self.bytes.freeze()
    }
}

/// Splits what comes into messages. What is announced as longer than allowed is refused unread.
#[derive(Debug)]
pub struct PeerFrames {
    binary_bytes_max: u64,
    head: BytesMut,
    begun: Option<Begun>,
}

/// A message of which the head is known.
#[derive(Debug)]
struct Begun {
    opcode: u8,
    head: usize,
    bytes: BytesMut,
    left: usize,
}

impl PeerFrames {
    pub fn new(binary_bytes_max: u64) -> Self {
        Self { binary_bytes_max, head: BytesMut::new(), begun: None }
    }

    /// Takes bytes off the front until a message is whole; says what is wrong with one that is not taken.
    pub fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<FromPeer>, String> {
        loop {
            if let Some(begun) = &mut self.begun {
                let taken = begun.left.min(bytes.len());
                let (now, later) = bytes.split_at(taken);
                begun.bytes.put_slice(now);
                begun.left -= taken;
                *bytes = later;
                if begun.left > 0 {
                    return Ok(None);
                }
            }
            if let Some(begun) = self.begun.take() {
                return read(begun).map(Some);
            }
            let Some((first, rest)) = bytes.split_first() else { return Ok(None) };
            self.head.put_u8(*first);
            *bytes = rest;
            self.begun = self.begin()?;
        }
    }

    fn begin(&mut self) -> Result<Option<Begun>, String> {
        let Some([first, second]) = self.head.first_chunk::<2>().copied() else { return Ok(None) };
        if first & 0x80 == 0 {
            return Err("a message in fragments".to_owned());
        }
        if first & 0x70 != 0 || second & 0x80 != 0 {
            return Err("a frame that is masked, or of an extension that was not agreed on".to_owned());
        }
        let head = match second {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        if self.head.len() < head {
            return Ok(None);
        }
        let size = match head {
            2 => u64::from(second),
            _ => self.head[2..head].iter().fold(0, |size, &byte| size << 8 | u64::from(byte)),
        };
        if (head == 4 && size < 126) || (head == 10 && size <= 0xffff) {
            return Err("a length that is not told in its shortest form".to_owned());
        }
        let opcode = first & 0x0f;
        let most = match opcode {
            0x1 => TEXT_BYTES_MAX,
            0x2 => self.binary_bytes_max,
            0x8..=0xa => CONTROL_BYTES_MAX,
            _ => return Err(format!("a frame of opcode {opcode}")),
        };
        if size > most {
            return Err(format!("a message of {size} bytes; {most} at most"));
        }
        let left = usize::try_from(size).map_err(|_| "a message that no memory holds".to_owned())?;
        let mut bytes = BytesMut::with_capacity(head + left);
        bytes.put_slice(&self.head);
        self.head.clear();
        Ok(Some(Begun { opcode, head, bytes, left }))
    }
}

fn read(begun: Begun) -> Result<FromPeer, String> {
    let Begun { opcode, head, mut bytes, .. } = begun;
    if opcode == 0x2 {
        return Ok(FromPeer::Binary(Framed { bytes, head }));
    }
    let payload = bytes.split_off(head).freeze();
    let text =
        |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| "a text that is no UTF-8".to_owned());
    match opcode {
        0x1 => text(&payload).map(FromPeer::Text),
        0x9 => Ok(FromPeer::Ping(payload)),
        0xa => Ok(FromPeer::Pong(payload)),
        _ => match payload.split_first_chunk::<2>() {
            Some((code, reason)) => Ok(FromPeer::Close(u16::from_be_bytes(*code), text(reason)?)),
            None => Ok(FromPeer::Close(1005, String::new())),
        },
    }
}

/// A ping or a pong of a client: masked, of 125 bytes at most.
fn control(opcode: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let payload = &payload[..payload.len().min(125)];
    let mut out = vec![0x80 | opcode, 0x80 | u8::try_from(payload.len()).unwrap_or(125)];
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

pub fn ping(payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    control(0x9, payload, mask)
}

pub fn pong(payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    control(0xa, payload, mask)
}

/// The request for a peer's pictures. It names no `Origin`: no browser is here.
pub fn request(host: &str, path: &str, key: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
}

/// Reads the head of the answer to `request`; Err with its status where it is no upgrade, None where it is no HTTP.
pub fn read_answer(head: &[u8], key: &str) -> Result<(), Option<u16>> {
    let Ok(head) = std::str::from_utf8(head) else { return Err(None) };
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse::<u16>().ok());
    let accept = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-accept"))
        .map(|(_, value)| value.trim());
    match (status, accept) {
        (Some(101), Some(accept)) if accept == websocket::accept_of(key.as_bytes()) => Ok(()),
        (Some(101) | None, _) => Err(None),
        (status, _) => Err(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: &[u8], parts: usize) -> Result<Vec<FromPeer>, String> {
        let (mut frames, mut out) = (PeerFrames::new(100_000), Vec::new());
        for mut part in bytes.chunks(parts) {
            while let Some(message) = frames.take(&mut part)? {
                out.push(message);
            }
            assert!(part.is_empty());
        }
        Ok(out)
    }

    #[test]
    fn what_our_own_relay_writes_is_read_however_it_is_cut() {
        let sound = [
            websocket::text("{}"),
            websocket::binary(&[7; 125]),
            websocket::binary(&vec![8; 70_000]),
            websocket::pong(b"there"),
            websocket::close(4403, "why"),
        ];
        for parts in [1, 3, 126, 200_000] {
            let read = taken(&sound.concat(), parts).unwrap();
            let [FromPeer::Text(text), FromPeer::Binary(short), FromPeer::Binary(long), pong, close] = &read[..] else {
                panic!("{read:?}")
            };
            assert_eq!((text.as_str(), short.payload(), long.payload().len()), ("{}", &[7; 125][..], 70_000));
            assert_eq!(long.bytes, sound[2], "the same bytes");
            assert_eq!(*pong, FromPeer::Pong(Bytes::from_static(b"there")));
            assert_eq!(*close, FromPeer::Close(4403, "why".to_owned()));
        }
        assert_eq!(taken(&[0x88, 0], 9), Ok(vec![FromPeer::Close(1005, String::new())]));
    }

    #[test]
    fn frames_that_our_relay_never_writes_are_refused_by_their_head() {
        let long = |first: u8, size: u64| [&[first, 127][..], &size.to_be_bytes()].concat();
        for (bytes, why) in [
            (vec![0x02, 1, 0], "fragments"),
            (vec![0x80, 1, 0], "opcode 0"),
            (vec![0xc2, 1, 0], "extension"),
            (vec![0x82, 0x81, 0, 0, 0, 0, 0], "masked"),
            (vec![0x82, 126, 0, 125], "shortest form"),
            (long(0x82, 65_535), "shortest form"),
            (long(0x82, 50_000_000), "a message of 50000000 bytes; 100000 at most"),
            (long(0x82, u64::MAX), "at most"),
            (vec![0x81, 126, 0x10, 1], "4096 at most"),
            (vec![0x89, 126, 0, 126], "125 at most"),
            (vec![0x81, 1, 0xff], "UTF-8"),
        ] {
            let refused = taken(&bytes, 1).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn what_is_said_to_the_other_relay_is_what_its_server_reads() {
        let mut said = Vec::new();
        let bytes = [ping(b"12345678", [1, 2, 3, 4]), pong(b"", [9; 4])].concat();
        websocket::ClientFrames::default().read(&bytes, &mut said);
        assert_eq!(said, [websocket::Said::Ping(Bytes::from_static(b"12345678")), websocket::Said::Pong]);
    }

    #[test]
    fn an_answer_is_an_upgrade_only_with_the_right_key() {
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let head = |status: &str, accept: &str| {
            format!("HTTP/1.1 {status}\r\nConnection: Upgrade\r\nsec-websocket-ACCEPT: {accept}\r\n\r\n").into_bytes()
        };
        assert_eq!(read_answer(&head("101 Switching Protocols", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), key), Ok(()));
        assert_eq!(read_answer(&head("101 Switching Protocols", "another"), key), Err(None));
        assert_eq!(read_answer(&head("403 Forbidden", ""), key), Err(Some(403)));
        assert_eq!(read_answer(b"SSH-2.0-x\r\n\r\n", key), Err(None));
        assert!(request("h:1", "/peer-media/t", key).ends_with("\r\n\r\n"));
    }
}
