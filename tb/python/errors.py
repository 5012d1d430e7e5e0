"""What a weft.Error must say."""

import pytest

import weft


def fails(kind, *words):
    """Expects a weft.Error of this kind whose sentence has these words (regular expressions)."""
    pattern = "(?s)" + "".join(f"(?=.*{word})" for word in words)
    return pytest.raises(weft.Error, match=pattern, check=lambda error: error.kind == kind)
