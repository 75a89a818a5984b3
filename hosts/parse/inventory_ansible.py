"""An Ansible inventory, INI or YAML, to an inventory of hosts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import yaml

from hosts.errors import BadInput
from hosts.facts.inventory import Inventory
from hosts.facts.words import Words, gettext_noop, words
from hosts.parse.ansible_groups import Groups, take_groups
from hosts.parse.inventory import Taker, text_and_encoding

_SECTION = re.compile(r"\[([^\]:\s]+)(?::(children|vars|hosts))?\]\s*(?:[#;].*)?")
_MOST_NODES = 400_000


def inventory_ansible(data: bytes) -> Inventory:
    """Hosts with their groups as tags (a group named like a role gives the role), variables merged as Ansible does.

    What is not understood is named with its line; passwords are never read. Raises BadInput where it is neither format.
    """
    text, encoding = text_and_encoding(data)
    if _is_yaml(text):
        taker = Taker("ansible_yaml", encoding)
        found = _yaml(text, taker)
    else:
        taker = Taker("ansible_ini", encoding)
        found = _ini(text, taker)
    take_groups(found, taker)
    return taker.inventory()


def _is_yaml(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith(("#", ";"))]
    if not lines:
        return False
    if any(_SECTION.fullmatch(line.strip()) for line in lines):
        return False
    return lines[0].startswith(("---", "{", "%YAML")) or bool(
        re.fullmatch(r"[\"']?[\w.-]+[\"']?:\s*([#&{].*)?", lines[0])
    )


def _ini(text: str, taker: Taker) -> Groups:
    found = Groups()
    section, kind = "ungrouped", "hosts"
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if match := _SECTION.fullmatch(line):
            section, kind = match[1], match[2] or "hosts"
            found.group(section)
        elif line.startswith("["):
            taker.say(number, words(gettext_noop("This heading is not understood: %(text)s"), text=line[:100]))
            kind = "unknown"
        elif kind == "unknown":
            what = gettext_noop("It stands under a heading that is not understood: %(text)s")
            taker.say(number, words(what, text=line.split()[0].partition("=")[0][:60]), lost=True)
        elif kind == "children":
            _ini_child(found, section, line)
        elif kind == "vars":
            _ini_variable(found, section, line, number, taker)
        else:
            _ini_host(found, section, line, number, taker)
    return found


def _ini_child(found: Groups, section: str, line: str) -> None:
    child = re.split(r"\s+[#;]", line)[0].strip()
    found.group(section).children[child] = None
    found.group(child)


def _ini_variable(found: Groups, section: str, line: str, number: int, taker: Taker) -> None:
    name, equals, value = line.partition("=")
    if not equals:
        taker.say(number, words(gettext_noop("This is no variable: %(text)s"), text=name.strip()[:60]))
        return
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    found.group(section).variables[name.strip()] = value


def _ini_host(found: Groups, section: str, line: str, number: int, taker: Taker) -> None:
    try:
        parts = shlex.split(line, comments=True)
    except ValueError:
        what = gettext_noop("A quote is not closed; the line was left out: %(text)s")
        taker.say(number, words(what, text=line.split()[0][:60]), lost=True)
        return
    if not parts:
        return
    variables = {}
    for part in parts[1:]:
        name, equals, value = part.partition("=")
        if equals:
            variables[name] = value
        else:
            taker.say(number, words(gettext_noop("“%(text)s” is no variable and was left out."), text=part[:60]))
    found.add_hosts(section, parts[0], variables, number)


def _yaml(text: str, taker: Taker) -> Groups:
    """The tree of nodes is read, not values made of it: every scalar stays text and keeps its line."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError as error:
        raise BadInput(
            words(gettext_noop("The YAML is nested too deeply to be an inventory. Nothing was imported."))
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = words(gettext_noop("Line %(line)s: "), line=mark.line + 1) if mark else Words("")
        problem = getattr(error, "problem", None) or "unreadable characters"
        raise BadInput(
            words(
                gettext_noop("%(where)sthis is no YAML (%(problem)s). Nothing was imported."),
                where=where,
                problem=problem,
            )
        ) from error
    if not isinstance(root, yaml.MappingNode):
        raise BadInput(
            words(gettext_noop("The YAML does not begin with groups, such as “all:”. Nothing was imported."))
        )
    found = Groups()
    _YamlReader(found, taker).groups(root, "")
    return found


class _YamlReader:
    """Walks the nodes; counts them, because an alias may stand for any number of others."""

    def __init__(self, found: Groups, taker: Taker) -> None:
        self.found, self.taker = found, taker
        self.left = _MOST_NODES

    def groups(self, node: yaml.Node, parent: str, depth: int = 0) -> None:
        if depth > 50:
            raise BadInput(words(gettext_noop("The groups are nested more than 50 deep. Nothing was imported.")))
        for name, line, body in self.items(node):
            group = self.found.group(name)
            if parent:
                self.found.group(parent).children[name] = None
            for key, key_line, value in self.items(body):
                if key == "hosts":
                    self.hosts(name, value, key_line)
                elif key == "vars":
                    group.variables.update(self.variables(value))
                elif key == "children":
                    self.groups(value, name, depth + 1)
                else:
                    what = gettext_noop("Group %(group)s: “%(key)s” is not understood and was left out.")
                    self.taker.say(key_line, words(what, group=name[:100], key=key[:100]))
            if isinstance(body, yaml.ScalarNode) and body.value not in {"", "null", "~"}:
                what = gettext_noop("Group %(group)s holds no groups, hosts or vars and was left out.")
                self.taker.say(line, words(what, group=name[:100]))

    def hosts(self, group: str, node: yaml.Node, line: int) -> None:
        if isinstance(node, yaml.SequenceNode):
            what = gettext_noop("Group %(group)s: hosts are a list; Ansible wants “name:” for each. They were taken.")
            self.taker.say(line, words(what, group=group[:100]))
            for item in node.value:
                if isinstance(item, yaml.ScalarNode):
                    self.found.add_hosts(group, item.value, {}, item.start_mark.line + 1)
            return
        if isinstance(node, yaml.ScalarNode) and node.value not in {"", "null", "~"}:
            self.found.add_hosts(group, node.value, {}, line)
        for name, name_line, body in self.items(node):
            self.found.add_hosts(group, name, self.variables(body), name_line)

    def variables(self, node: yaml.Node) -> dict[str, str]:
        return {name: value.value if isinstance(value, yaml.ScalarNode) else "…" for name, _, value in self.items(node)}

    def items(self, node: yaml.Node) -> Iterator[tuple[str, int, yaml.Node]]:
        """(key, line, value) of a mapping; merge keys (<<) come first, so that own keys overrule them."""
        if not isinstance(node, yaml.MappingNode):
            return
        own = []
        for key, value in node.value:
            self.left -= 1
            if self.left < 0:
                raise BadInput(
                    words(
                        gettext_noop("The YAML stands for more nodes than an inventory can have. Nothing was imported.")
                    )
                )
            if isinstance(key, yaml.ScalarNode) and key.value == "<<":
                # One step only: a merged mapping's own merges are of no use in an inventory.
                own += [(k, v) for k, v in getattr(value, "value", []) if isinstance(value, yaml.MappingNode)]
        for key, value in (*own, *node.value):
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                yield key.value, key.start_mark.line + 1, value
