//! The frame header of a JPEG: size, components and their sampling (T.81, B.2.2).

use super::marker::Coding;

/// One colour component, for example luma or an ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// The identifier that scan headers use for the component.
    pub id: u8,
    /// The horizontal sampling factor, relative to the largest one of all components; 1 to 4.
    pub h: u8,
    /// The vertical sampling factor, relative to the largest one of all components; 1 to 4.
    pub v: u8,
    /// The number of the component's quantisation table.
    pub quantiser: u8,
}

/// The frame header of a JPEG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// This side in pixels, as stored. It is never 0.
    pub width: u32,
    /// This side in pixels, as stored. It is never 0.
    pub height: u32,
    /// How the coefficients are stored.
    pub coding: Coding,
    /// The components, of which there are one, three or four.
    pub components: Vec<Component>,
}

/// The reason why a picture with this frame header cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameFault {
    /// The number of bits per sample is not 8.
    Precision(u8),
    /// The number of components is not 1, 3 or 4.
    Components(u8),
    /// The width or the height is 0. A height of 0 means that a DNL marker after the scan has the height, but no
    /// browser reads that.
    NoPixels,
    /// The length is wrong, or a sampling factor is impossible.
    Malformed,
}

impl Frame {
    /// The most bytes that are read of the body of a frame header.
    pub(crate) const LONGEST: usize = 6 + 3 * 4;

    /// Parses the body of a frame header of `length` bytes. `opening` has all of them or the first [`Frame::LONGEST`].
    pub(crate) fn parse(opening: &[u8], length: u64, coding: Coding) -> Result<Self, FrameFault> {
        let &[precision, h0, h1, w0, w1, count, ref components @ ..] = opening else {
            return Err(FrameFault::Malformed);
        };
        let (width, height) = (u16::from_be_bytes([w0, w1]).into(), u16::from_be_bytes([h0, h1]).into());
        if precision != 8 {
            return Err(FrameFault::Precision(precision));
        }
        if width == 0 || height == 0 {
            return Err(FrameFault::NoPixels);
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(FrameFault::Components(count));
        }
        if length != 6 + 3 * u64::from(count) {
            return Err(FrameFault::Malformed);
        }
        let component = |&[id, sampling, quantiser]: &[u8; 3]| {
            let (h, v) = (sampling >> 4, sampling & 0xF);
            let possible = (1..=4).contains(&h) && (1..=4).contains(&v);
            possible.then_some(Component { id, h, v, quantiser })
        };
        let components = components.as_chunks().0.iter().map(component).collect::<Option<_>>();
        Ok(Self { width, height, coding, components: components.ok_or(FrameFault::Malformed)? })
    }

    /// Whether no two components have the same identifier.
    #[must_use]
    pub fn has_distinct_names(&self) -> bool {
        let is_new = |n: usize| self.components[..n].iter().all(|other| other.id != self.components[n].id);
        (1..self.components.len()).all(is_new)
    }

    /// The largest sampling factors, along and down.
    #[must_use]
    pub fn most_sampled(&self) -> (u8, u8) {
        let most = |factor: fn(&Component) -> u8| self.components.iter().map(factor).max().unwrap_or(1);
        (most(|component| component.h), most(|component| component.v))
    }

    /// The numbers of blocks of 8 × 8 coefficients of `component`, along and down.
    #[must_use]
    pub fn blocks(&self, component: Component) -> (u32, u32) {
        let (most_h, most_v) = self.most_sampled();
        let blocks =
            |pixels: u32, factor: u8, most: u8| (pixels * u32::from(factor)).div_ceil(8 * u32::from(most));
        (blocks(self.width, component.h, most_h), blocks(self.height, component.v, most_v))
    }

    /// The numbers of units (MCUs) of a scan with all components, along and down.
    #[must_use]
    pub fn units(&self) -> (u32, u32) {
        if let &[only] = &self.components[..] {
            return self.blocks(only);
        }
        let (most_h, most_v) = self.most_sampled();
        let units = |pixels: u32, most: u8| pixels.div_ceil(8 * u32::from(most));
        (units(self.width, most_h), units(self.height, most_v))
    }
}
