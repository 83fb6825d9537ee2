//! A writer of AVIF files for tests, box by box.

pub(super) fn part(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(data.len() + 8).expect("a short box").to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(data);
    bytes
}

/// With a version and without flags.
pub(super) fn full(kind: &[u8; 4], version: u8, data: &[u8]) -> Vec<u8> {
    part(kind, &[&[version, 0, 0, 0], data].concat())
}

/// An item and what is said about it.
#[derive(Clone)]
pub(super) struct Item {
    kind: [u8; 4],
    data: Vec<u8>,
    /// Each with whether it has to be known.
    properties: Vec<(Vec<u8>, bool)>,
    /// In which way it refers to which.
    references: Vec<([u8; 4], Vec<u16>)>,
}

impl Item {
    pub(super) fn new(kind: &[u8; 4], data: &[u8]) -> Self {
        Self { kind: *kind, data: data.to_vec(), properties: Vec::new(), references: Vec::new() }
    }

    pub(super) fn sized(self, width: u32, height: u32) -> Self {
        self.with(full(b"ispe", 0, &[width.to_be_bytes(), height.to_be_bytes()].concat()))
    }

    pub(super) fn with(mut self, property: Vec<u8>) -> Self {
        self.properties.push((property, false));
        self
    }

    pub(super) fn with_essential(mut self, property: Vec<u8>) -> Self {
        self.properties.push((property, true));
        self
    }

    /// The code points of its colours.
    pub(super) fn coloured(self, primaries: u8, transfer: u8, matrix: u8, full_range: bool) -> Self {
        let range = if full_range { 0x80 } else { 0 };
        let data = [0, primaries, 0, transfer, 0, matrix, range];
        self.with(part(b"colr", &[b"nclx", &data[..]].concat()))
    }

    /// Items have the numbers from 1.
    pub(super) fn refers(mut self, kind: &[u8; 4], to: &[u16]) -> Self {
        self.references.push((*kind, to.to_vec()));
        self
    }

    /// An alpha channel of the item `to`.
    pub(super) fn alpha_of(self, to: u16) -> Self {
        let name = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";
        self.with_essential(full(b"auxC", 0, name)).refers(b"auxl", &[to])
    }

    /// Tiles side by side, which are the items `tiles`.
    pub(super) fn grid(rows: u8, columns: u8, (width, height): (u16, u16), tiles: &[u16]) -> Self {
        let mut data = vec![0, 0, rows - 1, columns - 1];
        data.extend(width.to_be_bytes());
        data.extend(height.to_be_bytes());
        Self::new(b"grid", &data).sized(width.into(), height.into()).refers(b"dimg", tiles)
    }
}

/// A file of items, of which the first is the primary one.
pub(super) struct File(pub(super) Vec<Item>);

impl File {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let head = part(b"ftyp", b"avif\0\0\0\0mif1miaf");
        let start = head.len() + self.meta(0).len() + 8;
        let data: Vec<&[u8]> = self.0.iter().map(|item| &item.data[..]).collect();
        [head, self.meta(start), part(b"mdat", &data.concat())].concat()
    }

    /// With the items' bytes from `start` of the file on.
    fn meta(&self, mut start: usize) -> Vec<u8> {
        let count = u16::try_from(self.0.len()).expect("few items").to_be_bytes();
        let (mut iinf, mut iref) = (count.to_vec(), Vec::new());
        let mut iloc = [&[0x44, 0][..], &count].concat();
        let (mut ipco, mut ipma) = (Vec::new(), [&[0, 0][..], &count].concat());
        let mut properties = 0;
        for (number, item) in (1_u16..).zip(&self.0) {
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
                ipma.push(if *essential { 0x80 | properties } else { properties });
            }
            for (kind, to) in &item.references {
                let mut data = [id, (to.len() as u16).to_be_bytes()].concat();
                data.extend(to.iter().flat_map(|to| to.to_be_bytes()));
                iref.extend(part(kind, &data));
            }
        }
        let iprp = part(b"iprp", &[part(b"ipco", &ipco), full(b"ipma", 0, &ipma)].concat());
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
}
