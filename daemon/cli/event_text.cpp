#include "daemon/cli/event_text.h"

#include <utility>

namespace klaxon::cli {
namespace {

constexpr std::size_t kLargest = 1 << 20;

}  // namespace

std::vector<ServerEvent> EventText::feed(std::string_view bytes) {
  std::vector<ServerEvent> out;
  for (const char c : bytes) {
    if (c == '\n' && std::exchange(after_cr_, false)) continue;
    after_cr_ = c == '\r';
    if (c == '\n' || c == '\r') {
      line(partial_, &out);
      partial_.clear();
    } else if (partial_.size() < kLargest) {
      partial_ += c;
    } else {
      too_large_ = true;
    }
  }
  return out;
}

void EventText::line(std::string_view text, std::vector<ServerEvent>* out) {
  if (text.empty()) {
    ServerEvent whole = std::exchange(event_, {});
    whole.id = last_id_;
    if (whole.type.empty()) whole.type = "message";
    if (std::exchange(has_data_, false) && !std::exchange(too_large_, false))
      out->push_back(std::move(whole));
    return;
  }
  const std::size_t colon = text.find(':');
  const std::string_view field = text.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.type = value;
  if (field == "id") last_id_ = value;
  if (field != "data") return;
  if (has_data_) event_.data += '\n';
  if (event_.data.size() + value.size() > kLargest)
    too_large_ = true;
  else
    event_.data += value;
  has_data_ = true;
}

}  // namespace klaxon::cli
