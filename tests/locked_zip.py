"""A zip file with a password, in the cipher that zip files always had: Python reads it and can't write it."""

from __future__ import annotations

import io
import zipfile
import zlib


def locked_zip(name: str, content: bytes, password: bytes) -> bytes:
    """Make an archive with one file in it that opens with the password only."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr(name, content)
    secret = _encrypted(bytes(11) + bytes([zlib.crc32(content) >> 24]) + content, password)
    whole = bytearray(file.getvalue().replace(content, secret, 1))
    for magic, flags, size in ((b"PK\x03\x04", 6, 18), (b"PK\x01\x02", 8, 20)):
        at = whole.index(magic)
        whole[at + flags] |= 1
        whole[at + size : at + size + 4] = len(secret).to_bytes(4, "little")
    offset = whole.index(b"PK\x05\x06") + 16  # where the list of files begins
    whole[offset : offset + 4] = whole.index(b"PK\x01\x02").to_bytes(4, "little")
    return bytes(whole)


def _encrypted(plain: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = _crc(byte, keys[0])
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc(keys[1] >> 24, keys[2])

    for byte in password:
        update(byte)
    secret = bytearray()
    for byte in plain:
        low = keys[2] | 2
        secret.append(byte ^ ((low * (low ^ 1)) >> 8 & 0xFF))
        update(byte)
    return bytes(secret)


def _crc(byte: int, value: int) -> int:
    rest = (value ^ byte) & 0xFF
    for _ in range(8):
        rest = (rest >> 1) ^ 0xEDB88320 if rest & 1 else rest >> 1
    return (value >> 8) ^ rest
