#include <cstdlib>
#include <iostream>
#include <thread>

#include "daemon/cli/program.h"

namespace {

class SteadyClock final : public klaxon::cli::Clock {
 public:
  klaxon::cli::Millis now() const override {
    return std::chrono::duration_cast<klaxon::cli::Millis>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
  void pause(klaxon::cli::Millis duration) override { std::this_thread::sleep_for(duration); }
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

int main(int argc, char** argv) {
  SteadyClock clock;
  klaxon::cli::World world{
      {std::cin, std::cout, std::cerr}, clock, klaxon::cli::connect_over_tcp, environment};
  return klaxon::cli::run({argv + 1, argv + argc}, world);
}
