//! The search for the delimiters of a multipart body. It takes the body in chunks, and gives it back with the same
//! parts between other delimiters, which are all spelled alike. It holds at most one header of a part in memory.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem::Finder;

use super::boundary::Boundary;
use super::fault::BodyFault;
use super::head;

/// How many blanks may follow a boundary on its line (RFC 2046: `transport-padding`).
pub(super) const MAX_PADDING: usize = 1 << 10;

/// How many parts a body may have.
pub(super) const MAX_PARTS: usize = 1000;

/// The length of a line break.
const LINE_BREAK: usize = 2;

/// The place in the body up to which it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first delimiter.
    Preamble,
    /// Right after a boundary.
    AfterBoundary,
    /// In the header of a part.
    Head,
    /// In the content of a part.
    Content,
    /// After the last delimiter.
    Epilogue,
}

pub(super) struct Delimiters {
    /// The client's delimiter: a line break, two hyphens and the boundary.
    sought: Finder<'static>,
    /// The boundary of the delimiters that are given back.
    spoken: String,
    at: At,
    /// What has arrived and is not given back yet.
    held: BytesMut,
    /// How many bytes of the header have been searched for its end.
    searched: usize,
    /// How many bytes of `held` are the line break after a header. It may begin a delimiter, but is no content.
    no_content: usize,
    parts: usize,
}

impl Delimiters {
    pub(super) fn new(boundary: &Boundary, spoken: String) -> Self {
        let sought = Finder::new(&format!("\r\n--{}", boundary.as_str())).into_owned();
        // A delimiter at the start of the body needs no line break before it.
        let held = BytesMut::from(&b"\r\n"[..]);
        Self { sought, spoken, at: At::Preamble, held, searched: 0, no_content: 0, parts: 0 }
    }

    /// Takes the next bytes of the body, and adds what can be given back to `ready`.
    pub(super) fn feed(&mut self, chunk: &[u8], ready: &mut VecDeque<Bytes>) -> Result<(), BodyFault> {
        if self.at == At::Epilogue {
            return Ok(());
        }
        self.held.extend_from_slice(chunk);
        while self.advance(ready)? {}
        Ok(())
    }

    /// Takes the end of the body. The last delimiter is not given back before, so that the epilogue is read too.
    pub(super) fn finish(self, ready: &mut VecDeque<Bytes>) -> Result<(), BodyFault> {
        match self.at {
            At::Epilogue => {
                let line_break = if self.parts == 0 { "" } else { "\r\n" };
                ready.push_back(format!("{line_break}--{}--\r\n", self.spoken).into());
                Ok(())
            }
            At::Preamble => Err(BodyFault::NoDelimiter),
            At::AfterBoundary | At::Head | At::Content => Err(BodyFault::CutOff),
        }
    }

    /// Reads one thing. Says whether there was enough of it.
    fn advance(&mut self, ready: &mut VecDeque<Bytes>) -> Result<bool, BodyFault> {
        match self.at {
            At::Preamble | At::Content => Ok(self.content(ready)),
            At::AfterBoundary => self.after_boundary(ready),
            At::Head => self.head(ready),
            At::Epilogue => {
                self.held.clear();
                Ok(false)
            }
        }
    }

    fn content(&mut self, ready: &mut VecDeque<Bytes>) -> bool {
        let found = self.sought.find(&self.held);
        // The last bytes may be the begin of a delimiter.
        let delimiter = self.sought.needle().len();
        let end = found.unwrap_or_else(|| (self.held.len() + 1).saturating_sub(delimiter));
        let mut content = self.held.split_to(end);
        let no_content = self.no_content.min(content.len());
        content.advance(no_content);
        self.no_content -= no_content;
        if self.at == At::Content && !content.is_empty() {
            ready.push_back(content.freeze());
        }
        if found.is_some() {
            self.held.advance(delimiter);
            (self.at, self.no_content) = (At::AfterBoundary, 0);
        }
        found.is_some()
    }

    fn after_boundary(&mut self, ready: &mut VecDeque<Bytes>) -> Result<bool, BodyFault> {
        if self.held.starts_with(b"--") {
            // Whatever comes now belongs to the epilogue, as with Django.
            self.at = At::Epilogue;
            return Ok(true);
        }
        let blanks = self.held.iter().take_while(|byte| b" \t".contains(byte)).count();
        if blanks > MAX_PADDING {
            return Err(BodyFault::Padding);
        }
        let rest = &self.held[blanks..];
        if rest.starts_with(b"\r\n") {
            self.held.advance(blanks + LINE_BREAK);
            self.parts += 1;
            if self.parts > MAX_PARTS {
                return Err(BodyFault::TooManyParts);
            }
            let line_break = if self.parts == 1 { "" } else { "\r\n" };
            ready.push_back(format!("{line_break}--{}\r\n", self.spoken).into());
            (self.at, self.searched) = (At::Head, 0);
            return Ok(true);
        }
        let may_go_on = rest.is_empty() || rest == b"\r" || (blanks == 0 && rest == b"-");
        if may_go_on { Ok(false) } else { Err(BodyFault::BadDelimiter) }
    }

