//! Tests of what the strict reading accepts and what it refuses.

use super::writer::{Av1, Item, file, full, part};
use crate::tests::{extent, is_invalid, refused_as};

pub(super) fn ispe(width: u32, height: u32) -> Vec<u8> {
    full(b"ispe", 0, &[width.to_be_bytes(), height.to_be_bytes()].concat())
}

pub(super) fn infe(id: u8, kind: &[u8; 4]) -> Vec<u8> {
    full(b"infe", 2, &[&[0, id, 0, 0], &kind[..], b"\0"].concat())
}

/// One item of `length` bytes at `start`: in the file by method 0, in `idat` by 1.
pub(super) fn iloc(method: u8, start: u32, length: u32) -> Vec<u8> {
    let start = start.to_be_bytes();
    full(
        b"iloc",
        1,
        &[&[0x44, 0, 0, 1, 0, 1, 0, method, 0, 0, 0, 1], &start[..], &length.to_be_bytes()].concat(),
    )
}

/// What `meta` consists of.
pub(super) struct Meta {
    pub(super) pitm: Vec<u8>,
    pub(super) iinf: Vec<u8>,
    pub(super) iloc: Vec<u8>,
    pub(super) ipco: Vec<u8>,
    pub(super) ipma: Vec<u8>,
    pub(super) more: Vec<u8>,
}

/// The AV1 data of the one item.
fn data() -> Vec<u8> {
    Av1::new(300, 200).data()
}

impl Meta {
    /// Of one item whose bytes are the last of the file.
    pub(super) fn new(kind: &[u8; 4]) -> Self {
        let mut meta = Self {
            pitm: full(b"pitm", 0, &[0, 1]),
            iinf: full(b"iinf", 0, &[&[0, 2][..], &infe(7, b"Exif"), &infe(1, kind)].concat()),
            iloc: iloc(0, 0, data().len() as u32),
            ipco: part(b"ipco", &[part(b"pixi", b"any"), ispe(9, 9), ispe(300, 200)].concat()),
            ipma: full(b"ipma", 0, &[0, 0, 0, 2, 0, 7, 1, 2, 0, 1, 2, 1, 0x83]),
            more: Vec::new(),
        };
        let start = meta.file().len() - data().len();
        meta.iloc = iloc(0, start as u32, data().len() as u32);
        meta
    }

