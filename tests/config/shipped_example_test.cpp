// The file that is installed as /etc/klaxon/klaxon.toml says what the defaults are; this holds it to that.
#include <CppUTest/TestHarness.h>

#include "config/settings.h"
#include "config/version.h"

TEST_GROUP(ShippedExample) {
  const config::Settings defaults;
};

TEST(ShippedExample, SaysTheDefaults) {
  const auto loaded = config::load(KLAXON_SOURCE_DIR "/config/klaxon.toml");
  if (!loaded) FAIL(loaded.error().front().text().c_str());
  STRCMP_EQUAL(defaults.data_dir.c_str(), loaded->data_dir.c_str());
  CHECK(loaded->operators == defaults.operators);
  STRCMP_EQUAL(defaults.timezone.c_str(), loaded->timezone.c_str());
  LONGS_EQUAL(defaults.http.listen.size(), loaded->http.listen.size());
  STRCMP_EQUAL(defaults.http.listen[0].host.c_str(), loaded->http.listen[0].host.c_str());
  LONGS_EQUAL(defaults.http.listen[0].port, loaded->http.listen[0].port);
  CHECK_EQUAL(defaults.http.allow_plaintext, loaded->http.allow_plaintext);
  CHECK(!loaded->http.tls());
  STRCMP_EQUAL(defaults.http.bootstrap_token_file.c_str(), loaded->http.bootstrap_token_file.c_str());
  LONGS_EQUAL(0, loaded->modems.size());
  LONGS_EQUAL(0, loaded->sims.size());
}

TEST(ShippedExample, SaysTheDefaultsOfThePolicy) {
  const auto loaded = config::load(KLAXON_SOURCE_DIR "/config/klaxon.toml");
  if (!loaded) FAIL(loaded.error().front().text().c_str());
  CHECK(loaded->policy.submit_timeout == defaults.policy.submit_timeout);
  CHECK(loaded->policy.submit_overdue == defaults.policy.submit_overdue);
  CHECK(loaded->policy.stop_deadline == defaults.policy.stop_deadline);
  CHECK(loaded->policy.disk_deadline == defaults.policy.disk_deadline);
  LONGS_EQUAL(defaults.policy.max_attempts, loaded->policy.max_attempts);
  LONGS_EQUAL(defaults.policy.max_segments, loaded->policy.max_segments);
  STRCMP_EQUAL(defaults.policy.default_country.c_str(), loaded->policy.default_country.c_str());
  STRCMP_EQUAL(defaults.policy.secrets_dir.c_str(), loaded->policy.secrets_dir.c_str());
  CHECK(loaded->policy.keep == defaults.policy.keep);
  CHECK(!loaded->policy.national_tables.any());
  CHECK_EQUAL(defaults.policy.opt_out, loaded->policy.opt_out);
  STRCMP_EQUAL(defaults.policy.stop_reply.c_str(), loaded->policy.stop_reply.c_str());
  STRCMP_EQUAL(defaults.policy.start_reply.c_str(), loaded->policy.start_reply.c_str());
  CHECK(!loaded->policy.quiet_hours.any());
  CHECK(loaded->sim_defaults.limits[config::index_of(config::Quota::day)] == 0);
  CHECK(loaded->sim_defaults.weight == 1.0);
  CHECK(loaded->sim_defaults.submit == config::Submit::direct);
}

TEST(ShippedExample, ComesWithAVersion) {
  CHECK(config::version().find('.') != std::string_view::npos);
}
