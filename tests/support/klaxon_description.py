"""What /openapi.json promises, and whether an answer keeps it.

Answers may get further fields, so the description leaves their objects open; here they are closed, and a field
that nobody described fails the test that met it. Answers of one shape are checked once: a page of a thousand
messages costs as much as one.
"""

import glob
import json
import os
import re

import jsonschema

from klaxon_wait import ROOT

PARTS = os.path.join(ROOT, "daemon", "doors", "openapi")
METHODS = ("get", "put", "post", "delete", "patch")
# What the connection refuses before it knows which call it is.
OF_THE_CONNECTION = (400, 408, 413, 417, 431, 503)
# RFC 3339 in UTC with milliseconds, always.
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
MOST_SHOWN = 300


def joined(folder=PARTS):
    """The parts as one document, without the version that the daemon adds."""
    whole = {"tags": [], "paths": {}, "components": {}}
    for name in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(name, encoding="utf-8") as file:
            part = json.load(file)
        whole["tags"] += part.pop("tags", [])
        whole["paths"].update(part.pop("paths", {}))
        for kind, named in part.pop("components", {}).items():
            whole["components"].setdefault(kind, {}).update(named)
        whole.update(part)
    return whole


def resolve(whole, thing):
    """What a reference points to; anything else as it is. Raises KeyError."""
    while "$ref" in thing:
        found = whole
        for name in thing["$ref"].removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/").replace("~0", "~")]
        thing = found
    return thing


def plain_schema(whole, schema, closed=False):
    """A schema of OpenAPI 3.0 as one of JSON Schema, without references. closed: objects hold what is named, no more."""
    schema = resolve(whole, schema)
    if "allOf" in schema:
        parts = [resolve(whole, part) for part in schema["allOf"]]
        schema = {**parts[0], **{k: v for k, v in schema.items() if k != "allOf"},
                  "required": sum((part.get("required", []) for part in parts), []),
                  "properties": {k: v for part in parts for k, v in part.get("properties", {}).items()}}
        schema = {k: v for k, v in schema.items() if v}
    out = {k: v for k, v in schema.items() if k not in ("nullable", "example", "description", "format")}
    if "properties" in schema:
        out["properties"] = {k: plain_schema(whole, v, closed) for k, v in schema["properties"].items()}
        if closed:
            out.setdefault("additionalProperties", False)
    if "items" in schema:
        out["items"] = plain_schema(whole, schema["items"], closed)
    if "oneOf" in schema:
        out["oneOf"] = [plain_schema(whole, one, closed) for one in schema["oneOf"]]
    if out.pop("exclusiveMinimum", False):
        out["exclusiveMinimum"] = out.pop("minimum")
    if closed and schema.get("format") == "date-time":
        out["pattern"] = TIME
    if schema.get("nullable"):
        out["type"] = [schema["type"], "null"]
    return out


def shape_of(value):
    """Equal for two answers that a schema can't tell apart, but for long texts and numbers."""
    if isinstance(value, dict):
        return tuple((key, shape_of(one)) for key, one in value.items())
    if isinstance(value, list):
        return frozenset(map(shape_of, value))
    if isinstance(value, str) and re.fullmatch(r"[a-z_]{1,24}", value):
        return value
    return type(value).__name__


def of_each_shape(value):
    """The value with one item of each shape in its lists of objects."""
    if isinstance(value, dict):
        return {key: of_each_shape(one) for key, one in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [of_each_shape(one) for one in {shape_of(one): one for one in value}.values()]
    return value


class Description:
    def __init__(self, whole=None):
        self.whole = whole or joined()
        self._paths = sorted(((self._pattern(path), path) for path in self.whole["paths"]),
                             key=lambda one: one[1].count("{"))
        self._validators = {}
        self._seen = set()

    @staticmethod
    def _pattern(path):
        return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part)
                                  for part in re.split(r"(\{\w+\})", path)))

    def path_of(self, target):
        """The path that a request's target is of, or None: "/v1/messages/{id}"."""
        plain = target.split("?")[0]
        return next((path for pattern, path in self._paths if pattern.fullmatch(plain)), None)

    def check(self, schema, value, where, closed):
        """Raises AssertionError that names the field."""
        key = (json.dumps(schema, sort_keys=True), closed)
        if key not in self._validators:
            self._validators[key] = jsonschema.Draft202012Validator(plain_schema(self.whole, schema, closed))
        errors = sorted(self._validators[key].iter_errors(value), key=lambda error: list(error.path))
        if errors:
            said = "; ".join(f"/{'/'.join(map(str, error.path))}: {self._why(error)[:MOST_SHOWN]}" for error in errors[:5])
            raise AssertionError(f"{where} is not as /openapi.json says: {said}")

    @staticmethod
    def _why(error):
        """Of several alternatives, what the nearest one misses."""
        best = jsonschema.exceptions.best_match([error])
        return best.message if best is error else f"{error.message[:80]}…: {best.message}"

    def check_answer(self, method, target, sent, status, headers, body):
        """One request and its answer. sent: the request's body as it was sent, or None."""
        path = self.path_of(target)
        operation = self.whole["paths"].get(path, {}).get("get" if method == "HEAD" else method.lower())
        where = f"{status} of {method} {target[:200]}"
        headers = {name.lower(): value for name, value in headers.items()}
        if operation is None:
            if status < 400:
                raise AssertionError(f"{where}: /openapi.json does not know this call")
            return self._check_body(self.whole["components"]["responses"]["Refused"], where, headers, body)
        answer = operation["responses"].get(str(status))
        if answer is None and status in OF_THE_CONNECTION:
            answer = operation["responses"]["default"]
        if answer is None:
            raise AssertionError(f"{where}: /openapi.json names no such status: {body[:MOST_SHOWN]}")
        answer = resolve(self.whole, answer)
        for name, header in answer.get("headers", {}).items():
            if resolve(self.whole, header).get("required") and name.lower() not in headers:
                raise AssertionError(f"{where}: the header {name} is missing")
        if method != "HEAD":
            self._check_body(answer, where, headers, body)
        if status < 300 and sent:
            self._check_sent(operation, sent, f"the accepted body of {method} {target}")
        return None

    def _check_body(self, answer, where, headers, body):
        if "content" not in answer:
            if body:
                raise AssertionError(f"{where}: /openapi.json says nothing of a body")
            return
        media = headers.get("content-type", "").split(";")[0]
        if media not in answer["content"]:
            raise AssertionError(f"{where}: it is {media!r}, not {' or '.join(answer['content'])}")
        if not media.endswith("json"):
            return
        value = json.loads(body)
        shape = (where.split(" of ")[0], json.dumps(answer["content"][media]["schema"], sort_keys=True), shape_of(value))
        if shape not in self._seen:
            self.check(answer["content"][media]["schema"], of_each_shape(value), where, closed=True)
            self._seen.add(shape)

    def _check_sent(self, operation, sent, where):
        """What the daemon took must be what it says that it takes. A field that is null counts as left out."""
        value = json.loads(sent)
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        nullable = {name for name, one in resolve(self.whole, schema)["properties"].items() if one.get("nullable")}
        value = {key: one for key, one in value.items() if one is not None or key in nullable}
        shape = ("sent", json.dumps(schema, sort_keys=True), shape_of(value))
        if shape not in self._seen:
            self.check(schema, value, where, closed=False)
            self._seen.add(shape)

    def check_event(self, data):
        """The data of one server-sent event."""
        self.check({"$ref": "#/components/schemas/Event"}, data, "an event", closed=True)


DESCRIPTION = Description()