    fn bytes(&self) -> Vec<u8> {
        let iprp = part(b"iprp", &[self.ipco.clone(), self.ipma.clone()].concat());
        let hdlr = full(b"hdlr", 0, b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0");
        let parts = [&hdlr, &self.iloc, &self.pitm, &self.iinf, &iprp, &self.more];
        full(b"meta", 0, &parts.map(Vec::as_slice).concat())
    }

    pub(super) fn file(&self) -> Vec<u8> {
        [part(b"ftyp", b"avif\0\0\0\0mif1"), self.bytes(), part(b"mdat", &data())].concat()
    }
}

pub(crate) fn sample() -> Vec<u8> {
    Meta::new(b"av01").file()
}

#[test]
fn the_size_is_that_of_the_primary_item() {
    assert_eq!(extent(&sample()), (300, 200, 1));
    let tiles = [Item::av1(64, 64), Item::av1(64, 64)];
    let grid = Item::grid(1, 2, (100, 50), &[2, 3]);
    assert_eq!(extent(&file(&[&[grid], &tiles[..]].concat())), (100, 50, 1));
}

#[test]
fn boxes_in_front_and_long_sizes_are_passed_over() {
    let mut meta = Meta::new(b"av01");
    let bytes_at = |meta: &Meta, later: usize| (meta.file().len() - data().len() + later) as u32;
    meta.iloc = iloc(0, bytes_at(&meta, 8), data().len() as u32);
    let (start, content) = (meta.file()[..20].to_vec(), meta.bytes()[8..].to_vec());
    let long = [&[0, 0, 0, 1], &b"meta"[..], &(content.len() as u64 + 16).to_be_bytes(), &content].concat();
    assert_eq!(extent(&[start.clone(), long, part(b"mdat", &data())].concat()), (300, 200, 1));

    let mut meta = Meta::new(b"av01");
    let free = part(b"free", &[7; 40]);
    meta.iloc = iloc(0, bytes_at(&meta, free.len()), data().len() as u32);
    assert_eq!(extent(&[&start, &free, &meta.file()[20..]].concat()), (300, 200, 1));
}

#[test]
fn the_bytes_may_lie_in_the_description_itself() {
    let mut meta = Meta::new(b"av01");
    meta.more = part(b"idat", &data());
    meta.iloc = iloc(1, 0, data().len() as u32);
    assert_eq!(extent(&meta.file()), (300, 200, 1));
    meta.iloc = iloc(1, 1, data().len() as u32);
    assert!(is_invalid(&meta.file()));
    meta.more.clear();
    assert!(is_invalid(&meta.file()));
}

#[test]
fn bytes_outside_of_the_file_are_invalid() {
    for (start, length) in [(0, 1000), (1000, 0), (u32::MAX, 1), (1, u32::MAX)] {
        let mut meta = Meta::new(b"av01");
        meta.iloc = iloc(0, start, length);
        assert!(is_invalid(&meta.file()), "{length} at {start}");
    }
}

#[test]
fn what_is_missing_makes_a_file_invalid() {
    let spoil: [fn(&mut Meta); 8] = [
        |meta| meta.pitm.clear(),
        |meta| meta.iinf.clear(),
        |meta| meta.iloc.clear(),
        |meta| meta.ipco.clear(),
        |meta| meta.ipma.clear(),
        |meta| meta.pitm = full(b"pitm", 0, &[0, 2]),
        |meta| meta.ipco = part(b"ipco", &ispe(300, 200)),
        |meta| meta.ipma = full(b"ipma", 0, &[0, 0, 0, 1, 0, 1, 1, 1]),
    ];
    for (index, spoil) in spoil.into_iter().enumerate() {
        let mut meta = Meta::new(b"av01");
        spoil(&mut meta);
        assert!(is_invalid(&meta.file()), "{index}");
    }
}

#[test]
fn a_size_of_zero_is_invalid() {
    for (width, height) in [(0, 200), (300, 0)] {
        let mut meta = Meta::new(b"av01");
        meta.ipco = part(b"ipco", &[part(b"pixi", b"any"), ispe(9, 9), ispe(width, height)].concat());
        assert!(is_invalid(&meta.file()));
    }
}

#[test]
fn a_box_larger_than_what_it_lies_in_is_invalid() {
    let file = sample();
    let meta = 20;
    for more in [1000, 0x1000_0000] {
        let mut bytes = file.clone();
        let size = u32::from_be_bytes(bytes[meta..meta + 4].try_into().unwrap());
        bytes[meta..meta + 4].copy_from_slice(&(size + more).to_be_bytes());
        assert!(is_invalid(&bytes), "{more}");
        // The first box in it.
        let mut bytes = file.clone();
        bytes[meta + 12..meta + 16].copy_from_slice(&(100 + more).to_be_bytes());
        assert!(is_invalid(&bytes), "{more}");
    }
}

#[test]
fn thousands_of_boxes_and_of_items_are_invalid() {
    let mut meta = Meta::new(b"av01");
    meta.more = part(b"free", b"").repeat(5000);
    assert!(is_invalid(&meta.file()));
    let mut meta = Meta::new(b"av01");
    meta.ipma = full(b"ipma", 0, &[0, 1, 0, 0]);
    assert!(is_invalid(&meta.file()));
}

#[test]
fn what_is_no_single_image_in_av1_is_refused_by_name() {
    assert_eq!(refused_as(&Meta::new(b"hvc1").file()), "HEIC");
    assert_eq!(refused_as(&Meta::new(b"iovl").file()), "AVIF made of several images");
    assert!(is_invalid(&Meta::new(b"mime").file()));
    let film =
        [part(b"ftyp", b"avis\0\0\0\0msf1"), part(b"moov", b"tracks"), part(b"mdat", &data())].concat();
    assert_eq!(refused_as(&film), "AVIF sequence without a still image");
}
