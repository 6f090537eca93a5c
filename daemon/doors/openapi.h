// What /openapi.json says: the parts of openapi/, one file per subject, joined.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace klaxon::doors {

// As they lie in openapi/, written into the program when it was built.
std::vector<std::string_view> openapi_parts();

// One document: tags, paths and components of all parts; the first that names any other field decides it.
// An exception where a part is not JSON or two say the same path or component: the program was built wrong.
std::string join_openapi(const std::vector<std::string_view>& parts, std::string_view version);

}  // namespace klaxon::doors
