"""Short ways to the settings pages of the desk: their paths, the rows below a row, the errors of a form."""

from __future__ import annotations

from typing import Any

from tests.hosts.pages import url


def page(model: str, name: str, *args: object, query: str = "") -> str:
    return url(f"admin:tickets_{model}_{name}", *args, query=query)


def parts(prefix: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """The fields of rows below a row, as a browser sends them."""
    fields: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        fields |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return fields


def errors_of(answer: Any) -> Any:
    return answer.context["adminform"].form.errors
