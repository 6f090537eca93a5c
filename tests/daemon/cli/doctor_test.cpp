// A machine made of files, with one thing wrong at a time.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "daemon/cli/doctor.h"
#include "tests/daemon/cli/stage.h"
// CppUTest's macros come last: they would reach into the standard library.
#include <CppUTest/TestHarness.h>

using namespace klaxon::cli;
namespace fs = std::filesystem;

namespace {

class FakeMachine {
 public:
  FakeMachine() {
    std::string made = fs::temp_directory_path() / "klaxon-doctor-XXXXXX";
    root = ::mkdtemp(made.data());
    // Its files belong to whoever runs this test, so that is the user klaxon.
    const std::string user = std::to_string(::geteuid()), group = std::to_string(::getegid());
    file("/etc/passwd", "klaxon:x:" + user + ":" + group + "::/var/lib/klaxon:/usr/sbin/nologin\n");
    file("/etc/group", "root:x:0:\ndialout:x:20:klaxon\nklaxon:x:990:\n");
    file("/etc/klaxon/klaxon.toml", "[[modem]]\nport = \"tcp://192.0.2.7:2001\"\n", 0644);
    file("/etc/udev/rules.d/60-klaxon-modems.rules", "");
    file("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    file("/lib/modules/6.1.0-18-amd64/modules.dep", "kernel/drivers/usb/serial/option.ko: x\n");
    folder("/sys/module/usbserial");
    folder("/sys/module/cdc_acm");
    folder("/var/lib/klaxon", 0750);
    folder("/etc/klaxon/secrets", 0750);
    senses.clock_synchronised = true;
    senses.room = [this](const std::string&) { return std::optional(room); };
  }
  ~FakeMachine() { fs::remove_all(root); }

  void file(const std::string& path, const std::string& text, unsigned mode = 0640) {
    fs::create_directories(fs::path(root + path).parent_path());
    std::ofstream(root + path) << text;
    ::chmod((root + path).c_str(), mode);
  }
  void folder(const std::string& path, unsigned mode = 0755) {
    fs::create_directories(root + path);
    ::chmod((root + path).c_str(), mode);
  }
  void symlink(const std::string& path, const std::string& target) {
    fs::create_directories(fs::path(root + path).parent_path());
    fs::create_symlink(target, root + path);
  }
  void process(int id, const std::string& name, const std::string& open = {},
               const std::string& status = {}) {
    const std::string at = "/proc/" + std::to_string(id);
    file(at + "/comm", name + "\n");
    file(at + "/status", status.empty() ? "Uid:\t0\t0\t0\t0\nGid:\t0\nGroups:\t0\n" : status);
    if (!open.empty()) symlink(at + "/fd/7", open);
  }
  void usb_port(const std::string& tty) {
    const std::string device = "/sys/devices/usb1/1-1";
    file(device + "/idVendor", "2c7c\n");
    file(device + "/idProduct", "0125\n");
    folder(device + "/1-1:1.2/" + tty);
    symlink("/sys/class/tty/" + tty + "/device", "../../../devices/usb1/1-1/1-1:1.2/" + tty);
    file("/dev/" + tty, "");
  }

  // The lines of one kind: "subject: what. remedy".
  std::string lines(Verdict verdict) {
    std::string all;
    for (const Diagnosis& one : examine(Machine(root, senses), "/etc/klaxon/klaxon.toml"))
      if (one.verdict == verdict) all += one.subject + ": " + one.what + ". " + one.remedy + "\n";
    return all;
  }
  std::string problems() { return lines(Verdict::problem); }

  std::string root;
  Senses senses;
  DiskRoom room{10ull << 30, 1'000'000, 2'000'000};
};

}  // namespace

TEST_GROUP(Doctor) {
  FakeMachine machine;
  // One problem, no other, with these words.
  void problem(const std::string& words) {
    const std::string found = machine.problems();
    STRCMP_CONTAINS(words.c_str(), found.c_str());
    LONGS_EQUAL(1, std::count(found.begin(), found.end(), '\n'));
  }
};

TEST(Doctor, finds_nothing_wrong_with_a_machine_that_is_well) {
  STRCMP_EQUAL("", machine.problems().c_str());
  STRCMP_CONTAINS("clock: synchronised", machine.lines(Verdict::fine).c_str());
}

TEST(Doctor, names_the_process_that_has_a_port) {
  machine.usb_port("ttyUSB2");
  machine.process(712, "ModemManager", "/dev/ttyUSB2");
  problem(
      "port /dev/ttyUSB2: held by ModemManager (process 712) (USB 2c7c:0125). systemctl disable --now "
      "ModemManager");
}

TEST(Doctor, a_port_that_klaxond_has_is_as_it_should_be) {
  machine.usb_port("ttyUSB2");
  machine.process(800, "klaxond", "/dev/ttyUSB2");
  STRCMP_EQUAL("", machine.problems().c_str());
  STRCMP_CONTAINS("port /dev/ttyUSB2: held by klaxond", machine.lines(Verdict::fine).c_str());
}

TEST(Doctor, a_free_port_is_told_as_free) {
  machine.usb_port("ttyACM0");
  STRCMP_CONTAINS("port /dev/ttyACM0: free (USB 2c7c:0125)", machine.lines(Verdict::fine).c_str());
}

TEST(Doctor, follows_the_symlink_of_a_modem_in_the_configuration) {
  machine.file("/etc/klaxon/klaxon.toml", "[[modem]]\nport = \"/dev/serial/by-path/x-port0\"\n", 0644);
  machine.file("/dev/ttyS4", "");
  machine.symlink("/dev/serial/by-path/x-port0", "../../ttyS4");
  machine.process(44, "agetty", "/dev/ttyS4");
  problem("port /dev/serial/by-path/x-port0: held by agetty (process 44). systemctl mask serial-getty@");
}

TEST(Doctor, a_modem_of_the_configuration_that_is_not_there) {
  machine.file("/etc/klaxon/klaxon.toml", "[[modem]]\nport = \"/dev/ttyUSB7\"\n", 0644);
  problem("port /dev/ttyUSB7: a [[modem]] names it, and it is not there");
}

TEST(Doctor, a_fault_in_the_configuration_with_its_line) {
  machine.file("/etc/klaxon/klaxon.toml", "\ndaily_limt = 3\n", 0644);
  problem("klaxon.toml:2:1: daily_limt: unknown key");
}

TEST(Doctor, ModemManager_without_our_rule) {
  fs::remove(machine.root + "/etc/udev/rules.d/60-klaxon-modems.rules");
  problem("udev rule: 60-klaxon-modems.rules is missing");
  machine.process(712, "ModemManager");
  STRCMP_CONTAINS("ModemManager: runs (process 712) and probes every new port", machine.problems().c_str());
}

TEST(Doctor, brltty) {
  machine.process(90, "brltty");
  problem("brltty: runs (process 90)");
}

TEST(Doctor, a_user_without_the_group_of_serial_ports) {
  machine.file("/etc/group", "dialout:x:20:somebody\nklaxon:x:990:\n");
  problem("usermod -aG dialout klaxon");
  machine.file("/usr/lib/systemd/system/klaxond.service", "[Service]\nSupplementaryGroups=dialout\n");
  STRCMP_EQUAL("", machine.problems().c_str());
}

TEST(Doctor, a_running_klaxond_without_that_group) {
  machine.process(800, "klaxond", "", "Uid:\t990\t990\nGid:\t990\nGroups:\t990 44\n");
  STRCMP_CONTAINS("groups: klaxond (process 800) runs without group dialout", machine.problems().c_str());
}

TEST(Doctor, kernel_modules) {
  fs::remove(machine.root + "/sys/module/usbserial");
  machine.file("/lib/modules/6.1.0-18-amd64/modules.dep", "k/usbserial.ko: x\nk/option.ko: x\n");
  problem("module usbserial is not loaded");
  machine.folder("/sys/module/usbserial");
  machine.file("/lib/modules/6.1.0-18-amd64/modules.dep", "");
  problem("module option does not exist for kernel 6.1.0-18-amd64");
  machine.file("/lib/modules/6.1.0-18-amd64/modules.builtin", "k/option.ko\n");
  STRCMP_EQUAL("", machine.problems().c_str());
}

TEST(Doctor, a_modem_that_still_shows_itself_as_a_disk) {
  machine.file("/sys/bus/usb/devices/1-3/idVendor", "12d1\n");
  machine.file("/sys/bus/usb/devices/1-3/idProduct", "1446\n");
  problem("USB 1-3: 12d1:1446: a modem that shows itself as a CD-ROM. apt-get install usb-modeswitch");
}

TEST(Doctor, the_clock) {
  machine.senses.clock_synchronised = false;
  problem("clock: not synchronised");
  machine.file("/run/systemd/timesync/synchronized", "");
  STRCMP_EQUAL("", machine.problems().c_str());
}

TEST(Doctor, a_full_disk) {
  machine.room.free_octets = 12 << 20;
  problem("disk: 12 MiB free for /var/lib/klaxon");
  machine.room = {10ull << 30, 3, 2'000'000};
  problem("disk: no inodes are left");
}

TEST(Doctor, data_that_everybody_may_read) {
  machine.folder("/var/lib/klaxon", 0755);
  problem("rights: /var/lib/klaxon is open to everybody (0755)");
}

TEST(Doctor, a_secret_that_everybody_may_read) {
  machine.file("/etc/klaxon/secrets/outage.pin", "7391", 0644);
  problem("secret /etc/klaxon/secrets/outage.pin: can be read by everybody (0644). chown root:klaxon");
}

TEST(Doctor, a_secret_that_klaxond_cannot_read) {
  machine.process(800, "klaxond", "", "Uid:\t4711\nGid:\t4711\nGroups:\t20\n");
  machine.file("/etc/klaxon/secrets/outage.pin", "7391", 0600);
  STRCMP_CONTAINS("secret /etc/klaxon/secrets/outage.pin: klaxond cannot read it (0600)",
                  machine.problems().c_str());
}

TEST(Doctor, the_command_prints_a_line_each_and_ends_with_1_if_anything_is_wrong) {
  machine.process(90, "brltty");
  Stage stage;
  LONGS_EQUAL(1, stage.run({"doctor", "--root", machine.root}));
  STRCMP_CONTAINS(
      "problem  brltty: runs (process 90) and takes CP210x, FTDI and CH340 ports. To do: apt-get remove "
      "brltty\n",
      stage.printed().c_str());
  Stage json;
  LONGS_EQUAL(1, json.run({"doctor", "--root", machine.root, "--json"}));
  STRCMP_CONTAINS("{\"well\":false,\"items\":[{\"verdict\":", json.printed().c_str());
}
