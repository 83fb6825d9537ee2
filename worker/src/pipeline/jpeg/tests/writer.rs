//! A JPEG writer for tests. It writes given coefficients in any sampling and with any scan script.

use std::ops::RangeInclusive;

/// Where each coefficient of a block stands in the file: this module's blocks are in zigzag order.
pub(super) type Block = [i32; 64];

/// Of one component: sampling factors, and its blocks row by row, padded to whole MCUs.
#[derive(Clone)]
pub(super) struct Component {
    pub(super) id: u8,
    pub(super) h: usize,
    pub(super) v: usize,
    pub(super) blocks: Vec<Block>,
}

#[derive(Clone)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// What every coefficient is multiplied by; above 255 the table has 16 bits.
    pub(super) quantiser: u16,
    /// Restart marker after as many MCUs; 0 for none.
    pub(super) restart: u16,
}

/// Components, band, bit position before (0 for a first scan) and after.
pub(super) type Scan<'a> = (&'a [usize], RangeInclusive<usize>, u32, u32);

impl Picture {
    /// `value` gives the samples of a block of a component, by its position from 0 to 1 along and down.
    pub(super) fn new(
        (width, height): (usize, usize),
        samplings: &[(usize, usize)],
        mut block: impl FnMut(usize, f64, f64) -> Block,
    ) -> Self {
        let most_h = samplings.iter().map(|s| s.0).max().expect("a component");
        let most_v = samplings.iter().map(|s| s.1).max().expect("a component");
        let mcus = (width.div_ceil(8 * most_h), height.div_ceil(8 * most_v));
        let components = samplings
            .iter()
            .enumerate()
            .map(|(n, &(h, v))| {
                let (along, down) = (mcus.0 * h, mcus.1 * v);
                let blocks = (0..along * down)
                    .map(|at| {
                        let middle = |n: usize, of: usize| (n as f64 + 0.5) / of as f64;
                        let x = middle(at % along, along) * (mcus.0 * most_h * 8) as f64 / width as f64;
                        let y = middle(at / along, down) * (mcus.1 * most_v * 8) as f64 / height as f64;
                        block(n, x, y)
                    })
                    .collect();
                Component { id: n as u8 + 1, h, v, blocks }
            })
            .collect();
        Self { width, height, components, quantiser: 1, restart: 0 }
    }

    /// Flat blocks of the sample values that `value` gives.
    pub(super) fn flat(
        size: (usize, usize),
        samplings: &[(usize, usize)],
        value: impl Fn(usize, f64, f64) -> u8,
    ) -> Self {
        Self::new(size, samplings, |component, x, y| {
            let mut block = [0; 64];
            block[0] = (i32::from(value(component, x, y)) - 128) * 8;
            block
        })
    }

