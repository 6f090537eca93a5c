"""The guest under QEMU: power, plugs and the network cable by QMP, commands by the guest agent, which needs no network."""

import base64
import json
import os
import socket
import subprocess
import time

from klaxon_wait import stop, tail_of, wait_until

MEMORY_MIB = 768
BOOT_SECONDS = 300
KVM_BOOT_SECONDS = 40  # with hardware behind it, a boot takes three
# no_timer_check: an emulated timer on a busy machine fails a test that only metal needs.
COMMAND_LINE = ("console=ttyS0 rw panic=-1 no_timer_check mitigations=off audit=0 net.ifnames=0 random.trust_cpu=on "
                "systemd.show_status=0 systemd.firstboot=0")
LINK = "10.0.2.15/24"  # the guest's place in QEMU's user network
USB_PORTS = 15


class Exchange:
    """JSON lines over a UNIX socket: one request, one answer; events that come in between are kept."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(60)
        self._socket.connect(path)
        self._file = self._socket.makefile("rb")
        self.events = []

    def read(self, seconds=60):
        self._socket.settimeout(seconds)
        line = self._file.readline()
        if not line:
            raise ConnectionError("QEMU has gone")
        return json.loads(line)

    def write(self, request, before=b""):
        self._socket.sendall(before + json.dumps(request).encode() + b"\n")

    def ask(self, execute, seconds=60, **arguments):
        self.write({"execute": execute, "arguments": arguments})
        while True:
            answer = self.read(seconds)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise AssertionError(f"{execute}: {answer['error']}")
            self.events.append(answer)

    def event(self, name, seconds, **fields):
        """Waits for an event whose data holds these fields."""
        end = time.monotonic() + seconds
        while True:
            for event in list(self.events):
                if event.get("event") == name and all(event["data"].get(k) == v for k, v in fields.items()):
                    self.events.remove(event)
                    return event
            self.events.append(self.read(max(0.1, end - time.monotonic())))

    def close(self):
        self._file.close()
        self._socket.close()


class Done:
    def __init__(self, returncode, stdout, stderr):
        self.returncode, self.stdout, self.stderr = returncode, stdout, stderr


class Machine:
    """One guest. `drives` are raw files, vda and on; `sockets` the chardevs that modems are plugged in at."""

    def __init__(self, work, image, drives, sockets):
        self.work, self._image, self._drives, self._sockets = work, image, drives, sockets
        self.console = os.path.join(work, "console.log")
        self.accelerators = ["kvm", "tcg"] if os.path.exists("/dev/kvm") else ["tcg"]
        self.process = self._qmp = self._agent = None

    def boot(self):
        """Starts it and waits until systemd says that all is up. Where KVM is there in name only, TCG takes over."""
        while True:
            accelerator = self.accelerators[0]
            try:
                self._start(accelerator)
                self._up(BOOT_SECONDS if accelerator == "tcg" else KVM_BOOT_SECONDS)
                return accelerator
            except (AssertionError, OSError) as problem:
                self.cut_power()
                if len(self.accelerators) == 1:
                    raise AssertionError(f"no boot: {problem}\n{tail_of(self.console)}") from problem
                self.accelerators.pop(0)

    def _start(self, accelerator):
        place = os.path.join(self.work, "guest")
        os.makedirs(place, exist_ok=True)
        for name in os.listdir(place):
            os.unlink(os.path.join(place, name))
        qmp, agent = os.path.join(place, "qmp"), os.path.join(place, "agent")
        words = ["qemu-system-x86_64", "-machine", "q35", "-accel", accelerator, "-smp", "2", "-m", str(MEMORY_MIB),
                 "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", f"file:{self.console}",
                 "-kernel", self._image.kernel, "-initrd", self._image.initrd, "-append", COMMAND_LINE,
                 "-qmp", f"unix:{qmp},server=on,wait=off", "-device", "virtio-rng-pci",
                 "-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,path={agent},server=on,wait=off",
                 "-device", "virtserialport,chardev=agent,id=agent,name=org.qemu.guest_agent.0",
                 "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,id=cable",
                 "-device", f"qemu-xhci,id=usb,p2={USB_PORTS},p3={USB_PORTS}"]
        # The disk outlives a killed QEMU in any mode, so its flushes need not wait for the host's disk.
        for drive in self._drives:
            words += ["-drive", f"file={drive},format=raw,if=virtio,cache=unsafe"]
        for number, path in enumerate(self._sockets):
            words += ["-chardev", f"socket,id=line{number},path={path},server=on,wait=off"]
        with open(os.path.join(self.work, "qemu.log"), "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            start_new_session=True)
        wait_until(lambda: os.path.exists(agent) and os.path.exists(qmp), 30, "QEMU", alive=self.process,
                   log=os.path.join(self.work, "qemu.log"), pause=0.1)
        self._qmp = Exchange(qmp)
        self._qmp.read()
        self._qmp.ask("qmp_capabilities")
        self._agent = Exchange(agent)

    def _up(self, seconds):
        self._qmp.event("VSERPORT_CHANGE", seconds, id="agent", open=True)
        self._agent.write({"execute": "guest-sync", "arguments": {"id": self.process.pid}}, before=b"\xff")
        while self._agent.read(60).get("return") != self.process.pid:
            pass
        state = self.run("systemctl is-system-running --wait", check=False, seconds=seconds).stdout.strip()
        if state != "running":
            failed = self.run("systemctl --failed --plain --no-legend", check=False).stdout
            raise AssertionError(f"the guest is {state}: {failed}")
        self.run(f"ip link set eth0 up && ip address add {LINK} dev eth0")

    def cut_power(self):
        """As the mains would: nobody is asked."""
        for exchange in (self._qmp, self._agent):
            if exchange:
                exchange.close()
        self._qmp = self._agent = None
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)

    def stop(self):
        if self._qmp and self.process.poll() is None:
            self._qmp.write({"execute": "quit"})
            stop(self.process)
        self.cut_power()

    def run(self, command, check=True, seconds=60, stdin=b""):
        """A line of shell inside, as root."""
        given = {"input-data": base64.b64encode(stdin).decode()} if stdin else {}
        pid = self._agent.ask("guest-exec", path="/bin/bash", arg=["-c", command],
                              env=["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root",
                                   "DEBIAN_FRONTEND=noninteractive"], **{"capture-output": True, **given})["pid"]
        end, pause = time.monotonic() + seconds, 0.03
        while True:
            time.sleep(pause)
            pause = min(0.4, pause * 1.5)
            ended = self._agent.ask("guest-exec-status", pid=pid)
            if ended["exited"]:
                break
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s in the guest: {command}")
        texts = [base64.b64decode(ended.get(name, "")).decode(errors="replace") for name in ("out-data", "err-data")]
        done = Done(ended.get("exitcode", 255), *texts)
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def out(self, command, **more):
        return self.run(command, **more).stdout.strip()

    def plug(self, line, port):
        """A USB serial adapter at a port of the controller; `line` is the socket behind it."""
        self._qmp.ask("device_add", driver="usb-serial", id=f"modem{line}", chardev=f"line{line}", bus="usb.0", port=str(port))

    def unplug(self, line):
        self._qmp.ask("device_del", id=f"modem{line}")
        self._qmp.event("DEVICE_DELETED", 30, device=f"modem{line}")

    def cable(self, there):
        self._qmp.ask("set_link", name="cable", up=there)
