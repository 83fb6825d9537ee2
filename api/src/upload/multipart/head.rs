//! The header of a part.

use bytes::{BufMut, Bytes, BytesMut};

use super::fault::BodyFault;

/// How many bytes the header of a part may have.
pub(super) const MAX_HEAD: usize = 8 << 10;

/// The only header fields that are read. RFC 7578, section 4.8, says to ignore the others, and some of them would
/// mislead actix-multipart, such as a wrong `Content-Length`.
const READ: [&[u8]; 2] = [b"content-disposition", b"content-transfer-encoding"];

const END: &[u8] = b"\r\n\r\n";

/// The length of the header at the start of `bytes`, without the line break before the empty line. `None` if its end has
/// not arrived yet; the next search begins at `searched`.
pub(super) fn length(bytes: &[u8], searched: &mut usize) -> Result<Option<usize>, BodyFault> {
    if bytes.starts_with(b"\r\n") {
        return Ok(Some(0));
    }
    let from = searched.saturating_sub(END.len() - 1);
    let found = memchr::memmem::find(&bytes[from..], END).map(|index| from + index);
    *searched = bytes.len();
    // Where the end may still begin: its first bytes may have arrived, and the others not.
    let end = found.unwrap_or_else(|| (bytes.len() + 1).saturating_sub(END.len()));
    if end > MAX_HEAD { Err(BodyFault::HeadTooLong) } else { Ok(found) }
}

/// The header as actix-multipart reads it: the fields that count, each on one line, and the empty line.
pub(super) fn rewritten(head: &[u8], delimiter: &[u8]) -> Result<Bytes, BodyFault> {
    let mut rewritten = BytesMut::with_capacity(head.len() + END.len());
    let mut is_read = false;
    for line in lines(head) {
        if line.starts_with(delimiter) {
            return Err(BodyFault::HeadNotEnded);
        }
        let is_folded = line.first().is_some_and(|byte| b" \t".contains(byte));
        if !is_folded {
            let name = line.split(|byte| *byte == b':').next().unwrap_or(line);
            is_read = READ.iter().any(|read| name.eq_ignore_ascii_case(read)) && name.len() < line.len();
            if is_read && !rewritten.is_empty() {
                rewritten.put_slice(b"\r\n");
            }
        }
        if is_read {
            // A control character is no reason to lose the file. A name loses it anyway.
            rewritten.extend(line.iter().map(|byte| if byte.is_ascii_control() { b' ' } else { *byte }));
        }
    }
    rewritten.put_slice(END);
    Ok(rewritten.freeze())
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(head);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memmem::find(text, b"\r\n");
        rest = end.map(|end| &text[end + 2..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fields_that_count_are_left_and_folded_lines_are_joined() {
        let head = b"Content-Length: 7\r\n folded\r\nno colon\r\nContent-Disposition: form-data;\r\n\tname=\"a\"\r\nX: y";
        let rewritten = rewritten(head, b"--b").expect("a header");
        assert_eq!(&*rewritten, b"Content-Disposition: form-data; name=\"a\"\r\n\r\n");
    }

    #[test]
    fn a_header_ends_at_an_empty_line_within_its_limit() {
        let mut searched = 0;
        assert_eq!(length(b"X: y\r\n\r", &mut searched), Ok(None));
        assert_eq!(length(b"X: y\r\n\r\nbody", &mut searched), Ok(Some(4)));
        assert_eq!(length(b"\r\nbody", &mut 0), Ok(Some(0)));
        let mut longest = vec![b'x'; MAX_HEAD];
        longest.extend(END);
        for len in 0..longest.len() {
            assert_eq!(length(&longest[..len], &mut 0), Ok(None));
        }
        assert_eq!(length(&longest, &mut 0), Ok(Some(MAX_HEAD)));
        longest.insert(0, b'x');
        assert_eq!(length(&longest, &mut 0), Err(BodyFault::HeadTooLong));
        assert_eq!(length(&longest[..MAX_HEAD + 4], &mut 0), Err(BodyFault::HeadTooLong));
        assert_eq!(rewritten(b"X: y\r\n--b\r\nX: y", b"--b"), Err(BodyFault::HeadNotEnded));
    }
}
