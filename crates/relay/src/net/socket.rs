//! A viewer's connection, in the clear or over TLS, used the same way: try, and wait for readiness apart.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A connection whose handshakes are done.
pub enum Socket {
    /// Lent at times to whoever brings the next picture (`feed::Lent`).
    Clear(Arc<TcpStream>),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Socket {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Clear(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    /// Writes what there is room for; `WouldBlock` where there is none.
    /// Over TLS what was taken may still wait in a bounded buffer: `try_flush`.
    pub fn try_write(&mut self, slices: &[IoSlice<'_>]) -> Result<usize> {
        match self {
            Self::Clear(stream) => match slices {
                [one] => stream.try_write(one),
                many => stream.try_write_vectored(many),
            },
            Self::Tls(stream) => at_once(|context| Pin::new(stream.as_mut()).poll_write_vectored(context, slices)),
        }
    }

    /// `WouldBlock` while bytes that were taken are not out yet.
    pub fn try_flush(&mut self) -> Result<()> {
        match self {
            Self::Clear(_) => Ok(()),
            Self::Tls(stream) => at_once(|context| Pin::new(stream.as_mut()).poll_flush(context)),
        }
    }

    /// Reads what is there; `WouldBlock` where nothing is.
    pub fn try_read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        match self {
            Self::Clear(stream) => stream.try_read(bytes),
            Self::Tls(stream) => at_once(|context| {
                let mut into = ReadBuf::new(bytes);
                let read = Pin::new(stream.as_mut()).poll_read(context, &mut into);
                read.map_ok(|()| into.filled().len())
            }),
        }
    }

    pub fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.tcp().poll_read_ready(context)
    }

    pub fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.tcp().poll_write_ready(context)
    }

    pub async fn writable(&self) -> Result<()> {
        self.tcp().writable().await
    }

    /// Writes all of it and flushes.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Clear(stream) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    stream.writable().await?;
                    match stream.try_write(rest) {
                        Ok(written) => rest = &rest[written..],
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            }
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// Says nothing more and waits for the other side's end, throwing away what it sends, up to a bound.
    pub async fn drain(&mut self) {
        let mut thrown = [0u8; 2048];
        let _ = match self {
            Self::Clear(stream) => socket2::SockRef::from(&**stream).shutdown(Shutdown::Write),
            Self::Tls(stream) => stream.shutdown().await,
        };
        for _ in 0..64 {
            let read = match self {
                Self::Clear(stream) => match stream.readable().await {
                    Ok(()) => stream.try_read(&mut thrown),
                    Err(error) => Err(error),
                },
                Self::Tls(stream) => stream.read(&mut thrown).await,
            };
            if matches!(&read, Err(error) if error.kind() == ErrorKind::WouldBlock) {
                continue;
            }
            if matches!(read, Ok(0) | Err(_)) {
                return;
            }
        }
    }

    /// The connection will end with a reset: what is buffered on our side is thrown away.
    pub fn reset(&self) {
        reset(self.tcp());
    }
}

/// As `Socket::reset`, for a connection without any handshake yet.
pub fn reset(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

/// One attempt; whoever attempts waits for readiness afterwards, which replaces the waker given here.
fn at_once<T>(attempt: impl FnOnce(&mut Context<'_>) -> Poll<Result<T>>) -> Result<T> {
    match attempt(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => Err(Error::from(ErrorKind::WouldBlock)),
    }
}
