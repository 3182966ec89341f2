"""A notebook, in a kernel without ipywidgets."""

from __future__ import annotations

from pathlib import Path

_CELLS = (
    """
from streamcore import Session
session = Session.builder.master("local[2]").config("spark.sql.repl.eagerEval.enabled", True).getOrCreate()
rows = session.createDataFrame([("a", 1), ("b", 2)], "name string, n int")
rows.collect()
""",
    "rows",
    "rows.groupBy('name').sum('n').orderBy('name').show()",
    """
stream = session.readStream.format("rate-micro-batch").option("rowsPerBatch", 5).load()
query = stream.writeStream.format("memory").queryName("seen").trigger(once=True).start()
query.awaitTermination()
session.table("seen").count()
""",
    "session.sparkContext.parallelize(range(4), 2).map(lambda n: n * n).sum()",
    "session.stop()",
)


def test_a_notebook_reads_streams_and_shows_tables(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(source.strip()) for source in _CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    collected, table, shown, counted, summed, _ = (cell.outputs for cell in notebook.cells)
    assert collected[0].data["text/plain"] == "[Row(name='a', n=1), Row(name='b', n=2)]"
    assert "<table" in table[0].data["text/html"]
    assert "sum(n)" in shown[0].text
    assert counted[0].data["text/plain"] == "5"
    assert summed[0].data["text/plain"] == "14"
