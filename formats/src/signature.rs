//! The detection of a file's format by its first bytes.

use crate::format::Format;

/// The number of first bytes that are needed to detect a format. It is large because an SVG can start with a long
/// comment.
pub(crate) const OPENING: usize = 1024;

/// The format that the first bytes of a file indicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// An accepted format.
    Image(Format),
    /// A known format that is not accepted, by its name.
    Refused(&'static str),
    /// An unknown format.
    Unknown,
}

/// The signatures that are unique to one format.
const SIGNATURES: &[(&[u8], Signature)] = &[
    (b"\xFF\xD8\xFF", Signature::Image(Format::Jpeg)),
    (b"\x89PNG\r\n\x1A\n", Signature::Image(Format::Png)),
    (b"GIF87a", Signature::Image(Format::Gif)),
    (b"GIF89a", Signature::Image(Format::Gif)),
    (b"BM", Signature::Image(Format::Bmp)),
    (b"II\x2A\0", Signature::Image(Format::Tiff)),
    (b"MM\0\x2A", Signature::Image(Format::Tiff)),
    (b"II\x2B\0", Signature::Image(Format::Tiff)),
    (b"MM\0\x2B", Signature::Image(Format::Tiff)),
    (b"\0\0\0\x0CJXL \r\n\x87\n", Signature::Refused("JPEG XL")),
    (b"\xFF\x0A", Signature::Refused("JPEG XL")),
    (b"\0\0\0\x0CjP  \r\n\x87\n", Signature::Refused("JPEG 2000")),
    (b"\xFF\x4F\xFF\x51", Signature::Refused("JPEG 2000")),
    (b"%PDF-", Signature::Refused("PDF")),
    (b"8BPS", Signature::Refused("PSD")),
    (b"\0\0\x01\0", Signature::Refused("ICO")),
];

/// Detects the format of a file from its first bytes. 1 KiB of them is enough.
#[must_use]
pub fn detect(opening: &[u8]) -> Signature {
    if let Some((_, signature)) = SIGNATURES.iter().find(|(magic, _)| opening.starts_with(magic)) {
        return *signature;
    }
    if opening.starts_with(b"RIFF") && opening.get(8..12) == Some(b"WEBP") {
        return Signature::Image(Format::WebP);
    }
    match brand(opening) {
        Some(signature) => signature,
        None if is_svg(opening) => Signature::Refused("SVG"),
        None => Signature::Unknown,
    }
}

/// Detects HEIC and AVIF by their brands. They share a container with each other and with videos, which stay unknown.
/// If the major brand only says that the file is an image, the compatible brands decide.
/// Source: ISO/IEC 14496-12 § 4.3, ISO/IEC 23008-12 § 10, the AV1 Image File Format § 6.
fn brand(opening: &[u8]) -> Option<Signature> {
    if opening.get(4..8) != Some(b"ftyp") {
        return None;
    }
    let size = u32::from_be_bytes(opening.get(..4)?.try_into().ok()?);
    let end = usize::try_from(size).ok()?.min(opening.len());
    let compatible = opening.get(16..end).unwrap_or_default();
    let is_avif = compatible.chunks_exact(4).any(|brand| brand == b"avif" || brand == b"avis");
    match opening.get(8..12)? {
        b"avif" | b"avis" => Some(Signature::Image(Format::Avif)),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => {
            Some(Signature::Refused("HEIC"))
        }
        _ if is_avif => Some(Signature::Image(Format::Avif)),
        b"mif1" | b"msf1" | b"mif2" => Some(Signature::Refused("HEIC")),
        _ => None,
    }
}

/// Whether the file is an SVG, which is XML with the root element near its start. An HTML page that contains an SVG is
/// none.
fn is_svg(opening: &[u8]) -> bool {
    let text = opening.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(opening);
    let text = text.trim_ascii_start();
    let starts_like_xml =
        [&b"<?xml"[..], b"<!--", b"<!DOCTYPE svg", b"<svg"].iter().any(|start| text.starts_with(start));
    starts_like_xml && text.windows(4).any(|window| window == b"<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_are_read_are_known_by_their_first_bytes() {
        for (opening, format) in [
            (&b"\xFF\xD8\xFF\xE0"[..], Format::Jpeg),
            (b"\x89PNG\r\n\x1A\n", Format::Png),
            (b"GIF87a", Format::Gif),
            (b"GIF89a", Format::Gif),
            (b"RIFF\0\0\0\0WEBP", Format::WebP),
            (b"BM", Format::Bmp),
            (b"II*\0", Format::Tiff),
            (b"MM\0*", Format::Tiff),
            (b"II+\0", Format::Tiff),
            (b"MM\0+", Format::Tiff),
            (b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf", Format::Avif),
            (b"\0\0\0\x18ftypavis\0\0\0\0msf1miaf", Format::Avif),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Format::Avif),
            (b"\0\0\0\x18ftypmiaf\0\0\0\0mif1avis", Format::Avif),
        ] {
            assert_eq!(detect(opening), Signature::Image(format), "{opening:x?}");
        }
    }

    #[test]
    fn formats_that_are_not_read_are_refused_by_name() {
        for (opening, name) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "HEIC"),
            (b"\0\0\0\x18ftypheix\0\0\0\0mif1heix", "HEIC"),
            (b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc", "HEIC"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1avif", "HEIC"),
            (b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc", "HEIC"),
            (b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL"),
            (b"\xFF\x0A\0\0", "JPEG XL"),
            (b"\0\0\0\x0CjP  \r\n\x87\n", "JPEG 2000"),
            (b"\xFF\x4F\xFF\x51", "JPEG 2000"),
            (b"%PDF-1.7", "PDF"),
            (b"8BPS\0\x01", "PSD"),
            (b"\0\0\x01\0\x01\0", "ICO"),
        ] {
            assert_eq!(detect(opening), Signature::Refused(name), "{opening:x?}");
        }
    }

    #[test]
    fn an_svg_is_found_behind_a_byte_order_mark_space_declaration_and_comments() {
        for opening in [
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\u{FEFF}<svg/>",
            " \n\t<svg/>",
            "<?xml version=\"1.0\"?>\n<svg/>",
            "<!-- drawn by hand -->\n<svg/>",
            "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\"><svg/>",
        ] {
            let found = detect(opening.as_bytes());
            assert_eq!(found, Signature::Refused("SVG"), "{opening}");
        }
    }

    #[test]
    fn anything_else_is_unknown() {
        for opening in [
            &b""[..],
            b"\xFF",
            b"\xFF\xD8",
            b"hello",
            b"RIFF\0\0\0\0WAVE",
            b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
            b"\0\0\0\x18ftyp",
            b"<html><body><svg/></body></html>",
            b"<?xml version='1.0'?><rss/>",
            b"an <svg> in a text",
        ] {
            assert_eq!(detect(opening), Signature::Unknown, "{opening:x?}");
        }
    }
}
