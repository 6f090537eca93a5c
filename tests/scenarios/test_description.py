"""/openapi.json: what a strict reader says of it, and that the tests' own reader notices what differs.

Every answer that any scenario gets is held against it too: klaxon_rig.py does that where it asks.
"""

import copy
import json
import unittest

from klaxon_description import Description, joined
from klaxon_lint import Lint, lint
from klaxon_rig import Daemon, RigCase

PROBLEM = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is nothing here"}


class Served(RigCase):
    def test_it_is_what_the_sources_say_and_needs_no_token(self):
        daemon = self.ends(Daemon(self.work)).start()
        answer = daemon.call("GET", "/openapi.json", token=False)
        self.assertEqual(answer.status, 200)
        served = answer.json
        self.assertRegex(served["info"]["version"], r"^\d+\.\d+\.\d+")
        wanted = joined()
        wanted["info"]["version"] = served["info"]["version"]
        for whole in (served, wanted):
            whole["tags"].sort(key=lambda tag: tag["name"])
        self.assertEqual(served, wanted)


class Strict(unittest.TestCase):
    def test_nothing_is_wrong_with_it(self):
        self.assertEqual(lint(joined()), [])

    def test_the_reader_finds_what_is_wrong(self):
        def without_summary(whole):
            del whole["paths"]["/v1/queue"]["get"]["summary"]

        def unknown_key(whole):
            whole["paths"]["/v1/queue"]["get"]["summry"] = "x"

        def dangling(whole):
            whole["paths"]["/v1/queue"]["get"]["responses"]["401"] = {"$ref": "#/components/responses/Nobody"}

        def unused(whole):
            whole["components"]["schemas"]["Orphan"] = {"type": "string"}

        def path_parameter(whole):
            del whole["paths"]["/v1/messages/{id}"]["parameters"]

        def bad_example(whole):
            whole["components"]["responses"]["NotFound"]["content"]["application/problem+json"]["example"]["colour"] = 1

        def twice(whole):
            whole["paths"]["/v1/queue"]["get"]["operationId"] = "sendMessages"

        def bad_type(whole):
            whole["components"]["schemas"]["Lane"]["type"] = "text"

        for fault in (without_summary, unknown_key, dangling, unused, path_parameter, bad_example, twice, bad_type):
            with self.subTest(fault.__name__):
                whole = copy.deepcopy(joined())
                fault(whole)
                reader = Lint(whole)
                rules = (reader.check_standard,) if fault in (unknown_key, bad_type) else \
                    (reader.check_references, reader.check_operations, reader.check_parameters, reader.check_examples)
                for rule in rules:
                    rule()
                    if reader.found:
                        break
                self.assertNotEqual(reader.found, [])


class Answers(unittest.TestCase):
    def held(self, method, target, status, body, media="application/json", sent=None, headers=None):
        Description().check_answer(method, target, sent, status, {"Content-Type": media, **(headers or {})},
                                   json.dumps(body))

    def test_what_fits_passes(self):
        self.held("GET", "/healthz", 200, {"status": "ok"})
        self.held("GET", "/v1/messages/m1", 404, PROBLEM, "application/problem+json")
        self.held("GET", "/v1/nowhere", 404, PROBLEM, "application/problem+json")
        self.held("PUT", "/v1/groups/a", 201, {"name": "a", "members": []}, sent='{"members": []}')

    def test_what_differs_is_named(self):
        for text, arguments in (
                ("colour", ("GET", "/healthz", 200, {"status": "ok", "colour": 1})),
                ("/status", ("GET", "/healthz", 200, {"status": "fine"})),
                ("'status' is a required", ("GET", "/healthz", 200, {})),
                ("no such status", ("GET", "/v1/modems", 418, PROBLEM, "application/problem+json")),
                ("Retry-After", ("GET", "/v1/queue", 503, PROBLEM, "application/problem+json")),
                ("does not know this call", ("GET", "/v1/nowhere", 200, {})),
                ("it is 'text/plain'", ("GET", "/healthz", 200, {"status": "ok"}, "text/plain")),
                ("accepted body", ("PUT", "/v1/groups/a", 201, {"name": "a", "members": []}, "application/json",
                                   '{"members": [], "colour": 1}'))):
            with self.subTest(text), self.assertRaisesRegex(AssertionError, text):
                self.held(*arguments)

    def test_each_shape_of_a_list_is_looked_at(self):
        group = {"name": "a", "members": []}
        with self.assertRaisesRegex(AssertionError, "colour"):
            self.held("GET", "/v1/groups", 200, {"items": [group] * 50 + [{**group, "colour": 1}] + [group], "next": None})
