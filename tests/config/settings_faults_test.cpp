#include <CppUTest/TestHarness.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "config/settings.h"

namespace {

// All findings, a line each.
std::string faults(const std::string& toml, bool world_readable = false) {
  const auto parsed = config::parse(toml, "f", world_readable);
  if (parsed) return "none";
  std::string all;
  for (const auto& finding : parsed.error()) all += finding.text() + "\n";
  return all;
}

void expect(const char* wanted, const std::string& toml) {
  const std::string found = faults(toml);
  if (found.find(wanted) == std::string::npos)
    FAIL((toml + "\nwanted: " + wanted + "\nfound: " + found).c_str());
}

}  // namespace

TEST_GROUP(SettingsFaults){};

TEST(SettingsFaults, NameTheUnknownKeyAndItsNeighbour) {
  STRCMP_EQUAL("f:3:1: daly_limit: unknown key in [[sim]]; did you mean daily_limit?\n",
               faults("[[sim]]\niccid = \"8944100000000000001\"\ndaly_limit = 5\n").c_str());
  STRCMP_EQUAL("f:1:1: colour: unknown key\n", faults("colour = 5\n").c_str());
  STRCMP_EQUAL("f:1:2: polcy: unknown key; did you mean policy?\n",
               faults("[polcy]\nmax_attempts = 5\n").c_str());
}

TEST(SettingsFaults, ComeAllAtOnceInTheOrderOfTheFile) {
  STRCMP_EQUAL(
      "f:1:12: data_dir: must be a string, not a whole number\n"
      "f:2:1: port: is missing in [[modem]]\n"
      "f:3:8: baud: 115201 is no speed of a serial port\n"
      "f:5:16: max_attempts: 0 is not between 1 and 100\n"
      "f:6:1: max_segmens: unknown key in [policy]; did you mean max_segments?\n",
      faults("data_dir = 5\n[[modem]]\nbaud = 115201\n[policy]\nmax_attempts = 0\nmax_segmens = 5\n")
          .c_str());
}

TEST(SettingsFaults, NameTheTypeThatWasWanted) {
  expect("f:1:12: operator: must be a list of strings, not a string", "operator = \"+447700900000\"");
  expect("f:1:14: operator: must be a list of strings, not a whole number", "operator = [ 447700900000 ]");
  expect("policy: must be a table: [policy]", "policy = 5");
  expect("modem: must be a list of tables: [[modem]]", "[modem]\nport = \"/dev/ttyUSB0\"");
  expect("sim: must be a list of tables: [[sim]]", "sim = [1, {}]");
  expect("allow_plaintext: must be true or false, not a string", "[http]\nallow_plaintext = \"yes\"");
  expect("max_attempts: must be a whole number, not a number with a fraction",
         "[policy]\nmax_attempts = 1.5");
  expect("weight: must be a number, not a string", "[sim_defaults]\nweight = \"1\"");
}

TEST(SettingsFaults, OfDurations) {
  expect("f:2:18: submit_timeout: a duration is a string with its unit", "[policy]\nsubmit_timeout = 60");
  expect("submit_timeout: \"60\" is no duration", "[policy]\nsubmit_timeout = \"60\"");
  expect("submit_timeout: 11m is not between 1s and 10m", "[policy]\nsubmit_timeout = \"11m\"");
  expect("submit_overdue: 21s is not between 100ms and 20s",
         "[policy]\nsubmit_overdue = \"21s\"\nsubmit_timeout = \"20s\"");
  expect("submit_overdue: \"automatic\" is no duration", "[policy]\nsubmit_overdue = \"automatic\"");
  expect("disk_deadline: must be a duration such as \"15s\", not true or false",
         "[policy]\ndisk_deadline = true");
}

TEST(SettingsFaults, OfListening) {
  expect("f:2:11: listen: \"0.0.0.0:80\" is not loopback", "[http]\nlisten = [\"0.0.0.0:80\"]");
  expect("listen: \"[::]:8025\" is not loopback", "[http]\nlisten = [\"[::]:8025\"]");
  expect("needs a port from 1 to 65535", "[http]\nlisten = [\"127.0.0.1:65536\"]");
  expect("needs a port from 1 to 65535", "[http]\nlisten = [\"127.0.0.1:0\"]");
  expect("needs a port from 1 to 65535", "[http]\nlisten = [\"127.0.0.1\"]");
  expect("has no IP address before its port", "[http]\nlisten = [\"gateway.example:80\"]");
  expect("has no IP address before its port", "[http]\nlisten = [\"::1:80\"]");
  expect("has no IP address before its port", "[http]\nlisten = [\":80\"]");
  expect("stands here twice", "[http]\nlisten = [\"127.0.0.1:80\", \"localhost:80\"]");
  expect("listen: is empty", "[http]\nlisten = []");
}

