//! Digest access authentication of the server's side: MD5, with or without `qop=auth`
//! (RFC 2617, RFC 7616), which is what cameras of the field speak.
use std::fmt::Write;

use md5::{Digest, Md5};

use crate::path::Credentials;

pub(crate) const REALM: &str = "belvedere";

/// The challenges of one connection.
#[derive(Debug)]
pub(crate) struct Challenger {
    nonce: String,
}

impl Challenger {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut secret = [0_u8; 16];
        getrandom::fill(&mut secret)?;
        Ok(Self { nonce: hex(&secret) })
    }

    /// The value of `WWW-Authenticate`.
    pub(crate) fn challenge(&self) -> String {
        format!(r#"Digest realm="{REALM}", nonce="{}", algorithm=MD5"#, self.nonce)
    }

    /// Whether `authorization` (the header's value) proves that the client knows `credentials`.
    pub(crate) fn accepts(&self, authorization: &str, method: &str, credentials: &Credentials) -> bool {
        let Some(parameters) = authorization.trim().strip_prefix("Digest ") else {
            return false;
        };
        let get = |name| parameter(parameters, name);
        let (Some(uri), Some(response)) = (get("uri"), get("response")) else {
            return false;
        };
        if get("username") != Some(&credentials.username) || get("nonce") != Some(&self.nonce) {
            return false;
        }
        let ha1 = md5(&[&credentials.username, REALM, &credentials.password]);
        let ha2 = md5(&[method, uri]);
        let expected = match get("qop") {
            None => md5(&[&ha1, &self.nonce, &ha2]),
            Some("auth") => {
                let (Some(nc), Some(cnonce)) = (get("nc"), get("cnonce")) else {
                    return false;
                };
                md5(&[&ha1, &self.nonce, nc, cnonce, "auth", &ha2])
            }
            Some(_) => return false,
        };
        expected.eq_ignore_ascii_case(response)
    }
}

/// The value of `name` in a comma-separated list of `name=value` or `name="value"`.
fn parameter<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = list;
    loop {
        let (key, after) = rest.split_once('=')?;
        let (value, tail) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').map_or((after.trim(), ""), |(value, tail)| (value.trim(), tail)),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = tail.trim_start().trim_start_matches(',');
    }
}

fn md5(parts: &[&str]) -> String {
    hex(&Md5::digest(parts.join(":").as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials { username: "Mufasa".into(), password: "Circle of Life".into() }
    }

    fn answer(challenger: &Challenger, password: &str, extra: &str, qop: bool) -> String {
        let ha1 = md5(&["Mufasa", REALM, password]);
        let ha2 = md5(&["DESCRIBE", "rtsp://h/p"]);
        let response = if qop {
            md5(&[&ha1, &challenger.nonce, "00000001", "0a4f113b", "auth", &ha2])
        } else {
            md5(&[&ha1, &challenger.nonce, &ha2])
        };
        format!(
            r#"Digest username="Mufasa", realm="{REALM}", nonce="{}", uri="rtsp://h/p", response="{response}"{extra}"#,
            challenger.nonce
        )
    }

    #[test]
    fn the_right_password_is_accepted_with_and_without_qop() {
        let challenger = Challenger::new().unwrap();
        let plain = answer(&challenger, "Circle of Life", "", false);
        assert!(challenger.accepts(&plain, "DESCRIBE", &credentials()));
        let extra = r#", qop=auth, nc=00000001, cnonce="0a4f113b""#;
        let with_qop = answer(&challenger, "Circle of Life", extra, true);
        assert!(challenger.accepts(&with_qop, "DESCRIBE", &credentials()));
    }

    #[test]
    fn a_wrong_password_method_or_nonce_is_refused() {
        let challenger = Challenger::new().unwrap();
        let right = answer(&challenger, "Circle of Life", "", false);
        assert!(!challenger.accepts(&answer(&challenger, "guess", "", false), "DESCRIBE", &credentials()));
        assert!(!challenger.accepts(&right, "SETUP", &credentials()));
        assert!(!Challenger::new().unwrap().accepts(&right, "DESCRIBE", &credentials()));
        for garbage in ["", "Basic eA==", "Digest ", "Digest =", r#"Digest username=""#, "Digest a=b, c"] {
            assert!(!challenger.accepts(garbage, "DESCRIBE", &credentials()), "{garbage}");
        }
    }
}
