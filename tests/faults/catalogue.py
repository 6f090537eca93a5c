"""The deliberate faults of faults.toml, checked, and a source tree in which each waits behind a switch."""

import collections
import os
import re
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ROOMS = ("channel", "session", "store gate", "inbox", "dispatcher", "automation", "limits")
LEAST, LEAST_A_ROOM = 40, 4
INCLUDE = '#include "tests/faults/fault.h"\n'

# What the simulation is built from.
PARTS = ("CMakeLists.txt", "CMakePresets.json", "at", "config", "daemon", "docs/man", "drivers", "hw", "systemd",
         "tests/CMakeLists.txt", "tests/faults/fault.h", "tests/simulation", "tests/support")

Fault = collections.namedtuple("Fault", "id room what edits")
Edit = collections.namedtuple("Edit", "file text with_fault")


def octets(path):
    with open(path, "rb") as file:
        return file.read()


def read(path):
    return octets(path).decode()


def load(path=os.path.join(HERE, "faults.toml")):
    entries = tomllib.loads(read(path))["fault"]
    return [Fault(e["id"], e["room"], e["what"],
                  [Edit(one["file"], one["text"].strip("\n"), one["with"].strip("\n")) for one in e["edit"]])
            for e in entries]


def complaints(faults, source=lambda name: read(os.path.join(ROOT, name))):
    """What is wrong with the list itself, one sentence each; `source` gives a file's text by its name."""
    wrong = []
    ids = collections.Counter(fault.id for fault in faults)
    wrong += [f"fault {id}: the number is given {times} times" for id, times in ids.items() if times > 1]
    rooms = collections.Counter(fault.room for fault in faults)
    wrong += [f"room {room} has {rooms[room]} faults, fewer than {LEAST_A_ROOM}" for room in ROOMS
              if rooms[room] < LEAST_A_ROOM]
    wrong += [f"there is no room {room}" for room in rooms if room not in ROOMS]
    if len(faults) < LEAST:
        wrong.append(f"{len(faults)} faults, fewer than {LEAST}")
    taken = collections.defaultdict(list)
    for fault in faults:
        for edit in fault.edits:
            text = source(edit.file)
            times = text.count(edit.text)
            if times != 1:
                wrong.append(f"fault {fault.id}: its text is found {times} times in {edit.file}, not once")
                continue
            if "FAULT" not in edit.with_fault or edit.with_fault == edit.text:
                wrong.append(f"fault {fault.id}: nothing of it depends on FAULT in {edit.file}")
            begin = text.index(edit.text)
            span = (begin, begin + len(edit.text), fault.id)
            wrong += [f"faults {other} and {fault.id} change the same text in {edit.file}"
                      for first, last, other in taken[edit.file] if span[0] < last and first < span[1]]
            taken[edit.file].append(span)
    return wrong


def mutated(faults, source=lambda name: read(os.path.join(ROOT, name))):
    """By file name: its text with all faults in it, each behind its switch. Precondition: no complaints."""
    edits = collections.defaultdict(list)
    for fault in faults:
        for edit in fault.edits:
            switched = re.sub(r"\bFAULT\b", f"::fault({fault.id})", edit.with_fault)
            edits[edit.file].append((source(edit.file).index(edit.text), edit.text, switched))
    out = {}
    for name, changes in edits.items():
        text = source(name)
        for begin, old, new in sorted(changes, reverse=True):
            text = text[:begin] + new + text[begin + len(old):]
        out[name] = INCLUDE + text
    return out


def parts():
    """The names of all files of PARTS."""
    for part in PARTS:
        path = os.path.join(ROOT, part)
        if os.path.isfile(path):
            yield part
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(f for f in folders if f != "__pycache__")
            for name in sorted(names):
                yield os.path.relpath(os.path.join(folder, name), ROOT)


def lay_out(tree, faults):
    """Makes `tree` hold the faulty sources. What is the same already is not written, so that a build stays warm."""
    changed = mutated(faults)
    wanted = set()
    for name in parts():
        wanted.add(name)
        text = changed[name].encode() if name in changed else octets(os.path.join(ROOT, name))
        path = os.path.join(tree, name)
        if os.path.exists(path) and octets(path) == text:
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text)
    for folder, folders, names in os.walk(tree):
        folders[:] = [f for f in folders if os.path.join(folder, f) != os.path.join(tree, "build")]
        for name in names:
            if os.path.relpath(os.path.join(folder, name), tree) not in wanted:
                os.remove(os.path.join(folder, name))
