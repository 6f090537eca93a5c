"""What is proven, one step after the other. Each is a function of the rig; it raises AssertionError where something is not as
it must be. Later steps need what earlier ones left: eight modems, plugged in and ready."""

import json
import os

from installed import CONTROLLER
from klaxon_wait import wait_until

MODEMS = 8
MOVED, SPARE_PORT = 2, 12  # the modem that is pulled out, and where it is put back
ONCALL, PIN = "+447700908001", "73915"
STAFF = [f"+4477009081{n:02d}" for n in range(25)]
DIRECTORY = f"""
[[group]]
name = "all-staff"
members = [{", ".join(f'"{number}"' for number in STAFF)}]
[[keyword]]
word = "OUTAGE"
from = ["{ONCALL}"]
secret = "pin:file:outage.pin"
action = "broadcast"
group = "all-staff"
text = "IT outage: {{{{args}}}}"
lane = "alert"
"""
DRIVERS = "usbserial"


def check(true, what):
    if not true:
        raise AssertionError(what)


def drivers_there(machine):
    return DRIVERS in machine.out("cut -d ' ' -f 1 /proc/modules").split()


def boot_without_modems(rig):
    rig.boot()
    check(not drivers_there(rig.machine), "usbserial was loaded before anybody asked for it: this shows nothing")


def install(rig):
    size = os.path.getsize(rig.deb)
    rig.machine.run(f"head --bytes={size} /dev/vdb >/root/klaxon.deb && dpkg --install /root/klaxon.deb", seconds=300)
    check(rig.machine.out("systemctl is-active klaxond") == "active", "the service does not run")
    check(rig.machine.out("systemctl is-enabled klaxond") == "enabled", "the service would not come back")
    check(drivers_there(rig.machine), "the installation did not load the drivers")
    check(rig.service.get("/v1/modems")["items"] == [], "modems where none are plugged in")


def plug_in_eight(rig):
    places = [rig.modems.plug(rig.machine, modem, modem + 1) for modem in range(MODEMS)]
    shown = [rig.service.is_in(place, "ready", 180) for place in places]
    rig.iccids = [modem["iccid"] for modem in shown]
    check(rig.iccids == [modem["iccid"] for modem in rig.bank.status()], f"other SIMs than were plugged in: {rig.iccids}")
    drivers = rig.machine.out("for tty in /sys/class/tty/ttyUSB*; do basename $(readlink -f $tty/device/driver); done").split()
    check(drivers == ["ftdi_sio"] * MODEMS, f"other drivers: {drivers}")
    pid = rig.machine.out("systemctl show --value -p MainPID klaxond")
    mapped = rig.machine.out(f"grep -c libserialport /proc/{pid}/maps || true")
    check(mapped != "0", "klaxond has not loaded libserialport")
    modes = rig.machine.out("stty -a -F /dev/ttyUSB0")
    for mode in ("speed 115200 baud", "min = 1", "cs8", "-hupcl", "-crtscts", "-icanon", "-echo "):
        check(mode in modes, f"the port is not {mode}: {modes}")
    found = json.loads(rig.machine.run("klaxon doctor --json", check=False).stdout)["items"]
    # The guest has nobody to tell it the time.
    ours = [one for one in found if one["verdict"] == "problem" and one["subject"] != "clock"]
    check(len(found) > MODEMS and not ours, f"the doctor says: {ours or found}")


def send_with_reports(rig):
    texts = {iccid: f"By {iccid}, über USB {'and on ' * 40 if number == 0 else ''}€" for number, iccid in enumerate(rig.iccids)}
    sent = {iccid: rig.service.send(f"+44770090050{number}", texts[iccid], sim=iccid)["id"]
            for number, iccid in enumerate(rig.iccids)}
    for iccid, identity in sent.items():
        message = rig.service.reaches(identity, "delivered", 60)
        check(message["sim"] == iccid, f"sent by {message['sim']} instead of {iccid}")
        parts = sorted(rig.bank.submits(da=message["to"]), key=lambda s: (s["segment"] or {"seq": 1})["seq"])
        check("".join(part["text"] for part in parts) == texts[iccid], f"on the air: {parts}")
        check({part["iccid"] for part in parts} == {iccid}, f"by other SIMs: {parts}")


