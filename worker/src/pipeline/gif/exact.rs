//! A palette that holds exactly the colours that occur.

/// The number of slots of the hash table of colours: a power of two, and more than twice the number of colours.
const SLOTS: usize = 1024;

/// A palette of at most 256 colours. New colours are appended.
pub(super) struct Exact {
    pub(super) colours: Vec<[u8; 3]>,
    /// Whether the index 0 stands for transparent pixels.
    pub(super) transparent: bool,
    /// The index of a colour plus one, or 0 in an empty slot.
    slots: Box<[u16; SLOTS]>,
}

impl Exact {
    pub(super) fn new(transparent: bool) -> Self {
        let colours = if transparent { vec![[0; 3]] } else { Vec::new() };
        Self { colours, transparent, slots: Box::new([0; SLOTS]) }
    }

    /// Adds the colours of `pixels`, RGBA, that are missing. If they are too many, it adds nothing and returns false.
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

    /// The index of each of `pixels`. The palette must have all their colours.
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

    /// The slot that holds `rgb`, or the empty one where it belongs.
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
