//! TLS between relays: version 1.3, a certificate from both sides, and no authority but the keys that are pinned now.
//!
//! A certificate is but the form in which TLS carries a key: its names, dates and signatures count for nothing. Nothing is
//! resumed, so a key that is no longer pinned is refused at the next handshake.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256 as Hasher};
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::server::{NoServerSessionStorage, ParsedCertificate};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, ServerConfig,
    SignatureScheme,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::errors::RelayError;
use super::locks::locked;
use super::tls::{self, Identity};
use crate::engine::admission::Sha256;

/// Whose key has which SHA-256 of its `SubjectPublicKeyInfo` (DER): every party's current one, and its next one.
#[derive(Debug, Default)]
pub struct PeerKeys {
    party_of: Mutex<HashMap<Sha256, Arc<str>>>,
}

impl PeerKeys {
    /// Replaces all of them; connections that stand go on.
    pub fn set(&self, keys: impl IntoIterator<Item = (Sha256, String)>) {
        *locked(&self.party_of) = keys.into_iter().map(|(key, party)| (key, party.into())).collect();
    }

    /// Whose key a certificate carries, where it is pinned.
    pub fn party_of(&self, certificate: &CertificateDer<'_>) -> Option<Arc<str>> {
        let key = ParsedCertificate::try_from(certificate).ok()?.subject_public_key_info();
        let key: Sha256 = Hasher::digest(key.as_ref()).into();
        locked(&self.party_of).get(&key).cloned()
    }
}

/// For whoever dials us: any party whose key is pinned.
pub fn acceptor(identity: &Identity, keys: Arc<PeerKeys>) -> Result<TlsAcceptor, RelayError> {
    let (chain, key) = tls::chain_and_key(identity)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| RelayError::BadConfig(error.to_string()))?
        .with_client_cert_verifier(Arc::new(Pinned::of(keys, None)))
        .with_single_cert(chain, key)
        .map_err(|error| tls::unreadable(&identity.certificate, &error))?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// For dialling that party, and no other.
pub fn connector(identity: &Identity, keys: Arc<PeerKeys>, party: &str) -> Result<TlsConnector, RelayError> {
    let (chain, key) = tls::chain_and_key(identity)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| RelayError::BadConfig(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned::of(keys, Some(party))))
        .with_client_auth_cert(chain, key)
        .map_err(|error| tls::unreadable(&identity.certificate, &error))?;
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Accepts the pinned keys of one party, or of any.
#[derive(Debug)]
struct Pinned {
    keys: Arc<PeerKeys>,
    party: Option<Arc<str>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pinned {
    fn of(keys: Arc<PeerKeys>, party: Option<&str>) -> Self {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        Self { keys, party: party.map(Into::into), algorithms }
    }

    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        match self.keys.party_of(certificate) {
            Some(party) if self.party.as_ref().is_none_or(|expected| *expected == party) => Ok(()),
            _ => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }

    fn refuse_tls12() -> Result<HandshakeSignatureValid, Error> {
        Err(Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered))
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(certificate).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::refuse_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(certificate).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::refuse_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
