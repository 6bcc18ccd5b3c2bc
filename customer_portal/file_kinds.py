"""What a file really is, by its content: whether it can be what the ending of its name says.

Signatures are those of the WHATWG's MIME Sniffing Standard (section 6) and of each format's own specification. An
ending without a row in ``SIGNATURES`` is an admin's wish; then only what runs on a computer or in a browser is refused.
"""

import re
import zipfile
from io import BytesIO

OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)  # MS-CFB 2.2: Word, Excel and PowerPoint until 2003
ZIP = (b"PK\x03\x04",)
MOVIE_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # from the 5th byte on
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
SIGNATURES = {
	"pdf": (b"%PDF-",),
	"png": (b"\x89PNG\r\n\x1a\n",),
	"jpg": (b"\xff\xd8\xff",),
	"jpeg": (b"\xff\xd8\xff",),
	"gif": (b"GIF87a", b"GIF89a"),
	"bmp": (b"BM",),
	"tif": (b"II*\x00", b"MM\x00*"),
	"tiff": (b"II*\x00", b"MM\x00*"),
	"doc": OLE,
	"xls": OLE,
	"ppt": OLE,
	"msg": OLE,
	"rtf": (b"{\\rtf",),
	"zip": (b"PK\x03\x04", b"PK\x05\x06"),
	"mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
}
PACKAGES = {  # a file that each of these ZIP archives has, or what its "mimetype" says
	"docx": "word/document.xml",
	"xlsx": "xl/workbook.xml",
	"pptx": "ppt/presentation.xml",
	"odt": b"application/vnd.oasis.opendocument.text",
	"ods": b"application/vnd.oasis.opendocument.spreadsheet",
	"odp": b"application/vnd.oasis.opendocument.presentation",
}
MOST_PARTS = 10_000  # of an archive: listing them takes memory, and a document has some hundreds
TEXTS = frozenset({"txt", "csv", "log", "md", "tsv"})
PROGRAMS = (
	b"MZ",  # Windows
	b"\x7fELF",  # Linux
	b"\xfe\xed\xfa\xce",  # macOS, in each byte order
	b"\xfe\xed\xfa\xcf",
	b"\xce\xfa\xed\xfe",
	b"\xcf\xfa\xed\xfe",
	b"\xca\xfe\xba\xbe",  # macOS for several processors, and Java
	b"\x00asm",
	b"dex\n",
	b"#!",
	b"L\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut
	b"!<arch>",
)
NEVER = frozenset(  # endings that computers and browsers run; no admin's list brings them back
	{
		*("ade", "adp", "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "dmg", "docm", "exe"),
		*("hta", "htm", "html", "inf", "ins", "iso", "jar", "js", "jse", "lnk", "mht", "mhtml", "mjs", "msc"),
		*("msi", "msp", "php", "pif", "pl", "potm", "ppsm", "pptm", "ps1", "py", "reg", "scf", "scr", "sh"),
		*("shtml", "svg", "svgz", "swf", "url", "vb", "vbe", "vbs", "wsc", "wsf", "wsh", "xht", "xhtml"),
		*("xlam", "xlsm", "xltm", "xml", "xsl", "xslt"),
	}
)
_MARKUP = re.compile(
	rb"<\s*(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed|\?php)\b", re.IGNORECASE
)
_MARKUP_FIRST = re.compile(
	rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<\s*(?:!--|[!?%/]|[a-z][a-z0-9]*[\s/>:])", re.IGNORECASE
)
_SNIFFED = 1445  # bytes that a browser looks at (MIME Sniffing, 5.2)
_STARTS_WITH_SPACE = re.compile(rb"^(?:\xef\xbb\xbf)?[\s\x00]*")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def fits(ending: str, content: bytes) -> bool:
	"""``ending`` in small letters and without its dot. Empty content fits nothing."""
	if not content or ending in NEVER or _runs(content):
		return False
	if ending in PACKAGES:
		return _is_package(PACKAGES[ending], content)
	if ending in TEXTS:
		return _is_text(content)
	if _has_markup(content[:_SNIFFED]) or (ending != "zip" and _is_archive_too(content)):
		return False
	return _has_signature(ending, content)


def _runs(content: bytes) -> bool:
	return _STARTS_WITH_SPACE.sub(b"", content[:64]).startswith(PROGRAMS) or content.startswith(PROGRAMS)


def _has_signature(ending: str, content: bytes) -> bool:
	if ending in ("mp4", "m4v", "mov", "3gp", "m4a"):
		return content[4:8] in MOVIE_ATOMS
	if ending in ("heic", "heif"):
		return content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS
	if ending == "webp":
		return content[:4] == b"RIFF" and content[8:12] == b"WEBP"
	return content.startswith(SIGNATURES[ending]) if ending in SIGNATURES else True


def _has_markup(start: bytes) -> bool:
	"""Anything that looks like a page anywhere, and any tag at all where it comes first."""
	bare = start.replace(b"\x00", b"")  # UTF-16 has one in every other place
	return bool(_MARKUP.search(bare) or _MARKUP_FIRST.match(bare))


def _is_text(content: bytes) -> bool:
	"""UTF-8, UTF-16 with its mark, or an older 8-bit code; no markup where a browser would look for it."""
	if b"\x00" in content and not content.startswith(_UTF_16):
		return False
	is_like_another = content.startswith((b"%PDF-", b"PK\x03\x04", *SIGNATURES["gif"], *SIGNATURES["jpg"]))
	return not is_like_another and not _has_markup(content[:_SNIFFED])


def _is_package(wanted: str | bytes, content: bytes) -> bool:
	"""Nothing is unpacked but the few bytes of "mimetype": an archive that explodes stays shut."""
	if not content.startswith(ZIP) or content.count(zipfile.stringCentralDir) > MOST_PARTS:
		return False
	try:
		with zipfile.ZipFile(BytesIO(content)) as package:
			names = {name.lower() for name in package.namelist()}
			if any(name.endswith("vbaproject.bin") for name in names):
				return False  # a document with macros
			if isinstance(wanted, str):
				return wanted in names and "[content_types].xml" in names
			with package.open("mimetype") as kind:
				return kind.read(len(wanted) + 1).strip() == wanted
	except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError):
		return False


def _is_archive_too(content: bytes) -> bool:
	"""A picture or document with an archive at its end: programs that read from the end see another file."""
	return zipfile.is_zipfile(BytesIO(content))
