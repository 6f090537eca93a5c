// The client with a daemon that replays answers: what was asked for and what was printed are there to be
// read.
#pragma once

#include <deque>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/cli/program.h"

class Stage {
 public:
  // The next call gets this; in order. Without one left, a call fails as if nobody listened.
  Stage& answers(unsigned status, std::string body, std::string retry_after = {});
  Stage& loses_the_connection();
  Stage& refuses_connections();

  int run(std::vector<std::string> arguments);

  std::vector<klaxon::cli::HttpRequest> asked;
  klaxon::cli::BaseUrl url;  // of the last connection
  klaxon::cli::Trust trust;
  std::map<std::string, std::string> environment;
  std::stringstream in, out, err;
  std::string printed() const { return out.str(); }
  std::string complained() const { return err.str(); }
  // "POST /v1/messages"
  std::string call(std::size_t at) const { return asked.at(at).method + " " + asked.at(at).target; }

 private:
  friend class StagedTransport;
  std::deque<at::Expected<klaxon::cli::HttpAnswer, klaxon::cli::HttpFailure>> script_;
};
