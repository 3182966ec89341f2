"""Train offline: fit a pipeline, publish it to a store, write its scores to a database, look them up."""

from __future__ import annotations

import argparse

import sqlalchemy

from streamcore import Session
from streamcore.models.ml import Pipeline
from streamcore.models.ml.classification import LogisticRegression
from streamcore.models.ml.evaluation import BinaryClassificationEvaluator
from streamcore.models.ml.feature import StandardScaler, VectorAssembler
from streamcore.models.publishing import publish_model
from streamcore.models.store import ModelStore

SCHEMA = "visit BIGINT, price DOUBLE, minutes DOUBLE, bought DOUBLE"


def pipeline() -> Pipeline:
    """Say the stages, in PySpark's words."""
    assembler = VectorAssembler(inputCols=["price", "minutes"], outputCol="seen")
    scaler = StandardScaler(inputCol="seen", outputCol="features", withMean=True)
    classifier = LogisticRegression(featuresCol="features", labelCol="bought", regParam=0.001)
    return Pipeline(stages=[assembler, scaler, classifier])


def main() -> None:
    """Train on most of the visits, measure on the rest."""
    asked = _arguments()
    session = Session.builder.appName("train offline").getOrCreate()
    visits = session.read.schema(SCHEMA).json(asked.source)
    training, rest = visits.randomSplit([0.8, 0.2], seed=7)
    fitted = pipeline().fit(training)
    area = BinaryClassificationEvaluator(labelCol="bought").evaluate(fitted.transform(rest))
    print(f"area under the curve, on visits that it has not seen: {area:.3f}")

    if asked.store:
        store = ModelStore(asked.store)
        made = publish_model(store, fitted, metrics={"areaUnderROC": area})
        store.alias("champion", made.version)
        print(f"version {made.version} of {store.location} is the champion")
    if asked.database:
        # One transaction: whoever looks scores up sees the old ones or the new ones.
        scores = fitted.transform(visits).select("visit", "prediction")
        writer = scores.write.format("database").option("url", asked.database)
        writer.option("dbtable", "scores").option("keyColumns", "visit").mode("append").save()
    session.stop()
    if asked.look_up is not None:
        print(f"the score of visit {asked.look_up}: {score_of(asked.database, asked.look_up)}")


def score_of(database: str, visit: int) -> float | None:
    """Look a score up, as a web service would: no session, one indexed read."""
    statement = sqlalchemy.text("SELECT prediction FROM scores WHERE visit = :visit")
    with sqlalchemy.create_engine(database).connect() as connection:
        return connection.execute(statement, {"visit": visit}).scalar_one_or_none()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="folder with JSON files of visits, one object per line")
    parser.add_argument("--store", help="publish the pipeline to this model store, as its champion")
    parser.add_argument("--database", help="write the scores to this database, a SQLAlchemy URL")
    parser.add_argument(
        "--look-up", type=int, metavar="VISIT", help="print a visit's score from the database"
    )
    asked = parser.parse_args()
    if asked.look_up is not None and not asked.database:
        parser.error("--look-up needs --database")
    return asked


if __name__ == "__main__":
    main()
