"""The deliberate faults of tests/faults still fit the sources: script/faults, which takes long, could find each."""

import os
import re
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "faults"))

import catalogue  # noqa: E402


def fault(id, file="a.cpp", text="x < y", broken="FAULT ? x <= y : x < y"):
    return catalogue.Fault(id, "limits", "one too many", [catalogue.Edit(file, text, broken)])


class List(unittest.TestCase):
    def test_every_fault_has_its_place_in_the_sources(self):
        self.assertEqual([], catalogue.complaints(catalogue.load()))

    def test_each_says_what_would_go_wrong(self):
        said = [fault.what for fault in catalogue.load()]
        self.assertEqual(len(said), len(set(said)))
        for what in said:
            with self.subTest(what=what):
                self.assertRegex(what, r"^[^A-Z].{20,}[^.]$")

    def test_no_fault_is_outside_of_what_the_simulation_is_built_from(self):
        known = set(catalogue.parts())
        for one in catalogue.load():
            for edit in one.edits:
                self.assertIn(edit.file, known)
                self.assertFalse(edit.file.startswith("tests/"), "a fault of the daemon, not of its tests")

    def test_all_faults_stand_in_one_tree_behind_their_switches(self):
        faults = catalogue.load()
        changed = catalogue.mutated(faults)
        for one in faults:
            for edit in one.edits:
                self.assertIn(f"::fault({one.id})", changed[edit.file])
        self.assertEqual([], [name for name, text in changed.items() if re.search(r"\bFAULT\b", text)])
        self.assertTrue(all(text.startswith(catalogue.INCLUDE) for text in changed.values()))


class Complaints(unittest.TestCase):
    def of(self, *faults, source="if (x < y) return;"):
        return [said for said in catalogue.complaints(list(faults), lambda name: source)
                if "fewer than" not in said]

    def test_a_fault_that_fits_is_not_complained_about(self):
        self.assertEqual([], self.of(fault(1)))

    def test_a_text_that_is_gone_or_stands_there_twice(self):
        self.assertIn("found 0 times", self.of(fault(1, text="x > y"))[0])
        self.assertIn("found 2 times", self.of(fault(1), source="x < y && x < y")[0])

    def test_two_faults_at_one_place_and_one_number_twice(self):
        self.assertIn("change the same text", self.of(fault(1), fault(2, text="(x < y)"))[0])
        self.assertIn("given 2 times", self.of(fault(1), fault(1, text="return"))[0])

    def test_a_replacement_that_no_switch_chooses(self):
        self.assertIn("depends on FAULT", self.of(fault(1, broken="x <= y"))[0])

    def test_too_few(self):
        self.assertTrue(any("fewer than" in said for said in catalogue.complaints([fault(1)], lambda name: "x < y")))


class Tree(unittest.TestCase):
    def test_what_has_not_changed_is_not_written_again(self):
        with tempfile.TemporaryDirectory() as tree:
            faults = catalogue.load()
            catalogue.lay_out(tree, faults)
            stranger = os.path.join(tree, "at", "of_yesterday.cpp")
            with open(stranger, "w", encoding="utf-8") as file:
                file.write("// gone from the sources\n")
            built = os.path.join(tree, "build", "kept.o")
            os.makedirs(os.path.dirname(built))
            with open(built, "w", encoding="utf-8") as file:
                file.write("built")
            faulty = os.path.join(tree, faults[0].edits[0].file)
            with open(faulty, encoding="utf-8") as file:
                self.assertIn(f"::fault({faults[0].id})", file.read())
            os.utime(faulty, (1, 1))
            catalogue.lay_out(tree, faults)
            self.assertEqual(1, os.stat(faulty).st_mtime)
            self.assertFalse(os.path.exists(stranger))
            self.assertTrue(os.path.exists(built))


if __name__ == "__main__":
    unittest.main()
