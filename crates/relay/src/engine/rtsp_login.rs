//! How a camera asks for a login, and the proof that it is given: Digest (RFC 7616, RFC 2617, RFC 2069), or Basic.
//!
//! Read leniently: cameras forget quotes, put several challenges in one line, and have realms of every shape.

use std::fmt::Write as _;

use base64::Engine as _;
use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

use super::rtsp_session::Credentials;

/// One challenge that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    Digest(DigestChallenge),
    Basic,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestChallenge {
    realm: String,
    pub nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// As it was written, to be sent back so.
    algorithm_named: Option<String>,
    session: bool,
    quality: Option<Quality>,
    hides_name: bool,
    /// The nonce before it was too old; the password was not doubted.
    pub stale: bool,
    uses: u32,
}

/// The strongest is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Sha256,
    Sha512Half,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quality {
    Auth,
    /// With the body's hash; our requests have none.
    AuthInt,
}

impl Algorithm {
    fn hash(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
            Self::Sha512Half => hex(&Sha512_256::digest(text)),
        }
    }
}

/// The strongest of the challenges in these header values, a digest before Basic; None where none can be answered.
pub fn strongest<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<Challenge> {
    let challenges: Vec<_> = values.into_iter().flat_map(parse).collect();
    let digests = challenges.iter().filter_map(|(scheme, parameters)| {
        if scheme.eq_ignore_ascii_case("digest") { DigestChallenge::read(parameters) } else { None }
    });
    if let Some(digest) = digests.max_by_key(|digest| digest.algorithm) {
        return Some(Challenge::Digest(digest));
    }
    challenges.iter().any(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")).then_some(Challenge::Basic)
}

type Parameters = Vec<(String, String)>;

/// The challenges of one header value: each a scheme and its parameters.
fn parse(value: &str) -> Vec<(String, Parameters)> {
    let mut challenges: Vec<(String, Parameters)> = Vec::new();
    for item in items(value) {
        let mut item = item.trim();
        let word = item.split([' ', '\t']).next().unwrap_or("");
        if !word.is_empty() && !word.contains('=') && !item[word.len()..].trim_start().starts_with('=') {
            challenges.push((word.to_owned(), Vec::new()));
            item = item[word.len()..].trim();
        }
        if let (Some((name, value)), Some((_, parameters))) = (item.split_once('='), challenges.last_mut()) {
            let value = value.trim();
            let value = value.strip_prefix('"').map_or(value, |quoted| quoted.strip_suffix('"').unwrap_or(quoted));
            parameters.push((name.trim().to_ascii_lowercase(), value.to_owned()));
        }
    }
    challenges
}

/// What stands between commas, those within quotes aside.
fn items(value: &str) -> Vec<&str> {
    let (mut items, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, character) in value.char_indices() {
        match character {
            _ if std::mem::take(&mut escaped) => {}
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                items.push(&value[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    items.push(&value[from..]);
    items
}

impl DigestChallenge {
    fn read(parameters: &Parameters) -> Option<Self> {
        let get = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let named = get("algorithm");
        let whole = named.unwrap_or("MD5").to_ascii_uppercase();
        let (algorithm, session) = match whole.strip_suffix("-SESS") {
            Some(algorithm) => (algorithm, true),
            None => (whole.as_str(), false),
        };
        let algorithm = match algorithm {
            "MD5" => Algorithm::Md5,
            "SHA-256" | "SHA256" => Algorithm::Sha256,
            "SHA-512-256" => Algorithm::Sha512Half,
            _ => return None,
        };
        let quality = match get("qop") {
            None | Some("") => None,
            Some(offered) => {
                let offers = |wanted| offered.split([',', ' ']).any(|each| each.trim().eq_ignore_ascii_case(wanted));
                match (offers("auth"), offers("auth-int")) {
                    (true, _) => Some(Quality::Auth),
                    (false, true) => Some(Quality::AuthInt),
                    (false, false) => return None,
                }
            }
        };
        Some(Self {
            realm: get("realm").unwrap_or("").to_owned(),
            nonce: get("nonce")?.to_owned(),
            opaque: get("opaque").map(str::to_owned),
            algorithm,
            algorithm_named: named.map(str::to_owned),
            session,
            quality,
            hides_name: get("userhash").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            stale: get("stale").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            uses: 0,
        })
    }

    /// Goes on with the nonce that an answer gave for the next request (RFC 7616, 3.5).
    pub fn take_next_nonce(&mut self, information: &str) {
        for item in items(information) {
            if let Some((name, value)) = item.split_once('=')
                && name.trim().eq_ignore_ascii_case("nextnonce")
            {
                value.trim().trim_matches('"').clone_into(&mut self.nonce);
                self.uses = 0;
            }
        }
    }

    /// The value of `Authorization` for a request without a body.
    fn prove(&mut self, credentials: &Credentials, method: &str, uri: &str, own_nonce: &str) -> String {
        self.uses += 1;
        let Self { realm, nonce, algorithm, .. } = &*self;
        let Credentials { username, password } = credentials;
        let mut secret = algorithm.hash(&[username, realm, password]);
        if self.session {
            secret = algorithm.hash(&[&secret, nonce, own_nonce]);
        }
        let count = format!("{:08x}", self.uses);
        let request = match self.quality {
            Some(Quality::AuthInt) => algorithm.hash(&[method, uri, &algorithm.hash(&[""])]),
            _ => algorithm.hash(&[method, uri]),
        };
        let quality = self.quality.map(|quality| match quality {
            Quality::Auth => "auth",
            Quality::AuthInt => "auth-int",
        });
        let response = match quality {
            None => algorithm.hash(&[&secret, nonce, &request]),
            Some(quality) => algorithm.hash(&[&secret, nonce, &count, own_nonce, quality, &request]),
        };
        let name = if self.hides_name {
            algorithm.hash(&[username, realm])
        } else {
            username.replace('\\', "\\\\").replace('"', "\\\"")
        };
        let mut out = format!(
            "Digest username=\"{name}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\""
        );
        if let Some(named) = &self.algorithm_named {
            let _ = write!(out, ", algorithm={named}");
        }
        if let Some(opaque) = &self.opaque {
            let _ = write!(out, ", opaque=\"{opaque}\"");
        }
        if let Some(quality) = quality {
            let _ = write!(out, ", qop={quality}, nc={count}");
        }
        if quality.is_some() || self.session {
            let _ = write!(out, ", cnonce=\"{own_nonce}\"");
        }
        if self.hides_name {
            out.push_str(", userhash=true");
        }
        out
    }
}

impl Challenge {
    /// The value of `Authorization` for a request without a body.
    pub fn answer(&mut self, credentials: &Credentials, method: &str, uri: &str) -> String {
        match self {
            Self::Digest(digest) => {
                let mut own = [0u8; 8];
                let _ = getrandom::fill(&mut own);
                digest.prove(credentials, method, uri, &hex(&own))
            }
            Self::Basic => {
                let both = format!("{}:{}", credentials.username, credentials.password);
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(both))
            }
        }
    }
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

    fn credentials(username: &str, password: &str) -> Credentials {
        Credentials { username: username.to_owned(), password: password.to_owned() }
    }

    fn digest(values: &[&str]) -> DigestChallenge {
        match strongest(values.iter().copied()) {
            Some(Challenge::Digest(digest)) => digest,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_examples_of_the_rfcs_are_answered_as_they_say() {
        // RFC 7616, 3.9.1.
        let offered = |algorithm: &str| {
            format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        };
        let own = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let mufasa = credentials("Mufasa", "Circle of Life");
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let proof = digest(&[&offered(algorithm)]).prove(&mufasa, "GET", "/dir/index.html", own);
            assert!(proof.contains(&format!("response=\"{response}\"")), "{proof}");
            assert!(proof.contains(&format!("algorithm={algorithm}")) && proof.contains("qop=auth, nc=00000001"));
        }
        // RFC 2617, 3.5, without qop: RFC 2069's form.
        let old = digest(&["Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""]).prove(
            &mufasa_of_2617(),
            "GET",
            "/dir/index.html",
            own,
        );
        assert!(old.contains("response=\"670fd8c2df070c60b045671b8b24ff02\"") && !old.contains("qop"), "{old}");
    }

    fn mufasa_of_2617() -> Credentials {
        credentials("Mufasa", "Circle Of Life")
    }

    #[test]
    fn the_strongest_of_several_is_taken_and_named() {
        let md5 = "Digest realm=\"r\", nonce=\"a\", algorithm=MD5";
        let sha = "Digest realm=\"r\", nonce=\"b\", algorithm=SHA-256";
        let unknown = "Digest realm=\"r\", nonce=\"c\", algorithm=SHA-1024";
        for values in [vec![md5, sha, unknown], vec![&*format!("{md5}, {sha}, Basic realm=\"r\"")]] {
            let mut taken = digest(&values);
            assert_eq!(taken.nonce, "b");
            assert!(taken.prove(&credentials("u", "p"), "DESCRIBE", "rtsp://h/", "own").contains("algorithm=SHA-256"));
        }
        assert_eq!(strongest(["Basic realm=\"r\", charset=\"UTF-8\""]), Some(Challenge::Basic));
        assert_eq!(strongest([unknown]), None);
        assert_eq!(strongest(["nonsense", "", "=", ",,,", "\"", "Digest realm=\"r\""]), None);
    }

    #[test]
    fn realms_of_every_shape_are_sent_back_as_they_came() {
        for (written, sent) in [
            ("\"\"", "realm=\"\""),
            ("\"Login to a, b = \\\"c\\\"\"", "realm=\"Login to a, b = \\\"c\\\"\""),
            ("IP Camera", "realm=\"IP Camera\""),
            ("\"caméra é\"", "realm=\"caméra é\""),
            ("\"Digest\"", "realm=\"Digest\""),
        ] {
            let mut taken = digest(&[&format!("Digest realm={written}, nonce=\"n\", stale=FALSE")]);
            let proof = taken.prove(&credentials("u", "p"), "PLAY", "rtsp://h/", "own");
            assert!(proof.contains(sent) && proof.contains("nonce=\"n\""), "{proof}");
            assert!(!taken.stale);
        }
    }

    #[test]
    fn a_nonce_given_for_the_next_request_is_used_and_its_uses_counted_anew() {
        let mut taken = digest(&["Digest realm=\"r\", nonce=\"n\", qop=\"auth\""]);
        let prove = |taken: &mut DigestChallenge| taken.prove(&credentials("u", "p"), "PLAY", "rtsp://h/", "own");
        prove(&mut taken);
        assert!(prove(&mut taken).contains("nc=00000002"));
        taken.take_next_nonce("rspauth=\"x\", nextnonce=\"fresh\"");
        let proof = prove(&mut taken);
        assert!(proof.contains("nonce=\"fresh\"") && proof.contains("nc=00000001"), "{proof}");
    }
}
