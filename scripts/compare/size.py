"""How large a variant has to be, by the contract."""

HEIGHTS = {"small": 100, "medium": 300}
MAX_ASPECT = 16


def variant_size(width, height, target):
    """The size of the variant of height `target`: Python's round() takes halves to the even neighbour."""
    if height > target:
        w, h = max(1, round(width / (height / target))), target
    else:
        w, h = width, height
    widest = MAX_ASPECT * target
    if w > widest:
        w, h = widest, max(1, round(height / (width / widest)))
    return w, h
