//! The protocol between the worker and a renderer, which they use over a socket pair.
//!
//! The worker sends [`Job`]s, which have a fixed size. The renderer sends one greeting and then, in order, one
//! [`Reply`] for each job. Integers are little-endian. The worker trusts no reply: it checks a length against its
//! maximum before it reads on, and it allocates memory for the bytes that arrive, not for the length that is
//! announced.

use std::io::{self, ErrorKind, Write};
use std::num::NonZeroU32;
use std::time::Duration;

use resizinator_formats::{Format, ImageLimits};
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::variant::{Heights, VariantFormat, Wanted};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::confine::Confinement;
use super::step_times::StepTimes;
use crate::pipeline::{RenderLimits, Variant, Variants};

/// The longest encoded variant, in bytes.
pub(super) const MAX_VARIANT: usize = 64 << 20;
/// The longest failure code, in bytes.
const MAX_CODE: usize = 64;
/// The longest placeholder in base64, in bytes.
const MAX_PLACEHOLDER: usize = 36;
/// The longest sentence or panic message, in bytes.
const MAX_TEXT: usize = 1000;

const FULL: u8 = b'F';
const UNFILTERED: u8 = b'U';
const UNABLE: u8 = b'E';

const RENDERED: u8 = 1;
const REFUSED: u8 = 2;
const PANICKED: u8 = 3;

/// The order to render one original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    /// The number of the job, which the reply repeats.
    pub(super) number: u64,
    /// The format of the original according to its row.
    pub(super) format: Format,
    /// The length of the original in bytes.
    pub(super) len: u64,
    pub(super) limits: RenderLimits,
    pub(super) wanted: Wanted,
}

impl Job {
    pub(super) const LEN: usize = 12 * 8;

    pub(super) fn to_bytes(self) -> [u8; Self::LEN] {
        let RenderLimits { image, decoder_memory } = self.limits;
        let ImageLimits { pixels, side, frames, animation_pixels } = image;
        let Wanted { heights: Heights { small, medium, max_aspect }, format } = self.wanted;
        let fields = [
            self.number,
            self.len,
            pixels,
            side.into(),
            frames.into(),
            animation_pixels,
            decoder_memory,
            small.into(),
            medium.into(),
            max_aspect.into(),
            format_number(self.format).into(),
            format as u64,
        ];
        let mut bytes = [0; Self::LEN];
        for (place, field) in bytes.chunks_exact_mut(8).zip(fields) {
            place.copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; Self::LEN]) -> io::Result<Self> {
        let (fields, _) = bytes.as_chunks::<8>();
        let field = |index: usize| u64::from_le_bytes(fields[index]);
        let small_field = |index| u32::try_from(field(index)).map_err(|_| broken("a job"));
        Ok(Self {
            number: field(0),
            len: field(1),
            limits: RenderLimits {
                image: ImageLimits {
                    pixels: field(2),
                    side: small_field(3)?,
                    frames: small_field(4)?,
                    animation_pixels: field(5),
                },
                decoder_memory: field(6),
            },
            wanted: Wanted {
                heights: Heights {
                    small: small_field(7)?,
                    medium: small_field(8)?,
                    max_aspect: small_field(9)?,
                },
                format: variant_format_of(field(11))?,
            },
            format: format_of(field(10))?,
        })
    }
}

/// The renderer's answer to a job.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Rendered(Variants, StepTimes),
    /// The pipeline refused the file, with this code and this sentence.
    Refused {
        code: FailureCode,
        detail: String,
    },
    /// The renderer panicked, with this message and place in the code. It ends after this reply.
    Panicked(String),
}

