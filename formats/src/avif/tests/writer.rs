//! A writer of AVIF files for tests, box by box. The AV1 data ends after its sequence header.

pub(crate) fn part(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(data.len() + 8).expect("a short box").to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(data);
    bytes
}

/// With a version and without flags.
pub(crate) fn full(kind: &[u8; 4], version: u8, data: &[u8]) -> Vec<u8> {
    part(kind, &[&[version, 0, 0, 0], data].concat())
}

/// What the sequence header of AV1 data says, and the data itself.
#[derive(Clone, Copy)]
pub(crate) struct Av1 {
    pub(crate) size: (u32, u32),
    pub(crate) grey: bool,
    /// Primaries, transfer and matrix.
    pub(crate) colours: Option<[u8; 3]>,
    pub(crate) full_range: bool,
    /// Of two operating points, of which the second has fewer layers.
    pub(crate) layered: bool,
}

impl Av1 {
    /// In colour, of 8 bits.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self { size: (width, height), grey: false, colours: None, full_range: true, layered: false }
    }

    pub(crate) fn data(self) -> Vec<u8> {
        let mut bits = Vec::new();
        let mut put = |number: u32, count: u32| {
            bits.extend((0..count).rev().map(|bit| number >> bit & 1 == 1));
        };
        put(0, 3); // the main profile
        put(u32::from(!self.layered), 1); // a still picture
        put(u32::from(!self.layered), 1); // with a reduced header
        if self.layered {
            put(0, 2); // neither timing nor delays
            put(1, 5);
            for layers in [0x301, 0x101] {
                put(layers, 12);
                put(0, 5);
            }
        } else {
            put(0, 5);
        }
        let (width, height) = self.size;
        put(15, 4);
        put(15, 4);
        put(width - 1, 16);
        put(height - 1, 16);
        if self.layered {
            put(0, 1); // no numbers of frames
        }
        put(0, 3);
        if self.layered {
            put(0, 5);
            put(1, 1); // screen content is told by the frame
            put(1, 1);
        }
        put(0, 3);
        put(0, 1); // 8 bits
        put(self.grey.into(), 1);
        put(self.colours.is_some().into(), 1);
        for point in self.colours.iter().flatten() {
            put((*point).into(), 8);
        }
        if self.colours != Some([1, 13, 0]) {
            put(self.full_range.into(), 1);
            if !self.grey {
                put(0, 2);
            }
        }
        if !self.grey {
            put(0, 1);
        }
        put(0, 1); // no film grain
        put(1, 1);
        let header = bits.chunks(8).map(|bits| {
            bits.iter().enumerate().fold(0, |byte, (index, &bit)| byte | u8::from(bit) << (7 - index))
        });
        let header: Vec<u8> = header.collect();
        [&[0x12, 0, 0x0A, header.len() as u8][..], &header, b"pixels"].concat()
    }
}

/// An item and what is said about it.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) kind: [u8; 4],
    pub(crate) data: Vec<u8>,
    /// Each with whether it has to be known.
    pub(crate) properties: Vec<(Vec<u8>, bool)>,
    /// In which way it refers to which.
    pub(crate) references: Vec<([u8; 4], Vec<u16>)>,
}

impl Item {
    pub(crate) fn new(kind: &[u8; 4], data: &[u8]) -> Self {
        Self { kind: *kind, data: data.to_vec(), properties: Vec::new(), references: Vec::new() }
    }

    pub(crate) fn av1(width: u32, height: u32) -> Self {
        Self::new(b"av01", &Av1::new(width, height).data()).sized(width, height)
    }

    pub(crate) fn grey(width: u32, height: u32) -> Self {
        let data = Av1 { grey: true, ..Av1::new(width, height) }.data();
        Self::new(b"av01", &data).sized(width, height)
    }

    pub(crate) fn sized(self, width: u32, height: u32) -> Self {
        self.with(full(b"ispe", 0, &[width.to_be_bytes(), height.to_be_bytes()].concat()), false)
    }

    pub(crate) fn with(mut self, property: Vec<u8>, essential: bool) -> Self {
        self.properties.push((property, essential));
        self
    }

    /// Items have the numbers from 1.
    pub(crate) fn refers(mut self, kind: &[u8; 4], to: &[u16]) -> Self {
        self.references.push((*kind, to.to_vec()));
        self
    }

    /// An alpha channel of the item `to`.
    pub(crate) fn alpha_of(self, to: u16) -> Self {
        let name = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";
        self.with(full(b"auxC", 0, name), true).refers(b"auxl", &[to])
    }

    /// Tiles side by side, which are the items `tiles`.
    pub(crate) fn grid(rows: u8, columns: u8, (width, height): (u16, u16), tiles: &[u16]) -> Self {
        let mut data = vec![0, 0, rows - 1, columns - 1];
        data.extend(width.to_be_bytes());
        data.extend(height.to_be_bytes());
        Self::new(b"grid", &data).sized(width.into(), height.into()).refers(b"dimg", tiles)
    }
}

/// A file of items, of which the first is the primary one.
pub(crate) fn file(items: &[Item]) -> Vec<u8> {
    let head = part(b"ftyp", b"avif\0\0\0\0mif1miaf");
    let start = head.len() + meta(items, 0).len() + 8;
    let data: Vec<&[u8]> = items.iter().map(|item| &item.data[..]).collect();
    [head, meta(items, start), part(b"mdat", &data.concat())].concat()
}

/// With the items' bytes from `start` of the file on.
fn meta(items: &[Item], mut start: usize) -> Vec<u8> {
    let count = u16::try_from(items.len()).expect("few items").to_be_bytes();
    let (mut iinf, mut iref) = (count.to_vec(), Vec::new());
    let mut iloc = [&[0x44, 0][..], &count].concat();
    let (mut ipco, mut ipma) = (Vec::new(), [&[0, 0][..], &count].concat());
    let mut properties = 0_u16;
    for (number, item) in (1_u16..).zip(items) {
        let id = number.to_be_bytes();
        iinf.extend(full(b"infe", 2, &[&id[..], &[0, 0], &item.kind, b"\0"].concat()));
        let (at, length) = (start as u32, item.data.len() as u32);
        iloc.extend([&id[..], &[0, 0, 0, 1], &at.to_be_bytes(), &length.to_be_bytes()].concat());
        start += item.data.len();
        ipma.extend(id);
        ipma.push(item.properties.len() as u8);
        for (property, essential) in &item.properties {
            properties += 1;
            ipco.extend(property);
            let top = if *essential { 0x8000 } else { 0 };
            ipma.extend((top | properties).to_be_bytes());
        }
        for (kind, to) in &item.references {
            let mut data = [id, (to.len() as u16).to_be_bytes()].concat();
            data.extend(to.iter().flat_map(|to| to.to_be_bytes()));
            iref.extend(part(kind, &data));
        }
    }
    let ipma = part(b"ipma", &[&[0, 0, 0, 1], &ipma[..]].concat());
    let iprp = part(b"iprp", &[part(b"ipco", &ipco), ipma].concat());
    let parts = [
        full(b"hdlr", 0, b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        full(b"pitm", 0, &[0, 1]),
        full(b"iloc", 0, &iloc),
        full(b"iinf", 0, &iinf),
        iprp,
        full(b"iref", 0, &iref),
    ];
    full(b"meta", 0, &parts.concat())
}
