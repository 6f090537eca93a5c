// A message as segments: weighed once, when it is accepted, and cut the same way at each submit.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "at/segment.h"
#include "config/settings.h"
#include "daemon/store/records.h"

namespace klaxon {

constexpr int kMostParts = 255;  // 23.040 9.2.3.24.1: one octet counts them

using CutResult = at::Expected<at::Segmented, at::SegmentError>;

// Whose national tables a text to this number may use: what the message asks for, else what the policy says.
at::Languages languages_for(const MessageRecord& form, const std::string& to, const config::NationalTables&);

// Weighs the text (or takes the octets as they are).
CutResult cut_message(const MessageRecord&, at::Languages, int most_parts);
// The record's parts, all of them fresh, and its tables.
void keep_cut(MessageRecord&, const at::Segmented&);
// As it was cut when it was accepted, whatever the policy says by now.
CutResult cut_again(const MessageRecord&);

// The form of messages to many, cut for each country among them. Keeps and gives the cut with the most parts; the
// error of the first that can't be cut. No numbers: as for a number of no country. most_parts 0: the policy's.
CutResult cut_form(MessageRecord* form, const std::vector<std::string>& numbers, const config::Policy&, int most_parts = 0);

// Cuts the messages of one form for one recipient after the other: its text is weighed once for each set of
// languages.
class Cutter {
 public:
  explicit Cutter(const config::Policy& policy) : policy_(policy) {}  // outlives it
  // Its recipient is set. A message whose tables do not depend on it is left as its form was cut.
  void cut(MessageRecord&);
  // The text that was weighed last, which others of the same form would not have to be weighed for.
  void forget_text();
  // Its cut is not the same for every number.
  bool depends(const MessageRecord&) const;
  // Of all messages that a form makes.
  std::size_t segments(const MessageRecord& form, const std::vector<std::string>& to);

 private:
  struct Cut {
    std::size_t parts = 1;
    at::Gsm7Tables tables;
  };
  const Cut& cut_of(const MessageRecord&, const std::string& to);

  const config::Policy& policy_;
  std::string text_;  // that cuts_ are of
  TextEncoding encoding_ = TextEncoding::automatic;
  std::map<at::Languages, Cut> cuts_;
};

}  // namespace klaxon