TEST(SettingsFaults, OfTls) {
  expect("f:2:19: tls_certificate: stands here without tls_key", "[http]\ntls_certificate = \"/etc/c.pem\"");
  expect("f:2:11: tls_key: stands here without tls_certificate", "[http]\ntls_key = \"/etc/k.pem\"");
  expect("f:2:19: tls_certificate: \"c.pem\" is no absolute path",
         "[http]\ntls_certificate = \"c.pem\"\ntls_key = \"/etc/k.pem\"");
  expect("tls_key: must be a string", "[http]\ntls_certificate = \"/c\"\ntls_key = 7");
  expect("listen: \"0.0.0.0:8025\" is not loopback and needs TLS", "[http]\nlisten = [\"0.0.0.0:8025\"]");
}

TEST(SettingsFaults, OfKeeping) {
  expect("f:2:8: keep: 7d is not between 8d and 36500d", "[policy]\nkeep = \"7d\"");
  expect("keep: \"a year\" is no duration", "[policy]\nkeep = \"a year\"");
  expect("keep: a duration is a string with its unit", "[policy]\nkeep = 400");
}

TEST(SettingsFaults, OfLinesOverTcp) {
  for (const char* port : {"tcp://192.0.2.7", "tcp://192.0.2.7:0", "tcp://:2001", "tcp://a b:2001",
                           "tcp://::1:2001", "tcp://[x]:2001", "udp://192.0.2.7:2001", "tcp://h:65536"})
    expect(("f:2:8: port: \"" + std::string(port) + "\" is no line over TCP").c_str(),
           ("[[modem]]\nport = \"" + std::string(port) + "\"").c_str());
}

TEST(SettingsFaults, OfTheDiscovery) {
  expect("f:2:11: ignore: \"0403:601\" is neither a USB id", "[discovery]\nignore = [\"0403:601\"]");
  expect("f:2:11: enabled: must be true or false", "[discovery]\nenabled = 1");
  expect("f:3:9: modem: \"pci-0000:00:14.0-usb-0:1.2\" is no modem of this file",
         "[[sim]]\nlabel = \"a\"\nmodem = \"pci-0000:00:14.0-usb-0:1.2\"\n[discovery]\nenabled = false");
}

TEST(SettingsFaults, OfThingsNamedTwice) {
  expect("f:4:8: port: \"/dev/a\" is the port of the [[modem]] of line 1",
         "[[modem]]\nport = \"/dev/a\"\n[[modem]]\nport = \"/dev/a\"");
  expect("f:4:8: port: \"a\" names this modem, and the one of line 1",
         "[[modem]]\nport = \"/dev/a\"\n[[modem]]\nport = \"/tmp/a\"");
  expect("iccid: \"8944100000000000001\" is the SIM of line 1",
         "[[sim]]\niccid = \"8944100000000000001\"\n[[sim]]\niccid = \"8944100000000000001F\"");
  expect("label: \"one\" is the label of the [[sim]] of line 1",
         "[[sim]]\nimsi = \"234150000000001\"\nlabel = \"one\"\n[[sim]]\nimsi = \"234150000000002\"\nlabel = "
         "\"one\"");
  expect("imsi: \"234150000000001\" is the SIM of line 1",
         "[[sim]]\nimsi = \"234150000000001\"\n[[sim]]\nimsi = \"234150000000001\"");
  expect("modem: \"a\" is the modem of the [[sim]] of line 3",
         "[[modem]]\nport = \"/dev/a\"\n[[sim]]\nmodem = \"a\"\n[[sim]]\nmodem = \"a\"");
}

