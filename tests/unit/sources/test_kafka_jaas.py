"""User and password in a JAAS text are those that Kafka's Java clients read in it."""

from __future__ import annotations

import pytest

from streamcore.errors import UnsupportedOperationException
from streamcore.kafka.client_config import client_config
from streamcore.kafka.jaas import credentials

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required "


@pytest.mark.parametrize(
    ("options", "password"),
    [
        ('username="u" password="a;b";', "a;b"),
        ("""username="u" password="it's";""", "it's"),
        ("""username='u' password='a "q" b';""", 'a "q" b'),
        ('username="u" password="two words";', "two words"),
        (r'username="u" password="a\"b\\c";', 'a"b\\c'),
        (r'username="u" password="t\tn\nz\q";', "t\tn\nzq"),
        (r'username="u" password="\101\60\400\8";', "A0 08"),
        ('username="u" password="a//b=c";', "a//b=c"),
        ("username=u password=p-w_x$1.2;", "p-w_x$1.2"),
        ('username = "u" // whose?\n  password = "pw" ;\n', "pw"),
        ('username="u" /* ; */ serviceName=kafka password="";', ""),
        ('username="u" password="ß€";', "ß€"),
    ],
)
def test_a_password_is_read_whole(options: str, password: str) -> None:
    assert credentials(PLAIN + options) == ("u", password)


@pytest.mark.parametrize(
    "text",
    [
        'Krb5LoginModule required username="u" password="hush";',
        PLAIN + 'username="u" password="hush"',
        PLAIN + 'username="u" password=hush#;',
        PLAIN + 'username="u" password="hush\n";',
        PLAIN + 'user="u" password="hush";',
        PLAIN + 'username="u" password="hush"; username="u";',
        PLAIN + 'username="u" password "hush";',
        "hush",
        "",
    ],
)
def test_what_is_not_understood_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(UnsupportedOperationException, match=r"kafka\.sasl\.jaas\.config") as refused:
        credentials(text)
    assert "hush" not in str(refused.value)


def test_the_credentials_become_librdkafkas() -> None:
    jaas = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p w";'
    config = client_config({"kafka.bootstrap.servers": "b", "kafka.sasl.jaas.config": jaas})
    assert (config["sasl.username"], config["sasl.password"]) == ("u", "p w")
    assert "sasl.jaas.config" not in config
