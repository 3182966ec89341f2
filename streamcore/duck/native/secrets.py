"""Digests and ciphers: `sha2`, `hmac`, `aes_encrypt` and their kin."""

from __future__ import annotations

import hashlib
import hmac as _hmac
import importlib
import os
from typing import Any

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException, UnsupportedOperationException

_DIGESTS = {0: "sha256", 224: "sha224", 256: "sha256", 384: "sha384", 512: "sha512"}


@by_value
def sha2(value: bytes, bits: int) -> str | None:
    """The SHA-2 digest of so many bits; null when there is none."""
    name = _DIGESTS.get(bits)
    return None if name is None else hashlib.new(name, value).hexdigest()


_HMACS = {"SHA256": "sha256", "SHA224": "sha224", "SHA384": "sha384", "SHA512": "sha512", "SHA1": "sha1",
          "MD5": "md5"}  # fmt: skip


@by_value
def hmac(key: bytes, message: bytes, algorithm: str) -> bytes:
    """The keyed digest of a message."""
    name = _HMACS.get(algorithm.upper().replace("-", ""))
    if name is None:
        raise IllegalArgumentException(
            f"[INVALID_PARAMETER_VALUE.HMAC_ALGORITHM] The value of parameter(s) `algorithm` in `hmac` is "
            "invalid: "
            f"expects one of MD5, SHA1, SHA224, SHA256, SHA384, SHA512, but got '{algorithm}'. SQLSTATE: "
            "22023"
        )
    return _hmac.new(key, message, name).digest()


_IV = {"GCM": 12, "CBC": 16, "ECB": 0}
_PADDINGS = {"GCM": ("DEFAULT", "NONE"), "CBC": ("DEFAULT", "PKCS"), "ECB": ("DEFAULT", "PKCS")}
_TAG = 16


@by_value
def aes_encrypt(value: bytes, key: bytes, mode: str, padding: str, iv: bytes, aad: bytes) -> bytes:
    """The value under a key: the initialisation vector, the ciphertext, and of GCM the tag."""
    kind = _mode(key, mode, padding)
    _check(kind, iv, aad)
    begin = iv or os.urandom(_IV[kind])
    if kind == "GCM":
        return begin + bytes(_cipher_of_gcm(key).encrypt(begin, value, aad or None))
    worker = _cipher(key, kind, begin).encryptor()
    missing = 16 - len(value) % 16
    return begin + bytes(worker.update(value + bytes([missing]) * missing) + worker.finalize())


@by_value
def aes_decrypt(value: bytes, key: bytes, mode: str, padding: str, aad: bytes) -> bytes:
    """What `aes_encrypt` was given."""
    kind = _mode(key, mode, padding)
    _check(kind, b"", aad)
    begin, content = value[: _IV[kind]], value[_IV[kind] :]
    try:
        if kind == "GCM":
            return bytes(_cipher_of_gcm(key).decrypt(begin, content, aad or None))
        worker = _cipher(key, kind, begin).decryptor()
        plain = bytes(worker.update(content) + worker.finalize())
    except Exception as error:
        raise _failed(str(error) or type(error).__name__) from error
    return _without_padding(plain)


@by_value
def try_aes_decrypt(value: bytes, key: bytes, mode: str, padding: str, aad: bytes) -> bytes | None:
    """As `aes_decrypt`; null where it fails."""
    try:
        return aes_decrypt(value, key, mode, padding, aad)
    except IllegalArgumentException:
        return None


def _mode(key: bytes, mode: str, padding: str) -> str:
    if len(key) not in (16, 24, 32):
        raise _invalid(
            "AES_KEY_LENGTH",
            "`key`",
            f"expects a binary value with 16, 24 or 32 bytes, but got {len(key)} bytes.",
        )
    kind = mode.upper()
    if kind not in _IV or padding.upper() not in _PADDINGS[kind]:
        raise _unsupported("AES_MODE", f"AES-{mode} with the padding {padding}")
    return kind


def _check(kind: str, iv: bytes, aad: bytes) -> None:
    if iv and kind == "ECB":
        raise _unsupported("AES_MODE_IV", f"{kind} with initialization vectors (IVs)")
    if iv and len(iv) != _IV[kind]:
        raise _invalid(
            "AES_IV_LENGTH",
            "`mode`",
            f"supports {_IV[kind]}-byte initialization vectors (IVs) only, but got {len(iv)} bytes for "
            f"{kind}.",
        )
    if aad and kind != "GCM":
        raise _unsupported("AES_MODE_AAD", f"{kind} with additional authenticated data (AAD)")


def _without_padding(plain: bytes) -> bytes:
    count = plain[-1] if plain else 0
    if not 1 <= count <= 16 or plain[-count:] != bytes([count]) * count:
        raise _failed("Given final block not properly padded. Such issues can arise if a bad key is used.")
    return plain[:-count]


def _cipher_of_gcm(key: bytes) -> Any:
    return _library("aead").AESGCM(key)


def _cipher(key: bytes, kind: str, begin: bytes) -> Any:
    modes = _library("modes")
    return _library("Cipher")(
        _library("algorithms").AES(key), modes.ECB() if kind == "ECB" else modes.CBC(begin)
    )


def _library(name: str) -> Any:
    try:
        ciphers = importlib.import_module("cryptography.hazmat.primitives.ciphers")
        importlib.import_module("cryptography.hazmat.primitives.ciphers.aead")
    except ImportError as error:
        raise UnsupportedOperationException(
            "aes_encrypt() and aes_decrypt() need the package cryptography: "
            'pip install "streamcore-engine[crypto]".'
        ) from error
    return getattr(ciphers, name)


def _failed(message: str) -> IllegalArgumentException:
    return _invalid("AES_CRYPTO_ERROR", "`expr`, `key`", f"detail message: {message}")


def _invalid(kind: str, names: str, why: str) -> IllegalArgumentException:
    return IllegalArgumentException(
        f"[INVALID_PARAMETER_VALUE.{kind}] The value of parameter(s) {names} in "
        "`aes_encrypt`/`aes_decrypt` is "
        f"invalid: {why} SQLSTATE: 22023"
    )


def _unsupported(kind: str, what: str) -> IllegalArgumentException:
    return IllegalArgumentException(
        f"[UNSUPPORTED_FEATURE.{kind}] The feature is not supported: {what} by the "
        "`aes_encrypt`/`aes_decrypt` "
        "function. SQLSTATE: 0A000"
    )
