"""JPEG pictures without what the camera noted of place and person, cut out byte by byte: no pixel is read.

Frappe has the same setting, but unpacks a picture into Python objects for it, some 70 bytes a pixel: a telephone's
photo takes a gigabyte, a crafted one all there is. It also loses which way is up; that is kept here.
"""

import struct

START = b"\xff\xd8"
SCAN = 0xDA  # what follows is the picture itself
REMOVED = frozenset({0xE1, 0xED, 0xFE})  # APP1 (Exif, XMP), APP13 (IPTC), comments: ITU T.81, table B.1
EXIF = b"Exif\x00\x00"
ORIENTATION = 0x0112  # TIFF 6.0, section 8
LONGEST_DIRECTORY = 200  # entries
MOST_SEGMENTS = (
	2000  # a colour profile has up to 255, the other notes a few: past this it is crafted to cost time
)


def without_notes(content: bytes) -> bytes:
	"""The same picture; content that is no JPEG, or a broken one, as it is from where it breaks."""
	if not content.startswith(START):
		return content
	kept, position, orientation = [], 2, 0
	for _number in range(MOST_SEGMENTS):
		segment = _segment(content, position)
		if segment is None:
			break
		marker, end = segment
		body = content[position + 4 : end]
		if marker in REMOVED:
			orientation = orientation or _orientation(body)
		else:
			kept.append(content[position:end])
		position = end
	return b"".join([START, _minimal_exif(orientation), *kept, content[position:]])


def _segment(content: bytes, position: int) -> tuple[int, int] | None:
	"""Marker and end of the segment that begins here; None at the picture itself and where there is none."""
	head = content[position : position + 4]
	if len(head) < 4 or head[0] != 0xFF or head[1] in (SCAN, 0xFF) or head[1] < 0xC0:
		return None
	end = position + 2 + int.from_bytes(head[2:], "big")
	return (head[1], end) if position + 4 <= end <= len(content) else None


def _orientation(body: bytes) -> int:
	"""2 to 8 when the picture is to be turned, else 0."""
	tiff = body.removeprefix(EXIF)
	order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
	if tiff is body or order is None or len(tiff) < 10:
		return 0
	(start,) = struct.unpack_from(f"{order}I", tiff, 4)
	for number in range(LONGEST_DIRECTORY):
		entry = tiff[start + 2 + 12 * number : start + 14 + 12 * number]
		if len(entry) < 12:
			return 0
		tag, _kind, _count, value = struct.unpack(f"{order}HHIH2x", entry)
		if tag == ORIENTATION:
			return value if 2 <= value <= 8 else 0
	return 0


def _minimal_exif(orientation: int) -> bytes:
	if not orientation:
		return b""
	directory = struct.pack(">HHHIHHI", 1, ORIENTATION, 3, 1, orientation, 0, 0)
	body = EXIF + b"MM\x00*" + struct.pack(">I", 8) + directory
	return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
