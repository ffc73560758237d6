"""The notebooks: bare in the repository, and each runs from top to bottom with its assertions.

One class per notebook, so that workers that share tests by class share the notebooks.
"""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
_MACHINE = re.compile(
    r"/(?:home|root|Users|tmp|work)/|[A-Za-z]:\\\\|file://|localhost|127\.0\.0\.1"
)


class _Runs:
    """Executes one notebook in a folder of its own."""

    name: str

    def test_it_runs_from_top_to_bottom(self, tmp_path, monkeypatch) -> None:
        nbclient = pytest.importorskip("nbclient", reason="the extra [notebooks] is not installed")
        nbformat = pytest.importorskip("nbformat", reason="the extra [notebooks] is not installed")
        pytest.importorskip("ipykernel", reason="the extra [notebooks] is not installed")
        monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
        monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        book = nbformat.read(FOLDER / f"{self.name}.ipynb", as_version=4)
        here = tmp_path / "here"
        here.mkdir()
        client = nbclient.NotebookClient(
            book, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(here)}}
        )
        client.execute()
        assert list(here.iterdir()) == [], "a notebook writes into temporary folders only"
        shown = [output for cell in book.cells for output in cell.get("outputs", [])]
        assert not [output for output in shown if output["output_type"] == "error"]
        pictures = [output for output in shown if "image/png" in output.get("data", {})]
        assert pictures, "a notebook without a figure"
        assert len(json.dumps(shown)) < 4_000_000, "outputs are light"


class TestLayers(_Runs):
    name = "01_layers"


class TestRooftopPv(_Runs):
    name = "02_rooftop_pv"


class TestHeatNetwork(_Runs):
    name = "03_heat_network"


class TestSiting(_Runs):
    name = "04_siting"


class TestWholePlan(_Runs):
    name = "05_whole_plan"


class TestYourOwnCity(_Runs):
    name = "06_your_own_city"


class TestMethodsAndChecks(_Runs):
    name = "07_methods_and_checks"


def test_every_notebook_is_run_and_listed() -> None:
    run = {found.name for found in _Runs.__subclasses__()}
    assert run == {path.stem for path in NOTEBOOKS}
    page = (FOLDER.parent / "docs" / "notebooks.md").read_text(encoding="utf-8")
    assert [path.stem for path in NOTEBOOKS] == re.findall(r"^\| `(\d\d_\w+)`", page, re.MULTILINE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestBare:
    def test_no_outputs_counts_or_machine(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        book = json.loads(text)
        assert book["metadata"] == {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
        assert _MACHINE.search(text) is None
        for cell in book["cells"]:
            assert cell["metadata"] == {}
            if cell["cell_type"] == "code":
                assert cell["outputs"] == []
                assert cell["execution_count"] is None

    def test_it_keeps_kernels_checks_facts_and_doubts(self, path: Path) -> None:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        words = "\n".join(
            "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
        )
        assert code[0].startswith("from layers.compilation import keep_compiled\n\nkeep_compiled()")
        assert "## The doubt" in words
        assert "assert" in "\n".join(code) or "np.testing" in "\n".join(code)
        if path.stem != "07_methods_and_checks":  # which knows no case
            assert "\nCASE = None  # or " in "\n".join(code)
