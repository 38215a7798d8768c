"""Signatures under checkpoints: Ed25519. The only file that imports cryptography."""

from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Signer:
    """Signs with a key that is derived from the portal's secret: the same on every machine, and nowhere kept."""

    def __init__(self, secret_key: str) -> None:
        derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"third party access: access log checkpoints")
        self._key = Ed25519PrivateKey.from_private_bytes(derivation.derive(secret_key.encode()))

    def sign(self, content: bytes) -> str:
        """The signature, in base64."""
        return b64encode(self._key.sign(content)).decode()

    @property
    def public_key(self) -> str:
        """The 32 bytes of the public key, in base64."""
        return b64encode(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    @property
    def public_pem(self) -> str:
        """The public key as other tools read it."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def is_signed(content: bytes, signature: str, public_key: str) -> bool:
    """Whether whoever has the private key to this public one (base64) signed the content."""
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(public_key)).verify(b64decode(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True
