"""`klaxon pdu --jsonl` from outside: every op, thousands of bad inputs, and its reading and writing of generated PDUs held
against a builder of this file's own, written from 23.040, and against Debian's libgammu and libosmogsm."""

import ctypes
import json
import os
import random
import subprocess
import unittest
from datetime import datetime, timedelta, timezone

from klaxon_rig import program

SEED = 20261122
GSM = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
       "¿abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENSION = {"^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}


class Codec:
    """One `klaxon pdu --jsonl` that is asked and answers in order."""

    def __init__(self):
        self.process = subprocess.Popen([program("klaxon"), "pdu", "--jsonl"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.asked = 0

    def raw(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def ask(self, op, **given):
        self.asked += 1
        answer = self.raw(json.dumps({"id": str(self.asked), "op": op, "input": given}).encode())
        assert answer["id"] == str(self.asked), answer
        return answer

    def fields(self, op, **given):
        answer = self.ask(op, **given)
        assert answer["ok"], (op, given, answer)
        return answer["fields"]

    def close(self):
        self.process.stdin.close()
        code = self.process.wait(10)
        self.process.stdout.close()
        return code


class Gammu:
    def __init__(self):
        helper = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support", "gammu_codec.py")
        self.process = subprocess.Popen(["/usr/bin/python3", helper], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


# --- PDUs made from the standard, without a line of Klaxon

def septets_of(text):
    out = []
    for character in text:
        out += [0x1B, EXTENSION[character]] if character in EXTENSION else [GSM.index(character)]
    return out


def packed(septets, fill=0):
    bits = sum(septet << (7 * i) for i, septet in enumerate(septets)) << fill
    return bits.to_bytes((fill + 7 * len(septets) + 7) // 8, "little")


def semi_octets(digits):
    digits += "F" if len(digits) % 2 else ""
    return bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))


def address(number):
    if not number.lstrip("+").isdigit():
        septets = septets_of(number)
        return bytes([(len(septets) * 7 + 3) // 4, 0xD0]) + packed(septets)
    digits = number.lstrip("+")
    return bytes([len(digits), 0x91 if number.startswith("+") else 0x81]) + semi_octets(digits)


def sc_address(number):
    octets = bytes([0x91]) + semi_octets(number.lstrip("+"))
    return bytes([len(octets)]) + octets


def timestamp(when):
    quarters = int(when.utcoffset().total_seconds() // 900)
    octets = semi_octets(when.strftime("%y%m%d%H%M%S"))
    zone = semi_octets(f"{abs(quarters):02d}")[0] | (0x08 if quarters < 0 else 0)
    return octets + bytes([zone])


def user_data(coding, text, udh):
    header = bytes([len(udh)]) + udh if udh else b""
    if coding == "8bit":
        body = header + text
        return bytes([len(body)]) + body
    if coding == "ucs2":
        body = header + text.encode("utf-16-be")
        return bytes([len(body)]) + body
    septets = septets_of(text)
    before = (len(header) * 8 + 6) // 7
    return bytes([before + len(septets)]) + header + packed(septets, before * 7 - len(header) * 8)


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self):
        kind = self.random.randrange(4)
        if kind == 0:
            return "".join(self.random.choice("ABCDEFGHKLMNOPRSTXYZ") for _ in range(self.random.randint(2, 11)))
        digits = str(self.random.randint(1, 9)) + "".join(self.random.choice("0123456789") for _ in range(
            self.random.randint(2, 13)))
        return digits if kind == 1 else "+" + digits

    def text(self, coding, room):
        if coding == "8bit":
            return self.random.randbytes(self.random.randint(0, room))
        size = self.random.randint(0, room)
        if coding == "ucs2":
            return "".join(self.random.choice("abяжЩ漢字€–“😀") for _ in range(size // 2))
        alphabet = [c for c in GSM if c not in "\x1b"] + list(EXTENSION)
        out = ""
        while size > len(septets_of(out)) + 1:
            out += self.random.choice(alphabet)
        return out

    def when(self):
        zone = timezone(timedelta(minutes=15 * self.random.randint(-48, 56)))
        return datetime(2000, 1, 1, tzinfo=zone) + timedelta(seconds=self.random.randrange(50 * 365 * 86400))

    def body(self):
        coding = self.random.choice(["gsm7", "gsm7", "ucs2", "8bit"])
        udh, concat, more = b"", None, False
        if self.random.random() < 0.4:
            total = self.random.randint(2, 9)
            wide = self.random.random() < 0.4
            concat = {"ref": self.random.randrange(65536 if wide else 256), "ref_bits": 16 if wide else 8,
                      "total": total, "seq": self.random.randint(1, total)}
            udh += (bytes([8, 4]) + concat["ref"].to_bytes(2, "big") if wide else bytes([0, 3, concat["ref"]]))
            udh += bytes([total, concat["seq"]])
        if self.random.random() < 0.2:
            udh += bytes([0x70 + self.random.randrange(16), 3]) + self.random.randbytes(3)
            more = True
        left = 140 - (1 + len(udh) if udh else 0)
        text = self.text(coding, {"gsm7": left * 8 // 7 - 1, "ucs2": left // 2, "8bit": left}[coding])
        klass = self.random.choice([None, None, 0, 1, 2, 3])
        dcs = {"gsm7": 0x00, "8bit": 0x04, "ucs2": 0x08}[coding] | (0x10 | klass if klass is not None else 0)
        return coding, text, udh, concat, more, klass, dcs

    def deliver(self):
        coding, text, udh, concat, more, klass, dcs = self.body()
        sc, sender, when = "+4477009009" + f"{self.random.randrange(100):02d}", self.number(), self.when()
        mms, sri, pid = self.random.randrange(2), self.random.randrange(2), self.random.choice([0, 0, 0x41, 0x7F])
        first = mms << 2 | sri << 5 | (0x40 if udh else 0)
        tpdu = (bytes([first]) + address(sender) + bytes([pid, dcs]) + timestamp(when) + user_data(coding, text, udh))
        want = {"tp_mti": "deliver", "tp_mms": mms, "tp_sri": sri, "tp_pid": pid, "tp_dcs": dcs, "class": klass,
                "alphabet": coding, "tp_scts": when.isoformat(), "number": sender, "concat": concat, "sc": sc,
                "text": text, "more": more}
        return (sc_address(sc) + tpdu).hex(), want

    def report(self):
        sc, number, sent, done = "+447700900999", "+4479" + f"{self.random.randrange(10**8):08d}", self.when(), self.when()
        mr, status = self.random.randrange(256), self.random.choice([0, 1, 2, 0x20, 0x41, 0x46, 0x60])
        tpdu = bytes([0x06, mr]) + address(number) + timestamp(sent) + timestamp(done) + bytes([status])
        want = {"tp_mti": "status_report", "tp_mr": mr, "tp_st": status, "tp_scts": sent.isoformat(),
                "tp_dt": done.isoformat(), "number": number, "sc": sc}
        return (sc_address(sc) + tpdu).hex(), want


def shown(seen, key):
    return {5: seen[key]["digits"], 1: "+" + seen[key]["digits"]}.get(seen[key]["ton"], seen[key]["digits"])


class CodecByItself(unittest.TestCase):
    def setUp(self):
        self.codec = Codec()
        self.addCleanup(self.codec.close)

    def test_every_op_answers(self):
        whole = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
        given = {
            "decode": {"pdu": whole}, "encode_submit": {"da": "+15550100", "text": "hello"},
            "gsm7_encode": {"text": "hello"}, "gsm7_decode": {"packed": "E8329BFD06", "count": 5},
            "gsm7_pack": {"septets": "68656C6C6F"}, "gsm7_unpack": {"packed": "E8329BFD06", "count": 5},
            "ussd_pack": {"text": "*100#"}, "ucs2_encode": {"text": "я"}, "ucs2_decode": {"data": "044F"},
            "address_encode": {"number": "+15550100"}, "address_decode": {"hex": "089151551000"},
            "timestamp_encode": {"time": "2026-11-22T09:30:00+01:00"}, "timestamp_decode": {"hex": "62112290030040"},
            "vp_encode": {"seconds": 86400}, "vp_decode": {"value": 167}, "udh_decode": {"hex": "0500032A0201"},
            "segment": {"text": "hello"}, "at_parse": {"what": "csq", "command": "AT+CSQ", "lines": ["+CSQ: 17,99", "OK"]},
        }
        for op, fields in given.items():
            self.assertTrue(self.codec.ask(op, **fields)["ok"], op)
        self.assertEqual("AA180C3602", self.codec.fields("ussd_pack", text="*100#")["packed"])
        self.assertTrue(self.codec.ask("fly")["error"].startswith("unsupported"))

    def test_bad_input_is_answered_and_ends_nothing(self):
        maker, answers = Maker(SEED), 0
        for _ in range(300):
            whole = maker.deliver()[0]
            bad = [whole[:maker.random.randrange(len(whole))], whole + "FF" * maker.random.randrange(9)]
            for _ in range(4):
                octets = bytearray.fromhex(whole)
                octets[maker.random.randrange(len(octets))] ^= 1 << maker.random.randrange(8)
                bad.append(octets.hex())
            bad.append(maker.random.randbytes(maker.random.randrange(180)).hex())
            for pdu in bad:
                for lenient in (False, True):
                    answer = self.codec.ask("decode", pdu=pdu, lenient=lenient, dir=maker.random.choice(["mt", "mo"]))
                    self.assertTrue(answer["ok"] or answer["error"])
                    answers += 1
        for line in (b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"7", b"[" * 5000, b'{"id":1}', b'{"op":7,"input":{}}',
                     b'{"op":"decode","input":[]}', b'{"op":"decode","input":{"pdu":{}}}', b"x" * (3 << 20)):
            if line.strip():
                self.assertFalse(self.codec.raw(line)["ok"])
        self.assertEqual({"seconds": 300}, self.codec.fields("vp_decode", value=0))
        self.assertEqual(0, self.codec.close())
        print(f"  {answers} cut, flipped and invented PDUs answered")


class AgainstOthers(unittest.TestCase):
    def setUp(self):
        self.codec, self.gammu, self.maker = Codec(), Gammu(), Maker(SEED)
        self.addCleanup(self.codec.close)
        self.addCleanup(self.gammu.close)

    def compare_deliver(self, pdu, want):
        seen = self.codec.fields("decode", pdu=pdu)
        for key in ("tp_mti", "tp_mms", "tp_sri", "tp_pid", "tp_dcs", "class", "alphabet", "tp_scts"):
            self.assertEqual(want[key], seen[key], (key, pdu))
        self.assertEqual(want["number"], shown(seen, "tp_oa"), pdu)
        self.assertEqual(want["sc"], "+" + seen["smsc"]["digits"], pdu)
        self.assertEqual(want["concat"], seen.get("concat"), pdu)
        if want["alphabet"] == "8bit":
            self.assertEqual(want["text"].hex().upper(), seen["data"], pdu)
        else:
            self.assertEqual(want["text"], seen["text"], pdu)

    # Its Python binding takes as many characters as there were septets: behind a text with n escapes stand n characters
    # that it never wrote.
    def same_text(self, wanted, seen, pdu):
        escapes = sum(character in EXTENSION for character in wanted)
        self.assertEqual(wanted, seen[:len(wanted)], pdu)
        self.assertLessEqual(len(seen), len(wanted) + escapes, pdu)

    def compare_with_gammu(self, pdu, want):
        seen = self.gammu.ask(pdu=pdu)
        if "refused" in seen:
            return seen["refused"]
        self.assertEqual(want["number"], seen["number"], pdu)
        self.assertEqual(want["sc"], seen["smsc"], pdu)
        if want["alphabet"] == "8bit":
            self.assertEqual(want["text"].hex(), seen["text"], pdu)
        else:
            self.same_text(want["text"], seen["text"], pdu)
        # It knows headers as a whole: beside an element of another kind it sees no concatenation.
        if want["concat"] and not want["more"]:
            self.assertEqual((want["concat"]["total"], want["concat"]["seq"]), (seen["parts"], seen["part"]), pdu)
        return None

    def test_generated_texts(self):
        refusals = {}
        for _ in range(1500):
            pdu, want = self.maker.deliver()
            self.compare_deliver(pdu, want)
            refused = self.compare_with_gammu(pdu, want)
            if refused:
                refusals.setdefault(refused, []).append(pdu)
        print(f"  1500 generated texts read as their maker means; gammu refused {sum(map(len, refusals.values()))}")
        self.assertLess(sum(map(len, refusals.values())), 150, {why: pdus[:2] for why, pdus in refusals.items()})

    def test_generated_reports(self):
        for _ in range(300):
            pdu, want = self.maker.report()
            seen = self.codec.fields("decode", pdu=pdu)
            for key in ("tp_mti", "tp_mr", "tp_st", "tp_scts", "tp_dt"):
                self.assertEqual(want[key], seen[key], (key, pdu))
            self.assertEqual(want["number"], shown(seen, "tp_ra"), pdu)
            theirs = self.gammu.ask(pdu=pdu)
            self.assertEqual((want["number"], want["tp_mr"]), (theirs["number"], theirs["mr"]), pdu)

    def test_what_gammu_writes(self):
        for n in range(300):
            wide = n % 3 == 0
            coding = "ucs2" if wide else "gsm7"
            text = self.maker.text(coding, 60 if wide else 150)
            form = {"number": "+4479" + f"{n:08d}", "smsc": "+447700900999", "text": text, "validity": "24H",
                    "coding": "Unicode_No_Compression" if wide else "Default_No_Compression", "class": -1}
            written = self.gammu.ask(submit=form)
            self.assertNotIn("refused", written, form)
            seen = self.codec.fields("decode", pdu=written["pdu"], dir="mo")
            self.assertEqual((form["number"], text, coding), (shown(seen, "tp_da"), seen["text"], seen["alphabet"]))
            self.assertEqual(86400, seen["tp_vp"]["seconds"])

    def test_gammu_reads_what_we_write(self):
        for n in range(300):
            coding = ["gsm7", "ucs2"][n % 2]
            text = self.maker.text(coding, 400)
            for pdu in self.codec.fields("encode_submit", da=f"+4479{n:08d}", smsc="+447700900999", text=text,
                                         alphabet=coding, vp_seconds=86400, concat_ref=n % 256)["pdus"]:
                seen = self.gammu.ask(pdu=pdu)
                ours = self.codec.fields("decode", pdu=pdu, dir="mo")
                self.assertEqual(f"+4479{n:08d}", seen["number"], pdu)
                self.same_text(ours["text"], seen["text"], pdu)


class AgainstOsmocom(unittest.TestCase):
    """libosmogsm is used by base stations: it knows septets, addresses and time stamps, but no whole TPDU."""

    # What has one octet in its own table of characters: ASCII but for what the default alphabet lacks.
    LETTERS = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) != "`")

    def setUp(self):
        self.codec, self.random = Codec(), random.Random(SEED)
        self.addCleanup(self.codec.close)
        self.osmo = ctypes.CDLL("libosmogsm.so.18")
        self.osmo.gsm340_scts.restype = ctypes.c_long
        self.osmo.gsm340_gen_scts.argtypes = [ctypes.c_char_p, ctypes.c_long]

    def text(self):
        out = ""
        for _ in range(self.random.randint(1, 150)):
            out += self.random.choice(self.LETTERS)
        while len(septets_of(out)) > 150:
            out = out[:-1]
        return out

    def test_what_it_packs(self):
        for _ in range(500):
            septets, fill = self.random.randbytes(self.random.randint(1, 160)).translate(
                bytes(i & 0x7F for i in range(256))), self.random.randrange(7)
            theirs = ctypes.create_string_buffer(200)
            size = self.osmo.gsm_septet_pack(theirs, septets, ctypes.c_size_t(len(septets)), fill)
            ours = self.codec.fields("gsm7_pack", septets=septets.hex(), fill_bits=fill)["packed"]
            self.assertEqual(theirs.raw[:size].hex().upper(), ours, (septets.hex(), fill))
            back = self.codec.fields("gsm7_unpack", packed=theirs.raw[:size].hex(), count=len(septets), fill_bits=fill)
            self.assertEqual(septets.hex().upper(), back["septets"])

    def test_texts_both_ways(self):
        for _ in range(500):
            text = self.text()
            octets, count = ctypes.create_string_buffer(200), ctypes.c_int()
            septets = self.osmo.gsm_7bit_encode_n(octets, ctypes.c_size_t(200), text.encode(), ctypes.byref(count))
            theirs = octets.raw[:count.value].hex()
            self.assertEqual(text, self.codec.fields("gsm7_decode", packed=theirs, count=septets)["text"])
            ours = self.codec.fields("gsm7_encode", text=text)
            self.assertEqual((theirs.upper(), septets), (ours["packed"], ours["count"]), text)
            shown_there = ctypes.create_string_buffer(400)
            self.osmo.gsm_7bit_decode_n_hdr(shown_there, ctypes.c_size_t(400), bytes.fromhex(ours["packed"]), septets, 0)
            self.assertEqual(text, shown_there.value.decode("latin-1"))

    def test_a_text_behind_a_header(self):
        for _ in range(200):
            text = self.text()[:100]
            pdu = self.codec.fields("encode_submit", da="+15550100", text=text + "x" * 160, alphabet="gsm7",
                                    concat_ref=7)["pdus"][0]
            seen = self.codec.fields("decode", pdu=pdu, dir="mo")
            body = bytes.fromhex(pdu)[-((seen["tp_udl"] * 7 + 7) // 8):]
            shown_there = ctypes.create_string_buffer(400)
            self.osmo.gsm_7bit_decode_n_hdr(shown_there, ctypes.c_size_t(400), body, seen["tp_udl"], 1)
            self.assertEqual(seen["text"], shown_there.value.decode("latin-1"), pdu)

    def test_addresses(self):
        for _ in range(200):
            digits = str(self.random.randint(1, 9)) + "".join(
                self.random.choice("0123456789") for _ in range(self.random.randint(2, 14)))
            theirs = ctypes.create_string_buffer(12)
            size = self.osmo.gsm340_gen_oa(theirs, 12, 1, 1, digits.encode())
            self.assertEqual(theirs.raw[:size].hex().upper(), self.codec.fields("address_encode", number="+" + digits)["hex"])
            name = "".join(self.random.choice("ABCDEFGHIJKLM") for _ in range(self.random.randint(2, 11)))
            size = self.osmo.gsm340_gen_oa(theirs, 12, 5, 0, name.encode())
            self.assertEqual(name, self.codec.fields("address_decode", hex=theirs.raw[:size].hex())["digits"])

    def test_time_stamps(self):
        for _ in range(200):
            when = datetime(2000, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=self.random.randrange(37 * 365 * 86400))
            octets = ctypes.create_string_buffer(8)
            self.osmo.gsm340_gen_scts(octets, int(when.timestamp()))
            seen = datetime.fromisoformat(self.codec.fields("timestamp_decode", hex=octets.raw[:7].hex())["time"])
            self.assertEqual(when, seen)
            zone = timezone(timedelta(minutes=15 * self.random.randint(0, 56)))  # of the others it warns each time
            local = when.astimezone(zone)
            ours = self.codec.fields("timestamp_encode", time=local.isoformat())["hex"]
            # It passes over the zone: what it gives are the hands of the clock there.
            hands = int(local.replace(tzinfo=timezone.utc).timestamp())
            self.assertEqual(hands, self.osmo.gsm340_scts(bytes.fromhex(ours)), ours)
