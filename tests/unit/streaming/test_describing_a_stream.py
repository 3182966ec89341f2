"""What `readStream...load()` refuses before a query starts."""

from __future__ import annotations

import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, UnsupportedOperationException


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


def test_a_mistyped_option_of_kafkas_is_refused(session: Session) -> None:
    stream = session.readStream.format("kafka").option("kafka.bootstrap.servers", "b:9092")
    with pytest.raises(IllegalArgumentException, match="did you mean 'startingOffsets'"):
        stream.option("subscribe", "t").option("startingOffset", "earliest").load()


def test_an_option_of_javas_is_refused_with_the_way_out(session: Session) -> None:
    stream = session.readStream.format("kafka").option("kafka.bootstrap.servers", "b:9092")
    with pytest.raises(UnsupportedOperationException, match="export the certificates as PEM"):
        stream.option("subscribe", "t").option("kafka.ssl.truststore.location", "x.jks").load()


def test_an_option_of_javas_is_refused_in_a_batch_read_with_the_way_out(session: Session) -> None:
    read = session.read.format("kafka").option("kafka.bootstrap.servers", "b:9092").option("subscribe", "t")
    with pytest.raises(UnsupportedOperationException, match="export the certificates as PEM"):
        read.option("kafka.ssl.truststore.location", "x.jks").load().collect()
