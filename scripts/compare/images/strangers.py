"""What is no image of ours, and must be told so."""


def files(add):
    unknown = ["unsupported_format"]
    add("empty.jpg", b"", refused=unknown)
    add("words.png", b"This is not an image, whatever its name says.\n" * 9, refused=unknown)
    add("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', refused=unknown)
    add("apple.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), refused=unknown)
    add("paper.pdf", b"%PDF-1.7\n" + bytes(100), refused=unknown)
    add("only_a_signature.png", b"\x89PNG\r\n\x1a\n", refused=["decode_failed", "cut_short"])
    add("only_a_signature.jpg", b"\xff\xd8\xff", refused=["decode_failed", "cut_short"])
    add("only_a_signature.webp", b"RIFF\x10\0\0\0WEBPVP8 ", refused=["decode_failed", "cut_short"])
    add("only_a_signature.tif", b"II*\0", refused=["decode_failed", "cut_short"])
    add("only_a_signature.bmp", b"BM" + bytes(10), refused=["decode_failed", "cut_short"])