TEST(SettingsFaults, OfSims) {
  expect("a [[sim]] is recognised by one of iccid, modem or imsi; here are 0", "[[sim]]\nlabel = \"one\"");
  expect("here are 2", "[[sim]]\niccid = \"8944100000000000001\"\nimsi = \"234150000000001\"");
  expect("imsi: can't be read before the PIN is entered",
         "[[sim]]\nimsi = \"234150000000001\"\npin = \"1234\"");
  expect("modem: \"b\" is no modem of this file", "[[modem]]\nport = \"/dev/a\"\n[[sim]]\nmodem = \"b\"");
  expect("iccid: \"8944…\" is no ICCID", "[[sim]]\niccid = \"8944…\"");
  expect("imsi: \"x\" is no IMSI", "[[sim]]\nimsi = \"x\"");
  expect("pin: a PIN has 4 to 8 digits", "[[sim]]\niccid = \"8944100000000000001\"\npin = \"12a4\"");
  expect("pin: stands beside pin_file",
         "[[sim]]\niccid = \"8944100000000000001\"\npin = \"1234\"\npin_file = \"/x\"");
  expect("weight: must be above 0", "[sim_defaults]\nweight = 0");
  expect("weight: must be above 0", "[sim_defaults]\nweight = nan");
  expect("daily_limit: -1 is not between 0 and", "[sim_defaults]\ndaily_limit = -1");
  expect("label: \"two words\" holds a blank", "[[sim]]\nmodem = \"a\"\nlabel = \"two words\"");
  expect("label: \"123\" is a number", "[[sim]]\nmodem = \"a\"\nlabel = \"123\"");
  expect("number: \"12\" is no telephone number", "[[sim]]\nmodem = \"a\"\nnumber = \"12\"");
}

TEST(SettingsFaults, OfOtherValues) {
  expect("data_dir: is empty", "data_dir = \"\"");
  expect("f:1:30: operator: \"nobody\" is no telephone number", "operator = [\"+447700900000\", \"nobody\"]");
  expect("timezone: \"Mars/Olympus\" is no time zone", "timezone = \"Mars/Olympus\"");
  expect("timezone: \"../../../etc/passwd\" is no time zone", "timezone = \"../../../etc/passwd\"");
  expect("default_country: \"UK\" is no country with a known dialling code",
         "[policy]\ndefault_country = \"UK\"");
  expect("port: \"ttyUSB0\" is no device path", "[[modem]]\nport = \"ttyUSB0\"");
  expect("driver: \"My Modem\" is no family's name", "[[modem]]\nport = \"/dev/a\"\ndriver = \"My Modem\"");
  expect("max_segments: 256 is not between 1 and 255", "[policy]\nmax_segments = 256");
}

TEST(SettingsFaults, OfThePinsOfAFileForEverybody) {
  const std::string toml = "[[sim]]\niccid = \"8944100000000000001\"\npin = \"1234\"\n";
  STRCMP_EQUAL("none", faults(toml, false).c_str());
  CHECK(faults(toml, true).starts_with("f:3:7: pin: this file can be read by everybody"));
  CHECK(faults(toml, true).find("1234") == std::string::npos);
}

