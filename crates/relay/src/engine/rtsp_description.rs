//! The video that a camera's description offers (SDP, RFC 8866), and where it is controlled.

use super::SourceFault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoCodec {
    H264,
    H265,
}

/// The video that the camera's description offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedVideo {
    pub codec: VideoCodec,
    pub payload_type: u8,
    pub clock_rate_hz: u32,
    pub format_parameters: Option<String>,
    /// `a=control` of the video.
    pub control: String,
    /// `a=control` of the whole.
    pub session_control: String,
}

impl OfferedVideo {
    /// Whether each NAL unit carries its number in decoding order (RFC 7798, 7.1).
    pub fn numbers_units(&self) -> bool {
        let parameters = self.format_parameters.as_deref().unwrap_or("").split(';');
        let above_0 = |value: &str| value.trim().parse::<u32>().is_ok_and(|number| number > 0);
        self.codec == VideoCodec::H265
            && parameters.filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
                ["sprop-max-don-diff", "sprop-depack-buf-nalus"].contains(&name.trim()) && above_0(value)
            })
    }

    /// Reads a description. What stands around the media is passed over where it cannot be read.
    pub fn read(description: &[u8]) -> Result<Self, SourceFault> {
        let parsed = sdp_types::Session::parse(description).or_else(|error| {
            let mended = media_alone(description).ok_or_else(|| error.to_string())?;
            sdp_types::Session::parse(mended.as_bytes()).map_err(|_| error.to_string())
        });
        let parsed = parsed.map_err(|error| SourceFault::Unreadable(format!("description: {error}")))?;
        offered(&parsed).ok_or(SourceFault::NoVideo)
    }
}

#[cfg(test)]
impl OfferedVideo {
    /// An offer with an empty track name.
    pub fn for_tests() -> Self {
        Self {
            codec: VideoCodec::H264,
            payload_type: 96,
            clock_rate_hz: 90_000,
            format_parameters: None,
            control: String::new(),
            session_control: String::new(),
        }
    }
}

/// The lines of media and attributes behind a head that can be read; None where there is no media.
fn media_alone(description: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(description);
    let head = ["v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0"];
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("m=") || line.starts_with("a="));
    let kept: Vec<_> = head.into_iter().chain(lines).collect();
    kept.iter().any(|line| line.starts_with("m=")).then(|| kept.join("\r\n") + "\r\n")
}

fn offered(description: &sdp_types::Session) -> Option<OfferedVideo> {
    let session_control = description
        .attributes
        .iter()
        .find(|attribute| attribute.attribute == "control")
        .and_then(|attribute| attribute.value.clone())
        .unwrap_or_default();
    description.medias.iter().filter(|media| media.media == "video").find_map(|media| {
        let attribute = |name: &'static str| {
            media.attributes.iter().filter(move |a| a.attribute == name).filter_map(|a| a.value.as_deref())
        };
        let (payload_type, codec, clock_rate_hz) = attribute("rtpmap").find_map(|map| {
            let (payload_type, encoding) = map.trim().split_once(' ')?;
            let mut parts = encoding.trim().split('/');
            let codec = match parts.next()?.trim().to_ascii_lowercase().as_str() {
                "h264" => VideoCodec::H264,
                "h265" | "hevc" => VideoCodec::H265,
                _ => return None,
            };
            Some((payload_type.parse::<u8>().ok()?, codec, parts.next()?.trim().parse::<u32>().ok()?))
        })?;
        let format_parameters = attribute("fmtp").find_map(|line| {
            let (of, parameters) = line.trim().split_once(' ')?;
            (of.parse() == Ok(payload_type)).then(|| parameters.trim().to_owned())
        });
        let control = attribute("control").next().unwrap_or("").trim().to_owned();
        let session_control = session_control.trim().to_owned();
        Some(OfferedVideo { codec, payload_type, clock_rate_hz, format_parameters, control, session_control })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_the_media_is_passed_over_where_it_cannot_be_read() {
        let odd = b"v=0\no=camera\ns=\nx-vendor: 7\nt=\na=control:rtsp://h/s\nm=video 0 RTP/AVP 96\nb=nonsense\n\
            a=rtpmap:96 H264/90000\na=control:t\n";
        let video = OfferedVideo::read(odd).unwrap();
        assert_eq!((video.session_control.as_str(), video.control.as_str()), ("rtsp://h/s", "t"));
        assert_eq!(OfferedVideo::read(b"not a description").unwrap_err().cause().code(), "unreadable");
        let audio = b"v=0\r\no=- 0 0 IN IP4 1\r\ns=x\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n";
        assert_eq!(OfferedVideo::read(audio), Err(SourceFault::NoVideo));
    }

    #[test]
    fn units_carry_numbers_where_the_description_says_so() {
        let of = |parameters: &str| OfferedVideo {
            codec: VideoCodec::H265,
            format_parameters: Some(parameters.to_owned()),
            ..OfferedVideo::for_tests()
        };
        assert!(of("sprop-vps=x; sprop-max-don-diff=2").numbers_units());
        assert!(!of("sprop-vps=x;sprop-max-don-diff=0").numbers_units() && !of("").numbers_units());
    }
}
