//! The description of a path that DESCRIBE answers.
use std::net::IpAddr;

use sdp_types::{Connection, Media, MediaType, Origin, Session, TransportProto};

use crate::{
    h264::ParameterSets,
    rtp::{CLOCK_HZ, PAYLOAD_TYPE},
};

/// The control name of the one track of a path.
pub(crate) const TRACK: &str = "track1";

/// Returns the SDP of a path whose pictures have `parameters`.
pub(crate) fn describe(name: &str, address: IpAddr, parameters: &ParameterSets) -> Vec<u8> {
    let any = if address.is_ipv4() { "0.0.0.0" } else { "::" };
    let (nettype, addrtype) = {
        let connection = Connection::from_ip_addr(address);
        (connection.nettype, connection.addrtype)
    };
    let profile = match *parameters.sequence {
        [_, profile, constraints, level, ..] => format!("{profile:02X}{constraints:02X}{level:02X}"),
        _ => String::new(),
    };
    let format = format!(
        "{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={},{}",
        base64(&parameters.sequence),
        base64(&parameters.picture),
    );
    let media = Media::builder(MediaType::Video, 0, TransportProto::RtpAvp, PAYLOAD_TYPE)
        .attribute_with_value("rtpmap", format!("{PAYLOAD_TYPE} H264/{CLOCK_HZ}"))
        .attribute_with_value("fmtp", format)
        .attribute_with_value("control", TRACK)
        .build();
    let session = Session::builder(Origin::with_ip_addr("0", 1, address), name)
        .connection(Connection::new(nettype, addrtype, any))
        .attribute_with_value("control", "*")
        .attribute_with_value("range", "npt=now-")
        .media(media)
        .build();
    let mut text = Vec::new();
    // Writing to a Vec fails only where memory does.
    let _ = session.write(&mut text);
    text
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().enumerate().fold(0_u32, |word, (i, byte)| word | (u32::from(*byte) << (16 - 8 * i)));
        for i in 0..4 {
            let symbol = ALPHABET[(word >> (18 - 6 * i)) as usize & 63];
            text.push(if i <= group.len() { char::from(symbol) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn base64_pads_as_the_rfc_says() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, text) in cases {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }

    #[test]
    fn the_description_carries_profile_and_parameter_sets() {
        let parameters = ParameterSets {
            sequence: Bytes::from_static(&[0x67, 0x42, 0xc0, 0x1e]),
            picture: Bytes::from_static(&[0x68, 0xce]),
        };
        let text = String::from_utf8(describe("vda-001", "127.0.0.1".parse().unwrap(), &parameters)).unwrap();
        assert!(text.contains("profile-level-id=42C01E;sprop-parameter-sets=Z0LAHg==,aM4="), "{text}");
        assert!(text.contains("m=video 0 RTP/AVP 96\r\n"), "{text}");
        assert!(text.contains("a=control:track1"), "{text}");
    }
}
