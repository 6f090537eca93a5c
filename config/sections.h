// The tables of klaxon.toml, one function each. Every one leaves what is wrong in the table's report and goes
// on.
#pragma once

#include <string>

#include "config/settings.h"
#include "config/toml_table.h"

namespace config {

constexpr std::size_t kMostModems = 1024, kMostSims = 4096, kMostListens = 16, kMostOperators = 16, kMostIgnored = 256;

void read_http(TomlTable&, Http*);
void read_discovery(TomlTable&, Discovery*);
void read_modem(TomlTable&, FixedModem*);
void read_sim_keys(TomlTable&, SimKeys*);
// `world_readable`: the file's own permissions, where a PIN must not stand.
void read_sim(TomlTable&, const std::string& default_country, bool world_readable, Sim*);
void read_policy(TomlTable&, Policy*);

}  // namespace config
