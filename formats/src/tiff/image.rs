//! The description of the image in the first directory.

use std::ops::Range;

use super::directory::Directory;
use super::entry::Entry;
use super::features::{Compression, Photometric, Predictor, SampleFormat};
use super::layout::Layout;
use super::pieces::Pieces;
use super::tag::Tag;
use crate::cursor::{Cursor, ReadError};
use crate::fault::{Fault, Found};
use crate::source::Source;

/// The most bytes of a list of numbers, which is enough for the positions of a million strips.
pub(super) const MAX_LIST: u64 = 8 << 20;

/// The meaning of the first extra sample of a pixel, beyond its colour (TIFF 6.0 § 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraSample {
    /// A sample without a meaning for display.
    Unspecified,
    /// Alpha, with colours that are multiplied by it.
    Premultiplied,
    /// Alpha, with colours that are not multiplied by it.
    Straight,
}

/// An image as its directory describes it. All its features are supported; `features` lists them.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// This side in pixels, as stored. It is never 0.
    pub width: u32,
    /// This side in pixels, as stored. It is never 0.
    pub height: u32,
    /// The compression of the strips or tiles.
    pub compression: Compression,
    /// The meaning of the samples of a pixel.
    pub photometric: Photometric,
    /// The number of bits per sample.
    pub bits: u16,
    /// The number of samples per pixel, which is at least what its colour needs.
    pub samples: u16,
    /// The type of number that a sample is.
    pub sample_format: SampleFormat,
    /// The meaning of the first extra sample of a pixel, beyond its colour.
    pub extra: Option<ExtraSample>,
    /// Whether each sample of a pixel is in separate strips or tiles (planes).
    pub planar: bool,
    /// Whether the bits of each byte are reversed.
    pub reversed_bits: bool,
    /// The predictor of the compressed samples.
    pub predictor: Predictor,
    /// The strips or tiles.
    pub pieces: Pieces,
    /// The tables that strips or tiles in JPEG share.
    pub jpeg_tables: Option<Entry>,
    /// The range of the palette: all reds, then all greens, then all blues, with 16 bits each.
    pub palette: Option<Range<u64>>,
    /// The orientation as a number of EXIF. It is 1 (upright) if there is no valid one.
    pub orientation: u8,
    /// The range of the colour profile.
    pub icc: Option<Range<u64>>,
    /// The coefficients of red, green and blue in the luma of YCbCr.
    pub luma: Option<[f32; 3]>,
    /// The reference black and white of luma, then the zero and the largest value of each chroma channel.
    pub references: Option<[f32; 6]>,
    /// Whether the chroma of YCbCr is subsampled.
    pub(super) subsampled: bool,
    /// Whether LZW data has the least significant bit first, as in the first versions of TIFF's LZW.
    pub(super) least_significant_bit_first: bool,
}

impl Image {
    /// Reads the values of `directory`.
    pub(crate) fn read<S: Source>(
        layout: Layout,
        cursor: &mut Cursor<'_, S>,
        directory: &Directory,
    ) -> Found<Self, S> {
        let number = |cursor: &mut Cursor<'_, S>, tag| directory.number(layout, cursor, tag);
        let width = side(number(cursor, Tag::Width)?)?;
        let height = side(number(cursor, Tag::Height)?)?;
        let samples = number(cursor, Tag::SamplesPerPixel)?.unwrap_or(1);
        let samples =
            u16::try_from(samples).map_err(|_| Fault::Damaged("the number of samples is out of range"))?;
        let compression = number(cursor, Tag::Compression)?.unwrap_or(1);
        let compression = Compression::of(compression).map_err(Fault::Unsupported)?;
        let photometric = Photometric::of(number(cursor, Tag::Photometric)?).map_err(Fault::Unsupported)?;
        if samples < photometric.samples() {
            return Err(Fault::Damaged("there are fewer samples than colours"));
        }
        let planar = match number(cursor, Tag::PlanarConfiguration)? {
            None | Some(1) => false,
            Some(2) => samples > 1,
            Some(_) => return Err(Fault::Damaged("the planar configuration is unknown")),
        };

        let bits = same(layout, cursor, directory.entry(Tag::BitsPerSample))?.unwrap_or(1);
        let bits = u16::try_from(bits)
            .map_err(|_| Fault::Damaged("the number of bits of a sample is out of range"))?;
        if bits == 0 {
            return Err(Fault::Damaged("the number of bits of a sample is out of range"));
        }
        let sample_format = same(layout, cursor, directory.entry(Tag::SampleFormat))?.unwrap_or(1);
        let sample_format = SampleFormat::of(sample_format).map_err(Fault::Unsupported)?;
        let predictor = number(cursor, Tag::Predictor)?.unwrap_or(1);
        let predictor = Predictor::of(predictor, compression).map_err(Fault::Unsupported)?;

        let samples_in_each = if planar { 1 } else { samples };
        let planes = if planar { samples } else { 1 };
        let row = u64::from(bits) * u64::from(samples_in_each);
        let mut pieces = Pieces::read(layout, cursor, directory, (width, height), planes)?;
        pieces.bits_of_pixel = row;
        pieces.samples_in_each = samples_in_each;

        let jpeg_tables = match directory.entry(Tag::JpegTables) {
            Some(tables) if compression == Compression::Jpeg => Some(jpeg_tables(cursor, tables)?),
            _ => None,
        };
        let palette = match (photometric, directory.entry(Tag::ColorMap)) {
            (Photometric::Palette, Some(entry)) => Some(palette(cursor, entry, bits)?),
            (Photometric::Palette, None) => return Err(Fault::Damaged("the palette is missing")),
            _ => None,
        };
        let reversed_bits =
            compression != Compression::Jpeg && matches!(number(cursor, Tag::FillOrder), Ok(Some(2)));
        let subsampled = photometric == Photometric::YCbCr && subsampled(layout, cursor, directory)?;
        let ratios = directory.entry(Tag::YcbcrCoefficients);
        let luma = ratios.map_or(Ok(None), |entry| entry.ratios(layout, cursor))?;
        let references = directory.entry(Tag::ReferenceBlackWhite);
        let references = references.map_or(Ok(None), |entry| entry.ratios(layout, cursor))?;
        let orientation = match number(cursor, Tag::Orientation) {
            Ok(Some(orientation @ 1..=8)) => orientation as u8,
            _ => 1,
        };
        let least_significant_bit_first =
            compression == Compression::Lzw && old_lzw(pieces.opening(layout, cursor)?, reversed_bits);

        let image = Self {
            width,
            height,
            compression,
            photometric,
            bits,
            samples,
            sample_format,
            extra: extra(layout, cursor, directory, samples - photometric.samples())?,
            planar,
            reversed_bits,
            predictor,
            pieces,
            jpeg_tables,
            palette,
            orientation,
            icc: directory.entry(Tag::IccProfile).and_then(|entry| entry.within(cursor)),
            luma,
            references,
            subsampled,
            least_significant_bit_first,
        };
        match image.unsupported() {
            Some(feature) => Err(Fault::Unsupported(feature)),
            None => Ok(image),
        }
    }
}

