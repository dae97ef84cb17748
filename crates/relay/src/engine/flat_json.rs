//! A JSON object without nesting: what relays tell each other in a line. Whatever else it is cannot be read.

const MEMBERS_MAX: usize = 32;

/// A member's value; what nobody asks for is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Whole(i64),
    Other,
}

/// The members of an object, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members(Vec<(String, Value)>);

impl Members {
    pub fn read(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text.as_bytes() };
        let mut members = Vec::new();
        reader.require(b'{')?;
        if !reader.comes(b'}') {
            loop {
                let name = reader.string()?;
                reader.require(b':')?;
                members.push((name, reader.value()?));
                if members.len() > MEMBERS_MAX {
                    return None;
                }
                if reader.comes(b'}') {
                    break;
                }
                reader.require(b',')?;
            }
        }
        reader.skip_space();
        reader.rest.is_empty().then_some(Self(members))
    }

    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            Value::Whole(_) | Value::Other => None,
        }
    }

    pub fn whole(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            Value::Whole(number) => Some(*number),
            Value::Text(_) | Value::Other => None,
        }
    }

    /// The first member of that name.
    fn value(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(of, _)| of == name).map(|(_, value)| value)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Takes that byte where it comes next.
    fn comes(&mut self, byte: u8) -> bool {
        self.skip_space();
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn require(&mut self, byte: u8) -> Option<()> {
        self.comes(byte).then_some(())
    }

    fn value(&mut self) -> Option<Value> {
        self.skip_space();
        if self.rest.first() == Some(&b'"') {
            return self.string().map(Value::Text);
        }
        let ends = self.rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte));
        let (word, rest) = self.rest.split_at(ends.unwrap_or(self.rest.len()));
        self.rest = rest;
        let word = std::str::from_utf8(word).ok()?;
        match word {
            "true" | "false" | "null" => Some(Value::Other),
            number if !number.starts_with(|first: char| first.is_ascii_digit() || first == '-') => None,
            number => match number.parse() {
                Ok(whole) => Some(Value::Whole(whole)),
                Err(_) => number.parse::<f64>().ok().map(|_| Value::Other),
            },
        }
    }

    fn string(&mut self) -> Option<String> {
        self.require(b'"')?;
        let mut out = Vec::new();
        loop {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match byte {
                b'"' => return String::from_utf8(out).ok(),
                b'\\' => self.escaped(&mut out)?,
                ..0x20 => return None,
                byte => out.push(*byte),
            }
        }
    }

    fn escaped(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let (kind, rest) = self.rest.split_first()?;
        self.rest = rest;
        let character = match kind {
            b'"' | b'\\' | b'/' => char::from(*kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (digits, rest) = self.rest.split_at_checked(4)?;
                self.rest = rest;
                let code = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
                // Half of a pair: nothing that relays tell needs one.
                char::from_u32(code)?
            }
            _ => return None,
        };
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cmaf;

    #[test]
    fn what_a_relay_tells_is_read_back() {
        let told =
            format!(r#"{{"codec": {}, "width": 640, "later": null, "ratio":1.5}}"#, cmaf::json("a\"b\\c\n\u{7}é"));
        let read = Members::read(&told).unwrap();
        assert_eq!(read.text("codec"), Some("a\"b\\c\n\u{7}é"));
        assert_eq!((read.whole("width"), read.whole("ratio"), read.whole("codec")), (Some(640), None, None));
        assert!(read.has("later") && !read.has("height"));
        assert_eq!(Members::read(" {} "), Some(Members::default()));
    }

    #[test]
    fn what_is_no_flat_object_is_not_read() {
        let many = format!("{{{}}}", vec![r#""a": 1"#; 40].join(","));
        for text in [
            "",
            "{",
            "[]",
            "{}x",
            r#"{"a"}"#,
            r#"{"a": }"#,
            r#"{"a": {}}"#,
            r#"{"a": [1]}"#,
            r#"{"a": 1,}"#,
            r#"{"a": x}"#,
            r#"{"a": "\q"}"#,
            r#"{"a": "\ud800"}"#,
            "{\"a\": \"\n\"}",
            r#"{"a": "b}"#,
            r#"{"a": --1}"#,
            &many,
        ] {
            assert_eq!(Members::read(text), None, "{text}");
        }
    }
}
