"""How much a reader takes in before it gives up: every limit on input, in one place.

The largest notice seen so far has 140 KB as text and 4 MB as a scan; the limits leave two orders of magnitude above
that and still bound time and memory on hostile input.
"""

from __future__ import annotations

MAX_FILE_BYTES = 50 * 1024 * 1024
"""Size of a source file, in bytes."""

MAX_TEXT_CHARS = 20_000_000
"""Length of the text that a file yields, in characters; a 50 MB text file of Chinese holds about 17 million."""

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""What the parts that are read from an archive (DOCX, OFD) may unpack to, in bytes, all together."""

MAX_PDF_STREAM_BYTES = 16 * 1024 * 1024
"""What one stream of a PDF (pictures and fonts apart) may unpack to; the text of a page takes some 30 KB."""

MAX_ARCHIVE_MEMBERS = 10_000
"""Entries in an archive."""

MAX_PAGES = 2_000
"""Pages of a PDF or OFD file."""

MAX_TABLE_CELLS = 500_000
"""Cells in the tables of one document, and grid positions that one table may span."""

MAX_ELEMENTS = 300_000
"""Tags of an HTML page; one with a 55-row table has 5,000."""

MAX_XML_TAGS = 2_000_000
"""Tags, counting start and end, of one XML part; a Word file of 100 pages has 200,000."""

MAX_OCR_PAGES = 200
"""Scanned pages to recognise in one file: at about 6 s a page, 20 minutes."""