/// Checks a width or a height.
pub(super) fn side<E>(number: Option<u64>) -> Result<u32, Fault<E>> {
    match number.map(u32::try_from) {
        Some(Ok(side)) if side > 0 => Ok(side),
        _ => Err(Fault::Damaged("a size is missing or out of range")),
    }
}

/// Reads a number that is stored for each sample of a pixel and has to be the same for all of them.
fn same<S: Source>(
    layout: Layout,
    cursor: &mut Cursor<'_, S>,
    entry: Option<&Entry>,
) -> Found<Option<u64>, S> {
    let Some(entry) = entry else { return Ok(None) };
    if entry.value.end - entry.value.start > MAX_LIST {
        return Err(Fault::Damaged("a list of numbers is too long"));
    }
    let mut numbers = entry.numbers(layout, cursor)?;
    let first = numbers.next().ok_or(Fault::Damaged("an entry has no value"))??;
    for number in numbers {
        if number? != first {
            return Err(Fault::Unsupported("samples of different kinds".into()));
        }
    }
    Ok(Some(first))
}

/// Checks the shared JPEG tables, which begin and end with markers of two bytes each.
fn jpeg_tables<S: Source>(cursor: &Cursor<'_, S>, entry: &Entry) -> Found<Entry, S> {
    let tables = entry.within(cursor).ok_or(ReadError::EndedEarly)?;
    if !matches!(entry.kind.0, 1 | 7) || !(4..=MAX_LIST).contains(&(tables.end - tables.start)) {
        return Err(Fault::Damaged("the JPEG tables are of another type or length"));
    }
    Ok(entry.clone())
}

fn palette<S: Source>(cursor: &Cursor<'_, S>, entry: &Entry, bits: u16) -> Found<Range<u64>, S> {
    // A palette for more bits is refused with its name elsewhere.
    if entry.kind != super::Kind::SHORT || entry.count < 3 << bits.min(8) {
        return Err(Fault::Damaged("the palette has too few colours"));
    }
    Ok(entry.within(cursor).ok_or(ReadError::EndedEarly)?)
}

/// Whether chroma is subsampled. It is stored for 2 × 2 pixels unless the file says otherwise (TIFF 6.0 § 21).
fn subsampled<S: Source>(
    layout: Layout,
    cursor: &mut Cursor<'_, S>,
    directory: &Directory,
) -> Found<bool, S> {
    let Some(entry) = directory.entry(Tag::YcbcrSubsampling) else { return Ok(true) };
    let mut factors = [0; 2];
    let count = entry.numbers_from(layout, cursor, 0, &mut factors)?;
    Ok(count != 2 || factors != [1, 1])
}

/// The meaning of the first of the `beyond` extra samples. If a program does not write the tag at all, a single extra
/// sample is alpha.
fn extra<S: Source>(
    layout: Layout,
    cursor: &mut Cursor<'_, S>,
    directory: &Directory,
    beyond: u16,
) -> Found<Option<ExtraSample>, S> {
    if beyond == 0 {
        return Ok(None);
    }
    let mut kind = [0];
    let Some(entry) = directory.entry(Tag::ExtraSamples) else {
        return Ok(Some(if beyond == 1 { ExtraSample::Straight } else { ExtraSample::Unspecified }));
    };
    let count = entry.numbers_from(layout, cursor, 0, &mut kind)?;
    Ok(Some(match (count, kind) {
        (1, [1]) => ExtraSample::Premultiplied,
        (1, [2]) => ExtraSample::Straight,
        _ => ExtraSample::Unspecified,
    }))
}

/// Whether LZW data begins with the clear code (256, in 9 bits) in the old bit order. libtiff detects it in the same
/// way.
fn old_lzw(opening: Option<[u8; 2]>, reversed: bool) -> bool {
    let opening = opening.map(|bytes| if reversed { bytes.map(u8::reverse_bits) } else { bytes });
    matches!(opening, Some([0, second]) if second & 1 == 1)
}
