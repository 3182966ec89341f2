"""A linear regression as PMML, which other tools score."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from streamcore.models.ml.saved import SavedWriter
from streamcore.version import __version__

if TYPE_CHECKING:
    from typing import Self

    from streamcore.models.ml.regression.linear import LinearRegressionModel

_NAMESPACE = "http://www.dmg.org/PMML-4_2"


def linear_pmml(model: LinearRegressionModel) -> str:
    """PMML 4.2 with the fields field_0, field_1, ... and the target, as Spark names them."""
    root = ET.Element("PMML", xmlns=_NAMESPACE, version="4.2")
    header = ET.SubElement(root, "Header", description="linear regression")
    ET.SubElement(header, "Application", name="streamcore", version=__version__)
    ET.SubElement(header, "Timestamp").text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    names = [f"field_{place}" for place in range(model.numFeatures)]
    _dictionary(root, [*names, "target"])
    regression = ET.SubElement(
        root, "RegressionModel", modelName="linear regression", functionName="regression"
    )
    _mining(regression, names)
    table = ET.SubElement(regression, "RegressionTable", intercept=repr(float(model.intercept)))
    for name, coefficient in zip(names, model.coefficients.toArray().tolist(), strict=True):
        ET.SubElement(table, "NumericPredictor", name=name, coefficient=repr(coefficient))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _dictionary(root: ET.Element, names: list[str]) -> None:
    fields = ET.SubElement(root, "DataDictionary", numberOfFields=str(len(names)))
    for name in names:
        ET.SubElement(fields, "DataField", name=name, optype="continuous", dataType="double")


def _mining(regression: ET.Element, names: list[str]) -> None:
    schema = ET.SubElement(regression, "MiningSchema")
    for name in names:
        ET.SubElement(schema, "MiningField", name=name, usageType="active")
    ET.SubElement(schema, "MiningField", name="target", usageType="target")


class LinearRegressionModelWriter(SavedWriter):
    """Writes a linear regression in the format `internal`, or as `pmml`: text in `part-00000`."""

    def __init__(self, instance: LinearRegressionModel) -> None:
        super().__init__(instance)
        self._model = instance
        self._pmml = False

    def format(self, source: str) -> Self:
        """`internal` (the default) or `pmml`."""
        self._pmml = source == "pmml"
        return self if self._pmml else super().format(source)

    def saveImpl(self, path: str) -> None:
        """Write the model to a folder that is new and empty."""
        if not self._pmml:
            super().saveImpl(path)
            return
        (Path(path) / "part-00000").write_text(linear_pmml(self._model), encoding="utf-8")
        (Path(path) / "_SUCCESS").touch()
