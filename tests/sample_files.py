"""Files as strangers send them: what is what its name says, what is not, and names of all kinds."""

import gzip
import zipfile
from io import BytesIO

from PIL import Image

from customer_portal import file_kinds
from tests.talk import PDF, PNG

OLE = file_kinds.OLE[0] + bytes(600)


def package(*names: str, first: bytes | None = None) -> bytes:
	memory = BytesIO()
	with zipfile.ZipFile(memory, "w") as archive:
		if first:
			archive.writestr("mimetype", first)
		for name in names:
			archive.writestr(name, "x")
	return memory.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")
ODT = package("content.xml", first=file_kinds.PACKAGES["odt"])
GOOD = {
	"letter.pdf": PDF,
	"photo.png": PNG,
	"photo.JPG": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(20),
	"photo.jpeg": b"\xff\xd8\xff\xe1" + bytes(20),
	"anim.gif": b"GIF89a" + bytes(20),
	"photo.webp": b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20),
	"photo.heic": b"\x00\x00\x00\x18ftypheic" + bytes(20),
	"notes.txt": "Größe: 3 < 4, a <b> and مرحبا".encode(),
	"utf16.txt": "Text".encode("utf-16"),
	"table.csv": b"a;b\n1;2\n",
	"letter.doc": OLE,
	"table.xls": OLE,
	"letter.docx": DOCX,
	"table.xlsx": package("[Content_Types].xml", "xl/workbook.xml"),
	"letter.odt": ODT,
	"table.ods": package("content.xml", first=file_kinds.PACKAGES["ods"]),
	"film.mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(20),
	"film.mov": b"\x00\x00\x00\x14ftypqt  " + bytes(20),
}
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EVIL = {
	"empty.pdf": b"",
	"page.pdf": HTML,
	"page.png": HTML,
	"page.txt": b"\xef\xbb\xbf \n" + HTML,
	"later.txt": b"Dear all,\n" * 20 + b"<script>alert(1)</script>",
	"wide.txt": HTML.decode().encode("utf-16"),
	"picture.png": SVG,
	"picture.jpg": b'<?xml version="1.0"?>' + SVG,
	"picture.csv": SVG,
	"program.pdf": b"MZ\x90\x00" + PDF,
	"program.txt": b"\x7fELF\x02\x01\x01",
	"script.txt": b"#!/bin/sh\nrm -rf /\n",
	"spaced.txt": b"\n\n #!/bin/sh\n",
	"mac.png": b"\xcf\xfa\xed\xfe" + bytes(20),
	"java.jpg": b"\xca\xfe\xba\xbe" + bytes(20),
	"shortcut.doc": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(20),
	"php.jpg": b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>",
	"polyglot.gif": b"GIF89a" + bytes(4) + b"/*<script>alert(1)</script>*/",
	"gifar.gif": b"GIF89a" + bytes(20) + package("A.class", "META-INF/MANIFEST.MF"),
	"jar.pdf": PDF + package("A.class"),
	"late.pdf": HTML + PDF,
	"archive.docx": package("A.class", "META-INF/MANIFEST.MF"),
	"macros.docx": package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
	"other.odt": package("content.xml", first=b"application/java-archive"),
	"torn.docx": DOCX[:-30],
	"binary.csv": bytes(range(256)),
	"letter.xls": PDF,
	"image.pdf": PNG,
	"photo.heic": b"\x00\x00\x00\x18ftypmp42" + bytes(20),
	"zip.txt": package("a"),
	"gz.png": gzip.compress(b"x"),
}
NEVER_TAKEN = (
	"x.exe",
	"x.html",
	"x.svg",
	"x.js",
	"x.php",
	"x.pdf.exe",
	"x",
	".pdf",
	"pdf",
	"x.docm",
	"x.pdf/",
)
NAMES = {
	"../../etc/passwd.pdf": "passwd.pdf",
	"C:\\Users\\sara\\leak.pdf": "leak.pdf",
	"/private/files/x.pdf": "x.pdf",
	"invoice\u202efdp.exe.pdf": "invoicefdp.exe.pdf",
	"a\u200bb\u2066c\x00d\x1b.pdf": "abcd.pdf",
	'a"b<c>d|e?f*g.pdf': "a_b_c_d_e_f_g.pdf",
	"a\r\nSet-Cookie: x.pdf": "aSet-Cookie_ x.pdf",
	"  .. leak .pdf  ": "leak.pdf",
	"{{7*7}}.pdf": "_7_7_.pdf",
	"\u062a\u0633\u0631\u0628.pdf": "\u062a\u0633\u0631\u0628.pdf",
	"e\u0301.pdf": "\u00e9.pdf",
	"": "file",
	"...": "file",
	"😀.png": "😀.png",
}


def photo(colour: str | tuple[int, int, int] = "red", **options) -> bytes:
	memory = BytesIO()
	picture = Image.new("RGB", (40, 20), colour)
	notes = picture.getexif()
	notes.update({0x0112: 6, 0x010F: "SecretCam"})
	picture.save(memory, "JPEG", exif=notes, comment=b"secret", **options)
	return memory.getvalue()
