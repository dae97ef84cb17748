//! Datagrams of a camera that refuses TCP: two ports of ours, and packets from its address alone.

use std::io::{Error, ErrorKind, Result};
use std::net::{IpAddr, SocketAddr};

use tokio::net::UdpSocket;

/// Pictures come in bursts of packets; less than this overflows while others have their turn.
const RECEIVE_BUFFER_BYTES: usize = 1024 * 1024;
const ATTEMPTS: usize = 32;
/// No datagram is longer.
pub const DATAGRAM_BYTES_MAX: usize = 65_536;

pub struct Datagrams {
    rtp: UdpSocket,
    rtcp: UdpSocket,
    camera: IpAddr,
}

impl Datagrams {
    /// Binds an even port and the next one (RFC 3550, 11) where the connection to the camera has its end.
    pub async fn bind(local: IpAddr, camera: IpAddr) -> Result<Self> {
        let mut failure = Error::from(ErrorKind::AddrInUse);
        for _ in 0..ATTEMPTS {
            let rtp = UdpSocket::bind((local, 0)).await?;
            let port = rtp.local_addr()?.port();
            if port % 2 == 1 {
                continue;
            }
            match UdpSocket::bind((local, port + 1)).await {
                Ok(rtcp) => {
                    let _ = socket2::SockRef::from(&rtp).set_recv_buffer_size(RECEIVE_BUFFER_BYTES);
                    return Ok(Self { rtp, rtcp, camera });
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    pub fn ports(&self) -> Result<(u16, u16)> {
        Ok((self.rtp.local_addr()?.port(), self.rtcp.local_addr()?.port()))
    }

    /// Opens the way through what stands between: a packet of each kind to the camera's ports.
    pub async fn open_way(&self, (rtp, rtcp): (u16, u16)) {
        let header = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let empty_report = [0x80, 201, 0, 1, 0, 0, 0, 0];
        let _ = self.rtp.send_to(&header, SocketAddr::from((self.camera, rtp))).await;
        let _ = self.rtcp.send_to(&empty_report, SocketAddr::from((self.camera, rtcp))).await;
    }

    /// Waits for the next datagram of the camera: whether it came where RTP comes, and its size. May be dropped.
    pub async fn receive(&self, rtp: &mut [u8], rtcp: &mut [u8]) -> Result<(bool, usize)> {
        loop {
            let (is_rtp, received) = tokio::select! {
                received = self.rtp.recv_from(rtp) => (true, received),
                received = self.rtcp.recv_from(rtcp) => (false, received),
            };
            match received {
                Ok((size, from)) if from.ip().to_canonical() == self.camera.to_canonical() => {
                    return Ok((is_rtp, size));
                }
                // Another sender; or an earlier datagram of ours was refused.
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) => return Err(error),
            }
        }
    }
}
