// For the api_*.cpp files alone: one request on its way, and what they share.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/doors/api.h"
#include "daemon/doors/json_body.h"
#include "daemon/doors/message_body.h"
#include "daemon/doors/problem.h"
#include "daemon/doors/render.h"
#include "daemon/doors/target.h"
#include "daemon/doors/token.h"

namespace klaxon::doors {

struct Call {
  HttpRequest request;
  AskerRef asker;
  Target target;
  std::vector<std::string> captured;  // what the route's {} stand for
  Caller caller;
  std::unique_ptr<Document> body;  // of routes that take one
  std::optional<IdempotencyRecord> key;
  bool decided = false;  // its key has been looked up
};

// The page of a list that a query asks for: one row more than the limit tells whether anything follows.
struct PageAsked {
  std::size_t limit = 100;
  std::string after;
};
PageAsked page_asked(Query&);
// after as an id of this kind; 422 when it is none.
Id after_id(Query&, const PageAsked&, char letter);

// items.size() may be limit + 1.
template <class Row, class Show, class IdOf>
HttpResponse list_response(const std::vector<Row>& rows, std::size_t limit, Show show, IdOf id_of) {
  ListText items;
  for (std::size_t i = 0; i < rows.size() && i < limit; ++i) items.add(show(rows[i]));
  boost::json::object more;
  more["next"] =
      rows.size() > limit ? boost::json::value(id_of(rows[limit - 1])) : boost::json::value(nullptr);
  return std::move(items).response(200, more);
}

// Of what lives in memory: sorted by id here, then cut.
template <class Row, class Show, class IdOf>
HttpResponse memory_list(std::vector<Row> rows, const PageAsked& page, Show show, IdOf id_of) {
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return id_of(a) < id_of(b); });
  const auto first =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return id_of(row) > page.after; });
  rows.erase(rows.begin(), first);
  return list_response(rows, page.limit, show, id_of);
}

// No query parameter but the page's.
std::optional<HttpResponse> plain_page(const Call&, PageAsked*);
// A list that is given as CSV too, then whole: ?format=csv takes no page. tag: a filter, where there is one.
std::optional<HttpResponse> page_or_csv(const Call&, PageAsked*, bool* csv, std::string* tag);
HttpResponse csv_response(std::string body);
constexpr std::size_t kMostGroups = 1000;
// A call that takes no query at all.
std::optional<HttpResponse> no_query(const Call&);

HttpResponse not_found();
HttpResponse forbidden(std::string_view scope);

}  // namespace klaxon::doors
