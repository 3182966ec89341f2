"""Train online, use online: each visit is scored by the model that has learned from all visits before it."""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.models import Accuracy, LogisticRegression, LogLoss, Prequential, StandardScaler
from streamcore.models.publishing import publish_batch
from streamcore.models.store import ModelStore

SCHEMA = "visit BIGINT, price DOUBLE, minutes DOUBLE, bought DOUBLE"

# A visit without an answer (yet) is scored, and neither counted nor learned from.
MODEL = Prequential(
    model=StandardScaler(inputCol=("price", "minutes"))
    | LogisticRegression(featuresCol="features", labelCol="bought", stepSize=0.5),
    measures=(Accuracy(), LogLoss()),
)


def main() -> None:
    """Run until Ctrl-C, or with --once until everything that is there has been taken."""
    asked = _arguments()
    session = Session.builder.appName("train online").getOrCreate()
    visits = session.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).json(asked.source)
    scored = MODEL.fitStream(visits).select("visit", "bought", "prediction", "model_version")
    # The scores and the model commit together: after a crash no visit is scored, or learned from, twice.
    writer = (
        scored.writeStream.format("parquet")
        .option("path", asked.target)
        .option("checkpointLocation", asked.checkpoint)
    )
    timed = writer.trigger(availableNow=True) if asked.once else writer.trigger(processingTime="5 seconds")
    query = timed.start()
    try:
        query.awaitTermination()
    except KeyboardInterrupt:
        query.stop()
    if asked.store:
        store = ModelStore(asked.store)
        made = publish_batch(store, asked.checkpoint, MODEL)
        store.alias("champion", made.version)
        print(f"version {made.version} of {store.location}: {made.metrics}")
    session.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="folder with JSON files of visits, one object per line")
    parser.add_argument("target", help="folder for the scored visits")
    parser.add_argument("checkpoint", help="folder for the checkpoint, where the model is kept as well")
    parser.add_argument("--store", help="publish the model to this store at the end, as its champion")
    parser.add_argument("--once", action="store_true", help="take what is there, then end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