impl Reply {
    /// Writes the reply; this is the renderer's side.
    pub(super) fn write(&self, number: u64, mut to: impl Write) -> io::Result<()> {
        let mut head = number.to_le_bytes().to_vec();
        match self {
            Self::Rendered(variants, times) => {
                head.push(RENDERED);
                let both = [&variants.small, &variants.medium];
                for variant in both {
                    push_variant(&mut head, variant)?;
                }
                head.extend_from_slice(&variants.frames.get().to_le_bytes());
                push_text(&mut head, variants.placeholder.as_str(), MAX_PLACEHOLDER);
                for time in [times.decode, times.resize, times.encode] {
                    let microseconds = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
                    head.extend_from_slice(&microseconds.to_le_bytes());
                }
                to.write_all(&head)?;
                both.into_iter().try_for_each(|variant| to.write_all(&variant.bytes))
            }
            Self::Refused { code, detail } => {
                head.push(REFUSED);
                push_text(&mut head, code.name(), MAX_CODE);
                push_text(&mut head, detail, MAX_TEXT);
                to.write_all(&head)
            }
            Self::Panicked(message) => {
                head.push(PANICKED);
                push_text(&mut head, message, MAX_TEXT);
                to.write_all(&head)
            }
        }
    }

    /// Reads a reply; this is the worker's side. After an error the renderer can no longer be used.
    pub(super) async fn read(number: u64, mut from: impl AsyncRead + Unpin) -> io::Result<Self> {
        if from.read_u64_le().await? != number {
            return Err(broken("the number of a job"));
        }
        match from.read_u8().await? {
            RENDERED => {
                let (mut small, small_len) = read_variant(&mut from).await?;
                let (mut medium, medium_len) = read_variant(&mut from).await?;
                let frames = NonZeroU32::new(from.read_u32_le().await?);
                let frames = frames.ok_or_else(|| broken("the number of frames"))?;
                let placeholder = read_text(&mut from, MAX_PLACEHOLDER).await?;
                let placeholder = placeholder.parse().map_err(|_| broken("a placeholder"))?;
                let mut times = [Duration::ZERO; 3];
                for time in &mut times {
                    *time = Duration::from_micros(from.read_u32_le().await?.into());
                }
                let [decode, resize, encode] = times;
                small.bytes = read_bytes(&mut from, small_len).await?;
                medium.bytes = read_bytes(&mut from, medium_len).await?;
                let variants = Variants { small, medium, frames, placeholder };
                Ok(Self::Rendered(variants, StepTimes { decode, resize, encode }))
            }
            REFUSED => {
                let code = read_text(&mut from, MAX_CODE).await?.parse().map_err(|_| broken("a code"))?;
                let detail = read_text(&mut from, MAX_TEXT).await?;
                Ok(Self::Refused { code, detail })
            }
            PANICKED => Ok(Self::Panicked(read_text(&mut from, MAX_TEXT).await?)),
            _ => Err(broken("the kind of a reply")),
        }
    }
}

/// Writes the greeting; this is the renderer's side. An error in `confined` is sent as the reason why it cannot work.
pub(super) fn greet(confined: &io::Result<Confinement>, mut to: impl Write) -> io::Result<()> {
    match confined {
        Ok(Confinement::Full) => to.write_all(&[FULL]),
        Ok(Confinement::Unfiltered) => to.write_all(&[UNFILTERED]),
        Err(error) => {
            let mut bytes = vec![UNABLE];
            push_text(&mut bytes, &error.to_string(), MAX_TEXT);
            to.write_all(&bytes)
        }
    }
}

/// Reads the greeting; this is the worker's side.
pub(super) async fn read_greeting(mut from: impl AsyncRead + Unpin) -> io::Result<Confinement> {
    match from.read_u8().await? {
        FULL => Ok(Confinement::Full),
        UNFILTERED => Ok(Confinement::Unfiltered),
        UNABLE => Err(io::Error::other(read_text(&mut from, MAX_TEXT).await?)),
        _ => Err(broken("a greeting")),
    }
}

pub(super) fn broken(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("{what} is not what the protocol allows"))
}

/// The number that stands for a format: its place in [`Format::ALL`].
fn format_number(format: Format) -> u8 {
    format as u8
}

fn format_of(number: u64) -> io::Result<Format> {
    let format = usize::try_from(number).ok().and_then(|index| Format::ALL.get(index));
    format.copied().ok_or_else(|| broken("a format"))
}

/// The inverse of the number that a job has, which is the place in [`VariantFormat::ALL`].
fn variant_format_of(number: u64) -> io::Result<VariantFormat> {
    let format = usize::try_from(number).ok().and_then(|index| VariantFormat::ALL.get(index));
    format.copied().ok_or_else(|| broken("a format of variants"))
}

