"""The manifest by the rules of Blender's extensions platform, and the package's own."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from linly_blender import __version__

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))


def test_identity(manifest: dict[str, Any]) -> None:
    assert manifest["id"] == "linly_blender"
    assert manifest["name"] == "Linly Avatar Driver"
    assert "blender" not in manifest["name"].lower()
    assert manifest["version"] == __version__
    assert manifest["blender_version_min"] == "4.5.0"
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert len([part for part in manifest["version"].split(".") if part.isdigit()]) == 3


def test_short_texts(manifest: dict[str, Any]) -> None:
    for text in (manifest["tagline"], *manifest["permissions"].values()):
        assert 0 < len(text) <= 64
        assert text[-1].isalnum() or text[-1] == ")"


def test_wheels_and_platforms_are_left_to_the_build(manifest: dict[str, Any]) -> None:
    assert "wheels" not in manifest
    assert "platforms" not in manifest
