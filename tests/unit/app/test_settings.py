"""The settings that the app is safe with are those that it starts with, from a checkout and as a package."""

import tomllib
from pathlib import Path

from simulator import app as ui

_ROOT = Path(__file__).parents[3]
_OURS = Path(str(ui.__file__)).parent / ".streamlit" / "config.toml"


def test_the_app_is_safe_as_it_starts() -> None:
    found = tomllib.loads(_OURS.read_text(encoding="utf-8"))
    assert found["server"]["address"] == "127.0.0.1"
    assert found["server"]["maxUploadSize"] == 2
    assert found["server"]["enableXsrfProtection"]
    assert found["server"]["enableCORS"]
    assert found["client"]["showErrorDetails"] == "none"
    assert not found["browser"]["gatherUsageStats"]
    assert {"light", "dark"} <= set(found["theme"])


def test_a_checkout_has_the_same_settings() -> None:
    assert (_ROOT / ".streamlit" / "config.toml").read_bytes() == _OURS.read_bytes()


def test_app_py_stays_short() -> None:
    assert len((_ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 40


def test_no_page_renders_html() -> None:
    for path in _OURS.parents[1].rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "unsafe_allow_html" not in text
        assert "st.html(" not in text
