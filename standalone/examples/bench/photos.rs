//! The files that are uploaded, which are made from one photograph.

use anyhow::Context;
use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageReader};

pub(crate) struct Photos {
    /// A large photo of 12 megapixels, about 4 MB.
    pub(crate) large: Bytes,
    /// A small photo of 640×480 pixels, about 61 KB.
    pub(crate) small: Bytes,
    /// The large photo, followed by zeros up to 10 MB, which no decoder reads.
    pub(crate) padded: Bytes,
}

impl Photos {
    /// The name of the large photo in the tables.
    pub(crate) const LARGE: &str = "12 MP, 4 MB";
    /// The name of the small photo in the tables.
    pub(crate) const SMALL: &str = "640×480, 61 KB";

    pub(crate) fn from_sample(path: &str) -> anyhow::Result<Self> {
        let sample = ImageReader::open(path)?.decode().with_context(|| path.to_owned())?.into_rgb8();
        let sample = DynamicImage::from(sample);
        let large = encode(&sample.resize_exact(4000, 3000, FilterType::Triangle), 4_100_000)?;
        let small = encode(&sample.resize_exact(640, 480, FilterType::Triangle), 61_000)?;
        let mut padded = large.to_vec();
        padded.resize(10_000_000, 0);
        Ok(Self { large, small, padded: padded.into() })
    }
}

/// Encodes the image with the highest quality that takes at most `max` bytes.
fn encode(image: &DynamicImage, max: usize) -> anyhow::Result<Bytes> {
    let (mut low, mut high, mut best) = (1, 100, Vec::new());
    while low <= high {
        let quality = u8::midpoint(low, high);
        let mut file = Vec::new();
        image.write_with_encoder(JpegEncoder::new_with_quality(&mut file, quality))?;
        if file.len() <= max {
            (low, best) = (quality + 1, file);
        } else {
            high = quality - 1;
        }
    }
    Ok(best.into())
}