    /// Blocks of pseudo-random coefficients, many of them zero, all small.
    pub(super) fn noise(size: (usize, usize), samplings: &[(usize, usize)]) -> Self {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut random = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % below
        };
        let mut picture = Self::new(size, samplings, |_, x, _| {
            let mut block = [0; 64];
            block[0] = random(120) as i32 - 60 + (x * 40.0) as i32;
            for (n, coefficient) in block.iter_mut().enumerate().skip(1) {
                if random(4 + n as u64) < 3 {
                    *coefficient = random(15) as i32 - 7;
                }
            }
            block
        });
        picture.quantiser = 8;
        picture
    }

    pub(super) fn sequential(&self) -> Vec<u8> {
        let all: Vec<usize> = (0..self.components.len()).collect();
        self.file(0xC0, &[(&all, 0..=63, 0, 0)], &[])
    }

    pub(super) fn progressive(&self, script: &[Scan<'_>]) -> Vec<u8> {
        self.file(0xC2, script, &[])
    }

    /// The script that libjpeg writes for three components.
    pub(super) fn usual_progressive(&self) -> Vec<u8> {
        self.progressive(&usual_script())
    }

    /// With `segments` after the start marker.
    pub(super) fn file(&self, frame: u8, script: &[Scan<'_>], segments: &[u8]) -> Vec<u8> {
        let mut file = vec![0xFF, 0xD8];
        file.extend_from_slice(segments);
        if self.quantiser < 256 {
            file.extend(segment(0xDB, &[&[0][..], &[self.quantiser as u8; 64]].concat()));
        } else {
            file.extend(segment(0xDB, &[&[0x10][..], &self.quantiser.to_be_bytes().repeat(64)].concat()));
        }
        let mut header = vec![8];
        header.extend((self.height as u16).to_be_bytes());
        header.extend((self.width as u16).to_be_bytes());
        header.push(self.components.len() as u8);
        for component in &self.components {
            header.extend([component.id, (component.h << 4 | component.v) as u8, 0]);
        }
        file.extend(segment(frame, &header));
        // Category n has the code n, of 4 bits; run and size n has the code n, of 8 bits.
        let dc: Vec<u8> = [&[0x00, 0, 0, 0, 12][..], &[0; 12], &(0..12).collect::<Vec<u8>>()].concat();
        let ac: Vec<u8> =
            [&[0x10, 0, 0, 0, 0, 0, 0, 0, 255][..], &[0; 8], &(0..255).collect::<Vec<u8>>()].concat();
        file.extend(segment(0xC4, &dc));
        file.extend(segment(0xC4, &ac));
        if self.restart > 0 {
            file.extend(segment(0xDD, &self.restart.to_be_bytes()));
        }
        for scan in script {
            self.write_scan(scan, frame == 0xC2, &mut file);
        }
        file.extend([0xFF, 0xD9]);
        file
    }

    fn write_scan(&self, scan: &Scan<'_>, progressive: bool, file: &mut Vec<u8>) {
        let (components, band, before, after) = scan;
        let mut header = vec![components.len() as u8];
        components.iter().for_each(|&n| header.extend([self.components[n].id, 0]));
        header.extend([*band.start() as u8, *band.end() as u8, (before << 4 | after) as u8]);
        file.extend(segment(0xDA, &header));

        let most_h = self.components.iter().map(|c| c.h).max().expect("a component");
        let most_v = self.components.iter().map(|c| c.v).max().expect("a component");
        let mcus_along = self.width.div_ceil(8 * most_h);
        let mcus_down = self.height.div_ceil(8 * most_v);
        // The blocks of each MCU: the component, and the index of the block.
        let mut mcus: Vec<Vec<(usize, usize)>> = Vec::new();
        if let [only] = components[..] {
            let component = &self.components[only];
            let along = (self.width * component.h).div_ceil(8 * most_h);
            let down = (self.height * component.v).div_ceil(8 * most_v);
            for y in 0..down {
                mcus.extend((0..along).map(|x| vec![(only, y * mcus_along * component.h + x)]));
            }
        } else {
            for y in 0..mcus_down {
                for x in 0..mcus_along {
                    let mut mcu = Vec::new();
                    for &n in *components {
                        let Component { h, v, .. } = self.components[n];
                        for row in 0..v {
                            mcu.extend(
                                (0..h).map(|column| (n, (y * v + row) * mcus_along * h + x * h + column)),
                            );
                        }
                    }
                    mcus.push(mcu);
                }
            }
        }

        let mut bits = Bits::default();
        let mut last_dc = [0; 4];
        for (number, mcu) in mcus.iter().enumerate() {
            if self.restart > 0 && number > 0 && number % usize::from(self.restart) == 0 {
                bits.end_run();
                bits.pad();
                bits.bytes.extend([0xFF, 0xD0 + ((number / usize::from(self.restart) - 1) % 8) as u8]);
                last_dc = [0; 4];
            }
            for &(n, at) in mcu {
                let block = &self.components[n].blocks[at];
                if *band.start() == 0 {
                    if *before == 0 {
                        bits.dc((block[0] >> after) - last_dc[n]);
                        last_dc[n] = block[0] >> after;
                    } else {
                        bits.write((block[0] >> after & 1) as u32, 1);
                    }
                }
                if !progressive {
                    bits.ac_first(block, 1..=63, 0);
                    bits.end_run();
                } else if *band.start() > 0 && *before == 0 {
                    bits.ac_first(block, band.clone(), *after);
                } else if *band.start() > 0 {
                    bits.ac_refine(block, band.clone(), *after);
                }
            }
        }
        bits.end_run();
        bits.pad();
        file.extend(bits.bytes);
    }
}

/// Of three components: DC, a first look at luma, chroma, then bit by bit.
pub(super) fn usual_script() -> Vec<Scan<'static>> {
    vec![
        (&[0, 1, 2], 0..=0, 0, 1),
        (&[0], 1..=5, 0, 2),
        (&[2], 1..=63, 0, 1),
        (&[1], 1..=63, 0, 1),
        (&[0], 6..=63, 0, 2),
        (&[0], 1..=63, 2, 1),
        (&[0, 1, 2], 0..=0, 1, 0),
        (&[2], 1..=63, 1, 0),
        (&[1], 1..=63, 1, 0),
        (&[0], 1..=63, 1, 0),
    ]
}

