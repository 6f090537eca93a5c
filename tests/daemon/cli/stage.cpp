#include "stage.h"

namespace cli = klaxon::cli;

namespace {

// A pause is over at once, and time has passed.
class StagedClock final : public cli::Clock {
 public:
  cli::Millis now() const override { return now_; }
  void pause(cli::Millis duration) override { now_ += duration; }

 private:
  cli::Millis now_{0};
};

}  // namespace

class StagedTransport final : public cli::Transport {
 public:
  explicit StagedTransport(Stage& stage) : stage_(stage) {}
  at::Expected<cli::HttpAnswer, cli::HttpFailure> call(const cli::HttpRequest& request) override {
    stage_.asked.push_back(request);
    if (stage_.script_.empty()) return at::Unexpected{cli::HttpFailure{"the script is over", false}};
    auto next = stage_.script_.front();
    stage_.script_.pop_front();
    if (!request.endless || !next || next->status != 200) return next;
    if (!request.sink(next->body)) return cli::HttpAnswer{200, {}, {}};
    return at::Unexpected{cli::HttpFailure{"end of stream", true}};
  }

 private:
  Stage& stage_;
};

Stage& Stage::answers(unsigned status, std::string body, std::string retry_after) {
  script_.emplace_back(cli::HttpAnswer{status, std::move(body), std::move(retry_after)});
  return *this;
}

Stage& Stage::loses_the_connection() {
  script_.emplace_back(at::Unexpected{cli::HttpFailure{"end of stream", true}});
  return *this;
}

Stage& Stage::refuses_connections() {
  script_.emplace_back(at::Unexpected{cli::HttpFailure{"Connection refused", false}});
  return *this;
}

int Stage::run(std::vector<std::string> arguments) {
  StagedClock clock;
  cli::World world{{in, out, err},
                   clock,
                   [this](const cli::BaseUrl& base, const cli::Trust& whom) {
                     url = base;
                     trust = whom;
                     return std::make_unique<StagedTransport>(*this);
                   },
                   [this](const char* name) {
                     const auto found = environment.find(name);
                     return found == environment.end() ? std::string{} : found->second;
                   }};
  return cli::run(std::move(arguments), world);
}
