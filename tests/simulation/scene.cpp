#include "tests/simulation/scene.h"

namespace simulation {

using namespace std::chrono_literals;

std::string tag_in(std::string_view text) {
  constexpr std::size_t kDigits = 7;
  for (std::size_t i = 0; i + kDigits < text.size(); ++i) {
    if (text[i] < 'A' || text[i] > 'Z') continue;
    const auto digits = text.substr(i + 1, kDigits);
    if (digits.find_first_not_of("0123456789") == std::string_view::npos) return std::string(text.substr(i, kDigits + 1));
  }
  return {};
}

std::string tag_of(const MessageRecord& message) { return message.sensitive ? message.ref : tag_in(message.text); }

std::int64_t life_ms(const rig::Rig& rig) {
  return std::chrono::duration_cast<at::Millis>(rig.now().time_since_epoch() - 1h).count();
}

std::string shown(const MessageRecord& m) {
  std::string out = "m" + std::to_string(m.id) + " " + tag_of(m) + " to " + m.to + " (lane " +
                    std::to_string(static_cast<int>(m.lane)) + " state " + std::to_string(static_cast<int>(m.state)) +
                    " attempts " + std::to_string(m.attempts) + " doubt " + std::to_string(m.in_doubt_ms) + " due " +
                    std::to_string(m.due_ms) + " why " + m.why;
  for (const PartRecord& part : m.parts)
    out += " [" + std::to_string(static_cast<int>(part.state)) + " " + part.modem + " " + part.iccid + " " +
           std::to_string(part.started_ms) + "]";
  return out + ")";
}

}  // namespace simulation