pub(super) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("a segment's length");
    [&[0xFF, marker][..], &length.to_be_bytes(), body].concat()
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    count: u32,
    /// The blocks whose band has ended, which no code says yet.
    ended: u32,
    /// The bits of a refinement scan that follow the code for those blocks.
    corrections: Vec<u32>,
}

impl Bits {
    fn write(&mut self, bits: u32, count: u32) {
        for shift in (0..count).rev() {
            self.pending = self.pending << 1 | (bits >> shift & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.pending as u8);
                if self.pending == 0xFF {
                    self.bytes.push(0);
                }
                (self.pending, self.count) = (0, 0);
            }
        }
    }

    fn pad(&mut self) {
        while self.count > 0 {
            self.write(1, 1);
        }
    }

    fn dc(&mut self, difference: i32) {
        let size = size_of(difference);
        self.write(size, 4);
        self.amount(difference, size);
    }

    fn amount(&mut self, value: i32, size: u32) {
        let bits = if value < 0 { value - 1 } else { value };
        self.write(bits as u32, size);
    }

    fn ac_first(&mut self, block: &Block, band: RangeInclusive<usize>, after: u32) {
        let mut run = 0;
        for &coefficient in &block[band] {
            let value = (coefficient.abs() >> after) * coefficient.signum();
            if value == 0 {
                run += 1;
                continue;
            }
            self.end_run();
            while run > 15 {
                self.write(0xF0, 8);
                run -= 16;
            }
            let size = size_of(value);
            self.write(run << 4 | size, 8);
            self.amount(value, size);
            run = 0;
        }
        if run > 0 {
            self.end_block(Vec::new());
        }
    }

    fn ac_refine(&mut self, block: &Block, band: RangeInclusive<usize>, after: u32) {
        let amount = |n: usize| block[n].abs() >> after;
        let last_new = band.clone().rev().find(|&n| amount(n) == 1).unwrap_or(0);
        let (mut run, mut corrections) = (0, Vec::new());
        for n in band {
            if amount(n) == 0 {
                run += 1;
                continue;
            }
            while run > 15 && n <= last_new {
                self.end_run();
                self.write(0xF0, 8);
                run -= 16;
                corrections.drain(..).for_each(|bit| self.write(bit, 1));
            }
            if amount(n) > 1 {
                corrections.push(amount(n) as u32 & 1);
                continue;
            }
            self.end_run();
            self.write(run << 4 | 1, 8);
            self.write(u32::from(block[n] > 0), 1);
            corrections.drain(..).for_each(|bit| self.write(bit, 1));
            run = 0;
        }
        if run > 0 || !corrections.is_empty() {
            self.end_block(corrections);
        }
    }

    /// Adds a block to the run of blocks whose band has ended.
    fn end_block(&mut self, corrections: Vec<u32>) {
        self.ended += 1;
        self.corrections.extend(corrections);
        if self.ended == 0x7FFF {
            self.end_run();
        }
    }

    /// Writes the code for the blocks whose band has ended.
    fn end_run(&mut self) {
        if self.ended > 0 {
            let size = self.ended.ilog2();
            self.write(size << 4, 8);
            self.write(self.ended - (1 << size), size);
            self.ended = 0;
        }
        std::mem::take(&mut self.corrections).into_iter().for_each(|bit| self.write(bit, 1));
    }
}

fn size_of(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}
