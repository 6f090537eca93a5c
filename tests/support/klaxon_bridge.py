"""What stands between a daemon and a simulated modem's port: a terminal server (TCP), or a wire that changes words."""

import os
import pty
import select
import socket
import threading
import tty


class Pump(threading.Thread):
    """Moves bytes between two files until one ends. `change` sees what goes from the second to the first."""

    def __init__(self, left, right, change=None):
        super().__init__(daemon=True)
        self._left, self._right, self._change = left, right, change
        self._end, self._bell = os.pipe()
        self.start()

    def run(self):
        left, right = self._left.fileno(), self._right.fileno()
        while True:
            ready = select.select([left, right, self._end], [], [])[0]
            if self._end in ready:
                break
            try:
                if left in ready and not self._move(left, right, None):
                    break
                if right in ready and not self._move(right, left, self._change):
                    break
            except OSError:
                break
        self._left.close()
        self._right.close()

    @staticmethod
    def _move(source, target, change):
        data = os.read(source, 4096)
        while data:
            shown, data = (change(data) if change else data), b""
            while shown:
                shown = shown[os.write(target, shown):]
            return True
        return False

    def stop(self):
        os.write(self._bell, b".")
        self.join(5)
        os.close(self._end)
        os.close(self._bell)


def open_port(path):
    """The daemon's end of a modem's port, raw."""
    port = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(port)
    return os.fdopen(port, "r+b", buffering=0)


class TerminalServer:
    """One serial port at a TCP port, for one client at a time."""

    def __init__(self, path):
        self._path = path
        self._pump = self._listener = None
        self._one = threading.Lock()
        self.clients = 0
        self.port = 0
        self.open()

    def open(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def _serve(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.cut()
            with self._one:
                self._pump = Pump(client, open_port(self._path))
                self.clients += 1

    def cut(self):
        """The connection ends, as when the server is restarted."""
        with self._one:
            if self._pump:
                self._pump.stop()
            self._pump = None

    def close(self):
        """Nobody listens any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def stop(self):
        if self._listener.fileno() >= 0:
            self.close()
        self.cut()


class Wire:
    """A port of its own before a modem's, with `change` made to what the modem says."""

    def __init__(self, path, change):
        master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._pump = Pump(os.fdopen(master, "r+b", buffering=0), open_port(path), change)

    def stop(self):
        self._pump.stop()
        os.close(self._slave)
