"""A strict reader of OpenAPI 3.0: the standard's own schema, and what a schema can't say."""

import json
import re

import jsonschema

from klaxon_description import METHODS, plain_schema, resolve

# Debian's openapi-specification.
STANDARD = "/usr/share/openapi-specification/schemas/v3.0/schema.json"


def references(thing, at=""):
    """(where, target) of every $ref."""
    if isinstance(thing, dict):
        if "$ref" in thing and isinstance(thing["$ref"], str):
            yield at, thing["$ref"]
        for key, value in thing.items():
            yield from references(value, f"{at}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(thing, list):
        for index, value in enumerate(thing):
            yield from references(value, f"{at}/{index}")


def operations(whole):
    for path, item in whole["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", path, item, item[method]


def schemas(thing, at=""):
    """(where, schema) of every schema that is written out."""
    if isinstance(thing, dict):
        if "type" in thing and isinstance(thing["type"], str) or "oneOf" in thing or "allOf" in thing:
            yield at, thing
        for key, value in thing.items():
            if key not in ("example", "examples", "enum", "default"):
                yield from schemas(value, f"{at}/{key}")
    elif isinstance(thing, list):
        for index, value in enumerate(thing):
            yield from schemas(value, f"{at}/{index}")


def contents(whole):
    """(where, media type object) of bodies, answers and the answers among the components."""
    for where, _, _, operation in operations(whole):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            yield f"{where}: body", media
        for status, answer in operation["responses"].items():
            for media in resolve(whole, answer).get("content", {}).values():
                yield f"{where}: {status}", media


class Lint:
    def __init__(self, whole):
        self.whole, self.found = whole, []

    def say(self, where, what):
        self.found.append(f"{where}: {what}")

    def run(self):
        self.check_standard()
        if not self.found:
            self.check_references()
        if not self.found:
            for rule in (self.check_operations, self.check_parameters, self.check_schemas, self.check_examples):
                rule()
        return self.found

    def check_standard(self):
        with open(STANDARD, encoding="utf-8") as file:
            standard = json.load(file)
        for error in jsonschema.Draft4Validator(standard).iter_errors(self.whole):
            best = jsonschema.exceptions.best_match([error])
            self.say("/" + "/".join(map(str, best.absolute_path)), best.message[:300])

    def check_references(self):
        used = {"tags": set()}
        for where, target in references(self.whole):
            try:
                resolve(self.whole, {"$ref": target})
            except (KeyError, TypeError):
                self.say(where, f"{target} is not there")
            used.setdefault(target.rsplit("/", 1)[0].removeprefix("#/components/"), set()).add(target.rsplit("/", 1)[1])
        for kind, named in self.whole["components"].items():
            for name in named:
                if kind != "securitySchemes" and name not in used.get(kind, ()):
                    self.say(f"/components/{kind}/{name}", "nobody uses it")

    def check_operations(self):
        names, tags = set(), {tag["name"] for tag in self.whole["tags"]}
        known = set(self.whole["components"]["securitySchemes"])
        for where, _, _, operation in operations(self.whole):
            name = operation.get("operationId", "")
            if not re.fullmatch("[a-z]+([A-Z][a-z]+)*", name) or name in names:
                self.say(where, f"operationId {name!r} is missing, taken or not camelCase")
            names.add(name)
            if not operation.get("summary") or not operation.get("description") or len(operation.get("tags", ())) != 1 or not tags.issuperset(operation["tags"]):
                self.say(where, "wants a summary, a description and one tag that is declared")
            if "security" not in operation or any(not known.issuperset(one) for one in operation["security"]):
                self.say(where, "wants security by a declared scheme")
            statuses = set(operation["responses"])
            if not any(status.startswith("2") for status in statuses) or not {"400", "default"} <= statuses:
                self.say(where, "wants an answer when it works, 400 and default")
            if operation.get("security") and not {"401", "403"} <= statuses:
                self.say(where, "wants 401 and 403")
            if "requestBody" in operation and not {"413", "415", "422"} <= statuses:
                self.say(where, "has a body and wants 413, 415 and 422")
        unused = tags - {tag for _, _, _, operation in operations(self.whole) for tag in operation.get("tags", ())}
        if unused or len(tags) != len(self.whole["tags"]):
            self.say("/tags", f"declared twice or for nothing: {unused}")

    def check_parameters(self):
        alike = [re.sub(r"\{\w+\}", "{}", path) for path in self.whole["paths"]]
        for path in {path for path in alike if alike.count(path) > 1}:
            self.say(path, "is there twice under two names")
        for where, path, item, operation in operations(self.whole):
            given = [resolve(self.whole, one) for one in item.get("parameters", []) + operation.get("parameters", [])]
            places = [(one["in"], one["name"]) for one in given]
            if len(set(places)) != len(places):
                self.say(where, "has a parameter twice")
            if sorted(name for place, name in places if place == "path") != sorted(re.findall(r"\{(\w+)\}", path)):
                self.say(where, "its path's parameters are not those of the path")
            for one in given:
                if not one.get("description"):
                    self.say(where, f"{one['name']} has no description")
                if "example" in one:
                    self.fits(f"{where}: {one['name']}", one["schema"], one["example"])

    def check_schemas(self):
        for where, schema in schemas([self.whole["paths"], self.whole["components"]["schemas"], self.whole["components"]["parameters"],
                                      self.whole["components"]["responses"]]):
            missing = set(schema.get("required", ()) if isinstance(schema.get("required"), list) else ()) - set(schema.get("properties", ()))
            if missing and "allOf" not in schema:
                self.say(where, f"requires what it does not describe: {missing}")
            if schema.get("nullable") and "type" not in schema:
                self.say(where, "nullable without a type")
            if schema.get("nullable") and "enum" in schema and None not in schema["enum"]:
                self.say(where, "nullable, but its enum has no null")
            if schema.get("type") == "object" and not {"properties", "additionalProperties"} & set(schema):
                self.say(where, "an object of anything wants to say so")
            if "pattern" in schema and not schema["pattern"].startswith("^"):
                self.say(where, "a pattern without an anchor")

    def check_examples(self):
        for where, media in contents(self.whole):
            examples = [one["value"] for one in media.get("examples", {}).values()] + [media[k] for k in ("example",) if k in media]
            for example in examples:
                self.fits(where, media["schema"], example)
        for name, schema in self.whole["components"]["schemas"].items():
            if "example" in schema:
                self.fits(name, schema, schema["example"])

    def fits(self, where, schema, example):
        closed = plain_schema(self.whole, schema, closed=True) if not isinstance(example, str) else plain_schema(self.whole, schema)
        for error in jsonschema.Draft202012Validator(closed).iter_errors(example):
            self.say(where, f"its example: {jsonschema.exceptions.best_match([error]).message[:300]}")


def lint(whole):
    """What is wrong, a line each; nothing when all is well."""
    return Lint(whole).run()
