"""A kept picture is the same picture: pixels, colours and orientation; places, cameras and hidden tails are gone."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from tasks.evidence.cabinet import Cabinet
from tasks.evidence.receiving import examined
from tests.tasks.evidence import files

FORMS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF")


def kept(content: bytes) -> bytes:
    with examined(Cabinet(), io.BytesIO(content), name="x", kind="photo") as paper:
        found = paper.file.read()
        assert len(found) == paper.size
        return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("turned", [1, 6])
def test_place_and_camera_are_gone_and_the_picture_is_the_same(form: str, turned: int) -> None:
    before = files.picture(form, turned=turned, **({"lossless": True} if form == "WEBP" else {}))
    after = kept(before)
    assert files.pixels(after) == files.pixels(before)
    assert b"SecretCamera" not in after
    with Image.open(io.BytesIO(after)) as image:
        exif = image.getexif()
        assert not exif.get_ifd(0x8825) and 0x010F not in exif
        if form != "GIF":
            assert exif.get(0x0112, 1) == turned
    assert kept(after) == after


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_colour_profile_is_kept(form: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with Image.open(io.BytesIO(kept(files.picture(form, icc_profile=profile)))) as image:
        assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("form", FORMS)
def test_what_hides_behind_the_end_is_gone(form: str) -> None:
    assert b"hidden" not in kept(files.picture(form) + b"hidden" * 10)


def test_comments_and_texts_are_gone() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "secret words")
    told.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>secret words</x:xmpmeta>")
    for content in (
        files.picture("PNG", pnginfo=told),
        files.picture("JPEG", comment=b"secret words", xmp=b"secret words"),
        files.picture("GIF", comment=b"secret words"),
        files.picture("WEBP", xmp=b"secret words"),
        files.picture("TIFF", description="secret words", software="secret words"),
    ):
        assert b"secret words" in content or content.startswith(b"\x89PNG")
        assert b"secret words" not in kept(content)


def test_the_thumbnail_and_the_second_picture_are_gone() -> None:
    other = files.picture("JPEG", size=(8, 8))
    content = files.picture("JPEG")
    exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00" + other
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    found = kept(content[:2] + segment + content[2:] + other)
    assert found.count(b"\xff\xd8\xff") == 1 and found.endswith(b"\xff\xd9")


def test_animations_progressive_and_many_page_pictures_stay_whole() -> None:
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "green", "blue")]
    for form, more in (
        ("GIF", {"loop": 0}),
        ("WEBP", {}),
        ("PNG", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ):
        out = io.BytesIO()
        frames[0].save(out, form, save_all=True, append_images=frames[1:], **more)
        with Image.open(io.BytesIO(kept(out.getvalue()))) as after, Image.open(out) as before:
            assert after.n_frames == 3, form
            for number in range(3):
                after.seek(number)
                before.seek(number)
                assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes(), form
    progressive = files.picture("JPEG", progressive=True, size=(200, 200))
    assert files.pixels(kept(progressive)) == files.pixels(progressive)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_depth_are_taken(mode: str) -> None:
    image = (
        Image.new("L", (33, 17), 100).convert(mode) if mode != "I;16" else Image.new("I;16", (33, 17), 999)
    )
    for form in ("PNG", "TIFF"):
        out = io.BytesIO()
        image.save(out, form)
        assert files.pixels(kept(out.getvalue())) == files.pixels(out.getvalue()), form


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "group4", "tiff_adobe_deflate", "jpeg"])
def test_scans_of_every_compression_are_taken(compression: str) -> None:
    out = io.BytesIO()
    Image.new("1" if compression == "group4" else "RGB", (300, 400), 1).save(
        out, "TIFF", compression=compression
    )
    assert files.pixels(kept(out.getvalue())) == files.pixels(out.getvalue())
