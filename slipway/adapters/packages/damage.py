"""What readers of archives raise where one is damaged, or made to deceive: one list for all."""

import lzma
import struct
import tarfile
import zipfile
import zlib

import zstandard

DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
    struct.error,
    EOFError,
    OSError,
    ValueError,  # UnicodeDecodeError is one
    OverflowError,
    NotImplementedError,  # needs a newer version, or a method that Python has not
    RuntimeError,  # is encrypted; RecursionError is one
)
