#include <CppUTest/TestHarness.h>

#include <string>

#include "config/settings.h"

namespace {

config::Settings good(const std::string& toml) {
  auto parsed = config::parse(toml, "klaxon.toml");
  if (!parsed) FAIL(parsed.error().front().text().c_str());
  return *parsed;
}

}  // namespace

TEST_GROUP(Settings){};

TEST(Settings, OfAnEmptyFileAreTheDefaults) {
  const auto settings = good("");
  STRCMP_EQUAL("/var/lib/klaxon", settings.data_dir.c_str());
  STRCMP_EQUAL("127.0.0.1", settings.http.listen[0].host.c_str());
  CHECK(!settings.policy.submit_overdue);
}

TEST(Settings, ReadAWholeBank) {
  const auto settings = good(R"(
data_dir = "/srv/klaxon"
operator = ["07700 900000", "+34600111222"]
timezone = "UTC"
[http]
listen = ["127.0.0.1:9000", "[::1]:9000", "localhost:9001", "0.0.0.0:80"]
allow_plaintext = true
bootstrap_token_file = "/run/klaxon/token"
tls_certificate = ""
[discovery]
enabled = false
[[modem]]
port = "/dev/serial/by-path/usb-0:1.2"
[[modem]]
port = "/tmp/bank/modem1"
baud = 921600
driver = "quectel_ec2x"
[sim_defaults]
hourly_limit = 20
daily_limit = 100
monthly_limit = 1500
[[sim]]
iccid = "8944100000000000001F"
label = "vodafone-1"
number = "07700900001"
pin = "1234"
weight = 2
[[sim]]
modem = "modem1"
daily_limit = 0
weight = 0.5
[[sim]]
imsi = "234150000000001"
)");
  LONGS_EQUAL(2, settings.operators.size());
  STRCMP_EQUAL("+447700900000", settings.operators[0].c_str());
  LONGS_EQUAL(4, settings.http.listen.size());
  STRCMP_EQUAL("::1", settings.http.listen[1].host.c_str());
  STRCMP_EQUAL("127.0.0.1", settings.http.listen[2].host.c_str());
  LONGS_EQUAL(80, settings.http.listen[3].port);
  LONGS_EQUAL(2, settings.modems.size());
  STRCMP_EQUAL("usb-0:1.2", settings.modems[0].id().c_str());
  LONGS_EQUAL(115'200, settings.modems[0].baud);
  STRCMP_EQUAL("auto", settings.modems[0].driver.c_str());
  LONGS_EQUAL(921'600, settings.modems[1].baud);
  CHECK(settings.sim_defaults.limits[config::index_of(config::Quota::hour)] == 20);
  CHECK(settings.sim_defaults.limits[config::index_of(config::Quota::day)] == 100);
  CHECK(settings.sim_defaults.limits[config::index_of(config::Quota::month)] == 1500);
  CHECK(!settings.sim_defaults.weight);
  STRCMP_EQUAL("8944100000000000001", settings.sims[0].iccid.c_str());
  STRCMP_EQUAL("+447700900001", settings.sims[0].number.c_str());
  CHECK(settings.sims[0].weight == 2.0);
  CHECK(!settings.sims[0].limits[config::index_of(config::Quota::day)]);
  CHECK(settings.sims[1].limits[config::index_of(config::Quota::day)] == 0);
  CHECK(settings.sims[1].weight == 0.5);
}

TEST(Settings, ReadThePolicyBeforeTheNumbersThatNeedIt) {
  const auto settings = good(R"(
operator = ["600 111 222"]
[policy]
default_country = "ES"
submit_timeout = "20s"
submit_overdue = "1500ms"
stop_deadline = "0s"
disk_deadline = "500ms"
max_attempts = 1
max_segments = 255
secrets_dir = "secrets"
)");
  STRCMP_EQUAL("+34600111222", settings.operators[0].c_str());
  CHECK(settings.policy.submit_timeout == config::Millis(20'000));
  CHECK(settings.policy.submit_overdue == config::Millis(1'500));
  CHECK(settings.policy.stop_deadline == config::Millis(0));
  CHECK(settings.policy.disk_deadline == config::Millis(500));
  LONGS_EQUAL(1, settings.policy.max_attempts);
  LONGS_EQUAL(255, settings.policy.max_segments);
}

TEST(Settings, TakeTlsBeyondLoopback) {
  const auto settings =
      good("[http]\nlisten = [\"[::]:8025\"]\ntls_certificate = \"/etc/c.pem\"\ntls_key = \"/etc/k.pem\"");
  CHECK(settings.http.tls());
  STRCMP_EQUAL("/etc/k.pem", settings.http.tls_key.c_str());
  LONGS_EQUAL(3, settings.http.certificate_place.line);
  LONGS_EQUAL(4, settings.http.key_place.line);
  LONGS_EQUAL(11, settings.http.key_place.column);
  CHECK(!good("[http]\ntls_certificate = \"\"\ntls_key = \"\"").http.tls());
}

TEST(Settings, KeepForEverUnlessToldNotTo) {
  for (const char* toml : {"", "[policy]\nkeep = \"\"", "[policy]\nkeep = 0"})
    CHECK(good(toml).policy.keep == config::Millis(0));
  CHECK(good("[policy]\nkeep = \"400d\"").policy.keep == std::chrono::days(400));
}

TEST(Settings, NameLinesOverTcp) {
  const auto settings = good(
      "[[modem]]\nport = \"tcp://rack-1.example:2001\"\n[[modem]]\nport = \"tcp://[fe80::1]:2001\"\n"
      "[[sim]]\nmodem = \"rack-1.example:2001\"\n");
  STRCMP_EQUAL("rack-1.example:2001", settings.modems[0].id().c_str());
  STRCMP_EQUAL("fe80::1", config::parse_tcp_line(settings.modems[1].port)->host.c_str());
  STRCMP_EQUAL("2001", config::parse_tcp_line(settings.modems[1].port)->port.c_str());
  CHECK(!config::parse_tcp_line("/dev/ttyUSB0").has_value());
}

TEST(Settings, FindPluggedModemsUnlessToldNotTo) {
  CHECK(good("").discovery.enabled);
  CHECK(!good("[discovery]\nenabled = false").discovery.enabled);
  const auto settings = good(R"(
[[sim]]
modem = "pci-0000:00:14.0-usb-0:1.2"
[discovery]
ignore = ["0403:6001", "10C4", "pci-0000:00:14.0-usb-0:1.4"]
)");
  LONGS_EQUAL(3, settings.discovery.ignore.size());
  STRCMP_EQUAL("10c4", settings.discovery.ignore[1].c_str());
  STRCMP_EQUAL("pci-0000:00:14.0-usb-0:1.4", settings.discovery.ignore[2].c_str());
}

TEST(Settings, TakeTheWordAutoForTheSoftLimit) {
  CHECK(!good("[policy]\nsubmit_overdue = \"auto\"\n").policy.submit_overdue);
}

namespace {
int minutes_left(const config::QuietHours& quiet, const char* number, int minute) {
  const auto* span = quiet.span_for(number);
  return span ? span->minutes_left(minute) : 0;
}
}  // namespace

TEST(Settings, KnowQuietHoursByCountry) {
  const auto quiet = good(R"(
[policy.quiet_hours]
GB = "21:00-08:00"
ES = "14:00-16:30"
default = "22:30-07:00"
)")
                         .policy.quiet_hours;
  CHECK(quiet.any());
  constexpr int kHour = 60;
  LONGS_EQUAL(11 * kHour, minutes_left(quiet, "+447700900123", 21 * kHour));
  LONGS_EQUAL(1, minutes_left(quiet, "+447700900123", 8 * kHour - 1));
  LONGS_EQUAL(0, minutes_left(quiet, "+447700900123", 8 * kHour));
  LONGS_EQUAL(8 * kHour, minutes_left(quiet, "+447700900123", 0));
  LONGS_EQUAL(0, minutes_left(quiet, "+447700900123", 21 * kHour - 1));
  LONGS_EQUAL(90, minutes_left(quiet, "+34600111222", 15 * kHour));
  LONGS_EQUAL(0, minutes_left(quiet, "+34600111222", 23 * kHour));
  LONGS_EQUAL(8 * kHour, minutes_left(quiet, "+4915112345678", 23 * kHour));
  LONGS_EQUAL(0, minutes_left(quiet, "60777", 23 * kHour));
  const auto one = good("[policy.quiet_hours]\nGB = \"21:00-08:00\"\n").policy.quiet_hours;
  LONGS_EQUAL(0, minutes_left(one, "+34600111222", 23 * kHour));
  CHECK(!good("[policy]\nquiet_hours = {}").policy.quiet_hours.any());
}

TEST(Settings, TakeQuietHoursByTheClockOfTheCountryWhereItHasOne) {
  const auto quiet = good(R"(
[policy.quiet_hours]
FR = "20:00-10:00"
US = "21:00-08:00"
GB = "21:00-08:00"
JE = "21:00-08:00"
PT = "21:00-08:00 Atlantic/Azores"
default = "22:00-07:00 Asia/Tokyo"
)")
                         .policy.quiet_hours;
  const auto zone = [&](const char* number) { return quiet.span_for(number)->zone; };
  STRCMP_EQUAL("Europe/Paris", zone("+33612345678").c_str());
  STRCMP_EQUAL("", zone("+12125550123").c_str());  // a country of many clocks: the box's, if none is named
  STRCMP_EQUAL("Atlantic/Azores", zone("+351912345678").c_str());
  STRCMP_EQUAL("Asia/Tokyo", zone("+4915112345678").c_str());
  STRCMP_EQUAL("Europe/London", zone("+447700900123").c_str());  // JE's numbers are the same
}

TEST(Settings, KnowWhatDecidesBetweenSims) {
  const auto settings = good(R"(
[sim_defaults]
minute_limit = 6
international_limit = 30
recipients_limit = 250
month_starts = 15
cost = 0.02
pace = true
alert_reserve = 0.25
submit = "store-first"
receive = "direct"
link = "on"
prefers = ["+34", "+447700"]
[policy]
sticky = false
alert_modems = 2
)");
  const config::SimKeys& keys = settings.sim_defaults;
  LONGS_EQUAL(6, *keys.limits[config::index_of(config::Quota::minute)]);
  LONGS_EQUAL(30, *keys.limits[config::index_of(config::Quota::abroad)]);
  LONGS_EQUAL(250, *keys.limits[config::index_of(config::Quota::recipients)]);
  LONGS_EQUAL(15, *keys.month_starts);
  DOUBLES_EQUAL(0.02, *keys.cost, 1e-9);
  DOUBLES_EQUAL(0.25, *keys.alert_reserve, 1e-9);
  CHECK(keys.submit == config::Submit::store_first);
  CHECK(keys.receive == config::Receive::direct);
  CHECK(keys.link == config::Link::on);
  CHECK(*keys.pace);
  LONGS_EQUAL(2, keys.prefers->size());
  CHECK_FALSE(settings.policy.sticky);
  LONGS_EQUAL(2, settings.policy.alert_modems);
}

TEST(Settings, KnowWhatIsConfirmedToWhoeverOptsOut) {
  const auto policy =
      good("[policy]\nopt_out = false\nstop_reply = \"\"\nstart_reply = \"Hello again\"\n").policy;
  CHECK_FALSE(policy.opt_out);
  STRCMP_EQUAL("", policy.stop_reply.c_str());
  STRCMP_EQUAL("Hello again", policy.start_reply.c_str());
}

TEST(Settings, EnableNationalTablesByCountry) {
  const auto tables = good(R"(
[policy]
national_tables = { TR = ["turkish"], IN = ["hindi", "tamil"], PR = ["spanish"], US = [], default = ["portuguese"] }
)")
                          .policy.national_tables;
  CHECK(tables.any());
  LONGS_EQUAL(1 << 1, tables.languages("+905321234567"));
  LONGS_EQUAL(1 << 6 | 1 << 11, tables.languages("+919876543210"));
  LONGS_EQUAL(1 << 2, tables.languages("+17875550100"));
  LONGS_EQUAL(0, tables.languages("+12125550100"));
  LONGS_EQUAL(1 << 3, tables.languages("+447700900123"));
  LONGS_EQUAL(1 << 3, tables.languages("60777"));
  const auto one = good("[policy.national_tables]\nTR = [\"turkish\"]\n").policy.national_tables;
  LONGS_EQUAL(0, one.languages("+447700900123"));
  LONGS_EQUAL(1 << 1, one.languages("+905321234567"));
  CHECK(!good("[policy]\nnational_tables = {}").policy.national_tables.any());
}
