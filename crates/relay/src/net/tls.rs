//! TLS by rustls: our certificate towards browsers, the site's authorities towards cameras.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::errors::RelayError;

/// The PEM files of an endpoint: the certificate first, then what leads to its authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

pub fn acceptor(identity: &Identity) -> Result<TlsAcceptor, RelayError> {
    let (chain, key) = chain_and_key(identity)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| RelayError::BadConfig(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| unreadable(&identity.certificate, &error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What an identity's files hold.
pub fn chain_and_key(
    identity: &Identity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), RelayError> {
    let chain = certificates(&identity.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&identity.key).map_err(|error| unreadable(&identity.key, &error))?;
    Ok((chain, key))
}

/// Trusts the authorities of that PEM file and no other.
pub fn connector(authorities: &Path) -> Result<TlsConnector, RelayError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authorities)? {
        roots.add(certificate).map_err(|error| unreadable(authorities, &error))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| RelayError::BadConfig(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, RelayError> {
    let read: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(file).map_err(|error| unreadable(file, &error))?.collect();
    let read = read.map_err(|error| unreadable(file, &error))?;
    if read.is_empty() {
        return Err(RelayError::BadConfig(format!("{}: no certificate in it", file.display())));
    }
    Ok(read)
}

pub fn unreadable(file: &Path, error: &dyn std::fmt::Display) -> RelayError {
    RelayError::BadConfig(format!("{}: {error}", file.display()))
}