TEST(SettingsFaults, OfSyntaxHaveTheirPlace) {
  CHECK(faults("data_dir = \n").starts_with("f:1:"));
  CHECK(faults("[http]\nlisten = [\"127.0.0.1:8025\"\n[policy]\n").starts_with("f:3:"));
  CHECK(faults("a = 1\na = 2\n").starts_with("f:2:"));
  CHECK(faults("data_dir = \"\xff\xfe\"\n").starts_with("f:1:"));
  CHECK(faults(std::string(10'000, '[')).starts_with("f:1:"));
}

TEST_GROUP(SettingsFile) {
  std::string path = "/tmp/klaxon-settings-XXXXXX";
  void setup() override {
    close(mkstemp(path.data()));
  }
  void teardown() override {
    std::remove(path.c_str());
  }
  std::string load_with(const std::string& toml, mode_t mode) {
    std::ofstream(path) << toml;
    chmod(path.c_str(), mode);
    const auto loaded = config::load(path);
    return loaded ? "good" : loaded.error().front().reason;
  }
};

TEST(SettingsFile, MayHoldPinsWhenItIsNotForEverybody) {
  const std::string toml = "[[sim]]\niccid = \"8944100000000000001\"\npin = \"1234\"\n";
  STRCMP_EQUAL("good", load_with(toml, 0640).c_str());
  CHECK(load_with(toml, 0644).starts_with("pin: this file can be read by everybody"));
}

TEST(SettingsFile, OfAPinIsNotForEverybodyEither) {
  const std::string toml = "[[sim]]\niccid = \"8944100000000000001\"\npin_file = \"" + path + "\"\n";
  STRCMP_EQUAL("good", load_with(toml, 0600).c_str());
  CHECK(load_with(toml, 0604).find("can be read by everybody") != std::string::npos);
  CHECK(faults("[[sim]]\niccid = \"8944100000000000001\"\npin_file = \"/nowhere/pin\"\n")
            .find("No such file") != std::string::npos);
}

TEST(SettingsFile, ThatIsNoneHasAReasonWithoutALine) {
  const auto absent = config::load("/nowhere/klaxon.toml");
  CHECK(!absent);
  STRCMP_EQUAL("/nowhere/klaxon.toml: No such file or directory", absent.error().front().text().c_str());
  CHECK(!config::load("/tmp"));
  STRCMP_EQUAL("good", load_with("", 0600).c_str());
}

TEST(SettingsFaults, InWhatDecidesBetweenSims) {
  expect("f:2:8: cost: must be 0 to 1000000, of a segment", "[sim_defaults]\ncost = -1");
  expect("f:2:10: submit: must be \"direct\" or \"store-first\"", "[sim_defaults]\nsubmit = \"stored\"");
  expect("f:2:11: receive: must be \"stored\" or \"direct\"", "[sim_defaults]\nreceive = \"pushed\"");
  expect("f:2:8: link: must be \"auto\", \"on\" or \"off\"", "[sim_defaults]\nlink = \"open\"");
  expect("submit: must be a string, not true or false", "[sim_defaults]\nsubmit = true");
  expect("f:2:17: alert_reserve: must be 0 to 0.9, a share of each limit", "[sim_defaults]\nalert_reserve = 1.0");
  expect("f:2:19: prefers: \"34\" begins no number; write + and 1 to 14 digits, such as \"+34600\"",
         "[sim_defaults]\nprefers = [\"+33\", \"34\"]");
  expect("f:2:16: month_starts", "[sim_defaults]\nmonth_starts = 29");
  expect("f:2:20: recipients_limit", "[sim_defaults]\nrecipients_limit = 100001");
}

TEST(SettingsFaults, InQuietHoursAndConfirmations) {
  for (const char* text :
       {"21-8", "21:00 - 08:00", "24:00-08:00", "21:60-08:00", "21:00-21:00", "21:0a-08:00", "late"})
    expect((std::string("f:2:6: GB: \"") + text + "\" is no part of a day").c_str(),
           (std::string("[policy.quiet_hours]\nGB = \"") + text + "\"").c_str());
  expect("f:2:6: GB: \"Europe/Londn\" is no time zone of this system",
         "[policy.quiet_hours]\nGB = \"21:00-08:00 Europe/Londn\"");
  expect("f:2:6: UK: is no country with a known dialling code", "[policy.quiet_hours]\nUK = \"21:00-08:00\"");
  expect("f:3:6: GB: its numbers can't be told from those of JE, which has other hours here",
         "[policy.quiet_hours]\nJE = \"21:00-08:00\"\nGB = \"21:00-09:00\"");
  expect("f:2:14: stop_reply: has 301 octets; a confirmation has at most 300",
         ("[policy]\nstop_reply = \"" + std::string(301, 'x') + "\"").c_str());
}

TEST(SettingsFaults, OfNationalTables) {
  expect("f:2:19: national_tables: must be a table", "[policy]\nnational_tables = [\"turkish\"]");
  expect("f:3:6: TR: must be a list of strings, not a string",
         "[policy]\n[policy.national_tables]\nTR = \"turkish\"");
  expect("f:3:6: UK: is no country with a known dialling code",
         "[policy]\n[policy.national_tables]\nUK = []");
  expect("f:4:7: TR: \"turkic\" has no national table; there are turkish, spanish, portuguese, bengali",
         "[policy]\n[policy.national_tables]\nGB = []\nTR = [\"turkic\", \"turkish\"]");
  expect("f:2:33: default: \"klingon\" has no national table",
         "[policy]\nnational_tables = { default = [ \"klingon\" ] }");
  expect("f:4:6: GB: its numbers can't be told from those of JE, which has other languages here",
         "[policy]\n[policy.national_tables]\nJE = [\"portuguese\"]\nGB = []");
  STRCMP_EQUAL("none",
               faults("[policy.national_tables]\nJE = [\"portuguese\"]\nGB = [\"portuguese\"]").c_str());
}
