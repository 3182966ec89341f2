"""XML as trees.  Entities are not declared and nothing is fetched: such a document is malformed."""

from __future__ import annotations

import xml.parsers.expat
from collections.abc import Iterator
from dataclasses import dataclass, field


class MalformedXml(ValueError):
    """What is no XML, or declares entities."""


@dataclass(eq=False)
class Node:
    """An element; the document itself is one without a name."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | Text] = field(default_factory=list)
    parent: Node | None = None

    @property
    def value(self) -> None:
        """An element has none of its own."""

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(child.text for child in self.children)

    @property
    def elements(self) -> list[Node]:
        """The elements directly in it."""
        return [child for child in self.children if isinstance(child, Node)]

    def walk(self) -> Iterator[Node]:
        """The element and those in it, in the document's order."""
        yield self
        for child in self.elements:
            yield from child.walk()


@dataclass(eq=False)
class Text:
    """A text, or the value of an attribute, whose name it bears then."""

    text: str
    parent: Node | None = None
    name: str = ""

    @property
    def value(self) -> str:
        """The text."""
        return self.text


def parsed(text: str) -> Node:
    """The document.  Raises MalformedXml."""
    document = Node("")
    at = [document]
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True

    def begun(name: str, attributes: dict[str, str]) -> None:
        node = Node(name, attributes, parent=at[-1])
        at[-1].children.append(node)
        at.append(node)

    def ended(_: str) -> None:
        at.pop()

    def characters(data: str) -> None:
        at[-1].children.append(Text(data, at[-1]))

    def refused(*_: object) -> int:
        raise MalformedXml("a document that declares entities is not read")

    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    parser.CharacterDataHandler = characters
    parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refused
    try:
        parser.Parse(text, True)  # noqa: FBT003 - the only form that it has
    except xml.parsers.expat.ExpatError as error:
        raise MalformedXml(str(error)) from error
    return document
