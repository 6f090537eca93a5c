// How a row of digits is shortened; for at/mask alone.
#pragma once

#include <string>
#include <string_view>

namespace at {

// Of the same length. Below seven digits it is no number of a person.
std::string shorten_digits(std::string_view digits);

}  // namespace at
