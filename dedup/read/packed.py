"""Packed bytes of a file -> the bytes inside and how they were packed, and the way back: gzip (RFC 1952) and zstd."""

from __future__ import annotations

import struct
import zlib

from dedup.errors import FormatError
from dedup.read.container import GzipMember, GzipShell, Packing

_PROBE = 1 << 18  # bytes compressed to rule a level out
_CHUNK = 1 << 16
_MAGIC: dict[bytes, Packing] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def packing_of(data: bytes) -> Packing | None:
    """How bytes are packed, by what they begin with."""
    return next((packing for magic, packing in _MAGIC.items() if data.startswith(magic)), None)


def unpack_zstd(data: bytes, path: str) -> bytes:
    """What a zstd file holds, all its frames. Raises `FormatError` for a broken one."""
    import zstandard  # noqa: PLC0415  (only where there is such a file)

    parts = []
    try:
        while data:
            frame = zstandard.ZstdDecompressor().decompressobj()
            parts.append(frame.decompress(data))
            if not frame.eof:
                raise _broken(path, "the zstd file is cut off", "zstd -dc")
            data = frame.unused_data
    except zstandard.ZstdError:
        raise _broken(path, "the zstd data is damaged", "zstd -dc") from None
    return b"".join(parts)


def pack_zstd(body: bytes) -> bytes:
    """Bytes as a zstd file of one frame."""
    import zstandard  # noqa: PLC0415

    return zstandard.ZstdCompressor(level=9, write_checksum=True).compress(body)


def unpack_gzip(data: bytes, path: str) -> tuple[GzipShell, bytes]:
    """What a gzip file holds, and how it was packed. Raises `FormatError` for a broken one."""
    at, bodies, members, reproducible = 0, [], [], True
    settings: tuple[int, int] | None = None
    while data[at : at + 2] == b"\x1f\x8b":
        start = _header_end(data, at, path)
        body, end = _inflate(data, start, path)
        if end + 8 > len(data):
            raise _broken(path, "the gzip file is cut off")
        if struct.unpack_from("<II", data, end) != (zlib.crc32(body), len(body) & 0xFFFFFFFF):
            raise _broken(path, "the gzip checksum does not fit")
        if reproducible:
            settings = _settings(body, data[start:end], settings)
            reproducible = settings is not None
        level, memory = settings or (9, 8)
        members.append(GzipMember(data[at:start].hex(), len(body), level, memory))
        bodies.append(body)
        at = end + 8
    padding = len(data) - at
    if data.count(0, at) != padding:
        raise _broken(path, "something follows the gzip data")
    return GzipShell(tuple(members), padding, reproducible), b"".join(bodies)


def pack_gzip(body: bytes, shell: GzipShell, *, whole: bool) -> bytes:
    """Bytes packed again: as they were if they are the whole of what was unpacked, else as one member."""
    sizes = [member.size for member in shell.members]
    members = shell.members if whole and sum(sizes) == len(body) else shell.members[:1]
    parts, at = [], 0
    for member in members:
        part = body[at : at + member.size] if len(members) > 1 else body
        at += len(part)
        ends = struct.pack("<II", zlib.crc32(part), len(part) & 0xFFFFFFFF)
        parts += [bytes.fromhex(member.header), _deflate(part, member.level, member.memory), ends]
    return b"".join(parts) + bytes(shell.padding)


def _inflate(data: bytes, start: int, path: str) -> tuple[bytes, int]:
    """The member unpacked whose deflate stream begins at `start`, and where the stream ends."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    parts = []
    at = start
    try:
        while not unpacker.eof and at < len(data):
            parts.append(unpacker.decompress(data[at : at + _CHUNK]))
            at += _CHUNK
    except zlib.error:
        raise _broken(path, "the gzip data is damaged") from None
    if not unpacker.eof:
        raise _broken(path, "the gzip file is cut off")
    return b"".join(parts), min(at, len(data)) - len(unpacker.unused_data)


def _header_end(data: bytes, at: int, path: str) -> int:
    try:
        method, flags = data[at + 2], data[at + 3]
        end = at + 10
        if flags & 4:
            end += 2 + int.from_bytes(data[end : end + 2], "little")
        for flag in (8, 16):
            if flags & flag:
                end = data.index(0, end) + 1
        end += 2 if flags & 2 else 0
    except (IndexError, ValueError):
        raise _broken(path, "the gzip file is cut off") from None
    if method != 8 or flags & 0xE0:
        raise _broken(path, "the gzip data is of an unknown kind")
    if end > len(data):
        raise _broken(path, "the gzip file is cut off")
    return end


def _settings(body: bytes, packed: bytes, likely: tuple[int, int] | None) -> tuple[int, int] | None:
    """The level and memory with which zlib packs `body` to `packed`."""
    usual = [(level, memory) for memory in (8, 9) for level in (9, 6, 1, 2, 3, 4, 5, 7, 8)]
    for level, memory in [*([likely] if likely else []), *usual]:
        probe = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, memory).compress(body[:_PROBE])
        if packed.startswith(probe) and _deflate(body, level, memory) == packed:
            return level, memory
    return None


def _deflate(body: bytes, level: int, memory: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, memory)
    return packer.compress(body) + packer.flush()


def _broken(path: str, what: str, unpacker: str = "gzip -dc") -> FormatError:
    return FormatError(what, path=path, hint=f"get the file again, or unpack what is left of it with `{unpacker}`")
