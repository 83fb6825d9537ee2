//! A palette of every colour that occurs.

/// Slots of the table in which colours are looked up: a power of two, and more than twice the colours.
const SLOTS: usize = 1024;

/// At most 256 colours; new ones are put behind those that are there.
pub(super) struct Exact {
    pub(super) colours: Vec<[u8; 3]>,
    /// The index 0 stands for transparent pixels.
    pub(super) transparent: bool,
    /// A colour's index plus one; 0 where there is none.
    slots: Box<[u16; SLOTS]>,
}

impl Exact {
    pub(super) fn new(transparent: bool) -> Self {
        let colours = if transparent { vec![[0; 3]] } else { Vec::new() };
        Self { colours, transparent, slots: Box::new([0; SLOTS]) }
    }

    /// Adds what `pixels`, RGBA, have besides; if that is too much, nothing is added.
    pub(super) fn extend(&mut self, pixels: &[u8]) -> bool {
        let before = self.colours.len();
        let mut last = None;
        for pixel in pixels.chunks_exact(4) {
            let rgb = [pixel[0], pixel[1], pixel[2]];
            if pixel[3] == 0 || last == Some(rgb) {
                continue;
            }
            last = Some(rgb);
            let slot = self.slot(rgb);
            if self.slots[slot] == 0 {
                if self.colours.len() == 256 {
                    self.shrink(before);
                    return false;
                }
                self.colours.push(rgb);
                self.slots[slot] = self.colours.len() as u16;
            }
        }
        true
    }

    /// The index of each of `pixels`, all of which the palette has.
    pub(super) fn indices(&self, pixels: &[u8]) -> Vec<u8> {
        let mut last = None;
        let index = |pixel: &[u8]| {
            if pixel[3] == 0 {
                return 0;
            }
            let rgb = [pixel[0], pixel[1], pixel[2]];
            match last {
                Some((same, index)) if same == rgb => index,
                _ => {
                    let index = self.slots[self.slot(rgb)].saturating_sub(1) as u8;
                    last = Some((rgb, index));
                    index
                }
            }
        };
        pixels.chunks_exact(4).map(index).collect()
    }

    /// Where `rgb` is or would be put.
    fn slot(&self, rgb: [u8; 3]) -> usize {
        let key = u32::from_be_bytes([0, rgb[0], rgb[1], rgb[2]]);
        let mut slot = (key.wrapping_mul(0x9e37_79b1) >> 22) as usize;
        while self.slots[slot] != 0 && self.colours[usize::from(self.slots[slot]) - 1] != rgb {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    fn shrink(&mut self, length: usize) {
        self.colours.truncate(length);
        self.slots.fill(0);
        for index in usize::from(self.transparent)..length {
            let slot = self.slot(self.colours[index]);
            self.slots[slot] = index as u16 + 1;
        }
    }
}