def receive(rig):
    texts = [f"To modem {modem}: {'a long one, ' * 20 if modem == 3 else ''}grüße" for modem in range(MODEMS)]
    for modem, text in enumerate(texts):
        rig.bank.inject(modem, f"+44770090060{modem}", text)
    inbox = rig.service.inbox(MODEMS, 60)
    check(sorted(item["text"] for item in inbox) == sorted(texts), f"in the inbox: {inbox}")
    wait_until(lambda: all(modem["sm_used"] + modem["me_used"] == 0 for modem in rig.bank.status()), 20, "the SIMs to be emptied", pause=0.2)


def unplug_while_sending(rig):
    begun = len(rig.bank.events("cmgs", modem=f"modem{MOVED}"))
    rig.during = [message["id"] for message in rig.service.post("/v1/messages", {
        "to": [f"+4477009070{n:02d}" for n in range(48)], "text": "while one is pulled out"})["items"]]
    wait_until(lambda: len(rig.bank.events("cmgs", modem=f"modem{MOVED}")) > begun, 30, "a submit of that modem", pause=0.05)
    rig.modems.unplug(rig.machine, MOVED)
    gone = rig.service.is_in(f"{CONTROLLER}:{MOVED + 1}", "absent", 20)
    check(gone["why"] == "unplugged", f"{gone}")
    wait_until(lambda: len(settled(rig, rig.during)) == len(rig.during), 90, "the others to send the rest",
               log=rig.machine.console, pause=0.5)
    check(len(doubts(rig, rig.during)) <= 1, "more than one message in doubt, of one modem")
    check_air(rig, rig.during)


def plug_in_elsewhere(rig):
    place = rig.modems.plug(rig.machine, MOVED, SPARE_PORT)
    back = rig.service.is_in(place, "ready", 60)
    check(back["iccid"] == rig.iccids[MOVED], f"another SIM: {back}")
    bound = rig.service.send("+447700907100", "from the other port", sim=rig.iccids[MOVED])["id"]
    check(rig.service.reaches(bound, "delivered", 60)["modem"] == back["id"], "by another modem")
    sim = rig.service.get(f"/v1/sims/{rig.iccids[MOVED]}")
    check(sim["sent_today"] > 1, f"its count began anew: {sim}")
    check_air(rig, rig.during)


def drivers_come_late(rig):
    """What the list of modules is for: without it, the first modem would bring the driver, after the sandbox was made."""
    rig.machine.run("systemctl stop klaxond && rmmod ftdi_sio option usb_wwan cdc_acm usbserial && systemctl start klaxond")
    rig.modems.unplug(rig.machine, 0)
    place = rig.modems.plug(rig.machine, 0, 1)
    wait_until(lambda: "not permitted" in ((rig.service.modem_at(place) or {}).get("why") or ""), 60,
               "the sandbox to refuse the modem: else the list of modules is needless", pause=0.3)
    rig.machine.run("systemctl restart systemd-modules-load klaxond")
    all_ready(rig)


def keyword_without_a_network(rig):
    rig.machine.run("install -m 0640 -g klaxon /dev/stdin /etc/klaxon/secrets/outage.pin", stdin=f"{PIN}\n".encode())
    rig.machine.run("cat >/root/directory.toml", stdin=DIRECTORY.encode())
    rig.service.klaxon("apply /root/directory.toml")
    check(carrier(rig) == "1", "there was no network before the cable was cut: this shows nothing")
    rig.machine.cable(False)
    wait_until(lambda: carrier(rig) == "0", 20, "the cable to be seen as cut", pause=0.3)
    rig.bank.inject(5, ONCALL, f"OUTAGE {PIN} mail is down until 09:30")
    expected = "IT outage: mail is down until 09:30"
    wait_until(lambda: len(rig.bank.submits(text=expected)) >= len(STAFF), 60, "the broadcast", log=rig.machine.console,
               pause=0.1)
    counts = wait_until(lambda: rig.bank.submits(da=ONCALL), 60, "the counts for the sender", pause=0.1)[0]["text"]
    check(str(len(STAFF)) in counts, counts)
    check(sorted(s["da"] for s in rig.bank.submits(text=expected)) == sorted(STAFF), "not everybody once")
    (broadcast,) = rig.service.get("/v1/broadcasts")["items"]
    wait_until(lambda: rig.service.get(f"/v1/broadcasts/{broadcast['id']}")["counts"].get("delivered") == len(STAFF), 60,
               "every report", pause=0.5)
    rig.machine.cable(True)


