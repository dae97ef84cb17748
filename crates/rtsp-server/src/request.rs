//! What a client asks, read from RTSP messages without touching the network.
use std::net::{IpAddr, SocketAddr};

use rtsp_types::{
    Request,
    headers::{RtpLowerTransport, RtpProfile, RtpTransport, Transport, Transports},
};

use crate::sdp::TRACK;

/// How a client takes its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// In the RTSP connection, on these channels.
    Interleaved { rtp: u8, rtcp: u8 },
    /// In datagrams, to these ports of the client.
    Datagrams { rtp: SocketAddr, rtcp: SocketAddr },
}

/// The path that a request names: without slashes at its ends and without the track.
pub(crate) fn path_name(request: &Request<Vec<u8>>) -> Option<String> {
    let uri = request.request_uri()?;
    let path = uri.path().trim_matches('/');
    let path = path.strip_suffix(TRACK).map_or(path, |path| path.trim_end_matches('/'));
    Some(path.to_owned())
}

/// The first of the offered transports that we serve, in the client's order of preference.
pub(crate) fn delivery(request: &Request<Vec<u8>>, client: IpAddr) -> Option<Delivery> {
    let offered = request.typed_header::<Transports>().ok()??;
    offered.iter().find_map(|transport| match transport {
        Transport::Rtp(rtp) => rtp_delivery(rtp, client),
        Transport::Other(_) => None,
    })
}

fn rtp_delivery(offer: &RtpTransport, client: IpAddr) -> Option<Delivery> {
    if !matches!(offer.profile, RtpProfile::Avp) || offer.params.multicast {
        return None;
    }
    match offer.lower_transport {
        Some(RtpLowerTransport::Tcp) => {
            let (rtp, rtcp) = offer.params.interleaved.unwrap_or((0, Some(1)));
            Some(Delivery::Interleaved { rtp, rtcp: rtcp.unwrap_or(rtp.wrapping_add(1)) })
        }
        Some(RtpLowerTransport::Udp) | None => {
            // Datagrams go only to the host that asks: a camera is no amplifier.
            let (rtp, rtcp) = offer.params.client_port?;
            let rtcp = rtcp.or_else(|| rtp.checked_add(1))?;
            Some(Delivery::Datagrams { rtp: (client, rtp).into(), rtcp: (client, rtcp).into() })
        }
        Some(RtpLowerTransport::Other(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtsp_types::Message;

    fn setup(uri: &str, transport: &str) -> Request<Vec<u8>> {
        let text = format!("SETUP {uri} RTSP/1.0\r\nCSeq: 1\r\nTransport: {transport}\r\n\r\n");
        match Message::parse(text.as_bytes()).unwrap().0 {
            Message::Request(request) => request,
            _ => unreachable!(),
        }
    }

    #[test]
    fn the_path_is_found_with_and_without_track_and_slashes() {
        for uri in
            ["rtsp://h/vda-001", "rtsp://h/vda-001/", "rtsp://u:p@h:5/vda-001/track1", "rtsp://h//vda-001/track1/"]
        {
            assert_eq!(path_name(&setup(uri, "x")).unwrap(), "vda-001", "{uri}");
        }
    }

    #[test]
    fn the_first_servable_transport_is_taken() {
        let client: IpAddr = "127.0.0.1".parse().unwrap();
        let taken = |transport: &str| delivery(&setup("rtsp://h/p", transport), client);
        assert_eq!(taken("RTP/AVP/TCP;unicast;interleaved=2-3"), Some(Delivery::Interleaved { rtp: 2, rtcp: 3 }));
        assert_eq!(
            taken("RTP/AVP;multicast,RTP/AVP;unicast;client_port=5000-5001"),
            Some(Delivery::Datagrams { rtp: (client, 5000).into(), rtcp: (client, 5001).into() })
        );
        assert_eq!(taken("RTP/SAVP/TCP;unicast;interleaved=0-1"), None);
        assert_eq!(taken("RTP/AVP;unicast"), None);
        assert_eq!(taken("nonsense"), None);
    }
}
