//! What the first directory says of its image.

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

/// The most bytes of a list of numbers: the places of a million strips.
pub(super) const MAX_LIST: u64 = 8 << 20;

/// What the first sample of a pixel beyond its colour is (TIFF 6.0 § 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraSample {
    /// Nothing that is to be shown.
    Unspecified,
    /// Opacity, and the colours are multiplied with it.
    Premultiplied,
    /// Opacity.
    Straight,
}

/// An image as its directory describes it. All of it is decoded: `features` lists what is.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// In pixels, as stored; never 0.
    pub width: u32,
    /// In pixels, as stored; never 0.
    pub height: u32,
    /// Of the strips or tiles.
    pub compression: Compression,
    /// What the samples of a pixel mean.
    pub photometric: Photometric,
    /// Of a sample.
    pub bits: u16,
    /// Of a pixel; at least as many as its colour needs.
    pub samples: u16,
    /// What the bits of a sample are.
    pub sample_format: SampleFormat,
    /// The first sample of a pixel beyond its colour.
    pub extra: Option<ExtraSample>,
    /// The samples of a pixel lie in strips or tiles of their own.
    pub planar: bool,
    /// The bits of each byte stand in reverse.
    pub reversed_bits: bool,
    /// What the compressed samples are differences of.
    pub predictor: Predictor,
    /// The strips or tiles.
    pub pieces: Pieces,
    /// The tables that the strips or tiles in JPEG share.
    pub jpeg_tables: Option<Entry>,
    /// The palette: all reds, then all greens, then all blues, in 16 bits each.
    pub palette: Option<Range<u64>>,
    /// The number of EXIF; 1, upright, if there is none that holds.
    pub orientation: u8,
    /// The colour profile.
    pub icc: Option<Range<u64>>,
    /// The shares of red, green and blue in the luma of YCbCr.
    pub luma: Option<[f32; 3]>,
    /// Black and white of luma, then zero and the largest value of each difference of colour.
    pub references: Option<[f32; 6]>,
    /// There are fewer differences of colour than pixels in YCbCr.
    pub(super) subsampled: bool,
    /// Compressed with the least significant bit first, which LZW did in its first years.
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

/// A width or a height.
pub(super) fn side<E>(number: Option<u64>) -> Result<u32, Fault<E>> {
    match number.map(u32::try_from) {
        Some(Ok(side)) if side > 0 => Ok(side),
        _ => Err(Fault::Damaged("a size is missing or out of range")),
    }
}

/// The number that stands for each sample of a pixel, which has to be the same for all of them.
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

/// The tables begin and end with markers of two bytes each.
fn jpeg_tables<S: Source>(cursor: &Cursor<'_, S>, entry: &Entry) -> Found<Entry, S> {
    let tables = entry.within(cursor).ok_or(ReadError::EndedEarly)?;
    if !matches!(entry.kind.0, 1 | 7) || !(4..=MAX_LIST).contains(&(tables.end - tables.start)) {
        return Err(Fault::Damaged("the JPEG tables are of another type or length"));
    }
    Ok(entry.clone())
}

fn palette<S: Source>(cursor: &Cursor<'_, S>, entry: &Entry, bits: u16) -> Found<Range<u64>, S> {
    // A palette for more bits is refused by name.
    if entry.kind != super::Kind::SHORT || entry.count < 3 << bits.min(8) {
        return Err(Fault::Damaged("the palette has too few colours"));
    }
    Ok(entry.within(cursor).ok_or(ReadError::EndedEarly)?)
}

/// Each difference of colour is for 2 × 2 pixels, unless the file says otherwise (TIFF 6.0 § 21).
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

/// What the first of the `beyond` samples beyond the colours is. Writers that leave out the tag altogether mean a
/// single such sample as opacity.
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

/// Whether LZW data begins with the clear code of 9 bits, 256, as it was first written. libtiff tells it the same way.
fn old_lzw(opening: Option<[u8; 2]>, reversed: bool) -> bool {
    let opening = opening.map(|bytes| if reversed { bytes.map(u8::reverse_bits) } else { bytes });
    matches!(opening, Some([0, second]) if second & 1 == 1)
}