def mains_cut(rig):
    """The guest and the modems lose power while they send; what is accepted by then has to go out after."""
    rig.cuts += 1
    begun, moment = len(rig.bank.submits()), rig.random.randint(1, 40)
    sent = rig.service.post("/v1/messages", {"to": recipients(rig.cuts, 0, 110), "text": f"over cut {rig.cuts}"})
    alert = rig.service.post("/v1/messages", {"to": recipients(rig.cuts, 110, 120), "text": f"alert over cut {rig.cuts}", "lane": "alert"})
    rig.accepted = [message["id"] for message in sent["items"] + alert["items"]]
    rig.bank.inject(2, "+447700906098", f"just before cut {rig.cuts}")
    wait_until(lambda: len(rig.bank.submits()) >= begun + moment, 30, "some of it to be on the air", pause=rig.random.uniform(0.01, 0.3))
    rig.machine.cut_power()
    rig.modems.lose_power(*rig.modems.plugged())
    rig.bank.inject(1, "+447700906099", f"while out in cut {rig.cuts}")
    rig.boot()
    check(drivers_there(rig.machine), "nobody loaded the drivers at boot")
    check(rig.service.healthy(), "the service did not come back")
    check(len(settled(rig, rig.accepted)) < len(rig.accepted), "all was sent before the cut: this shows nothing")


def all_goes_out(rig):
    for modem in range(MODEMS):
        rig.modems.plug(rig.machine, modem, MODEMS - modem if rig.cuts % 2 else modem + 1)
    all_ready(rig)
    wait_until(lambda: len(settled(rig, rig.accepted)) == len(rig.accepted), 120, "all that was accepted to be sent",
               log=rig.machine.console, pause=0.5)
    check_air(rig, rig.accepted)
    check_air(rig, rig.during)
    came = {f"while out in cut {rig.cuts}", f"just before cut {rig.cuts}"}
    wait_until(lambda: came <= set(inbox_texts(rig)), 30, "the texts that came meanwhile", pause=0.5)
    texts = inbox_texts(rig)
    check(len(texts) == len(set(texts)), f"a text twice: {texts}")
    rig.tally(rig.accepted, doubts(rig, rig.accepted))


def recipients(cut, first, end):
    return [f"+4479{cut:03d}{number:05d}" for number in range(first, end)]


def all_ready(rig):
    def counted():
        ready = [m["iccid"] for m in rig.service.get("/v1/modems")["items"] if m["state"] == "ready"]
        return sorted(ready) == sorted(rig.iccids)
    wait_until(counted, 180, "all SIMs ready", log=rig.machine.console, pause=0.5)


def carrier(rig):
    return rig.machine.out("cat /sys/class/net/eth0/carrier")


def inbox_texts(rig):
    return [item["text"] for item in rig.service.listed("/v1/inbox")]


def messages(rig, identities):
    wanted = set(identities)
    return [message for message in rig.service.listed("/v1/messages") if message["id"] in wanted]


def settled(rig, identities):
    """Of these, what is out, or held for a person to decide about."""
    return [m for m in messages(rig, identities) if m["state"] in ("submitted", "delivered", "unknown")]


def doubts(rig, identities):
    return [m for m in messages(rig, identities) if m.get("in_doubt_at")]


def check_air(rig, identities):
    """On the air once; twice or never only what is declared in doubt."""
    for message in messages(rig, identities):
        times = len(rig.bank.submits(da=message["to"]))
        doubtful = message.get("in_doubt_at") is not None
        check(times == 1 or doubtful and times <= 2, f"{times} times on the air: {message}")
        check(times or message["state"] == "unknown", f"called sent, and never was: {message}")


STEPS = [("a Debian 12 boots, no modem in it", boot_without_modems, True),
         ("the package is installed, the service is up", install, True),
         ("8 modems are plugged in: ftdi_sio, libserialport, udev", plug_in_eight, True),
         ("8 SIMs send, and each gets its report", send_with_reports, False),
         ("8 SIMs receive", receive, False),
         ("a modem is pulled out while it sends, the rest goes on", unplug_while_sending, False),
         ("back in at another port, it has the same SIM", plug_in_elsewhere, False),
         ("drivers that come after the service: refused, and then not", drivers_come_late, False),
         ("the network's cable is cut, the keyword tells everybody", keyword_without_a_network, False),
         ("the mains are cut while it sends, it boots again", mains_cut, True),
         ("what was accepted goes out, nothing twice but doubts", all_goes_out, False)]
CUT = STEPS[-2:]  # can be played again and again, on the same disk
