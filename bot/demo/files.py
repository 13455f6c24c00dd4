"""Uploaded files: stored once, found again by file_id or by path."""

import hashlib
import mimetypes
import struct
from dataclasses import dataclass

from bot.demo.errors import bad_request
from bot.demo.model import StoredFile

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
SOUNDS = (b"OggS", b"\x1aE\xdf\xa3", b"ID3", b"\xff\xfb")
"""How a recorded sound begins: Ogg, as Telegram's apps record; WebM, as browsers do; MP3."""
_PLACES = {"photo": ("photos", "Ag"), "document": ("documents", "BQ"), "voice": ("voice", "Aw")}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came with a request."""

    name: str
    content: bytes
    mime: str = ""


class FileStore:
    """Files by id. The same content always has the same id."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add_photo(self, upload: Upload) -> StoredFile:
        """Store a picture.

        Raises
        ------
        ApiError
            When it is empty, too big, no picture, or of dimensions that Telegram refuses.
        """
        _refuse_empty(upload)
        size = len(upload.content)
        if size > MAX_PHOTO_BYTES:
            raise bad_request(
                f"file of size {size} bytes is too big for a photo; "
                f"the maximum size is {MAX_PHOTO_BYTES} bytes"
            )
        width, height = picture_size(upload.content)
        if not width or not height:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._store(upload, kind="photo", width=width, height=height)

    def add_document(self, upload: Upload) -> StoredFile:
        """Store any file of at most 50 MB."""
        _refuse_empty(upload)
        if len(upload.content) > MAX_UPLOAD_BYTES:
            raise bad_request("file is too big")
        return self._store(upload, kind="document")

    def add_voice(self, upload: Upload, *, seconds: int = 0) -> StoredFile:
        """Store a voice of at most 50 MB.

        Raises
        ------
        ApiError
            When it is empty, too big, or no sound that an app records.
        """
        _refuse_empty(upload)
        if len(upload.content) > MAX_UPLOAD_BYTES:
            raise bad_request("file is too big")
        if not upload.content.startswith(SOUNDS):
            raise bad_request("VOICE_FILE_INVALID")
        return self._store(upload, kind="voice", seconds=seconds)

    def by_id(self, file_id: str) -> StoredFile | None:
        """Find a stored file by its id, or by the id of its small version."""
        return self._by_id.get(file_id.removesuffix("-small"))

    def by_path(self, path: str) -> StoredFile | None:
        """Find a stored file by the path that getFile gave."""
        return self._by_path.get(path)

    def _store(
        self, upload: Upload, *, kind: str, width: int = 0, height: int = 0, seconds: int = 0
    ) -> StoredFile:
        folder, mark = _PLACES[kind]
        unique = hashlib.sha256(folder.encode() + b"\0" + upload.content).hexdigest()[:24]
        file_id = f"{mark}AC-{unique}"
        if file_id not in self._by_id:
            ending = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
            guessed = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
            stored = StoredFile(
                file_id=file_id,
                unique_id=unique[:16],
                path=f"{folder}/file_{len(self._by_id)}.{ending}",
                name=upload.name,
                mime=_picture_mime(upload.content) or upload.mime or guessed,
                content=upload.content,
                width=width,
                height=height,
                kind=kind,
                seconds=seconds,
            )
            self._by_id[file_id] = self._by_path[stored.path] = stored
        return self._by_id[file_id]


def picture_size(content: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, JPEG or GIF in pixels; zeros for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in {b"GIF87a", b"GIF89a"} and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else (0, 0)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    position = 2
    while position + 9 < len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return 0, 0


def _picture_mime(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        return "image/png"
    if content.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return "image/gif" if content.startswith(b"GIF8") else ""


def _refuse_empty(upload: Upload) -> None:
    if not upload.content:
        raise bad_request("file must be non-empty")