    fn head(&mut self, ready: &mut VecDeque<Bytes>) -> Result<bool, BodyFault> {
        let Some(length) = head::length(&self.held, &mut self.searched)? else { return Ok(false) };
        let delimiter = &self.sought.needle()[LINE_BREAK..];
        ready.push_back(head::rewritten(&self.held[..length], delimiter)?);
        // Of the two line breaks at the end of a header the second may already belong to the next delimiter.
        self.held.advance(if length == 0 { 0 } else { length + LINE_BREAK });
        (self.at, self.no_content) = (At::Content, LINE_BREAK);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "Content-Disposition: x\r\n\r\n";

    /// The body that is given back for a body that arrives in chunks of a length.
    fn given_back(body: &[u8], chunk: usize) -> Result<String, BodyFault> {
        let boundary = Boundary::of("multipart/form-data; boundary=b").expect("a boundary");
        let mut delimiters = Delimiters::new(&boundary, "OURS".into());
        let mut ready = VecDeque::new();
        for chunk in body.chunks(chunk) {
            delimiters.feed(chunk, &mut ready)?;
        }
        delimiters.finish(&mut ready)?;
        let bytes: Vec<u8> = ready.into_iter().flatten().collect();
        Ok(String::from_utf8(bytes).expect("UTF-8"))
    }

    #[track_caller]
    fn assert_gives(body: &str, expected: &Result<String, BodyFault>) {
        for chunk in [1, 2, 3, 7, 4096] {
            assert_eq!(&given_back(body.as_bytes(), chunk), expected, "{body:?} in chunks of {chunk}");
        }
    }

    #[test]
    fn legal_bodies_are_given_back_in_one_spelling() {
        let expected = Ok(format!("--OURS\r\n{FILE}one\r\n--OURS\r\n{FILE}\r\n--OURS--\r\n"));
        for body in [
            format!("--b\r\n{FILE}one\r\n--b\r\n{FILE}\r\n--b--\r\n"),
            format!("--b\r\n{FILE}one\r\n--b\r\n{FILE}\r\n--b--"),
            format!("--b \t\r\n{FILE}one\r\n--b\t \r\n{FILE}\r\n--b--  \t\r\n"),
            format!("\r\n--b\r\n{FILE}one\r\n--b\r\n{FILE}\r\n--b--\r\nafter\r\n--b\r\nit"),
            format!("before\r\nit --b\r\n--b\r\n{FILE}one\r\n--b\r\n{FILE}--b--\r\n"),
        ] {
            assert_gives(&body, &expected);
        }
        assert_gives("--b--\r\n", &Ok("--OURS--\r\n".into()));
        assert_gives(
            "--b\r\n\r\nheadless\r\n--b--",
            &Ok("--OURS\r\n\r\n\r\nheadless\r\n--OURS--\r\n".into()),
        );
        assert_gives("--b\r\n\r\n--b--", &Ok("--OURS\r\n\r\n\r\n\r\n--OURS--\r\n".into()));
    }

    #[test]
    fn what_only_resembles_a_delimiter_stays_in_the_content() {
        for content in
            ["\r", "\r\n", "x--b", "\n--b", "\r--b\r\n", "\r\n-b", "x--b--", "\r\n--B", "\r\r\n\r\n"]
        {
            let body = format!("--b\r\n{FILE}{content}.\r\n--b--");
            assert_gives(&body, &Ok(format!("--OURS\r\n{FILE}{content}.\r\n--OURS--\r\n")));
        }
    }

    #[test]
    fn broken_bodies_are_refused() {
        for (body, fault) in [
            (String::new(), BodyFault::NoDelimiter),
            ("--a\r\n\r\n--a--".into(), BodyFault::NoDelimiter),
            (format!("--b\n{FILE}"), BodyFault::BadDelimiter),
            (format!("--b\r\n{FILE}one\r\n--bb\r\n"), BodyFault::BadDelimiter),
            (format!("--b\r\n{FILE}one\r\n--b -- \r\n"), BodyFault::BadDelimiter),
            (format!("--b\r\n{FILE}one"), BodyFault::CutOff),
            (format!("--b\r\n{FILE}one\r\n--b-"), BodyFault::CutOff),
            ("--b\r\nContent-Disposition: x\r\n--b--".into(), BodyFault::CutOff),
            ("--b\r\nX: y\r\n--b\r\nX: y\r\n\r\n--b--".into(), BodyFault::HeadNotEnded),
            (format!("--b{}\r\n", " ".repeat(MAX_PADDING + 1)), BodyFault::Padding),
            ("--b\r\n\r\n".repeat(MAX_PARTS + 1), BodyFault::TooManyParts),
        ] {
            assert_gives(&body, &Err(fault));
        }
        let most = format!("--b{}\r\n{}", " ".repeat(MAX_PADDING), "\r\n--b\r\n".repeat(MAX_PARTS - 1));
        assert_gives(&most, &Err(BodyFault::CutOff));
    }
}