fn push_variant(to: &mut Vec<u8>, variant: &Variant) -> io::Result<()> {
    let len = u32::try_from(variant.bytes.len()).map_err(|_| broken("the length of a variant"))?;
    to.push(format_number(variant.format));
    for field in [variant.width, variant.height, len] {
        to.extend_from_slice(&field.to_le_bytes());
    }
    Ok(())
}

/// Reads a variant without its bytes, and the number of bytes that it has.
async fn read_variant(from: &mut (impl AsyncRead + Unpin)) -> io::Result<(Variant, usize)> {
    let format = format_of(from.read_u8().await?.into())?;
    let (width, height) = (from.read_u32_le().await?, from.read_u32_le().await?);
    let len = usize::try_from(from.read_u32_le().await?).unwrap_or(usize::MAX);
    if len == 0 || len > MAX_VARIANT || width == 0 || height == 0 {
        return Err(broken("the size of a variant"));
    }
    Ok((Variant { bytes: Vec::new(), format, width, height }, len))
}

async fn read_bytes(from: &mut (impl AsyncRead + Unpin), len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(len as u64).read_to_end(&mut bytes).await?;
    if read == len { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

/// Appends `text`, cut to at most `max` bytes, with its length before it.
fn push_text(to: &mut Vec<u8>, text: &str, max: usize) {
    let text = &text[..text.floor_char_boundary(max)];
    to.extend_from_slice(&u16::try_from(text.len()).unwrap_or(0).to_le_bytes());
    to.extend_from_slice(text.as_bytes());
}

async fn read_text(from: &mut (impl AsyncRead + Unpin), max: usize) -> io::Result<String> {
    let len = usize::from(from.read_u16_le().await?);
    if len > max {
        return Err(broken("the length of a text"));
    }
    let text = String::from_utf8(read_bytes(from, len).await?).map_err(|_| broken("a text"))?;
    // Control characters are removed because the text goes to logs, headers and clients.
    Ok(text.replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use resizinator_shared::placeholder::Placeholder;

    use super::*;

    fn variant(len: usize) -> Variant {
        Variant { bytes: vec![7; len], format: Format::WebP, width: 400, height: 300 }
    }

    fn variants(small: usize, medium: usize) -> Variants {
        Variants {
            small: variant(small),
            medium: variant(medium),
            frames: NonZeroU32::MIN,
            placeholder: Placeholder::of(&[7; 25]).expect("a hash"),
        }
    }

    fn written(reply: &Reply) -> Vec<u8> {
        let mut bytes = Vec::new();
        reply.write(9, &mut bytes).expect("a Vec takes all");
        bytes
    }

    #[test]
    fn a_job_arrives_as_it_was_sent() {
        let job = Job {
            number: 1 << 40,
            len: 4_000_000,
            format: Format::Avif,
            limits: RenderLimits {
                image: ImageLimits {
                    pixels: 5_000_000_000,
                    side: 70_000,
                    frames: 7,
                    animation_pixels: 6_000_000_000,
                },
                decoder_memory: 1 << 33,
            },
            wanted: Wanted {
                heights: Heights { small: 100, medium: 300, max_aspect: 20 },
                format: VariantFormat::WebP,
            },
        };
        assert_eq!(Job::from_bytes(&job.to_bytes()).expect("a job"), job);
        let original = Job { wanted: job.wanted.heights.into(), ..job };
        assert_eq!(Job::from_bytes(&original.to_bytes()).expect("a job"), original);
    }

    #[test]
    fn every_format_is_its_place_in_the_list() {
        for format in Format::ALL {
            assert_eq!(format_of(format_number(format).into()).expect("a format"), format);
        }
        assert!(format_of(Format::ALL.len() as u64).is_err());
        for format in VariantFormat::ALL {
            assert_eq!(variant_format_of(format as u64).expect("a format"), format);
        }
        assert!(variant_format_of(VariantFormat::ALL.len() as u64).is_err());
    }

    #[tokio::test]
    async fn every_reply_arrives_as_it_was_sent_and_is_refused_cut_short_anywhere() {
        let times = [1, 2_000, 3_000_000].map(Duration::from_micros);
        let times = StepTimes { decode: times[0], resize: times[1], encode: times[2] };
        let replies = [
            Reply::Rendered(variants(10, 300), times),
            Reply::Refused { code: FailureCode::DecodeFailed, detail: "It is damaged.".into() },
            Reply::Panicked("at src/decode.rs:7".into()),
        ];
        for reply in replies {
            let bytes = written(&reply);
            assert_eq!(Reply::read(9, bytes.as_slice()).await.expect("a reply"), reply);
            assert!(Reply::read(8, bytes.as_slice()).await.is_err(), "another job's reply");
            for end in 0..bytes.len() {
                assert!(Reply::read(9, &bytes[..end]).await.is_err(), "{end} bytes of {reply:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_reply_with_any_byte_changed_never_panics_nor_goes_beyond_a_bound() {
        let bytes = written(&Reply::Rendered(variants(3, 5), StepTimes::default()));
        for place in 0..bytes.len() {
            for value in [0, 1, 2, 3, 0x7f, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[place] = value;
                if let Ok(Reply::Rendered(variants, _)) = Reply::read(9, bytes.as_slice()).await {
                    assert!(variants.small.bytes.len() + variants.medium.bytes.len() <= 8);
                    assert!(variants.placeholder.as_str().len() <= MAX_PLACEHOLDER);
                }
            }
        }
    }

    #[tokio::test]
    async fn texts_are_cut_to_their_bound_and_freed_of_control_characters() {
        let reply = Reply::Panicked(format!("a\r\nb{}", "ü".repeat(MAX_TEXT)));
        let Ok(Reply::Panicked(text)) = Reply::read(9, written(&reply).as_slice()).await else {
            panic!("no reply")
        };
        assert!(text.starts_with("a  bü") && text.len() <= MAX_TEXT && text.len() > MAX_TEXT - 2);
    }

    #[tokio::test]
    async fn what_is_no_placeholder_or_no_number_of_frames_is_a_broken_reply() {
        let bytes = |frames: u32, placeholder: &str| {
            let mut bytes = 9_u64.to_le_bytes().to_vec();
            bytes.push(RENDERED);
            for _ in 0..2 {
                push_variant(&mut bytes, &variant(1)).expect("a short variant");
            }
            bytes.extend_from_slice(&frames.to_le_bytes());
            push_text(&mut bytes, placeholder, MAX_TEXT);
            bytes.extend_from_slice(&[0; 12]);
            bytes.extend_from_slice(&[7; 2]);
            bytes
        };
        let placeholder = |len| STANDARD.encode(vec![7; len]);
        assert!(Reply::read(9, bytes(1, &placeholder(5)).as_slice()).await.is_ok());
        assert!(Reply::read(9, bytes(1, &placeholder(25)).as_slice()).await.is_ok());
        for (frames, placeholder) in [
            (0, placeholder(25)),
            (1, placeholder(4)),
            (1, placeholder(26)),
            (1, placeholder(700)),
            (1, String::new()),
            (1, "<script>".into()),
        ] {
            let error = Reply::read(9, bytes(frames, &placeholder).as_slice()).await.expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{frames} {placeholder}");
        }
    }

    #[tokio::test]
    async fn a_code_that_the_worker_does_not_know_is_a_broken_reply() {
        let refused = |code: &str| {
            let mut bytes = 9_u64.to_le_bytes().to_vec();
            bytes.push(REFUSED);
            push_text(&mut bytes, code, MAX_CODE);
            push_text(&mut bytes, "It is damaged.", MAX_TEXT);
            bytes
        };
        let known = Reply::read(9, refused("decode_failed").as_slice()).await.expect("a reply");
        assert!(matches!(known, Reply::Refused { code: FailureCode::DecodeFailed, .. }));
        for code in ["", "no_such_code", "Decode_failed", "decode_failed\"", " decode_failed"] {
            let error = Reply::read(9, refused(code).as_slice()).await.expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{code}");
        }
    }
}
