// Server-sent events taken apart, as the HTML standard reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace klaxon::cli {

struct ServerEvent {
  std::string id, type, data;
};

class EventText {
 public:
  // Whole events; what is left of one waits for more. One larger than 1 MiB is dropped.
  std::vector<ServerEvent> feed(std::string_view bytes);
  const std::string& last_id() const { return last_id_; }  // what to come back with

 private:
  void line(std::string_view, std::vector<ServerEvent>* out);

  std::string partial_, last_id_;
  ServerEvent event_;
  bool has_data_ = false, after_cr_ = false, too_large_ = false;
};

}  // namespace klaxon::cli
