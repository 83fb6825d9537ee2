//! What the numbers of a BMP mean.

use super::{HEADER, field};
use crate::pipeline::colour::Profile;

/// Of a file whose header is of the fifth version. The chromaticities that the fourth may hold are rare and
/// unreliable; browsers other than Chromium pass them over too.
pub(in crate::pipeline) fn profile(input: &[u8]) -> Profile {
    embedded_icc(input).map_or(Profile::Srgb, |icc| Profile::Icc(icc.to_vec()))
}

fn embedded_icc(input: &[u8]) -> Option<&[u8]> {
    const SIZE_OF_FIFTH_VERSION: u32 = 124;
    const PROFILE_EMBEDDED: u32 = u32::from_be_bytes(*b"MBED");

    let header = input.get(HEADER..)?;
    if field(header, 0)? != SIZE_OF_FIFTH_VERSION || field(header, 56)? != PROFILE_EMBEDDED {
        return None;
    }
    // The offset counts from the image's header.
    header.get(field(header, 112)? as usize..)?.get(..field(header, 116)? as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two headers of a file whose profile follows them.
    fn file(version: u32, colour_space: &[u8; 4], profile: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 14 + 124];
        let mut write = |offset: usize, value: u32| {
            file[14 + offset..][..4].copy_from_slice(&value.to_le_bytes());
        };
        write(0, version);
        write(56, u32::from_be_bytes(*colour_space));
        write(112, 124);
        write(116, profile.len() as u32);
        file.extend(profile);
        file
    }

    #[test]
    fn an_embedded_profile_is_found() {
        let file = file(124, b"MBED", b"profile");
        assert_eq!(profile(&file), Profile::Icc(b"profile".to_vec()));
    }

    #[test]
    fn without_a_whole_profile_it_is_srgb() {
        let whole = file(124, b"MBED", b"profile");
        for length in 0..whole.len() {
            assert_eq!(profile(&whole[..length]), Profile::Srgb);
        }
        // A path to a profile on some other machine, and a header of an earlier version.
        assert_eq!(profile(&file(124, b"LINK", b"profile")), Profile::Srgb);
        assert_eq!(profile(&file(108, b"MBED", b"profile")), Profile::Srgb);
    }
}
