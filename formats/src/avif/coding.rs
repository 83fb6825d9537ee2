//! The coding of an item's pixels, and the check whether the item can be decoded.

use super::fault::AvifFault;
use super::feature::Feature;
use super::items::Item;

/// How the pixels of an item are coded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Av1,
    /// The pixels are in other items, which are the tiles of a grid.
    Grid,
}

/// The coding of an item, or an error if the item cannot be decoded.
pub(super) fn coding<E>(item: &Item) -> Result<Coding, AvifFault<E>> {
    let coding = match &item.kind {
        b"av01" => Coding::Av1,
        b"grid" => Coding::Grid,
        b"iovl" | b"iden" | b"tmap" | b"sato" => return Err(Feature::DerivedImage.into()),
        b"hvc1" | b"hev1" => return Err(Feature::Hevc.into()),
        b"jpeg" | b"avc1" | b"vvc1" => return Err(Feature::OtherCoding.into()),
        _ => return Err(AvifFault::Damaged("there is no primary image")),
    };
    let properties = &item.properties;
    if properties.broken {
        return Err(AvifFault::Damaged("a property of the image is too short"));
    }
    if properties.unknown {
        return Err(Feature::UnknownProperty.into());
    }
    // 0xFFFF means all layers, of which the last is the best. That is what is decoded in any case.
    if properties.layer.is_some_and(|layer| layer != 0xFFFF) {
        return Err(Feature::ChosenLayer.into());
    }
    Ok(coding)
}
