"""Load the champion among pipelines that were trained offline, and score a stream with it."""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.models.publishing import load_model
from streamcore.models.store import ModelStore
from streamcore.sql import functions as F

SCHEMA = "visit BIGINT, price DOUBLE, minutes DOUBLE"


def main() -> None:
    """Run until Ctrl-C, or with --once until everything that is there has been taken."""
    asked = _arguments()
    session = Session.builder.appName("serve a pipeline").getOrCreate()
    visits = session.readStream.schema(SCHEMA).json(asked.source)
    store = ModelStore(asked.store)
    version = store.resolve("champion")
    scored = load_model(store, version).transform(visits).withColumn("model_version", F.lit(version))
    writer = (
        scored.select("visit", "prediction", "model_version")
        .writeStream.format("parquet")
        .option("path", asked.target)
        .option("checkpointLocation", asked.checkpoint)
    )
    timed = writer.trigger(availableNow=True) if asked.once else writer.trigger(processingTime="1 second")
    query = timed.start()
    try:
        query.awaitTermination()
    except KeyboardInterrupt:
        query.stop()
    session.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", help="the model store, as train_offline.py fills it")
    parser.add_argument("source", help="folder with JSON files of visits, one object per line")
    parser.add_argument("target", help="folder for the scored visits")
    parser.add_argument("checkpoint", help="folder for the checkpoint")
    parser.add_argument("--once", action="store_true", help="take what is there, then end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
